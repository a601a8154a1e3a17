//! Faults of what only one strategy has: `settle`, `upsert`, `unfold`, and the roles of their steps.

mod settle;
mod unfold;
mod upsert;

use super::project::{At, MANIFEST, Project};
use settle::END_RUN;
use unfold::FIND_RUNS;
use upsert::SAVE_FLOW;

/// The project with a tool more, changed in one place.
fn with(tool: &str, from: &str, to: &str) -> Project {
    assert_eq!(tool.matches(from).count(), 1, "{from:?} in {tool}");
    let project = Project::new();
    let text = format!("{}{}", project.text(MANIFEST), tool.replace(from, to));
    project.and(MANIFEST, text)
}

/// Each change has this one fault.
fn each(tool: &str, cases: &[(&str, &str, At, &str)]) {
    for (from, to, at, message) in cases {
        with(tool, from, to).says(MANIFEST, &[(*at, message)]);
    }
}

#[test]
fn the_tools_without_a_change_have_no_fault() {
    for tool in [END_RUN, SAVE_FLOW, FIND_RUNS] {
        with(tool, "[[tool]]", "[[tool]]").says(MANIFEST, &[]);
    }
}

const LATEST: &str = r#"[tool.step.latest]
operation = "getFlow"
bind = { namespace = "$namespace", id = "$flow_id" }
[tool.step.describe]
operation = "getFlow"
bind = { namespace = "$namespace", id = "$flow_id" }
[tool.step.start]"#;
const DESCRIBE: &str = r#"[tool.step.describe]
operation = "getFlow"
bind = { namespace = "$namespace", id = "$flow_id" }
[tool.step.start]"#;

#[test]
fn who_reads_the_latest_says_how_it_is_told_from_others() {
    let project = || Project::new().with(MANIFEST, DESCRIBE, LATEST);
    let next = "next = \"ask again\"";
    let told = "revision = \"/revision\"\ndeleted = \"/deleted\"\nnext = \"ask again\"";
    project().with(MANIFEST, next, told).says(MANIFEST, &[]);
    project().says(
        MANIFEST,
        &[(
            At::Tool("run_flow"),
            "run_flow: a step \"latest\" needs a step \"describe\", and `revision` and `deleted` in `follow`",
        )],
    );
    let half = "revision = \"/revision\"\nnext = \"ask again\"";
    project().with(MANIFEST, next, half).says(
        MANIFEST,
        &[(At::Text("[tool.follow]"), "run_flow: missing `deleted`")],
    );
}

#[test]
fn what_says_that_something_exists_is_a_refusal() {
    let exists = |statuses: &str| {
        let states = "[states]\nterminal";
        let with = format!("[exists]\nstatuses = [{statuses}]\nwords = [\"is there\"]\n{states}");
        Project::new().with(MANIFEST, states, &with)
    };
    exists("409, 422").says(MANIFEST, &[]);
    for statuses in ["500", "409, 200", "\"409\""] {
        exists(statuses).says(
            MANIFEST,
            &[(
                At::Text("statuses ="),
                "`statuses` takes numbers from 400 to 499",
            )],
        );
    }
}
