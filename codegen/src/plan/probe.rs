//! Entries outside of tools: formats, and the requests that the server makes on its own.

use vocabulary::{Expr, PROBES, Visit as _};

use super::planner::Planner;
use super::resolved::{PROBE, Plan};
use crate::document::Method;
use crate::read::Spot;

impl Planner<'_> {
    /// What every entry outside of tools names.
    pub(super) fn vocabulary(&self) {
        for (name, format) in &self.manifest.format {
            let missing = format.words().and_then(|words| self.missing_set(words));
            if let Some(message) = missing {
                self.file
                    .fault(&format!("format.{name}"), format.place, message);
            }
        }
    }

    /// Requests of this server's own: they read, with constants alone.
    pub(super) fn probes(&self, plan: &mut Plan) {
        for name in PROBES {
            if !self.manifest.probe.contains_key(name) {
                self.file.fault(
                    "probe",
                    Spot(1, 0),
                    format!("missing `{name}`: the server sends this probe"),
                );
            }
        }
        for (name, step) in &self.manifest.probe {
            let owner = format!("probe.{name}");
            let permission = step
                .permission
                .filter(|known| !self.manifest.permissions.contains_key(known));
            if let Some(permission) = permission {
                self.file.fault(
                    &owner,
                    step.place,
                    format!("permission \"{}\" is not in `permissions`", permission.0),
                );
            }
            let Some(resolved) = self.resolved(&owner, step) else {
                continue;
            };
            step.expressions(&mut |expr| {
                if !matches!(expr, Expr::Constant(_)) {
                    self.file
                        .fault(&owner, step.place, "a probe binds only constants");
                }
            });
            if resolved.method != Method::Get {
                self.file.fault(
                    &owner,
                    step.place,
                    "a probe only reads: its operation must be a GET",
                );
            }
            plan.insert((PROBE.to_owned(), name.clone()), resolved);
        }
    }
}
