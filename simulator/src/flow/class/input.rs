//! The classes of inputs.

use super::{Class, INPUTS, Kind, Lines, Property, TEXTS, any, is, new, old, text};
use crate::settings::Dialect;

static DEPENDS_ON: Class = Class {
    name: "io.kestra.core.models.flows.DependsOn",
    open: false,
    properties: &[is("inputs", TEXTS), text("condition")],
};

/// The types of inputs a line knows, in the order in which Jackson lists them.
pub(in crate::flow) fn input_types(dialect: Dialect) -> Vec<&'static str> {
    INPUT_CLASSES
        .iter()
        .filter(|(_, lines, _)| match lines {
            Lines::Both => true,
            Lines::Old => !dialect.is_v2(),
            Lines::Ga => dialect.is_ga(),
            Lines::New | Lines::Dev => dialect.is_v2(),
        })
        .map(|(name, ..)| *name)
        .collect()
}

/// The class of an input of a type.
pub(in crate::flow) fn input(kind: &str, dialect: Dialect) -> Option<&'static Class> {
    let known = input_types(dialect).contains(&kind);
    let mut classes = INPUT_CLASSES.iter();
    let found = classes.find(|(name, ..)| known && *name == kind);
    found.map(|(.., class)| class)
}

/// A class of inputs: what all have, and its own.
macro_rules! input {
    ($name:literal $(, $own:expr)*) => {
        Class {
            name: concat!("io.kestra.core.models.flows.input.", $name),
            open: false,
            properties: &[
                any("defaults"),
                is("dependsOn", Kind::One(&DEPENDS_ON)),
                text("type"),
                text("id"),
                text("description"),
                text("displayName"),
                any("required"),
                $($own,)*
                any("prefill"),
                Property::on(Lines::Old, "name", Kind::Text).deprecated(),
            ],
        }
    };
}

static INPUT_CLASSES: [(&str, Lines, Class); 22] = [
    ("ARRAY", Lines::Both, input!("ArrayInput", any("itemType"))),
    ("BOOL", Lines::Both, input!("BoolInput")),
    ("BOOLEAN", Lines::Old, input!("BooleanInput")),
    (
        "DATE",
        Lines::Both,
        input!("DateInput", any("after"), any("before")),
    ),
    (
        "DATETIME",
        Lines::Both,
        input!("DateTimeInput", any("after"), any("before")),
    ),
    (
        "DURATION",
        Lines::Both,
        input!("DurationInput", any("min"), any("max")),
    ),
    ("EMAIL", Lines::Both, input!("EmailInput")),
    ("ENUM", Lines::Old, input!("EnumInput", is("values", TEXTS))),
    (
        "FILE",
        Lines::Both,
        input!(
            "FileInput",
            is("allowedFileExtensions", TEXTS),
            old("extension").deprecated()
        ),
    ),
    (
        "FLOAT",
        Lines::Both,
        input!("FloatInput", any("min"), any("max")),
    ),
    (
        "FORM",
        Lines::New,
        input!("FormInput", is("inputs", INPUTS)),
    ),
    (
        "INT",
        Lines::Both,
        input!("IntInput", any("min"), any("max")),
    ),
    ("ION", Lines::Ga, input!("IonInput")),
    ("JSON", Lines::Both, input!("JsonInput", new("jsonSchema"))),
    (
        "MULTISELECT",
        Lines::Both,
        input!(
            "MultiselectInput",
            any("values"),
            old("options").deprecated(),
            text("expression"),
            any("itemType"),
            any("allowCustomValue"),
            any("autoSelectFirst")
        ),
    ),
    (
        "REUSABLE_INPUTS",
        Lines::Ga,
        Class {
            name: "io.kestra.core.models.flows.input.ReusableInputsInput",
            open: true,
            properties: &[],
        },
    ),
    (
        "SECRET",
        Lines::Both,
        input!("SecretInput", text("validator")),
    ),
    (
        "SELECT",
        Lines::Both,
        input!(
            "SelectInput",
            any("values"),
            text("expression"),
            any("allowCustomValue"),
            any("isRadio"),
            any("autoSelectFirst")
        ),
    ),
    (
        "STRING",
        Lines::Both,
        input!("StringInput", text("validator")),
    ),
    (
        "TIME",
        Lines::Both,
        input!("TimeInput", any("after"), any("before")),
    ),
    ("URI", Lines::Both, input!("URIInput")),
    ("YAML", Lines::Both, input!("YamlInput")),
];

/// Whether a type of inputs has another one today.
pub(in crate::flow) fn is_deprecated_input(kind: &str) -> bool {
    matches!(kind, "ENUM" | "BOOLEAN")
}
