//! Faults of what only one strategy has: `settle`, `upsert`, `merge`, and the roles of their steps.

mod merge;
mod settle;
mod upsert;

use super::project::{At, MANIFEST, Project};
use merge::FIND_RUNS;
use settle::END_RUN;
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
