//! Answers that are not delivered, and calls that outlive their token.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use simulator::{Action, Edition, Fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::front::{ANN, CAT, Front, KESTRA_TOKEN, token};
use crate::stand::{ANN_TOKEN, Stand};
use crate::traces::Log;
use crate::wire::jwt;

const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT5S\n";

async fn front() -> Front {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.look = Duration::from_millis(5);
    })
    .await;
    front.simulator.save_flow(FLOW).unwrap();
    // Its first requests to Kestra do not belong to the calls.
    front.done(ANN, "list_flows", json!({})).await;
    front.simulator.forget_requests();
    front
}

fn arguments() -> Value {
    json!({ "namespace": "company.team", "flow_id": "hello", "wait_seconds": 300 })
}

fn message(id: &Value, progress: bool) -> String {
    let mut params = json!({ "name": "execute_flow", "arguments": arguments() });
    if progress {
        params["_meta"] = json!({ "progressToken": "p" });
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

/// Makes Kestra hold back answers of this kind.
fn fault(front: &Front, method: &str, action: Action) {
    front.simulator.fault(Fault {
        method: Some(method.into()),
        path: "*/executions/*".into(),
        times: None,
        action,
    });
}

/// A call in progress, by a client with a connection of its own.
fn begin(front: &Front, bearer: &str, id: &Value, progress: bool) -> JoinHandle<Response> {
    let client = kestra_mcp::kestra::http_client(None).unwrap();
    let request = client
        .post(front.remote.mcp())
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .bearer_auth(bearer)
        .body(message(id, progress));
    tokio::spawn(async move { request.send().await.unwrap() })
}

/// Method and id of the requests about executions.
fn asked(front: &Front, method: &str) -> Vec<String> {
    let received = front.received();
    let of = received
        .iter()
        .filter(|request| request.method == method && request.path.contains("/executions/"));
    of.map(|request| request.path.rsplit('/').next().unwrap().to_owned())
        .collect()
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

/// The id of the execution that a call waits for.
async fn waits(front: &Front) -> String {
    until(|| !asked(front, "GET").is_empty()).await;
    asked(front, "GET").remove(0)
}

async fn numbers(front: &Front) -> String {
    let url = format!("http://{}/metrics", front.remote.numbers);
    let client = kestra_mcp::kestra::http_client(None).unwrap();
    client.get(url).send().await.unwrap().text().await.unwrap()
}

/// Waits until the metrics contain `line`.
async fn counted(front: &Front, line: &str) {
    loop {
        let text = numbers(front).await;
        if text.lines().any(|known| known == line) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

const DROPPED: &str = r#"kestra_mcp_tool_calls_total{tool="execute_flow",outcome="dropped"} 1"#;
const IDLE: &str = "kestra_mcp_tool_calls_in_flight 0";

fn last(text: &str) -> Value {
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    serde_json::from_str(data.next_back().unwrap_or(text)).unwrap()
}

#[tokio::test]
async fn a_client_that_disconnects_finds_the_execution_by_calling_again() {
    for progress in [false, true] {
        let log = Log::of_all();
        let front = front().await;
        fault(&front, "GET", Action::Hang);
        let call = begin(&front, ANN, &json!(1), progress);
        let id = waits(&front).await;
        if progress {
            let mut response = call.await.unwrap();
            let first = response.chunk().await.unwrap().unwrap();
            assert!(String::from_utf8_lossy(&first).contains(&id), "{first:?}");
            drop(response);
        } else {
            call.abort();
        }
        counted(&front, DROPPED).await;
        counted(&front, IDLE).await;
        front.simulator.clear_faults();
        // The same call by another person is a different one.
        front
            .remote
            .gate
            .give("cat", kestra_mcp::kestra::Held::new(&token(KESTRA_TOKEN)));
        let others = front.done(CAT, "execute_flow", arguments()).await;
        assert_ne!(others["execution_id"], id);
        let second = front.done(ANN, "execute_flow", arguments()).await;
        assert_eq!(
            (&second["execution_id"], &second["state"]),
            (&json!(id), &json!("SUCCESS")),
            "{second}"
        );
        assert!(
            second["note"].as_str().unwrap().contains("again: true"),
            "{second}"
        );
        let third = front.done(ANN, "execute_flow", arguments()).await;
        assert_ne!(third["execution_id"], id);
        assert_eq!(asked(&front, "POST").len(), 3);
        let text = log.text();
        let dropped = text
            .lines()
            .filter(|line| line.contains("outcome=\"dropped\"") && line.contains(": called "));
        assert_eq!(dropped.count(), 1, "{text}");
        let errors: Vec<&str> = text.lines().filter(|line| line.contains("ERROR")).collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[tokio::test]
async fn a_start_continues_without_its_client_and_the_next_call_waits_for_it() {
    let front = front().await;
    let kestra = Arc::new(Notify::new());
    fault(&front, "POST", Action::Held(Arc::clone(&kestra)));
    let before = numbers(&front).await;
    let connections = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("kestra_mcp_connections "))
            .unwrap()
            .to_owned()
    };
    let first = begin(&front, ANN, &json!(1), false);
    until(|| !asked(&front, "POST").is_empty()).await;
    first.abort();
    counted(&front, &connections(&before)).await;
    let second = begin(&front, ANN, &json!(1), false);
    counted(&front, "kestra_mcp_tool_calls_in_flight 2").await;
    front.simulator.clear_faults();
    kestra.notify_one();
    let answer: Value = second.await.unwrap().json().await.unwrap();
    let told = &answer["result"]["structuredContent"];
    assert_eq!(told["state"], "SUCCESS", "{answer}");
    assert!(
        told["note"].as_str().unwrap().contains("again: true"),
        "{answer}"
    );
    assert_eq!(asked(&front, "POST").len(), 1);
    assert!(
        asked(&front, "GET")
            .iter()
            .all(|id| told["execution_id"] == **id)
    );
    counted(&front, DROPPED).await;
}

/// The client timed out before the answer came, and closed its connection without reading it.
#[tokio::test]
async fn an_answer_that_was_sent_but_not_read_was_not_delivered() {
    let log = Log::of_all();
    let front = front().await;
    let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
    let body = message(&json!(1), false).replace("300", "0");
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ANN}\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    let mut seen = vec![0; 1 << 16];
    loop {
        let bytes = stream.peek(&mut seen).await.unwrap();
        if String::from_utf8_lossy(&seen[..bytes]).contains("execution_id") {
            break;
        }
    }
    drop(stream);
    until(|| log.text().contains("was not read")).await;
    let mut same = arguments();
    same["wait_seconds"] = json!(0);
    let second = front.done(ANN, "execute_flow", same.clone()).await;
    let id = second["execution_id"].as_str().unwrap();
    assert!(String::from_utf8_lossy(&seen).contains(id), "{second}");
    assert_eq!(asked(&front, "POST").len(), 1);
    front.done(ANN, "execute_flow", same).await;
    assert_eq!(asked(&front, "POST").len(), 2);
}

async fn cancel(front: &Front, bearer: &str, id: &Value) {
    let notice = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": id, "reason": "late" } });
    let request = front.post(notice.to_string()).bearer_auth(bearer);
    let request = request.header("mcp-protocol-version", "2025-11-25");
    assert_eq!(request.send().await.unwrap().status(), 202);
}

#[tokio::test]
async fn cancelling_a_call_ends_its_wait_and_nothing_else() {
    for progress in [false, true] {
        let front = front().await;
        front
            .remote
            .gate
            .give("cat", kestra_mcp::kestra::Held::new(&token(KESTRA_TOKEN)));
        fault(&front, "GET", Action::Hang);
        let call = begin(&front, ANN, &json!("c-1"), progress);
        let id = waits(&front).await;
        // Another grant or another request id cancels nothing.
        cancel(&front, CAT, &json!("c-1")).await;
        cancel(&front, ANN, &json!("c-2")).await;
        let text = numbers(&front).await;
        assert!(text.contains("kestra_mcp_tool_calls_in_flight 1"), "{text}");
        cancel(&front, ANN, &json!("c-1")).await;
        let answer = last(&call.await.unwrap().text().await.unwrap());
        let told = &answer["result"]["structuredContent"];
        assert_eq!(told["execution_id"], id, "{answer}");
        counted(&front, IDLE).await;
        counted(&front, DROPPED).await;
        let killed = front
            .received()
            .iter()
            .filter(|request| request.method == "DELETE")
            .count();
        assert_eq!((killed, asked(&front, "POST").len()), (0, 1));
        front.simulator.clear_faults();
        let second = front.done(ANN, "execute_flow", arguments()).await;
        assert_eq!(
            (&second["execution_id"], &second["state"]),
            (&json!(id), &json!("SUCCESS")),
            "{second}"
        );
    }
}

#[tokio::test]
async fn an_ambiguous_cancellation_ends_no_call_and_is_logged() {
    let log = Log::of_all();
    let front = front().await;
    fault(&front, "GET", Action::Hang);
    let calls = [
        begin(&front, ANN, &json!(1), false),
        begin(&front, ANN, &json!(1), false),
    ];
    until(|| asked(&front, "GET").len() == 2).await;
    cancel(&front, ANN, &json!(1)).await;
    let text = log.text();
    assert!(text.contains("fits several calls in flight"), "{text}");
    let text = numbers(&front).await;
    assert!(text.contains("kestra_mcp_tool_calls_in_flight 2"), "{text}");
    for call in calls {
        call.abort();
    }
    counted(&front, IDLE).await;
}

#[tokio::test]
async fn r17_a_call_outlives_its_token_and_is_answered() {
    for progress in [false, true] {
        let front = front().await;
        let kestra = Arc::new(Notify::new());
        fault(&front, "GET", Action::Held(Arc::clone(&kestra)));
        let call = begin(&front, ANN, &json!(1), progress);
        let id = waits(&front).await;
        front.remote.gate.expire(ANN);
        let refused = begin(&front, ANN, &json!(2), false).await.unwrap();
        assert_eq!(refused.status(), 401);
        let looks = front.remote.gate.looks();
        until_later(&front, looks + 3).await;
        front.simulator.clear_faults();
        kestra.notify_one();
        let answer = last(&call.await.unwrap().text().await.unwrap());
        let told = &answer["result"]["structuredContent"];
        assert_eq!(
            (&told["execution_id"], &told["state"]),
            (&json!(id), &json!("SUCCESS")),
            "{answer}"
        );
    }
}

/// Waits until access was checked this often.
async fn until_later(front: &Front, looks: usize) {
    while front.remote.gate.looks() < looks {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn r17_a_call_ends_with_its_grant_and_names_what_it_started() {
    for progress in [false, true] {
        let front = front().await;
        fault(&front, "GET", Action::Hang);
        let call = begin(&front, ANN, &json!(1), progress);
        let id = waits(&front).await;
        front.remote.gate.revoke(ANN);
        let answer = last(&call.await.unwrap().text().await.unwrap());
        let error = &answer["error"];
        assert_eq!(
            (&answer["id"], &error["code"]),
            (&json!(1), &json!(-32603)),
            "{answer}"
        );
        assert_eq!(error["data"], json!({ "execution_id": id }));
        assert!(error["message"].as_str().unwrap().contains(&id), "{answer}");
        counted(&front, DROPPED).await;
        counted(&front, IDLE).await;
    }
}

#[tokio::test]
async fn a_silent_stream_sends_keep_alives() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.alive = Duration::from_millis(5);
    })
    .await;
    front.simulator.save_flow(FLOW).unwrap();
    fault(&front, "GET", Action::Hang);
    let call = begin(&front, ANN, &json!(1), true);
    let mut response = call.await.unwrap();
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let mut text = String::new();
    // Those before the first notification do not count: it may come late.
    let alive = |text: &str| {
        let (_, after) = text.rsplit_once("data:")?;
        Some(after.lines().filter(|line| line.starts_with(':')).count())
    };
    while alive(&text).is_none_or(|alive| alive < 3) {
        let part = response.chunk().await.unwrap().unwrap();
        text.push_str(&String::from_utf8_lossy(&part));
    }
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("data:"))
            .count(),
        1,
        "{text}"
    );
}

#[tokio::test]
async fn shutdown_answers_waiting_clients() {
    for progress in [false, true] {
        let front = front().await;
        fault(&front, "GET", Action::Hang);
        let call = begin(&front, ANN, &json!(1), progress);
        let id = waits(&front).await;
        front.remote.stop.cancel();
        let answer = last(&call.await.unwrap().text().await.unwrap());
        let told = &answer["result"]["structuredContent"];
        assert_eq!(told["execution_id"], id, "{answer}");
        let note = told["note"].as_str().unwrap();
        assert!(
            note.contains("about to end") && note.contains("get_execution"),
            "{note}"
        );
    }
}

/// A call of Ann's with a token of the real authorization server, and an action while it waits.
async fn waiting(stand: &Stand, access: &str, meanwhile: impl AsyncFnOnce(String)) -> Value {
    let params = json!({ "name": "execute_flow", "arguments": arguments() });
    let call = async {
        let answer = stand.ask(access, "tools/call", params).await;
        answer.json::<Value>().await.unwrap()
    };
    let end = async {
        let seen = || {
            let requests = stand.simulator.requests();
            let mut read = requests
                .iter()
                .filter(|request| request.method == "GET" && request.path.contains("/executions/"));
            read.next()
                .map(|request| request.path.rsplit('/').next().unwrap().to_owned())
        };
        until(|| seen().is_some()).await;
        // The token expires.
        stand.later(1000);
        assert_eq!(
            stand.ask(access, "tools/list", json!({})).await.status(),
            401
        );
        meanwhile(seen().unwrap()).await;
    };
    let (answer, ()) = tokio::join!(call, end);
    answer
}

fn executions(action: Action) -> Fault {
    Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: None,
        action,
    }
}

#[tokio::test]
async fn r17_a_call_that_outlives_its_token_ends_with_the_grant_of_that_token() {
    for way in ["revoke", "disconnect", "sign_out_everywhere"] {
        let stand = Stand::start().await;
        stand.simulator.save_flow(FLOW).unwrap();
        stand.keep_token("ann", ANN_TOKEN).await;
        let (application, tokens) = stand.connect("ann").await;
        let (_, claims) = jwt(&tokens.access);
        stand.simulator.fault(executions(Action::Hang));
        let started = std::cell::RefCell::new(String::new());
        let answer = waiting(&stand, &tokens.access, async |id| {
            *started.borrow_mut() = id;
            if way == "revoke" {
                let fields = vec![
                    ("token", tokens.refresh.clone()),
                    ("client_id", application.id.clone()),
                ];
                assert_eq!(stand.post("/revoke", &fields).await.status, 200);
                return;
            }
            let (browser, page) = stand.account_of("ann").await;
            let grant = claims["sid"].as_str().unwrap();
            let fields: &[(&str, &str)] = if way == "disconnect" {
                &[("grant", grant)]
            } else {
                &[]
            };
            browser.act(&page, way, fields).await;
        })
        .await;
        let error = &answer["error"];
        assert_eq!(error["code"], -32603, "{way}: {answer}");
        assert_eq!(
            error["data"],
            json!({ "execution_id": *started.borrow() }),
            "{way}"
        );
    }
}

#[tokio::test]
async fn r17_a_call_outlives_a_real_token() {
    let stand = Stand::start().await;
    stand.simulator.save_flow(FLOW).unwrap();
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    let kestra = Arc::new(Notify::new());
    stand
        .simulator
        .fault(executions(Action::Held(Arc::clone(&kestra))));
    let answer = waiting(&stand, &tokens.access, async |_| {
        // The first check of its access comes after a second.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        stand.simulator.clear_faults();
        kestra.notify_one();
    })
    .await;
    assert_eq!(
        answer["result"]["structuredContent"]["state"], "SUCCESS",
        "{answer}"
    );
}

/// SDKs close the connection once they have read the event with the answer. Data after it would
/// reset the connection, and the answer would count as not delivered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_its_answer() {
    let front = front().await;
    let body = message(&json!(1), true).replace("300", "0");
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ANN}\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    for number in 0..20 {
        let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
        let request = format!("{head}{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut text, mut part) = (String::new(), vec![0; 1 << 16]);
        while !text.contains("\"result\"") {
            let bytes = stream.read(&mut part).await.unwrap();
            assert!(bytes > 0, "{number}: {text}");
            text.push_str(&String::from_utf8_lossy(&part[..bytes]));
        }
        assert!(text.ends_with("\r\n0\r\n\r\n"), "{number}: {text:?}");
    }
}
