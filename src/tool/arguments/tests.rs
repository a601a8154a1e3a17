use super::normal::{instant, normal};
use super::*;
use crate::tool::instant::parse_duration;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use vocabulary::{Edge, Keys};

fn clock() -> Clock {
    Clock::Manual(Arc::new(AtomicU64::new(1_800_000_000_000)))
}

/// What a format takes, from the words of the manifest.
fn kind(words: Value) -> Kind {
    let mut words = words;
    words["expected"] = "x".into();
    serde_json::from_value::<Format>(words).unwrap().kind
}

#[test]
fn instants_become_utc() {
    let start = |text| instant(text, Edge::Start, &clock());
    assert_eq!(start("2026-01-31").as_deref(), Some("2026-01-31T00:00:00Z"));
    assert_eq!(
        start("2026-01-31T02:00:00+02:00").as_deref(),
        Some("2026-01-31T00:00:00Z")
    );
    assert_eq!(start("-PT24H").as_deref(), Some("2027-01-14T08:00:00Z"));
    assert_eq!(start("-P1DT1H").as_deref(), Some("2027-01-14T07:00:00Z"));
    for bad in [
        "yesterday",
        "2026-01-31T02:00:00",
        "2026-02-30",
        "-",
        "-PT",
        "--PT1H",
        "PT1H",
        "",
    ] {
        assert_eq!(start(bad), None, "{bad}");
    }
    let end = instant("2026-01-31", Edge::End, &clock());
    assert_eq!(end.as_deref(), Some("2026-01-31T23:59:59.999Z"));
}

#[test]
fn a_future_instant_is_after_now_and_names_its_offset() {
    let future = |text| instant(text, Edge::Future, &clock());
    assert!(future("2027-01-15T08:00:01Z").is_some());
    for bad in [
        "2027-01-15T08:00:00Z",
        "2020-01-01T00:00:00Z",
        "2031-01-01",
        "2031-01-01T00:00:00",
        "tomorrow",
    ] {
        assert_eq!(future(bad), None, "{bad}");
    }
}

#[test]
fn ids_have_no_dot_segments() {
    let kind = kind(json!({ "pattern": "[a-z][a-z.]{0,3}", "id": true }));
    let take = |text: &str| normal(&kind, &json!(text), &clock());
    for good in ["a", "ab", "a.b"] {
        assert!(take(good).is_some(), "{good}");
    }
    for bad in ["", ".", "..", "a..b", "a.", "abcde", "A", "a/b", "a\n"] {
        assert!(take(bad).is_none(), "{bad}");
    }
}

#[test]
fn new_labels_are_text_under_keys_that_kestra_takes() {
    let take = |value| normal(&Kind::Labels(Keys::New), &value, &clock());
    assert_eq!(
        take(json!({"a.b-c_d": 1, "x": true, "äÖ\u{4e2d}": "y"})),
        Some(json!({"a.b-c_d": "1", "x": "true", "äÖ\u{4e2d}": "y"}))
    );
    for bad in [
        json!({"system.x": "1"}),
        json!({"mcp.x": "1"}),
        json!({"": "1"}),
        json!({"a": ""}),
        json!({"a": null}),
        json!({"a": "x\ny"}),
        json!({"a b": "x"}),
        json!({"a:b": "x"}),
        json!({"a/b": "x"}),
        json!({"Team": "x"}),
        json!({"_a": "x"}),
        json!({"1a": "x"}),
        json!({"\u{4e2d}": "x"}),
        json!({"\u{aa}": "x"}),
        json!({"a\n": "x"}),
        json!({"a\u{660}": "x"}),
        json!({"a".repeat(101): "x"}),
        json!([]),
    ] {
        assert_eq!(take(bad.clone()), None, "{bad}");
    }
}

#[test]
fn labels_to_filter_by_have_any_key() {
    let take = |value| normal(&Kind::Labels(Keys::Any), &value, &clock());
    for good in [
        json!({"system.from": "api"}),
        json!({"mcp.client": "x"}),
        json!({"Team A/b": "x", "1": "y"}),
    ] {
        assert_eq!(take(good.clone()), Some(good));
    }
    for bad in [
        json!({"a][IN][b": "x"}),
        json!({"a[": "x"}),
        json!({"": "x"}),
        json!({"a\n": "x"}),
        json!({"a": ""}),
        json!({"a".repeat(101): "x"}),
    ] {
        assert_eq!(take(bad.clone()), None, "{bad}");
    }
}

#[test]
fn whole_numbers_are_within_bounds() {
    let kind = Kind::Integer {
        minimum: 1,
        maximum: 100,
        default: None,
    };
    assert_eq!(normal(&kind, &json!(2), &clock()), Some(json!(2)));
    for bad in [json!(0), json!(101), json!(2.5), json!("2")] {
        assert_eq!(normal(&kind, &bad, &clock()), None, "{bad}");
    }
}

#[test]
fn durations_are_iso_8601() {
    let ms = |text| parse_duration(text).map(|d| d.num_milliseconds());
    assert_eq!(ms("PT1.5S"), Some(1500));
    assert_eq!(ms("P1W"), Some(604_800_000));
    assert_eq!(ms("P1DT2H3M"), Some(93_780_000));
    for bad in ["", "P", "PT", "1H", "PT1", "PTH", "PT1M1H", "P1Y"] {
        assert_eq!(ms(bad), None, "{bad}");
    }
}

#[test]
fn base64_is_read_as_encoders_write_it_and_becomes_one_form() {
    let kind = kind(json!({ "kind": "base64", "max": 3 }));
    let take = |text: &str| normal(&kind, &json!(text), &clock());
    for (given, form) in [
        ("", ""),
        ("AP8=", "AP8="),
        ("AP8", "AP8="),
        ("+/+/", "+/+/"),
        ("-_-_", "+/+/"),
        ("AP\r\n8=\n", "AP8="),
    ] {
        assert_eq!(take(given), Some(json!(form)), "{given}");
    }
    for bad in ["A", "AP8=AP8=", "AP8=x", "\u{e9}", "AAAAAA==", "data:,AP8="] {
        assert_eq!(take(bad), None, "{bad}");
    }
    assert_eq!(take(&"\n".repeat(1 << 20)), None);
}

#[test]
fn any_json_is_taken_as_it_is() {
    let kind = kind(json!({ "kind": "json" }));
    for given in [json!(1), json!("1"), json!([null]), json!({ "a": "b" })] {
        assert_eq!(*coerce::read(&kind, &given), given);
        assert_eq!(normal(&kind, &given, &clock()), Some(given));
    }
}
