//! Detection of the version of Kestra: what is detected, what is reported when that fails, and what
//! follows from it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::log::Log;
use crate::stand::{Fake, Program, Says};

const TOKEN: (&str, &str) = ("KESTRA_API_TOKEN", "tok-12345678");
const NAMESPACES: &str = "/api/v1/main/flows/distinct-namespaces";

async fn to(url: &str) -> Program {
    Program::greeted(&[("KESTRA_API_URL", url), TOKEN]).await
}

async fn status(program: &mut Program) -> Value {
    program.call("auth_status", json!({})).await["structuredContent"].clone()
}

fn flow() -> Value {
    json!({ "namespace": "company.team", "flow_id": "hello" })
}

#[tokio::test]
async fn a_version_names_the_line_and_the_edition() {
    for (version, edition, line) in [
        ("1.0.4", "OSS", "1.3"),
        ("1.3.19", "EE", "1.3"),
        ("2.0.0-SNAPSHOT", "OSS", "2.0"),
        ("2.0.0", "EE", "2.0"),
        ("3.1.0", "OSS", "2.0"),
    ] {
        let (fake, url) = Fake::start(Says::version(version, edition)).await;
        fake.say(NAMESPACES, Says::new(200, "[]"));
        let mut program = to(&url).await;
        let status = status(&mut program).await;
        let expected = json!({ "address": url, "version": version, "edition": edition,
            "line": line, "tenant": "main", "reachable": true, "credential": "token",
            "accepted": true });
        assert_eq!(status["kestra"], expected);
        assert_eq!(status.get("note"), None);
        assert!(
            status["permissions"]
                .as_array()
                .unwrap()
                .contains(&json!("executions.data"))
        );
        let permissions = status["permissions"].to_string();
        assert_eq!(
            permissions.contains("apps."),
            edition == "EE",
            "{permissions}"
        );
        let lists_apps = program.tools().await.contains(&"list_apps".to_owned());
        assert!(!lists_apps || edition == "EE");
        assert!(
            fake.seen()
                .iter()
                .all(|line| line.ends_with(" Bearer tok-12345678"))
        );
    }
}

#[tokio::test]
async fn the_log_names_the_kestra_once_and_again_when_it_changes() {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    fake.say(NAMESPACES, Says::new(200, "[]"));
    let log = Log::start();
    let found = || log.text().matches("found Kestra").count();
    let asked = || fake.count("/api/v1/configs");
    let mut program = to(&url).await;
    program.refused("get_flow", flow()).await;
    // A miss may come from another version, so the server asks again.
    assert_eq!((asked(), found()), (2, 1), "{}", log.text());
    // Another process, and an upgrade while it runs.
    let mut program = to(&url).await;
    status(&mut program).await;
    assert_eq!(found(), 2, "{}", log.text());
    fake.say_when_asked("/api/v1/configs", Says::version("2.0.0", "OSS"));
    program.refused("get_flow", flow()).await;
    assert_eq!(found(), 3, "{}", log.text());
}

#[tokio::test]
async fn an_administrator_is_reported_as_one() {
    for (me, expected) in [
        (json!({ "superAdmin": true }), Some(true)),
        (
            json!({ "instanceOwner": true, "restricted": false }),
            Some(true),
        ),
        (json!({ "superAdmin": false }), Some(false)),
        (json!({ "id": "x" }), None),
    ] {
        let (fake, url) = Fake::start(Says::version("1.3.19", "EE")).await;
        fake.say(NAMESPACES, Says::new(200, "[]"));
        fake.say("/api/v1/me", Says::new(200, &me));
        let status = status(&mut to(&url).await).await;
        assert_eq!(
            status["kestra"]
                .get("administrator")
                .and_then(Value::as_bool),
            expected,
            "{me}"
        );
        assert_eq!(
            status.get("note").is_some(),
            expected == Some(true),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_public_version_does_not_prove_a_credential() {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    fake.say(NAMESPACES, Says::new(401, ""));
    let status = status(&mut to(&url).await).await;
    assert_eq!(status["kestra"]["accepted"], false);
    assert!(
        status["note"]
            .as_str()
            .unwrap()
            .contains("KESTRA_API_TOKEN"),
        "{status}"
    );
    assert!(!status.to_string().contains("tok-1234"), "{status}");
}

#[tokio::test]
async fn without_settings_every_call_says_which_are_missing() {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    for (variables, missing, named) in [
        (vec![], 4, "KESTRA_API_URL"),
        (vec![TOKEN], 1, "KESTRA_API_URL"),
        (vec![("KESTRA_API_URL", url.as_str())], 3, "KESTRA_USERNAME"),
    ] {
        let mut program = Program::greeted(&variables).await;
        let error = program.refused("get_flow", flow()).await;
        assert_eq!(error["code"], "NOT_CONFIGURED");
        assert_eq!(
            error["variables"].as_array().unwrap().len(),
            missing,
            "{error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{error}"
        );
        let status = status(&mut program).await;
        assert!(status["note"].as_str().unwrap().contains(named), "{status}");
        assert!(status["kestra"].get("accepted").is_none(), "{status}");
    }
    assert_eq!(fake.count(NAMESPACES), 0);
}

#[tokio::test]
async fn an_unreachable_server_is_named_and_tried_again_by_the_next_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut program = to(&format!("http://{address}")).await;
    assert!(!program.tools().await.is_empty());
    let error = program.refused("get_flow", flow()).await;
    assert_eq!(error["code"], "UNREACHABLE");
    assert_eq!(error["address"], format!("http://{address}"));
    assert!(
        error["message"].as_str().unwrap().contains("refused"),
        "{error}"
    );
    assert_eq!(error["retryable"], true);
    let before = status(&mut program).await;
    assert_eq!(before["kestra"]["reachable"], false);
    assert_eq!(before["kestra"].get("line"), None);

    let fake = Fake::default();
    fake.say("/api/v1/configs", Says::version("1.3.0", "OSS"));
    let listener = TcpListener::bind(address).await.unwrap();
    let router = fake.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(status(&mut program).await["kestra"]["line"], "1.3");
}

#[tokio::test]
async fn a_server_that_is_not_kestra_is_reported_as_such() {
    for says in [
        Says::new(200, "<html><body>Welcome</body></html>"),
        Says::new(404, "Not Found"),
        Says::new(302, ""),
        Says::new(200, "{}"),
        Says::new(200, json!({ "version": "next" })),
        Says::new(200, format!("\"{}\"", "x".repeat(2 << 20))),
    ] {
        let (_fake, url) = Fake::start(says.clone()).await;
        let mut program = to(&url).await;
        let error = program.refused("get_flow", flow()).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("KESTRA_API_URL") && !message.contains("html"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn an_old_version_is_refused_with_the_nearest_line() {
    let (_fake, url) = Fake::start(Says::version("0.24.3", "OSS")).await;
    let mut program = to(&url).await;
    let error = program.refused("get_flow", flow()).await;
    let message = "Kestra 0.24.3 is not supported; the nearest supported line is 1.3. Ask the user to \
                   upgrade Kestra.";
    assert_eq!(
        error,
        json!({ "code": "EDITION", "message": message, "retryable": false, "version": "0.24.3", "needs": "Kestra 1.3" })
    );
    let status = status(&mut program).await;
    assert_eq!(status["kestra"]["version"], "0.24.3");
    assert!(!program.tools().await.is_empty());
}

#[tokio::test]
async fn a_version_that_needs_a_credential_refuses_a_wrong_one() {
    let (fake, url) = Fake::start(Says::new(401, "")).await;
    let mut program = to(&url).await;
    let error = program.refused("get_flow", flow()).await;
    assert_eq!(error["code"], "CREDENTIAL_REFUSED");
    assert_eq!(error["retryable"], false);
    let status = status(&mut program).await;
    assert_eq!(status["kestra"]["reachable"], true);
    assert_eq!(status["kestra"]["accepted"], false);
    assert_eq!(fake.count(NAMESPACES), 0);
}

#[tokio::test]
async fn a_failing_server_stays_opaque_and_its_messages_stay_here() {
    let (_fake, url) = Fake::start(Says::new(500, "SELECT * FROM io.kestra.Flow")).await;
    let error = to(&url).await.refused("get_flow", flow()).await;
    assert_eq!(
        (&error["code"], &error["status"]),
        (&json!("UPSTREAM_ERROR"), &json!(500))
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Kestra failed (request "),
        "{error}"
    );
    assert_eq!(error["retryable"], true);
}

#[tokio::test]
async fn a_named_version_is_believed_over_the_server() {
    let (_fake, url) = Fake::start(Says::version("0.24.3", "OSS")).await;
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        TOKEN,
        ("KESTRA_VERSION", "1.3"),
    ];
    let mut program = Program::greeted(&variables).await;
    let status = status(&mut program).await;
    assert_eq!(status["kestra"]["line"], "1.3");
    assert_eq!(status["kestra"]["version"], "0.24.3");
}

#[tokio::test]
async fn a_slow_server_does_not_hold_the_list_and_changes_it_later() {
    let late = Says::version("1.3.19", "EE").late(Duration::from_millis(700));
    let (_fake, url) = Fake::start(late).await;
    let mut program = to(&url).await;
    let list = async |program: &mut Program| {
        program.ask("tools/list", json!({})).await["result"]["tools"].clone()
    };
    let before = list(&mut program).await;
    assert!(!before.to_string().contains("list_apps"));
    assert_eq!(status(&mut program).await["kestra"]["edition"], "EE");
    // One more request, so that the notification arrives before its answer.
    status(&mut program).await;
    let after = list(&mut program).await;
    let answer = program
        .notices
        .contains(&"notifications/tools/list_changed".to_owned());
    assert_eq!(answer, before != after);
}

/// A Kestra whose flows are found again only once it has been asked for its version.
async fn upgraded() -> (Fake, Program) {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    fake.say(NAMESPACES, Says::new(200, "[]"));
    let mut program = to(&url).await;
    assert_eq!(status(&mut program).await["kestra"]["line"], "1.3");
    fake.say_when_asked("/api/v1/configs", Says::version("2.0.1", "OSS"));
    let flow = json!({ "id": "hello", "namespace": "company.team", "revision": 1,
        "source": "id: hello\nnamespace: company.team\n", "tasks": [] });
    fake.say_when_asked(
        "/api/v1/main/flows/company.team/hello",
        Says::new(200, flow),
    );
    (fake, program)
}

#[tokio::test]
async fn a_read_during_an_upgrade_is_answered_by_the_new_line() {
    let (fake, mut program) = upgraded().await;
    let result = program.call("get_flow", flow()).await;
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!(fake.count("/api/v1/configs"), 2);
    assert_eq!(status(&mut program).await["kestra"]["line"], "2.0");
}

#[tokio::test]
async fn a_change_during_an_upgrade_is_not_sent_twice() {
    let (fake, mut program) = upgraded().await;
    let error = program.refused("execute_flow", flow()).await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("UPSTREAM_ERROR"), &json!(true))
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("from 1.3 to 2.0"), "{message}");
    assert!(
        fake.seen()
            .iter()
            .filter(|line| line.starts_with("POST"))
            .count()
            <= 1
    );
}

#[tokio::test]
async fn a_miss_asks_for_the_version_at_most_once_in_a_while() {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    let mut program = to(&url).await;
    for _ in 0..5 {
        assert_eq!(
            program.refused("get_flow", flow()).await["code"],
            "NOT_FOUND"
        );
    }
    assert_eq!(fake.count("/api/v1/configs"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_times_out() {
    let says = Says::version("1.3.19", "OSS").late(Duration::from_hours(24));
    let (_fake, url) = Fake::start(says).await;
    let mut program = to(&url).await;
    let error = program.refused("get_flow", flow()).await;
    assert_eq!(
        (&error["code"], &error["after_seconds"]),
        (&json!("TIMEOUT"), &json!(10))
    );
}

#[tokio::test]
async fn concurrent_calls_share_one_version_request() {
    let late = Says::version("1.3.19", "OSS").late(Duration::from_millis(300));
    let (fake, url) = Fake::start(late).await;
    fake.say(NAMESPACES, Says::new(200, "[]"));
    let mut program = to(&url).await;
    for _ in 0..5 {
        program
            .request("tools/call", json!({ "name": "auth_status" }))
            .await;
    }
    for _ in 0..5 {
        program.receive().await.unwrap();
    }
    assert_eq!(fake.count("/api/v1/configs"), 1);
}

/// A server with an untrusted certificate: its URL, and its authority as PEM.
pub(crate) async fn encrypted(body: Value) -> (String, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (url, cert.pem())
}

#[tokio::test]
async fn a_certificate_is_checked_unless_told_otherwise() {
    let (url, pem) = encrypted(json!({ "version": "1.3.19", "edition": "OSS" })).await;
    let error = to(&url).await.refused("get_flow", flow()).await;
    assert_eq!(error["code"], "UNREACHABLE");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("KESTRA_CA_FILE"),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, pem).unwrap();
    for more in [
        ("KESTRA_CA_FILE", file.to_str().unwrap()),
        ("KESTRA_VERIFY_SSL", "false"),
    ] {
        let mut program = Program::greeted(&[("KESTRA_API_URL", url.as_str()), TOKEN, more]).await;
        let status = status(&mut program).await;
        assert_eq!(status["kestra"]["version"], "1.3.19", "{more:?} {status}");
    }
}

#[tokio::test]
async fn https_to_a_server_without_it_says_so() {
    let (_fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    let url = url.replace("http:", "https:");
    let error = to(&url).await.refused("get_flow", flow()).await;
    assert_eq!(error["code"], "UNREACHABLE");
    assert!(
        error["message"].as_str().unwrap().contains("TLS"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refused_credential_is_reported_with_what_this_kestra_accepts() {
    let basic = [
        ("KESTRA_USERNAME", "ada@example.com"),
        ("KESTRA_PASSWORD", "Correct-Horse-1"),
    ];
    let closed = || Says::new(401, "").asking_for("Basic");
    for (says, variables, message) in [
        (
            closed(),
            vec![TOKEN],
            "open source Kestra takes no API token (401)",
        ),
        (
            Says::version("1.3.19", "OSS"),
            vec![TOKEN],
            "open source Kestra takes no API token (401)",
        ),
        (
            Says::version("2.0.1", "EE"),
            vec![TOKEN],
            "it may have expired",
        ),
        (
            closed(),
            basic.to_vec(),
            "check KESTRA_USERNAME and KESTRA_PASSWORD by logging in",
        ),
        (
            Says::version("2.0.1", "EE"),
            basic.to_vec(),
            "takes no user name and password",
        ),
    ] {
        let (fake, url) = Fake::start(says).await;
        fake.say(NAMESPACES, Says::new(401, ""));
        fake.say("/api/v1/main/flows/company.team/hello", Says::new(401, ""));
        let mut all = vec![("KESTRA_API_URL", url.as_str())];
        all.extend(&variables);
        let mut program = Program::greeted(&all).await;
        let error = program.refused("get_flow", flow()).await;
        assert_eq!(error["code"], "CREDENTIAL_REFUSED", "{message}");
        let note = status(&mut program).await["note"].clone();
        for text in [&error["message"], &note] {
            let text = text.as_str().unwrap();
            assert!(text.contains(message), "{text}");
            assert!(
                text.contains(&format!("variable {}", variables[0].0)),
                "{text}"
            );
            assert!(
                !text.contains("tok-1234") && !text.contains("Horse"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn a_tenant_that_open_source_lacks_is_reported_with_the_remedy() {
    let (fake, url) = Fake::start(Says::version("1.3.19", "OSS")).await;
    let words = json!({ "message": "Tenant must be 'main' for OSS version" });
    for path in ["flows/company.team/hello", "flows/distinct-namespaces"] {
        fake.say(&format!("/api/v1/other/{path}"), Says::new(400, &words));
    }
    let variables = [("KESTRA_API_URL", &*url), TOKEN, ("KESTRA_TENANT", "other")];
    let mut program = Program::greeted(&variables).await;
    let error = program.refused("get_flow", flow()).await;
    assert_eq!(
        (&error["code"], &error["status"]),
        (&json!("UPSTREAM_ERROR"), &json!(400))
    );
    let status = status(&mut program).await;
    for text in [&error["message"], &status["note"]] {
        let text = text.as_str().unwrap();
        assert!(text.contains("there is no tenant other"), "{text}");
        assert!(text.contains("KESTRA_TENANT"), "{text}");
    }
}

#[tokio::test]
async fn a_url_with_a_path_is_reported_with_it() {
    let (fake, url) = Fake::start(Says::new(404, "")).await;
    fake.say("/foo/api/v1/configs", Says::new(404, ""));
    let error = to(&format!("{url}/foo"))
        .await
        .refused("get_flow", flow())
        .await;
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("{url}/foo is not the API")),
        "{message}"
    );
}
