use std::collections::BTreeMap;

use proptest::prelude::*;
use regex::Regex;
use serde_json::json;

use super::*;
use crate::config::http::Match;
use crate::policy::role::Vocabulary;

fn built_in() -> Roles {
    let words = Vocabulary {
        permissions: &[],
        tools: &[],
    };
    Roles::resolve(&BTreeMap::new(), words, &mut Vec::new())
}

fn rule(shape: Shape, map: Option<&[(Match, &str)]>) -> RoleRule {
    RoleRule {
        path: ClaimPath(vec!["groups".to_owned()]),
        shape,
        map: map.map(|pairs| {
            let pairs = pairs.iter().cloned();
            pairs
                .map(|(wanted, role)| (wanted, role.to_owned()))
                .collect()
        }),
    }
}

fn exact(text: &str) -> Match {
    Match::Exact(text.to_owned())
}

fn prefix(text: &str) -> Match {
    Match::Prefix(text.to_owned())
}

fn pattern(text: &str) -> Match {
    Match::Pattern(Regex::new(&format!("\\A(?:{text})\\z")).unwrap())
}

/// The roles that `rule` gives for a claim, or why there are none.
fn outcome(rule: &RoleRule, claim: Option<&Value>) -> Result<Vec<String>, Why> {
    let mapped = map(std::slice::from_ref(rule), &built_in(), |_| claim);
    match mapped.unmapped.first() {
        None => Ok(mapped.roles),
        Some(unmapped) => {
            assert_eq!(unmapped.path, "/groups");
            assert!(mapped.roles.is_empty());
            Err(unmapped.why)
        }
    }
}

#[test]
fn each_shape_accepts_its_own_values_only() {
    let both = Ok(vec!["editor".to_owned(), "viewer".to_owned()]);
    let one = Ok(vec!["viewer".to_owned()]);
    let list = json!(["viewer", "editor"]);
    let text = json!("viewer");
    let keys = json!({ "viewer": {}, "editor": null });
    let objects = json!([{ "name": "viewer" }, { "name": "editor", "id": 2 }]);
    let field = || Shape::Field("name".to_owned());
    let table = [
        (Shape::Auto, list.clone(), both.clone()),
        (Shape::Auto, text.clone(), one.clone()),
        (Shape::Auto, keys.clone(), Err(Why::Shape)),
        (Shape::Auto, objects.clone(), Err(Why::Shape)),
        (Shape::Auto, json!(["viewer", 1]), Err(Why::Shape)),
        (Shape::Auto, json!([]), Err(Why::Value)),
        (Shape::Auto, json!(true), Err(Why::Shape)),
        (Shape::Auto, json!("viewer editor"), Err(Why::Value)),
        (Shape::Array, list.clone(), both.clone()),
        (Shape::Array, text.clone(), Err(Why::Shape)),
        (Shape::String, text.clone(), one.clone()),
        (Shape::String, list.clone(), Err(Why::Shape)),
        (Shape::Space, json!(" viewer  editor "), both.clone()),
        (Shape::Space, json!("viewer,editor"), Err(Why::Value)),
        (Shape::Space, list.clone(), Err(Why::Shape)),
        (Shape::Comma, json!("viewer, editor,"), both.clone()),
        (Shape::Comma, text, one),
        (Shape::Comma, json!(""), Err(Why::Value)),
        (Shape::Keys, keys.clone(), both.clone()),
        (Shape::Keys, list.clone(), Err(Why::Shape)),
        (field(), objects, both),
        (field(), json!([{ "id": "viewer" }]), Err(Why::Shape)),
        (field(), json!([{ "name": ["viewer"] }]), Err(Why::Shape)),
        (field(), keys, Err(Why::Shape)),
        (field(), list, Err(Why::Shape)),
    ];
    for (shape, claim, expected) in table {
        let said = format!("{shape:?} of {claim}");
        assert_eq!(
            outcome(&rule(shape, None), Some(&claim)),
            expected,
            "{said}"
        );
    }
    assert_eq!(outcome(&rule(Shape::Auto, None), None), Err(Why::Absent));
}

#[test]
fn a_value_matches_only_as_it_is_written() {
    let table: [(Match, &str, bool); 13] = [
        (exact("ops"), "ops", true),
        (exact("ops"), "Ops", false),
        (exact("ops"), "ops ", false),
        (exact("ops"), "ops-x", false),
        (exact("/teams/data"), "/teams/data", true),
        (prefix("kestra-"), "kestra-ops", true),
        (prefix("kestra-"), "kestra-", true),
        (prefix("kestra-"), "x-kestra-ops", false),
        (pattern("ops-[0-9]+"), "ops-12", true),
        (pattern("ops-[0-9]+"), "ops-12-x", false),
        (pattern("ops-[0-9]+"), "x-ops-12", false),
        (pattern("a|b"), "ab", false),
        (pattern("ops"), "ops\n", false),
    ];
    for (wanted, value, counts) in table {
        let expected = if counts {
            Ok(vec!["editor".to_owned()])
        } else {
            Err(Why::Value)
        };
        let said = format!("{wanted:?} of {value:?}");
        let rule = rule(Shape::Auto, Some(&[(wanted, "editor")]));
        assert_eq!(outcome(&rule, Some(&json!(value))), expected, "{said}");
    }
}

#[test]
fn only_roles_that_exist_are_given() {
    let unknown = rule(Shape::Auto, Some(&[(exact("ops"), "superuser")]));
    assert_eq!(outcome(&unknown, Some(&json!("ops"))), Err(Why::Value));
    let named = rule(Shape::Auto, None);
    let claim = json!(["superuser", "kestra.flow.read", "Viewer"]);
    let given = Ok(vec!["kestra.flow.read".to_owned()]);
    assert_eq!(outcome(&named, Some(&claim)), given);
    // With a map, the name of a role is a value like any other.
    let mapped = rule(Shape::Auto, Some(&[(exact("ops"), "viewer")]));
    assert_eq!(outcome(&mapped, Some(&json!("admin"))), Err(Why::Value));
    assert_eq!(
        outcome(&rule(Shape::Auto, Some(&[])), Some(&claim)),
        Err(Why::Value)
    );
}

#[test]
fn rules_add_up_and_one_value_may_give_several_roles() {
    let claim = json!(["kestra-ops", "kestra-ops"]);
    let rules = [
        rule(
            Shape::Auto,
            Some(&[
                (prefix("kestra-"), "viewer"),
                (exact("kestra-ops"), "editor"),
            ]),
        ),
        rule(Shape::Auto, Some(&[(exact("kestra-ops"), "admin")])),
        rule(Shape::Auto, Some(&[(exact("else"), "kestra.flow.read")])),
    ];
    let mapped = map(&rules, &built_in(), |_| Some(&claim));
    assert_eq!(mapped.roles, ["admin", "editor", "viewer"]);
    assert_eq!(mapped.unmapped.len(), 1);
    assert_eq!(map(&[], &built_in(), |_| Some(&claim)), Mapped::default());
}

fn json_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec!["viewer", "admin", "ops", "viewer,admin", "a b", ""]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(word.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop::sample::select(vec![
        Shape::Auto,
        Shape::Array,
        Shape::String,
        Shape::Space,
        Shape::Comma,
        Shape::Keys,
        Shape::Field("ops".to_owned()),
    ])
}

proptest! {
    /// Whatever arrives: only known roles whose name or mapped value stands in the claim as a whole
    /// word, and a rule either gives a role or says why not.
    #[test]
    fn no_claim_gives_more_than_it_says(claim in json_value(), shape in shape()) {
        let known = built_in();
        let named = rule(shape.clone(), None);
        let mapped = rule(shape, Some(&[(exact("ops"), "editor")]));
        let text = claim.to_string();
        let found = map(&[named, mapped], &known, |_| Some(&claim));
        for role in &found.roles {
            prop_assert!(known.knows(role));
            let word = if role == "editor" { "ops" } else { role };
            prop_assert!(text.contains(word), "{role} of {text}");
        }
        prop_assert!(found.unmapped.len() + found.roles.len() >= 2 || found.unmapped.len() == 1);
        prop_assert!(found.unmapped.iter().all(|rule| rule.why != Why::Absent));
    }
}
