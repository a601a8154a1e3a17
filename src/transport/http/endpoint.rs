//! `/mcp`: the caller, the message, and whether the headers agree with it, before rmcp sees any of it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{FutureExt as _, TryStreamExt as _};
use http::header::{
    ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::body::Bodies;
use super::bounds::Bounds;
use super::calls::Calls;
use super::host::Hosts;
use super::stream::{self, Access as Grant, Parcel, Waiting};
use super::wire::Wire;
use super::{body, visitor};
use crate::accept::Accepted;
use crate::auth::server::metadata;
use crate::auth::server::scope::Scope;
use crate::auth::{BearerError, Gate};
use crate::config::http::Public;
use crate::mcp::{Server, Whole};
use crate::principal::{Principal, Scopes};
use crate::tool::{Access, Delivery};
use crate::transport::message::{self, Refusal, Subject};
use crate::transport::rewrite;

/// Both media types; rmcp requires them.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PRIVATE: HeaderValue = HeaderValue::from_static("no-store");
/// The stateless revision: each request names it, without a handshake.
const STATELESS: &str = "2026-07-28";
/// Methods that it removed.
const REMOVED: &[&str] = &[
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
];

/// What the endpoint is built from.
pub(super) struct Needs<'h> {
    pub(super) gate: Arc<dyn Gate>,
    pub(super) server: Server,
    pub(super) access: Access,
    pub(super) public: Public,
    pub(super) hosts: &'h Hosts,
    pub(super) max_body: usize,
    pub(super) bounds: Bounds,
    /// Fires when every answer must have ended.
    pub(super) ended: CancellationToken,
}

/// See the module.
pub(super) struct Endpoint {
    gate: Arc<dyn Gate>,
    server: Server,
    public: Public,
    offered: Scope,
    bodies: Bodies,
    bounds: Bounds,
    /// Fires when every answer must have ended.
    ended: CancellationToken,
    calls: Calls,
    /// Answers with JSON, unless it has to report something before the result.
    whole: Service,
    /// Answers with an event stream.
    streamed: Service,
}

type Service = StreamableHttpService<Server, NeverSessionManager>;

/// Why a request does not reach rmcp.
enum Stop {
    Refused(BearerError),
    Method,
    Kinds,
    Body(body::Fault),
    Message(Refusal),
    Removed(Refusal),
}

impl From<BearerError> for Stop {
    fn from(refused: BearerError) -> Self {
        Self::Refused(refused)
    }
}

impl From<body::Fault> for Stop {
    fn from(fault: body::Fault) -> Self {
        Self::Body(fault)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Message(refusal)
    }
}

impl Endpoint {
    pub(super) fn new(needs: Needs<'_>) -> Self {
        // Host, Origin and size have been checked; rmcp checks again.
        let hosts = needs.hosts.hosts();
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_allowed_hosts(hosts)
            .with_allowed_origins(needs.hosts.origins())
            .enforce_origin_validation()
            .with_max_request_body_bytes(needs.max_body)
            .with_sse_retry(None)
            .with_sse_keep_alive(Some(needs.bounds.alive))
            .with_stateless_protocol_metadata_required(false)
            .with_cancellation_token(needs.ended.clone());
        let service = |config: StreamableHttpServerConfig| {
            let server = needs.server.clone();
            let factory = move || Ok(server.clone());
            Service::new(factory, Arc::new(NeverSessionManager::default()), config)
        };
        Self {
            gate: needs.gate,
            server: needs.server.clone(),
            public: needs.public,
            offered: Scope::offered(needs.access),
            bodies: Bodies::new(needs.max_body, needs.bounds.body),
            bounds: needs.bounds,
            ended: needs.ended,
            calls: Calls::default(),
            whole: service(config.clone().with_json_response(true)),
            streamed: service(config.with_json_response(false)),
        }
    }

    /// The checks before rmcp, then rmcp.
    async fn answer(&self, request: Request) -> Result<Response, Stop> {
        let person = self.gate.identify(request.headers()).await?;
        if request.method() != Method::POST {
            return Err(Stop::Method);
        }
        let (mut parts, body) = request.into_parts();
        let accepted = Accepted::of(&parts.headers);
        let (json, events) = (accepted.json(), accepted.events());
        if !json && !events {
            return Err(Stop::Kinds);
        }
        let (text, room) = self.bodies.read(&parts.headers, body).await?;
        message::check(&text)?;
        let subject = Subject::of(&text);
        if !agrees(&parts.headers, &subject) {
            return Err(Refusal::mislabelled(subject.id).into());
        }
        if is_removed(&parts.headers, &subject) {
            return Err(Stop::Removed(Refusal::removed(subject.id)));
        }
        let principal = Principal::Person(Arc::clone(&person));
        if let (Some("tools/call"), Some(tool)) = (subject.method.as_deref(), &subject.object) {
            let (resolved, lacks_scope) = self.server.resolve(&principal, tool);
            if lacks_scope {
                return Err(BearerError::Scope(Scopes::Write).into());
            }
            parts.extensions.insert(resolved);
        }
        if let Some(id) = &subject.taken_back {
            self.calls.take_back(&person.grant, id);
        }
        parts.headers.remove(AUTHORIZATION);
        parts.headers.remove(COOKIE);
        parts.headers.insert(ACCEPT, BOTH);
        let service = if events && (subject.progress || !json) {
            &self.streamed
        } else {
            // A notification before the result would turn the answer into a stream.
            parts.extensions.insert(Whole);
            &self.whole
        };
        let delivery = Delivery::until(self.ended.child_token());
        let is_request = !subject.id.is_null();
        let in_flight = is_request.then(|| self.calls.enter(&person.grant, &subject.id, &delivery));
        let grant = Grant {
            gate: Arc::clone(&self.gate),
            person: Arc::clone(&person),
            look: self.bounds.look,
        };
        let wire = parts.extensions.get::<Wire>().cloned().unwrap_or_default();
        parts.extensions.insert(person);
        parts.extensions.insert(delivery.clone());
        // Held as long as the call holds its arguments.
        parts.extensions.insert(room);
        let request = Request::from_parts(parts, Body::from(text.clone()));
        let parcel = Parcel {
            id: subject.id,
            delivery,
            wire,
            _in_flight: in_flight,
        };
        let response = served(service.clone(), request, grant, parcel).await;
        // It is JSON, as checked above: rmcp does not know such a message, and says so in its own words.
        if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            message::read(&text)?;
        }
        Ok(response)
    }

    fn refuse(&self, stop: Stop, public: &Public) -> Response {
        match stop {
            Stop::Refused(refused) => refused.into_response(public, self.offered),
            Stop::Method => {
                let allow = [(ALLOW, HeaderValue::from_static("POST"))];
                let text = "There are no sessions here: POST each message.\n";
                (StatusCode::METHOD_NOT_ALLOWED, allow, text).into_response()
            }
            Stop::Kinds => {
                let text =
                    "Answers are application/json or text/event-stream: accept one of them.\n";
                (StatusCode::NOT_ACCEPTABLE, text).into_response()
            }
            Stop::Body(fault) => fault.into_response(),
            Stop::Message(refusal) => json_of(StatusCode::BAD_REQUEST, refusal),
            Stop::Removed(refusal) => json_of(StatusCode::NOT_FOUND, refusal),
        }
    }
}

fn json_of(status: StatusCode, refusal: Refusal) -> Response {
    (status, [(CONTENT_TYPE, JSON)], refusal.into_text()).into_response()
}

/// Whether the protocol revision of the request removed this method.
fn is_removed(headers: &HeaderMap, subject: &Subject) -> bool {
    let method = subject.method.as_deref().unwrap_or_default();
    REMOVED.contains(&method)
        && !subject.id.is_null()
        && headers
            .get("mcp-protocol-version")
            .is_some_and(|version| version == STATELESS)
}

/// The answer of rmcp. It is produced to its end even if the client disconnects: what a call started must
/// be known, and rmcp treats a missing reader as an error.
async fn served(service: Service, request: Request, grant: Grant, parcel: Parcel) -> Response {
    let waiting = Waiting::for_it(parcel);
    let (sender, answered) = tokio::sync::oneshot::channel();
    let work = async move {
        let Ok(response) = service.oneshot(request).await;
        if let Err(response) = sender.send(rewritten(response).await) {
            stream::drain(response.into_body()).await;
        }
    };
    tokio::spawn(work.in_current_span());
    let mut ended = grant.ended().boxed();
    tokio::select! {
        biased;
        answered = answered => match answered {
            Ok(response) => waiting.carried(response, ended),
            // It panicked, and tokio has logged that.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        () = &mut ended => {
            let kind = [(CONTENT_TYPE, JSON)];
            (kind, waiting.cut_off()).into_response()
        }
    }
}

/// Answers one request.
pub(super) async fn answer(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let is_visit = visitor::is_one(&request);
    let public = metadata::named(&endpoint.public, request.headers());
    let mut response = match endpoint.answer(request).await {
        Ok(response) => response,
        Err(stop) => endpoint.refuse(stop, &public),
    };
    if is_visit && response.status() == StatusCode::UNAUTHORIZED {
        response = visitor::shown_in(&public, response);
    }
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(PRIVATE);
    response
}

/// An answer of rmcp, rewritten for clients, whole or as an event stream.
async fn rewritten<B>(response: Response<B>) -> Response
where
    B: HttpBody<Data = Bytes, Error = Infallible> + Send + 'static,
{
    if stream::is_one(response.headers()) {
        let events = |body: B| body.into_data_stream().map_ok(rewrite::rewritten);
        return response.map(|body| Body::from_stream(events(body)));
    }
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await;
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(rewrite::rewritten(whole.to_bytes())))
}

/// Whether the headers that proxies route by, if present, agree with the message.
fn agrees(headers: &HeaderMap, subject: &Subject) -> bool {
    let says = |name: &str, said: Option<&str>| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => true,
            (Some(value), None) => value
                .to_str()
                .ok()
                .and_then(decoded)
                .is_some_and(|value| Some(&*value) == said),
            (Some(_), Some(_)) => false,
        }
    };
    let named = subject.object.is_some();
    says("mcp-method", subject.method.as_deref())
        && (!named || says("mcp-name", subject.object.as_deref()))
}

/// The text of a header, which may be in base64 (MCP 2026-07-28).
fn decoded(value: &str) -> Option<String> {
    let inner = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match inner {
        None => Some(value.to_owned()),
        Some(inner) => String::from_utf8(STANDARD.decode(inner).ok()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn call(tool: &str) -> Subject {
        Subject {
            id: serde_json::Value::from(1),
            method: Some("tools/call".to_owned()),
            object: Some(tool.to_owned()),
            progress: false,
            taken_back: None,
        }
    }

    #[test]
    fn headers_may_be_absent_and_must_not_differ() {
        let call = call("get_flow");
        for pairs in [
            &[][..],
            &[("mcp-method", "tools/call")],
            &[("mcp-method", "tools/call"), ("mcp-name", "get_flow")],
            &[("mcp-name", "=?base64?Z2V0X2Zsb3c=?=")],
        ] {
            assert!(agrees(&headers(pairs), &call), "{pairs:?}");
        }
        for pairs in [
            &[("mcp-method", "tools/list")][..],
            &[("mcp-name", "list_flows")],
            &[("mcp-name", "=?base64?!?=")],
            &[("mcp-name", "")],
            &[("mcp-method", "tools/call"), ("mcp-method", "tools/call")],
            &[("mcp-name", "get_flow"), ("mcp-name", "list_flows")],
        ] {
            assert!(!agrees(&headers(pairs), &call), "{pairs:?}");
        }
    }
}
