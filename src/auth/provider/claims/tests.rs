use proptest::prelude::*;
use serde_json::json;

use super::*;

fn path(parts: &[&str]) -> ClaimPath {
    ClaimPath(parts.iter().map(|part| (*part).to_owned()).collect())
}

fn documents() -> Documents {
    Documents {
        id_token: Some(json!({ "sub": "1", "roles": [], "team": null })),
        userinfo: Some(json!({ "sub": "1", "roles": ["viewer"], "team": "data" })),
        access_token: None,
    }
}

const BOTH: &[ClaimSource] = &[ClaimSource::IdToken, ClaimSource::Userinfo];

#[test]
fn an_empty_claim_is_present_and_a_null_is_absent() {
    let documents = documents();
    let roles = path(&["roles"]);
    assert_eq!(documents.find(&roles, BOTH), Some(&json!([])));
    assert_eq!(
        documents.find(&roles, &[ClaimSource::Userinfo]),
        Some(&json!(["viewer"]))
    );
    assert_eq!(documents.find(&roles, &[ClaimSource::AccessTokenJwt]), None);
    assert_eq!(documents.find(&path(&["team"]), BOTH), Some(&json!("data")));
}

#[test]
fn the_id_token_decides_who_the_person_is() {
    let mut documents = documents();
    assert_eq!(documents.subject(&path(&["sub"])), Some("1"));
    assert_eq!(documents.subject(&path(&["team"])), None);
    documents.id_token = None;
    assert_eq!(documents.subject(&path(&["team"])), Some("data"));
    documents.userinfo = Some(json!({ "sub": "", "oid": 7 }));
    assert_eq!(documents.subject(&path(&["sub"])), None);
    assert_eq!(documents.subject(&path(&["oid"])), None);
}

#[test]
fn the_preferred_name_wins_and_blank_names_do_not_count() {
    let said = |id_token: Value| {
        Documents {
            id_token: Some(id_token),
            ..Documents::default()
        }
        .name()
    };
    let all = json!({ "name": "Ana", "preferred_username": "ana", "email": "ana@example.com" });
    assert_eq!(said(all).as_deref(), Some("Ana"));
    let blank = json!({ "name": " ", "preferred_username": 3, "email": "ana@example.com" });
    assert_eq!(said(blank).as_deref(), Some("ana@example.com"));
    assert_eq!(said(json!({ "sub": "1" })), None);
}

#[test]
fn a_claim_with_too_many_values_is_reported_only_if_it_is_needed() {
    let with = |claims: Value| Documents {
        id_token: Some(claims),
        ..Documents::default()
    };
    let groups = path(&["groups"]);
    let inside = path(&["groups", "0"]);
    let roles = path(&["roles"]);
    let marks = [
        json!({ "_claim_names": { "groups": "src1" } }),
        json!({ "hasgroups": true }),
        json!({ "hasgroups": "true" }),
    ];
    for mark in marks {
        let documents = with(mark.clone());
        for needed in [&groups, &inside] {
            let found = documents.elsewhere([&roles, needed].into_iter(), BOTH);
            assert_eq!(found, Some(needed.to_string()), "{mark}");
        }
        assert_eq!(documents.elsewhere([&roles].into_iter(), BOTH), None);
    }
    let whole = with(json!({ "groups": [], "_claim_names": { "groups": "src1" } }));
    assert_eq!(whole.elsewhere([&groups].into_iter(), BOTH), None);
    let without = with(json!({ "hasgroups": false }));
    assert_eq!(without.elsewhere([&groups].into_iter(), BOTH), None);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from)];
    let name = prop::sample::select(vec!["a", "a/b", "~", "0", "01", "", "~1"]);
    leaf.prop_recursive(3, 24, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(name.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// A path finds the same value as the JSON Pointer that it is printed as.
    #[test]
    fn a_path_is_a_json_pointer(
        document in json_value(),
        parts in prop::collection::vec(
            prop::sample::select(vec!["a", "a/b", "~", "0", "01", "1", "", "~1", "+1"]), 0..4),
    ) {
        let path = path(&parts);
        let pointed = document.pointer(&path.to_string()).filter(|value| !value.is_null());
        prop_assert_eq!(at(&document, &path), pointed);
    }
}
