//! The emitted text of codegen's fixture: it compiles, and its tools do what their manifest says.
//! The client beside it is written by hand; codegen/tests/emission.rs holds it to the signatures
//! that progenitor gives the same fixture.

#[expect(
    clippy::needless_pass_by_value,
    clippy::result_large_err,
    clippy::too_many_arguments,
    clippy::unused_async,
    reason = "it has the signatures of a generated client"
)]
mod client;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use kestra_mcp::clock::Clock;
use kestra_mcp::tool::path::{self, Send};
use kestra_mcp::tool::target::Ask;
use kestra_mcp::tool::{
    Call, CallCtx, Catalog, Edition, Effect, Error, Line, Reply, Sent, Setting, Tool, Values,
    arguments, catalog,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

macro_rules! line {
    ($module:ident, $name:literal, $line:expr) => {
        mod $module {
            use super::*;

            pub(super) mod client {
                pub(super) use crate::emitted::client::Client;
            }
            #[allow(
                clippy::all,
                clippy::pedantic,
                unreachable_pub,
                unused_imports,
                reason = "generated text"
            )]
            mod send {
                include!(concat!("../../codegen/tests/golden/send-", $name, ".rs"));
            }

            pub(super) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
                catalog(
                    include_str!(concat!(
                        "../../codegen/tests/golden/manifest-",
                        $name,
                        ".json"
                    )),
                    include_str!(concat!("../../codegen/tests/golden/plan-", $name, ".json")),
                    $line,
                )
            });

            pub(super) struct Sender(pub(super) client::Client);

            impl Send for Sender {
                async fn send(&self, operation: &str, values: Values) -> Result<Sent, Error> {
                    send::send(&self.0, operation, values).await
                }
            }

            pub(super) async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
                let inner = ctx.with_routes(&call.tool.routes);
                let client = client::Client::new_with_client(&ctx.base, ctx.http.clone(), inner);
                path::run(ctx, &Sender(client), &call).await
            }
        }
    };
}

line!(v1_3, "1.3", Line::V1_3);
line!(v2_0, "2.0", Line::V2_0);

fn tools(line: Line) -> &'static [Tool] {
    match line {
        Line::V1_3 => &v1_3::CATALOG.tools,
        Line::V2_0 => &v2_0::CATALOG.tools,
    }
}

fn tool(line: Line, name: &str) -> &'static Tool {
    tools(line).iter().find(|tool| tool.name == name).unwrap()
}

/// The answer, and the calls of the client.
async fn call(line: Line, name: &str, arguments: Value) -> (Result<Reply, Error>, Vec<String>) {
    let clock = Clock::Manual(Arc::new(AtomicU64::new(1_781_784_000_000)));
    let (sender, mut text) = unbounded_channel();
    let ctx = CallCtx {
        http: kestra_mcp::kestra::http_client(None).unwrap(),
        base: "http://127.0.0.1:1".into(),
        ui: Some("http://127.0.0.1:1".into()),
        tenant: "main".into(),
        authorization: None,
        line,
        request_id: "r1".into(),
        limits: kestra_mcp::tool::context::Limits::default(),
        memory: Arc::default(),
        clock: clock.clone(),
        progress: Some(sender),
        delivery: kestra_mcp::tool::Delivery::default(),
        cancel: tokio_util::sync::CancellationToken::new(),
        longest: Duration::from_mins(5),
        hurry: tokio_util::sync::CancellationToken::new(),
        repeat: None,
        secrets: kestra_mcp::secret::Redactor::default(),
        permissions: None,
        targets: Ask::new(|_| true),
        deadline: Instant::now() + Duration::from_mins(1),
        routes: &[],
        access: kestra_mcp::tool::Access::Full,
        version: None,
    };
    let tool = tool(line, name);
    let reply = match arguments::check(tool, arguments.as_object().unwrap(), &clock) {
        Ok(arguments) => {
            let call = Call { tool, arguments };
            match line {
                Line::V1_3 => v1_3::dispatch(&ctx, call).await,
                Line::V2_0 => v2_0::dispatch(&ctx, call).await,
            }
        }
        Err(error) => Err(error),
    };
    let mut lines = Vec::new();
    while let Ok(progress) = text.try_recv() {
        lines.push(progress.message);
    }
    (reply, lines)
}

async fn sent(line: Line, name: &str, arguments: Value) -> Vec<String> {
    let (reply, sent) = call(line, name, arguments).await;
    assert!(reply.is_ok(), "{reply:?}");
    sent
}

#[test]
fn each_line_has_its_tools() {
    let names = |line| -> Vec<&str> { tools(line).iter().map(|tool| tool.name.as_str()).collect() };
    let old = [
        "whoami",
        "list_flows",
        "get_flow",
        "check_flow",
        "run_flow",
        "restart_run",
    ];
    assert_eq!(names(Line::V1_3), old);
    assert_eq!(names(Line::V2_0), [&old[..], &["list_apps"]].concat());
}

#[test]
fn the_table_says_what_the_manifest_says() {
    let get = tool(Line::V2_0, "get_flow");
    assert_eq!(get.kestra_permission.as_deref(), Some("FLOW VIEW"));
    assert_eq!(
        tool(Line::V1_3, "get_flow").kestra_permission.as_deref(),
        Some("FLOW READ")
    );
    assert_eq!(get.effect, Effect::Read);
    assert!(get.is_called("show_flow") && !get.is_called("flow"));
    assert_eq!(
        tool(Line::V2_0, "list_apps").needs,
        Some(Edition::Enterprise)
    );
    assert_eq!(get.needs, None);
    assert_eq!(tool(Line::V1_3, "run_flow").wait(), Some("wait_seconds"));
    let sample = Value::Object(get.sample.clone());
    assert_eq!(
        sample,
        json!({ "namespace": "company.team", "flow_id": "hello" })
    );
    let restart = |line| {
        tool(line, "restart_run")
            .request("act")
            .unwrap()
            .operation
            .path
            .as_str()
    };
    assert_eq!(
        restart(Line::V1_3),
        "/api/v1/{tenant}/executions/{executionId}/restart"
    );
    assert_eq!(
        restart(Line::V2_0),
        "/api/v1/{tenant}/executions/{executionId}/actions/restart"
    );
}

#[test]
fn a_setting_changes_a_tool() {
    let plain = tool(Line::V2_0, "whoami");
    let other = plain.with(&[Setting::TokenArgument]);
    assert_eq!(other.description, "Who is connected, and as whom.");
    assert_eq!((plain.arguments.len(), other.arguments.len()), (0, 1));
    assert!(other.input_schema.contains("token") && !plain.input_schema.contains("token"));
    assert_eq!(plain.with(&[]).description, plain.description);
}

#[test]
fn a_broken_manifest_leaves_no_tools() {
    let plan = include_str!("../../codegen/tests/golden/plan-2.0.json");
    for (manifest, plan) in [("", ""), ("{}", ""), ("{}", plan), ("[]", plan)] {
        assert!(catalog(manifest, plan, Line::V2_0).tools.is_empty());
    }
}

#[tokio::test]
async fn parameters_are_what_they_are_bound_to() {
    let arguments = json!({ "namespace": "company.team", "flow_id": "hello", "source": true });
    for line in [Line::V1_3, Line::V2_0] {
        let sent = sent(line, "get_flow", arguments.clone()).await;
        assert_eq!(
            sent,
            [r#"get_flow ["main","company.team","hello",25,true]"#]
        );
    }
}

#[tokio::test]
async fn filters_and_checks_are_those_of_the_line() {
    let arguments = json!({ "namespace": "company", "query": "a", "labels": { "x": "y" } });
    for (line, op) in [(Line::V1_3, "EQUALS"), (Line::V2_0, "CONTAINS")] {
        let (reply, sent) = call(line, "list_flows", arguments.clone()).await;
        let wanted = format!(
            r#"search_flows ["main",{{"filters[labels][EQUALS][x]":"y","filters[namespace][PREFIX]":"company","filters[q][{op}]":"a"}},null,25,["id:asc"]]"#
        );
        assert_eq!(sent, [wanted]);
        let rows = reply.unwrap().0;
        assert_eq!(
            rows["items"],
            json!([{ "namespace": "company.team", "flow_id": "a" }])
        );
        assert_eq!(rows["dropped"], 1);
    }
}

#[tokio::test]
async fn a_body_goes_with_its_media_type() {
    let sent = sent(Line::V2_0, "check_flow", json!({ "source": "id: x" })).await;
    assert_eq!(
        sent,
        [r#"validate_flows ["main","application/x-yaml","id: x"]"#]
    );
}

#[tokio::test]
async fn a_start_runs_what_was_described() {
    let arguments = json!({ "namespace": "company.team", "flow_id": "hello", "inputs": { "who": "Ada" }, "labels": { "a": "b" } });
    let (reply, sent) = call(Line::V1_3, "run_flow", arguments).await;
    assert_eq!(
        sent[0],
        r#"get_flow ["main","company.team","hello",null,null]"#
    );
    assert!(
        sent[1].starts_with(
            r#"create_execution ["main","company.team","hello",["a:b"],7,"multipart/form-data","--"#
        ),
        "{sent:?}"
    );
    assert!(
        sent[1].contains(r#"name=\"who\"\r\n\r\nAda\r\n"#),
        "{sent:?}"
    );
    assert!(
        sent.iter()
            .any(|line| line == r#"get_execution ["main","run1"]"#),
        "{sent:?}"
    );
    assert_eq!(reply.unwrap().0["state"], "SUCCESS");
}

#[tokio::test]
async fn a_segment_of_another_route_is_refused_on_the_line_that_has_it() {
    let arguments =
        json!({ "namespace": "company.team", "flow_id": "restart", "inputs": { "who": "Ada" } });
    let (reply, sent) = call(Line::V1_3, "run_flow", arguments.clone()).await;
    let Err(Error::Invalid { faults, .. }) = reply else {
        panic!("{reply:?}");
    };
    assert_eq!(faults[0].field, "flow_id");
    assert!(
        sent.iter().all(|line| !line.starts_with("create")),
        "{sent:?}"
    );
    assert!(call(Line::V2_0, "run_flow", arguments).await.0.is_ok());
}
