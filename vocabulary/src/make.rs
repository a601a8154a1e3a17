//! The functions that compute fields. A new function is a variant of [`Make`], a match arm of
//! [`Make::parts`], a row in the table of `written`, and a match arm of the server.

mod parts;
mod visit;
mod written;

use indexmap::IndexMap;
use serde_json::Value;

use crate::{Asked, At, Class, Expr, Many, Permission, Type, When, Words};
pub use parts::{ROWS, Use};
pub(crate) use visit::resolve;

/// How a field is computed.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the keys are documented where they are read")]
pub enum Make {
    /// The first of several places that holds anything.
    Plain { at: Many<Expr> },
    /// A text that is never cut: an error above this many bytes.
    Whole {
        at: Expr,
        most: usize,
        /// The lines of it that were asked for, and from how many bytes on it is told that there
        /// are such.
        lines: Option<(Expr, usize)>,
    },
    /// Which lines of a text were asked for, of how many.
    LineRange { at: Expr, range: Expr },
    /// An instant.
    Time { at: Expr },
    /// From one instant to another.
    SecondsBetween { from: Expr, to: Expr },
    /// Whether a text is one of these.
    InSet { at: Expr, set: Words },
    /// Whether none of several places holds true.
    NoneOf { at: Many<Expr> },
    /// Labels as an object, without those of the system.
    LabelMap { at: Expr },
    /// The first line of a text.
    FirstLine { at: Expr },
    /// `id:TYPE` of flow inputs.
    InputSpec { at: Expr },
    /// Flow inputs as objects.
    InputList { at: Expr },
    /// The last words of class names in a list.
    ShortTypes { at: Expr, by: String },
    /// How many items.
    Count { at: Expr },
    /// How many items by a text of each, and in all: what the first of `total` says that holds
    /// anything, else how many items there are.
    CountBy {
        at: Expr,
        by: String,
        total: Many<Expr>,
        /// The members of a task under which tasks stand; `name/*` is a member whose own members
        /// hold them.
        nested: Vec<String>,
    },
    /// Fields of its own.
    Object { fields: Fields },
    /// Items of a list as objects.
    Pick {
        /// The lists, one after the other.
        at: Many<Expr>,
        only: When,
        /// Last first.
        reverse: bool,
        limit: usize,
        fields: Fields,
    },
    /// Something of the first item that fits.
    First { at: Expr, only: When, give: String },
    /// Something of the object that is found by its key in a tree.
    Seek {
        at: Expr,
        key: String,
        equals: Box<Make>,
        give: String,
        inputs: bool,
    },
}

impl Make {
    /// A value as it is.
    pub fn of(value: Value) -> Self {
        Self::Plain {
            at: Many(vec![value.into()]),
        }
    }

    /// The reference that this is, where it is no more.
    pub fn as_expr(&self) -> Option<&Expr> {
        match self {
            Self::Plain { at } => match &**at {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    }

    /// The JSON type of what it makes; none where the manifest must say it.
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Plain { .. } | Self::First { .. } => return None,
            Self::Whole { .. }
            | Self::LineRange { .. }
            | Self::Time { .. }
            | Self::FirstLine { .. } => Type::String,
            Self::SecondsBetween { .. } => Type::Number,
            Self::InSet { .. } | Self::NoneOf { .. } => Type::Boolean,
            Self::Count { .. } => Type::Integer,
            Self::LabelMap { .. } | Self::CountBy { .. } | Self::Object { .. } => Type::Object,
            Self::InputSpec { .. }
            | Self::InputList { .. }
            | Self::ShortTypes { .. }
            | Self::Pick { .. }
            | Self::Seek { .. } => Type::Array,
        })
    }

    /// Whether only this server can have written what it makes.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Time { .. }
            | Self::SecondsBetween { .. }
            | Self::InSet { .. }
            | Self::NoneOf { .. }
            | Self::Count { .. }
            | Self::CountBy { .. }
            | Self::LineRange { .. } => true,
            Self::Plain { at } => {
                !at.is_empty() && at.iter().all(|at| matches!(at, Expr::Constant(_)))
            }
            _ => false,
        }
    }
}

/// Fields by name, in order.
pub type Fields = IndexMap<String, At<Field>>;

/// Bytes of a field that states none.
pub(crate) const BYTES: usize = 4096;

/// One field of a result.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is made of.
    pub make: Make,
    /// Left out unless this holds.
    pub when: When,
    /// Who wrote the text in it.
    pub text: Option<Class>,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// The ordinary value, which is left out.
    pub omit: Option<Value>,
    /// The JSON type that the schema promises, where `make` does not say it.
    pub kind: Type,
    /// Bytes of the value.
    pub bytes: usize,
    /// Other bytes when it was asked for.
    pub asked: Option<Asked>,
}

impl From<Make> for Field {
    fn from(make: Make) -> Self {
        Self {
            make,
            when: When::Always,
            text: None,
            permission: None,
            omit: None,
            kind: Type::String,
            bytes: BYTES,
            asked: None,
        }
    }
}

impl Field {
    /// Who wrote the text in it; the strictest where the manifest does not say and it could be anybody.
    pub fn class(&self) -> Class {
        let no_text = !matches!(
            self.make.kind().unwrap_or(self.kind),
            Type::String | Type::Object | Type::Array
        );
        match self.text {
            Some(class) => class,
            // Its own fields say it.
            None if self.make.is_ours() || no_text || self.has_fields() => Class::Ours,
            None => Class::default(),
        }
    }

    /// Whether fields of its own say who wrote what.
    const fn has_fields(&self) -> bool {
        matches!(self.make, Make::Object { .. } | Make::Pick { .. })
    }

    /// The JSON type that the schema promises.
    pub fn kind(&self) -> Type {
        self.make.kind().unwrap_or(self.kind)
    }
}
