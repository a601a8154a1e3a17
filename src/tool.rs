//! What generated code may name: the shape of a tool, the values of a call, and the functions
//! that carry it out. Nothing here knows a tool by its name.

pub mod access;
pub mod answer;
pub mod body;
pub mod cause;
pub mod code;
pub mod context;
pub mod cut;
pub mod delivery;
pub mod document;
pub mod error;
pub mod fault;
pub mod filter;
pub mod format;
pub mod input;
pub mod internal;
pub mod java;
pub mod lenient;
pub mod lines;
pub mod lost;
pub mod make;
pub mod memory;
pub mod multipart;
pub mod near;
pub mod output;
pub mod project;
pub mod scope;
pub mod segment;
pub mod sentence;
pub mod strategy;
pub mod strict;
pub mod unusable;
pub mod validation;

use serde_json::{Map, Value};

pub use access::Access;
pub use answer::Answer;
pub use code::Code;
pub use context::CallCtx;
pub use delivery::Delivery;
pub use error::Error;
pub use internal::Internal;
pub use scope::Scope;
pub use unusable::Unusable;

/// A permission of the closed vocabulary in the manifest, such as `flows.read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(pub &'static str);

/// What a tool does to Kestra (safety class).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds an object.
    Create,
    /// Starts work.
    Execute,
    /// Changes how something runs.
    Control,
    /// Replaces an object.
    Overwrite,
    /// Ends work.
    Kill,
    /// Removes an object.
    Delete,
}

impl Effect {
    /// The word of the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Execute => "execute",
            Self::Control => "control",
            Self::Overwrite => "overwrite",
            Self::Kill => "kill",
            Self::Delete => "delete",
        }
    }
}

/// MCP tool annotations, stated for every tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the protocol has these four")]
pub struct Hints {
    /// `readOnlyHint`
    pub read_only: bool,
    /// `destructiveHint`
    pub destructive: bool,
    /// `idempotentHint`
    pub idempotent: bool,
    /// `openWorldHint`
    pub open_world: bool,
}

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

/// A tool that this server answers itself, without a Kestra operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// Who is connected to what, and with which rights.
    Status,
    /// Where the Kestra credential comes from and how to change it.
    Credential,
}

/// What an operator can set that makes a tool another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `kestra.token_argument`: a Kestra token may be an argument.
    TokenArgument,
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
pub type Reserved = &'static [(scope::Expr, &'static str)];

/// One tool of one Kestra line, as generated from the manifest.
#[derive(Debug)]
pub struct Tool {
    /// The name that clients call.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For a model.
    pub description: &'static str,
    /// What the caller must hold; none is for everyone.
    pub permission: Option<Permission>,
    /// Kestra's own permission on this line, named when Kestra answers 403.
    pub kestra_permission: Option<&'static str>,
    /// What it does.
    pub effect: Effect,
    /// Annotations.
    pub hints: Hints,
    /// JSON Schema of the arguments, as JSON text.
    pub input_schema: &'static str,
    /// JSON Schema of the result, as JSON text.
    pub output_schema: &'static str,
    /// How many characters of a result a client is asked to pass on whole; none where any passes on
    /// what this tool answers.
    pub large_result: Option<u32>,
    /// Arguments of a typical call, as JSON text.
    pub sample: &'static str,
    /// The edition that it needs; none is any.
    pub needs: Option<Edition>,
    /// Former names.
    pub aliases: &'static [&'static str],
    /// Answered by this server itself.
    pub builtin: Option<Builtin>,
    /// The argument that says how many seconds the call may wait, on top of its own deadline.
    pub wait: Option<&'static str>,
    /// The argument that asks for another act: without it, a call like one whose answer nobody took
    /// is answered with what that one began.
    pub again: Option<&'static str>,
    /// Arguments of which exactly one must be given.
    pub exactly_one: &'static [&'static str],
    /// The arguments, for the checks that a JSON Schema cannot say.
    pub arguments: &'static [format::Argument],
    /// What hosts add to them for themselves, and nobody here reads.
    pub dropped: &'static [&'static str],
    /// Every route that it may use.
    pub routes: &'static [Route],
    /// What is refused before anything is sent: these words in these places, all of a row together.
    pub reserved: &'static [Reserved],
    /// What it is instead where a setting holds. Name and permission are the same.
    pub under: &'static [(Setting, &'static Tool)],
}

impl Tool {
    /// The tool where these settings hold.
    pub fn with(&'static self, settings: &[Setting]) -> &'static Self {
        let mut under = self.under.iter();
        let other = under.find(|(setting, _)| settings.contains(setting));
        other.map_or(self, |(_, other)| other)
    }
}

/// A tool with its arguments, before policy has seen it.
#[derive(Debug)]
pub struct Call {
    /// The tool.
    pub tool: &'static Tool,
    /// As the client sent them, then checked and normalised by [`format::check`].
    pub arguments: Map<String, Value>,
}

/// What a call answers: the structured content.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(pub Value);
