//! In the place of Kestra: the simulator, but for one kind of request, which is answered from memory.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use kestra_mcp::kestra::http_client;
use tokio::net::TcpListener;

/// See the module.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) simulator: Arc<OnceLock<String>>,
    /// The first that the simulator answered to such a request.
    pub(crate) answer: Arc<OnceLock<Bytes>>,
    /// In the path of what is answered from memory.
    segment: &'static str,
}

impl Upstream {
    pub(crate) fn of(segment: &'static str) -> Self {
        Self {
            simulator: Arc::default(),
            answer: Arc::default(),
            segment,
        }
    }

    pub(crate) async fn listen(&self) -> String {
        let router = Router::new()
            .fallback(answer)
            .with_state((self.clone(), http_client(None).unwrap()));
        listen(router).await
    }
}

pub(crate) async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

pub(crate) fn json(body: Bytes) -> Response {
    ([("content-type", "application/json")], body).into_response()
}

async fn answer(
    State((upstream, http)): State<(Upstream, reqwest::Client)>,
    request: Request,
) -> Response {
    let path = request.uri().path_and_query().unwrap().to_string();
    let known = request.method() == "GET" && path.contains(upstream.segment);
    if let (true, Some(body)) = (known, upstream.answer.get()) {
        return json(body.clone());
    }
    let (parts, body) = request.into_parts();
    let url = format!("{}{path}", upstream.simulator.get().unwrap());
    let mut headers = parts.headers;
    headers.remove("host");
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let sent = http.request(parts.method, url).headers(headers).body(body);
    let said = sent.send().await.unwrap();
    let (status, headers) = (said.status(), said.headers().clone());
    let body = said.bytes().await.unwrap();
    if known && status.is_success() {
        let _ = upstream.answer.set(body.clone());
    }
    let mut response = (status, body).into_response();
    for name in ["content-type", "www-authenticate"] {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
