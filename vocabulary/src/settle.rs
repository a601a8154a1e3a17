//! How the outcome of an act is watched and reported.

use serde::Deserialize;

use crate::visit::Visit;
use crate::{At, Expr, Sets, Step, Text, When, Words};

/// When an act is needless: nothing is then sent.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Needless {
    /// The act is needless when this holds.
    pub when: When,
    /// The value of `outcome` in the answer.
    pub outcome: String,
    /// The note in the answer.
    pub note: Option<Text>,
    /// The step of `before` whose answer is then the main one.
    pub answer: Option<String>,
}

/// How an object is watched after the act.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The request that reads the object.
    pub read: At<Step>,
    /// Where its state stands; if omitted, the object is read once.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub state: Option<String>,
    /// States in which it has ended.
    #[serde(default)]
    pub ended: Words,
    /// States in which it waits for a person.
    #[serde(default)]
    pub paused: Words,
    /// The states that mean success, if the state and not the answer to the act tells the outcome.
    #[serde(default)]
    pub wanted: Words,
    /// States on the way to them.
    #[serde(default)]
    pub under_way: Words,
    /// The value of `outcome` once a wanted state is reached.
    pub outcome: Option<String>,
    /// How long it may take, in milliseconds.
    #[serde(default)]
    pub within_ms: u64,
    /// The argument that sets for how many seconds it is watched, with progress.
    pub seconds: Option<String>,
    /// Where the id of what was started stands: every answer names it from then on.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub id: Option<String>,
    /// The tasks that progress reports.
    pub tasks: Option<Tasks>,
    /// How an answer says that it is scheduled for later.
    pub scheduled: Option<Scheduled>,
    /// How to see how it ends, for the model.
    #[serde(default)]
    pub next: String,
    /// The sentences of the note.
    #[serde(default)]
    pub say: Say,
}

/// The tasks of what is watched.
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
    /// The declared tasks.
    pub declared: Expr,
    /// The members of a task under which tasks stand; `name/*` is one whose own members hold them.
    #[serde(default)]
    pub nested: Vec<String>,
}

/// How an answer tells for when the object is scheduled.
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

/// The sentences about an act, by what was observed. Braces hold references of the tool, or one of the
/// words that each sentence lists.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Say {
    /// It was done now; in front of `begun`.
    pub started: Option<Text>,
    /// It is not watched: `{next}`.
    pub begun: Option<Text>,
    /// The time to watch is up: `{state}`, `{seconds}`, `{next}`.
    pub late: Option<Text>,
    /// It waits for a person: `{state}`.
    pub paused: Option<Text>,
    /// It is scheduled: `{at}`, `{next}`.
    pub scheduled: Option<Text>,
    /// Its state could not be read: `{code}`, `{said}`, `{next}`.
    pub unread: Option<Text>,
    /// It ended in a state that is not wanted: `{state}`.
    pub ended: Option<Text>,
    /// It is in a state that is not wanted: `{said}`, `{state}`, `{next}`.
    pub requested: Option<Text>,
    /// `{said}` where Kestra accepted it.
    pub accepted: Option<Text>,
    /// `{said}` where Kestra refused it.
    pub refused: Option<Text>,
    /// `{said}` where Kestra's answer was lost.
    pub unconfirmed: Option<Text>,
    /// The same call did it before, and its answer was lost: `{age}`, `{again}`.
    pub repeated: Option<Text>,
    /// Kestra returned no id: what to do.
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
