//! What Kestra answered: collected up to a limit, understood by its shape, pruned.

mod error_body;
mod single;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use vocabulary::step::Answer as Kind;
use vocabulary::{Exists, Keep};

use super::body::{Blocks, Unread, collect};
use super::cause::in_words;
use super::context::CallCtx;
use super::cut;
use super::error::Error;
use super::memory::Room;
use super::project::{self, Bounds, Omissions};
use super::request::Sent;
use super::{Effect, Internal, Unusable};
use crate::secret::Redactor;

/// How to find out what became of a change whose answer never came.
const READ_FIRST: &str = "Read the object before you try again.";
/// Bytes of Kestra's own words in an error.
const MESSAGE: usize = 2_000;
/// Bytes of a body in our own log.
const LOGGED: usize = 4_000;
/// What is kept of an answer takes so much more while a result is made of it.
const KEPT: usize = 2;

/// What a request is about: for its errors, and for the reading of its answer.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it does to Kestra.
    pub effect: Effect,
    /// The object, such as `flow`.
    pub kind: &'static str,
    /// Kestra's permission for it.
    pub kestra_permission: Option<&'static str>,
    /// How Kestra says that something is there already; none of a request that makes nothing.
    pub exists: Option<&'static Exists>,
    /// What its answer is.
    pub answer: Kind,
}

/// A pruned answer.
#[derive(Clone, Debug)]
pub struct Answer(pub Value);

/// The outcome of a generated method, read and pruned.
///
/// # Errors
/// See [`Error`]; what was sent and lost is [`Error::OutcomeUnknown`] when it was a change.
pub async fn receive(
    ctx: &CallCtx,
    sent: Sent,
    keep: &'static Keep,
    about: About,
) -> Result<Answer, Error> {
    use progenitor_client::Error as Unsent;
    let response = match sent {
        Ok(response) => response,
        Err(Unsent::UnexpectedResponse(response)) => {
            return Err(refused(ctx, response, about).await);
        }
        Err(Unsent::CommunicationError(error)) => return Err(lost(ctx, &error, about)),
        Err(Unsent::Custom(text) | Unsent::InvalidRequest(text)) => {
            return Err(Internal::NotSent(text).into());
        }
        Err(other) => return Err(Internal::NotPassedOn(Box::new(other)).into()),
    };
    let headers = response.headers().clone();
    let stream = response.into_inner_stream();
    let limit = ctx.limits.body.min(ctx.memory.longest());
    let (body, room) = match collect(stream, &headers, limit, &ctx.memory).await {
        Ok(read) => read,
        Err(Unread::TooLong(_)) => {
            return Err(odd(about, Unusable::TooLong { most: limit }));
        }
        Err(Unread::NoRoom) => return Err(no_room(about)),
        Err(Unread::Lost(error)) => return Err(lost(ctx, &error, about)),
    };
    if body.is_empty() {
        return Ok(Answer(Value::Null));
    }
    if about.answer != Kind::Json {
        return value(ctx, &body, room, keep, about, &headers);
    }
    pruned(ctx, body, room, keep, about).unwrap_or_else(|body| {
        let body = body.as_ref().and_then(Blocks::one).unwrap_or_default();
        let (media, body) = (media_type(&headers), logged(body, &ctx.secrets));
        Err(odd(about, Unusable::NotJson { media, body }))
    })
}

/// The one value that `body` is; the call holds its room from now on.
fn value(
    ctx: &CallCtx,
    body: &Blocks,
    room: Room,
    keep: &'static Keep,
    about: About,
    headers: &HeaderMap,
) -> Result<Answer, Error> {
    let (value, lost) = if about.answer == Kind::Text {
        // Such as the page on which a proxy asks for a password.
        if media_type(headers).eq_ignore_ascii_case("text/html") {
            let body = logged(body.one().unwrap_or_default(), &ctx.secrets);
            return Err(odd(about, Unusable::APage { body }));
        }
        single::text(body, &ctx.secrets)
    } else {
        match single::bytes(body) {
            Ok(value) => (value, Omissions::default()),
            // What was changed is changed, whatever was answered.
            Err(_) if about.effect != Effect::Read => (Value::Null, Omissions::default()),
            Err(error) => return Err(error),
        }
    };
    let kept = value.as_str().map_or(0, str::len).saturating_mul(KEPT);
    if ctx.memory.keep(keep, room, kept, lost) {
        Ok(Answer(value))
    } else {
        Err(no_room(about))
    }
}

/// What is kept of `body`; the call holds its room from now on. A body that is not JSON comes back
/// if it is short.
fn pruned(
    ctx: &CallCtx,
    body: Blocks,
    room: Room,
    keep: &'static Keep,
    about: About,
) -> Result<Result<Answer, Error>, Option<Blocks>> {
    let bounds = Bounds::of(body.len(), &ctx.secrets);
    let (value, bounds) = match body.one().map(|body| project::read(body, keep, &bounds)) {
        Some(Ok(value)) => (value, bounds),
        // Not JSON as it is; perhaps it can be read all the same.
        Some(Err(_)) => {
            let bounds = Bounds::of(body.len(), &ctx.secrets);
            match project::read_blocks(body.clone(), keep, &bounds) {
                Ok(value) => (value, bounds),
                Err(_) => return Err(Some(body)),
            }
        }
        None => match project::read_blocks(body, keep, &bounds) {
            Ok(value) => (value, bounds),
            Err(_) => return Err(None),
        },
    };
    let kept = bounds.spent().saturating_mul(KEPT);
    Ok(if ctx.memory.keep(keep, room, kept, bounds.into_lost()) {
        Ok(Answer(value))
    } else {
        Err(no_room(about))
    })
}

/// There is no room for the answer of what was sent.
const fn no_room(about: About) -> Error {
    match about.effect {
        Effect::Read => Error::NoRoom,
        _ => Error::OutcomeUnknown { advice: READ_FIRST },
    }
}

/// An answer of a success status that cannot be read. What a change did is then unknown.
fn odd(about: About, why: Unusable) -> Error {
    if about.effect == Effect::Read {
        why.into()
    } else {
        Error::OutcomeUnknown { advice: READ_FIRST }
    }
}

/// No answer, or not all of it.
fn lost(ctx: &CallCtx, error: &reqwest::Error, about: About) -> Error {
    if error.is_connect() {
        let address = url::Url::parse(&ctx.base)
            .map_or_else(|_| String::new(), |url| url.origin().ascii_serialization());
        return Error::Unreachable {
            address,
            cause: in_words(error),
        };
    }
    if about.effect != Effect::Read {
        return Error::OutcomeUnknown { advice: READ_FIRST };
    }
    if error.is_timeout() {
        return Error::Timeout {
            seconds: ctx.limits.request.as_secs().max(1),
        };
    }
    let cause = in_words(error);
    Unusable::Incomplete { cause }.into()
}

/// Kestra refused or failed.
async fn refused(ctx: &CallCtx, response: reqwest::Response, about: About) -> Error {
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

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("something");
    let word: String = value
        .split(';')
        .next()
        .unwrap_or(value)
        .chars()
        .take(60)
        .collect();
    word.trim().to_owned()
}

/// What our own log may show of a body: searched for secrets before it is cut, since half of one
/// would not be found later.
fn logged(body: &[u8], secrets: &Redactor) -> String {
    let text = String::from_utf8_lossy(body);
    cut::text(&cut::clean(&text, secrets), LOGGED).0
}

#[cfg(test)]
mod tests {
    use super::{LOGGED, logged};
    use crate::secret::Redactor;

    #[test]
    fn searches_for_secrets_before_it_cuts() {
        let secret = "s3cr3t-t0ken-0123456789";
        let secrets = Redactor::default();
        secrets.remember(secret);
        for before in LOGGED - 2 * secret.len()..=LOGGED {
            let body = format!("{}{secret} after", ".".repeat(before));
            let text = logged(body.as_bytes(), &secrets);
            assert!(text.len() <= LOGGED);
            assert!(
                !text.contains("s3cr"),
                "at {before}: …{}",
                &text[text.len() - 60..]
            );
        }
    }
}
