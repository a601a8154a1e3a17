use super::*;
use serde_json::json;

#[test]
fn whole_numbers_may_be_written_as_floats_and_as_text() {
    for good in [json!(2), json!(2.0), json!("2"), json!(" 2.0 ")] {
        assert_eq!(whole(&good), Some(2), "{good}");
    }
    for bad in [
        json!(2.5),
        json!(1e300),
        json!("two"),
        json!("NaN"),
        json!("0x2"),
        json!(""),
        json!(true),
        json!([2]),
    ] {
        assert_eq!(whole(&bad), None, "{bad}");
    }
}

#[test]
fn a_word_may_be_written_in_any_case() {
    let list = ["WARN", "INFO", "Info", "DEBUG"]
        .map(str::to_owned)
        .to_vec();
    let words = &Words { set: None, list };
    assert_eq!(word(&json!(" warn"), words), Some("WARN"));
    for bad in [json!("info"), json!("loud"), json!(""), json!(1)] {
        assert_eq!(word(&bad, words), None, "{bad}");
    }
    let given = json!(["warn", "loud", "INFO"]);
    let kind = Kind::Set(words.clone());
    assert_eq!(*read(&kind, &given), json!(["WARN", "loud", "INFO"]));
    assert_eq!(*read(&kind, &json!("warn")), json!(["WARN"]));
}

#[test]
fn an_object_may_be_its_json_text() {
    assert_eq!(object(&json!(" {\"a\": [1]}")), Some(json!({"a": [1]})));
    for bad in [
        "",
        "a",
        "[]",
        "{",
        "{} {}",
        "{a: 1}",
        "{\"a\": NaN}",
        "{\"a\": 1, \"a\": 2}",
        "{\"b\": {\"a\": 1, \"\\u0061\": 2}}",
    ] {
        assert_eq!(object(&json!(bad)), None, "{bad}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
    assert_eq!(object(&json!(deep)), None);
}

#[test]
fn labels_may_be_a_list_of_pairs() {
    let both = json!({ "team": "data", "env": "prod" });
    for good in [
        json!(["team:data", "env:prod"]),
        json!([" team: data ", "env:prod", "env:prod"]),
        json!("[\"team:data\", \"env:prod\"]"),
        json!([{ "key": "team", "value": "data" }, "env:prod"]),
    ] {
        assert_eq!(pairs(&good), Some(both.clone()), "{good}");
    }
    let url = json!({ "url": "http://a:1/" });
    assert_eq!(pairs(&json!(["url:http://a:1/"])), Some(url));
    assert_eq!(pairs(&json!([])), Some(json!({})));
    for bad in [
        json!(["team"]),
        json!(["team:data", "team:ops"]),
        json!([5]),
        json!([["team", "data"]]),
        json!([{ "team": "data" }]),
        json!([{ "key": "team", "value": "data", "more": 1 }]),
        json!([{ "key": 5, "value": "data" }]),
        json!("team:data"),
        json!("[\"team:data\""),
        json!({ "0": "team:data" }),
    ] {
        assert_eq!(pairs(&bad), None, "{bad}");
    }
}

#[test]
fn a_whole_number_is_the_text_of_it() {
    for (given, text) in [
        (json!(7), "7"),
        (json!(-7), "-7"),
        (json!(u64::MAX), "18446744073709551615"),
    ] {
        assert_eq!(digits(&given), Some(json!(text)));
    }
    let long: Value = serde_json::from_str("18446744073709551616").expect("JSON");
    for bad in [
        json!(7.0),
        json!(1e3),
        json!(true),
        json!(null),
        json!([7]),
        long,
    ] {
        assert_eq!(digits(&bad), None, "{bad}");
    }
}

#[test]
fn a_list_may_be_its_json_text_or_its_only_item() {
    let table = [
        (json!(["a"]), Some(json!(["a"]))),
        (json!("[\"a\"]"), Some(json!(["a"]))),
        (json!("a"), Some(json!(["a"]))),
        (json!(5), Some(json!([5]))),
        (json!("[a]"), None),
        (json!("{}"), None),
        (json!({}), None),
    ];
    for (given, expected) in table {
        let found = items(&given).map(|items| Value::Array(items.into_owned()));
        assert_eq!(found, expected, "{given}");
    }
}

#[test]
fn a_number_is_text_where_no_digit_is_lost() {
    for (given, expected) in [
        (json!(5), "5"),
        (json!(-5), "-5"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(1.5), "1.5"),
        (json!(true), "true"),
    ] {
        assert_eq!(spelt(&given).as_deref(), Some(expected));
    }
    let long: Value = serde_json::from_str("0.12345678901234567890").expect("JSON");
    for bad in [json!(1e30), json!(null), json!([1]), long] {
        assert_eq!(spelt(&bad), None, "{bad}");
    }
}
