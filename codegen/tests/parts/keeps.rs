//! What is kept of an answer.

use codegen::keep::Keeps;
use serde_json::{Value, json};
use vocabulary::Keep;

use super::{manifest, tool};

/// A tree as JSON: true for the whole, a list for what is kept of each row; of other lists what is
/// kept of an item, the texts that make its kind, and how many items of one; of tasks that are counted the
/// members under which others stand.
fn shown(keep: &Keep) -> Value {
    match keep {
        Keep::Presence => json!({}),
        Keep::Whole => json!(true),
        Keep::Labels => json!("labels"),
        Keep::Tree(names) => json!({ "tree": names }),
        Keep::Count => json!("count"),
        Keep::Kinds { item, by, each } => json!([shown(item), by, each]),
        Keep::Each(item, limit) => json!([shown(item), limit]),
        Keep::Members(members) => members
            .iter()
            .map(|(name, inner)| (name.clone(), shown(inner)))
            .collect(),
    }
}

fn kept(line: &str, name: &str, step: &str) -> Value {
    let manifest = manifest(line);
    let tool = tool(&manifest, name);
    let near = manifest.near(tool).map(|near| &near.node);
    shown(&Keeps::of(tool, near).get(step))
}

#[test]
fn of_an_object_what_fields_and_checks_point_at() {
    let wanted = json!({
        "namespace": true, "id": true, "inputs": true, "updated": true, "deleted": true,
        "source": true, "tasks": "count",
    });
    assert_eq!(kept("2.0", "get_flow", "act"), wanted);
}

#[test]
fn of_a_page_what_is_shown_of_each_row() {
    let row = |more: &[&str]| {
        let mut row = json!({
            "namespace": true, "id": true, "revision": true, "labels": "labels", "inputs": true,
            "triggers": [{ "type": true }, ["/type"], 100], "description": true,
        });
        for name in more {
            row[name] = json!(true);
        }
        json!({ "results": [row, 100], "total": true })
    };
    assert_eq!(kept("1.3", "list_flows", "act"), row(&[]));
    assert_eq!(
        kept("2.0", "list_flows", "act"),
        row(&["disabled", "updated"])
    );
}

#[test]
fn of_a_bare_list_its_rows() {
    assert_eq!(
        kept("2.0", "check_flow", "act"),
        json!([{ "constraints": true }, 100])
    );
}

#[test]
fn of_candidates_what_is_compared_and_shown() {
    let wanted = json!({ "results": [{ "namespace": true, "id": true }, 100] });
    assert_eq!(kept("2.0", "get_flow", "here"), wanted);
}

#[test]
fn of_a_start_and_its_reads_the_same() {
    let wanted = json!({
        "id": true,
        "outputs": true,
        "state": { "current": true, "startDate": true, "endDate": true },
        "taskRunList": [{ "taskId": true, "state": { "current": true } }, ["/state/current"], 1],
    });
    assert_eq!(kept("1.3", "run_flow", "act"), wanted);
    assert_eq!(kept("1.3", "run_flow", "settle"), wanted);
    let mut newer = wanted;
    newer["results"] = json!(true);
    assert_eq!(kept("2.0", "run_flow", "settle"), newer);
}

#[test]
fn of_a_step_before_what_later_ones_take() {
    let wanted = json!({ "revision": true, "inputs": true, "disabled": true, "deleted": true,
        "tasks": { "tree": ["tasks", "cases/*"] } });
    assert_eq!(kept("2.0", "run_flow", "describe"), wanted);
}

#[test]
fn of_an_attached_list_what_is_picked() {
    let wanted = json!({ "results": [{ "message": true, "executionId": true }, 100] });
    assert_eq!(kept("2.0", "restart_run", "logs"), wanted);
}
