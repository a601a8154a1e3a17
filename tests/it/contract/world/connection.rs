//! The connection of a client to the server under test.

use std::time::Duration;

use kestra_mcp::app;
use kestra_mcp::kestra::{Held, Kestra};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};

use crate::remote::{self, Remote, Setup};

/// The person who calls over HTTP, and the bearer token of the calls.
const PERSON: &str = "ann";
const TOKEN: &str = "token-of-ann";
/// No test waits longer for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a client reaches the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    /// Standard input and output: one local person, and the credential of the settings.
    Stdio,
    /// HTTP: a person who signed in, with every role, and who registered that credential.
    Http,
}

pub(super) enum Connection {
    Stdio {
        input: DuplexStream,
        output: Lines<BufReader<DuplexStream>>,
    },
    Http {
        remote: Box<Remote>,
        client: reqwest::Client,
        /// What the person registered.
        credential: Held,
    },
}

impl Connection {
    pub(super) async fn open(transport: Transport, kestra: Kestra) -> Self {
        match transport {
            Transport::Stdio => Self::stdio(kestra),
            Transport::Http => Self::http(kestra).await,
        }
    }

    pub(super) fn stdio(kestra: Kestra) -> Self {
        let (input, theirs) = tokio::io::duplex(1 << 20);
        let (output, mine) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { app::serve(kestra, theirs, output).await });
        Self::Stdio {
            input,
            output: BufReader::new(mine).lines(),
        }
    }

    async fn http(kestra: Kestra) -> Self {
        let credential = kestra.own().clone();
        let remote = Remote::start(Setup::new(kestra)).await;
        remote.gate.admit(TOKEN, remote::person(PERSON, &["admin"]));
        remote.gate.give(PERSON, credential.clone());
        Self::Http {
            remote: Box::new(remote),
            credential,
            client: kestra_mcp::kestra::http_client(None).unwrap(),
        }
    }

    /// Registers the credential again after a 401 of Kestra's took it away.
    pub(super) fn register_credential(&self) {
        if let Self::Http {
            remote, credential, ..
        } = self
        {
            remote.gate.give(PERSON, credential.clone());
        }
    }

    /// Sends a message that has no answer.
    pub(super) async fn send(&mut self, message: &Value) {
        match self {
            Self::Stdio { input, .. } => {
                let line = format!("{message}\n");
                input.write_all(line.as_bytes()).await.unwrap();
            }
            Self::Http { remote, client, .. } => {
                let response = post(client, remote, message).await;
                assert_eq!(response.status(), 202, "{message}");
            }
        }
    }

    /// Sends a request; the texts of the notifications before its answer, and of that answer.
    pub(super) async fn request(&mut self, request: &Value) -> (Vec<String>, String) {
        if let Self::Http { remote, client, .. } = self {
            let response = post(client, remote, request).await;
            assert_eq!(response.status(), 200, "{request}");
            let mut messages = messages(response).await;
            let answer = messages.pop().expect("no answer");
            return (messages, answer);
        }
        self.send(request).await;
        let mut before = Vec::new();
        loop {
            let Self::Stdio { output, .. } = self else {
                unreachable!("answered above");
            };
            let line = tokio::time::timeout(PATIENCE, output.next_line()).await;
            let line = line.expect("no answer").unwrap().expect("the output ended");
            let message: Value = serde_json::from_str(&line).expect(&line);
            if message["id"] == request["id"] {
                return (before, line);
            }
            before.push(line);
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

/// The texts of the messages in a response: one, or a stream of them.
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
