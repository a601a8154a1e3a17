//! The list of tools: those that the caller may use on the server that answers.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CacheScope, ErrorData, JsonObject, ListToolsResult, Tool as Listed, ToolAnnotations,
};

use super::{FRESH, SOON, Server};
use crate::generated;
use crate::kestra::{Detection, View};
use crate::tool::{Edition, Tool};

/// How long a list waits for Kestra to say which one it is.
const PATIENCE: Duration = Duration::from_millis(300);

/// The tools of `view`, before policy.
pub(super) fn offered(view: View) -> impl Iterator<Item = &'static Tool> {
    generated::tools(view.line).iter().filter(move |tool| {
        tool.needs != Some(Edition::Enterprise) || view.edition == Edition::Enterprise
    })
}

/// Whether two views offer the same list, to the byte.
pub(super) fn same(one: View, other: View) -> bool {
    let shape = |tool: &Tool| {
        (
            tool.name,
            tool.description,
            tool.input_schema,
            tool.output_schema,
        )
    };
    one == other || offered(one).map(shape).eq(offered(other).map(shape))
}

impl Server {
    pub(super) async fn list(&self) -> Result<ListToolsResult, ErrorData> {
        let kestra = &self.0.kestra;
        kestra.settled(PATIENCE).await;
        let view = kestra.view();
        self.show(view);
        let tools = offered(view)
            .filter(|tool| self.0.policy.offers(&self.0.principal, tool))
            .map(listed)
            .collect::<Result<_, _>>()?;
        let known = matches!(&*kestra.watch().borrow(), Detection::Known(_));
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(if known { FRESH } else { SOON })
            .with_cache_scope(CacheScope::Private))
    }
}

fn listed(tool: &'static Tool) -> Result<Listed, ErrorData> {
    let hints = ToolAnnotations::new()
        .read_only(tool.hints.read_only)
        .destructive(tool.hints.destructive)
        .idempotent(tool.hints.idempotent)
        .open_world(tool.hints.open_world);
    Ok(Listed::new_with_raw(
        tool.name,
        Some(tool.description.into()),
        schema(tool.input_schema)?,
    )
    .with_title(tool.title)
    .with_raw_output_schema(schema(tool.output_schema)?)
    .with_annotations(hints))
}

/// Generated text; a test reads every one of them.
fn schema(text: &str) -> Result<Arc<JsonObject>, ErrorData> {
    serde_json::from_str(text).map(Arc::new).map_err(|_| {
        tracing::error!("a generated schema is no JSON");
        ErrorData::internal_error("A schema of this build is broken", None)
    })
}
