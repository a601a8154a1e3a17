//! Operations as the plan resolves them.

use codegen::document::Document;
use codegen::fault::Faults;
use codegen::overlay;
use codegen::plan::{Given, Resolved, plan};
use codegen::read::Unread;
use codegen::tree::Tree;

use super::project::{MANIFEST, OVERLAY, Project};
use super::{document, manifest, read};

fn resolve(line: &str, tool: &str, step: &str) -> Resolved {
    let faults = Faults::default();
    let mut document = document(line);
    let project = Project::new();
    let tree = Tree::parse(OVERLAY, project.text(OVERLAY), &faults).expect("TOML");
    let editions = overlay::apply(OVERLAY, &tree, &mut document, &faults);
    let given = Given {
        document: &document,
        editions: &editions,
        unread: &Unread::default(),
    };
    let plan = plan(MANIFEST, &mut manifest(line), given, &faults);
    assert_eq!(faults.into_vec(), []);
    plan[&(tool.to_owned(), step.to_owned())].clone()
}

/// Of a step of the product.
fn product(line: &str, tool: &str, step: &str) -> Resolved {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let faults = Faults::default();
    let text = std::fs::read_to_string(format!("{root}/{MANIFEST}")).expect("a manifest");
    let tree = Tree::parse(MANIFEST, &text, &faults).expect("TOML");
    let (mut manifest, unread) = read(&tree.at(line).expect("a tree"), &faults);
    let document = Document::read(format!("{root}/openapi/kestra-{line}.json")).expect("JSON");
    let given = Given {
        document: &document,
        editions: &overlay::Editions::default(),
        unread: &unread,
    };
    let plan = plan(MANIFEST, &mut manifest, given, &Faults::default());
    plan[&(tool.to_owned(), step.to_owned())].clone()
}

fn pair(name: &str, word: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), word.to_owned())]
}

#[test]
fn a_word_in_the_place_of_a_parameter_is_another_route() {
    assert_eq!(
        resolve("1.3", "run_flow", "act").collisions,
        [pair("id", "restart")]
    );
    assert!(resolve("2.0", "run_flow", "act").collisions.is_empty());
}

#[test]
fn no_operation_collides_with_itself_or_with_one_of_its_words() {
    // Its own word is fixed: no value of {executionId} makes it POST /executions/{namespace}/{id}.
    assert!(resolve("1.3", "restart_run", "act").collisions.is_empty());
    // GET /flows/search has one segment less.
    assert!(resolve("1.3", "get_flow", "act").collisions.is_empty());
    let get = resolve("1.3", "run_flow", "settle");
    assert_eq!(get.path, "/api/v1/{tenant}/executions/{executionId}");
    assert!(get.collisions.is_empty());
}

#[test]
fn the_collisions_of_the_product_are_those_of_its_description() {
    let old = product("1.3", "execute_flow", "act");
    assert_eq!(old.path, "/api/v1/{tenant}/executions/{namespace}/{id}");
    for word in ["restart", "resume", "pause"] {
        assert!(
            old.collisions.contains(&pair("id", word)),
            "{word} in {:?}",
            old.collisions
        );
    }
    let new = product("2.0", "execute_flow", "act");
    assert!(
        !new.collisions.contains(&pair("id", "restart")),
        "{:?}",
        new.collisions
    );
}

#[test]
fn a_parameter_says_where_it_stands_and_whether_it_is_needed() {
    let start = resolve("1.3", "run_flow", "act");
    let shown: Vec<String> = start
        .parameters
        .iter()
        .map(|known| {
            format!(
                "{} {} {} {}",
                known.name, known.place, known.kind, known.required
            )
        })
        .collect();
    let wanted = [
        "tenant path string true",
        "namespace path string true",
        "id path string true",
        "revision query integer false",
        "labels query array false",
    ];
    assert_eq!(shown, wanted);
}

#[test]
fn a_body_is_of_the_media_type_that_we_send() {
    let check = resolve("2.0", "check_flow", "act");
    assert_eq!(
        (check.body.as_deref(), check.body_required),
        (Some("application/x-yaml"), true)
    );
    let start = resolve("2.0", "run_flow", "act");
    assert_eq!(
        (start.body.as_deref(), start.body_required),
        (Some("multipart/form-data"), false)
    );
    assert_eq!(resolve("2.0", "get_flow", "act").body, None);
}

#[test]
fn an_edition_is_that_of_the_path() {
    assert_eq!(
        resolve("2.0", "list_apps", "act").needs.as_deref(),
        Some("EE")
    );
    assert_eq!(resolve("2.0", "get_flow", "act").needs, None);
}

#[test]
fn what_is_accepted_is_what_is_described_and_anything_else() {
    assert_eq!(
        resolve("2.0", "get_flow", "act").accept,
        "application/json, */*;q=0.1"
    );
}
