use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::json;

use super::kinds::KINDS;
use super::*;

fn members(members: &[(&str, Keep)]) -> Keep {
    let members = members.iter();
    Keep::Members(
        members
            .map(|(name, keep)| ((*name).to_owned(), keep.clone()))
            .collect(),
    )
}

static PAGE: LazyLock<Keep> = LazyLock::new(|| {
    let row = Box::new(members(&[("id", Keep::Whole)]));
    members(&[("results", Keep::Each(row, 2)), ("total", Keep::Whole)])
});
static EXECUTION: LazyLock<Keep> = LazyLock::new(|| {
    let run = members(&[
        ("attempts", Keep::Count),
        ("state", members(&[("current", Keep::Whole)])),
        ("taskId", Keep::Whole),
    ]);
    let runs = Keep::Kinds {
        item: Box::new(run),
        by: vec!["/state/current".to_owned()],
        each: 2,
    };
    members(&[
        ("id", Keep::Whole),
        ("inputs", Keep::Whole),
        ("labels", Keep::Labels),
        ("taskRunList", runs),
    ])
});

/// What is kept of `body`, in one block and in many, and what is lost.
fn kept(body: &str, keep: &'static Keep) -> (Value, Omissions) {
    let secrets = Redactor::default();
    let long = Bounds::of(body.len(), &secrets);
    let value = read_blocks(body.as_bytes().into(), keep, &long).expect(body);
    (value, long.into_lost())
}

fn short(body: &str, keep: &'static Keep) -> Result<Value, serde_json::Error> {
    let secrets = Redactor::default();
    let short = read(body.as_bytes(), keep, &Bounds::of(body.len(), &secrets));
    let long = Bounds::of(body.len(), &secrets);
    let long = read_blocks(body.as_bytes().into(), keep, &long);
    assert_eq!(short.as_ref().ok(), long.as_ref().ok(), "{body}");
    short
}

#[test]
fn keeps_what_is_named_and_no_more_rows_than_wanted() {
    let body =
        r#"{"x":[{"deep":[1,2]}],"results":[{"id":"a","y":1},{"id":null},{"id":"c"}],"total":3}"#;
    let kept = short(body, &PAGE).expect("JSON");
    assert_eq!(kept, json!({"results": [{"id": "a"}, {}], "total": 3}));
}

#[test]
fn leaves_out_what_has_another_kind() {
    for body in ["[1,[2]]", "\"text\"", "12", "-1.5", "true", "null"] {
        assert_eq!(short(body, &PAGE).expect(body), json!(null), "{body}");
    }
    let odd = r#"{"results":{"id":"a"},"total":[1]}"#;
    assert_eq!(short(odd, &PAGE).expect("JSON"), json!({"total": [1]}));
    let odd = r#"{"labels":5,"taskRunList":{},"id":{"a":[null,1.5,-2,"x",true]}}"#;
    let wanted = json!({"id": {"a": [null, 1.5, -2, "x", true]}});
    assert_eq!(short(odd, &EXECUTION).expect("JSON"), wanted);
}

#[test]
fn refuses_what_is_no_json() {
    for body in [
        "",
        "<html>",
        "{\"a\":1} x",
        "{\"a\":",
        "{\"total\":[1}}",
        "[1,]",
    ] {
        assert!(short(body, &PAGE).is_err(), "{body}");
    }
}

#[test]
fn of_each_kind_the_first_are_kept_and_all_are_counted() {
    let run = |id: usize, state: &str| json!({"taskId": format!("t{id}"), "state": {"current": state}, "attempts": [1, {}]});
    let mut runs: Vec<Value> = (0..5_000).map(|id| run(id, "SUCCESS")).collect();
    runs.push(run(9, "FAILED"));
    runs.push(json!(7));
    let (kept, lost) = kept(&json!({ "taskRunList": runs }).to_string(), &EXECUTION);
    let shown = &kept["taskRunList"];
    let states: Vec<&Value> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["state"])
        .collect();
    assert_eq!(states.len(), 4);
    assert_eq!(
        shown[2],
        json!({"taskId": "t9", "state": {"current": "FAILED"}, "attempts": 2})
    );
    assert_eq!(
        (count(shown), weight(&shown[1]), weight(&shown[2])),
        (Some(5_002), 4_999, 1)
    );
    assert!(lost.is_empty());
}

#[test]
fn kinds_without_end_are_counted_and_told() {
    let runs: Vec<Value> = (0..10_000)
        .map(|id| json!({"state": {"current": id.to_string()}}))
        .collect();
    let (kept, mut lost) = kept(&json!({ "taskRunList": runs }).to_string(), &EXECUTION);
    assert_eq!(count(&kept["taskRunList"]), Some(10_000));
    assert_eq!(
        kept["taskRunList"].as_array().map(Vec::len),
        Some(KINDS + 1)
    );
    assert_eq!(lost.tell("taskRunList").items, 10_000 - KINDS);
}

#[test]
fn labels_are_pairs_however_they_come() {
    let list = r#"{"labels":[{"key":"a","value":"b","x":[1]},{"key":"c","value":null},{"value":"d"},3,{"key":"e","value":5}]}"#;
    assert_eq!(
        short(list, &EXECUTION).unwrap(),
        json!({"labels": [["a", "b"], ["e", 5]]})
    );
    let map = r#"{"labels":{"a":"b"}}"#;
    assert_eq!(
        short(map, &EXECUTION).unwrap(),
        json!({"labels": {"a": "b"}})
    );
}

#[test]
fn what_is_kept_is_bounded_and_what_is_lost_is_told_by_its_name() {
    let mut inputs = String::from("[");
    for number in 0..400_000 {
        write!(inputs, "{{\"n\":{number}}},").unwrap();
    }
    let labels = "{\"key\":\"k\",\"value\":\"v\"},".repeat(400_000);
    let body = format!("{{\"inputs\":{inputs}0],\"labels\":[{labels}0],\"id\":\"last\"}}");
    let secrets = Redactor::default();
    let bounds = Bounds::of(body.len(), &secrets);
    let kept = read_blocks(body.as_bytes().into(), &EXECUTION, &bounds).unwrap();
    assert!(bounds.spent() < 5 << 20, "{}", bounds.spent());
    assert_eq!(kept["id"], "last");
    let shown = |name: &str| kept[name].as_array().unwrap().len();
    let mut lost = bounds.into_lost();
    assert_eq!(shown("inputs") + lost.tell("inputs").items, 400_001);
    assert_eq!(shown("labels") + lost.tell("labels").items, 400_001);
    assert!(shown("inputs") > 1_000 && shown("labels") > 1_000);
    assert_eq!(lost.tell("labels"), Omission::default());
}

#[test]
fn every_row_has_its_part() {
    static ROWS: LazyLock<Keep> = LazyLock::new(|| {
        let row = members(&[("id", Keep::Whole), ("labels", Keep::Whole)]);
        Keep::Each(Box::new(row), 100)
    });
    let labels = "{},".repeat(20_000);
    let row = format!("{{\"labels\":[{labels}{{}}],\"id\":\"row\"}}");
    let body = format!("[{}]", vec![row; 110].join(","));
    let (kept, mut lost) = kept(&body, &ROWS);
    let rows = kept.as_array().unwrap();
    assert_eq!(rows.len(), 100);
    for row in rows {
        assert_eq!(row["id"], "row");
        assert!(row["labels"].as_array().unwrap().len() > 100);
    }
    assert!(lost.tell("labels").items > 1_000_000);
}

#[test]
fn an_object_is_kept_with_its_type_or_not_at_all() {
    let secret = r#"{"value":"c1phert3xt","type":"io.kestra.datatype:aes_encrypted"},"#;
    let body = format!("{{\"inputs\":[{}1]}}", secret.repeat(60_000));
    let (kept, _) = kept(&body, &EXECUTION);
    let inputs = kept["inputs"].as_array().unwrap();
    assert!(inputs.len() > 100);
    for input in inputs {
        assert!(
            input.get("type").is_some() || input.get("value").is_none(),
            "{input}"
        );
    }
}

#[test]
fn nesting_ends_where_nobody_looks_any_more() {
    let deep = format!(
        "{{\"inputs\":{}1{},\"id\":\"last\"}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let (kept, mut lost) = kept(&deep, &EXECUTION);
    assert_eq!(kept["id"], "last");
    assert_eq!(lost.tell("inputs").items, 1);
    let skipped = deep.replace("inputs", "others");
    assert_eq!(
        super::tests::kept(&skipped, &EXECUTION),
        (json!({"id": "last"}), Omissions::default())
    );
}

#[test]
fn a_long_text_is_cut_after_the_search_for_secrets() {
    let secret = "s3cr3t-t0ken-0123456789";
    let secrets = Redactor::default();
    secrets.remember(secret);
    for before in [0, (320 << 10) - 10, (384 << 10) - 10, 600 << 10] {
        let text = format!("{}{secret}{}", ".".repeat(before), ".".repeat(1 << 20));
        let body = json!({ "id": text }).to_string();
        let bounds = Bounds::of(body.len(), &secrets);
        let kept = read_blocks(body.as_bytes().into(), &EXECUTION, &bounds).unwrap();
        let kept = kept["id"].as_str().unwrap();
        assert!(kept.len() > 256 << 10 && kept.len() < 384 << 10 && kept.ends_with('…'));
        assert!(!kept.contains("s3cr"), "at {before}");
        let lost = bounds.into_lost().tell("id").bytes;
        let marks = kept.matches("[redacted:secret]").count();
        assert!(marks > 0 || lost + kept.len() == text.len());
    }
}

#[test]
fn long_names_hide_nothing() {
    let name = "n".repeat(100_000);
    let body = format!("{{\"{name}\":1,\"id\":2,\"inputs\":{{\"{name}\":3,\"b\":4}}}}");
    let (kept, mut lost) = kept(&body, &EXECUTION);
    assert_eq!(kept, json!({"id": 2, "inputs": {"…": 3, "b": 4}}));
    assert!(lost.tell("inputs").bytes >= 100_000);
}
