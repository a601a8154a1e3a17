//! The HTTP transport in front of a simulated Kestra, and a client that sends raw requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Credential, Flags};
use kestra_mcp::kestra::{Held, Kestra};
use kestra_mcp::principal::{Person, Scopes};
use kestra_mcp::secret::Secret;
use reqwest::Response;
use serde_json::{Value, json};
use simulator::{Auth, Dialect, Edition, PASSWORD, Received, Settings, Simulator, USERNAME};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::remote::{Remote, Setup, person};

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// The token of an Enterprise Kestra.
pub(crate) const KESTRA_TOKEN: &str = "kestra-0123456789abcdef";
/// The credential of the operator, which nobody may use unless a test says so.
pub(crate) const OPERATOR: &str = "token-of-the-operator";
/// The bearer token of Ann, who has every role and a Kestra credential.
pub(crate) const ANN: &str = "bearer-of-ann";
/// Of Ben, who may read, and has a Kestra credential.
pub(crate) const BEN: &str = "bearer-of-ben";
/// Of Cat, who has every role, and no Kestra credential.
pub(crate) const CAT: &str = "bearer-of-cat";
/// Of Ann again, through a client with read-only access.
pub(crate) const READER: &str = "bearer-of-ann-to-read";

/// Noon of a day in 2026.
pub(crate) const NOON_MS: u64 = 1_781_784_000_000;

/// A server, its Kestra, and its clients.
pub(crate) struct Front {
    pub(crate) remote: Remote,
    pub(crate) simulator: Simulator,
    pub(crate) client: reqwest::Client,
}

/// A Kestra of one of two editions.
pub(crate) fn settings(edition: Edition) -> Settings {
    let mut settings = Settings {
        edition,
        ..Settings::new(Dialect::V2_0Dev)
    };
    if edition == Edition::Enterprise {
        settings.auth = Auth::Bearer {
            token: KESTRA_TOKEN.to_owned(),
        };
    }
    settings
}

/// The credential that this edition accepts.
pub(crate) fn credential(edition: Edition) -> Credential {
    match edition {
        Edition::Enterprise => token(KESTRA_TOKEN),
        Edition::OpenSource => Credential::Basic {
            username: USERNAME.to_owned(),
            password: Secret::new(PASSWORD),
        },
    }
}

pub(crate) fn token(text: &str) -> Credential {
    Credential::Token {
        token: Secret::new(text),
        over_basic: false,
    }
}

/// Ann, through a client with read-only access.
pub(crate) fn reader() -> Person {
    Person {
        scopes: Scopes::Read,
        ..person("ann", &["admin"])
    }
}

/// The Kestra at `url`, with a token of the operator's.
fn kestra(url: &str, now: &Arc<AtomicU64>, operator: &str) -> Kestra {
    let variables = BTreeMap::from([
        ("KESTRA_API_URL".to_owned(), url.to_owned()),
        ("KESTRA_API_TOKEN".to_owned(), operator.to_owned()),
    ]);
    let config = Config::load(&Flags::default(), &variables).unwrap();
    Kestra::new(&config.kestra, Clock::Manual(Arc::clone(now)))
}

impl Front {
    /// In front of an Enterprise Kestra.
    pub(crate) async fn start() -> Self {
        Self::with(Edition::Enterprise, |_| ()).await
    }

    /// The same with another edition, and with changes of a test.
    pub(crate) async fn with(edition: Edition, change: impl FnOnce(&mut Setup)) -> Self {
        Self::of(edition, OPERATOR, change).await
    }

    /// The same where the operator configured another token.
    pub(crate) async fn of(
        edition: Edition,
        operator: &str,
        change: impl FnOnce(&mut Setup),
    ) -> Self {
        let now = Arc::new(AtomicU64::new(NOON_MS));
        let clock = simulator::Clock::shared(Arc::clone(&now));
        let simulator = Simulator::start(Settings {
            clock,
            ..settings(edition)
        })
        .await
        .unwrap();
        let mut setup = Setup::new(kestra(&simulator.url(), &now, operator));
        change(&mut setup);
        let remote = Remote::start(setup).await;
        let gate = &remote.gate;
        gate.admit(ANN, person("ann", &["admin"]));
        gate.admit(BEN, person("ben", &["viewer"]));
        gate.admit(CAT, person("cat", &["admin"]));
        gate.admit(READER, reader());
        for user in ["ann", "ben"] {
            gate.give(user, Held::new(&credential(edition)));
        }
        Self {
            remote,
            simulator,
            client: kestra_mcp::kestra::http_client(None).unwrap(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.remote.address)
    }

    /// A POST to `/mcp` for a test to complete.
    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        self.client
            .post(self.remote.mcp())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .timeout(PATIENCE)
            .body(body)
    }

    /// Sends a request of `bearer` in the lifecycle of 2025-11-25.
    pub(crate) async fn send(&self, bearer: &str, method: &str, params: Value) -> Response {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let post = self.post(request.to_string()).bearer_auth(bearer);
        post.header("mcp-protocol-version", "2025-11-25")
            .send()
            .await
            .unwrap()
    }

    /// The answer to such a request.
    pub(crate) async fn ask(&self, bearer: &str, method: &str, params: Value) -> Value {
        let response = self.send(bearer, method, params).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    pub(crate) async fn call(&self, bearer: &str, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask(bearer, "tools/call", params).await
    }

    /// The structured result of a tool that succeeds.
    pub(crate) async fn done(&self, bearer: &str, tool: &str, arguments: Value) -> Value {
        let answer = self.call(bearer, tool, arguments).await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        answer["result"]["structuredContent"].clone()
    }

    /// The error of a tool that fails.
    pub(crate) async fn refused(&self, bearer: &str, tool: &str, arguments: Value) -> Value {
        let answer = self.call(bearer, tool, arguments).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["structuredContent"]["error"].clone()
    }

    /// The names of the tools that `bearer` sees.
    pub(crate) async fn tools(&self, bearer: &str) -> Vec<String> {
        let answer = self.ask(bearer, "tools/list", json!({})).await;
        let tools = answer["result"]["tools"].as_array().unwrap();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }

    /// What Kestra received, version requests aside.
    pub(crate) fn received(&self) -> Vec<Received> {
        let mut requests = self.simulator.requests();
        requests.retain(|request| !request.path.ends_with("/configs"));
        requests
    }

    /// Sends bytes; what comes back until the other side closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.remote.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        read_all(&mut stream).await
    }
}

/// What comes until the other side closes.
pub(crate) async fn read_all(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut read)).await;
    // A reset is an end, too.
    let _ = ended.expect("the connection stays open");
    String::from_utf8_lossy(&read).into_owned()
}
