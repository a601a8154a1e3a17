//! The inputs that a flow declares.

use serde_json::Value;

use crate::tool::bindings::plain;
use crate::tool::coerce;

/// Forms in forms.
const NESTING: usize = 8;
/// One input as the flow declares it; nested forms are flattened to dotted ids.
#[derive(Clone, Debug)]
pub struct Declared<'a> {
    /// Its id, dotted inside forms.
    pub id: String,
    /// Kestra's type, such as `STRING`.
    pub kind: &'a str,
    pub(super) spec: &'a Value,
}

impl<'a> Declared<'a> {
    /// Every input in `specs`, a flow's `inputs`.
    pub fn all(specs: &'a Value) -> Vec<Self> {
        let mut found = Vec::new();
        Self::collect(specs, "", NESTING, &mut found);
        found
    }

    fn collect(specs: &'a Value, prefix: &str, depth: usize, found: &mut Vec<Self>) {
        for spec in specs.as_array().into_iter().flatten() {
            let Some(id) = spec.get("id").and_then(Value::as_str) else {
                continue;
            };
            let id = if prefix.is_empty() {
                id.to_owned()
            } else {
                format!("{prefix}.{id}")
            };
            let kind = spec.get("type").and_then(Value::as_str).unwrap_or("STRING");
            match spec.get("inputs") {
                Some(inner) if kind == "FORM" && depth > 0 => {
                    Self::collect(inner, &id, depth - 1, found);
                }
                _ => found.push(Self { id, kind, spec }),
            }
        }
    }

    /// Whether a run without a value is refused: required, and nothing would fill it in.
    pub fn required(&self) -> bool {
        let given = |key: &str| self.spec.get(key).is_some_and(|value| !value.is_null());
        self.spec.get("required").and_then(Value::as_bool) != Some(false)
            && !given("defaults")
            && !given("dependsOn")
            && self.spec.get("autoSelectFirst").and_then(Value::as_bool) != Some(true)
    }

    /// The default, as declared; a secret one is not shown.
    pub fn default(&self) -> Option<&'a Value> {
        let shown = self.spec.get("defaults").filter(|value| !value.is_null());
        shown.filter(|_| self.kind != "SECRET")
    }

    /// The constant choices; none when any value, or one computed at run time, is allowed.
    pub fn values(&self) -> Option<Vec<&'a str>> {
        let flag = |key: &str| self.spec.get(key).and_then(Value::as_bool) == Some(true);
        let computed = self
            .spec
            .get("expression")
            .is_some_and(|value| !value.is_null());
        if computed || flag("allowCustomValue") || flag("allowInput") {
            return None;
        }
        let values = self.spec.get("values")?.as_array()?;
        let text = |value: &'a Value| value.as_str().or_else(|| value.get("value")?.as_str());
        let texts: Vec<&str> = values.iter().filter_map(text).collect();
        (!texts.is_empty()).then_some(texts)
    }

    /// What of `value` must not come back.
    pub(super) fn secrets(&self, value: &Value) -> Vec<String> {
        let item = self.spec.get("itemType").and_then(Value::as_str);
        match (self.kind, item) {
            ("SECRET", _) => vec![plain(value).into_owned()],
            (_, Some("SECRET")) => {
                let items = coerce::items(value).unwrap_or_default();
                items.iter().map(|item| plain(item).into_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn bound(&self, key: &str) -> Option<f64> {
        let value = self.spec.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    }
}
