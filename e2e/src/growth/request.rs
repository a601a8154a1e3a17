//! Requests that reached Kestra, and how they are expected.

use serde_json::Value;
use simulator::Received;

use super::pattern::{difference, glob};

/// Whether a request is as expected: a line, or a table with its `request`, `body` and `headers`.
pub(super) fn fits(expected: &Value, request: &Received) -> Result<(), String> {
    let wanted = match expected {
        Value::String(line) => Some(line.as_str()),
        other => other.get("request").and_then(Value::as_str),
    };
    let wanted = wanted.ok_or_else(|| format!("{expected} is not a request"))?;
    if !glob(wanted, &line(request)) {
        return Err(format!("{} was sent, not {wanted}", line(request)));
    }
    if let Some(body) = expected.get("body") {
        let text = String::from_utf8_lossy(&request.body);
        let found = match body {
            Value::String(_) => Value::String(text.into_owned()),
            _ => serde_json::from_str(&text).map_err(|_| format!("{text:?} is not JSON"))?,
        };
        if let Some(difference) = difference(body, &found) {
            return Err(format!("the body of {wanted} {difference}"));
        }
    }
    let headers = expected.get("headers").and_then(Value::as_object);
    for (name, value) in headers.into_iter().flatten() {
        let found = request.header(name).map_or(Value::Null, Value::from);
        if let Some(difference) = difference(value, &found) {
            return Err(format!("the header {name} of {wanted} {difference}"));
        }
    }
    Ok(())
}

/// Method, path and query of a request.
pub(super) fn line(request: &Received) -> String {
    let Received {
        method,
        path,
        query,
        ..
    } = request;
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{method} {path}{mark}{}", query.join("&"))
}

pub(super) fn shown(requests: &[Received]) -> String {
    let lines: Vec<String> = requests
        .iter()
        .map(|request| format!("{} {}", line(request), request.status))
        .collect();
    format!("[{}]", lines.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use simulator::Received;

    use super::{fits, line};

    fn request() -> Received {
        Received {
            method: "POST".into(),
            path: "/x".into(),
            query: vec![("a".into(), "1".into()), ("b".into(), "c d".into())],
            headers: vec![("content-type".into(), "application/json".into())],
            body: br#"[{"key":"a"}]"#.to_vec(),
            status: 200,
        }
    }

    #[test]
    fn a_request_is_held_by_line_body_and_headers() {
        let request = request();
        assert_eq!(line(&request), "POST /x?a=1&b=c d");
        let wanted = "POST /x?a=1&b=c d";
        for expected in [
            json!(wanted),
            json!("POST /x?*"),
            json!({ "request": wanted, "body": [{ "key": "*" }], "headers": { "content-type": "*json" } }),
            json!({ "request": wanted, "body": "*key*" }),
        ] {
            assert_eq!(fits(&expected, &request), Ok(()), "{expected}");
        }
        for expected in [
            json!("GET /x?a=1&b=c d"),
            json!("POST /x"),
            json!({ "request": wanted, "body": [] }),
            json!({ "request": wanted, "headers": { "ttl": "PT1H" } }),
            json!({ "body": [] }),
        ] {
            assert!(fits(&expected, &request).is_err(), "{expected}");
        }
    }
}
