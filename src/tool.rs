//! A tool as this server offers it, the values of a call, and the functions that carry it out. What
//! the manifest says is said in its own words (`vocabulary`); nothing here knows a tool by its name.

pub mod access;
pub mod answer;
pub mod arguments;
pub mod bindings;
pub mod body;
pub mod catalog;
pub mod cause;
pub mod clearance;
pub mod code;
pub mod coerce;
pub mod context;
pub mod cut;
pub mod delivery;
pub mod error;
pub mod fault;
pub mod filter;
pub mod input;
pub mod internal;
pub mod java;
pub mod lines;
pub mod make;
pub mod memory;
pub mod multipart;
pub mod near;
pub mod output;
pub mod path;
pub mod probe;
pub mod project;
pub mod request;
pub mod segment;
pub mod sentence;
pub mod source;
pub mod strict;
pub mod target;
pub mod unanswered;
pub mod unusable;
pub mod validation;
pub mod verdict;
pub mod written;

use std::collections::BTreeMap;
use std::ops::Deref;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use vocabulary::plan::Operation;
pub use vocabulary::{Builtin, Effect, Exists, Hints, Permission, Setting};
use vocabulary::{Expr, Format, Keep, Near, Step};

pub use access::Access;
pub use answer::Answer;
pub use bindings::Bindings;
pub use catalog::{Catalog, catalog};
pub use code::Code;
pub use context::CallCtx;
pub use delivery::Delivery;
pub use error::Error;
pub use internal::Internal;
pub use request::{Sent, Values};
pub use unusable::Unusable;

/// A Kestra line: the versions that share one API description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// 1.0 to 1.3.
    V1_3,
    /// 2.0 and later.
    V2_0,
}

impl Line {
    /// The newest line that this build knows.
    pub const NEWEST: Self = Self::V2_0;

    /// Every line, oldest first.
    pub const ALL: &'static [Self] = &[Self::V1_3, Self::V2_0];

    /// The name of the line, such as `1.3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_3 => "1.3",
            Self::V2_0 => "2.0",
        }
    }

    /// The line of a version as Kestra writes it, such as `1.3.7` or `2.0.0-SNAPSHOT`; the
    /// error is a line that this build has in its place, none for a text that is no version.
    pub fn of_version(version: &str) -> Result<Self, Option<Self>> {
        let mut numbers = version.trim().splitn(3, '.');
        let major = numbers
            .next()
            .and_then(|text| text.parse::<u32>().ok())
            .ok_or(None)?;
        let minor = numbers.next().ok_or(None)?;
        if !minor.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(None);
        }
        match major {
            0 => Err(Some(Self::V1_3)),
            1 => Ok(Self::V1_3),
            _ => Ok(Self::V2_0),
        }
    }
}

/// Which Kestra: open source or Enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// Open source.
    OpenSource,
    /// Enterprise.
    Enterprise,
}

impl Edition {
    /// As Kestra writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenSource => "OSS",
            Self::Enterprise => "EE",
        }
    }
}

/// A method and a path template of the API description, such as `/api/v1/{tenant}/flows/search`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The operation's id in the generated client.
    pub operation: &'static str,
    /// Upper case.
    pub method: &'static str,
    /// With `{parameters}`.
    pub path: &'static str,
    /// Media types that the description names for answers.
    pub accept: &'static str,
}

/// Places with the word that must not stand in each at once: Kestra gives such an id to nothing, or
/// reads the path with it as another route.
pub type Reserved = Vec<(Expr, String)>;

/// An argument of a tool.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub format: &'static Format,
    /// Refused when missing.
    pub required: bool,
    /// Of a document: keys whose texts are ids, with the formats of those.
    pub names: &'static IndexMap<String, String>,
}

/// A request that a tool may make.
#[derive(Debug)]
pub struct Request {
    /// What the manifest says of it.
    pub step: &'static Step,
    /// What is kept of the answer.
    pub keep: &'static Keep,
    /// What the description says of it.
    pub operation: &'static Operation,
    /// The operation's id in the generated client.
    pub id: &'static str,
    /// What it does to Kestra.
    pub effect: Effect,
    /// Whether it changes nothing.
    pub reads: bool,
}

/// One tool of one Kestra line, as this server offers it. It is the entry of the manifest, with what
/// the build worked out of it.
#[derive(Debug)]
pub struct Tool {
    /// What the manifest says of it.
    pub entry: &'static vocabulary::Tool,
    /// How candidates for a miss are found.
    pub near: Option<&'static Near>,
    /// How Kestra says of what is to be made that it is there already.
    pub exists: &'static Exists,
    /// Address in Kestra's UI, with `{field}` for fields of the result.
    pub link: Option<&'static str>,
    /// JSON Schema of the arguments, as JSON text.
    pub input_schema: &'static str,
    /// JSON Schema of the result, as JSON text.
    pub output_schema: &'static str,
    /// The edition that it needs; none is any.
    pub needs: Option<Edition>,
    /// The arguments, for the checks that a JSON Schema cannot say.
    pub arguments: Vec<Argument>,
    /// What hosts add to them for themselves, and nobody here reads.
    pub dropped: Vec<&'static str>,
    /// Every route that it may use.
    pub routes: Vec<Route>,
    /// Its requests, by the name of the step.
    pub requests: BTreeMap<&'static str, Request>,
    /// What is refused before anything is sent: these words in these places, all of a row together.
    pub reserved: Vec<Reserved>,
    /// What it is instead where a setting holds. Name and permission are the same.
    pub under: Vec<(Setting, &'static Tool)>,
}

impl Deref for Tool {
    type Target = vocabulary::Tool;

    fn deref(&self) -> &Self::Target {
        self.entry
    }
}

impl Tool {
    /// The tool where these settings hold.
    pub fn with(&'static self, settings: &[Setting]) -> &'static Self {
        let mut under = self.under.iter();
        let other = under.find(|(setting, _)| settings.contains(setting));
        other.map_or(self, |(_, other)| other)
    }

    /// Whether `name` is its present or a former name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// The argument that says how many seconds the call may wait, on top of its own deadline.
    pub fn wait(&self) -> Option<&'static str> {
        self.entry.settle.as_ref()?.seconds.as_deref()
    }

    /// Its request of the step `name`.
    ///
    /// # Errors
    /// [`Internal::NoStep`] when it has none.
    pub fn request(&'static self, name: &str) -> Result<&'static Request, Error> {
        let request = self.requests.get(name);
        request.ok_or_else(|| Internal::NoStep(format!("{name} of {}", self.name)).into())
    }
}

/// A tool with its arguments, before policy has seen it.
#[derive(Debug)]
pub struct Call {
    /// The tool.
    pub tool: &'static Tool,
    /// As the client sent them, then checked and normalised by [`arguments::check`].
    pub arguments: Map<String, Value>,
}

/// What a call answers: the structured content.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(pub Value);
