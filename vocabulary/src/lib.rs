//! The types of `tool-manifest.toml`. The build and the server share them, so what the build checks is
//! what the server reads.

pub mod at;
pub mod bind;
pub mod effect;
pub mod expr;
pub mod field;
pub mod filter;
pub mod format;
pub mod keep;
pub mod make;
pub mod manifest;
pub mod many;
pub mod output;
pub mod pattern;
pub mod permission;
pub mod plan;
mod pointer;
pub mod refusal;
pub mod settle;
pub mod special;
pub mod step;
pub mod target;
pub mod template;
pub mod text;
pub mod tool;
pub mod visit;
pub mod when;
pub mod words;

pub use at::{At, Place};
pub use bind::Bind;
pub use effect::Effect;
pub use expr::Expr;
pub use field::{Asked, Class, Type};
pub use filter::{Check, Filter, Op};
pub use format::{Edge, Format, Keys, Kind};
pub use keep::Keep;
pub use make::{Field, Fields, Make, Use};
pub use manifest::{Exists, Manifest, Near, PROBES};
pub use many::Many;
pub use output::Output;
pub use pattern::{Pattern, Run};
pub use permission::Permission;
pub use refusal::Refusal;
pub use settle::{Needless, Say, Scheduled, Settle, Tasks};
pub use special::{Join, Save, Unfold};
pub use step::{Answer, Step, Steps, Wanted};
pub use target::Target;
pub use template::Template;
pub use text::{Slot, Text};
pub use tool::{Argument, Builtin, Hints, Setting, Tool, Under};
pub use visit::Visit;
pub use when::When;
pub use words::{Sets, Words};

/// The visits of a visitor for values that are no list and no table.
macro_rules! scalars {
    (|$value:ident: Value| $made:expr) => {
        crate::scalars!(@ |$value| $made; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str);
    };
    (@ |$value:ident| $made:expr; $($visit:ident $kind:ty),*) => {$(
        fn $visit<E: serde::de::Error>(self, given: $kind) -> Result<Self::Value, E> {
            let $value = serde_json::Value::from(given);
            Ok($made)
        }
    )*};
}
pub(crate) use scalars;

/// A JSON Schema that takes anything.
#[cfg(feature = "schema")]
macro_rules! schema_of_anything {
    ($kind:ident, $about:literal) => {
        impl schemars::JsonSchema for $kind {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": $about })
            }
        }
    };
}
#[cfg(feature = "schema")]
pub(crate) use schema_of_anything;
