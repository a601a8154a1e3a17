//! One tool.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    At, Effect, Make, Many, Needless, Output, Permission, Refusal, Save, Sets, Settle, Step, Steps,
    Target, Unfold,
};

/// One tool: what it reads first, the one thing that it does, how it watches the outcome, and what it
/// returns.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The name that clients call.
    pub name: String,
    /// The title shown to people.
    pub title: String,
    /// For a model.
    pub description: String,
    /// Answered by the server itself, without a request of the manifest.
    pub builtin: Option<Builtin>,
    /// The permission that the caller must have; everyone may call the tool if omitted.
    pub permission: Option<Permission>,
    /// Kestra's own permission, named in the error when Kestra answers 403.
    pub kestra_permission: Option<String>,
    /// What it does to Kestra.
    pub effect: Effect,
    /// The kind of object that it is about, for its errors, such as `flow`.
    #[serde(default = "object")]
    pub kind: String,
    /// MCP's annotations.
    pub hints: Hints,
    /// Where policy finds the namespace of a call.
    pub target: Option<At<Target>>,
    /// Former names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Arguments by name, in order.
    #[serde(default)]
    pub args: IndexMap<String, At<Argument>>,
    /// Arguments of which exactly one must be given.
    #[serde(default)]
    pub exactly_one: Vec<String>,
    /// The argument that asks to act again: without it, a repeated call whose first answer was lost is
    /// answered with what the first call started.
    pub again: Option<String>,
    /// Arguments of a typical call.
    pub sample: Map<String, Value>,
    /// How many characters of a result clients are asked to pass on uncut.
    pub large_result: Option<u32>,
    /// Reads, in order, before anything changes.
    #[serde(default)]
    pub before: Steps,
    /// Values computed after those reads: `@values/NAME` from then on.
    #[serde(default)]
    pub values: IndexMap<String, At<Make>>,
    /// Reasons to refuse the call, checked after those values are computed.
    #[serde(default)]
    pub refuse: Vec<At<Refusal>>,
    /// What makes the act needless.
    pub needless: Option<At<Needless>>,
    /// The one request that the tool exists for; of several, the first whose `when` holds.
    #[serde(default)]
    pub act: Many<At<Step>>,
    /// The word for what was done, in answers.
    pub outcome: Option<String>,
    /// The act saves a source under a revision.
    pub save: Option<At<Save>>,
    /// The rows are nested in the rows of the act.
    pub unfold: Option<At<Unfold>>,
    /// How the outcome of the act is observed.
    pub settle: Option<At<Settle>>,
    /// How candidates are found after a miss: a name of `[near]`.
    pub near: Option<String>,
    /// The result.
    #[serde(default)]
    pub output: At<Output>,
    /// How the tool differs when the operator has set a setting.
    #[serde(default)]
    pub under: IndexMap<Setting, Under>,
}

fn object() -> String {
    "object".into()
}

/// MCP tool annotations, stated for every tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
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

/// A tool that the server answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// Who is connected to what, and with which rights.
    Status,
    /// Where the Kestra credential comes from and how to change it.
    Credential,
}

/// A setting of the operator that changes a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// `kestra.token_argument`: a Kestra token may be an argument.
    TokenArgument,
}

impl Setting {
    /// The word of the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenArgument => "token_argument",
        }
    }
}

/// How a tool differs when the operator has set a setting.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Under {
    /// For a model.
    pub description: Option<String>,
    /// What it does to Kestra.
    pub effect: Option<Effect>,
    /// MCP's annotations.
    pub hints: Option<Hints>,
    /// Additional arguments.
    #[serde(default)]
    pub args: IndexMap<String, At<Argument>>,
}

/// An argument.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// A name of `[format]`.
    pub format: String,
    /// Whether the call is refused without it.
    #[serde(default)]
    pub required: bool,
    /// For a model.
    pub about: Option<String>,
    /// `yaml`: keys of the source whose texts are ids, with the formats of those.
    #[serde(default)]
    pub names: IndexMap<String, String>,
}

/// The name of a step that is the act.
pub const ACT: &str = "act";
/// The name of the step that reads what becomes of it.
pub const SETTLE: &str = "settle";
/// The name of the main answer.
pub const ANSWER: &str = "answer";
/// The name of what is made of the answers before the act.
pub const VALUES: &str = "values";
/// The name of what is known of the act itself: its outcome, how long it was watched.
pub const OUTCOME: &str = "outcome";

impl Tool {
    /// Its requests by name, in the order in which they are made; of an act that is a choice, each is
    /// there, with a number after the name of those that come second.
    pub fn steps(&self) -> Vec<(String, &At<Step>)> {
        let named = |(name, step): (&String, _)| (name.clone(), step);
        let fixed = |(name, step): (&'static str, _)| (name.to_owned(), step);
        let mut steps: Vec<(String, &At<Step>)> = self.before.iter().map(named).collect();
        steps.extend(
            self.act
                .iter()
                .enumerate()
                .map(|(number, step)| (act(number), step)),
        );
        steps.extend(
            self.unfold
                .iter()
                .flat_map(|unfold| unfold.steps().map(fixed)),
        );
        steps.extend(self.save.iter().flat_map(|save| save.steps().map(fixed)));
        steps.extend(
            self.settle
                .iter()
                .map(|settle| (SETTLE.to_owned(), &settle.read)),
        );
        steps.extend(self.output.attach.iter().map(named));
        steps
    }

    /// Whether the answer of this step is of the shape of the main one.
    pub fn is_main(&self, step: &str) -> bool {
        let needless = self
            .needless
            .as_ref()
            .and_then(|needless| needless.answer.as_deref());
        let own = [ACT, SETTLE, ANSWER];
        let saved = self.save.is_some() && ["read", "after"].contains(&step);
        saved
            || own.contains(&step)
            || needless == Some(step)
            || (0..self.act.len()).any(|number| act(number) == step)
    }

    /// The tool where the operator has set this.
    pub fn under(&self, setting: Setting) -> Option<Self> {
        let under = self.under.get(&setting)?.clone();
        let mut other = self.clone();
        other.under = IndexMap::new();
        other.description = under.description.unwrap_or(other.description);
        other.effect = under.effect.unwrap_or(other.effect);
        other.hints = under.hints.unwrap_or(other.hints);
        other.args.extend(under.args);
        Some(other)
    }

    pub(crate) fn resolve(&mut self, sets: &Sets) {
        self.before.values_mut().for_each(|step| step.resolve(sets));
        for make in self.values.values_mut() {
            make.resolve(sets);
        }
        self.refuse
            .iter_mut()
            .for_each(|refusal| refusal.when.resolve(sets));
        self.needless
            .iter_mut()
            .for_each(|needless| needless.when.resolve(sets));
        self.act.0.iter_mut().for_each(|step| step.resolve(sets));
        self.save.iter_mut().for_each(|save| save.resolve(sets));
        self.unfold
            .iter_mut()
            .for_each(|unfold| unfold.resolve(sets));
        self.settle
            .iter_mut()
            .for_each(|settle| settle.resolve(sets));
        self.output.resolve(sets);
    }
}

/// The name of an act: the first is called so, those after it with their number.
pub fn act(number: usize) -> String {
    match number {
        0 => ACT.to_owned(),
        more => format!("{ACT}{}", more + 1),
    }
}
