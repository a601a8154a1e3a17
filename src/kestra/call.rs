//! What one call needs of Kestra.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::detector::Detection;
use super::held::Held;
use super::instance::Kestra;
use crate::tool::context::Progress;
use crate::tool::delivery::Delivery;
use crate::tool::memory;
use crate::tool::target::Ask;
use crate::tool::unanswered::Repeat;
use crate::tool::{Access, CallCtx, Error, Internal, Line, Permission};

const ADDRESS: &[&str] = &["KESTRA_API_URL"];
const CREDENTIAL: &[&str] = &["KESTRA_API_TOKEN", "KESTRA_USERNAME", "KESTRA_PASSWORD"];
const BOTH: &[&str] = &[
    "KESTRA_API_URL",
    "KESTRA_API_TOKEN",
    "KESTRA_USERNAME",
    "KESTRA_PASSWORD",
];

/// What differs from call to call.
#[derive(Debug)]
pub struct CallSettings {
    /// As whom Kestra is asked.
    pub held: Held,
    /// How far the call may go, besides how far this server does.
    pub access: Access,
    /// Names the call in our log.
    pub request_id: Arc<str>,
    /// Where progress goes, if somebody listens.
    pub progress: Option<UnboundedSender<Progress>>,
    /// The way of the answer.
    pub delivery: Delivery,
    /// The longest that the call may wait for something to end.
    pub longest: Duration,
    /// Fires when nothing is waited for any more.
    pub hurry: CancellationToken,
    /// The call as one that may be made twice.
    pub repeat: Option<Repeat>,
    /// What the caller holds; none is everything.
    pub permissions: Option<Arc<[Permission]>>,
    /// What policy says of what the call is about.
    pub targets: Ask,
    /// When the whole call must have ended.
    pub deadline: Instant,
}

impl Kestra {
    /// Whether there is an address to call, and `held` is a credential to call with.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] with the variables that are missing.
    pub const fn configured(&self, held: &Held) -> Result<(), Error> {
        match (&self.base, held.is_some()) {
            (Some(_), true) => Ok(()),
            (None, true) => Err(Error::NotConfigured { variables: ADDRESS }),
            (Some(_), false) => Err(Error::NotConfigured {
                variables: CREDENTIAL,
            }),
            (None, false) => Err(Error::NotConfigured { variables: BOTH }),
        }
    }

    /// What one call on `line` needs.
    ///
    /// # Errors
    /// [`Error::NotConfigured`], or [`Internal::NoClient`].
    pub async fn call_ctx(&self, line: Line, settings: CallSettings) -> Result<CallCtx, Error> {
        self.configured(&settings.held)?;
        let Some(base) = self.base.clone() else {
            return Err(Error::NotConfigured { variables: ADDRESS });
        };
        let version = match &*self.version.watch().borrow() {
            Detection::Known(server) => Some(server.version.as_str().into()),
            Detection::Pending | Detection::Failed(_) => None,
        };
        Ok(CallCtx {
            http: self.http().await.map_err(Internal::NoClient)?,
            ui: self.ui().start().cloned(),
            base,
            tenant: Arc::clone(&self.tenant),
            authorization: settings.held.authorization().cloned(),
            line,
            version,
            request_id: settings.request_id,
            limits: self.limits,
            memory: Arc::new(memory::CallMemory::new(Arc::clone(&self.memory))),
            clock: self.clock.clone(),
            progress: settings.progress,
            cancel: settings.delivery.gone().clone(),
            delivery: settings.delivery,
            longest: settings.longest,
            hurry: settings.hurry,
            repeat: settings.repeat,
            secrets: settings.held.secrets().clone(),
            permissions: settings.permissions,
            targets: settings.targets,
            deadline: settings.deadline,
            access: self.access.and(settings.access),
            routes: &[],
        })
    }
}
