//! The filters of a step against those that its operation takes.

use serde_json::Value;
use vocabulary::{At, Step};

use super::planner::Planner;
use super::resolved::Resolved;
use crate::nearest::nearest;

impl Planner<'_> {
    /// Filters name fields that the description knows.
    pub(super) fn filter_fields(&self, owner: &str, step: &At<Step>, resolved: &Resolved) {
        if step.filters.is_empty() {
            return;
        }
        let line = self.line();
        if !resolved
            .parameters
            .iter()
            .any(|known| known.name == "filters")
        {
            self.file.fault(
                owner,
                step.place,
                format!("{} takes no filters in Kestra {line}", resolved.id),
            );
            return;
        }
        let words = |schema: &str| -> Vec<&str> {
            let words = self
                .document
                .json
                .pointer(&format!("/components/schemas/{schema}/enum"));
            let words = words.and_then(Value::as_array);
            words
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let bare = |word: &str| word.replace('_', "").to_lowercase();
        let (fields, operations) = (words("QueryFilterField"), words("QueryFilterOp"));
        for (field, filters) in &step.filters {
            let name = self.manifest.filter_names.get(field).unwrap_or(field);
            for filter in filters {
                if !fields.is_empty() && !fields.iter().any(|field| bare(field) == bare(name)) {
                    let near = nearest(name, fields.iter().copied());
                    let named = if name == field {
                        String::new()
                    } else {
                        format!(", by filter_names \"{name}\",")
                    };
                    self.file.fault(
                        owner,
                        filter.place,
                        format!("no filter field \"{field}\"{named} in Kestra {line}{near}"),
                    );
                }
                let op = filter.op.as_str();
                if !operations.is_empty() && !operations.contains(&op) {
                    let near = nearest(op, operations.iter().copied());
                    self.file.fault(
                        owner,
                        filter.place,
                        format!("no filter operation \"{op}\" in Kestra {line}{near}"),
                    );
                }
            }
        }
    }
}
