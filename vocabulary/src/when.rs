//! Conditions.

use serde::Deserialize;
use serde_json::Value;

use crate::visit::Visit;
use crate::{Expr, Sets, Words};

/// A condition over the values of a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Table")]
pub enum When {
    /// Holds.
    #[default]
    Always,
    /// Every one holds.
    All(Vec<When>),
    /// At least one holds.
    Any(Vec<When>),
    /// Not one holds.
    None(Vec<When>),
    /// The value is this.
    Equals(Expr, Value),
    /// The value is one of these texts.
    In(Expr, Words),
    /// The value is a list with this text in it.
    Contains(Expr, String),
    /// There is no value.
    Absent(Expr),
    /// There is a value.
    Present(Expr),
}

/// A condition as it is written: one of `all`, `any`, `none`, `absent`, `present`, or a value at
/// `at` or `arg` with `equals`, `in` or `contains`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "When"))]
#[serde(default, deny_unknown_fields)]
struct Table {
    /// Every one of these conditions holds.
    all: Option<Vec<When>>,
    /// At least one of these conditions holds.
    any: Option<Vec<When>>,
    /// Not one of these conditions holds.
    none: Option<Vec<When>>,
    /// There is no such value.
    absent: Option<Expr>,
    /// There is such a value.
    present: Option<Expr>,
    /// The value.
    at: Option<Expr>,
    /// The value, by the name of an argument.
    arg: Option<String>,
    /// It is this.
    equals: Option<Value>,
    /// It is one of these texts.
    #[serde(rename = "in")]
    within: Option<Words>,
    /// It is a list with this text in it.
    contains: Option<String>,
}

impl TryFrom<Table> for When {
    type Error = &'static str;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        const FORMS: &str = "a condition is one of all, any, none, absent, present, or `at` or `arg` with equals, in, contains";
        let lists = [
            table.all.map(Self::All),
            table.any.map(Self::Any),
            table.none.map(Self::None),
        ];
        let alone = [
            table.absent.map(Self::Absent),
            table.present.map(Self::Present),
        ];
        let mut whole = lists.into_iter().chain(alone).flatten();
        let place = match (table.at, table.arg) {
            (Some(at), None) => Some(at),
            (None, Some(argument)) => Some(Expr::Argument(argument)),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(FORMS),
        };
        let valued = table.equals.is_some() || table.within.is_some() || table.contains.is_some();
        match (whole.next(), whole.next(), place) {
            (Some(when), None, None) if !valued => Ok(when),
            (None, None, Some(place)) => match (table.equals, table.within, table.contains) {
                (Some(value), None, None) => Ok(Self::Equals(place, value)),
                (None, Some(words), None) => Ok(Self::In(place, words)),
                (None, None, Some(word)) => Ok(Self::Contains(place, word)),
                _ => Err("a condition on a value has equals, in or contains"),
            },
            _ => Err(FORMS),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for When {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "When".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Table::json_schema(generator)
    }
}

impl When {
    /// Whether nothing has to hold.
    pub const fn is_always(&self) -> bool {
        matches!(self, Self::Always)
    }

    /// Looks up the names of sets.
    pub fn resolve(&mut self, sets: &Sets) {
        match self {
            Self::All(list) | Self::Any(list) | Self::None(list) => {
                for when in list {
                    when.resolve(sets);
                }
            }
            Self::In(_, words) => words.resolve(sets),
            _ => {}
        }
    }
}

impl Visit for When {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Always => {}
            Self::All(list) | Self::Any(list) | Self::None(list) => {
                for when in list {
                    when.expressions(visit);
                }
            }
            Self::Equals(expr, _)
            | Self::In(expr, _)
            | Self::Contains(expr, _)
            | Self::Absent(expr)
            | Self::Present(expr) => {
                visit(expr);
            }
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        match self {
            Self::All(list) | Self::Any(list) | Self::None(list) => {
                for when in list {
                    when.words(visit);
                }
            }
            Self::In(_, words) => visit(words),
            _ => {}
        }
    }
}
