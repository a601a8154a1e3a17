//! No text in an argument changes the route of a request: a value that passes the segment check
//! fills exactly one segment of the path, and decodes to itself.

use kestra_mcp::clock::Clock;
use kestra_mcp::generated;
use kestra_mcp::tool::segment::{self, Segment};
use kestra_mcp::tool::{Line, Route, Tool, arguments};
use progenitor_client::encode_path;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use url::Url;

const BASE: &str = "http://127.0.0.1:8080";

/// The names of a path's parameters, except the tenant.
fn parameters(route: &Route) -> Vec<&'static str> {
    let segments = route.path.split('/');
    let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.filter(|name| *name != "tenant").collect()
}

/// The URL as the generated client builds it, each value escaped into the template.
fn url(route: &Route, values: &[(&'static str, &str)]) -> Url {
    let mut path = route.path.replace("{tenant}", &encode_path("main"));
    for (name, value) in values {
        path = path.replace(&format!("{{{name}}}"), &encode_path(value));
    }
    Url::parse(&format!("{BASE}{path}")).unwrap()
}

fn decoded(segment: &str) -> String {
    let plus = segment
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let pair = url::form_urlencoded::parse(plus.as_bytes()).next();
    pair.map(|(key, _)| key.into_owned()).unwrap_or_default()
}

/// Holds that the finished URL is the template with each parameter as one segment.
fn stays(route: &Route, values: &[(&'static str, &str)]) {
    let url = url(route, values);
    assert_eq!(url.origin().ascii_serialization(), BASE);
    assert_eq!((url.query(), url.fragment()), (None, None));
    let wanted: Vec<&str> = route.path.split('/').skip(1).collect();
    let found: Vec<&str> = url.path_segments().unwrap().collect();
    assert_eq!(found.len(), wanted.len(), "{url}");
    for (wanted, found) in wanted.iter().zip(found) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some("tenant") => assert_eq!(found, "main"),
            Some(name) => {
                let (_, value) = values.iter().find(|(known, _)| *known == name).unwrap();
                assert_eq!(decoded(found), *value, "{url}");
            }
            None => assert_eq!(found, *wanted, "{url}"),
        }
    }
}

fn routes() -> Vec<&'static Route> {
    let tools = Line::ALL.iter().flat_map(|line| generated::tools(*line));
    tools.flat_map(|tool| &tool.routes).collect()
}

fn tools_with(argument: &str) -> Vec<&'static Tool> {
    let tools = Line::ALL.iter().flat_map(|line| generated::tools(*line));
    let has = |tool: &&Tool| tool.arguments.iter().any(|known| known.name == argument);
    tools.filter(has).collect()
}

/// Whether all values pass the segment check.
fn is_segments(values: &[(&'static str, &str)]) -> bool {
    let values = values.iter().map(|(name, value)| Segment {
        parameter: name,
        known: name,
        value,
    });
    segment::check(&values.collect::<Vec<_>>(), &[]).is_ok()
}

/// Any text, and text made of the characters of paths.
fn text() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        ".", "..", "/", "\\", "%", "%2e", "%2F", "%5c", "?", "#", ";", ":", "@", "&", "=", "+",
        " ", "\t", "\n", "\u{0}", "\u{7f}", "ü", "\u{202e}", "a", "A", "0", "-", "_", "kill",
        "actions", "restart", "search", "http://", "//", "{id}", "~",
    ]);
    let made = prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat());
    let plain = prop::collection::vec(
        prop::char::ranges(vec!['a'..='z', '0'..='9', '.'..='.'].into()),
        0..24,
    )
    .prop_map(|chars| chars.into_iter().collect());
    let any =
        prop::collection::vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect());
    prop_oneof![made, plain, any]
}

#[test]
fn a_value_that_is_not_a_segment_would_change_the_route() {
    // The check is needed: without it these values break out of their template.
    let route = routes()
        .into_iter()
        .find(|route| parameters(route).len() == 2)
        .unwrap();
    let names = parameters(route);
    for value in ["..", "."] {
        let url = url(route, &[(names[0], "a"), (names[1], value)]);
        let last = url.path_segments().unwrap().next_back();
        assert_ne!(last, Some(value), "{url}");
    }
}

proptest! {
    #[test]
    fn no_text_changes_a_route(one in text(), two in text(), three in text()) {
        for route in routes() {
            let names = parameters(route);
            let texts = [one.as_str(), two.as_str(), three.as_str()];
            let values: Vec<(&'static str, &str)> = names.into_iter().zip(texts.into_iter().cycle()).collect();
            if !values.is_empty() && is_segments(&values) {
                stays(route, &values);
            }
        }
    }

    #[test]
    fn a_value_that_a_format_accepts_is_a_segment(value in text()) {
        let clock = Clock::Manual(Arc::new(AtomicU64::new(1_781_784_000_000)));
        for name in ["namespace", "flow_id", "execution_id"] {
            for tool in tools_with(name) {
                let mut arguments = tool.sample.clone();
                arguments.insert(name.to_owned(), json!(value));
                let Ok(checked) = arguments::check(tool, &arguments, &clock) else {
                    continue;
                };
                prop_assert_eq!(&checked[name], &json!(value));
                prop_assert!(is_segments(&[(name, &value)]));
                prop_assert_eq!(&encode_path(&value), &value);
            }
        }
    }
}
