//! Start, shutdown and restart of the server.

use std::sync::Arc;

use kestra_mcp::auth::Outside;
use serde_json::{Value, json};
use simulator::{Action, Fault};

use crate::stand::Stand;
use crate::traces::Log;

#[tokio::test]
async fn a_server_on_the_same_database_has_the_same_keys() {
    let mut stand = Stand::start().await;
    let before: Value = keys(&stand).await;
    assert_eq!(before["keys"].as_array().map(Vec::len), Some(1));
    stand.restart().await;
    assert_eq!(keys(&stand).await, before);
}

async fn keys(stand: &Stand) -> Value {
    let url = stand.url("/.well-known/jwks.json");
    stand
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_second_server_on_the_same_database_does_not_start() {
    let stand = Stand::start().await;
    let clock = kestra_mcp::clock::Clock::System;
    let mut setup = stand.setup.clone();
    let http = std::sync::Arc::make_mut(setup.config.http.as_mut().unwrap());
    http.listen.bind.set_port(0);
    let started =
        kestra_mcp::app::http::start(&setup, clock, kestra_mcp::auth::Outside::internet());
    let error = started.await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.starts_with("another server uses it: end that one, or"),
        "{cause}"
    );
    assert!(!cause.contains(stand.database.to_str().unwrap()), "{cause}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named_with_the_remedy() {
    let stand = Stand::start().await;
    let mut setup = stand.setup.clone();
    let http = std::sync::Arc::make_mut(setup.config.http.as_mut().unwrap());
    http.listen.bind.set_port(0);
    // Its folder is a file.
    http.store = stand.database.join("folder/kestra-mcp.db");
    let clock = kestra_mcp::clock::Clock::System;
    let started =
        kestra_mcp::app::http::start(&setup, clock, kestra_mcp::auth::Outside::internet());
    let error = started.await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    let folder = stand.database.join("folder");
    let said = format!("the folder {} cannot be made", folder.display());
    assert!(cause.starts_with(&said), "{cause}");
    assert!(cause.ends_with("KESTRA_MCP_DATA_DIR"), "{cause}");
}

#[tokio::test]
async fn an_unreachable_provider_is_logged_at_the_start_and_stops_nothing() {
    let log = Log::of_all();
    let mut stand = Stand::start().await;
    stand.running().look_at_providers().await;
    assert!(!log.text().contains("nobody can sign in"), "{}", log.text());
    stand.idp.stop().await;
    stand.running().look_at_providers().await;
    let text = log.text();
    assert!(text.contains("nobody can sign in"), "{text}");
    assert!(text.contains("OIDC_ISSUER_URL"), "{text}");
    let ready = stand.http.get(stand.url("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
}

#[tokio::test]
async fn an_issuer_with_an_extra_slash_is_reported_as_the_provider_writes_it() {
    let log = Log::of_all();
    let mut stand = Stand::start().await;
    stand.stop().await;
    let http = Arc::make_mut(stand.setup.config.http.as_mut().unwrap());
    Arc::make_mut(&mut http.providers[0]).issuer.push('/');
    stand.restart().await;
    stand.running().look_at_providers().await;
    let (text, issuer) = (log.text(), stand.idp.issuer());
    assert!(text.contains("set OIDC_ISSUER_URL"), "{text}");
    assert!(
        text.contains(&format!("to {issuer}, byte for byte")),
        "{text}"
    );
    // Each sign-in logs it too.
    let browser = stand.browser_of("ann");
    let page = browser.sign_in(&stand.url("/account")).await;
    assert_eq!(page.status, 503);
    let text = log.text();
    assert!(text.contains(&format!("writes=\"{issuer}\"")), "{text}");
}

#[tokio::test]
async fn text_of_a_provider_cannot_forge_a_log_line() {
    let log = Log::of_all();
    let mut stand = Stand::start().await;
    stand.restart().await;
    let issuer = "https://id.example\n2026-01-01 INFO called person=ann\u{1b}[31m";
    stand.idp.fault(Fault {
        method: None,
        path: "/.well-known/openid-configuration".to_owned(),
        times: None,
        action: Action::Respond {
            status: 200,
            content_type: "application/json".to_owned(),
            body: json!({ "issuer": issuer }).to_string().into_bytes(),
            headers: Vec::new(),
        },
    });
    stand.running().look_at_providers().await;
    let text = log.text();
    assert!(
        text.contains("names the issuer https://id.example2026"),
        "{text}"
    );
    assert!(!text.contains("\n2026-01-01 INFO called"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn the_server_logs_all_its_urls_at_the_start() {
    let log = Log::of_all();
    let stand = Stand::with(|world| world.set("KESTRA_MCP_METRICS", "127.0.0.1:0")).await;
    stand.running().announce();
    let text = log.text();
    let metrics = stand.running().metrics().unwrap();
    for place in [
        format!("{}/mcp", stand.issuer()),
        format!("http://{metrics}/metrics"),
        stand.database.display().to_string(),
    ] {
        assert!(text.contains(&place), "{place}: {text}");
    }
    let door = stand.http.get(stand.url("/")).send().await.unwrap();
    assert_eq!(door.status(), 200);
    let text = door.text().await.unwrap();
    assert!(text.contains("/mcp") && text.contains("/account"), "{text}");
}

#[tokio::test]
async fn an_address_in_use_is_reported_with_its_setting() {
    let stand = Stand::start().await;
    let taken = stand.running().address();
    for setting in ["KESTRA_MCP_PORT", "KESTRA_MCP_METRICS"] {
        let mut setup = stand.setup.clone();
        let http = Arc::make_mut(setup.config.http.as_mut().unwrap());
        if setting == "KESTRA_MCP_METRICS" {
            http.listen.bind.set_port(0);
            http.listen.metrics = Some(taken);
        }
        let clock = kestra_mcp::clock::Clock::System;
        let started = kestra_mcp::app::http::start(&setup, clock, Outside::internet());
        let error = started.await.unwrap_err().to_string();
        assert!(error.contains(&taken.to_string()), "{error}");
        assert!(error.contains(setting), "{error}");
    }
}
