//! That the whole starts, ends, and starts again.

use serde_json::Value;

use crate::stand::Stand;

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
    assert!(cause.contains("another server"), "{cause}");
}
