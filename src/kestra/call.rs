//! The context of one call to Kestra.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::credential::Held;
use super::detector::Detection;
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

/// The part of the context that differs from call to call.
#[derive(Debug)]
pub struct CallSettings {
    /// The credential to call with.
    pub held: Held,
    /// The access of the call, on top of that of this server.
    pub access: Access,
    /// The id of the call in the log.
    pub request_id: Arc<str>,
    /// Where progress goes, if the client asked for it.
    pub progress: Option<UnboundedSender<Progress>>,
    /// Tracks whether the client takes the answer.
    pub delivery: Delivery,
    /// The longest that the call may wait for an execution to end.
    pub longest: Duration,
    /// Fires at shutdown: the call stops waiting.
    pub hurry: CancellationToken,
    /// The identity of a call that must not act twice.
    pub repeat: Option<Repeat>,
    /// The permissions of the caller; `None` is all.
    pub permissions: Option<Arc<[Permission]>>,
    /// Asks policy about the targets of the call.
    pub targets: Ask,
    /// The deadline of the whole call.
    pub deadline: Instant,
}

impl Kestra {
    /// Checks that there is a URL to call, and that `held` is a credential to call with.
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

    /// The context of one call on `line`.
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
