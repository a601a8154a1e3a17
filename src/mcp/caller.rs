//! The caller of one request: who it is, and with which credential.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::ErrorData;
use rmcp::service::RequestContext;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::places::{CALLS_PER_PERSON, Slot};
use super::server::{Mode, Server};
use crate::auth::CredentialError;
use crate::config::http::CredentialMode;
use crate::kestra::{Held, Standing, refusal};
use crate::policy::Policy;
use crate::principal::{Person, Principal};
use crate::tool::{Access, Effect, Error, Internal};

/// Who makes a call, with which credential, and what that permits.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) policy: Policy,
    pub(super) held: Held,
}

impl Server {
    /// The principal of a request. Over HTTP it is the user of this very request, never the
    /// operator; a request without a user is refused.
    pub(super) fn principal(
        &self,
        context: &RequestContext<RoleServer>,
    ) -> Result<Principal, ErrorData> {
        match &self.0.mode {
            Mode::Local => Ok(Principal::Local),
            Mode::Remote(_) => context
                .extensions
                .get::<http::request::Parts>()
                .and_then(|parts| parts.extensions.get::<Arc<Person>>())
                .map(|person| Principal::Person(Arc::clone(person)))
                .ok_or_else(|| {
                    tracing::error!("a request without a user reached the handler");
                    ErrorData::invalid_request("Nobody is signed in", None)
                }),
        }
    }

    /// A place for one more call of `principal`. A call that waits for its person's place does not
    /// occupy one of the process.
    pub(super) async fn slot(
        &self,
        principal: &Principal,
        cancel: &CancellationToken,
    ) -> Result<Slot<'_>, Failure> {
        let person = match (&self.0.mode, principal) {
            (Mode::Remote(remote), Principal::Person(person)) => {
                let entered = self.0.places.enter(person, remote.patience);
                let entered = tokio::select! {
                    entered = entered => entered,
                    () = cancel.cancelled() => return Err(Error::Cancelled.into()),
                };
                Some(entered.ok_or(Failure::Busy {
                    limit: CALLS_PER_PERSON,
                })?)
            }
            (Mode::Local, _) | (Mode::Remote(_), Principal::Local) => None,
        };
        let limit = self.0.mode.capacity();
        let process = self.0.capacity.try_acquire();
        let process = process.map_err(|_| Failure::Busy { limit })?;
        Ok(Slot {
            _process: process,
            _person: person,
        })
    }

    /// The credential for one request of `principal`, and what it permits.
    pub(super) async fn caller(&self, principal: Principal) -> Result<Caller, Failure> {
        let (held, access) = match (&self.0.mode, &principal) {
            (Mode::Remote(remote), Principal::Person(person)) => {
                let held = match self.0.kestra.mode() {
                    CredentialMode::Shared => self.0.kestra.own().for_one_call(),
                    CredentialMode::PerUser => remote
                        .gate
                        .credential(person)
                        .await?
                        .map(|held| held.for_one_call())
                        .unwrap_or_default(),
                };
                let access = held.kind().access(remote.basic_writes);
                (held, access)
            }
            (Mode::Local, _) | (Mode::Remote(_), Principal::Local) => {
                (self.0.kestra.own().clone(), Access::Full)
            }
        };
        Ok(Caller {
            principal,
            policy: self.0.policy.narrowed(access),
            held,
        })
    }

    /// A caller without a credential: none is needed, or none can be read.
    pub(super) fn without_credential(&self, principal: Principal) -> Caller {
        Caller {
            principal,
            policy: self.0.policy.clone(),
            held: Held::default(),
        }
    }

    /// Checks that `caller` has everything that a call to Kestra needs.
    pub(super) async fn provided(&self, caller: &Caller) -> Result<(), Failure> {
        let faults = self.0.kestra.withheld();
        if !faults.is_empty() {
            let faults = faults.to_vec();
            return Err(Failure::Withheld { faults });
        }
        if let (Mode::Remote(remote), Principal::Person(person)) = (&self.0.mode, &caller.principal)
            && self.0.kestra.mode() == CredentialMode::PerUser
            && self.0.kestra.base().is_some()
            && !caller.held.is_some()
        {
            let url = remote.gate.account_page(person).await;
            return Err(Failure::CredentialRequired { url });
        }
        Ok(self.0.kestra.configured(&caller.held)?)
    }

    /// Refuses what the shared account must not be used for.
    pub(super) async fn judge_shared(&self, effect: Effect) -> Result<(), Failure> {
        match self.0.kestra.standing().await {
            Standing::Overdue if effect != Effect::Read => Err(Failure::CredentialOverdue),
            Standing::Ordinary | Standing::Overdue => Ok(()),
            Standing::TooPowerful => Err(Failure::SharedTooPowerful),
        }
    }

    /// What `failure` means to the caller: a 401 from Kestra is about the user's own credential if
    /// users bring theirs, and about the configured one for a local user, who can change it.
    pub(super) async fn explain(&self, failure: Failure, caller: &Caller) -> Failure {
        let kestra = &self.0.kestra;
        match (&failure, &self.0.mode, &caller.principal) {
            (Failure::Tool(Error::CredentialRefused), Mode::Local, _) => {
                let (edition, line) = kestra.product();
                Failure::ConfiguredRefused {
                    why: refusal::of_credential(caller.held.kind(), edition, line),
                    places: kestra.credential_from().to_vec(),
                }
            }
            // Open source answers 400 to every path with another tenant.
            (Failure::Tool(Error::Upstream { status: 400, .. }), _, _) => {
                refusal::of_tenant(kestra.tenant(), kestra.view().edition)
                    .map_or(failure, Failure::NoTenant)
            }
            (
                Failure::Tool(Error::CredentialRefused),
                Mode::Remote(remote),
                Principal::Person(person),
            ) if kestra.mode() == CredentialMode::PerUser => {
                remote.gate.credential_refused(person, &caller.held).await;
                let url = remote.gate.account_page(person).await;
                Failure::CredentialRefused { url }
            }
            _ => failure,
        }
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Administrator => Self::CredentialTooPowerful,
            CredentialError::Unsaid => Self::CredentialUnsaid,
            CredentialError::Unreadable(cause) => Self::Tool(Internal::Credential(cause).into()),
        }
    }
}
