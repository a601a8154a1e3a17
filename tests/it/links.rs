//! Links in answers: to the UI that the settings name, or that Kestra names on its own host, or
//! none.

use kestra_mcp::config::{Config, Flags};
use serde_json::{Value, json};

use crate::stand::{Fake, Program, Says, environment};

const FLOW: &str = "/api/v1/main/flows/company.team/hello";

/// A Kestra that names `ui` as the URL of its UI, and has one flow.
async fn kestra(ui: Value) -> (Fake, String) {
    let configs = json!({ "version": "1.3.19", "edition": "OSS", "url": ui });
    let (fake, url) = Fake::start(Says::new(200, configs)).await;
    let flow = json!({ "id": "hello", "namespace": "company.team", "revision": 1,
        "source": "id: hello\nnamespace: company.team\n", "tasks": [] });
    fake.say(FLOW, Says::new(200, flow));
    fake.say(
        "/api/v1/main/flows/distinct-namespaces",
        Says::new(200, "[]"),
    );
    (fake, url)
}

/// The link to that flow, and the line of `doctor` about links.
async fn links(url: &str, more: &[(&str, &str)]) -> (Option<String>, String) {
    let variables = [
        &[
            ("KESTRA_API_URL", url),
            ("KESTRA_API_TOKEN", "tok-0123456789abcdef"),
        ],
        more,
    ]
    .concat();
    let mut program = Program::greeted(&variables).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "hello" });
    let result = program.call("get_flow", flow).await;
    assert_eq!(result["isError"], false, "{result}");
    let link = result["structuredContent"]["url"].as_str();
    let mut doctor = Program::start(&["doctor"], &variables);
    let lines = doctor.lines().await;
    let said: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("  links "))
        .collect();
    assert_eq!(said.len(), 1, "{lines:#?}");
    (link.map(str::to_owned), said[0].clone())
}

const PATH: &str = "/ui/main/flows/edit/company.team/hello";

#[tokio::test]
async fn a_ui_url_from_kestra_is_used_on_the_same_host() {
    for said in [
        "http://127.0.0.1:9/",
        "https://127.0.0.1",
        "http://127.0.0.1:8080/base/",
        "http://127.0.0.1:8080/base/ui/?a=b#c",
    ] {
        let (_fake, url) = kestra(json!(said)).await;
        let (link, doctor) = links(&url, &[]).await;
        let start = said.split("/ui").next().unwrap().trim_end_matches('/');
        assert_eq!(link, Some(format!("{start}{PATH}")), "{said}");
        assert!(
            doctor.starts_with("ok  ") && doctor.contains("as Kestra says"),
            "{doctor}"
        );
    }
}

#[tokio::test]
async fn a_ui_url_from_kestra_on_another_host_is_ignored() {
    for said in [
        json!("https://evil.example/"),
        json!("http://127.0.0.1.evil.example/"),
        json!("http://127.0.0.1@evil.example/"),
        json!("http://evil.example/127.0.0.1"),
        json!("javascript:alert(1)//127.0.0.1"),
        json!("//127.0.0.1/"),
        json!("http://me:word@127.0.0.1/"),
        json!(""),
        json!(null),
    ] {
        let (_fake, url) = kestra(said.clone()).await;
        let (link, doctor) = links(&url, &[]).await;
        assert_eq!(link, None, "{said}");
        assert!(
            doctor.starts_with("warn") && doctor.contains("KESTRA_UI_URL"),
            "{doctor}"
        );
        // The setting works whatever Kestra says.
        let set = [("KESTRA_UI_URL", "https://kestra.example.com/base/ui/")];
        let (link, doctor) = links(&url, &set).await;
        let expected = format!("https://kestra.example.com/base{PATH}");
        assert_eq!(link.as_deref(), Some(expected.as_str()), "{said}");
        assert!(
            doctor.starts_with("ok  ") && doctor.contains("which is set"),
            "{doctor}"
        );
    }
}

#[test]
fn the_ui_url_is_a_plain_url() {
    let load =
        |text: &str| Config::load(&Flags::default(), &environment(&[("KESTRA_UI_URL", text)]));
    for text in [
        "kestra.example",
        "javascript:alert(1)",
        "ftp://kestra.example",
        "https://me:secret-word@kestra.example",
        "https://kestra.example/?a=b",
        "https://kestra.example/#a",
    ] {
        let faults = load(text).unwrap_err().0;
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        let message = faults[0].to_string();
        assert!(message.starts_with("KESTRA_UI_URL: "), "{message}");
        assert!(!message.contains("secret-word"), "{message}");
    }
    let config = load(" https://kestra.example/ui/ ").unwrap();
    let shown = config
        .effective
        .iter()
        .find(|one| one.name == "kestra.ui_url");
    assert_eq!(shown.unwrap().value, "https://kestra.example/");
}
