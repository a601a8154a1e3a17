//! The HTTP transport in this process, behind a gate that a test controls.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use kestra_mcp::auth::{Gate, HeldError, NotKept, Refused};
use kestra_mcp::config::http::{CredentialMode, Listen, Public};
use kestra_mcp::generated;
use kestra_mcp::kestra::{Held, Kestra};
use kestra_mcp::mcp::{self, Server};
use kestra_mcp::policy::Policy;
use kestra_mcp::policy::role::{Roles, Vocabulary};
use kestra_mcp::principal::{Person, Scopes};
use kestra_mcp::secret::Secret;
use kestra_mcp::telemetry::Metrics;
use kestra_mcp::tool::Line;
use kestra_mcp::tool::strict::LONGEST;
use kestra_mcp::transport::http::{Bounds, Parts, serve};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The URL of the page on which people register a credential.
pub(crate) const ACCOUNT: &str = "https://mcp.example/account";

/// Which token belongs to which person, and their credentials.
#[derive(Debug, Default)]
pub(crate) struct TestGate(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    people: HashMap<String, Arc<Person>>,
    held: HashMap<String, Arc<Held>>,
    /// The people whose credential Kestra refused.
    refused: Vec<String>,
    administrators: Vec<String>,
    down: bool,
    /// Expired tokens.
    over: Vec<String>,
    /// How often a running call was checked for access.
    looks: usize,
}

/// A person with roles who granted a client every scope, without an end.
pub(crate) fn person(user: &str, roles: &[&str]) -> Person {
    Person {
        user: user.into(),
        issuer: "https://id.example".into(),
        subject: format!("subject-of-{user}").into(),
        name: format!("The {user}").into(),
        client_id: "client-1".into(),
        grant: format!("grant-of-{user}").into(),
        token: format!("token-of-{user}").into(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        scopes: Scopes::Write,
    }
}

impl TestGate {
    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    /// Admits `person` by `token` from now on.
    pub(crate) fn admit(&self, token: &str, person: Person) {
        self.with(|known| known.people.insert(token.to_owned(), Arc::new(person)));
    }

    /// Admits nobody by `token` from now on.
    pub(crate) fn revoke(&self, token: &str) {
        self.with(|known| known.people.remove(token));
    }

    /// Lets `token` expire, without effect on running calls.
    pub(crate) fn expire(&self, token: &str) {
        self.with(|known| known.over.push(token.to_owned()));
    }

    /// How often a running call was checked for access.
    pub(crate) fn looks(&self) -> usize {
        self.with(|known| known.looks)
    }

    /// Sets the credential of `user`.
    pub(crate) fn give(&self, user: &str, held: Held) {
        self.with(|known| known.held.insert(user.to_owned(), Arc::new(held)));
    }

    /// Makes the credential of `user` that of an administrator.
    pub(crate) fn promote(&self, user: &str) {
        self.with(|known| known.administrators.push(user.to_owned()));
    }

    /// Whether the store answers.
    pub(crate) fn set_down(&self, down: bool) {
        self.with(|known| known.down = down);
    }

    /// The people whose credential Kestra refused.
    pub(crate) fn refused_of(&self) -> Vec<String> {
        self.with(|known| known.refused.clone())
    }
}

#[async_trait]
impl Gate for TestGate {
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused> {
        let value = headers.get(AUTHORIZATION).ok_or(Refused::Missing)?;
        let text = value.to_str().map_err(|_| Refused::Invalid)?;
        let token = text.strip_prefix("Bearer ").ok_or(Refused::Invalid)?;
        self.with(|known| {
            if known.down {
                return Err(Refused::Unavailable);
            }
            if known.over.iter().any(|over| over == token) {
                return Err(Refused::Invalid);
            }
            known.people.get(token).cloned().ok_or(Refused::Invalid)
        })
    }

    async fn keeps(&self, person: &Person) -> Result<(), Refused> {
        self.with(|known| {
            known.looks += 1;
            if known.down {
                return Err(Refused::Unavailable);
            }
            let mut people = known.people.values();
            people
                .any(|known| **known == *person)
                .then_some(())
                .ok_or(Refused::Invalid)
        })
    }

    async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError> {
        self.with(|known| {
            if known
                .administrators
                .iter()
                .any(|user| **user == *person.user)
            {
                return Err(HeldError::Administrator);
            }
            Ok(known.held.get(&*person.user).cloned())
        })
    }

    async fn refused(&self, person: &Person, _: &Held) {
        self.with(|known| {
            known.held.remove(&*person.user);
            known.refused.push(person.user.to_string());
        });
    }

    async fn register(&self, _: &Person, _: &Secret) -> Result<(), NotKept> {
        Err(NotKept::NoKestra)
    }

    async fn account_page(&self, _: &Person) -> String {
        ACCOUNT.to_owned()
    }

    async fn ready(&self) -> bool {
        self.with(|known| !known.down)
    }
}

/// What a test chooses for its server.
pub(crate) struct Setup {
    pub(crate) kestra: Kestra,
    pub(crate) mode: CredentialMode,
    pub(crate) basic_writes: bool,
    pub(crate) bounds: Bounds,
    /// How long a call waits for a place among those of its person.
    pub(crate) patience: Duration,
    pub(crate) listen: Listen,
    pub(crate) routes: Router,
}

impl Setup {
    /// A server in front of `kestra`, with a credential for each person.
    pub(crate) fn new(kestra: Kestra) -> Self {
        Self {
            kestra,
            mode: CredentialMode::PerUser,
            basic_writes: true,
            bounds: Bounds::default(),
            patience: mcp::Remote::PATIENCE,
            listen: Listen {
                bind: SocketAddr::from(([127, 0, 0, 1], 0)),
                metrics: None,
                public: None,
                allowed_hosts: Vec::new(),
                allowed_origins: Vec::new(),
                trusted_proxies: Vec::new(),
                max_body: LONGEST,
                otlp: None,
            },
            routes: Router::new(),
        }
    }
}

/// A server that listens.
pub(crate) struct Remote {
    pub(crate) gate: Arc<TestGate>,
    pub(crate) address: SocketAddr,
    pub(crate) numbers: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<std::io::Result<()>>,
    _stop: DropGuard,
}

/// The roles that need no configuration.
fn roles() -> Roles {
    let tools: Vec<&'static str> = Line::ALL
        .iter()
        .flat_map(|line| generated::tools(*line))
        .map(|tool| tool.name.as_str())
        .collect();
    let words = Vocabulary {
        permissions: generated::permissions(),
        tools: &tools,
    };
    let mut faults = Vec::new();
    let roles = Roles::resolve(&std::collections::BTreeMap::new(), words, &mut faults);
    assert_eq!(faults, []);
    roles
}

/// The handler, without a listener.
pub(crate) fn server(kestra: Arc<Kestra>, gate: Arc<TestGate>, basic_writes: bool) -> Server {
    let access = kestra.access();
    let remote = mcp::Remote {
        gate,
        basic_writes,
        settings: &[],
        metrics: Arc::default(),
        patience: mcp::Remote::PATIENCE,
    };
    Server::remote(kestra, Policy::new(access, roles()), remote)
}

impl Remote {
    /// Starts a server on a port that the kernel picks.
    pub(crate) async fn start(setup: Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let numbers = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let at = numbers.local_addr().unwrap();
        let gate = Arc::new(TestGate::default());
        let kestra = Arc::new(setup.kestra.with_credentials(setup.mode));
        let access = kestra.access();
        let metrics = Arc::new(Metrics::of(Arc::clone(kestra.memory())));
        let remote = mcp::Remote {
            gate: Arc::clone(&gate) as Arc<dyn Gate>,
            basic_writes: setup.basic_writes,
            settings: &[],
            metrics: Arc::clone(&metrics),
            patience: setup.patience,
        };
        let public: Public = setup.listen.public(address);
        let parts = Parts {
            gate: Arc::clone(&gate) as Arc<dyn Gate>,
            server: Server::remote(kestra, Policy::new(access, roles()), remote),
            access,
            listen: setup.listen,
            public,
            routes: setup.routes,
            metrics: (metrics, Some(numbers)),
            bounds: setup.bounds,
        };
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve(listener, parts, stop.clone()));
        Self {
            gate,
            address,
            numbers: at,
            _stop: stop.clone().drop_guard(),
            stop,
            ended,
        }
    }

    /// The URL of the MCP endpoint.
    pub(crate) fn mcp(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}
