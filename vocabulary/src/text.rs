//! Sentences of the manifest with values in them.

use serde::Deserialize;

use crate::Expr;
use crate::visit::Visit;

/// A sentence for a model, such as `It had ended as {@before/state/current}.`: in braces stands a
/// reference, or a word of whoever says it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "String")]
pub struct Text {
    /// What stands between, and what is put there: each part of text, then a value.
    pub parts: Vec<(String, Option<Slot>)>,
}

/// What is put into a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// A value of the call.
    Value(Expr),
    /// A word of whoever says it.
    Word(String),
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((slot, after)) = after.split_once('}') else {
                break;
            };
            let slot = match Expr::parse(slot) {
                Expr::Constant(_) => Slot::Word(slot.to_owned()),
                expr => Slot::Value(expr),
            };
            parts.push((before.to_owned(), Some(slot)));
            rest = after;
        }
        parts.push((rest.to_owned(), None));
        Self { parts }
    }
}

impl Text {
    /// The words that it leaves to whoever says it.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|(_, slot)| match slot {
            Some(Slot::Word(word)) => Some(word.as_str()),
            _ => None,
        })
    }
}

impl Visit for Text {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for (_, slot) in &self.parts {
            if let Some(Slot::Value(expr)) = slot {
                visit(expr);
            }
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Text {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "a sentence for a model; {references} in braces" })
    }
}
