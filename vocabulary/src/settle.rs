//! What becomes of an act: how it is watched, and what is said of it.

use serde::Deserialize;

use crate::visit::Visit;
use crate::{At, Expr, Sets, Step, Text, When, Words};

/// What makes an act needless: nothing is sent then.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Needless {
    /// It is when this holds.
    pub when: When,
    /// The word for it.
    pub outcome: String,
    /// What is said of it.
    pub note: Option<Text>,
    /// The step before whose answer is the main one then.
    pub answer: Option<String>,
}

/// How an object is watched after something was done to it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The request that reads it.
    pub read: At<Step>,
    /// Where its state stands. Without it, the object is read once.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub state: Option<String>,
    /// States in which it has ended.
    #[serde(default)]
    pub ended: Words,
    /// States in which it waits for a person.
    #[serde(default)]
    pub paused: Words,
    /// The states that are wanted, where the state and not the answer to the act says what became
    /// of it.
    #[serde(default)]
    pub wanted: Words,
    /// States on the way to them.
    #[serde(default)]
    pub under_way: Words,
    /// The word for having reached them.
    pub outcome: Option<String>,
    /// How long it may take, in milliseconds.
    #[serde(default)]
    pub within_ms: u64,
    /// The argument that says how many seconds it is watched, with progress.
    pub seconds: Option<String>,
    /// Where what was started says its id: every answer names it from then on.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub id: Option<String>,
    /// What progress is told of.
    pub tasks: Option<Tasks>,
    /// How an answer says that it is scheduled for later.
    pub scheduled: Option<Scheduled>,
    /// How to see how it ends, for the model.
    #[serde(default)]
    pub next: String,
    /// What is said of it.
    #[serde(default)]
    pub say: Say,
}

/// The parts of what is watched.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tasks {
    /// The list.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub at: String,
    /// The state of each.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub state: String,
    /// The name of each.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub name: Option<String>,
    /// Those that are declared.
    pub declared: Expr,
    /// The members of a task under which tasks stand; `name/*` is one whose own members hold them.
    #[serde(default)]
    pub nested: Vec<String>,
}

/// How an answer says for when it is scheduled.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The instant.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub at: String,
    /// States in which it has begun, whatever the instant says.
    pub begun: Words,
}

/// What is said of an act, by what was seen. In braces stand references of the tool and the words
/// that each names.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Say {
    /// It was done now; in front of `begun`.
    pub started: Option<Text>,
    /// It is not watched: `{next}`.
    pub begun: Option<Text>,
    /// The time was up: `{state}`, `{seconds}`, `{next}`.
    pub late: Option<Text>,
    /// It waits for a person: `{state}`.
    pub paused: Option<Text>,
    /// It is scheduled: `{at}`, `{next}`.
    pub scheduled: Option<Text>,
    /// Its state could not be read: `{code}`, `{said}`, `{next}`.
    pub unread: Option<Text>,
    /// It ended in another state than was wanted: `{state}`.
    pub ended: Option<Text>,
    /// It is in another state than was wanted: `{said}`, `{state}`, `{next}`.
    pub requested: Option<Text>,
    /// `{said}` where Kestra accepted it.
    pub accepted: Option<Text>,
    /// `{said}` where Kestra refused it.
    pub refused: Option<Text>,
    /// `{said}` where Kestra's answer was lost.
    pub unconfirmed: Option<Text>,
    /// The same call did it before, and its answer was lost: `{age}`, `{again}`.
    pub repeated: Option<Text>,
    /// Kestra named no id: what to do.
    pub unnamed: Option<String>,
}

impl Say {
    /// Each sentence with the words that it may have in braces.
    pub fn sentences(&self) -> [(&'static str, &Option<Text>, &'static [&'static str]); 12] {
        [
            ("started", &self.started, &[]),
            ("begun", &self.begun, &["next"]),
            ("late", &self.late, &["state", "seconds", "next"]),
            ("paused", &self.paused, &["state"]),
            ("scheduled", &self.scheduled, &["at", "next"]),
            ("unread", &self.unread, &["code", "said", "next"]),
            ("ended", &self.ended, &["state"]),
            ("requested", &self.requested, &["said", "state", "next"]),
            ("accepted", &self.accepted, &[]),
            ("refused", &self.refused, &[]),
            ("unconfirmed", &self.unconfirmed, &[]),
            ("repeated", &self.repeated, &["age", "again"]),
        ]
    }
}

impl Settle {
    /// Looks up the names of sets.
    pub fn resolve(&mut self, sets: &Sets) {
        self.read.resolve(sets);
        for words in [
            &mut self.ended,
            &mut self.paused,
            &mut self.wanted,
            &mut self.under_way,
        ] {
            words.resolve(sets);
        }
        if let Some(scheduled) = &mut self.scheduled {
            scheduled.begun.resolve(sets);
        }
    }
}

impl Visit for Needless {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.note.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
    }
}

impl Visit for Settle {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.tasks.iter().for_each(|tasks| visit(&tasks.declared));
        for (_, sentence, _) in self.say.sentences() {
            sentence.expressions(visit);
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        for words in [&self.ended, &self.paused, &self.wanted, &self.under_way] {
            visit(words);
        }
        self.scheduled
            .iter()
            .for_each(|scheduled| visit(&scheduled.begun));
    }
}
