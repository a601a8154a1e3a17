//! One configured Kestra server, shared by all calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::client::{self, Danger};
use super::credential::Held;
use super::detector::Detector;
use super::standing::Shared;
use super::ui;
use crate::clock::Clock;
use crate::config::http::CredentialMode;
use crate::config::{self, Credential, Place, Trust};
use crate::tool::context::Limits;
use crate::tool::memory::Budget;
use crate::tool::unanswered::Unanswered;
use crate::tool::{Access, Line};

/// One configured Kestra server, shared by all calls.
#[derive(Debug)]
pub struct Kestra {
    pub(super) base: Option<Arc<str>>,
    pub(super) address: Arc<str>,
    /// That of the address.
    pub(super) host: Option<String>,
    /// Where links lead, if that was set.
    pub(super) ui: Option<Arc<str>>,
    pub(super) tenant: Arc<str>,
    pub(super) credential: Credential,
    pub(super) credential_from: Vec<Place>,
    /// Why nothing may be sent.
    pub(super) withheld: Vec<config::Fault>,
    pub(super) access: Access,
    pub(super) own: Held,
    /// Whose credentials are sent: always the configured one, unless people bring theirs.
    pub(super) mode: CredentialMode,
    pub(super) trust: Trust,
    pub(super) proximity: client::Proximity,
    pub(super) line: Option<Line>,
    pub(super) http: OnceCell<reqwest::Client>,
    pub(super) version: Detector,
    pub(super) shared: Shared,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    /// Room for what it answers, of all calls together.
    pub(super) memory: Arc<Budget>,
    /// What began for calls whose answer nobody took.
    pub(super) lost: Arc<Unanswered>,
    /// The longest wait of a call that asks for no progress.
    pub(super) quiet_wait: Duration,
}

impl Kestra {
    /// For the server of `config`; nothing is sent yet.
    pub fn new(config: &config::Kestra, clock: Clock) -> Self {
        let base = config
            .base
            .as_ref()
            .map(|url| Arc::from(url.as_str().trim_end_matches('/')));
        let address = config.base.as_ref().map_or_else(String::new, |url| {
            let host = url.host_str().unwrap_or_default();
            let port = url
                .port()
                .map_or_else(String::new, |port| format!(":{port}"));
            format!("{}://{host}{port}", url.scheme())
        });
        Self {
            base,
            address: address.into(),
            host: config
                .base
                .as_ref()
                .and_then(|url| url.host_str().map(str::to_owned)),
            ui: config.ui.as_ref().map(ui::start),
            tenant: Arc::clone(&config.tenant),
            credential: config.credential.clone(),
            credential_from: config.credential_from.clone(),
            withheld: config.withheld.clone(),
            access: config.access,
            own: Held::new(&config.credential),
            mode: CredentialMode::Shared,
            trust: config.trust.clone(),
            proximity: client::Proximity::to(config.base.as_ref()),
            line: config.line,
            http: OnceCell::new(),
            version: Detector::default(),
            shared: Shared::default(),
            clock,
            limits: Limits::default(),
            memory: Arc::new(Budget::new(config.memory)),
            lost: Arc::new(Unanswered::within(config.repeat)),
            quiet_wait: config.quiet_wait,
        }
    }

    /// The same server, with other limits of calls.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same server, asked with credentials of `mode`. Where people bring their own, the
    /// configured one is forgotten: nothing is ever sent with it.
    #[must_use]
    pub fn with_credentials(self, mode: CredentialMode) -> Self {
        match mode {
            CredentialMode::Shared => Self { mode, ..self },
            CredentialMode::PerUser => Self {
                mode,
                credential: Credential::None,
                credential_from: Vec::new(),
                own: Held::default(),
                ..self
            },
        }
    }

    /// The address with its base path, if one was configured.
    pub fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// Why nothing may be sent to it; empty is nothing.
    pub fn withheld(&self) -> &[config::Fault] {
        &self.withheld
    }

    /// What is dangerous about the way to Kestra, for the person who starts this server.
    pub fn warnings(&self) -> Vec<Danger> {
        let mut warnings = Vec::new();
        let plain =
            self.address.starts_with("http:") && self.proximity == client::Proximity::Network;
        if plain && (self.own.is_some() || self.mode == CredentialMode::PerUser) {
            warnings.push(Danger::Plain);
        }
        if self.address.starts_with("https:") && self.trust == Trust::Anyone {
            warnings.push(Danger::AnyCertificate);
        }
        warnings
    }

    /// Whether it is on this machine, so that no proxy stands between.
    pub fn is_local(&self) -> bool {
        self.proximity == client::Proximity::Machine
    }

    /// The configured tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The configured credential.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Where its parts were said.
    pub fn credential_from(&self) -> &[Place] {
        &self.credential_from
    }

    /// How far this server goes.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The configured credential, to be sent.
    pub const fn own(&self) -> &Held {
        &self.own
    }

    /// Whose credentials are sent.
    pub const fn mode(&self) -> CredentialMode {
        self.mode
    }

    /// The clock of this process.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The limits of each call.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The room for what it answers, of all calls together.
    pub const fn memory(&self) -> &Arc<Budget> {
        &self.memory
    }

    /// What began for calls whose answer nobody took.
    pub const fn lost(&self) -> &Arc<Unanswered> {
        &self.lost
    }

    /// The longest wait of a call that asks for no progress.
    pub const fn quiet_wait(&self) -> Duration {
        self.quiet_wait
    }
}
