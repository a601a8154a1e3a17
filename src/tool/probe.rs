//! The requests that this server makes for itself, from the manifest.

use vocabulary::plan::{Operation, Request};
use vocabulary::{Bind, Expr, Permission, Step};

use super::Edition;
use super::bindings::plain;

/// A read of this server's own.
#[derive(Debug)]
pub struct Probe {
    /// Its name in the manifest.
    pub name: &'static str,
    /// What it shows that the credential may do.
    pub permission: Option<Permission>,
    /// The edition that serves it; `None` means any.
    pub needs: Option<Edition>,
    /// Its path in the description; it is a GET.
    pub route: &'static str,
    /// Path and query, with `{tenant}`.
    template: String,
}

impl Probe {
    /// The probe of `step`, whose values are constants.
    pub(super) fn of(
        name: &'static str,
        step: &Step,
        request: &Request,
        operation: &'static Operation,
    ) -> Self {
        let mut template = operation.path.clone();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (parameter, bind) in &step.bind {
            let Bind::Plain(value) = &bind.node else {
                continue;
            };
            if let Some(Expr::Constant(value)) = value.as_expr() {
                query.append_pair(parameter, &plain(value));
            }
        }
        let query = query.finish();
        if !query.is_empty() {
            template = format!("{template}?{query}");
        }
        Self {
            name,
            permission: step.permission,
            needs: request.enterprise.then_some(Edition::Enterprise),
            route: &operation.path,
            template,
        }
    }

    /// Path and query in `tenant`, which is one segment.
    pub fn path(&self, tenant: &str) -> String {
        self.template.replace("{tenant}", tenant)
    }
}
