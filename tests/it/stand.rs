//! The whole program in this process, and a fake Kestra with scripted answers.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use kestra_mcp::cli::{self, Exit, Streams};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The environment of a process.
pub(crate) fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A stream of errors that a test can read.
#[derive(Clone, Default)]
pub(crate) struct Errors(Arc<Mutex<Vec<u8>>>);

impl Errors {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Errors {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The program with the client's ends of its pipes.
pub(crate) struct Program {
    input: Option<DuplexStream>,
    output: Option<Lines<BufReader<DuplexStream>>>,
    pub(crate) errors: Errors,
    /// The methods of the notifications that came between answers.
    pub(crate) notices: Vec<String>,
    exit: JoinHandle<Exit>,
    next: u64,
}

impl Program {
    /// Starts `kestra-mcp` with `arguments`.
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let (input, theirs) = tokio::io::duplex(1 << 16);
        let (output, mine) = tokio::io::duplex(1 << 16);
        let errors = Errors::default();
        let arguments: Vec<String> = std::iter::once("kestra-mcp")
            .chain(arguments.iter().copied())
            .map(Into::into)
            .collect();
        let variables = environment(variables);
        let streams = Streams {
            input: theirs,
            output,
            errors: errors.clone(),
            // A log belongs to the whole process, which many tests share.
            log: |_, _| Ok(None),
        };
        let exit = tokio::spawn(async move { cli::run(arguments, &variables, streams).await });
        let output = Some(BufReader::new(mine).lines());
        Self {
            input: Some(input),
            output,
            errors,
            notices: Vec::new(),
            exit,
            next: 100,
        }
    }

    /// Starts `kestra-mcp stdio`, and initializes it as a client of 2025-11-25.
    pub(crate) async fn greeted(variables: &[(&str, &str)]) -> Self {
        Self::started(&["stdio"], variables).await
    }

    /// The same with other arguments.
    pub(crate) async fn started(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut program = Self::start(arguments, variables);
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" } });
        let answer = program.ask("initialize", hello).await;
        assert_eq!(
            answer["result"]["serverInfo"]["name"], "kestra-mcp",
            "{answer}"
        );
        program
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        program
    }

    /// Sends raw bytes.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes()).await;
    }

    /// The next message of the output, or nothing at its end.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.output.as_mut().unwrap().next_line()).await;
        let line = line.expect("no answer").unwrap()?;
        let message: Value = serde_json::from_str(&line).expect(&line);
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Some(message)
    }

    /// All remaining messages of the output.
    pub(crate) async fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.output.as_mut().unwrap().next_line().await.unwrap() {
            lines.push(line);
        }
        lines
    }

    /// Sends a request without waiting; its id.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let id = self.next;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&message).await;
        id
    }

    /// Sends a request and waits for its answer; collects notifications meanwhile.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        loop {
            let message = self.receive().await.expect("the output ended");
            if message["id"] == id {
                return message;
            }
            self.notices
                .extend(message["method"].as_str().map(str::to_owned));
        }
    }

    /// The result of a tool.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self
            .ask(
                "tools/call",
                json!({ "name": tool, "arguments": arguments }),
            )
            .await;
        let result = answer["result"].clone();
        let text = result["content"][0]["text"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(
            serde_json::from_str::<Value>(text).unwrap(),
            result["structuredContent"]
        );
        result
    }

    /// The error of a tool.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        result["structuredContent"]["error"].clone()
    }

    /// The names of the listed tools.
    pub(crate) async fn tools(&mut self) -> Vec<String> {
        let answer = self.ask("tools/list", json!({})).await;
        let tools = answer["result"]["tools"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Ends the input.
    pub(crate) fn end(&mut self) {
        self.input = None;
    }

    /// Closes the output too, as a client that is gone.
    pub(crate) fn leave(&mut self) {
        self.output = None;
    }

    /// Waits for the exit.
    pub(crate) async fn exit(self) -> Exit {
        tokio::time::timeout(PATIENCE, self.exit)
            .await
            .expect("still running")
            .unwrap()
    }
}

/// An answer of the fake.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// How long the fake holds the answer back.
    pub(crate) after: Duration,
    /// The header `WWW-Authenticate`.
    pub(crate) challenge: Option<&'static str>,
}

impl Says {
    pub(crate) fn new(status: u16, body: impl std::fmt::Display) -> Self {
        Self {
            status,
            body: body.to_string(),
            after: Duration::ZERO,
            challenge: None,
        }
    }

    /// The configuration of a Kestra of `version`.
    pub(crate) fn version(version: &str, edition: &str) -> Self {
        Self::new(
            200,
            json!({ "version": version, "edition": edition, "other": [1] }),
        )
    }

    pub(crate) fn asking_for(mut self, scheme: &'static str) -> Self {
        self.challenge = Some(scheme);
        self
    }

    pub(crate) fn late(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

/// A fake Kestra with an answer for each prefix of a path, and 404 for other paths.
#[derive(Clone, Default)]
pub(crate) struct Fake {
    says: Arc<Mutex<Vec<(String, Says)>>>,
    later: Arc<Mutex<Vec<(String, Says)>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts it with the answer to `/api/v1/configs`.
    pub(crate) async fn start(configs: Says) -> (Self, String) {
        let fake = Self::default();
        fake.say("/api/v1/configs", configs);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = fake.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (fake, address)
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Sets the answer for `path`.
    pub(crate) fn say(&self, path: &str, says: Says) {
        let mut all = self.says.lock().unwrap();
        all.retain(|(known, _)| known != path);
        all.push((path.to_owned(), says));
    }

    /// Sets the answer from the next request for the version on, as an upgrade does.
    pub(crate) fn say_when_asked(&self, path: &str, says: Says) {
        self.later.lock().unwrap().push((path.to_owned(), says));
    }

    /// Method, path and authorization of every request.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How often `path` was requested.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen()
            .iter()
            .filter(|line| line.split(' ').nth(1) == Some(path))
            .count()
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().get("authorization");
    let authorization = authorization
        .map_or("-", |value| value.to_str().unwrap())
        .to_owned();
    fake.seen
        .lock()
        .unwrap()
        .push(format!("{} {path} {authorization}", request.method()));
    if path == "/api/v1/configs" {
        let later: Vec<_> = fake.later.lock().unwrap().drain(..).collect();
        for (path, says) in later {
            fake.say(&path, says);
        }
    }
    let says = fake
        .says
        .lock()
        .unwrap()
        .iter()
        .rev()
        .find(|(known, _)| path.starts_with(known))
        .cloned();
    let says = says.map_or_else(
        || Says::new(404, r#"{"message":"Not Found"}"#),
        |(_, says)| says,
    );
    tokio::time::sleep(says.after).await;
    let mut response = Response::builder()
        .status(says.status)
        .header("content-type", "application/json");
    if let Some(scheme) = says.challenge {
        response = response.header("www-authenticate", scheme);
    }
    response.body(Body::from(says.body)).unwrap()
}
