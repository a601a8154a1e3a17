//! The values of one call: its arguments and what earlier steps answered, and the expressions by
//! which the manifest names them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{CallCtx, Error, Internal, Unusable, document, input, multipart};

/// A place where a value stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expr {
    /// `$name`: an argument.
    Arg(&'static str),
    /// `@step/pointer`: in the answer of an earlier step.
    Step(&'static str, &'static str),
    /// `#/pointer`: in the document that was given.
    Document(&'static str),
    /// `/pointer`: in the row at hand, or in the main answer.
    Row(&'static str),
    /// Anything else, as JSON text.
    Constant(&'static str),
}

/// A condition over the values of a call.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Holds.
    Always,
    /// Every one holds.
    All(&'static [When]),
    /// At least one holds.
    Any(&'static [When]),
    /// Not one holds.
    None(&'static [When]),
    /// The value is this JSON.
    Equals(Expr, &'static str),
    /// The value is one of these texts.
    In(Expr, &'static [&'static str]),
    /// The value is a list with this text in it.
    Contains(Expr, &'static str),
    /// There is no value.
    Absent(Expr),
    /// There is a value.
    Present(Expr),
}

/// How a value becomes the text that Kestra expects.
#[derive(Clone, Copy, Debug)]
pub enum Encode {
    /// An object as a list of `key:value`.
    KeyValue,
}

/// [`Value::pointer`] without a copy of each name: almost none has an escape in it.
fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.contains('~') || !pointer.starts_with('/') {
        return value.pointer(pointer);
    }
    let mut names = pointer.split('/').skip(1);
    names.try_fold(value, |value, name| match value {
        Value::Object(members) => members.get(name),
        Value::Array(_) => value.pointer(&format!("/{name}")),
        _ => None,
    })
}

/// The values of one call.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The call's world.
    pub ctx: &'a CallCtx,
    /// Checked and normalised.
    pub arguments: &'a Map<String, Value>,
    /// What the steps answered, pruned to what is used of it.
    pub steps: BTreeMap<&'static str, Value>,
    /// The top-level texts of the document that was given.
    pub document: Value,
}

impl<'a> Scope<'a> {
    /// A scope before the first step.
    pub fn new(ctx: &'a CallCtx, arguments: &'a Map<String, Value>) -> Self {
        Self {
            ctx,
            arguments,
            steps: BTreeMap::new(),
            document: Value::Null,
        }
    }

    /// The value at `expr`; null counts as absent. `row` is what [`Expr::Row`] points into.
    pub fn get<'s>(&'s self, expr: &Expr, row: &'s Value) -> Option<Cow<'s, Value>> {
        let found = match expr {
            Expr::Arg(name) => Cow::Borrowed(self.arguments.get(*name)?),
            Expr::Step(step, pointer) => Cow::Borrowed(at(self.steps.get(step)?, pointer)?),
            Expr::Document(pointer) => Cow::Borrowed(at(&self.document, pointer)?),
            Expr::Row(pointer) => Cow::Borrowed(at(row, pointer)?),
            Expr::Constant(json) => Cow::Owned(serde_json::from_str(json).ok()?),
        };
        (!found.is_null()).then_some(found)
    }

    /// Whether `when` holds for `row`.
    pub fn holds(&self, when: &When, row: &Value) -> bool {
        let text = |expr: &Expr| self.get(expr, row);
        match when {
            When::Always => true,
            When::All(all) => all.iter().all(|when| self.holds(when, row)),
            When::Any(any) => any.iter().any(|when| self.holds(when, row)),
            When::None(none) => !none.iter().any(|when| self.holds(when, row)),
            When::Equals(expr, json) => {
                text(expr).is_some_and(|v| serde_json::from_str(json).is_ok_and(|w: Value| *v == w))
            }
            When::In(expr, set) => {
                text(expr).is_some_and(|v| v.as_str().is_some_and(|s| set.contains(&s)))
            }
            When::Contains(expr, word) => text(expr).is_some_and(|v| {
                v.as_array()
                    .is_some_and(|a| a.iter().any(|item| item == word))
            }),
            When::Absent(expr) => text(expr).is_none(),
            When::Present(expr) => text(expr).is_some(),
        }
    }

    /// A parameter that may be left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value is not of the parameter's type.
    pub fn optional<T: DeserializeOwned>(
        &self,
        parameter: &'static str,
        expr: &Expr,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(expr, &Value::Null) else {
            return Ok(None);
        };
        let field = if let Expr::Arg(name) = *expr {
            name
        } else {
            parameter
        };
        serde_json::from_value(value.into_owned())
            .map(Some)
            .map_err(|_| Error::invalid(field, "a value of the type that the tool's schema states"))
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a missing argument, [`Unusable::Lacking`] when an earlier answer
    /// lacks the value, or the first when it has another type.
    pub fn required<T: DeserializeOwned>(
        &self,
        parameter: &'static str,
        expr: &Expr,
    ) -> Result<T, Error> {
        self.optional(parameter, expr)?.ok_or_else(|| match expr {
            Expr::Arg(name) => Error::invalid(*name, "a value"),
            _ => Unusable::Lacking { parameter }.into(),
        })
    }

    /// A list parameter made of an object: `key:value` each. An empty object is no parameter.
    ///
    /// # Errors
    /// As [`Scope::optional`].
    pub fn encoded<T: DeserializeOwned>(
        &self,
        parameter: &'static str,
        expr: &Expr,
        encode: Encode,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(expr, &Value::Null) else {
            return Ok(None);
        };
        let Encode::KeyValue = encode;
        let pairs: Vec<Value> = value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| Value::String(format!("{key}:{}", plain(value))))
            .collect();
        if pairs.is_empty() {
            return Ok(None);
        }
        serde_json::from_value(Value::Array(pairs))
            .map(Some)
            .map_err(|_| Internal::NoList(parameter).into())
    }

    /// The first of these that is there: text as it is, anything else written as YAML.
    ///
    /// # Errors
    /// [`Error::Invalid`] when none is.
    pub fn yaml(&self, values: &[Expr]) -> Result<String, Error> {
        let found = values.iter().find_map(|expr| self.get(expr, &Value::Null));
        match found.as_deref() {
            Some(Value::String(text)) => Ok(document::without_mark(text).to_owned()),
            Some(other) => Ok(document::write(other)),
            None => Err(Error::invalid("source", "a source")),
        }
    }

    /// The form of the inputs at `value`, checked against those at `declared`: content type and
    /// bytes, both empty without any input. Values of secret inputs are remembered.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault.
    pub fn form(&self, value: &Expr, declared: &Expr) -> Result<(String, Vec<u8>), Error> {
        let none = Map::new();
        let given = self.get(value, &Value::Null);
        let given = given
            .as_ref()
            .and_then(|given| given.as_object())
            .unwrap_or(&none);
        let declared = self
            .get(declared, &Value::Null)
            .map_or(Value::Null, Cow::into_owned);
        let form = input::form(&declared, given)?;
        for secret in &form.secrets {
            self.ctx.secrets.remember(secret);
        }
        if form.parts.is_empty() {
            return Ok((String::new(), Vec::new()));
        }
        Ok(multipart::encode(&form.parts, &self.ctx.request_id))
    }
}

/// A scalar as bare text, anything else as JSON.
pub fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
