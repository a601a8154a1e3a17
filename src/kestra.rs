//! The Kestra server: one connection pool, what is known of the server, and what a call needs.

mod account;
mod call;
mod client;
mod connection;
mod credential;
mod detector;
mod hooks;
mod instance;
mod links;
mod probe;
pub mod refusal;
mod shared_account;
mod standing;
mod ui;
mod view;

pub use account::{Account, Me, Unvouched};
pub use call::CallSettings;
pub use client::{Danger, http_client, http_client_to};
pub use connection::Said;
pub use credential::{Held, Kind};
pub use detector::{Detection, Fault, Server};
pub use instance::Kestra;
pub use standing::Standing;
pub use ui::Ui;
pub use view::View;
