//! The error that Kestra gives with a refusal.

use std::sync::LazyLock;

use reqwest::StatusCode;
use serde_json::Value;
use vocabulary::{Exists, Keep};

/// How many single faults of a Kestra error are repeated.
const FAULTS: usize = 10;

/// What is of use in an error of Kestra, in either of its shapes.
pub(super) static ERROR: LazyLock<Keep> = LazyLock::new(|| {
    let all = |names: &[&str]| -> Vec<(String, Keep)> {
        let names = names.iter();
        names
            .map(|name| ((*name).to_owned(), Keep::Whole))
            .collect()
    };
    let fault = Keep::Members(all(&["detail", "message", "path", "pointer"]));
    let faults = Keep::Each(Box::new(fault), FAULTS);
    let mut members = all(&["detail", "error", "message", "title", "type"]);
    members.extend([
        (
            "_embedded".to_owned(),
            Keep::Members(vec![("errors".to_owned(), faults.clone())]),
        ),
        ("_links".to_owned(), Keep::Members(Vec::new())),
        ("errors".to_owned(), faults),
    ]);
    Keep::Members(members)
});

/// Whether `body` is an error of Kestra itself, in either of its shapes: not of a proxy before it.
pub(super) fn is_kestras(body: &Value) -> bool {
    let has = |key: &str| body.get(key).is_some();
    (has("_links") && has("message")) || (has("type") && has("title"))
}

/// Kestra's own words in any of its shapes: problem+json (`detail`, `errors[].detail`) or HATEOAS
/// (`message`, `_embedded.errors[].message`). None when the body is neither.
pub(super) fn words(body: &Value) -> Option<String> {
    let text = |value: &Value, keys: &[&str]| {
        keys.iter()
            .find_map(|key| value.get(key)?.as_str().map(str::to_owned))
    };
    let head = text(body, &["detail", "message", "title", "error"])?;
    let list = body
        .get("errors")
        .or_else(|| body.pointer("/_embedded/errors"));
    let faults = list.and_then(Value::as_array).into_iter().flatten();
    let mut words = head.trim().to_owned();
    for fault in faults {
        let Some(message) = text(fault, &["detail", "message"]) else {
            continue;
        };
        if words.contains(message.trim()) {
            continue;
        }
        let place = text(fault, &["pointer", "path"]).map(|place| format!(" ({place})"));
        words.push_str("; ");
        words.push_str(message.trim());
        words.push_str(place.as_deref().unwrap_or_default());
    }
    Some(words)
}

/// The last segment of the `type` of a problem document (RFC 9457).
fn problem(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let kind = body.get("type")?.as_str()?;
    kind.rsplit('/').next().map(str::to_owned)
}

/// Whether an answer to a change says that something is there already.
pub(super) fn is_there(
    exists: &Exists,
    status: StatusCode,
    body: &[u8],
    words: Option<&str>,
) -> bool {
    if !exists.statuses.contains(&status.as_u16()) {
        return false;
    }
    let words = words.unwrap_or_default().to_lowercase();
    let problem = problem(body).unwrap_or_default();
    exists.words.iter().any(|said| words.contains(said)) || exists.problems.contains(&problem)
}

#[cfg(test)]
mod tests {
    use super::ERROR;
    use crate::secret::Redactor;
    use crate::tool::project;

    fn words(body: &[u8]) -> Option<String> {
        super::words(&project::glance(body, &ERROR, &Redactor::default()))
    }

    #[test]
    fn reads_the_words_of_every_line() {
        let hateoas = br#"{"message":"Invalid entity: one","_embedded":{"errors":[{"message":"two","path":"a.b"},{"message":"one"}]}}"#;
        assert_eq!(
            words(hateoas).as_deref(),
            Some("Invalid entity: one; two (a.b)")
        );
        let problem = br##"{"type":"t","title":"Validation failed","status":422,"detail":"bad","errors":[{"detail":"z","pointer":"#/id"}]}"##;
        assert_eq!(words(problem).as_deref(), Some("bad; z (#/id)"));
        assert_eq!(words(b"<html>"), None);
        assert_eq!(words(b"[]"), None);
    }
}
