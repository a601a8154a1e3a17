//! A stand-in for a generated client: the same methods, without a network. It reports its arguments
//! as the call's progress, and answers as Kestra might.

use std::collections::BTreeMap;

use kestra_mcp::tool::CallCtx;
use kestra_mcp::tool::context::Progress;
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde_json::{Value, json};

type Sent = Result<ResponseValue<ByteStream>, Error<()>>;

/// What the emitted text uses of progenitor's client.
pub(crate) struct Client(CallCtx);

impl Client {
    pub(crate) fn new_with_client(base: &str, _: reqwest::Client, inner: CallCtx) -> Self {
        assert_eq!(base, &*inner.base);
        Self(inner)
    }

    pub(crate) async fn create_execution<B: Into<reqwest::Body>>(
        &self,
        tenant: &str,
        namespace: &str,
        id: &str,
        labels: Option<&Vec<String>>,
        revision: Option<i64>,
        content_type: &str,
        body: B,
    ) -> Sent {
        let media = content_type.split(';').next();
        let body = text(body);
        let given = json!([tenant, namespace, id, labels, revision, media, body]);
        let answer = json!({ "id": "run1", "state": { "current": "RUNNING" } });
        self.answer("create_execution", given, answer)
    }

    pub(crate) async fn get_execution(&self, tenant: &str, execution_id: &str) -> Sent {
        let answer = json!({ "id": execution_id, "state": { "current": "SUCCESS" } });
        self.answer("get_execution", json!([tenant, execution_id]), answer)
    }

    pub(crate) async fn get_flow(
        &self,
        tenant: &str,
        namespace: &str,
        id: &str,
        revision: Option<i64>,
        source: Option<bool>,
    ) -> Sent {
        let inputs = json!([{ "id": "who", "type": "STRING" }]);
        let answer = json!({ "namespace": namespace, "id": id, "revision": 7, "inputs": inputs, "tasks": [1, 2] });
        let given = json!([tenant, namespace, id, revision, source]);
        self.answer("get_flow", given, answer)
    }

    pub(crate) async fn list_apps(&self, tenant: &str) -> Sent {
        self.answer("list_apps", json!([tenant]), json!({ "results": [] }))
    }

    pub(crate) async fn restart_execution(&self, tenant: &str, execution_id: &str) -> Sent {
        let answer = json!({ "id": execution_id, "state": { "current": "RUNNING" } });
        self.answer("restart_execution", json!([tenant, execution_id]), answer)
    }

    pub(crate) async fn search_flows(
        &self,
        tenant: &str,
        filters: Option<&BTreeMap<String, String>>,
        page: Option<i64>,
        size: Option<i64>,
        sort: Option<&Vec<String>>,
    ) -> Sent {
        let rows = json!([{ "namespace": "company.team", "id": "a" }, { "namespace": "other", "id": "b" }]);
        let given = json!([tenant, filters, page, size, sort]);
        self.answer(
            "search_flows",
            given,
            json!({ "results": rows, "total": 2 }),
        )
    }

    pub(crate) async fn search_logs(
        &self,
        tenant: &str,
        filters: Option<&BTreeMap<String, String>>,
        page: Option<i64>,
        size: Option<i64>,
        sort: Option<&Vec<String>>,
    ) -> Sent {
        let given = json!([tenant, filters, page, size, sort]);
        self.answer("search_logs", given, json!({ "results": [] }))
    }

    pub(crate) async fn validate_flows<B: Into<reqwest::Body>>(
        &self,
        tenant: &str,
        content_type: &str,
        body: B,
    ) -> Sent {
        let given = json!([tenant, content_type, text(body)]);
        self.answer(
            "validate_flows",
            given,
            json!([{ "constraints": "no tasks" }]),
        )
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the methods that it ends")]
    fn answer(&self, method: &str, given: Value, answer: Value) -> Sent {
        self.0.report(Progress {
            done: 0.0,
            total: None,
            message: format!("{method} {given}"),
        });
        let bytes = bytes::Bytes::from(answer.to_string());
        let stream = futures::stream::once(std::future::ready(Ok(bytes)));
        Ok(ResponseValue::new(
            ByteStream::new(Box::pin(stream)),
            reqwest::StatusCode::OK,
            reqwest::header::HeaderMap::new(),
        ))
    }
}

fn text(body: impl Into<reqwest::Body>) -> String {
    let body = body.into();
    String::from_utf8_lossy(body.as_bytes().unwrap_or_default()).into_owned()
}
