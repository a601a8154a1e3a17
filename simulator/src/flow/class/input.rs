//! The classes of inputs.

use super::{Class, INPUTS, Kind, Lines, Property, TEXTS, any, is, text, v1, v2};
use crate::settings::Dialect;

static DEPENDS_ON: Class = Class {
    name: "io.kestra.core.models.flows.DependsOn",
    open: false,
    properties: &[is("inputs", TEXTS), text("condition")],
};

/// The input types of a line, in the order in which Jackson lists them.
pub(in crate::flow) fn input_types(dialect: Dialect) -> Vec<&'static str> {
    INPUT_CLASSES
        .iter()
        .filter(|(_, lines, _)| match lines {
            Lines::All => true,
            Lines::V1_3 => !dialect.is_v2(),
            Lines::V2Ga => dialect.is_ga(),
            Lines::V2 | Lines::V2Dev => dialect.is_v2(),
        })
        .map(|(name, ..)| *name)
        .collect()
}

/// The class of an input type.
pub(in crate::flow) fn input(kind: &str, dialect: Dialect) -> Option<&'static Class> {
    let known = input_types(dialect).contains(&kind);
    let mut classes = INPUT_CLASSES.iter();
    let found = classes.find(|(name, ..)| known && *name == kind);
    found.map(|(.., class)| class)
}

/// The class of an input: the common properties and its own.
macro_rules! input {
    ($name:literal $(, $own:expr)*) => {
        Class {
            name: concat!("io.kestra.core.models.flows.input.", $name),
            open: false,
            properties: &[
                any("defaults"),
                is("dependsOn", Kind::Object(&DEPENDS_ON)),
                text("type"),
                text("id"),
                text("description"),
                text("displayName"),
                any("required"),
                $($own,)*
                any("prefill"),
                Property::on(Lines::V1_3, "name", Kind::Text).deprecated(),
            ],
        }
    };
}

static INPUT_CLASSES: [(&str, Lines, Class); 22] = [
    ("ARRAY", Lines::All, input!("ArrayInput", any("itemType"))),
    ("BOOL", Lines::All, input!("BoolInput")),
    ("BOOLEAN", Lines::V1_3, input!("BooleanInput")),
    (
        "DATE",
        Lines::All,
        input!("DateInput", any("after"), any("before")),
    ),
    (
        "DATETIME",
        Lines::All,
        input!("DateTimeInput", any("after"), any("before")),
    ),
    (
        "DURATION",
        Lines::All,
        input!("DurationInput", any("min"), any("max")),
    ),
    ("EMAIL", Lines::All, input!("EmailInput")),
    (
        "ENUM",
        Lines::V1_3,
        input!("EnumInput", is("values", TEXTS)),
    ),
    (
        "FILE",
        Lines::All,
        input!(
            "FileInput",
            is("allowedFileExtensions", TEXTS),
            v1("extension").deprecated()
        ),
    ),
    (
        "FLOAT",
        Lines::All,
        input!("FloatInput", any("min"), any("max")),
    ),
    ("FORM", Lines::V2, input!("FormInput", is("inputs", INPUTS))),
    (
        "INT",
        Lines::All,
        input!("IntInput", any("min"), any("max")),
    ),
    ("ION", Lines::V2Ga, input!("IonInput")),
    ("JSON", Lines::All, input!("JsonInput", v2("jsonSchema"))),
    (
        "MULTISELECT",
        Lines::All,
        input!(
            "MultiselectInput",
            any("values"),
            v1("options").deprecated(),
            text("expression"),
            any("itemType"),
            any("allowCustomValue"),
            any("autoSelectFirst")
        ),
    ),
    (
        "REUSABLE_INPUTS",
        Lines::V2Ga,
        Class {
            name: "io.kestra.core.models.flows.input.ReusableInputsInput",
            open: true,
            properties: &[],
        },
    ),
    (
        "SECRET",
        Lines::All,
        input!("SecretInput", text("validator")),
    ),
    (
        "SELECT",
        Lines::All,
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
        Lines::All,
        input!("StringInput", text("validator")),
    ),
    (
        "TIME",
        Lines::All,
        input!("TimeInput", any("after"), any("before")),
    ),
    ("URI", Lines::All, input!("URIInput")),
    ("YAML", Lines::All, input!("YamlInput")),
];

/// Whether an input type is deprecated.
pub(in crate::flow) fn is_deprecated_input(kind: &str) -> bool {
    matches!(kind, "ENUM" | "BOOLEAN")
}
