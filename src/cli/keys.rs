//! The keys of the HTTP mode: those that encrypt the database, and those that sign access tokens.

use std::fmt::Write as _;

use crate::app::keys::{Keys, KeysError, Status, instant};
use crate::clock::Clock;
use crate::config::Storage;
use crate::store::rekey::{Rewrapped, Standing};
use crate::store::{Ms, SealError, keyring};

#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(super) enum KeysCommand {
    /// Print a new key for `ENCRYPTION_KEYS`; needs no settings
    Generate,
    #[command(flatten)]
    Storage(StorageCommand),
}

/// A command that needs the database.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(super) enum StorageCommand {
    /// Count the values under each encryption key, and list the signing keys
    Status,
    /// Encrypt everything under the first key; servers may keep running, and it may be run again
    Rewrap,
    /// Publish a new signing key for access tokens, which signs from 5 minutes later
    RotateSigning,
}

/// What a command prints, and whether all is well.
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) well: bool,
}

/// A new key; the only output that holds one.
pub(super) fn generated() -> Result<Outcome, SealError> {
    let text = format!("{}\n", keyring::generate()?.expose());
    Ok(Outcome { text, well: true })
}

/// Runs `command`.
pub(super) async fn done(command: StorageCommand, storage: &Storage) -> Result<Outcome, KeysError> {
    let keys = Keys::open(storage, Clock::System).await?;
    let outcome = outcome(command, &keys).await;
    keys.close().await;
    outcome
}

async fn outcome(command: StorageCommand, keys: &Keys) -> Result<Outcome, KeysError> {
    Ok(match command {
        StorageCommand::Status => of_status(&keys.status().await?, keys.now()),
        StorageCommand::Rewrap => {
            let done = keys.rewrap().await?;
            of_rewrap(&done, &keys.status().await?, keys.active())
        }
        StorageCommand::RotateSigning => {
            let kid = keys.rotate_signing().await?;
            let mut outcome = of_status(&keys.status().await?, keys.now());
            outcome.text = format!(
                "The key {kid} is published. Servers that run need no restart.\n{}",
                outcome.text
            );
            outcome
        }
    })
}

fn values(count: u64) -> String {
    let noun = if count == 1 { "value" } else { "values" };
    format!("{count} {noun}")
}

const fn in_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Seals => "seals",
        Standing::Opens => "opens",
        Standing::Unused => "not used yet",
        Standing::Missing => "MISSING: put it back behind the first key",
        Standing::Wrong => "WRONG: another key was used under this id",
    }
}

fn of_status(status: &Status, now: Ms) -> Outcome {
    let mut text = "Encryption keys\n".to_owned();
    let mut well = status.unreadable == 0;
    // Writing to a text cannot fail.
    for key in &status.sealing {
        let (count, standing) = (values(key.values), in_words(key.standing));
        let _ = writeln!(text, "  {}  {count}  {standing}", key.kid);
        well &= !matches!(key.standing, Standing::Missing | Standing::Wrong);
    }
    if status.unreadable > 0 {
        let _ = writeln!(text, "  {} cannot be read", values(status.unreadable));
    }
    text.push_str("Signing keys\n");
    let begun = status.signing.iter().filter(|key| key.activate_at <= now);
    let signs = begun.max_by_key(|key| key.activate_at);
    for key in &status.signing {
        let mut does = if key.activate_at > now {
            format!("signs from {}", instant(key.activate_at))
        } else if signs.is_some_and(|signs| signs.kid == key.kid) {
            "signs".to_owned()
        } else {
            "signs no more".to_owned()
        };
        if let Some(drop_at) = key.drop_at {
            let _ = write!(does, ", published until {}", instant(drop_at));
        }
        let _ = writeln!(text, "  {}  {does}", key.kid);
    }
    if status.signing.is_empty() {
        text.push_str("  none\n");
    }
    Outcome { text, well }
}

fn of_rewrap(done: &Rewrapped, status: &Status, active: &str) -> Outcome {
    let mut text = format!("{} sealed anew under {active}.\n", values(done.done));
    for stuck in &done.stuck {
        let (table, column, row) = (stuck.table, stuck.column, &stuck.row);
        let _ = writeln!(text, "{table}.{column} of {row}: {}", stuck.error);
    }
    let others = status.sealing.iter().filter(|key| key.kid != active);
    let left: Vec<String> = others
        .filter(|key| key.values > 0)
        .map(|key| format!("{} under {}", values(key.values), key.kid))
        .collect();
    let well = left.is_empty() && status.unreadable == 0;
    if status.unreadable > 0 {
        let _ = writeln!(text, "{} cannot be read.", values(status.unreadable));
    }
    if !left.is_empty() {
        let _ = writeln!(text, "Left: {}. Run it again.", left.join(", "));
    }
    if well {
        text.push_str("Nothing is under another key: the others can be taken out.\n");
    }
    Outcome { text, well }
}
