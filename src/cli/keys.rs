//! The keys of the HTTP mode: those that seal what is kept, and those that sign access tokens.

use std::fmt::Write as _;

use crate::app::keys::{Keys, KeysError, Status, instant};
use crate::clock::Clock;
use crate::config::Kept;
use crate::store::rekey::{Rewrapped, Standing};
use crate::store::{Ms, SealError, keyring};

#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(super) enum KeysCommand {
    /// Print a new key for `ENCRYPTION_KEYS`; needs no settings
    Generate,
    #[command(flatten)]
    Kept(KeptCommand),
}

/// A command that needs the database.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(super) enum KeptCommand {
    /// Count what is sealed under each key, and list the keys that sign
    Status,
    /// Seal everything under the first key; servers may run beside it, and it may be run again
    Rewrap,
    /// Publish a new key for access tokens, which signs 5 minutes later
    RotateSigning,
}

/// What a command prints, and whether all is well.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) well: bool,
}

/// A new key; the only output that holds one.
pub(super) fn generated() -> Result<Told, SealError> {
    let text = format!("{}\n", keyring::generate()?.expose());
    Ok(Told { text, well: true })
}

/// Does what `command` says.
pub(super) async fn done(command: KeptCommand, kept: &Kept) -> Result<Told, KeysError> {
    let keys = Keys::open(kept, Clock::System).await?;
    let told = told(command, &keys).await;
    keys.close().await;
    told
}

async fn told(command: KeptCommand, keys: &Keys) -> Result<Told, KeysError> {
    Ok(match command {
        KeptCommand::Status => of_status(&keys.status().await?, keys.now()),
        KeptCommand::Rewrap => {
            let done = keys.rewrap().await?;
            of_rewrap(&done, &keys.status().await?, keys.active())
        }
        KeptCommand::RotateSigning => {
            let kid = keys.rotate_signing().await?;
            let mut told = of_status(&keys.status().await?, keys.now());
            told.text = format!(
                "The key {kid} is published. Servers that run need no restart.\n{}",
                told.text
            );
            told
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

fn of_status(status: &Status, now: Ms) -> Told {
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
    Told { text, well }
}

fn of_rewrap(done: &Rewrapped, status: &Status, active: &str) -> Told {
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
    Told { text, well }
}
