//! The whole manifest, as it holds for one Kestra line.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Deserialize;

use crate::{At, Expr, Fields, Format, Output, Permission, Sets, Step, Steps, Tool};

/// `tool-manifest.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// What a role can give, and what people read of it after "may".
    pub permissions: IndexMap<Permission, String>,
    /// Named sets of texts.
    pub states: Sets,
    /// Addresses in Kestra's UI, with `{tenant}` and `{field}` for fields of the result.
    pub link: BTreeMap<String, String>,
    /// Formats of arguments.
    pub format: IndexMap<String, At<Format>>,
    /// Outputs that several tools share.
    pub output: IndexMap<String, At<Output>>,
    /// Ways to find candidates for a miss.
    pub near: IndexMap<String, At<Near>>,
    /// Filter fields that the description calls otherwise than the wire does.
    pub filter_names: BTreeMap<String, String>,
    /// What hosts add to the arguments of any tool for themselves, by host.
    pub host_arguments: BTreeMap<String, Vec<String>>,
    /// How Kestra says of what is to be made that it is there already.
    pub exists: Exists,
    /// What this server asks Kestra for itself: which version it is, who the credential's owner is.
    pub probe: IndexMap<String, At<Step>>,
    /// The tools, in order.
    pub tool: Vec<At<Tool>>,
}

/// What an answer to a change must be to say that something is there already: its status is one of
/// `statuses`, and one of the others holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Exists {
    /// Statuses from 400 to 499.
    #[serde(deserialize_with = "refusals")]
    pub statuses: Vec<u16>,
    /// Its words contain one of these, in lower case.
    pub words: Vec<String>,
    /// The last segment of the `type` of its problem document is one of these.
    pub problems: Vec<String>,
}

fn refusals<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u16>, D::Error> {
    let statuses = Vec::<u16>::deserialize(deserializer)?;
    if statuses.iter().all(|status| (400..500).contains(status)) {
        return Ok(statuses);
    }
    Err(serde::de::Error::custom(
        "`statuses` takes numbers from 400 to 499",
    ))
}

/// How candidates for a miss are found: what the queries find, ranked by likeness to `wanted`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The id that was asked for.
    pub wanted: Expr,
    /// Where a row's id stands.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub id: String,
    /// Each candidate is asked about, by this place in it.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub target: Option<String>,
    /// The revision that was asked for.
    pub asked: Option<Expr>,
    /// Where a row's latest revision stands.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub revision: Option<String>,
    /// How many are shown.
    #[serde(default = "few")]
    pub limit: usize,
    /// What is shown of each.
    #[serde(default)]
    pub fields: Fields,
    /// The reads that look for them.
    #[serde(default)]
    pub query: Steps,
}

const fn few() -> usize {
    5
}

/// Probes that the server asks by name: what Kestra says of itself, whose a credential is, and what
/// any credential that is taken may ask.
pub const PROBES: [&str; 3] = ["configuration", "me", "credential"];

impl Manifest {
    /// Gives outputs what they are like, and conditions the sets that they name.
    pub fn resolve(&mut self) {
        for tool in &mut self.tool {
            let shared = tool
                .output
                .like
                .as_ref()
                .and_then(|like| self.output.get(like));
            if let Some(shared) = shared {
                let own = std::mem::take(&mut tool.output.node);
                tool.output.node = own.over(shared);
            }
            tool.resolve(&self.states);
        }
        self.format
            .values_mut()
            .for_each(|format| format.resolve(&self.states));
        for near in self.near.values_mut() {
            near.query
                .values_mut()
                .for_each(|step| step.resolve(&self.states));
            crate::make::resolve(&mut near.fields, &self.states);
        }
    }

    /// The way in which candidates for a miss of `tool` are found.
    pub fn near(&self, tool: &Tool) -> Option<&At<Near>> {
        self.near.get(tool.near.as_ref()?)
    }

    /// The requests of a tool, and those that look for candidates.
    pub fn steps<'m>(&'m self, tool: &'m Tool) -> Vec<(String, &'m At<Step>)> {
        let mut steps = tool.steps();
        let queries = self.near(tool).into_iter().flat_map(|near| &near.query);
        steps.extend(queries.map(|(name, step)| (name.clone(), step)));
        steps
    }

    /// What hosts add to the arguments of `tool`, and it does not take.
    pub fn dropped(&self, tool: &Tool) -> BTreeSet<&str> {
        let names = self.host_arguments.values().flatten();
        names
            .map(String::as_str)
            .filter(|name| !tool.args.contains_key(*name))
            .collect()
    }
}
