//! docs/errors.md says what the errors are.

use std::fs;

use kestra_mcp::tool::Code;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");

/// The first cell of each row of the table.
fn rows(page: &str) -> Vec<&str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

#[test]
fn the_page_has_a_row_for_every_code_and_no_other() {
    let page = fs::read_to_string(PAGE).unwrap();
    let mut found = rows(&page);
    let mut wanted: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}
