//! The Kestra server: one connection pool, what is known of the server, and what a call needs.

mod account;
mod held;
mod hooks;
mod http;
pub mod refusal;
mod standing;
mod ui;
mod version;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::config::http::CredentialMode;
use crate::config::{self, Credential, Place, Trust};
use crate::generated;
use crate::tool::cause::in_words;
use crate::tool::context::{Limits, Progress};
use crate::tool::delivery::Delivery;
use crate::tool::memory::{self, Budget};
use crate::tool::target::Ask;
use crate::tool::unanswered::{Repeat, Unanswered};
use crate::tool::{Access, CallCtx, Edition, Error, Internal, Line, Permission};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

pub use account::{Account, Me, Unvouched};
pub use held::{Held, Kind};
pub use http::{Danger, http_client, http_client_to};
pub use standing::Standing;
pub use ui::Ui;
pub use version::{Detection, Fault, Server};

/// For one of this server's own questions, such as the version.
const PROBE: Duration = Duration::from_secs(10);
/// Bytes of the answer to one.
const PROBE_BODY: usize = 1 << 20;

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
pub struct Caller {
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

/// The answer to one of this server's own questions.
#[derive(Debug)]
pub struct Said {
    /// HTTP status.
    pub status: u16,
    /// As they came.
    pub headers: HeaderMap,
    /// At most a mebibyte.
    pub body: Vec<u8>,
}

/// Which tools there are: those of a line, with or without the Enterprise ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The line whose tools are offered.
    pub line: Line,
    /// Known to be this edition; unknown counts as open source.
    pub edition: Edition,
}

/// One configured Kestra server, shared by all calls.
#[derive(Debug)]
pub struct Kestra {
    base: Option<Arc<str>>,
    address: Arc<str>,
    /// That of the address.
    host: Option<String>,
    /// Where links lead, if that was set.
    ui: Option<Arc<str>>,
    tenant: Arc<str>,
    credential: Credential,
    credential_from: Vec<Place>,
    /// Why nothing may be sent.
    withheld: Vec<config::Fault>,
    access: Access,
    own: Held,
    /// Whose credentials are sent: always the configured one, unless people bring theirs.
    mode: CredentialMode,
    trust: Trust,
    way: http::Way,
    line: Option<Line>,
    http: OnceCell<reqwest::Client>,
    version: version::Detector,
    shared: standing::Shared,
    clock: Clock,
    limits: Limits,
    /// Room for what it answers, of all calls together.
    memory: Arc<Budget>,
    /// What began for calls whose answer nobody took.
    lost: Arc<Unanswered>,
    /// The longest wait of a call that asks for no progress.
    quiet_wait: Duration,
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
            way: http::Way::to(config.base.as_ref()),
            line: config.line,
            http: OnceCell::new(),
            version: version::Detector::default(),
            shared: standing::Shared::default(),
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
        let plain = self.address.starts_with("http:") && self.way == http::Way::Network;
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
        self.way == http::Way::Machine
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

    /// Which tools there are, by what is known now.
    pub fn view(&self) -> View {
        match &*self.version.watch().borrow() {
            Detection::Known(server) => View {
                line: server.line,
                edition: server.edition,
            },
            Detection::Pending | Detection::Failed(_) => View {
                line: self.line.unwrap_or(Line::NEWEST),
                edition: Edition::OpenSource,
            },
        }
    }

    /// The edition and the line, as far as they are known: a 2.x that refuses a credential still says
    /// what kind it wants.
    pub fn product(&self) -> (Option<Edition>, Option<Line>) {
        match &*self.version.watch().borrow() {
            Detection::Known(server) => (Some(server.edition), Some(server.line)),
            Detection::Failed(Fault::Refused { wants_basic }) => (
                wants_basic.then_some(Edition::OpenSource),
                Some(self.line.unwrap_or(Line::NEWEST)),
            ),
            Detection::Pending | Detection::Failed(_) => (None, self.line),
        }
    }

    /// Tells of every change of what is known.
    pub fn watch(&self) -> watch::Receiver<Detection> {
        self.version.watch()
    }

    /// Waits until the first question about the version was answered, or failed; at most `limit`.
    pub async fn settled(&self, limit: Duration) {
        if self.base.is_none() {
            return;
        }
        let mut watch = self.watch();
        let settled = watch.wait_for(|detection| !matches!(detection, Detection::Pending));
        // Both ways of ending are fine: the caller looks at what is known by then.
        let _ = tokio::time::timeout(limit, settled).await;
    }

    /// The server, asked now as `held` if it is not known yet: since 2.0 it answers nobody
    /// without a credential.
    ///
    /// # Errors
    /// Why it cannot be known. The next call asks again.
    pub async fn server(&self, held: &Held) -> Result<Arc<Server>, Fault> {
        let news = |server: &Server| version::tell(self, server);
        self.version
            .server(|| version::probe(self, held), news)
            .await
    }

    /// The new line, if the server is no longer on `seen`: asks again, at most every 10 seconds.
    pub async fn recheck(&self, held: &Held, seen: Line) -> Option<Line> {
        let news = |server: &Server| version::tell(self, server);
        self.version
            .recheck(&self.clock, || version::probe(self, held), news)
            .await;
        Some(self.view().line).filter(|line| *line != seen)
    }

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
    pub async fn call_ctx(&self, line: Line, caller: Caller) -> Result<CallCtx, Error> {
        self.configured(&caller.held)?;
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
            authorization: caller.held.authorization().cloned(),
            line,
            version,
            request_id: caller.request_id,
            limits: self.limits,
            memory: Arc::new(memory::CallMemory::new(Arc::clone(&self.memory))),
            clock: self.clock.clone(),
            progress: caller.progress,
            cancel: caller.delivery.gone().clone(),
            delivery: caller.delivery,
            longest: caller.longest,
            hurry: caller.hurry,
            repeat: caller.repeat,
            secrets: caller.held.secrets().clone(),
            permissions: caller.permissions,
            targets: caller.targets,
            deadline: caller.deadline,
            access: self.access.and(caller.access),
            routes: &[],
        })
    }

    /// The shared client. Reading the machine's certificates takes milliseconds, so it is built
    /// off the start, and not at all for a server without TLS.
    async fn http(&self) -> Result<reqwest::Client, reqwest::Error> {
        let build = || async {
            let trust = self.trust.clone();
            let way = self.way;
            if self.address.starts_with("http:") {
                return http::client(way, None);
            }
            match tokio::task::spawn_blocking(move || http::client(way, Some(&trust))).await {
                Ok(client) => client,
                // The runtime ends, or building panicked: once more, here.
                Err(_) => http::client(way, Some(&self.trust)),
            }
        };
        self.http.get_or_try_init(build).await.cloned()
    }

    /// One of this server's own questions, as `held`: the probe called `name` in the manifest.
    ///
    /// # Errors
    /// When nothing answers, or something that does not end.
    pub async fn ask(&self, held: &Held, name: &str) -> Result<Said, Fault> {
        let base = self.base.as_deref().unwrap_or_default();
        let mut probes = generated::probes(self.view().line).iter();
        let Some(probe) = probes.find(|probe| probe.name == name) else {
            // The build holds the manifest to the names that are asked.
            return Err(self.not_kestra());
        };
        let path = probe.path(&self.tenant);
        let client = self.http().await.map_err(|error| self.fault(&error))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(authorization) = held.authorization() {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let request = client
            .get(format!("{base}{path}"))
            .headers(headers)
            .timeout(PROBE);
        let mut response = request.send().await.map_err(|error| self.fault(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.fault(&error))? {
            if body.len() + part.len() > PROBE_BODY {
                return Err(self.not_kestra());
            }
            body.extend_from_slice(&part);
        }
        Ok(Said {
            status,
            headers,
            body,
        })
    }

    fn not_kestra(&self) -> Fault {
        let address = self.place();
        Fault::NotKestra { address }
    }

    /// Where its API should be: with the base path, for whoever is to mend it.
    fn place(&self) -> Arc<str> {
        Arc::clone(self.base.as_ref().unwrap_or(&self.address))
    }

    fn fault(&self, error: &reqwest::Error) -> Fault {
        if error.is_timeout() && !error.is_connect() {
            return Fault::Silent {
                seconds: PROBE.as_secs(),
            };
        }
        Fault::Unreachable {
            address: Arc::clone(&self.address),
            cause: in_words(error).into(),
        }
    }
}
