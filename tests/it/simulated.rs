//! The whole program in front of a simulated Kestra of each line and edition.

use serde_json::{Value, json};
use simulator::{Auth, Clock, Dialect, Edition, PASSWORD, Settings, Simulator, USERNAME};

use crate::stand::Program;

const TOKEN: &str = "tok-0123456789abcdef";

const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT1S\n";

fn settings(dialect: Dialect, edition: Edition) -> Settings {
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
    settings
}

async fn connected(simulator: &Simulator, edition: Edition) -> Program {
    let url = simulator.url();
    let basic = [("KESTRA_USERNAME", USERNAME), ("KESTRA_PASSWORD", PASSWORD)];
    let token = [("KESTRA_API_TOKEN", TOKEN)];
    let credential: &[_] = if edition == Edition::Enterprise {
        &token
    } else {
        &basic
    };
    Program::greeted(&[&[("KESTRA_API_URL", url.as_str())], credential].concat()).await
}

async fn kestra(program: &mut Program) -> Value {
    program.call("auth_status", json!({})).await["structuredContent"]["kestra"].clone()
}

fn flow() -> Value {
    json!({ "namespace": "company.team", "flow_id": "hello" })
}

#[tokio::test]
async fn each_line_and_edition_is_recognised_and_accepts_its_credential() {
    for dialect in Dialect::ALL {
        for edition in [Edition::OpenSource, Edition::Enterprise] {
            let simulator = Simulator::start(settings(dialect, edition)).await.unwrap();
            let mut program = connected(&simulator, edition).await;
            let kestra = kestra(&mut program).await;
            let line = if dialect.is_v2() { "2.0" } else { "1.3" };
            let short = if edition == Edition::Enterprise {
                "EE"
            } else {
                "OSS"
            };
            assert_eq!(
                (&kestra["line"], &kestra["edition"]),
                (&json!(line), &json!(short))
            );
            assert_eq!(kestra["accepted"], true, "{dialect} {kestra}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_reported_on_every_line() {
    for dialect in Dialect::ALL {
        let simulator = Simulator::start(settings(dialect, Edition::OpenSource))
            .await
            .unwrap();
        let url = simulator.url();
        let mut program = Program::greeted(&[
            ("KESTRA_API_URL", url.as_str()),
            ("KESTRA_USERNAME", USERNAME),
            ("KESTRA_PASSWORD", "Wrong-Horse-1"),
        ])
        .await;
        assert_eq!(kestra(&mut program).await["accepted"], false, "{dialect}");
        let error = program.refused("get_flow", flow()).await;
        assert_eq!(error["code"], "CREDENTIAL_REFUSED", "{dialect}: {error}");
        assert!(!error.to_string().contains("Wrong-Horse"), "{error}");
    }
}

#[tokio::test]
async fn a_server_upgraded_in_place_is_used_by_its_new_line() {
    let simulator = Simulator::start(settings(Dialect::V1_3, Edition::OpenSource))
        .await
        .unwrap();
    simulator.save_flow(FLOW).unwrap();
    let mut program = connected(&simulator, Edition::OpenSource).await;
    assert_eq!(program.call("get_flow", flow()).await["isError"], false);
    simulator.upgrade(Dialect::V2_0);
    // An object that exists is found on either line; a miss makes the server ask for the version.
    let missing = json!({ "namespace": "company.team", "flow_id": "missing" });
    assert_eq!(
        program.refused("get_flow", missing).await["code"],
        "NOT_FOUND"
    );
    assert_eq!(kestra(&mut program).await["line"], "2.0");
    assert_eq!(program.call("get_flow", flow()).await["isError"], false);
}

#[tokio::test]
async fn a_waiting_call_reports_progress_to_a_client_that_asks_for_it() {
    let simulator = Simulator::start(settings(Dialect::V1_3, Edition::OpenSource))
        .await
        .unwrap();
    simulator.save_flow(FLOW).unwrap();
    let mut program = connected(&simulator, Edition::OpenSource).await;
    let mut arguments = flow();
    arguments["wait_seconds"] = json!(20);
    let mut call = json!({ "name": "execute_flow", "arguments": arguments });
    let silent = program.ask("tools/call", call.clone()).await;
    assert_eq!(
        silent["result"]["structuredContent"]["state"], "SUCCESS",
        "{silent}"
    );
    assert!(program.notices.is_empty(), "{:?}", program.notices);

    call["_meta"] = json!({ "progressToken": "p1" });
    let id = program.request("tools/call", call).await;
    let mut text = Vec::new();
    loop {
        let message = program.receive().await.unwrap();
        if message["id"] == id {
            break;
        }
        assert_eq!(message["method"], "notifications/progress");
        assert_eq!(message["params"]["progressToken"], "p1");
        text.push(message["params"]["progress"].as_f64().unwrap());
    }
    assert!(!text.is_empty());
    assert!(text.is_sorted_by(|one, next| one < next), "{text:?}");
}

#[tokio::test]
async fn an_input_that_ends_during_a_wait_still_gets_the_outcome() {
    let simulator = Simulator::start(settings(Dialect::V2_0, Edition::OpenSource))
        .await
        .unwrap();
    simulator.save_flow(FLOW).unwrap();
    let mut program = connected(&simulator, Edition::OpenSource).await;
    let mut arguments = flow();
    arguments["wait_seconds"] = json!(20);
    let call = json!({ "name": "execute_flow", "arguments": arguments });
    let id = program.request("tools/call", call).await;
    program.end();
    let answer = program.receive().await.expect("the answer was dropped");
    assert_eq!(
        (&answer["id"], &answer["result"]["isError"]),
        (&json!(id), &json!(false))
    );
    assert_eq!(
        answer["result"]["structuredContent"]["state"], "SUCCESS",
        "{answer}"
    );
}
