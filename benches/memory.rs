//! The most heap that a page of 1 MiB takes, in bytes and beside the page: the projection alone,
//! and a whole `tools/call` from the socket to the answer. The Kestra of the calls answers from
//! memory that was there before, so that only the server's own is counted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that panics has failed, and its figures are for people"
)]

#[path = "support/keep.rs"]
mod keep;
#[path = "support/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::{app, tool::project};
use page::Rows;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::runtime::Runtime;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const CONFIGS: &[u8] = br#"{"version":"2.0.0-SNAPSHOT","edition":"OSS"}"#;

/// How the length of an answer is told.
#[derive(Clone, Copy)]
enum Framing {
    Length,
    Chunks,
}

impl Framing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "whole call, Content-Length",
            Self::Chunks => "whole call, chunked",
        }
    }

    /// A whole answer that closes its connection.
    fn answer(self, body: &[u8]) -> Vec<u8> {
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
        }
        answer
    }
}

/// The most that `work` held at once, beyond what was held before it.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let made = work();
    let peak = HEAP.peak_usage().saturating_sub(before);
    drop(made);
    peak
}

/// A Kestra whose every list is `answer`; its address.
fn kestra(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let configs = Framing::Length.answer(CONFIGS);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that went away is no fault.
            let _ = serve(stream.unwrap(), &configs, &answer);
        }
    });
    address
}

fn serve(mut stream: TcpStream, configs: &[u8], list: &[u8]) -> std::io::Result<()> {
    let mut head = [0; 8192];
    let mut length = 0;
    while !head.get(..length).unwrap().ends_with(b"\r\n\r\n") {
        match stream.read(head.get_mut(length..).unwrap())? {
            0 => return Ok(()),
            read => length += read,
        }
    }
    let wanted = head.starts_with(b"GET /api/v1/configs ");
    stream.write_all(if wanted { configs } else { list })
}

/// The most that one `tools/call` of `list_executions` held at once, the second of two.
fn call(runtime: &Runtime, answer: Vec<u8>, rows: usize) -> usize {
    let variables = BTreeMap::from([
        ("KESTRA_API_URL".to_owned(), kestra(answer)),
        ("KESTRA_API_TOKEN".to_owned(), "tok-0123456789".to_owned()),
    ]);
    let config = Config::load(&Flags::default(), &variables).unwrap();
    let (mut input, theirs) = tokio::io::duplex(1 << 16);
    let (output, mine) = tokio::io::duplex(1 << 16);
    runtime.spawn(async move { app::stdio(&config, Clock::System, theirs, output).await });
    let mut lines = BufReader::new(mine).lines();
    let mut ask = |id: u64, method: &str, params: Value| {
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let request = format!("{request}\n");
        runtime.block_on(async {
            input.write_all(request.as_bytes()).await.unwrap();
            lines.next_line().await.unwrap().unwrap()
        })
    };
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "memory", "version": "1" } });
    ask(1, "initialize", hello);
    let list = json!({ "name": "list_executions", "arguments": { "size": 100 } });
    ask(2, "tools/call", list.clone());
    let mut answer = String::new();
    let peak = peak(|| answer = ask(3, "tools/call", list));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let total = &answer["result"]["structuredContent"]["total"];
    assert_eq!(total, &json!(rows), "{answer}");
    peak
}

fn main() {
    let keep = keep::of_executions();
    let runtime = Runtime::new().unwrap();
    println!("Peak heap of a page of executions of 1 MiB (goal: at most 2 × the page)\n");
    println!("{:24} {:28} {:>10} {:>7}", "page", "", "bytes", "× page");
    for rows in Rows::ALL {
        let (body, count) = rows.page();
        let show = |what: &str, bytes: usize| {
            let hundredths = bytes * 100 / body.len();
            let ratio = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            println!("{:24} {what:28} {bytes:10} {ratio:>7}", rows.as_str());
        };
        let projection = peak(|| project::read(&body, keep).unwrap());
        show("projection alone", projection);
        show("projection and page", projection + body.len());
        for framing in [Framing::Length, Framing::Chunks] {
            let answer = framing.answer(&body);
            show(framing.as_str(), call(&runtime, answer, count));
        }
        let whole = peak(|| serde_json::from_slice::<Value>(&body).unwrap());
        show("serde_json::Value alone", whole);
    }
}
