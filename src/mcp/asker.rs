//! Who asks, for the length of one request, and how much at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ErrorData;
use rmcp::service::RequestContext;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::{Mode, Server};
use crate::auth::CredentialError;
use crate::config::http::CredentialMode;
use crate::kestra::{Held, Standing, refusal};
use crate::policy::Policy;
use crate::principal::{Person, Principal};
use crate::tool::{Access, Effect, Error, Internal};

/// Calls in flight of one person, besides the limit of the process.
const OF_ONE: usize = 32;
/// Calls of one person that wait for such a place: agents send many at once, most of which are short.
const WAITING: usize = 32;

/// The credential of a call and what it may do with it.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) principal: Principal,
    pub(super) policy: Policy,
    pub(super) held: Held,
}

/// The places of each person; who has no call is not in it.
#[derive(Debug, Default)]
pub(super) struct Rooms(Mutex<HashMap<Arc<str>, Places>>);

/// The places of one person.
#[derive(Debug)]
struct Places {
    free: Arc<Semaphore>,
    /// Calls that have one, or wait for one.
    calls: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(OF_ONE)),
            calls: 0,
        }
    }
}

/// Room for one call, until it is dropped.
#[derive(Debug)]
pub(super) struct Room<'s> {
    _process: SemaphorePermit<'s>,
    _person: Option<OfOne<'s>>,
}

/// One call of a person, with its place or waiting for it.
#[derive(Debug)]
struct OfOne<'s> {
    place: Option<OwnedSemaphorePermit>,
    rooms: &'s Rooms,
    user: Arc<str>,
}

impl Rooms {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Arc<str>, Places>) -> T) -> T {
        // A table of counts is whole after any panic.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place for one more call of `person`, in the order in which they came.
    async fn enter(&self, person: &Person, patience: Duration) -> Option<OfOne<'_>> {
        let user = Arc::clone(&person.user);
        let free = self.with(|rooms| {
            let places = rooms.entry(Arc::clone(&user)).or_default();
            (places.calls < OF_ONE + WAITING).then(|| {
                places.calls += 1;
                Arc::clone(&places.free)
            })
        })?;
        let mut call = OfOne {
            place: None,
            rooms: self,
            user,
        };
        let place = tokio::time::timeout(patience, free.acquire_owned()).await;
        call.place = Some(place.ok()?.ok()?);
        Some(call)
    }
}

impl Drop for OfOne<'_> {
    fn drop(&mut self) {
        self.rooms.with(|rooms| {
            if let Some(places) = rooms.get_mut(&self.user) {
                places.calls -= 1;
                if places.calls == 0 {
                    rooms.remove(&self.user);
                }
            }
        });
    }
}

impl Server {
    /// Who asks. On HTTP it is the person of this very request, or nobody: never whoever runs the
    /// process.
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
                    tracing::error!("a request without a person came through to the handler");
                    ErrorData::invalid_request("Nobody is signed in", None)
                }),
        }
    }

    /// Room for one more call of `principal`. Nobody keeps others out while they wait for their own.
    pub(super) async fn room(
        &self,
        principal: &Principal,
        cancel: &CancellationToken,
    ) -> Result<Room<'_>, Failure> {
        let person = match (&self.0.mode, principal) {
            (Mode::Remote(remote), Principal::Person(person)) => {
                let entered = self.0.rooms.enter(person, remote.patience);
                let entered = tokio::select! {
                    entered = entered => entered,
                    () = cancel.cancelled() => return Err(Error::Cancelled.into()),
                };
                Some(entered.ok_or(Failure::Busy { limit: OF_ONE })?)
            }
            (Mode::Local, _) | (Mode::Remote(_), Principal::Local) => None,
        };
        let limit = self.0.mode.room();
        let process = self.0.room.try_acquire();
        let process = process.map_err(|_| Failure::Busy { limit })?;
        Ok(Room {
            _process: process,
            _person: person,
        })
    }

    /// The credential for one request of `principal`, and what may be done with it.
    pub(super) async fn asker(&self, principal: Principal) -> Result<Asker, Failure> {
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
        Ok(Asker {
            principal,
            policy: self.0.policy.narrowed(access),
            held,
        })
    }

    /// Somebody of whom no credential can be had, or must be.
    pub(super) fn without_credential(&self, principal: Principal) -> Asker {
        Asker {
            principal,
            policy: self.0.policy.clone(),
            held: Held::default(),
        }
    }

    /// Whether `asker` has all that a call to Kestra needs.
    pub(super) async fn provided(&self, asker: &Asker) -> Result<(), Failure> {
        let faults = self.0.kestra.withheld();
        if !faults.is_empty() {
            let faults = faults.to_vec();
            return Err(Failure::Withheld { faults });
        }
        if let (Mode::Remote(remote), Principal::Person(person)) = (&self.0.mode, &asker.principal)
            && self.0.kestra.mode() == CredentialMode::PerUser
            && self.0.kestra.base().is_some()
            && !asker.held.is_some()
        {
            let url = remote.gate.account_page(person).await;
            return Err(Failure::CredentialRequired { url });
        }
        Ok(self.0.kestra.configured(&asker.held)?)
    }

    /// Refuses what the account that everybody shares must not be used for.
    pub(super) async fn judge_shared(&self, effect: Effect) -> Result<(), Failure> {
        match self.0.kestra.standing().await {
            Standing::Overdue if effect != Effect::Read => Err(Failure::CredentialOverdue),
            Standing::Ordinary | Standing::Overdue => Ok(()),
            Standing::TooPowerful => Err(Failure::SharedTooPowerful),
        }
    }

    /// What `failure` means to whoever asked: Kestra's 401 is about a person's own credential where
    /// people bring theirs, and about the configured one where somebody can change that.
    pub(super) async fn explain(&self, failure: Failure, asker: &Asker) -> Failure {
        let kestra = &self.0.kestra;
        match (&failure, &self.0.mode, &asker.principal) {
            (Failure::Tool(Error::CredentialRefused), Mode::Local, _) => {
                let (edition, line) = kestra.product();
                Failure::ConfiguredRefused {
                    why: refusal::of_credential(asker.held.kind(), edition, line),
                    places: kestra.credential_from().to_vec(),
                }
            }
            // So open source answers every path with another tenant, whatever is asked.
            (Failure::Tool(Error::Upstream { status: 400, .. }), _, _) => {
                refusal::of_tenant(kestra.tenant(), kestra.view().edition)
                    .map_or(failure, Failure::NoTenant)
            }
            (
                Failure::Tool(Error::CredentialRefused),
                Mode::Remote(remote),
                Principal::Person(person),
            ) if kestra.mode() == CredentialMode::PerUser => {
                remote.gate.credential_refused(person, &asker.held).await;
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
