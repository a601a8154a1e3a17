//! Measures the release binary from outside: the time to its first list of tools, and its memory
//! when idle. Prints the figures; it fails only if the server does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that panics has failed, and its figures are for people"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Clock, Dialect, PASSWORD, Settings, Simulator, USERNAME};
use tokio::runtime::Runtime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kestra-mcp");
const STARTS: usize = 30;
const RESTS: usize = 3;
/// Milliseconds.
const START_GOAL: f64 = 10.0;
/// MiB.
const MEMORY_GOAL: f64 = 12.0;
/// MiB, in HTTP mode.
const SERVING_GOAL: f64 = 20.0;

/// A client's first request.
#[derive(Clone, Copy)]
enum Lifecycle {
    /// With `initialize`, as up to 2025-11-25.
    Hello,
    /// With `tools/list` itself, as of 2026-07-28.
    Stateless,
}

impl Lifecycle {
    const ALL: [Self; 2] = [Self::Hello, Self::Stateless];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hello => "initialize, 2025-11-25",
            Self::Stateless => "stateless, 2026-07-28",
        }
    }
}

/// The server as a child process, killed on drop.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(variables: &[(&str, String)]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("stdio")
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    fn send(&mut self, message: &Value) {
        self.input
            .write_all(format!("{message}\n").as_bytes())
            .unwrap();
    }

    /// The result of one request.
    fn ask(&mut self, id: u64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the server ended before it answered {method}");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The first list of tools.
    fn list(&mut self, lifecycle: Lifecycle) {
        let client = json!({ "name": "process", "version": "1" });
        let params = match lifecycle {
            Lifecycle::Hello => {
                let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
                    "clientInfo": client });
                self.ask(1, "initialize", &hello);
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
                json!({})
            }
            Lifecycle::Stateless => json!({ "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": client,
                "io.modelcontextprotocol/clientCapabilities": {},
            } }),
        };
        let list = self.ask(2, "tools/list", &params);
        assert!(list["tools"].as_array().is_some_and(|all| !all.is_empty()));
    }
}

/// MiB of `VmRSS` and `RssAnon`.
fn memory(child: &Child) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let mib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024.0
    };
    (mib("VmRSS:"), mib("RssAnon:"))
}

/// Memory of the HTTP mode before the first request.
fn serving(kestra: &str) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let mut child = Command::new(PROGRAM)
        .arg("serve")
        .env_clear()
        .env("KESTRA_API_URL", kestra)
        .env("OIDC_ISSUER_URL", "http://127.0.0.1:1")
        .env("OIDC_CLIENT_ID", "bench")
        .env("OIDC_CLIENT_SECRET", "bench")
        .env(
            "ENCRYPTION_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        )
        .env("KESTRA_MCP_DATA_DIR", folder.path())
        .env("KESTRA_MCP_PORT", port.to_string())
        .env("KESTRA_MCP_METRICS", "off")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "the server ended");
        assert!(start.elapsed() < Duration::from_secs(30), "no listener");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(1));
    let memory = memory(&child);
    let _ = child.kill();
    let _ = child.wait();
    memory
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has already exited is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(variables: &[(&str, String)], lifecycle: Lifecycle) -> f64 {
    let start = Instant::now();
    let mut server = Server::start(variables);
    server.list(lifecycle);
    start.elapsed().as_secs_f64() * 1000.0
}

/// A process of the same binary that serves no client: the baseline of this machine.
fn bare() -> f64 {
    let start = Instant::now();
    let done = Command::new(PROGRAM)
        .arg("--version")
        .env_clear()
        .output()
        .unwrap();
    assert!(done.status.success());
    start.elapsed().as_secs_f64() * 1000.0
}

/// The percentile of ascending figures.
fn rank(figures: &mut [f64], percent: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    let place = (figures.len() * percent).div_ceil(100).max(1);
    *figures.get(place - 1).unwrap()
}

fn main() {
    // Its threads serve the simulator meanwhile.
    let runtime = Runtime::new().unwrap();
    let settings = Settings {
        clock: Clock::system(),
        ..Settings::new(Dialect::V2_0)
    };
    let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
    let configured = [
        ("KESTRA_API_URL", simulator.url()),
        ("KESTRA_USERNAME", USERNAME.to_owned()),
        ("KESTRA_PASSWORD", PASSWORD.to_owned()),
    ];
    let kestras: [(&str, &[(&str, String)]); 2] =
        [("nothing configured", &[]), ("simulated 2.0", &configured)];

    let mut cases = Vec::new();
    for (kestra, variables) in kestras {
        for lifecycle in Lifecycle::ALL {
            cases.push((kestra, variables, lifecycle, Vec::new()));
        }
    }
    let mut floor = Vec::new();
    // Interleaved, so that other load on the machine affects all alike; the first round is discarded.
    for turn in 0..=STARTS {
        let taken = bare();
        if turn > 0 {
            floor.push(taken);
        }
        for (_, variables, lifecycle, times) in &mut cases {
            let taken = start(variables, *lifecycle);
            if turn > 0 {
                times.push(taken);
            }
        }
    }
    println!("Start to first answered tools/list, ms, {STARTS} starts each\n");
    println!(
        "{:20} {:24} {:>7} {:>7} {:>7}",
        "Kestra", "lifecycle", "median", "p90", "goal"
    );
    for (kestra, _, lifecycle, times) in &mut cases {
        println!(
            "{kestra:20} {:24} {:7.1} {:7.1} {START_GOAL:7.1}",
            lifecycle.as_str(),
            rank(times, 50),
            rank(times, 90)
        );
    }
    println!(
        "{:20} {:24} {:7.1} {:7.1}",
        "-",
        "--version, to its end",
        rank(&mut floor, 50),
        rank(&mut floor, 90)
    );

    println!("\nResident memory after 1 s of rest, MiB, median of {RESTS}\n");
    println!(
        "{:20} {:>7} {:>7} {:>7}",
        "Kestra", "VmRSS", "RssAnon", "goal"
    );
    for (kestra, variables) in kestras {
        let (mut all, mut own) = (Vec::new(), Vec::new());
        for _ in 0..RESTS {
            let mut server = Server::start(variables);
            server.list(Lifecycle::Hello);
            std::thread::sleep(Duration::from_secs(1));
            let (resident, anonymous) = memory(&server.child);
            all.push(resident);
            own.push(anonymous);
        }
        println!(
            "{kestra:20} {:7.1} {:7.1} {MEMORY_GOAL:7.1}",
            rank(&mut all, 50),
            rank(&mut own, 50)
        );
    }
    let (mut all, mut own) = (Vec::new(), Vec::new());
    for _ in 0..RESTS {
        let (resident, anonymous) = serving(&simulator.url());
        all.push(resident);
        own.push(anonymous);
    }
    println!(
        "{:20} {:7.1} {:7.1} {SERVING_GOAL:7.1}",
        "serve",
        rank(&mut all, 50),
        rank(&mut own, 50)
    );
}
