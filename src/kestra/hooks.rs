//! What every generated request passes on its way out: the credential and limits of the call,
//! and a last look at where it goes.

use std::time::Duration;

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode};

use crate::generated::{self, v1_3, v2_0};
use crate::tool::{Access, CallCtx, Effect, Line, Route};

/// How often a read is sent again, and how long is waited before.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

macro_rules! hooks {
    ($client:ty) => {
        impl ClientHooks<CallCtx> for $client {
            async fn pre<E>(
                &self,
                request: &mut Request,
                info: &OperationInfo,
            ) -> Result<(), Error<E>> {
                prepare(self.inner(), request, info.operation_id)
                    .map_err(|reason| Error::Custom(reason.to_owned()))
            }

            async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
                send(self.client(), self.inner(), request).await
            }
        }
    };
}

hooks!(v1_3::client::Client);
hooks!(v2_0::client::Client);

/// Sets what belongs to the call, and refuses a request that is not of the tool's routes.
fn prepare(ctx: &CallCtx, request: &mut Request, operation: &str) -> Result<(), &'static str> {
    let route = ctx
        .routes
        .iter()
        .find(|route| same_operation(route.operation, operation))
        .ok_or("the operation is not one of the tool's")?;
    check(ctx, request, route)?;
    if ctx.access == Access::ReadOnly && !is_of_a_read(ctx.line, route) {
        return Err("this server is read-only");
    }
    let headers = request.headers_mut();
    // progenitor's own; no Kestra reads it.
    headers.remove("api-version");
    if let Ok(accept) = HeaderValue::from_str(route.accept) {
        headers.insert(ACCEPT, accept);
    }
    if let Some(authorization) = &ctx.authorization {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    let empty = request
        .body()
        .is_none_or(|body| body.as_bytes().is_some_and(<[u8]>::is_empty));
    if empty {
        request.headers_mut().remove(CONTENT_TYPE);
        // A POST without a body says so, or some servers wait for one.
        if request.method() != Method::GET {
            request
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    }
    Ok(())
}

/// Whether a tool that reads has `route` on its list. A method says nothing: some GETs start work,
/// and some POSTs only ask.
fn is_of_a_read(line: Line, route: &Route) -> bool {
    generated::tools(line)
        .iter()
        .filter(|tool| tool.effect == Effect::Read)
        .any(|tool| tool.routes.contains(route))
}

/// progenitor writes operation ids in snake case.
fn same_operation(ours: &str, theirs: &str) -> bool {
    let bare = |c: &u8| c.is_ascii_alphanumeric();
    let lower = |c: u8| c.to_ascii_lowercase();
    ours.bytes()
        .filter(bare)
        .map(lower)
        .eq(theirs.bytes().filter(bare).map(lower))
}

/// The finished URL is the template with a segment for each parameter, at the configured origin.
fn check(ctx: &CallCtx, request: &Request, route: &Route) -> Result<(), &'static str> {
    let url = request.url().as_str();
    let rest = url
        .strip_prefix(ctx.base.as_ref())
        .ok_or("the request left the configured address")?;
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let (mut ours, mut theirs) = (route.path.split('/'), path.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => break,
            (Some(word), Some(segment)) if word.starts_with('{') => {
                let tenant = word != "{tenant}" || *segment == *ctx.tenant;
                if matches!(segment, "" | "." | "..") || !tenant {
                    return Err("a path argument is not one segment");
                }
            }
            (Some(word), Some(segment)) if word == segment => {}
            _ => return Err("the request left its route"),
        }
    }
    if request.method() == route.method {
        Ok(())
    } else {
        Err("the request has another method")
    }
}

/// Sends; a read again when nothing, or something before Kestra, answered.
async fn send(
    client: &reqwest::Client,
    ctx: &CallCtx,
    request: Request,
) -> reqwest::Result<Response> {
    let mut request = request;
    let mut waits = AGAIN.iter();
    loop {
        let again = if request.method() == Method::GET {
            request.try_clone()
        } else {
            None
        };
        *request.timeout_mut() = Some(ctx.remaining());
        let result = client.execute(request).await;
        let passing = match &result {
            Ok(response) => matches!(
                response.status(),
                StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            Err(error) => error.is_connect(),
        };
        let (true, Some(next), Some(wait)) = (passing, again, waits.next()) else {
            return result;
        };
        ctx.clock.sleep(*wait).await;
        request = next;
    }
}
