//! The Kestra that the environment names.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use kestra_mcp::kestra::Kestra;
use serde_json::json;

use super::connection::Connection;
use super::{World, basic};

/// Runs `contract` on the Kestra of the environment, in a namespace that is removed afterwards.
pub(crate) async fn on_a_real_kestra(contract: impl AsyncFnOnce(&mut World)) {
    let mut world = World::real().await;
    let ended = std::panic::AssertUnwindSafe(contract(&mut world))
        .catch_unwind()
        .await;
    world.clean_up().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "a real Kestra is named by the environment"
    )]
    async fn real() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let url = get("KESTRA_E2E_URL").expect("KESTRA_E2E_URL names the Kestra to test on");
        let tenant = get("KESTRA_E2E_TENANT").unwrap_or_else(|| "main".into());
        let mut variables = BTreeMap::from([
            ("KESTRA_API_URL".to_owned(), url.clone()),
            ("KESTRA_TENANT".to_owned(), tenant.clone()),
        ]);
        let authorization = if let Some(token) = get("KESTRA_E2E_TOKEN") {
            variables.insert("KESTRA_API_TOKEN".into(), token.clone());
            format!("Bearer {token}")
        } else {
            let name = get("KESTRA_E2E_USERNAME").expect("KESTRA_E2E_USERNAME or KESTRA_E2E_TOKEN");
            let password = get("KESTRA_E2E_PASSWORD").expect("KESTRA_E2E_PASSWORD");
            variables.insert("KESTRA_USERNAME".into(), name.clone());
            variables.insert("KESTRA_PASSWORD".into(), password.clone());
            basic(&name, &password)
        };
        let base = url.trim_end_matches('/');
        let base = base.split_once("/api/v1").map_or(base, |(base, _)| base);
        let api = format!("{base}/api/v1/{tenant}");
        let config = Config::load(&Flags::default(), &variables).unwrap();
        let connection = Connection::stdio(Kestra::new(&config.kestra, Clock::System));
        let mut world = Self::start(connection, api, authorization).await;
        let status = world.call("auth_status", json!({})).await;
        world.is_v2 = status["kestra"]["line"] == "2.0";
        world
    }

    async fn clean_up(&self) {
        let path = format!(
            "/executions/search?size=100&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let (_, page) = self.http("GET", &path, None).await;
        for row in page["results"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().unwrap_or_default();
            let kill = if self.is_v2 { "actions/kill" } else { "kill" };
            self.http("DELETE", &format!("/executions/{id}/{kill}"), None)
                .await;
            self.http("DELETE", &format!("/executions/{id}"), None)
                .await;
        }
        let path = format!(
            "/flows/search?size=100&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let (_, page) = self.http("GET", &path, None).await;
        for row in page["results"].as_array().into_iter().flatten() {
            let (namespace, id) = (
                row["namespace"].as_str().unwrap_or_default(),
                row["id"].as_str().unwrap_or_default(),
            );
            self.http("DELETE", &format!("/flows/{namespace}/{id}"), None)
                .await;
        }
    }
}
