//! What the recordings do not cover: how executions proceed, injected faults, and release lines
//! without recordings. The names of tests of the latter contain `unproven`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use simulator::{
    Action, Auth, Clock, Dialect, Edition, Fault, Holder, Settings, Simulator, Theirs,
};

#[path = "replay/client.rs"]
mod client;
#[path = "behaviour/engine.rs"]
mod engine;
#[path = "behaviour/enterprise.rs"]
mod enterprise;
#[path = "behaviour/faults.rs"]
mod faults;
#[path = "behaviour/ga.rs"]
mod ga;
#[path = "behaviour/rules.rs"]
mod rules;
#[path = "behaviour/trials.rs"]
mod trials;
#[path = "behaviour/triggers.rs"]
mod triggers;

/// A simulator with shorthands for tests.
struct TestServer(Simulator);

impl TestServer {
    async fn new(dialect: Dialect) -> Self {
        Self::with(Settings::new(dialect)).await
    }

    async fn with(settings: Settings) -> Self {
        Self(Simulator::start(settings).await.unwrap())
    }

    async fn send(
        &self,
        method: &str,
        target: &str,
        media_type: &str,
        body: Value,
    ) -> client::Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<(&str, &str)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let path = if path.starts_with("/api") {
            path.to_owned()
        } else {
            format!("/api/v1/main{path}")
        };
        let headers = if media_type.is_empty() {
            json!({})
        } else {
            json!({"Content-Type": media_type})
        };
        let request = json!({
            "method": method, "path": path, "query": query, "headers": headers,
            "credential": "right", "body": body,
        });
        client::send(&self.0.url(), &request, &BTreeMap::new()).await
    }

    async fn get(&self, target: &str) -> Value {
        let answer = self.send("GET", target, "", Value::Null).await;
        assert_eq!(
            answer.status,
            200,
            "{target}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn status(&self, method: &str, target: &str) -> u64 {
        self.send(method, target, "", Value::Null).await.status
    }

    /// Starts a flow of namespace `t` and returns the id of the execution.
    async fn execute(&self, flow: &str) -> String {
        let answer = self
            .send("POST", &format!("/executions/t/{flow}"), "", Value::Null)
            .await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    fn pass(&self, seconds: u64) {
        self.0.clock().advance(Duration::from_secs(seconds));
    }
}
