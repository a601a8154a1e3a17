//! The configuration of this process: file, environment and flags, read once and checked as a whole.
//!
//! A setting is declared once, in `settings/`: its names, the values it takes, and what it means.
//! Reading, precedence, `config check`, the options of the command line, the documentation and the JSON
//! Schema of the file follow from that. `check/` holds the rules that a declaration cannot say.

mod check;
pub mod documents;
mod dotenv;
mod effective;
mod env_file;
mod environment;
mod fault;
mod file;
mod flags;
mod gather;
pub mod http;
mod kestra;
pub mod key;
mod loaded;
mod meaning;
mod nearest;
mod place;
mod placeholder;
mod role;
mod said;
mod schema;
pub mod scheme;
mod setting;
mod settings;
mod storage;
mod words;

pub use effective::Effective;
pub use environment::{Environment, environment};
pub use fault::{Fault, Faults};
pub use flags::Flags;
pub use kestra::{Credential, Kestra, Trust};
pub use loaded::{Config, DEFAULT_LOG};
pub use place::Place;
pub use schema::schema;
pub use setting::Setting;
pub use settings::{documented, of_provider};
pub use storage::Storage;
pub use words::Transport;
