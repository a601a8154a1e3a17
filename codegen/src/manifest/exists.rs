//! How Kestra says that something is there already.

use crate::tree::Table;

/// What an answer to a change must be for that.
#[derive(Clone, Debug, Default)]
pub struct Exists {
    /// Its status is one of these, and one of the next two holds.
    pub statuses: Vec<i64>,
    /// Its words contain one of these, in lower case.
    pub words: Vec<String>,
    /// The last segment of the `type` of its problem document is one of these.
    pub problems: Vec<String>,
}

impl Exists {
    pub(super) fn read(table: Table<'_>) -> Self {
        let statuses = table.items("statuses").iter().filter_map(|status| {
            let number = status.to_json().as_i64();
            if number.is_none_or(|number| !(400..500).contains(&number)) {
                table.fault(status.line, "`statuses` takes numbers from 400 to 499");
            }
            number
        });
        let exists = Self {
            statuses: statuses.collect(),
            words: table.texts("words").unwrap_or_default(),
            problems: table.texts("problems").unwrap_or_default(),
        };
        table.finish();
        exists
    }
}
