//! What the database holds, a type for each kind of row.

mod authorization;
mod client;
mod credential;
mod grant;
mod key;
mod person;
mod refresh;

pub use authorization::{Target, Transaction, UpstreamState};
pub use client::{AuthMethod, Client, ClientKind};
pub use credential::Credential;
pub use grant::{Code, CodeClaim, Grant, GrantOf, Reason, Redeemed};
pub use key::{Sealed, SigningKey};
pub use person::{FormToken, Purpose, Ticket, User, WebLogin};
pub use refresh::{Checked, RefreshToken, Rotation, Shown};
