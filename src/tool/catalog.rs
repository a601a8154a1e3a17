//! The tools of a line, from the two texts that the build wrote of it: what the manifest says, and
//! what follows from that and Kestra's description.

use vocabulary::plan::{self, Made};
use vocabulary::{Effect, Expr, Manifest, Permission, Step};

use super::probe::Probe;
use super::{Argument, Edition, Line, Request, Route, Tool};

/// What one line has.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The tools, in the order of the manifest.
    pub tools: Vec<Tool>,
    /// What a role can give.
    pub permissions: Vec<Permission>,
    /// What people read of each of them after "may".
    pub meanings: Vec<(Permission, &'static str)>,
    /// What this server asks Kestra for itself.
    pub probes: Vec<Probe>,
}

/// What `line` has, for as long as the process lives. The build wrote both texts, and reads them in
/// the same way: one that cannot be read is a fault of ours, and leaves this server without tools.
pub fn catalog(manifest: &str, plan: &str, line: Line) -> Catalog {
    let read = serde_json::from_str::<Manifest>(manifest)
        .and_then(|manifest| Ok((manifest, serde_json::from_str::<plan::Line>(plan)?)));
    let (mut manifest, plan) = match read {
        Ok(read) => read,
        Err(error) => {
            tracing::error!(line = line.as_str(), %error, "a table of this build is broken");
            return Catalog::default();
        }
    };
    manifest.resolve();
    let (manifest, plan): (&'static _, &'static _) =
        (Box::leak(Box::new(manifest)), Box::leak(Box::new(plan)));
    let tables = Tables { manifest, plan };
    let meanings = manifest.permissions.iter();
    Catalog {
        tools: tables.tools(),
        probes: tables.probes(),
        permissions: manifest.permissions.keys().copied().collect(),
        meanings: meanings
            .map(|(permission, meaning)| (*permission, meaning.as_str()))
            .collect(),
    }
}

#[derive(Clone, Copy)]
struct Tables {
    manifest: &'static Manifest,
    plan: &'static plan::Line,
}

impl Tables {
    fn tools(self) -> Vec<Tool> {
        let entries = self.manifest.tool.iter();
        entries
            .filter_map(|entry| {
                let mut tool = self.tool(entry, &entry.name)?;
                tool.under = entry
                    .under
                    .keys()
                    .filter_map(|setting| {
                        let other: &'static _ = Box::leak(Box::new(entry.under(*setting)?));
                        let key = format!("{}/{}", entry.name, setting.as_str());
                        let other: &'static _ = Box::leak(Box::new(self.tool(other, &key)?));
                        Some((*setting, other))
                    })
                    .collect();
                Some(tool)
            })
            .collect()
    }

    /// The tool of `entry`; none where the build worked out nothing under `key`.
    fn tool(self, entry: &'static vocabulary::Tool, key: &str) -> Option<Tool> {
        let Some(made) = self.plan.tools.get(key) else {
            tracing::error!(tool = key, "a tool of this build has no plan");
            return None;
        };
        let requests = self.requests(entry, made);
        let mut routes: Vec<Route> = Vec::new();
        for (_, request) in &requests {
            let route = Route {
                operation: request.id,
                method: &request.operation.method,
                path: &request.operation.path,
                accept: &request.operation.accept,
            };
            if !routes.contains(&route) {
                routes.push(route);
            }
        }
        let arguments = entry.args.iter().filter_map(|(name, argument)| {
            Some(Argument {
                name,
                format: self.manifest.format.get(&argument.format)?,
                required: argument.required,
                names: &argument.names,
            })
        });
        let reserved = made.reserved.iter().map(|row| {
            let words = row.iter();
            words
                .map(|(place, word)| (Expr::parse(place), word.clone()))
                .collect()
        });
        let link = entry.output.link.as_ref();
        Some(Tool {
            entry,
            near: self.manifest.near(entry).map(|near| &near.node),
            exists: &self.manifest.exists,
            link: link
                .and_then(|name| self.manifest.link.get(name))
                .map(String::as_str),
            input_schema: &made.input_schema,
            output_schema: &made.output_schema,
            needs: made.enterprise.then_some(Edition::Enterprise),
            arguments: arguments.collect(),
            dropped: self.manifest.dropped(entry).into_iter().collect(),
            routes,
            requests: requests.into_iter().collect(),
            reserved: reserved.collect(),
            under: Vec::new(),
        })
    }

    fn probes(self) -> Vec<Probe> {
        let steps = self.manifest.probe.iter();
        steps
            .filter_map(|(name, step)| {
                let request = self.plan.probes.get(name)?;
                let operation = self.plan.operations.get(&request.operation)?;
                Some(Probe::of(name, step, request, operation))
            })
            .collect()
    }

    /// The requests of `entry`, in the order in which they are made.
    fn requests(
        self,
        entry: &'static vocabulary::Tool,
        made: &'static Made,
    ) -> Vec<(&'static str, Request)> {
        let steps = self.manifest.steps(entry).into_iter();
        steps
            .filter_map(|(name, step)| {
                let (name, planned) = made.requests.get_key_value(&name)?;
                let (id, operation) = self.plan.operations.get_key_value(&planned.operation)?;
                let request = Request {
                    step,
                    keep: &planned.keep,
                    operation,
                    id,
                    effect: effect(entry, step, planned.reads),
                    reads: planned.reads,
                };
                Some((name.as_str(), request))
            })
            .collect()
    }
}

/// What a request does to Kestra: what its step says, else what its tool does.
fn effect(tool: &vocabulary::Tool, step: &Step, reads: bool) -> Effect {
    if reads {
        Effect::Read
    } else {
        step.effect.unwrap_or(tool.effect)
    }
}
