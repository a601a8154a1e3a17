//! The memory for answers is shared by all calls, and released when one ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kestra_mcp::app;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::kestra::{Kestra, http_client};
use kestra_mcp::tool::context::Limits;
use kestra_mcp::tool::memory::{Budget, CallMemory, FACTOR, FIRST};
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault, Settings};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::io::{BufReader, DuplexStream, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{MIB, execution, get, says};
use crate::contract::world::{Transport, World};
use crate::remote::{self, Remote, Setup};

const HELLO: &str = "id: hello\nnamespace: {ns}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n";

/// No test waits longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Reserves all memory except `left` bytes, as another call.
fn take(memory: &Arc<Budget>, left: usize) -> (CallMemory, kestra_mcp::tool::memory::Room) {
    let held = CallMemory::new(Arc::clone(memory));
    let room = held.begin(Some((memory.most() - left) / FACTOR)).unwrap();
    (held, room)
}

async fn small(dialect: Dialect) -> World {
    let memory = (16 * MIB).to_string();
    let variables = [("KESTRA_MCP_MEMORY", memory.as_str())];
    World::with(Settings::new(dialect), Limits::default(), &variables).await
}

#[tokio::test]
async fn a_change_is_not_sent_without_memory_for_its_answer() {
    let mut world = small(Dialect::V2_0).await;
    world.save(HELLO).await;
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello" });
    world.call("list_flows", json!({})).await;
    let others = take(&world.memory, FIRST - 100);
    let used = world.memory.used();
    world.forget();
    let error = world.refused("execute_flow", arguments.clone()).await;
    assert_eq!(error["code"], "BUDGET_EXCEEDED", "{error}");
    assert_eq!(
        (
            &error["limit"],
            &error["retryable"],
            &error["retry_after_s"]
        ),
        (&json!("memory"), &json!(true), &json!(1))
    );
    assert!(world.sent().iter().all(|line| line.starts_with("GET")));
    assert_eq!(world.memory.used(), used);
    drop(others);
    world.call("execute_flow", arguments).await;
    assert_eq!(world.memory.used(), 0);
}

#[tokio::test]
async fn a_change_whose_answer_does_not_fit_has_an_unknown_outcome() {
    let mut world = small(Dialect::V2_0).await;
    world.save(HELLO).await;
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello" });
    world.call("list_flows", json!({})).await;
    let _others = take(&world.memory, FIRST * 3 / 2);
    world.forget();
    let body = execution(&format!("\"x\":\"{}\"", "x".repeat(MIB)));
    says(&world, "POST", "*/executions/*", body);
    let error = world.refused("execute_flow", arguments).await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("OUTCOME_UNKNOWN"), &json!(false)),
        "{error}"
    );
    let posts = world.sent();
    let posts = posts.iter().filter(|line| line.starts_with("POST"));
    assert_eq!(posts.count(), 1);
}

#[tokio::test]
async fn an_endless_answer_is_abandoned_at_its_limit() {
    let mut world = small(Dialect::V1_3).await;
    world.call("list_flows", json!({})).await;
    let endless = Action::Endless {
        content_type: "application/json".into(),
    };
    world.kestra().fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: None,
        action: endless,
    });
    let error = world.refused("list_flows", json!({})).await;
    assert_eq!(error["code"], "UPSTREAM_ERROR");
    assert!(
        error["message"].as_str().unwrap().contains("8 MiB"),
        "{error}"
    );
    assert_eq!(world.memory.used(), 0);
    let others = take(&world.memory, 4 * MIB);
    let used = world.memory.used();
    let error = world.refused("list_flows", json!({})).await;
    assert_eq!(
        (&error["code"], &error["limit"]),
        (&json!("BUDGET_EXCEEDED"), &json!("memory"))
    );
    assert_eq!(world.memory.used(), used);
    drop(others);
}

#[tokio::test]
async fn memory_of_one_person_counts_towards_that_of_all() {
    let memory = (16 * MIB).to_string();
    let variables = [("KESTRA_MCP_MEMORY", memory.as_str())];
    let transport = Transport::Http;
    let settings = Settings::new(Dialect::V2_0);
    let mut world = World::over(transport, settings, Limits::default(), &variables).await;
    world.call("list_flows", json!({})).await;
    let others = take(&world.memory, 2);
    let error = world.refused("list_flows", json!({})).await;
    assert_eq!(
        (&error["code"], &error["limit"]),
        (&json!("BUDGET_EXCEEDED"), &json!("memory"))
    );
    drop(others);
    world.call("list_flows", json!({})).await;
    assert_eq!(world.memory.used(), 0);
}

/// A Kestra that begins every answer, and completes none before it is told to.
struct Halting {
    url: String,
    go_on: watch::Sender<bool>,
}

impl Halting {
    /// Sends `begin`, head included, at once, and `end` later.
    async fn start(begin: Vec<u8>, end: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (go_on, wait) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (begin, end, wait) = (begin.clone(), end.clone(), wait.clone());
                // A client may go away.
                tokio::spawn(async move { drop(answer(stream, &begin, &end, wait).await) });
            }
        });
        Self { url, go_on }
    }

    fn kestra(&self, memory: usize) -> Kestra {
        let variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), self.url.clone()),
            ("KESTRA_API_TOKEN".to_owned(), "tok-0123456789".to_owned()),
            ("KESTRA_MCP_MEMORY".to_owned(), memory.to_string()),
        ]);
        let config = Config::load(&Flags::default(), &variables).unwrap();
        Kestra::new(&config.kestra, Clock::System)
    }
}

async fn answer(
    mut stream: TcpStream,
    begin: &[u8],
    end: &[u8],
    mut wait: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    if head.starts_with(b"GET /api/v1/configs ") {
        let configs = r#"{"version":"2.0.0","edition":"OSS"}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            configs.len()
        );
        return stream
            .write_all(format!("{head}{configs}").as_bytes())
            .await;
    }
    stream.write_all(begin).await?;
    // The next write notices a client that went away.
    let _ = wait.wait_for(|go_on| *go_on).await;
    stream.write_all(end).await
}

fn head(status: &str, more: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n\r\n"
    )
    .into_bytes()
}

/// A client on standard input and output.
struct Client {
    input: DuplexStream,
    lines: Lines<BufReader<DuplexStream>>,
    memory: Arc<Budget>,
}

impl Client {
    async fn new(kestra: Kestra) -> Self {
        let memory = Arc::clone(kestra.memory());
        let (input, theirs) = tokio::io::duplex(1 << 20);
        let (output, mine) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { app::serve(kestra, theirs, output).await });
        let lines = BufReader::new(mine).lines();
        let mut client = Self {
            input,
            lines,
            memory,
        };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "memory", "version": "1" } });
        client
            .send(json!({ "id": 0, "method": "initialize", "params": hello }))
            .await;
        client.line().await;
        client
            .send(json!({ "method": "notifications/initialized" }))
            .await;
        client
    }

    async fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let line = format!("{message}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    async fn call(&mut self, id: u64) {
        let params = json!({ "name": "get_execution", "arguments": get() });
        self.send(json!({ "id": id, "method": "tools/call", "params": params }))
            .await;
    }

    async fn line(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        serde_json::from_str(&line.unwrap().unwrap().unwrap()).unwrap()
    }

    /// The next result.
    async fn result(&mut self) -> Value {
        loop {
            let mut line = self.line().await;
            if line.get("id").is_some() {
                return line["result"]["structuredContent"].take();
            }
        }
    }
}

async fn until(memory: &Budget, used: impl Fn(usize) -> bool) {
    let wait = async {
        while !used(memory.used()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("the room never changes");
}

/// An answer of 2 MiB that declares its length.
fn two_mib() -> (Vec<u8>, Vec<u8>) {
    let body = execution(&format!("\"outputs\":\"{}\"", "x".repeat(2 * MIB)));
    let mut begin = head("200 OK", &format!("Content-Length: {}", body.len()));
    let (first, rest) = body.split_at(MIB);
    begin.extend(first.bytes());
    (begin, rest.as_bytes().to_vec())
}

#[tokio::test]
async fn concurrent_calls_share_the_memory() {
    let (begin, end) = two_mib();
    let kestra = Halting::start(begin, end).await;
    let mut client = Client::new(kestra.kestra(16 * MIB)).await;
    for id in 1..=16 {
        client.call(id).await;
    }
    // Each reserves a little more than 4 MiB.
    for _ in 0..13 {
        let error = client.result().await["error"].take();
        assert_eq!(error["code"], "BUDGET_EXCEEDED", "{error}");
        assert_eq!(
            (&error["limit"], &error["retryable"]),
            (&json!("memory"), &json!(true))
        );
    }
    let used = client.memory.used();
    assert!(used > 12 * MIB && used < 13 * MIB, "{used}");
    kestra.go_on.send_replace(true);
    for _ in 0..3 {
        let read = client.result().await;
        assert_eq!(read["state"], "SUCCESS", "{read}");
    }
    assert_eq!(client.memory.used(), 0);
    client.call(17).await;
    assert_eq!(client.result().await["state"], "SUCCESS");
    assert_eq!(client.memory.used(), 0);
}

#[tokio::test]
async fn an_answer_of_unknown_length_reserves_memory_as_it_arrives() {
    let body = execution(&format!("\"outputs\":\"{}\"", "x".repeat(2 * MIB)));
    let (first, rest) = body.split_at(MIB);
    let mut begin = head("200 OK", "Transfer-Encoding: chunked");
    begin.extend(format!("{:x}\r\n{first}\r\n", first.len()).bytes());
    let end = format!("{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len()).into_bytes();
    let kestra = Halting::start(begin, end).await;
    let mut client = Client::new(kestra.kestra(16 * MIB)).await;
    client.call(1).await;
    until(&client.memory, |used| used >= FACTOR * MIB).await;
    kestra.go_on.send_replace(true);
    assert_eq!(client.result().await["state"], "SUCCESS");
    assert_eq!(client.memory.used(), 0);
}

#[tokio::test]
async fn a_client_that_cancels_releases_the_memory() {
    let (begin, end) = two_mib();
    let kestra = Halting::start(begin, end).await;
    let mut client = Client::new(kestra.kestra(16 * MIB)).await;
    client.call(1).await;
    until(&client.memory, |used| used > 4 * MIB).await;
    let gone = json!({ "method": "notifications/cancelled", "params": { "requestId": 1 } });
    client.send(gone).await;
    until(&client.memory, |used| used == 0).await;
}

#[tokio::test]
async fn a_client_that_disconnects_releases_the_memory() {
    let (begin, end) = two_mib();
    let halting = Halting::start(begin, end).await;
    let kestra = halting.kestra(16 * MIB);
    let (memory, held) = (Arc::clone(kestra.memory()), kestra.own().clone());
    let remote = Remote::start(Setup::new(kestra)).await;
    remote
        .gate
        .admit("token-of-ann", remote::person("ann", &["admin"]));
    remote.gate.give("ann", held);
    let params = json!({ "name": "get_execution", "arguments": get() });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = http_client(None).unwrap().post(remote.mcp());
    let request = request
        .bearer_auth("token-of-ann")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .json(&call);
    let request = tokio::spawn(async move { request.send().await?.bytes().await });
    until(&memory, |used| used > 4 * MIB).await;
    request.abort();
    until(&memory, |used| used == 0).await;
}

#[tokio::test]
async fn the_body_of_an_error_reserves_memory_too() {
    for status in [
        "404 Not Found",
        "422 Unprocessable Entity",
        "500 Internal Server Error",
    ] {
        let mut begin = head(status, "Content-Length: 10000");
        begin.extend(br#"{"type":"t","title":"x","detail":"what is wrong""#);
        let end = format!("{}}}", " ".repeat(10_000 - 50)).into_bytes();
        let kestra = Halting::start(begin, end).await;
        let mut client = Client::new(kestra.kestra(16 * MIB)).await;
        client.call(1).await;
        until(&client.memory, |used| used == FACTOR * 10_000).await;
        let (_other, _room) = take(&client.memory, FACTOR * 10_000 + 10);
        client.call(2).await;
        let error = client.result().await["error"].take();
        assert_eq!(error["code"], "BUDGET_EXCEEDED", "{status}: {error}");
        kestra.go_on.send_replace(true);
        let error = client.result().await["error"].take();
        assert!(
            matches!(error["code"].as_str(), Some("NOT_FOUND" | "UPSTREAM_ERROR")),
            "{error}"
        );
    }
}
