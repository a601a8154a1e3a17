//! The one form that each kind of argument has after its check.

use serde_json::Value;
use vocabulary::{Edge, Kind};

use super::labels::labels;
use super::text::{base64, is_space, matches};
use crate::clock::Clock;
use crate::tool::instant::{parse_duration, parse_instant, plain_instant, utc};
use crate::tool::{java, lines};

/// The normalised value; `None` when it is not of the kind.
pub(super) fn normal(kind: &Kind, value: &Value, clock: &Clock) -> Option<Value> {
    match kind {
        Kind::Pattern { pattern, id } => {
            let text = value.as_str()?;
            let bad_id = *id && (text.contains("..") || text.ends_with('.'));
            (!bad_id && matches(&pattern.runs, text)).then(|| value.clone())
        }
        Kind::Line(most) => {
            let text = value.as_str()?;
            let fits = !text.trim().is_empty() && text.chars().count() <= *most;
            (fits && !text.chars().any(char::is_control)).then(|| value.clone())
        }
        Kind::Text(most) => (value.as_str()?.len() <= *most).then(|| value.clone()),
        // White space around it is dropped.
        Kind::Secret(most) => {
            let text = value.as_str()?.trim_matches(is_space);
            let fits = !text.is_empty() && text.len() <= *most;
            (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.into())
        }
        Kind::Base64(most) => base64(value.as_str()?, *most).map(Value::String),
        Kind::Integer {
            minimum, maximum, ..
        } => {
            let number = value.as_i64()?;
            (minimum..=maximum)
                .contains(&&number)
                .then(|| Value::from(number))
        }
        Kind::Boolean { .. } => value.is_boolean().then(|| value.clone()),
        Kind::Labels(keys) => labels(value.as_object()?, *keys),
        Kind::Instant(edge) => instant(value.as_str()?, *edge, clock).map(Value::String),
        Kind::Set(words) => {
            let items = value.as_array()?;
            let known = |item: &Value| item.as_str().is_some_and(|text| words.contains(text));
            items.iter().all(known).then(|| {
                let mut once: Vec<Value> = Vec::new();
                for item in items {
                    if !once.contains(item) {
                        once.push(item.clone());
                    }
                }
                Value::Array(once)
            })
        }
        Kind::Word(words) => {
            let known = |text: &str| words.contains(text);
            value.as_str().is_some_and(known).then(|| value.clone())
        }
        Kind::Lines => lines::Range::parse(value.as_str()?).map(|range| range.to_string().into()),
        Kind::Object | Kind::Document(_) => value.is_object().then(|| value.clone()),
        Kind::Json => (!value.is_null()).then(|| value.clone()),
        Kind::Yaml(_) => value.is_string().then(|| value.clone()),
    }
}

pub(super) fn instant(text: &str, edge: Edge, clock: &Clock) -> Option<String> {
    let now = clock.now();
    let found = if let (Some(back), Edge::Start) = (text.strip_prefix('-'), edge) {
        now.checked_sub_signed(parse_duration(back)?)?
    } else if let Some(date) = java::date(text) {
        match edge {
            Edge::Start => date.and_hms_opt(0, 0, 0)?.and_utc(),
            Edge::End => date.and_hms_milli_opt(23, 59, 59, 999)?.and_utc(),
            Edge::Future => return None,
        }
    } else {
        parse_instant(text)?
    };
    let fits = plain_instant(found) && (edge != Edge::Future || found > now);
    fits.then(|| utc(found))
}
