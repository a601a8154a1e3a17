//! Detection of the Kestra server: its version, edition and line.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use url::Url;

use crate::clock::Clock;
use crate::tool::{Edition, Error, Line};

/// Milliseconds between two checks of a known version.
const RECHECK: u64 = 10_000;

/// What a Kestra server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As it writes it.
    pub version: String,
    /// Open source or Enterprise.
    pub edition: Edition,
    /// The line whose routes it has, or the one that the configuration names.
    pub line: Line,
    /// Where its UI is, as it says.
    pub ui: Option<Url>,
}

/// Why detection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection.
    Unreachable {
        /// Scheme, host and port.
        address: Arc<str>,
        /// In words.
        cause: Arc<str>,
    },
    /// A connection, but no answer.
    Silent {
        /// The timeout in seconds.
        seconds: u64,
    },
    /// 401: since 2.0 the question needs a credential, so this one is wrong or missing.
    Refused {
        /// It asks for a user name and a password, as open source does.
        wants_basic: bool,
    },
    /// Something else answers, or Kestra under another path.
    NotKestra {
        /// Scheme, host and port.
        address: Arc<str>,
    },
    /// A version outside the lines of this build.
    Unsupported {
        /// As the server writes it.
        version: Arc<str>,
        /// The nearest line.
        closest: Line,
    },
    /// The server is there and cannot answer now.
    Failing {
        /// HTTP status.
        status: u16,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { address, cause } => write!(f, "cannot reach {address}: {cause}"),
            Self::Silent { seconds } => write!(f, "no answer within {seconds} s"),
            Self::Refused { .. } => {
                f.write_str("it says nothing without a credential that it takes")
            }
            Self::NotKestra { address } => write!(f, "what answers at {address} is not Kestra"),
            Self::Unsupported { version, closest } => write!(
                f,
                "version {version} is not supported; the nearest line is {}",
                closest.as_str()
            ),
            Self::Failing { status } => write!(f, "it answers {status}"),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreachable { address, cause } => Self::Unreachable {
                address: address.to_string(),
                cause: cause.to_string(),
            },
            Fault::Silent { seconds } => Self::Timeout { seconds },
            Fault::Refused { .. } => Self::CredentialRefused,
            Fault::NotKestra { address } => Self::NotKestra {
                address: address.to_string(),
            },
            Fault::Unsupported { version, closest } => Self::Unsupported {
                version: version.to_string(),
                closest: closest.as_str(),
            },
            Fault::Failing { status } => Self::Upstream {
                status,
                message: String::new(),
                detail: "the question about the version failed".to_owned(),
            },
        }
    }
}

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detection {
    /// Not asked yet, or no answer yet.
    Pending,
    /// The server said it.
    Known(Arc<Server>),
    /// Detection failed; the next call tries again.
    Failed(Fault),
}

/// Asks once for all waiting calls, and caches the answer.
#[derive(Debug)]
pub(super) struct Detector {
    known: watch::Sender<Detection>,
    /// When a known version was last checked, and the room for one question at a time.
    checked: Mutex<Option<u64>>,
    /// Counts the answers, so that who waited takes the one that came meanwhile.
    answers: std::sync::atomic::AtomicU64,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            known: watch::Sender::new(Detection::Pending),
            checked: Mutex::default(),
            answers: std::sync::atomic::AtomicU64::default(),
        }
    }
}

impl Detector {
    pub(super) fn watch(&self) -> watch::Receiver<Detection> {
        self.known.subscribe()
    }

    fn answers(&self) -> u64 {
        self.answers.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Keeps an answer, and gives it to `news` when it is another one than before.
    fn keep(&self, answer: &Result<Arc<Server>, Fault>, news: impl FnOnce(&Server)) {
        self.answers
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let next = match answer {
            Ok(server) => Detection::Known(Arc::clone(server)),
            Err(fault) => Detection::Failed(fault.clone()),
        };
        let changed = self.known.send_if_modified(|known| {
            let changed = *known != next;
            *known = next;
            changed
        });
        if let (true, Ok(server)) = (changed, answer) {
            news(server);
        }
    }

    pub(super) async fn server<F>(
        &self,
        probe: impl FnOnce() -> F,
        news: impl FnOnce(&Server),
    ) -> Result<Arc<Server>, Fault>
    where
        F: Future<Output = Result<Arc<Server>, Fault>>,
    {
        let before = self.answers();
        if let Detection::Known(server) = &*self.known.borrow() {
            return Ok(Arc::clone(server));
        }
        let _one = self.checked.lock().await;
        if self.answers() != before {
            match &*self.known.borrow() {
                Detection::Known(server) => return Ok(Arc::clone(server)),
                // What Kestra says of one credential says nothing of another.
                Detection::Failed(Fault::Refused { .. }) | Detection::Pending => {}
                Detection::Failed(fault) => return Err(fault.clone()),
            }
        }
        let answer = probe().await;
        self.keep(&answer, news);
        answer
    }

    /// Asks again, unless that was done a moment ago. A failure changes nothing: what was known
    /// is still the best guess.
    pub(super) async fn recheck<F>(
        &self,
        clock: &Clock,
        probe: impl FnOnce() -> F,
        news: impl FnOnce(&Server),
    ) where
        F: Future<Output = Result<Arc<Server>, Fault>>,
    {
        let mut checked = self.checked.lock().await;
        let now = clock.now_ms();
        if checked.is_some_and(|before| now.saturating_sub(before) < RECHECK) {
            return;
        }
        let answer = probe().await;
        // A credential that is refused must not keep others from asking.
        if !matches!(answer, Err(Fault::Refused { .. })) {
            *checked = Some(now);
        }
        if answer.is_ok() {
            self.keep(&answer, news);
        }
    }
}
