//! Kestra's query filters, and the same filters applied again to what came back: some builds
//! ignore them without a word.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use vocabulary::step::Wanted;
use vocabulary::{Op, Step};

use super::bindings::{Bindings, at, plain};
use super::instant::parse_instant;
use super::make;

impl Bindings<'_> {
    /// The filters of a request by their keys in the query; none when there is nothing to filter.
    pub fn filters(&self, step: &Step) -> Option<BTreeMap<String, String>> {
        let mut query = BTreeMap::new();
        let filters = step.filters.iter();
        let filters =
            filters.flat_map(|(field, all)| all.iter().map(move |filter| (field, filter)));
        for (field, filter) in filters {
            let value = self.get(&filter.value, &Value::Null).or(filter.or.as_ref());
            let Some(value) = value else {
                continue;
            };
            let key = format!("filters[{field}][{}]", filter.op.as_str());
            match value {
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

    /// Whether `row` meets every one of `checks`. Where what a row is held against is absent, every
    /// row passes.
    pub fn fits<'c>(
        &self,
        row: &Value,
        checks: impl IntoIterator<Item = (&'c [String], Op, Wanted<'c>)>,
    ) -> bool {
        checks.into_iter().all(|(places, op, wanted)| {
            let wanted = match wanted {
                Wanted::Argument(name) => self.arguments.get(name).filter(|value| !value.is_null()),
                Wanted::Value(expr) => self.get(expr, &Value::Null),
            };
            let Some(wanted) = wanted else {
                return true;
            };
            let mut places = places.iter().filter_map(|place| at(row, place));
            places.any(|found| fits(found, op, wanted))
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
