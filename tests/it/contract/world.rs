//! A server under test, the client that talks to it, and the Kestra behind it.

mod connection;
mod kestra;
#[cfg(feature = "live-tests")]
mod real;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::kestra::Kestra;
use kestra_mcp::tool::Line;
use kestra_mcp::tool::context::Limits;
use kestra_mcp::tool::memory::Budget;
use serde_json::{Value, json};
use simulator::{Dialect, PASSWORD, Received, Settings, Simulator, USERNAME};

use super::answer::{fits, tidy};
use connection::Connection;

pub(crate) use connection::Transport;
#[cfg(feature = "live-tests")]
pub(crate) use real::on_a_real_kestra;

/// Noon of a day in 2026, so that dates in its past and in its future are easy to tell apart.
const NOON_MS: u64 = 1_781_784_000_000;

/// One server, one client and one Kestra.
pub(crate) struct World {
    connection: Connection,
    next: u64,
    /// Notifications that came before answers.
    pub(crate) notifications: Vec<Value>,
    /// The last answer as it came, with its members in order.
    pub(crate) raw: String,
    /// The namespace of this test alone.
    pub(crate) namespace: String,
    /// The simulator, unless the Kestra is real.
    pub(crate) simulator: Option<Simulator>,
    /// The memory that its calls have for answers.
    pub(crate) memory: Arc<Budget>,
    clock: Option<Arc<AtomicU64>>,
    http: reqwest::Client,
    api: String,
    authorization: String,
    /// Whether that Kestra is of the line 2.0.
    pub(crate) is_v2: bool,
}

/// Runs `contract` on the simulator.
pub(crate) async fn on(
    transport: Transport,
    dialect: Dialect,
    contract: impl AsyncFnOnce(&mut World),
) {
    let settings = Settings::new(dialect);
    contract(&mut World::over(transport, settings, Limits::default(), &[]).await).await;
}

impl World {
    /// A server in front of a simulated Kestra, with limits.
    pub(crate) async fn simulated(dialect: Dialect, limits: Limits) -> Self {
        Self::with(Settings::new(dialect), limits, &[]).await
    }

    /// A server in front of a simulated Kestra with these settings; the variables `more` override
    /// those that the world sets.
    pub(crate) async fn with(settings: Settings, limits: Limits, more: &[(&str, &str)]) -> Self {
        Self::over(Transport::Stdio, settings, limits, more).await
    }

    /// The same, reached over `transport`.
    pub(crate) async fn over(
        transport: Transport,
        settings: Settings,
        limits: Limits,
        more: &[(&str, &str)],
    ) -> Self {
        let now = Arc::new(AtomicU64::new(NOON_MS));
        let dialect = settings.dialect;
        let clock = simulator::Clock::shared(Arc::clone(&now));
        let simulator = Simulator::start(Settings { clock, ..settings })
            .await
            .unwrap();
        let url = simulator.url();
        let mut variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), url.clone()),
            ("KESTRA_USERNAME".to_owned(), USERNAME.to_owned()),
            ("KESTRA_PASSWORD".to_owned(), PASSWORD.to_owned()),
        ]);
        variables.extend(
            more.iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        let basic = basic(USERNAME, PASSWORD);
        let clock = Clock::Manual(Arc::clone(&now));
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let kestra = Kestra::new(&config.kestra, clock).with_limits(limits);
        let memory = Arc::clone(kestra.memory());
        let connection = Connection::open(transport, kestra).await;
        let mut world = Self::start(connection, format!("{url}/api/v1/main"), basic).await;
        world.is_v2 = dialect.is_v2();
        world.clock = Some(now);
        world.memory = memory;
        world.simulator = Some(simulator);
        world
    }

    async fn start(connection: Connection, api: String, authorization: String) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut world = Self {
            connection,
            next: 0,
            notifications: Vec::new(),
            raw: String::new(),
            namespace: format!("kmcp.t{}x{number}", std::process::id()),
            simulator: None,
            memory: Arc::default(),
            clock: None,
            http: kestra_mcp::kestra::http_client(None).unwrap(),
            api,
            authorization,
            is_v2: false,
        };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "contract", "version": "1" } });
        world.ask("initialize", hello).await;
        world
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        world
    }

    /// Sends one message without waiting for anything.
    pub(crate) async fn send(&mut self, message: &Value) {
        self.connection.send(message).await;
    }

    /// The answer to one request.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let (before, answer) = self.connection.request(&request).await;
        let read = |text: &String| -> Value { serde_json::from_str(text).unwrap() };
        self.notifications.extend(before.iter().map(read));
        self.raw = answer;
        let answer = read(&self.raw);
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    const fn line(&self) -> Line {
        if self.is_v2 { Line::V2_0 } else { Line::V1_3 }
    }

    /// The whole answer of a tool: `isError`, text and structured content agree.
    async fn outcome(&mut self, tool: &str, arguments: Value, meta: Value) -> (bool, Value) {
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let answer = self.ask("tools/call", params).await;
        let result = &answer["result"];
        let text = result["content"][0]["text"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            value, result["structuredContent"],
            "text and structured content differ"
        );
        assert!(
            text.len() <= 64 << 10 || value.pointer("/untrusted/source").is_some(),
            "{} bytes",
            text.len()
        );
        (result["isError"] == true, value)
    }

    /// The result of a tool that succeeds; it fits the tool's output schema.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.call_with(tool, arguments, json!({})).await
    }

    /// The same with `_meta`.
    pub(crate) async fn call_with(&mut self, tool: &str, arguments: Value, meta: Value) -> Value {
        let (failed, value) = self.outcome(tool, arguments, meta).await;
        assert!(!failed, "{tool}: {value}");
        fits(self.line(), tool, &value);
        tidy(&value);
        value
    }

    /// The error of a tool that fails. It fits the tool's output schema too: clients of the
    /// TypeScript SDK hide an error that does not.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let (failed, value) = self.outcome(tool, arguments, json!({})).await;
        assert!(failed, "{tool}: {value}");
        fits(self.line(), tool, &value);
        value["error"].clone()
    }

    /// What Kestra received from the server since the last look, version questions aside.
    pub(crate) fn requests(&self) -> Vec<Received> {
        let simulator = self.simulator.as_ref().expect("a simulated Kestra");
        let mut requests = simulator.requests();
        requests.retain(|request| {
            !request.path.ends_with("/configs") && !request.path.ends_with("/distinct-namespaces")
        });
        requests
    }

    /// Method and path of what Kestra received.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }

    /// Forgets what was received so far.
    pub(crate) fn forget(&self) {
        self.simulator
            .as_ref()
            .expect("a simulated Kestra")
            .forget_requests();
    }

    /// Whether people reach this server over HTTP, none of whom operates it.
    pub(crate) const fn is_remote(&self) -> bool {
        matches!(self.connection, Connection::Http { .. })
    }

    /// Registers the credential again, where a person brings it and Kestra's 401 took it away.
    pub(crate) fn register_credential(&self) {
        self.connection.register_credential();
    }

    /// The simulator.
    pub(crate) fn kestra(&self) -> &Simulator {
        self.simulator.as_ref().expect("a simulated Kestra")
    }

    /// Lets `time` pass: at once on the simulator, whose clock can be moved.
    pub(crate) async fn advance(&self, time: Duration) {
        match &self.clock {
            Some(clock) => {
                clock.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
            }
            None => tokio::time::sleep(time).await,
        }
    }

    /// The instant `seconds` from now.
    pub(crate) fn instant(&self, seconds: i64) -> String {
        let clock = self
            .clock
            .as_ref()
            .map_or(Clock::System, |now| Clock::Manual(Arc::clone(now)));
        (clock.now() + chrono::Duration::seconds(seconds))
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }
}

fn basic(name: &str, password: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"))
    )
}
