//! `list_flows` of 50 over HTTP with a bearer, 16 in flight: calls a second, and the processor time that
//! the server takes for one. The server is a process of its own; client and upstream share another.
//!
//! `-- vs PATH` pairs it with the same benchmark of another build, round by round. It says which
//! process the server is, for a profiler.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    dead_code,
    unused_imports,
    reason = "a benchmark that panics has failed, its figures are for people, and it uses a part of \
              the stand of the tests"
)]

#[path = "support/load.rs"]
mod load;
#[path = "../tests/http/stand.rs"]
mod stand;
#[path = "support/upstream.rs"]
mod upstream;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use kestra_mcp::kestra::http_client;
use load::{IN_FLIGHT, ROUND, Round, Target, call, median};
use mimalloc::MiMalloc;
use serde_json::{Value, json};
use stand::{ANN_TOKEN, Stand};
use upstream::Upstream;

/// As in the program.
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

const ROUNDS: usize = 5;
const FLOWS: usize = 50;
const FLOW: &str = "
namespace: company.team
description: |
  Takes the orders of the day from the shop, checks them against the warehouse, and loads them into
  the table that the reports of the morning read. Ask the data team before you change it.
labels:
  team: data
  tier: gold
inputs:
  - id: who
    type: STRING
    defaults: World
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: done
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: 0 7 * * *
    inputs:
      who: Everybody
";

/// The server with its own simulator and provider, in front of the upstream at `address`, until its standard
/// input ends.
#[tokio::main]
async fn serve(address: &str) {
    let stand = Stand::with(|world| {
        world.set("KESTRA_API_URL", address);
        world.set("ACCESS_TOKEN_TTL_SECONDS", "900");
    })
    .await;
    println!("{}", stand.simulator.url());
    said().await;
    let now = Arc::clone(&stand.now);
    tokio::spawn(async move {
        // The clock of the stand does not move; entries cached for seconds must expire here.
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            now.fetch_add(100, Ordering::Relaxed);
        }
    });
    for number in 0..FLOWS {
        let source = format!("id: flow-{number:02}{FLOW}");
        stand.simulator.save_flow(&source).unwrap();
    }
    let (_, tokens) = stand.connect("ann").await;
    stand.keep_token("ann", ANN_TOKEN).await;
    println!("{}", json!([stand.url("/mcp"), tokens.access]));
    said().await;
}

/// Waits for a line of standard input, or its end.
async fn said() {
    let line = || std::io::stdin().read_line(&mut String::new()).unwrap();
    tokio::task::spawn_blocking(line).await.unwrap();
}

/// One build of the server.
struct Server {
    name: &'static str,
    child: Child,
    input: ChildStdin,
    target: Target,
}

impl Server {
    /// Every build gets the same `answer` of Kestra.
    async fn start(name: &'static str, program: &str, answer: &Arc<OnceLock<Bytes>>) -> Self {
        let mut upstream = Upstream::of("/flows/search");
        upstream.answer = Arc::clone(answer);
        let address = upstream.listen().await;
        let mut child = Command::new(program)
            .args(["serve", &address])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        upstream
            .simulator
            .set(output.next().unwrap().unwrap())
            .unwrap();
        input.write_all(b"go\n").unwrap();
        // This process answers its requests meanwhile.
        let line = tokio::task::spawn_blocking(move || output.next()).await;
        let [url, token]: [String; 2] =
            serde_json::from_str(&line.unwrap().unwrap().unwrap()).unwrap();
        let http = http_client(None).unwrap();
        let arguments = json!({ "size": FLOWS });
        let request = call(&http, &url, &token, "list_flows", &arguments);
        let answer = http.execute(request.try_clone().unwrap()).await.unwrap();
        let text = answer.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let items = &answer["result"]["structuredContent"]["items"];
        assert_eq!(items.as_array().map(Vec::len), Some(FLOWS), "{answer}");
        println!(
            "{name}: process {}, {} bytes of Kestra become {}",
            child.id(),
            upstream.answer.get().unwrap().len(),
            text.len()
        );
        let target = Target {
            name,
            request,
            http,
        };
        Self {
            name,
            child,
            input,
            target,
        }
    }

    /// Seconds of processor time so far.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / 100.0
    }

    /// A round, and the microseconds of processor time for one call.
    async fn round(&self) -> (Round, f64) {
        let before = self.cpu();
        let round = self.target.round().await;
        let cpu = (self.cpu() - before) * 1e6 / round.times.len() as f64;
        (round, cpu)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has already exited is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |word: &str| {
        let at = arguments.iter().position(|argument| argument == word)?;
        arguments.get(at + 1).cloned()
    };
    match after("serve") {
        Some(address) => serve(&address),
        None => compare(after("vs")),
    }
}

#[tokio::main]
async fn compare(other: Option<String>) {
    let own = std::env::current_exe().unwrap();
    let answer = Arc::default();
    let mut servers = vec![Server::start("this build", own.to_str().unwrap(), &answer).await];
    if let Some(other) = other {
        servers.push(Server::start("the other", &other, &answer).await);
    }
    let mut rounds: Vec<Vec<(Round, f64)>> = servers.iter().map(|_| Vec::new()).collect();
    for turn in 0..=ROUNDS {
        // Interleaved, so that other load on the machine affects all alike.
        for (server, rounds) in servers.iter().zip(&mut rounds) {
            let round = server.round().await;
            if turn > 0 {
                rounds.push(round);
            }
        }
    }
    println!("list_flows of {FLOWS}, {IN_FLIGHT} in flight, {ROUNDS} rounds of {ROUND:?}");
    for (server, rounds) in servers.iter().zip(&rounds) {
        let figure = |of: &dyn Fn(&(Round, f64)) -> f64| median(rounds.iter().map(of).collect());
        println!(
            "{:<12} {:>6.0} calls/s   p50 {:>5.2} ms   p99 {:>5.2} ms   {:>5.0} us of the server",
            server.name,
            figure(&|round| round.0.per_second),
            figure(&|round| round.0.percentile(0.5)),
            figure(&|round| round.0.percentile(0.99)),
            figure(&|round| round.1),
        );
    }
    if let [this, other] = &rounds[..] {
        let ratio = |of: &dyn Fn(&(Round, f64)) -> f64| {
            let pairs = this.iter().zip(other);
            median(pairs.map(|(this, other)| of(this) / of(other)).collect())
        };
        println!(
            "this build to the other: {:.2} of its calls/s, {:.2} of its processor time",
            ratio(&|round| round.0.per_second),
            ratio(&|round| round.1)
        );
    }
}
