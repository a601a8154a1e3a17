//! An answer of Kestra: collected up to a limit, recognised by its shape, pruned.

mod about;
mod error_body;
mod log;
mod refusal;
mod single;

use reqwest::header::HeaderMap;
use serde_json::Value;
use vocabulary::Keep;
use vocabulary::step::Answer as Kind;

use super::body::{Blocks, Unread, collect};
use super::cause::in_words;
use super::context::CallCtx;
use super::error::Error;
use super::memory::Room;
use super::project::{self, Bounds, Omissions};
use super::request::Sent;
use super::{Effect, Internal, Unusable};
use about::READ_FIRST;
use log::{logged, media_type};
use refusal::refused;

pub use about::About;

/// What is kept of an answer takes so much more while a result is made of it.
const KEPT: usize = 2;

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

/// No memory is left for the answer to a request that was sent.
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
