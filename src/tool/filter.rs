//! Kestra's query filters, and the same filters applied again to what came back: some builds
//! ignore them without a word.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::format::parse_instant;
use super::make;
use super::scope::{Expr, Scope, plain};

/// An operation of Kestra's filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The same value; for a label, the same value under the key.
    Equals,
    /// One of a comma-joined list.
    In,
    /// This namespace or one below it.
    Prefix,
    /// Part of the text, whatever the case.
    Contains,
    /// At or after.
    AtLeast,
    /// At or before.
    AtMost,
}

impl Op {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "EQUALS",
            Self::In => "IN",
            Self::Prefix => "PREFIX",
            Self::Contains => "CONTAINS",
            Self::AtLeast => "GREATER_THAN_OR_EQUAL_TO",
            Self::AtMost => "LESS_THAN_OR_EQUAL_TO",
        }
    }
}

/// One filter: `filters[field][OP]=value`, or `filters[field][OP][key]=value` for each key.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Kestra's field.
    pub field: &'static str,
    /// The operation.
    pub op: Op,
    /// The value; where there is none at all, the filter is left out.
    pub value: Expr,
    /// JSON of the value where there is none.
    pub otherwise: Option<&'static str>,
    /// The value is an object, a filter for each of its members.
    pub keyed: bool,
}

/// A condition that every row must meet.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Where it stands in a row; one place of several is enough.
    pub at: &'static [&'static str],
    /// The operation.
    pub op: Op,
    /// The value; absent, every row passes.
    pub value: Expr,
}

impl Scope<'_> {
    /// The filters of a request by their keys in the query; none when there is nothing to filter.
    pub fn filters(&self, filters: &[Filter]) -> Option<BTreeMap<String, String>> {
        let mut query = BTreeMap::new();
        for filter in filters {
            let value = self.get(&filter.value, &Value::Null).or_else(|| {
                let otherwise = serde_json::from_str(filter.otherwise?).ok()?;
                Some(Cow::Owned(otherwise))
            });
            let Some(value) = value else {
                continue;
            };
            let key = format!("filters[{}][{}]", filter.field, filter.op.as_str());
            match value.as_ref() {
                Value::Object(members) if filter.keyed => {
                    for (name, value) in members {
                        query.insert(format!("{key}[{name}]"), plain(value).into_owned());
                    }
                }
                Value::Array(items) => {
                    let texts: Vec<_> = items.iter().map(plain).collect();
                    if !texts.is_empty() {
                        query.insert(key, texts.join(","));
                    }
                }
                other => {
                    query.insert(key, plain(other).into_owned());
                }
            }
        }
        (!query.is_empty()).then_some(query)
    }

    /// Whether `row` meets every check.
    pub fn fits(&self, row: &Value, checks: &[Check]) -> bool {
        checks.iter().all(|check| {
            let Some(wanted) = self.get(&check.value, &Value::Null) else {
                return true;
            };
            let mut places = check.at.iter().filter_map(|at| row.pointer(at));
            places.any(|found| fits(found, check.op, &wanted))
                || wanted.as_array().is_some_and(Vec::is_empty)
                || wanted.as_object().is_some_and(serde_json::Map::is_empty)
        })
    }
}

fn fits(found: &Value, op: Op, wanted: &Value) -> bool {
    if let Value::Object(wanted) = wanted {
        // Kestra may hold a key twice; any of its values counts.
        let labels: Vec<_> = make::labels(found).collect();
        return wanted.iter().all(|(key, value)| {
            labels
                .iter()
                .any(|(name, label)| name == key && *label == plain(value))
        });
    }
    let text = plain(found);
    match op {
        Op::Equals => text == plain(wanted),
        Op::In => wanted
            .as_array()
            .is_some_and(|all| all.iter().any(|one| plain(one) == text)),
        Op::Prefix => {
            let parent = plain(wanted);
            text.strip_prefix(parent.as_ref())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        Op::Contains => text.to_lowercase().contains(&plain(wanted).to_lowercase()),
        Op::AtLeast => instants(&text, wanted).is_none_or(|(found, wanted)| found >= wanted),
        Op::AtMost => instants(&text, wanted).is_none_or(|(found, wanted)| found <= wanted),
    }
}

/// Both sides as instants; none when Kestra's is not one, and then Kestra's filter is trusted.
fn instants(found: &str, wanted: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((parse_instant(found)?, parse_instant(&plain(wanted))?))
}

#[cfg(test)]
mod tests {
    use super::{Op, fits};
    use serde_json::json;

    #[test]
    fn a_prefix_is_whole_segments() {
        let prefix = |found, wanted| fits(&json!(found), Op::Prefix, &json!(wanted));
        assert!(prefix("a.b", "a"));
        assert!(prefix("a", "a"));
        assert!(!prefix("ab", "a"));
        assert!(!prefix("a", "a.b"));
    }

    #[test]
    fn labels_fit_as_a_list_or_a_map() {
        let wanted = json!({"team": "data"});
        assert!(fits(
            &json!([{"key": "team", "value": "data"}]),
            Op::Equals,
            &wanted
        ));
        assert!(fits(
            &json!({"team": "data", "x": "y"}),
            Op::Equals,
            &wanted
        ));
        assert!(!fits(
            &json!([{"key": "team", "value": "ops"}]),
            Op::Equals,
            &wanted
        ));
    }

    #[test]
    fn instants_compare_by_time_not_by_text() {
        let at_least = |found, wanted| fits(&json!(found), Op::AtLeast, &json!(wanted));
        assert!(at_least("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"));
        assert!(at_least(
            "2026-01-01T02:00:00+02:00",
            "2026-01-01T00:00:00Z"
        ));
        assert!(!at_least("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"));
    }
}
