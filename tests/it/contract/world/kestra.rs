//! Plain HTTP to the Kestra of a world, which prepares it and looks at it past the server.

use std::time::Duration;

use serde_json::{Value, json};

use super::World;

impl World {
    /// Saves a flow over plain HTTP; `{ns}` in the source is this test's namespace.
    pub(crate) async fn save(&self, source: &str) {
        let source = source.replace("{ns}", &self.namespace);
        let (status, answer) = self
            .http("POST", "/flows", Some(("application/x-yaml", source)))
            .await;
        assert_eq!(status, 200, "cannot save a flow: {answer}");
        let id = answer["id"].as_str().unwrap().to_owned();
        let found = |row: &Value| row["id"] == id.as_str();
        self.until_listed(
            &format!("/flows/search?size=100&filters%5BflowId%5D%5BEQUALS%5D={id}"),
            found,
        )
        .await;
    }

    /// A real Kestra may show what was just made only seconds later (2.0 GA): waits for it.
    async fn until_listed(&self, path: &str, found: impl Fn(&Value) -> bool) {
        if self.simulator.is_some() {
            return;
        }
        for _ in 0..90 {
            let (_, page) = self.http("GET", path, None).await;
            if page["results"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(&found))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{path} does not list what was made");
    }

    /// Waits until an execution is listed as ended.
    pub(crate) async fn until_ended(&self, execution_id: &str) {
        let path = format!(
            "/executions/search?size=100&sort=state.startDate:desc&filters%5Bnamespace%5D%5BPREFIX%5D={}",
            self.namespace
        );
        let found = |row: &Value| row["id"] == execution_id && !row["state"]["endDate"].is_null();
        self.until_listed(&path, found).await;
    }

    /// Replaces a flow over plain HTTP.
    pub(crate) async fn replace(&self, id: &str, source: &str) {
        let source = source.replace("{ns}", &self.namespace);
        let path = format!("/flows/{}/{id}", self.namespace);
        let (status, answer) = self
            .http("PUT", &path, Some(("application/x-yaml", source)))
            .await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Plain HTTP to Kestra, below the tenant.
    pub(crate) async fn http(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, String)>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.api))
            .header("authorization", &self.authorization);
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// Runs `flow_id` to its end; the execution's id.
    pub(crate) async fn run(&mut self, flow_id: &str) -> String {
        let arguments =
            json!({ "namespace": self.namespace, "flow_id": flow_id, "wait_seconds": 60 });
        let done = self.call("execute_flow", arguments).await;
        let id = done["execution_id"].as_str().unwrap().to_owned();
        self.until_ended(&id).await;
        id
    }
}
