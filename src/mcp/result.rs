//! The outcome of a call as a result for the client and as an event in the log, without secrets.

use std::borrow::Cow;

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};
use vocabulary::{Class, Field, Fields, Make};

use super::audience::Audience;
use super::failure::Failure;
use crate::secret::{Redactor, Searches};
use crate::tool::delivery::Started;
use crate::tool::{Error, Reply, Tool, cut, output};

/// Characters of Kestra's text in a log event.
const LOGGED: usize = 2000;

/// Bytes of the message of an error, as JSON.
const WORDS: usize = 20 << 10;
/// Bytes of its faults.
const FAULTS: usize = 28 << 10;
/// Bytes of any other member.
const MEMBER: usize = 4_096;

/// The result of a call that succeeded.
pub(super) fn done(reply: Reply, tool: &Tool, secrets: &Redactor) -> CallToolResult {
    let mut told = reply.0;
    clean(
        &mut told,
        &secrets.searches(),
        Place::Result(&tool.output.fields),
    );
    with_text(told, CallToolResult::structured)
}

/// The result that `make` makes of `told`, whose text is written at once: rmcp's own way formats it piece
/// by piece.
fn with_text(told: Value, make: fn(Value) -> CallToolResult) -> CallToolResult {
    // It is written whatever it holds: only names that are not texts could not be.
    let text = serde_json::to_string(&told).unwrap_or_default();
    let mut result = make(Value::Null);
    result.content = vec![ContentBlock::text(text)];
    result.structured_content = Some(told);
    result
}

/// The result of a call that failed.
pub(super) fn failed(
    failure: &Failure,
    audience: Audience,
    id: &str,
    secrets: &Redactor,
    started: Option<&Started>,
) -> CallToolResult {
    let mut error = Map::new();
    let mut message = failure.message(audience, Some(id));
    // Once something was started, a retry would start another.
    let retryable = failure.retryable() && started.is_none();
    if let Some(started) = started {
        message = format!("{message} But {started}");
    }
    error.insert("code".to_owned(), failure.code().as_str().into());
    error.insert("message".to_owned(), message.into());
    error.insert("retryable".to_owned(), retryable.into());
    error.extend(failure.fields(audience));
    if let Some(Started { name, id, .. }) = started {
        error.insert((*name).to_owned(), id.as_ref().into());
    }
    bound(&mut error, secrets);
    let mut error = Value::Object(error);
    clean(&mut error, &secrets.searches(), Place::Error);
    with_text(json!({ "error": error }), CallToolResult::structured_error)
}

/// Takes hidden characters out of `error`, cuts what is long in it, and says so: what all of it may
/// take together is less than any answer may.
fn bound(error: &mut Map<String, Value>, secrets: &Redactor) {
    let mut bytes = 0;
    for (name, member) in error.iter_mut() {
        let most = match name.as_str() {
            "message" => WORDS,
            "faults" => FAULTS,
            _ => MEMBER,
        };
        let (kept, cut) = cut::value(member, most, secrets);
        if cut {
            bytes += member.to_string().len();
        }
        *member = kept;
    }
    if bytes > 0 {
        let hint = "what is long was cut";
        error.insert(
            "truncated".to_owned(),
            json!({ "bytes": bytes, "hint": hint }),
        );
    }
}

/// Logs the details that are withheld from the client.
pub(super) fn log(
    failure: &Failure,
    tool: &Tool,
    audience: Audience,
    id: &str,
    secrets: &Redactor,
) {
    let code = failure.code().as_str();
    match failure {
        Failure::Tool(Error::Upstream { status, detail, .. }) => {
            let detail: String = secrets.clean(detail).chars().take(LOGGED).collect();
            tracing::warn!(
                request = id,
                tool = &*tool.name,
                code,
                status,
                detail,
                "call failed"
            );
        }
        Failure::Tool(Error::Unusable(why)) => {
            let detail: String = secrets.clean(&why.detail()).chars().take(LOGGED).collect();
            tracing::warn!(
                request = id,
                tool = &*tool.name,
                code,
                cause = %why,
                detail,
                "call failed"
            );
        }
        Failure::Tool(Error::Elsewhere { asked, answered }) => {
            let words = |fields: &Map<String, Value>| {
                let text = Value::Object(fields.clone()).to_string();
                secrets
                    .clean(&text)
                    .chars()
                    .take(LOGGED)
                    .collect::<String>()
            };
            let (asked, answered) = (words(asked), words(answered));
            tracing::warn!(
                request = id,
                tool = &*tool.name,
                code,
                asked,
                answered,
                "Kestra answered a change for another object"
            );
        }
        Failure::Tool(Error::Internal(cause)) => {
            let cause = cause.to_string();
            let cause: String = secrets.clean(&cause).chars().take(LOGGED).collect();
            tracing::error!(request = id, tool = &*tool.name, code, cause, "call failed");
        }
        Failure::NotKept(fault) => {
            tracing::info!(request = id, tool = &*tool.name, code, %fault, "call failed");
        }
        Failure::NoTenant(why) if audience == Audience::Remote => {
            let (cause, remedy) = (&*why.found, &*why.remedy);
            tracing::warn!(
                request = id,
                tool = &*tool.name,
                code,
                cause,
                remedy,
                "call failed"
            );
        }
        // Remote users do not learn the address, so the log is its only place.
        Failure::Tool(
            error @ (Error::Unreachable { .. }
            | Error::NotKestra { .. }
            | Error::NotConfigured { .. }
            | Error::CredentialRefused),
        ) if audience == Audience::Remote => {
            let cause = error.to_string();
            let cause: String = secrets.clean(&cause).chars().take(LOGGED).collect();
            tracing::warn!(request = id, tool = &*tool.name, code, cause, "call failed");
        }
        _ => tracing::debug!(request = id, tool = &*tool.name, code, "call failed"),
    }
}

/// Where something stands in a result, which says who wrote it.
#[derive(Clone, Copy)]
enum Place<'f> {
    /// Among these fields, and what this server puts beside them.
    Result(&'f Fields),
    /// Among the members of an error.
    Error,
    /// In what this class says.
    Of(Class),
}

impl<'f> Place<'f> {
    /// The place of a member called `name`.
    fn of(self, name: &str) -> Self {
        match self {
            _ if name == output::UNTRUSTED => Self::Of(Class::Untrusted),
            Self::Result(fields) => match fields.get(name) {
                Some(field) => Self::of_field(field),
                // The rows of a list have the fields.
                None if name == output::ITEMS => self,
                None if name == output::NOTE => Self::Of(Class::Repeats),
                None => Self::Of(Class::Ours),
            },
            Self::Error => Self::Of(Error::class(name)),
            Self::Of(class) => Self::Of(class),
        }
    }

    fn of_field(field: &'f Field) -> Self {
        match &field.make {
            Make::Object { fields } | Make::Pick { fields, .. } if field.class() == Class::Ours => {
                Self::Result(fields)
            }
            _ => Self::Of(field.class()),
        }
    }

    const fn class(self) -> Class {
        match self {
            Self::Of(class) => class,
            Self::Result(_) | Self::Error => Class::Ours,
        }
    }

    /// What may be told of `text`. Our own words are not searched for what calls sent: an id that
    /// is also a secret tells nothing of it. The credential stands nowhere.
    fn value<'t>(self, text: &'t str, secrets: &Searches) -> Cow<'t, str> {
        match self.class() {
            Class::Ours => secrets.guard(text),
            Class::Repeats => secrets.clean(text),
            Class::Untrusted => secrets.whole(text),
        }
    }

    fn name<'t>(self, text: &'t str, secrets: &Searches) -> Cow<'t, str> {
        match self.class() {
            Class::Ours | Class::Repeats => secrets.guard(text),
            Class::Untrusted => secrets.clean(text),
        }
    }
}

/// Takes secrets out of `value`, which stands at `place`: the one place where whole texts are
/// searched. What is cut before was searched before.
fn clean(value: &mut Value, secrets: &Searches, place: Place<'_>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(cleaned) = place.value(text, secrets) {
                *text = cleaned;
            }
        }
        Value::Array(items) => {
            for item in items {
                clean(item, secrets, place);
            }
        }
        Value::Object(members) => {
            let told = |name: &String| matches!(place.name(name, secrets), Cow::Owned(_));
            if members.keys().any(told) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, member)| (place.name(&name, secrets).into_owned(), member))
                    .collect();
            }
            for (name, member) in members {
                clean(member, secrets, place.of(name));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
