//! The Java classes that Jackson deserializes a flow into, with their properties by line.
//!
//! Properties are in the order in which Kestra lists them when it meets an unknown one. An `open`
//! class accepts any property: either Kestra does so too, or no recording shows all of its
//! properties.

use crate::settings::Dialect;

mod flow;
mod input;
mod plugin;

pub(super) use flow::{FLOW, GENERIC};
pub(super) use input::{input, input_types, is_deprecated_input};
pub(super) use plugin::plugin;

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Any value.
    Any,
    /// A string; other scalars are converted.
    Text,
    /// A boolean.
    Boolean,
    /// An integer.
    Number,
    /// An enum.
    Enum(&'static Enum),
    /// An object of a class.
    Object(&'static Class),
    /// A list.
    List(&'static Kind),
    /// A map with arbitrary keys.
    Map(&'static Kind),
    /// An input, whose `type` selects its class.
    Input,
    /// A task, trigger or condition, whose `type` selects its class; holds the name of the
    /// interface.
    Plugin(&'static str),
}

/// An enum.
#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
}

/// A class.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) open: bool,
    pub(super) properties: &'static [Property],
}

/// The lines that a property or type exists on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lines {
    All,
    V1_3,
    V2,
    /// The development build of 2.0 alone.
    V2Dev,
    /// 2.0 GA alone.
    V2Ga,
}

/// A property of a class.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) deprecated: bool,
    lines: Lines,
}

impl Property {
    const fn on(lines: Lines, name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            deprecated: false,
            lines,
        }
    }

    const fn deprecated(self) -> Self {
        Self {
            deprecated: true,
            ..self
        }
    }
}

const fn any(name: &'static str) -> Property {
    Property::on(Lines::All, name, Kind::Any)
}

const fn v1(name: &'static str) -> Property {
    Property::on(Lines::V1_3, name, Kind::Any)
}

const fn v2(name: &'static str) -> Property {
    Property::on(Lines::V2, name, Kind::Any)
}

const fn is(name: &'static str, kind: Kind) -> Property {
    Property::on(Lines::All, name, kind)
}

const fn text(name: &'static str) -> Property {
    is(name, Kind::Text)
}

impl Class {
    /// The properties that exist on a line.
    pub(super) fn properties(&self, dialect: Dialect) -> impl Iterator<Item = &'static Property> {
        self.properties
            .iter()
            .filter(move |property| match property.lines {
                Lines::All => true,
                Lines::V1_3 => !dialect.is_v2(),
                Lines::V2 => dialect.is_v2(),
                Lines::V2Dev => dialect.is_v2() && !dialect.is_ga(),
                Lines::V2Ga => dialect.is_ga(),
            })
    }

    /// The type of a property; `None` if it is unknown.
    pub(super) fn kind(&self, name: &str, dialect: Dialect) -> Option<Kind> {
        let found = self.properties(dialect).find(|p| p.name == name);
        match found {
            Some(property) => Some(property.kind),
            None => self.open.then_some(Kind::Any),
        }
    }
}

pub(super) const TASK: Kind = Kind::Plugin("io.kestra.core.models.tasks.Task");
const TASKS: Kind = Kind::List(&TASK);
pub(super) const TRIGGER: Kind = Kind::Plugin("io.kestra.core.models.triggers.AbstractTrigger");
const CONDITION: Kind = Kind::Plugin("io.kestra.core.models.conditions.Condition");
const CONDITIONS: Kind = Kind::List(&CONDITION);
const INPUTS: Kind = Kind::List(&Kind::Input);
const TEXTS: Kind = Kind::List(&Kind::Text);
