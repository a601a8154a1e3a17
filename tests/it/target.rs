//! The targets that policy checks before a tool acts or reveals anything, and what remains of a
//! call that policy refuses.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kestra_mcp::clock::Clock as OurClock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::generated;
use kestra_mcp::kestra::{CallSettings, Kestra};
use kestra_mcp::tool::target::Ask;
use kestra_mcp::tool::{Access, Call, Code, Delivery, Effect, Error, Line, Reply, Tool, arguments};
use serde_json::{Map, Value, json};
use simulator::{Auth, Clock, Dialect, Edition, Settings, Simulator};
use vocabulary::{Expr, Target};

use crate::stand::environment;

const TOKEN: &str = "tok-0123456789abcdef";
const OURS: &str = "company.team";
const APP: &str = "id: form\ntype: io.kestra.plugin.ee.apps.Execution\ndisplayName: Form\nnamespace: \
                   company.team\nflowId: hello\n";

fn flow(namespace: &str) -> String {
    format!(
        "id: hello\nnamespace: {namespace}\ntasks:\n  - id: rest\n    type: \
         io.kestra.plugin.core.flow.Sleep\n    duration: PT1H\ntriggers:\n  - id: nightly\n    type: \
         io.kestra.plugin.core.trigger.Schedule\n    cron: \"0 4 * * *\"\n"
    )
}

/// The namespaces that policy was asked about, one entry for each check.
type Asked = Arc<Mutex<Vec<Vec<String>>>>;

/// A policy that records the checks, and allows these namespaces, or all if there are none.
fn policy(asked: &Asked, seen: &'static [&'static str]) -> Ask {
    let asked = Arc::clone(asked);
    Ask::new(move |target| {
        let namespaces: Vec<String> = target.namespaces().map(str::to_owned).collect();
        let known = namespaces.iter().all(|name| seen.contains(&name.as_str()));
        asked.lock().unwrap().push(namespaces.clone());
        seen.is_empty() || (known && !namespaces.is_empty())
    })
}

/// A Kestra with a flow, a running execution and an app, and the server in front of it.
struct Stage {
    line: Line,
    simulator: Simulator,
    kestra: Kestra,
    execution: String,
    app: String,
    asked: Asked,
}

impl Stage {
    async fn of(dialect: Dialect) -> Self {
        let settings = Settings {
            edition: Edition::Enterprise,
            auth: Auth::Bearer {
                token: TOKEN.to_owned(),
            },
            clock: Clock::system(),
            ..Settings::new(dialect)
        };
        let simulator = Simulator::start(settings).await.unwrap();
        simulator.save_flow(&flow(OURS)).unwrap();
        let url = simulator.url();
        let variables = [
            ("KESTRA_API_URL", url.as_str()),
            ("KESTRA_API_TOKEN", TOKEN),
        ];
        let config = Config::load(&Flags::default(), &environment(&variables)).unwrap();
        let kestra = Kestra::new(&config.kestra, OurClock::System);
        kestra.server(kestra.own()).await.unwrap();
        let line = if dialect.is_v2() {
            Line::V2_0
        } else {
            Line::V1_3
        };
        let mut stage = Self {
            line,
            simulator,
            kestra,
            execution: String::new(),
            app: String::new(),
            asked: Asked::default(),
        };
        let flow = json!({ "namespace": OURS, "flow_id": "hello" });
        let made = |reply: Reply, name: &str| reply.0[name].as_str().unwrap().to_owned();
        let started = stage.call("execute_flow", flow, &[]).await.unwrap();
        stage.execution = made(started, "execution_id");
        let app = stage.call("create_app", json!({ "source": APP }), &[]);
        stage.app = made(app.await.unwrap(), "uid");
        stage.forget();
        stage
    }

    fn forget(&self) {
        self.asked.lock().unwrap().clear();
        self.simulator.forget_requests();
    }

    fn tools(&self) -> impl Iterator<Item = &'static Tool> + use<> {
        let tools = generated::tools(self.line).iter();
        tools.filter(|tool| tool.builtin.is_none())
    }

    /// The arguments of a typical call about objects that exist.
    fn arguments(&self, tool: &Tool) -> Value {
        if matches!(stated(tool), Target::Rows(_)) {
            let there = tool.args.contains_key("namespace");
            return if there {
                json!({ "namespace": OURS })
            } else {
                json!({})
            };
        }
        let mut arguments: Map<String, Value> = tool.sample.clone();
        let there = [("execution_id", &self.execution), ("uid", &self.app)];
        for (name, value) in there {
            if let Some(argument) = arguments.get_mut(name) {
                *argument = value.as_str().into();
            }
        }
        // The flow has no inputs.
        arguments.remove("inputs");
        arguments.into()
    }

    async fn call(
        &self,
        name: &str,
        arguments: Value,
        seen: &'static [&'static str],
    ) -> Result<Reply, Error> {
        let caller = CallSettings {
            held: self.kestra.own().clone(),
            access: Access::Full,
            request_id: "test".into(),
            progress: None,
            delivery: Delivery::default(),
            longest: Duration::ZERO,
            hurry: tokio_util::sync::CancellationToken::new(),
            repeat: None,
            permissions: None,
            targets: policy(&self.asked, seen),
            deadline: Instant::now() + Duration::from_secs(30),
        };
        let ctx = self.kestra.call_ctx(self.line, caller).await.unwrap();
        let mut tools = generated::tools(self.line).iter();
        let tool = tools.find(|tool| tool.name == name).unwrap();
        let arguments = arguments::check(tool, arguments.as_object().unwrap(), &OurClock::System);
        let arguments = arguments.unwrap();
        generated::dispatch(&ctx, Call { tool, arguments }).await
    }

    /// The distinct checks.
    fn asked(&self) -> BTreeSet<Vec<String>> {
        self.asked.lock().unwrap().iter().cloned().collect()
    }

    /// Method and path of the requests that were sent.
    fn left(&self) -> Vec<String> {
        let requests = self.simulator.requests();
        let each = requests.iter();
        each.map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }
}

fn stated(tool: &Tool) -> &'static Target {
    &tool.entry.target.as_ref().expect("no target").node
}

#[tokio::test]
async fn policy_sees_the_namespace_of_each_call() {
    for dialect in Dialect::ALL {
        let stage = Stage::of(dialect).await;
        for tool in stage.tools() {
            stage.forget();
            // It may fail: the flow exists already.
            let answer = stage.call(&tool.name, stage.arguments(tool), &[]).await;
            let asked = stage.asked();
            let name = &tool.name;
            let team = vec![OURS.to_owned()];
            match stated(tool) {
                Target::None(_) => assert!(asked.is_empty(), "{dialect} {name}: {asked:?}"),
                Target::At(_) => {
                    assert_eq!(
                        asked,
                        BTreeSet::from([team]),
                        "{dialect} {name}: {answer:?}"
                    );
                }
                Target::Rows(_) => {
                    let parents = ["company", OURS];
                    let known = |found: &Vec<String>| {
                        found.len() == 1 && parents.contains(&found[0].as_str())
                    };
                    assert!(asked.iter().all(known), "{dialect} {name}: {asked:?}");
                    assert!(
                        asked.contains(&team),
                        "{dialect} {name}: {asked:?} {answer:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_call_that_policy_refuses_does_and_reveals_nothing() {
    for dialect in Dialect::ALL {
        let stage = Stage::of(dialect).await;
        for tool in stage.tools() {
            let name = &tool.name;
            let read_first = match stated(tool) {
                Target::At(Expr::Step(..)) => true,
                Target::At(_) => false,
                Target::Rows(_) | Target::None(_) => continue,
            };
            stage.forget();
            let answer = stage.call(name, stage.arguments(tool), &["other"]).await;
            let error = answer.expect_err(name);
            assert!(
                matches!(error, Error::Hidden { .. }),
                "{dialect} {name}: {error:?}"
            );
            assert_eq!((error.code(), error.retryable()), (Code::NotFound, false));
            assert_eq!(error.fields(), Map::new(), "{dialect} {name}");
            assert!(
                !error.to_string().contains(OURS),
                "{dialect} {name}: {error}"
            );
            let left = stage.left();
            if read_first {
                // Only the read that names the target is sent: no act, and nothing for the answer.
                assert_eq!(left.len(), 1, "{dialect} {name}: {left:?}");
                assert!(left[0].starts_with("GET "), "{dialect} {name}: {left:?}");
            } else {
                assert_eq!(left, [""; 0], "{dialect} {name}");
            }
        }
    }
}

#[tokio::test]
async fn rows_that_policy_refuses_are_counted_but_not_shown() {
    for dialect in Dialect::ALL {
        let stage = Stage::of(dialect).await;
        let other = flow("company.team.secret").replace("hello", "hidden");
        stage.simulator.save_flow(&other).unwrap();
        for tool in stage.tools() {
            if !matches!(stated(tool), Target::Rows(_)) {
                continue;
            }
            let name = &tool.name;
            let all = stage.call(name, stage.arguments(tool), &[]).await.unwrap();
            let rows = all.0["items"].as_array().unwrap().len();
            let answer = stage.call(name, stage.arguments(tool), &["other"]).await;
            let Reply(refused) = answer.unwrap();
            assert_eq!(refused["items"], json!([]), "{dialect} {name}");
            assert_eq!(refused["dropped"], rows, "{dialect} {name}: {refused}");
            assert!(
                refused.get("total").is_none(),
                "{dialect} {name}: {refused}"
            );
            assert!(
                !refused.to_string().contains("company"),
                "{dialect} {name}: {refused}"
            );
            let answer = stage.call(name, stage.arguments(tool), &[OURS]).await;
            let Reply(partly) = answer.unwrap();
            let text = partly.to_string();
            assert!(text.contains(OURS), "{dialect} {name}: {text}");
            assert!(
                !text.contains("secret") && !text.contains("hidden"),
                "{dialect} {name}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn candidates_for_a_miss_are_only_those_that_may_be_seen() {
    for dialect in Dialect::ALL {
        let stage = Stage::of(dialect).await;
        stage.simulator.save_flow(&flow("company.other")).unwrap();
        let miss = json!({ "namespace": "company.none", "flow_id": "hello" });
        let mut shown = Vec::new();
        for seen in [&[][..], &["company.none", OURS][..]] {
            let error = stage.call("get_flow", miss.clone(), seen).await;
            let near = &error.unwrap_err().fields()["near"];
            let mut names: Vec<String> = near
                .as_array()
                .unwrap()
                .iter()
                .map(|flow| flow["namespace"].as_str().unwrap().to_owned())
                .collect();
            names.sort();
            shown.push(names);
        }
        let (ours, other) = (OURS.to_owned(), "company.other".to_owned());
        assert_eq!(shown, [vec![other, ours.clone()], vec![ours]], "{dialect}");
    }
}

#[tokio::test]
async fn an_unreadable_source_sends_only_its_validation() {
    for dialect in Dialect::ALL {
        let stage = Stage::of(dialect).await;
        let source = "id: hello\nnamespace: company.team\ntasks: [\n";
        let arguments = json!({ "source": source });
        let answer = stage.call("create_or_update_flow", arguments, &["other"]);
        assert_eq!(
            answer.await.unwrap_err().code(),
            Code::ValidationFailed,
            "{dialect}"
        );
        let left = stage.left();
        assert!(
            left.len() == 1 && left[0].ends_with("/flows/validate"),
            "{dialect}: {left:?}"
        );
    }
}

#[test]
fn every_change_names_its_target() {
    for line in Line::ALL {
        for tool in generated::tools(*line) {
            let changes = tool.builtin.is_none() && tool.effect != Effect::Read;
            let message = matches!(
                tool.target.as_deref(),
                Some(Target::At(_) | Target::None(_))
            );
            assert!(!changes || message, "{}", tool.name);
        }
    }
}
