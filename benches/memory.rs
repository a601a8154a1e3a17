//! The most heap that answers of Kestra take, in bytes and beside their length: the projection of a
//! page of 1 MiB alone, and whole calls from the socket to the answer, for pages, for answers of
//! every shape, and for 64 calls at once.

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
#[path = "support/shapes.rs"]
mod shapes;
#[path = "support/wire.rs"]
mod wire;

use kestra_mcp::secret::Redactor;
use kestra_mcp::tool::project::{self, Bounds};
use page::Rows;
use serde_json::{Value, json};
use shapes::Shape;
use tokio::runtime::Runtime;
use wire::{Client, Framing, peak};

/// The longest answer that the server reads.
const LONGEST: usize = (16 << 20) - 1024;
/// Concurrent calls.
const CALLS: u64 = 64;
/// The most heap that they may take together.
const BUDGET: usize = 256 << 20;

fn times(bytes: usize, body: usize) -> String {
    let hundredths = bytes * 100 / body;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn pages(runtime: &Runtime) {
    let keep = keep::of_executions();
    println!("A page of executions of 1 MiB (goal: at most 2 × the page)\n");
    println!("{:24} {:28} {:>10} {:>7}", "page", "", "bytes", "× page");
    for rows in Rows::ALL {
        let (body, count) = rows.page();
        let show = |what: &str, bytes: usize| {
            let ratio = times(bytes, body.len());
            println!("{:24} {what:28} {bytes:10} {ratio:>7}", rows.as_str());
        };
        let secrets = Redactor::default();
        let bounds = Bounds::of(body.len(), &secrets);
        let (projection, _) = peak(|| project::read(&body, keep, &bounds).unwrap());
        show("projection alone", projection);
        for framing in Framing::ALL {
            let mut client = Client::new(runtime, framing.answer(&body));
            client.warm();
            let list = json!({ "name": "list_executions", "arguments": { "size": 100 } });
            let (bytes, results) = client.call(&list, 1);
            assert_eq!(results[0]["total"], json!(count), "{}", results[0]);
            show(&format!("whole call, {}", framing.as_str()), bytes);
        }
        let (whole, _) = peak(|| serde_json::from_slice::<Value>(&body).unwrap());
        show("serde_json::Value alone", whole);
    }
}

fn shapes(runtime: &Runtime) {
    println!("\nOne call, the answer 16 MiB (goal: at most 3 × the answer), and 1 MiB\n");
    println!(
        "{:36} {:16} {:>10} {:>8} {:>8}",
        "an answer full of", "", "bytes", "×, 16", "×, 1"
    );
    for shape in Shape::ALL {
        for framing in Framing::ALL {
            let ratios = [LONGEST, 1 << 20].map(|bytes| {
                let body = shape.body(bytes - 1024);
                let mut client = Client::new(runtime, framing.answer(&body));
                client.warm();
                let (bytes, _) = client.call(&shape.call(), 1);
                (bytes, times(bytes, body.len()))
            });
            let [(bytes, long), (_, short)] = ratios;
            let (shape, framing) = (shape.as_str(), framing.as_str());
            println!("{shape:36} {framing:16} {bytes:10} {long:>8} {short:>8}");
        }
    }
}

fn at_once(runtime: &Runtime) {
    println!(
        "\n{CALLS} calls at once, the answer 16 MiB, room for {} MiB (goal: 64 MiB more)\n",
        BUDGET >> 20
    );
    println!(
        "{:36} {:16} {:>10} {:>9}",
        "an answer full of", "", "bytes", "answered"
    );
    for shape in [Shape::Labels, Shape::Objects, Shape::Text, Shape::Runs] {
        for framing in Framing::ALL {
            let mut client = Client::new(runtime, framing.answer(&shape.body(LONGEST - 1024)));
            client.warm();
            let (bytes, results) = client.call(&shape.call(), CALLS);
            let answered = results
                .iter()
                .filter(|result| result.get("error").is_none());
            let (shape, framing, answered) = (shape.as_str(), framing.as_str(), answered.count());
            println!("{shape:36} {framing:16} {bytes:10} {answered:>9}");
        }
    }
}

fn main() {
    let runtime = Runtime::new().unwrap();
    pages(&runtime);
    shapes(&runtime);
    at_once(&runtime);
}
