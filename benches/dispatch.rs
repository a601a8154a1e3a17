//! One `tools/call` from message to message, in process, with a simulated Kestra of each release
//! line; beside each the same request to that Kestra over plain HTTP, which is not the server's share.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark that panics has failed"
)]

#[path = "support/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use criterion::Criterion;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::{app, kestra};
use page::Rows;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault, PASSWORD, Settings, Simulator, USERNAME};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::runtime::Runtime;

const FLOW: &str = "
namespace: company.team
labels:
  team: data
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
";

/// A server, its client, and the Kestra behind it.
struct Stand {
    simulator: Simulator,
    input: DuplexStream,
    output: Lines<BufReader<DuplexStream>>,
    http: reqwest::Client,
    asked: u64,
}

impl Stand {
    /// With 50 flows and 25 executions.
    async fn start(dialect: Dialect) -> Self {
        let simulator = Simulator::start(Settings::new(dialect)).await.unwrap();
        let variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), simulator.url()),
            ("KESTRA_USERNAME".to_owned(), USERNAME.to_owned()),
            ("KESTRA_PASSWORD".to_owned(), PASSWORD.to_owned()),
        ]);
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let (input, theirs) = tokio::io::duplex(1 << 20);
        let (output, mine) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { app::stdio(&config, Clock::System, theirs, output).await });
        let http = kestra::http_client(None).unwrap();
        let output = BufReader::new(mine).lines();
        let mut stand = Self {
            simulator,
            input,
            output,
            http,
            asked: 0,
        };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "dispatch", "version": "1" } });
        stand.ask(&request("initialize", &hello)).await;
        for number in 0..50 {
            let source = format!("id: flow-{number:02}{FLOW}");
            stand.simulator.save_flow(&source).unwrap();
        }
        for _ in 0..25 {
            let flow = json!({ "namespace": "company.team", "flow_id": "flow-07" });
            stand.ask(&call("execute_flow", &flow)).await;
            stand.simulator.clock().advance(Duration::from_mins(1));
        }
        stand
    }

    /// The answer to one message, whose `ID` becomes an unused number.
    async fn ask(&mut self, line: &str) -> String {
        self.asked += 1;
        let line = line.replacen("\"ID\"", &self.asked.to_string(), 1);
        self.input.write_all(line.as_bytes()).await.unwrap();
        self.output.next_line().await.unwrap().unwrap()
    }

    /// The same, for an answer that must be a result without an error.
    async fn result(&mut self, line: &str) -> Value {
        let answer: Value = serde_json::from_str(&self.ask(line).await).unwrap();
        assert!(
            answer["result"]["isError"] != true && answer.get("error").is_none(),
            "{answer}"
        );
        answer["result"].clone()
    }

    /// The request that the server sends to Kestra for `line`, to be repeated.
    async fn sent(&mut self, line: &str) -> reqwest::Request {
        self.simulator.forget_requests();
        self.result(line).await;
        let sent = self.simulator.requests();
        let [sent] = sent.as_slice() else {
            panic!("not one request: {sent:?}")
        };
        let base = format!("{}{}", self.simulator.url(), sent.path);
        let mut url = url::Url::parse(&base).unwrap();
        if !sent.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&sent.query);
        }
        let request = self.http.get(url).basic_auth(USERNAME, Some(PASSWORD));
        request.build().unwrap()
    }
}

fn request(method: &str, params: &Value) -> String {
    let message = json!({ "jsonrpc": "2.0", "id": "ID", "method": method, "params": params });
    format!("{message}\n")
}

fn call(tool: &str, arguments: &Value) -> String {
    request(
        "tools/call",
        &json!({ "name": tool, "arguments": arguments }),
    )
}

/// Measures the call of `line`, and its request to Kestra alone.
fn pair(criterion: &mut Criterion, runtime: &Runtime, stand: &mut Stand, name: &str, line: &str) {
    let mut group = criterion.benchmark_group(name);
    let plain = runtime.block_on(stand.sent(line));
    group.bench_function("tools/call", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    // A growing list of requests would slow the simulator down.
                    stand.simulator.forget_requests();
                    stand.ask(line).await;
                }
                start.elapsed()
            })
        });
    });
    group.bench_function("plain HTTP", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    stand.simulator.forget_requests();
                    let request = plain.try_clone().unwrap();
                    let response = stand.http.execute(request).await.unwrap();
                    response.bytes().await.unwrap();
                }
                start.elapsed()
            })
        });
    });
    group.finish();
}

fn dispatch(criterion: &mut Criterion, runtime: &Runtime, dialect: Dialect) {
    let mut stand = runtime.block_on(Stand::start(dialect));
    let stand = &mut stand;
    let flows = call("list_flows", &json!({ "size": 50 }));
    let executions = call("list_executions", &json!({}));
    let (found, page) =
        runtime.block_on(async { (stand.result(&flows).await, stand.result(&executions).await) });
    let rows = |page: &Value| page["structuredContent"]["items"].as_array().map(Vec::len);
    assert_eq!((rows(&found), rows(&page)), (Some(50), Some(25)));
    let id = &page["structuredContent"]["items"][0]["execution_id"];
    let one = call("get_execution", &json!({ "execution_id": id }));

    let list = request("tools/list", &json!({}));
    runtime.block_on(stand.result(&list));
    criterion.bench_function(&format!("Kestra {dialect}: tools/list"), |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..times {
                    stand.ask(&list).await;
                }
                start.elapsed()
            })
        });
    });
    let mut pair = |name: &str, line: &str| {
        let name = format!("Kestra {dialect}: {name}");
        pair(criterion, runtime, stand, &name, line);
    };
    pair("get_execution", &one);
    pair("list_flows, 50 rows", &flows);
    pair("list_executions, 25 rows", &executions);
}

/// A page of 1 MiB through the generated dispatch.
fn large(criterion: &mut Criterion, runtime: &Runtime) {
    let mut stand = runtime.block_on(Stand::start(Dialect::V2_0));
    for rows in Rows::ALL {
        stand.simulator.clear_faults();
        stand.simulator.fault(Fault {
            method: None,
            path: "*/executions/search".to_owned(),
            times: None,
            action: Action::Respond {
                status: 200,
                content_type: "application/json".to_owned(),
                body: rows.page().0,
                headers: Vec::new(),
            },
        });
        let line = call("list_executions", &json!({}));
        let name = format!("list_executions, 1 MiB of {}", rows.as_str());
        pair(criterion, runtime, &mut stand, &name, &line);
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let runtime = Runtime::new().unwrap();
    for dialect in [Dialect::V1_3, Dialect::V2_0] {
        dispatch(&mut criterion, &runtime, dialect);
    }
    large(&mut criterion, &runtime);
    criterion.final_summary();
}
