//! A Kestra that answers from memory that was there before, a server before it, and a client: so
//! that only the server's own memory is counted.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use kestra_mcp::app;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::runtime::Runtime;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const CONFIGS: &[u8] = br#"{"version":"2.0.0-SNAPSHOT","edition":"OSS"}"#;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length,
    Chunks,
    Gzip,
}

impl Framing {
    pub(crate) const ALL: [Self; 3] = [Self::Length, Self::Chunks, Self::Gzip];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "Content-Length",
            Self::Chunks => "chunked",
            Self::Gzip => "gzip",
        }
    }

    /// A whole answer that closes its connection.
    pub(crate) fn answer(self, body: &[u8]) -> Vec<u8> {
        let mut answer =
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n".to_vec();
        match self {
            Self::Length => {
                answer.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
                answer.extend(body);
            }
            Self::Chunks => {
                answer.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in body.chunks(8192) {
                    answer.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    answer.extend(chunk);
                    answer.extend(b"\r\n");
                }
                answer.extend(b"0\r\n\r\n");
            }
            Self::Gzip => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(body).unwrap();
                let packed = packed.finish().unwrap();
                let head = format!(
                    "Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                    packed.len()
                );
                answer.extend(head.bytes());
                answer.extend(packed);
            }
        }
        answer
    }
}

/// The peak heap of `work`, beyond the heap in use before it.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let made = work();
    (HEAP.peak_usage().saturating_sub(before), made)
}

/// A Kestra that answers what a tool asks for first with `answer`, and what it asks for beside that
/// with nothing; its address.
fn kestra(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let configs = Framing::Length.answer(CONFIGS);
    let beside = Framing::Length.answer(b"{}");
    let answers = Arc::new([configs, beside, answer]);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answers = Arc::clone(&answers);
            // A client that went away is no fault.
            std::thread::spawn(move || drop(serve(stream.unwrap(), &answers)));
        }
    });
    address
}

fn serve(mut stream: TcpStream, answers: &[Vec<u8>; 3]) -> std::io::Result<()> {
    let mut head = [0; 8192];
    let mut length = 0;
    while !head.get(..length).unwrap().ends_with(b"\r\n\r\n") {
        match stream.read(head.get_mut(length..).unwrap())? {
            0 => return Ok(()),
            read => length += read,
        }
    }
    let [configs, beside, answer] = answers;
    let path = std::str::from_utf8(&head).unwrap().split(' ').nth(1);
    let path = path.unwrap().split('?').next().unwrap();
    stream.write_all(if path == "/api/v1/configs" {
        configs
    } else if path.contains("/outputs/") {
        beside
    } else {
        answer
    })
}

/// A server before such a Kestra, and its client.
pub(crate) struct Client<'r> {
    runtime: &'r Runtime,
    input: DuplexStream,
    lines: Lines<BufReader<DuplexStream>>,
    next: u64,
}

impl<'r> Client<'r> {
    pub(crate) fn new(runtime: &'r Runtime, answer: Vec<u8>) -> Self {
        let variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), kestra(answer)),
            ("KESTRA_API_TOKEN".to_owned(), "tok-0123456789".to_owned()),
        ]);
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let (input, theirs) = tokio::io::duplex(1 << 16);
        let (output, mine) = tokio::io::duplex(1 << 16);
        runtime.spawn(async move { app::stdio(&config, Clock::System, theirs, output).await });
        let lines = BufReader::new(mine).lines();
        let mut client = Self {
            runtime,
            input,
            lines,
            next: 0,
        };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "memory", "version": "1" } });
        client.ask("initialize", &hello, 1);
        client
    }

    /// The answers to `count` equal requests at once.
    fn ask(&mut self, method: &str, params: &Value, count: u64) -> Vec<Value> {
        let Self {
            runtime,
            input,
            lines,
            next,
        } = self;
        runtime.block_on(async {
            for _ in 0..count {
                *next += 1;
                let request =
                    json!({ "jsonrpc": "2.0", "id": next, "method": method, "params": params });
                input
                    .write_all(format!("{request}\n").as_bytes())
                    .await
                    .unwrap();
            }
            let mut answers = Vec::new();
            for _ in 0..count {
                let line = lines.next_line().await.unwrap().unwrap();
                answers.push(serde_json::from_str(&line).unwrap());
            }
            answers
        })
    }

    /// The results of `count` equal calls at once, and the most that the server and they held.
    pub(crate) fn call(&mut self, params: &Value, count: u64) -> (usize, Vec<Value>) {
        let (peak, answers) = peak(|| self.ask("tools/call", params, count));
        let results = answers.into_iter();
        let results = results.map(|mut answer| answer["result"]["structuredContent"].take());
        (peak, results.collect())
    }

    /// A call that is not counted, so that what is made once is there.
    pub(crate) fn warm(&mut self) {
        let status = json!({ "name": "auth_status", "arguments": {} });
        self.ask("tools/call", &status, 1);
    }
}
