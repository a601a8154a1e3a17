//! An answer with which Kestra, or something before it, refuses or fails.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::about::{About, READ_FIRST};
use super::error_body;
use super::log::{logged, media_type};
use crate::tool::body::{Blocks, Unread, collect};
use crate::tool::context::CallCtx;
use crate::tool::error::Error;
use crate::tool::{Effect, Unusable, cut, project};

/// Bytes of Kestra's own words in an error.
const MESSAGE: usize = 2_000;
/// Kestra refused or failed.
pub(super) async fn refused(ctx: &CallCtx, response: reqwest::Response, about: About) -> Error {
    let status = response.status();
    let headers = response.headers().clone();
    let stream = Box::pin(response.bytes_stream());
    // What is dropped here is given back at once: little is kept of an error.
    let read = collect(stream, &headers, ctx.limits.error_body, &ctx.memory).await;
    let (body, room) = match read {
        Ok((body, room)) => (body, Some(room)),
        Err(Unread::TooLong(body)) => (body, None),
        // What Kestra said of a change is known by its status.
        Err(Unread::NoRoom) if about.effect == Effect::Read => return Error::NoRoom,
        Err(Unread::NoRoom | Unread::Lost(_)) => (Blocks::default(), None),
    };
    // What was not read to its end may have said anything.
    let nothing = room.is_some() && body.is_empty();
    let body = body.one().unwrap_or_default();
    understand(ctx, status, &headers, body, nothing, about)
}

fn understand(
    ctx: &CallCtx,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    nothing: bool,
    about: About,
) -> Error {
    let error = project::glance(body, &error_body::ERROR, &ctx.secrets);
    let words = error_body::words(&error);
    let detail = logged(body, &ctx.secrets);
    let changed = about.effect != Effect::Read;
    match status {
        StatusCode::UNAUTHORIZED => Error::CredentialRefused,
        StatusCode::FORBIDDEN => Error::Forbidden {
            permission: about.kestra_permission,
        },
        // A 404 that is no answer of Kestra comes from something before it. With 410 Kestra says of
        // what has expired that it is not there any more.
        StatusCode::NOT_FOUND | StatusCode::GONE
            if (!changed && (words.is_some() || nothing)) || error_body::is_kestras(&error) =>
        {
            Error::NotFound {
                kind: about.kind,
                near: Vec::new(),
            }
        }
        _ if changed && (status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT) => {
            tracing::warn!(
                request = &*ctx.request_id,
                status = status.as_u16(),
                "a change failed on Kestra's side"
            );
            Error::OutcomeUnknown { advice: READ_FIRST }
        }
        _ if changed
            && about.exists.is_some_and(|exists| {
                error_body::is_there(exists, status, body, words.as_deref())
            }) =>
        {
            let said = cut::clean(words.as_deref().unwrap_or_default(), &ctx.secrets);
            let said = cut::text(said.trim(), MESSAGE).0;
            Error::Conflict {
                message: format!("It exists already, so nothing was made. Kestra says: {said}"),
                revision: None,
                diff: None,
            }
        }
        // No credential follows a redirect; a login page of a proxy sends one.
        _ if status.is_redirection() => {
            let (status, media) = (status.as_u16(), media_type(headers));
            let body = detail;
            Unusable::Redirect {
                status,
                media,
                body,
            }
            .into()
        }
        _ if status.is_server_error() => Error::Upstream {
            status: status.as_u16(),
            message: format!("Kestra failed (request {}).", ctx.request_id),
            detail,
        },
        _ => {
            let message = words.unwrap_or_else(|| {
                let kind = media_type(headers);
                format!(
                    "The address answered {} with {kind} that Kestra does not send. Is it right?",
                    status.as_u16()
                )
            });
            let message = cut::text(&cut::clean(&message, &ctx.secrets), MESSAGE).0;
            Error::Upstream {
                status: status.as_u16(),
                message,
                detail,
            }
        }
    }
}
