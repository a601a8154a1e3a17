//! Read-only mode: the tools that are offered, the answers, and every request that is sent.

use std::collections::BTreeSet;

use kestra_mcp::clock::Clock as OurClock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::generated;
use kestra_mcp::kestra::{CallSettings, Kestra};
use kestra_mcp::tool::{Access, Call, Effect, Line, Tool, arguments};
use serde_json::{Map, Value, json};
use simulator::{Auth, Clock, Dialect, Edition, PASSWORD, Received, Settings, Simulator, USERNAME};

use crate::stand::{Program, environment};

const TOKEN: &str = "tok-0123456789abcdef";
const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT1H\n";
/// The requests that the server sends for itself.
const OWN: &[&str] = &[
    "/api/v1/configs",
    "/api/v1/me",
    "/api/v1/{tenant}/flows/distinct-namespaces",
];

async fn kestra(dialect: Dialect, edition: Edition) -> Simulator {
    let mut settings = Settings {
        edition,
        clock: Clock::system(),
        ..Settings::new(dialect)
    };
    if edition == Edition::Enterprise {
        settings.auth = Auth::Bearer {
            token: TOKEN.to_owned(),
        };
    }
    let simulator = Simulator::start(settings).await.unwrap();
    simulator.save_flow(FLOW).unwrap();
    simulator
}

fn variables(url: &str, edition: Edition) -> Vec<(&'static str, &str)> {
    let mut variables = vec![("KESTRA_API_URL", url), ("KESTRA_MCP_READ_ONLY", "1")];
    match edition {
        Edition::Enterprise => {
            variables.push(("KESTRA_API_TOKEN", TOKEN));
        }
        Edition::OpenSource => {
            variables.extend([("KESTRA_USERNAME", USERNAME), ("KESTRA_PASSWORD", PASSWORD)]);
        }
    }
    variables
}

fn line(dialect: Dialect) -> Line {
    if dialect.is_v2() {
        Line::V2_0
    } else {
        Line::V1_3
    }
}

fn writes(tool: &Tool) -> bool {
    tool.effect != Effect::Read && tool.builtin.is_none()
}

/// The arguments of a typical call about objects that exist.
fn sample(tool: &Tool, execution_id: &str) -> Map<String, Value> {
    let mut arguments = tool.sample.clone();
    let there = [
        ("namespace", "company.team"),
        ("flow_id", "hello"),
        ("execution_id", execution_id),
    ];
    for (name, value) in there {
        if let Some(argument) = arguments.get_mut(name) {
            *argument = value.into();
        }
    }
    arguments.remove("revision");
    arguments
}

/// A running execution that was started without this server.
async fn running(simulator: &Simulator, edition: Edition) -> String {
    let http = kestra_mcp::kestra::http_client(None).unwrap();
    let url = format!(
        "{}/api/v1/main/executions/company.team/hello",
        simulator.url()
    );
    let request = http
        .post(url)
        .header("content-type", "multipart/form-data; boundary=B")
        .body("--B--\r\n");
    let request = match edition {
        Edition::OpenSource => request.basic_auth(USERNAME, Some(PASSWORD)),
        Edition::Enterprise => request.bearer_auth(TOKEN),
    };
    let body = request.send().await.unwrap().bytes().await.unwrap();
    let execution: Value = serde_json::from_slice(&body).unwrap();
    simulator.forget_requests();
    execution["id"].as_str().expect("not started").to_owned()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(word, segment)| word.starts_with('{') || word == segment)
}

/// The requests that neither belong to a reading tool nor to the server itself.
fn strangers(line: Line, requests: &[Received]) -> Vec<String> {
    let listed = |request: &Received| {
        let own = request.method == "GET" && OWN.iter().any(|own| fits(own, &request.path));
        let mut reads = generated::tools(line)
            .iter()
            .filter(|tool| tool.effect == Effect::Read)
            .flat_map(|tool| &tool.routes);
        own || reads.any(|route| route.method == request.method && fits(route.path, &request.path))
    };
    requests
        .iter()
        .filter(|request| !listed(request))
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

#[tokio::test]
async fn only_reads_are_sent_whatever_tool_is_called() {
    for dialect in Dialect::ALL {
        for edition in [Edition::OpenSource, Edition::Enterprise] {
            let simulator = kestra(dialect, edition).await;
            let id = running(&simulator, edition).await;
            let url = simulator.url();
            let mut program = Program::greeted(&variables(&url, edition)).await;
            let status = program.call("auth_status", json!({})).await;
            assert_eq!(status["structuredContent"]["read_only"], true);
            let listed: BTreeSet<String> = program.tools().await.into_iter().collect();
            for tool in generated::tools(line(dialect)) {
                let there = tool.needs.is_none() || edition == Edition::Enterprise;
                assert_eq!(
                    listed.contains(&tool.name),
                    there && !writes(tool),
                    "{}",
                    tool.name
                );
                if !there {
                    continue;
                }
                let result = program.call(&tool.name, sample(tool, &id).into()).await;
                let code = &result["structuredContent"]["error"]["code"];
                assert_eq!(code == "READ_ONLY", writes(tool), "{}: {result}", tool.name);
            }
            let requests = simulator.requests();
            assert_eq!(strangers(line(dialect), &requests), [""; 0], "{dialect}");
            // No read in this build needs a method other than GET.
            assert!(
                requests.iter().all(|request| request.method == "GET"),
                "{dialect}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_names_its_code_and_no_workaround_and_faults_come_first() {
    let simulator = kestra(Dialect::V1_3, Edition::OpenSource).await;
    let url = simulator.url();
    let mut program = Program::greeted(&variables(&url, Edition::OpenSource)).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "hello" });
    let error = program.refused("execute_flow", flow).await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("READ_ONLY"), &json!(false))
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message
            .starts_with("This server is read-only, at least with the Kestra credential in use."),
        "{message}"
    );
    let lower = message.to_lowercase();
    for way in ["--read-only", "kestra_mcp", "setting", "config", "restart"] {
        assert!(!lower.contains(way), "{message}");
    }
    let id = json!({ "execution_id": "webhook/company.team/hello/KEY" });
    let error = program.refused("get_execution", id).await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    let bad = json!({ "namespace": "company.team", "flow_id": "../hello" });
    let error = program.refused("execute_flow", bad).await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    assert_eq!(strangers(Line::V1_3, &simulator.requests()), [""; 0]);
}

#[tokio::test]
async fn a_refusal_needs_no_kestra() {
    let variables = [
        ("KESTRA_API_URL", "http://127.0.0.1:1"),
        ("KESTRA_API_TOKEN", TOKEN),
        ("KESTRA_MCP_READ_ONLY", "true"),
    ];
    let mut program = Program::greeted(&variables).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "hello" });
    assert_eq!(
        program.refused("execute_flow", flow.clone()).await["code"],
        "READ_ONLY"
    );
    assert_eq!(
        program.refused("get_flow", flow).await["code"],
        "UNREACHABLE"
    );
}

/// The last check of a request, behind the policy.
#[tokio::test]
async fn the_http_client_lets_no_change_through_even_past_policy() {
    for dialect in Dialect::ALL {
        let simulator = kestra(dialect, Edition::OpenSource).await;
        let id = running(&simulator, Edition::OpenSource).await;
        let url = simulator.url();
        let variables = environment(&variables(&url, Edition::OpenSource));
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let kestra = Kestra::new(&config.kestra, OurClock::System);
        kestra.server(kestra.own()).await.unwrap();
        let line = line(dialect);
        for tool in generated::tools(line).iter().filter(|tool| writes(tool)) {
            let caller = CallSettings {
                held: kestra.own().clone(),
                access: kestra_mcp::tool::Access::Full,
                request_id: "test".into(),
                progress: None,
                delivery: kestra_mcp::tool::Delivery::default(),
                longest: std::time::Duration::ZERO,
                hurry: tokio_util::sync::CancellationToken::new(),
                repeat: None,
                permissions: None,
                targets: kestra_mcp::tool::target::Ask::new(|_| true),
                deadline: std::time::Instant::now() + std::time::Duration::from_secs(20),
            };
            let ctx = kestra.call_ctx(line, caller).await.unwrap();
            let arguments = arguments::check(tool, &sample(tool, &id), &OurClock::System).unwrap();
            let outcome = generated::dispatch(&ctx, Call { tool, arguments }).await;
            assert!(outcome.is_err(), "{dialect} {}: {outcome:?}", tool.name);
        }
        assert_eq!(strangers(line, &simulator.requests()), [""; 0], "{dialect}");
    }
}

fn access(flags: &Flags, pairs: &[(&str, &str)]) -> Access {
    let config = Config::load(flags, &environment(pairs)).unwrap();
    config.kestra.access
}

#[test]
fn any_source_turns_it_on_and_none_turns_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let config = |truth: bool| write("config.toml", &format!("[mcp]\nread_only = {truth}\n"));
    let beside = |truth: &str| write("beside.env", &format!("KESTRA_MCP_READ_ONLY={truth}\n"));
    for on in 0..16_u8 {
        let said = |bit: u8| on & (1 << bit) != 0;
        let flags = Flags {
            config: Some(config(said(0))),
            env_file: Some(beside(if said(1) { "yes" } else { "no" })),
            ..Flags::default()
        };
        let flags = if said(2) {
            flags.with("read-only", "true")
        } else {
            flags
        };
        let variable = (
            "KESTRA_MCP_READ_ONLY",
            if said(3) { "true" } else { "false" },
        );
        let expected = if on == 0 {
            Access::Full
        } else {
            Access::ReadOnly
        };
        assert_eq!(access(&flags, &[variable]), expected, "{on:04b}");
    }
    assert_eq!(access(&Flags::default(), &[]), Access::Full);
    assert_eq!(
        access(&Flags::default(), &[("KESTRA_MCP_READ_ONLY", " ")]),
        Access::Full
    );
    for other in [true, false] {
        let flags = Flags {
            config: Some(config(other)),
            ..Flags::default()
        };
        let flags = flags.with("read-only", &other.to_string());
        let unclear = environment(&[("KESTRA_MCP_READ_ONLY", "perhaps")]);
        let faults = Config::load(&flags, &unclear).unwrap_err().0;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].place, "KESTRA_MCP_READ_ONLY");
    }
}
