//! A server under test, the Kestra behind it, and plain HTTP to prepare that Kestra.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::remote::{self, Remote, Setup};
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::kestra::{Held, Kestra};
use kestra_mcp::tool::context::Limits;
use kestra_mcp::tool::memory::Budget;
use kestra_mcp::{app, generated};
use serde_json::{Value, json};
use simulator::{Dialect, PASSWORD, Received, Settings, Simulator, USERNAME};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};

/// Who asks over HTTP, and the bearer of theirs.
const PERSON: &str = "ann";
const TOKEN: &str = "token-of-ann";
/// No test waits longer for an answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// Noon of a day in 2026: a date in the past of it and one in its future are easily told.
const NOON_MS: u64 = 1_781_784_000_000;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Standard input and output: one local person, and the credential of the settings.
    Stdio,
    /// HTTP: a person who signed in, with every role, and who registered that credential.
    Http,
}

enum Link {
    Stdio {
        input: DuplexStream,
        output: Lines<BufReader<DuplexStream>>,
    },
    Http {
        remote: Box<Remote>,
        client: reqwest::Client,
        /// The credential that the person registered.
        held: Held,
    },
}

/// One server, one client, one Kestra.
pub(crate) struct World {
    link: Link,
    next: u64,
    /// Notifications that came between answers.
    pub(crate) notices: Vec<Value>,
    /// The last answer as it came: members have an order there.
    pub(crate) raw: String,
    /// The namespace of this test alone.
    pub(crate) namespace: String,
    /// The simulator, unless the Kestra is real.
    pub(crate) simulator: Option<Simulator>,
    /// The room of its calls for answers.
    pub(crate) memory: Arc<Budget>,
    clock: Option<Arc<AtomicU64>>,
    http: reqwest::Client,
    api: String,
    authorization: String,
    /// The line of that Kestra.
    pub(crate) two: bool,
}

/// Runs `contract` on the simulator.
pub(crate) async fn on(way: Way, dialect: Dialect, contract: impl AsyncFnOnce(&mut World)) {
    let settings = Settings::new(dialect);
    contract(&mut World::by(way, settings, Limits::default(), &[]).await).await;
}

/// Runs `contract` on the Kestra of the environment, in a namespace that is removed afterwards.
#[cfg(feature = "live-tests")]
pub(crate) async fn on_a_real_kestra(contract: impl AsyncFnOnce(&mut World)) {
    use futures::FutureExt as _;
    let mut world = World::real().await;
    let ended = std::panic::AssertUnwindSafe(contract(&mut world))
        .catch_unwind()
        .await;
    world.clean_up().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

impl Link {
    fn stdio(kestra: Kestra) -> Self {
        let (input, theirs) = tokio::io::duplex(1 << 20);
        let (output, mine) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { app::serve(kestra, theirs, output).await });
        Self::Stdio {
            input,
            output: BufReader::new(mine).lines(),
        }
    }

    async fn http(kestra: Kestra) -> Self {
        let held = kestra.own().clone();
        let remote = Remote::start(Setup::new(kestra)).await;
        remote.gate.admit(TOKEN, remote::person(PERSON, &["admin"]));
        remote.gate.give(PERSON, held.clone());
        Self::Http {
            remote: Box::new(remote),
            held,
            client: kestra_mcp::kestra::http_client(None).unwrap(),
        }
    }
}

async fn post(client: &reqwest::Client, remote: &Remote, message: &Value) -> reqwest::Response {
    let request = client
        .post(remote.mcp())
        .bearer_auth(TOKEN)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .timeout(PATIENCE)
        .json(message);
    request.send().await.unwrap()
}

/// The texts of the messages of an answer: one, or a stream of them.
async fn messages(response: reqwest::Response) -> Vec<String> {
    let streamed = response.headers()["content-type"]
        .as_bytes()
        .starts_with(b"text/event-stream");
    let text = response.text().await.unwrap();
    if !streamed {
        return vec![text];
    }
    text.lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| data.trim().to_owned())
        .collect()
}

impl World {
    /// A server before a simulated Kestra, with limits.
    pub(crate) async fn simulated(dialect: Dialect, limits: Limits) -> Self {
        Self::with(Settings::new(dialect), limits, &[]).await
    }

    /// A server before a simulated Kestra with these settings; further variables win.
    pub(crate) async fn with(settings: Settings, limits: Limits, more: &[(&str, &str)]) -> Self {
        Self::by(Way::Stdio, settings, limits, more).await
    }

    /// The same, reached in this way.
    pub(crate) async fn by(
        way: Way,
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
        let link = match way {
            Way::Stdio => Link::stdio(kestra),
            Way::Http => Link::http(kestra).await,
        };
        let mut world = Self::start(link, format!("{url}/api/v1/main"), basic).await;
        world.two = dialect.is_v2();
        world.clock = Some(now);
        world.memory = memory;
        world.simulator = Some(simulator);
        world
    }

    #[cfg(feature = "live-tests")]
    #[expect(
        clippy::disallowed_methods,
        reason = "a real Kestra is named by the environment"
    )]
    async fn real() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let url = get("KESTRA_E2E_URL").expect("KESTRA_E2E_URL names the Kestra to test on");
        let tenant = get("KESTRA_E2E_TENANT").unwrap_or_else(|| "main".into());
        let mut variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), url.clone()),
            ("KESTRA_TENANT".to_owned(), tenant.clone()),
        ]);
        let authorization = if let Some(token) = get("KESTRA_E2E_TOKEN") {
            variables.insert("KESTRA_API_TOKEN".into(), token.clone());
            format!("Bearer {token}")
        } else {
            let name = get("KESTRA_E2E_USERNAME").expect("KESTRA_E2E_USERNAME or KESTRA_E2E_TOKEN");
            let password = get("KESTRA_E2E_PASSWORD").expect("KESTRA_E2E_PASSWORD");
            variables.insert("KESTRA_USERNAME".into(), name.clone());
            variables.insert("KESTRA_PASSWORD".into(), password.clone());
            basic(&name, &password)
        };
        let base = url.trim_end_matches('/');
        let base = base.split_once("/api/v1").map_or(base, |(base, _)| base);
        let api = format!("{base}/api/v1/{tenant}");
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let link = Link::stdio(Kestra::new(&config.kestra, Clock::System));
        let mut world = Self::start(link, api, authorization).await;
        let status = world.call("auth_status", json!({})).await;
        world.two = status["kestra"]["line"] == "2.0";
        world
    }

    async fn start(link: Link, api: String, authorization: String) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut world = Self {
            link,
            next: 0,
            notices: Vec::new(),
            raw: String::new(),
            namespace: format!("kmcp.t{}x{number}", std::process::id()),
            simulator: None,
            memory: Arc::default(),
            clock: None,
            http: kestra_mcp::kestra::http_client(None).unwrap(),
            api,
            authorization,
            two: false,
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
        match &mut self.link {
            Link::Stdio { input, .. } => {
                let line = format!("{message}\n");
                input.write_all(line.as_bytes()).await.unwrap();
            }
            Link::Http { remote, client, .. } => {
                let response = post(client, remote, message).await;
                assert_eq!(response.status(), 202, "{message}");
            }
        }
    }

    /// The answer to one request.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        if let Link::Http { remote, client, .. } = &self.link {
            let response = post(client, remote, &request).await;
            assert_eq!(response.status(), 200, "{request}");
            let mut messages = messages(response).await;
            let read = |text: &String| -> Value { serde_json::from_str(text).unwrap() };
            self.raw = messages.pop().expect("no answer");
            let answer = read(&self.raw);
            assert_eq!(answer["id"], id, "{answer}");
            self.notices.extend(messages.iter().map(read));
            return answer;
        }
        self.send(&request).await;
        loop {
            let Link::Stdio { output, .. } = &mut self.link else {
                unreachable!("answered above");
            };
            let line = tokio::time::timeout(PATIENCE, output.next_line()).await;
            let line = line.expect("no answer").unwrap().expect("the output ended");
            let message: Value = serde_json::from_str(&line).expect(&line);
            if message["id"] == id {
                self.raw = line;
                return message;
            }
            self.notices.push(message);
        }
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
        self.fits(tool, &value);
        tidy(&value);
        value
    }

    /// The error of a tool that fails. It fits the tool's output schema too: clients of the
    /// TypeScript SDK hide an error that does not.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let (failed, value) = self.outcome(tool, arguments, json!({})).await;
        assert!(failed, "{tool}: {value}");
        self.fits(tool, &value);
        value["error"].clone()
    }

    /// Holds a result against the output schema of its tool, which describes every field of it.
    fn fits(&self, tool: &str, value: &Value) {
        let line = if self.two {
            kestra_mcp::tool::Line::V2_0
        } else {
            kestra_mcp::tool::Line::V1_3
        };
        let known = generated::tools(line)
            .iter()
            .find(|known| known.name == tool)
            .unwrap();
        let mut schema: Value = serde_json::from_str(known.output_schema).unwrap();
        close(&mut schema);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(value)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{tool}: {faults:?}\n{value}");
    }

    /// Saves a flow over plain HTTP; `{ns}` in the source is this test's namespace.
    pub(crate) async fn save(&self, source: &str) {
        let source = source.replace("{ns}", &self.namespace);
        let (status, answer) = self
            .http("POST", "/flows", Some(("application/x-yaml", source)))
            .await;
        assert_eq!(status, 200, "cannot save a flow: {answer}");
        let id = answer["id"].as_str().unwrap().to_owned();
        let found = |row: &Value| row["id"] == id.as_str();
        self.until_listed(
            &format!("/flows/search?size=100&filters%5BflowId%5D%5BEQUALS%5D={id}"),
            found,
        )
        .await;
    }

    /// A real Kestra may show what was just made only seconds later (2.0 GA): waits for it.
    async fn until_listed(&self, path: &str, found: impl Fn(&Value) -> bool) {
        if self.simulator.is_some() {
            return;
        }
        for _ in 0..90 {
            let (_, page) = self.http("GET", path, None).await;
            if page["results"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(&found))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{path} does not list what was made");
    }

    /// Waits until an execution is listed as ended.
    pub(crate) async fn until_ended(&self, execution_id: &str) {
        let path = format!(
            "/executions/search?size=100&sort=state.startDate:desc&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let found = |row: &Value| row["id"] == execution_id && !row["state"]["endDate"].is_null();
        self.until_listed(&path, found).await;
    }

    /// Replaces a flow over plain HTTP.
    pub(crate) async fn replace(&self, id: &str, source: &str) {
        let source = source.replace("{ns}", &self.namespace);
        let path = format!("/flows/{}/{id}", self.namespace);
        let (status, answer) = self
            .http("PUT", &path, Some(("application/x-yaml", source)))
            .await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Plain HTTP to Kestra, below the tenant.
    pub(crate) async fn http(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, String)>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.api))
            .header("authorization", &self.authorization);
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
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

    /// Whether many people use this server, none of whom runs it.
    pub(crate) const fn is_remote(&self) -> bool {
        matches!(self.link, Link::Http { .. })
    }

    /// Registers the credential again, where a person brings it and Kestra's 401 took it away.
    pub(crate) fn register(&self) {
        if let Link::Http { remote, held, .. } = &self.link {
            remote.gate.give(PERSON, held.clone());
        }
    }

    /// The simulator.
    pub(crate) fn kestra(&self) -> &Simulator {
        self.simulator.as_ref().expect("a simulated Kestra")
    }

    /// Lets time pass: at once where it can be moved.
    pub(crate) async fn pass(&self, time: Duration) {
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

    /// Runs `flow_id` to its end; the execution's id.
    pub(crate) async fn run(&mut self, flow_id: &str) -> String {
        let arguments =
            json!({ "namespace": self.namespace, "flow_id": flow_id, "wait_seconds": 60 });
        let done = self.call("execute_flow", arguments).await;
        let id = done["execution_id"].as_str().unwrap().to_owned();
        self.until_ended(&id).await;
        id
    }

    #[cfg(feature = "live-tests")]
    async fn clean_up(&self) {
        let path = format!(
            "/executions/search?size=100&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let (_, page) = self.http("GET", &path, None).await;
        for row in page["results"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().unwrap_or_default();
            let kill = if self.two { "actions/kill" } else { "kill" };
            self.http("DELETE", &format!("/executions/{id}/{kill}"), None)
                .await;
            self.http("DELETE", &format!("/executions/{id}"), None)
                .await;
        }
        let path = format!(
            "/flows/search?size=100&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let (_, page) = self.http("GET", &path, None).await;
        for row in page["results"].as_array().into_iter().flatten() {
            let (namespace, id) = (
                row["namespace"].as_str().unwrap_or_default(),
                row["id"].as_str().unwrap_or_default(),
            );
            self.http("DELETE", &format!("/flows/{namespace}/{id}"), None)
                .await;
        }
    }
}

fn basic(name: &str, password: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"))
    )
}

/// Allows nothing beside what `schema` describes; of an error, that depends on its code.
fn close(schema: &mut Value) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (_, inner) in properties.iter_mut().filter(|(name, _)| *name != "error") {
            close(inner);
        }
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        close(items);
    }
}

/// No nulls, no empty lists or objects but the list of items itself.
fn tidy(value: &Value) {
    match value {
        Value::Null => panic!("a null in an answer"),
        Value::Array(items) => items.iter().for_each(tidy),
        Value::Object(members) => {
            for (key, member) in members {
                // What a flow itself put out may hold anything.
                if key == "untrusted" {
                    continue;
                }
                let empty = member.as_array().is_some_and(Vec::is_empty) && key != "items"
                    || member.as_object().is_some_and(serde_json::Map::is_empty);
                assert!(!empty, "an empty `{key}` in an answer");
                tidy(member);
            }
        }
        _ => {}
    }
}
