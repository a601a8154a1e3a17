//! How many bytes a model reads: the compact text of the answers to ordinary calls. `cargo test
//! --test it figures -- --nocapture` shows them field by field.

#![expect(
    clippy::print_stdout,
    reason = "the figures are what a person wants to see"
)]

use std::time::Duration;

use serde_json::{Map, Value, json};
use simulator::{Auth, Dialect, Edition, PASSWORD, Settings, Simulator, USERNAME};

use crate::stand::Program;

const NAMESPACE: &str = "company.team";

/// A label, an input, a schedule: no more than most flows have.
const PLAIN: &str = "
namespace: company.team
labels:
  team: data
inputs:
  - id: day
    type: STRING
    defaults: today
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: \"0 4 * * *\"
tasks:
  - id: load
    type: io.kestra.plugin.core.debug.Return
    format: \"{{ inputs.day }}\"
  - id: tell
    type: io.kestra.plugin.core.log.Log
    message: done
outputs:
  - id: loaded
    type: STRING
    value: \"{{ outputs.load.value }}\"
";

struct Stand {
    dialect: Dialect,
    simulator: Simulator,
    program: Program,
}

impl Stand {
    async fn start(dialect: Dialect) -> Self {
        let credential = [("KESTRA_USERNAME", USERNAME), ("KESTRA_PASSWORD", PASSWORD)];
        Self::with(Settings::new(dialect), &credential).await
    }

    async fn with(settings: Settings, credential: &[(&str, &str)]) -> Self {
        let dialect = settings.dialect;
        let simulator = Simulator::start(settings).await.unwrap();
        let url = simulator.url();
        let address = [("KESTRA_API_URL", url.as_str())];
        let program = Program::greeted(&[&address, credential].concat()).await;
        Self {
            dialect,
            simulator,
            program,
        }
    }

    /// Runs `flow_id` to its end.
    async fn run(&mut self, flow_id: &str) -> String {
        let flow = json!({ "namespace": NAMESPACE, "flow_id": flow_id });
        let started = self.program.call("execute_flow", flow).await;
        self.simulator.clock().advance(Duration::from_secs(30));
        let id = &started["structuredContent"]["execution_id"];
        id.as_str()
            .unwrap_or_else(|| panic!("{started}"))
            .to_owned()
    }

    /// The answer to a call, of at most `most` bytes.
    async fn within(&mut self, most: usize, tool: &str, arguments: Value) -> Value {
        let result = self.program.call(tool, arguments).await;
        assert_eq!(result["isError"], false, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let value = result["structuredContent"].clone();
        let fields = by_field(&value);
        println!(
            "Kestra {}: {tool}: {} of {most} bytes; {fields}",
            self.dialect,
            text.len()
        );
        assert!(
            text.len() <= most,
            "Kestra {}: {tool}: {} bytes, not {most}; {fields}\n{text}",
            self.dialect,
            text.len()
        );
        value
    }
}

/// The bytes of each field over all rows, name and punctuation included.
fn by_field(value: &Value) -> String {
    let one = std::slice::from_ref(value);
    let rows = value["items"].as_array().map_or(one, Vec::as_slice);
    let mut bytes: Map<String, Value> = Map::new();
    for (name, member) in rows.iter().filter_map(Value::as_object).flatten() {
        let more = name.len() + member.to_string().len() + 4;
        let sum = bytes.get(name).and_then(Value::as_u64).unwrap_or_default();
        bytes.insert(name.clone(), (sum + more as u64).into());
    }
    let mut parts: Vec<String> = bytes
        .iter()
        .map(|(name, sum)| format!("{name} {sum}"))
        .collect();
    parts.sort();
    parts.join(", ")
}

#[tokio::test]
async fn fifty_plain_flows_are_read_in_8_kib() {
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        for number in 0..50 {
            let source = format!("id: load-orders-{number:02}{PLAIN}");
            stand.simulator.save_flow(&source).unwrap();
        }
        let page = stand
            .within(8192, "list_flows", json!({ "size": 50 }))
            .await;
        assert_eq!(page["items"].as_array().unwrap().len(), 50);
        let row = json!({
            "namespace": NAMESPACE, "flow_id": "load-orders-07", "revision": 1,
            "labels": { "team": "data" }, "inputs": ["day:STRING?"], "triggers": ["Schedule"],
        });
        assert_eq!(page["items"][7], row);
    }
}

#[tokio::test]
async fn twenty_five_executions_are_read_in_6_kib() {
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        let source = format!("id: load-orders{PLAIN}");
        stand.simulator.save_flow(&source).unwrap();
        for _ in 0..25 {
            stand.run("load-orders").await;
        }
        let page = stand.within(6144, "list_executions", json!({})).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 25);
        assert_eq!(page["items"][0]["labels"], json!({ "team": "data" }));
        assert_eq!(page["items"][0]["state"], "SUCCESS");
    }
}

/// The class of the trigger takes 50 more bytes a row, so these have their own limit.
#[tokio::test]
async fn twenty_five_executions_by_a_webhook_are_read_in_6400_bytes() {
    let http = kestra_mcp::kestra::http_client(None).unwrap();
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        let hook =
            "  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: abcd1234";
        let source =
            format!("id: load-orders{PLAIN}").replace("triggers:", &format!("triggers:\n{hook}"));
        stand.simulator.save_flow(&source).unwrap();
        let api = format!("{}/api/v1/main", stand.simulator.url());
        for _ in 0..25 {
            let url = format!("{api}/executions/webhook/{NAMESPACE}/load-orders/abcd1234");
            let answer = http.post(url).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            stand.simulator.clock().advance(Duration::from_secs(30));
        }
        let page = stand.within(6400, "list_executions", json!({})).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 25);
        assert_eq!(page["items"][0]["labels"], json!({ "team": "data" }));
        assert_eq!(
            page["items"][0]["trigger"],
            "io.kestra.plugin.core.trigger.Webhook"
        );
    }
}

#[tokio::test]
async fn an_ordinary_success_is_read_in_1536_bytes() {
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        let source = format!("id: load-orders{PLAIN}");
        stand.simulator.save_flow(&source).unwrap();
        let id = stand.run("load-orders").await;
        let question = json!({ "execution_id": id });
        let read = stand.within(1536, "get_execution", question).await;
        assert_eq!(
            (&read["state"], &read["tasks"]["total"]),
            (&json!("SUCCESS"), &json!(2))
        );
    }
}

/// Every list at its default size, and every answer to a save. Only the source of a flow or an app
/// may be longer.
const ORDINARY: usize = 6144;

#[tokio::test]
async fn ordinary_lists_are_read_in_6_kib() {
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        for number in 0..30 {
            let namespace = format!("company.team-{number:02}");
            let source = format!("id: load-orders-{number:02}{PLAIN}");
            let elsewhere = source.replace(NAMESPACE, &namespace);
            stand.simulator.save_flow(&source).unwrap();
            stand.simulator.save_flow(&elsewhere).unwrap();
            stand.run(&format!("load-orders-{number:02}")).await;
        }
        for (tool, arguments) in [
            ("search_namespaces", json!({})),
            ("search_namespaces", json!({ "query": "team" })),
            ("list_flows", json!({})),
            ("list_flows", json!({ "namespace": NAMESPACE })),
            ("list_flows", json!({ "query": "orders" })),
            ("list_executions", json!({})),
            ("list_executions", json!({ "state": ["SUCCESS"] })),
            ("search_triggers", json!({})),
            ("search_triggers", json!({ "namespace": NAMESPACE })),
        ] {
            let page = stand.within(ORDINARY, tool, arguments).await;
            assert_eq!(page["items"].as_array().unwrap().len(), 25, "{tool}");
        }
    }
}

#[tokio::test]
async fn ordinary_lists_of_apps_are_read_in_6_kib() {
    for dialect in Dialect::ALL {
        let token = "kestra-token-0123456789";
        let settings = Settings {
            edition: Edition::Enterprise,
            auth: Auth::Bearer {
                token: token.into(),
            },
            ..Settings::new(dialect)
        };
        let mut stand = Stand::with(settings, &[("KESTRA_API_TOKEN", token)]).await;
        stand.program.call("auth_status", json!({})).await;
        for number in 0..30 {
            let source = format!(
                "id: order-form-{number:02}\ntype: io.kestra.plugin.ee.apps.Execution\ndisplayName: Order form\nnamespace: {NAMESPACE}\nflowId: hello\ntags: [orders, forms]\n"
            );
            let saved = json!({ "source": source });
            stand.within(ORDINARY, "create_app", saved).await;
        }
        let page = stand.within(ORDINARY, "list_apps", json!({})).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 25);
    }
}

#[tokio::test]
async fn saves_are_answered_in_6_kib_however_long_the_flow() {
    for dialect in Dialect::ALL {
        let mut stand = Stand::start(dialect).await;
        let long = |word: &str| {
            let task = |number| {
                format!(
                    "\n  - id: tell-{number}\n    type: io.kestra.plugin.core.log.Log\n    message: {word} {number}"
                )
            };
            let tasks: String = (0..400).map(task).collect();
            format!(
                "id: load-orders{}",
                PLAIN.replace("tasks:", &format!("tasks:{tasks}"))
            )
        };
        let (one, other) = (long("one"), long("other"));
        for (arguments, outcome) in [
            (json!({ "source": one, "dry_run": true }), "preview"),
            (json!({ "source": one }), "created"),
            (json!({ "source": one }), "unchanged"),
            (json!({ "source": other, "dry_run": true }), "preview"),
            (json!({ "source": other, "base_revision": 1 }), "updated"),
        ] {
            let saved = stand
                .within(ORDINARY, "create_or_update_flow", arguments)
                .await;
            assert_eq!(saved["outcome"], outcome, "{saved}");
        }
        // Refused: a different source, and many faults at once.
        let broken = format!("{one}{}", "  - id: no\n".repeat(200));
        for source in [one.as_str(), broken.as_str()] {
            let refused = stand
                .program
                .call("create_or_update_flow", json!({ "source": source }))
                .await;
            assert_eq!(refused["isError"], true, "{refused}");
            let text = refused["content"][0]["text"].as_str().unwrap();
            assert!(text.len() <= ORDINARY, "{} bytes: {text}", text.len());
        }
        let id = stand.run("load-orders").await;
        let question = json!({ "execution_id": id });
        stand.within(ORDINARY, "kill_execution", question).await;
    }
}
