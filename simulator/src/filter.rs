//! Query filters: `filters[field][OPERATION][key]=value`.

use regex::Regex;

use crate::{error::ApiError, request::Request};

mod operation;
mod resource;

pub(crate) use operation::Op;
pub(crate) use resource::{
    APP, EXECUTION, EXECUTION_V2, FLOW, GROUP, KV, LOG_V1, LOG_V2, NAMESPACE, Resource, TRIGGER,
};

use resource::{FIELDS, SINCE_V2};

/// A query filter.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) field: String,
    pub(crate) op: Op,
    /// The label key (`team` in `filters[labels][EQUALS][team]`).
    pub(crate) key: Option<String>,
    pub(crate) value: String,
}

/// Parses the filters of a request. Malformed keys are silently ignored, as in Kestra.
pub(crate) fn read(request: &Request, resource: Resource) -> Result<Vec<Filter>, ApiError> {
    let mut filters = Vec::new();
    for (name, value) in &request.query {
        let Some(inside) = name
            .strip_prefix("filters[")
            .and_then(|n| n.strip_suffix(']'))
        else {
            continue;
        };
        let mut pieces = inside.split("][");
        let (Some(field), Some(op)) = (pieces.next(), pieces.next()) else {
            continue;
        };
        let key = pieces.next().map(str::to_owned);
        let op = check(request, resource, field, op)?;
        filters.push(Filter {
            field: field.to_owned(),
            op,
            key,
            value: value.clone(),
        });
    }
    Ok(filters)
}

fn check(request: &Request, resource: Resource, field: &str, op: &str) -> Result<Op, ApiError> {
    let known = if request.dialect.is_v2() {
        &FIELDS[..]
    } else {
        FIELDS.get(..SINCE_V2).unwrap_or(&FIELDS)
    };
    if !known.contains(&field) {
        let known = known.join(", ");
        return Err(unknown(
            request,
            format!("Unsupported field '{field}'. Expected one of: [{known}]"),
        ));
    }
    let Some(op) = Op::parse(op) else {
        return Err(unknown(
            request,
            format!("No enum constant io.kestra.core.models.QueryFilter.Op.{op}"),
        ));
    };
    let Some((_, allowed)) = resource.iter().find(|(name, _)| *name == field) else {
        return Err(ApiError::invalid_filters(format!(
            "Unsupported operation for {}: {}",
            constant(request, field),
            op.text()
        )));
    };
    if !allowed.contains(&op) {
        let allowed: Vec<&str> = allowed.iter().map(|op| op.text()).collect();
        return Err(ApiError::invalid_filters(format!(
            "Operation {} is not supported for field {}. Supported operations are {}",
            op.text(),
            constant(request, field),
            allowed.join(", ")
        )));
    }
    Ok(op)
}

fn unknown(request: &Request, message: String) -> ApiError {
    if request.dialect.is_ga() {
        ApiError::invalid_filters(message)
    } else {
        ApiError::illegal_argument(message)
    }
}

/// The name of Kestra's constant: `existingOnly` → `EXISTING_ONLY`.
fn constant(request: &Request, field: &str) -> String {
    if field == "level" && !request.dialect.is_v2() {
        return "MIN_LEVEL".to_owned();
    }
    field.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(c.to_ascii_uppercase());
        text
    })
}

impl Filter {
    /// Whether a text matches.
    pub(crate) fn text(&self, actual: &str) -> bool {
        let value = self.value.as_str();
        match self.op {
            Op::Equals => actual == value,
            Op::NotEquals => actual != value,
            Op::In => value.split(',').any(|one| one == actual),
            Op::NotIn => value.split(',').all(|one| one != actual),
            Op::StartsWith => actual.starts_with(value),
            Op::EndsWith => actual.ends_with(value),
            Op::Contains => actual.contains(value),
            Op::Regex => Regex::new(value).is_ok_and(|regex| regex.is_match(actual)),
            Op::Prefix => within(actual, value),
            Op::Greater => actual > value,
            Op::Less => actual < value,
            Op::AtLeast => actual >= value,
            Op::AtMost => actual <= value,
        }
    }

    /// Whether an optional value matches. An absent one matches only the negated operations.
    pub(crate) fn optional(&self, actual: Option<&str>) -> bool {
        match actual {
            Some(actual) => self.text(actual),
            None => matches!(self.op, Op::NotEquals | Op::NotIn),
        }
    }

    /// Whether a date in milliseconds since the epoch matches. A bound without a time zone is a
    /// 500, as in Kestra.
    pub(crate) fn date(&self, actual: Option<u64>) -> Result<bool, ApiError> {
        let at = self.value.len().min(10);
        let bound = crate::time::parse_instant(&self.value).ok_or_else(|| {
            ApiError::internal(format!(
                "Text '{}' could not be parsed at index {at}",
                self.value
            ))
        })?;
        let Some(actual) = actual else {
            return Ok(self.op == Op::NotEquals);
        };
        Ok(match self.op {
            Op::NotEquals => actual != bound,
            Op::Greater => actual > bound,
            Op::Less => actual < bound,
            Op::AtLeast => actual >= bound,
            Op::AtMost => actual <= bound,
            _ => actual == bound,
        })
    }

    /// Whether the labels match.
    pub(crate) fn labels(&self, labels: &[(String, String)]) -> bool {
        let Some(wanted) = &self.key else { return true };
        let found = labels
            .iter()
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| value.as_str());
        self.optional(found)
    }

    /// Whether the full-text search finds any of these texts, ignoring case.
    pub(crate) fn search(&self, texts: &[&str]) -> bool {
        contains_any(&self.value, texts) != (self.op == Op::NotEquals)
    }
}

/// Whether any text contains `needle`, ignoring case.
pub(crate) fn contains_any(needle: &str, texts: &[&str]) -> bool {
    let needle = needle.to_lowercase();
    texts
        .iter()
        .any(|text| text.to_lowercase().contains(&needle))
}

/// Whether `namespace` is `parent` or a child of it.
pub(crate) fn within(namespace: &str, parent: &str) -> bool {
    namespace
        .strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
