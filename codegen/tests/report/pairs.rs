//! The report on the product's own descriptions, and on Kestra's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use codegen::document::{Document, Operation};
use codegen::fault::{Fault, Faults};
use codegen::import;
use codegen::overlay;
use codegen::project::{MANIFEST as FILE, OVERLAY};
use codegen::report::compare::{Fate, compare};
use codegen::report::usage::uses;
use codegen::report::{Report, Status};
use codegen::tree::Tree;

use super::{reported, toml};

/// The places that the report names in a tool, and those that it says are edited.
fn places(report: &Report) -> (Vec<&str>, Vec<&str>) {
    let tools = report.tools.iter().flat_map(|line| &line.tools);
    let after = |mark: &'static str| {
        let named = tools.clone().filter_map(move |text| text.split_once(mark));
        named.map(|(tool, _)| tool).collect()
    };
    (after(": tool-manifest.toml:"), after(": edited in "))
}

fn messages(faults: &[Fault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.message.as_str()).collect()
}

/// Had 2.0 come to a project that knew 1.3 alone: the report names what the build then refuses,
/// and all of it has been edited since then, in the manifest or in the overlay.
#[test]
fn what_2_0_needed_after_1_3_stands_in_manifest_and_overlay() {
    let (old, new) = (description("1.3"), description("2.0"));
    let (manifest, overlay) = (text(FILE), text(OVERLAY));
    let manifest = toml(&manifest);
    let overlay_then = overlay.replace("before = \"2.0\"\n", "");
    let manifest_then = manifest.at("1.3").expect("entries");

    let then = reported(&old, &new, &manifest_then, &toml(&overlay_then));
    assert_eq!(
        messages(&then.to_edit),
        [
            // [output.execution.attach.logs]
            r#"execute_flow: no filter field "level", by filter_names "MIN_LEVEL", in Kestra 2.0; nearest is "ASSIGNEE""#,
            r#"get_execution: no filter field "level", by filter_names "MIN_LEVEL", in Kestra 2.0; nearest is "ASSIGNEE""#,
            r#"search_namespaces: searchNamespaces has no parameter "q""#,
            r#"list_flows: no filter field "q", by filter_names "QUERY", in Kestra 2.0; nearest is "q""#,
            r#"list_apps: searchApps has no parameter "namespace""#,
            r#"list_apps: searchApps has no parameter "q""#,
        ]
    );
    assert_eq!(
        messages(&then.overlay),
        [
            "GET /api/v1/configs has no effect: Kestra 2.0 describes it; remove the entry",
            "GET /api/v1/me has no effect: Kestra 2.0 describes it; remove the entry",
        ]
    );
    let (to_edit, edited) = places(&then);
    assert_eq!(
        to_edit,
        [
            "list_apps",
            "list_flows",
            "output.execution.attach.logs",
            "search_namespaces"
        ]
    );
    assert_eq!(edited, [] as [&str; 0]);

    let now = reported(&old, &new, &manifest, &toml(&overlay));
    assert_eq!(messages(&now.to_edit), [] as [&str; 0]);
    assert_eq!(messages(&now.overlay), [] as [&str; 0]);
    let (to_edit, edited) = places(&now);
    assert_eq!(to_edit, [] as [&str; 0]);
    // Besides what the build asked for: outputs in another place, and a patience with 404 that only
    // real servers of 2.0 teach.
    assert_eq!(
        edited,
        [
            "list_apps",
            "create_app",
            "execute_flow",
            "execute_flow",
            "create_or_update_flow",
            "output.execution.attach.logs",
            "search_namespaces",
            "output.execution.attach.outputs",
        ]
    );
}

/// From one line to the same there is nothing to say, and what is uncovered is no news.
#[test]
fn the_descriptions_of_the_product_against_themselves_need_nothing() {
    let (manifest, overlay) = (toml(&text(FILE)), toml(&text(OVERLAY)));
    for line in ["1.3", "2.0"] {
        let document = description(line);
        let report = reported(&document, &document, &manifest, &overlay);
        let mut tools = report.tools.iter();
        assert!(tools.all(|line| line.status == Status::Unchanged));
        assert!(report.to_edit.is_empty() && report.overlay.is_empty());
        assert!(report.uncovered.new.is_empty() && report.removed.is_empty());
        let golden = text(&format!("tests/it/golden/uncovered-{line}.txt"));
        assert_eq!(report.uncovered.known, golden.lines().count());
    }
}

/// Nothing is left out of a report, and nothing is told twice.
fn accounts_for_everything(old: &Document, new: &Document, manifest: &Tree, overlay: &Tree) {
    let report = reported(old, new, manifest, overlay);
    let pair = &report.head;
    let line = |document: &Document| document.line.clone().expect("a line");
    let (before, after) = (uses(manifest, &line(old)), uses(manifest, &line(new)));

    for one in &before {
        let named = report
            .tools
            .iter()
            .filter(|line| line.status != Status::Added);
        let named = named.filter(|line| {
            let tool = format!("{}: ", one.tool);
            line.tools.iter().any(|text| text.starts_with(&tool))
        });
        assert!(named.count() > 0, "{pair}: {} {}", one.tool, one.reference);
    }
    let used = new
        .operations()
        .filter(|operation| after.iter().any(|one| one.reference.names(operation)));
    let uncovered = &report.uncovered;
    assert_eq!(
        used.count() + uncovered.new.len() + uncovered.known,
        new.operations().count(),
        "{pair}"
    );
    let laid_over = |document: &Document| {
        let mut document = document.clone();
        overlay::apply(OVERLAY, overlay, &mut document, &Faults::default());
        document
    };
    let (old, new) = (laid_over(old), laid_over(new));
    let comparison = compare(&old, &new);
    let kept = comparison.rows.iter().filter_map(|row| row.fate.found());
    let kept: BTreeSet<_> = kept.map(Operation::route).collect();
    assert_eq!(
        kept.len() + comparison.added.len(),
        new.operations().count(),
        "{pair}"
    );
    let lost = comparison
        .rows
        .iter()
        .filter(|row| matches!(row.fate, Fate::Lost));
    let lost = lost.count();
    let removed = report.removed.len();
    let told = report
        .tools
        .iter()
        .filter(|line| matches!(line.status, Status::Lost | Status::NotInThisEdition));
    assert_eq!(removed + told.count(), lost, "{pair}");
}

#[test]
fn a_report_accounts_for_every_operation_and_every_step() {
    let (manifest, overlay) = (toml(&text(FILE)), toml(&text(OVERLAY)));
    for (old, new) in [("1.3", "2.0"), ("2.0", "1.3"), ("1.3", "1.3")] {
        let (old, new) = (description(old), description(new));
        for overlay in [&overlay, &toml("")] {
            accounts_for_everything(&old, &new, &manifest, overlay);
        }
    }
}

#[test]
fn a_version_names_its_line_or_none() {
    for (version, line) in [
        ("1.3.19", Some("1.3")),
        ("2.0.0-SNAPSHOT", Some("2.0")),
        ("1.0.0", None),
        ("1.30.1", None),
        ("2.0", None),
        ("", None),
    ] {
        let json = serde_json::json!({ "info": { "version": version } });
        let document = Document { line: None, json };
        assert_eq!(document.line_of_version(["1.3", "2.0"]), line, "{version}");
    }
}

#[test]
#[ignore = "takes Kestra's own descriptions, *.yml in the folder KESTRA_DESCRIPTIONS"]
fn a_report_accounts_for_every_description_of_kestra() {
    let (manifest, overlay) = (toml(&text(FILE)), toml(&text(OVERLAY)));
    let folder = std::env::var_os("KESTRA_DESCRIPTIONS").expect("KESTRA_DESCRIPTIONS");
    let files = Path::new(&folder).read_dir().expect("a folder");
    let files = files.map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    assert!(!files.is_empty());
    for file in files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file).expect("a description");
        let mut new = import::import(&name, &text, None)
            .expect("a description")
            .document;
        let line = new.line_of_version(["1.3", "2.0"]);
        new.line = Some(line.unwrap_or("1.3").to_owned());
        for overlay in [&overlay, &toml("")] {
            accounts_for_everything(&description("1.3"), &new, &manifest, overlay);
        }
    }
}

/// A file of the product.
fn text(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(file)).expect("a file")
}

fn description(line: &str) -> Document {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    Document::read(root.join(format!("kestra-{line}.json"))).expect("a description")
}
