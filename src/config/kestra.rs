//! Which Kestra this server talks to, and as whom.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::fault::Fault;
use super::place::Place;
use crate::secret::Secret;
use crate::tool::{Access, Line};

/// Which Kestra to talk to, and as whom.
#[derive(Clone, Debug)]
pub struct Kestra {
    /// Origin and base path, without `/api/v1`; none if nothing is configured.
    pub base: Option<Url>,
    /// The URL of its UI, for links; none means what Kestra says, on the same host.
    pub ui: Option<Url>,
    /// One path segment.
    pub tenant: Arc<str>,
    /// Sent with every request.
    pub credential: Credential,
    /// Where the parts of the credential are set.
    pub credential_from: Vec<Place>,
    /// Certificate verification.
    pub trust: Trust,
    /// Its release line, instead of asking it.
    pub line: Option<Line>,
    /// What may be done to it.
    pub access: Access,
    /// Bytes of memory for its answers, for all calls together.
    pub memory: usize,
    /// The longest wait of a call that does not ask for progress.
    pub quiet_wait: Duration,
    /// For how long a repeated call, after an answer that did not arrive, gets what the first call started.
    pub repeat: Duration,
    /// The faults because of which nothing may be sent to it.
    pub withheld: Vec<Fault>,
}

impl Kestra {
    /// The same without its URL and its credential: nothing is sent to it, because of `faults`.
    #[must_use]
    pub fn withheld(self, faults: Vec<Fault>) -> Self {
        Self {
            base: None,
            ui: None,
            credential: Credential::None,
            credential_from: Vec::new(),
            withheld: faults,
            ..self
        }
    }
}

/// As whom Kestra is called.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Without a credential.
    None,
    /// `Authorization: Bearer`.
    Token {
        /// An API token of Kestra Enterprise.
        token: Secret,
        /// A user name is configured too, and not used.
        over_basic: bool,
    },
    /// `Authorization: Basic`.
    Basic {
        /// An e-mail address, mostly.
        username: String,
        /// The password.
        password: Secret,
    },
}

impl Credential {
    /// Its kind, in a word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token { .. } => "token",
            Self::Basic { .. } => "basic",
        }
    }
}

/// Certificate verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Against the authorities of this machine.
    System,
    /// Against those and the ones in this PEM text.
    Extra(Arc<[u8]>),
    /// None: for a test server with a certificate of its own.
    Anyone,
}
