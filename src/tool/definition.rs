//! A tool as this server offers it: its entry in the manifest, and what the build makes of that.

use std::collections::BTreeMap;
use std::ops::Deref;

use indexmap::IndexMap;
use vocabulary::plan::Operation;
use vocabulary::{Effect, Exists, Expr, Format, Keep, Near, Setting, Step};

use super::error::Error;
use super::internal::Internal;
use super::version::Edition;

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
    /// Its format.
    pub format: &'static Format,
    /// Refused when missing.
    pub required: bool,
    /// Of a document: keys whose texts are ids, with the formats of those.
    pub names: &'static IndexMap<String, String>,
}

/// A request that a tool may make.
#[derive(Debug)]
pub struct Request {
    /// Its entry in the manifest.
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
    /// Its entry in the manifest.
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
    /// The edition that it needs; `None` means any.
    pub needs: Option<Edition>,
    /// The arguments, for the checks that a JSON Schema cannot say.
    pub arguments: Vec<Argument>,
    /// Arguments that hosts add for themselves, which are dropped.
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
    /// [`Internal::NoStep`] when there is no such step.
    pub fn request(&'static self, name: &str) -> Result<&'static Request, Error> {
        let request = self.requests.get(name);
        request.ok_or_else(|| Internal::NoStep(format!("{name} of {}", self.name)).into())
    }
}
