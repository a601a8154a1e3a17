//! The database and its encryption keys: all that the commands about keys need.

use std::path::PathBuf;

use super::check::context::Check;
use super::check::storage::{keys, store};
use super::environment::Environment;
use super::fault::Faults;
use super::flags::Flags;
use super::gather::gather;
use super::key::RingKey;
use super::settings::{mcp::DATA_DIR, storage};

/// The database and its encryption keys.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The database file.
    pub store: PathBuf,
    /// The encryption keys; never empty, the first one seals.
    pub keys: Vec<RingKey>,
}

impl Storage {
    /// Reads the same sources as [`Config::read`](super::Config::read), and checks no more than this. Its
    /// warnings are left to the server.
    ///
    /// # Errors
    /// All faults.
    pub fn read(flags: &Flags, environment: &Environment) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let gathered = gather(flags, environment, &mut faults);
        let ours = storage::ALL.iter().map(|setting| setting.name);
        let placeholders = gathered.said.placeholders(|setting| {
            setting.name == DATA_DIR.name || ours.clone().any(|name| name == setting.name)
        });
        faults.extend(placeholders);
        let mut check = Check::new(&gathered, faults);
        let storage = Self {
            keys: keys(&mut check),
            store: store(&mut check),
        };
        if check.faults.is_empty() {
            Ok(storage)
        } else {
            Err(Faults(check.faults))
        }
    }
}
