//! `tools/list`: the tools that the caller may use on the detected Kestra server.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rmcp::model::{
    CacheScope, ErrorData, JsonObject, ListToolsResult, MetaObject, Tool as Listed, ToolAnnotations,
};

use super::server::{Mode, Server};
use crate::generated;
use crate::kestra::{Detection, Fault, Held, View};
use crate::principal::Principal;
use crate::tool::{Edition, Line, Tool};

/// Milliseconds for which a list is fresh, once it is known which Kestra answers.
pub(super) const FRESH_MS: u64 = 30_000;
/// Milliseconds for which it is fresh before that.
const FRESH_UNDETECTED_MS: u64 = 1_000;
/// How long a list waits for the detection of Kestra.
const PATIENCE: Duration = Duration::from_millis(300);

/// The characters of a result that Claude Code passes on; by default it writes a result of more
/// than 25,000 tokens to a file (<https://code.claude.com/docs/en/mcp#raise-the-limit-for-a-specific-tool>).
/// Other clients ignore it.
const LARGE: &str = "anthropic/maxResultSizeChars";

/// The tools of `view`, before policy.
pub(super) fn offered(view: View) -> impl Iterator<Item = &'static Tool> {
    let tools = generated::tools(view.line).iter();
    tools.filter(move |tool| is_offered(tool, view))
}

/// Whether the edition of `view` has what `tool` needs.
pub(super) fn is_offered(tool: &Tool, view: View) -> bool {
    tool.needs != Some(Edition::Enterprise) || view.edition == Edition::Enterprise
}

/// Whether two views offer identical lists.
fn same(one: View, other: View) -> bool {
    let shape = |tool: &'static Tool| {
        (
            tool.name.as_str(),
            tool.description.as_str(),
            tool.input_schema,
            tool.output_schema,
            tool.large_result,
        )
    };
    one == other || offered(one).map(shape).eq(offered(other).map(shape))
}

impl Server {
    /// Whether the list that the client last received has changed.
    pub fn list_is_stale(&self) -> bool {
        let shown = self.0.shown.lock().map(|shown| *shown).unwrap_or_default();
        shown.is_some_and(|shown| !same(shown, self.0.kestra.view()))
    }

    /// Marks the present list as announced, so that it is announced once.
    pub fn list_announced(&self) {
        self.show(self.0.kestra.view());
    }

    fn show(&self, view: View) {
        if let Ok(mut shown) = self.0.shown.lock() {
            *shown = Some(view);
        }
    }

    pub(super) async fn list(&self, principal: Principal) -> Result<ListToolsResult, ErrorData> {
        let kestra = &self.0.kestra;
        // A list needs no credential; a broken one is reported by the first call.
        let caller = self.caller(principal.clone()).await;
        let caller = caller.unwrap_or_else(|_| self.without_credential(principal));
        self.settled(&caller.held).await;
        let view = kestra.view();
        self.show(view);
        let tools = offered(view)
            .filter(|tool| caller.policy.offers(&caller.principal, tool))
            .map(|tool| listed(self.as_set(tool)))
            .collect::<Result<_, _>>()?;
        let known = matches!(&*kestra.watch().borrow(), Detection::Known(_));
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(if known { FRESH_MS } else { FRESH_UNDETECTED_MS })
            .with_cache_scope(CacheScope::Private))
    }

    /// Waits briefly for the detection of Kestra. A local server began it at start; a remote one may
    /// have no credential but the caller's.
    async fn settled(&self, held: &Held) {
        let kestra = &self.0.kestra;
        if let Mode::Remote(_) = self.0.mode {
            let ask = match &*kestra.watch().borrow() {
                Detection::Known(_) => false,
                Detection::Failed(Fault::Refused { .. }) => held.is_some(),
                Detection::Pending | Detection::Failed(_) => kestra.base().is_some(),
            };
            if ask {
                let (kestra, held) = (Arc::clone(kestra), held.clone());
                let asking = tokio::spawn(async move { kestra.server(&held).await });
                // A timeout is fine: the list shows what is known by then.
                let _ = tokio::time::timeout(PATIENCE, asking).await;
            }
        } else {
            kestra.settled(PATIENCE).await;
        }
    }
}

fn listed(tool: &'static Tool) -> Result<Listed, ErrorData> {
    let hints = ToolAnnotations::new()
        .read_only(tool.hints.read_only)
        .destructive(tool.hints.destructive)
        .idempotent(tool.hints.idempotent)
        .open_world(tool.hints.open_world);
    let listed = Listed::new_with_raw(
        tool.name.as_str(),
        Some(tool.description.as_str().into()),
        schema(tool.input_schema)?,
    )
    .with_title(tool.title.as_str())
    .with_raw_output_schema(schema(tool.output_schema)?)
    .with_annotations(hints);
    Ok(match tool.large_result {
        Some(characters) => {
            let meta = JsonObject::from_iter([(LARGE.to_owned(), characters.into())]);
            listed.with_meta(MetaObject::from(meta))
        }
        None => listed,
    })
}

/// The schemas of the tools of a line, by their text with sorted members.
type Written = LazyLock<HashMap<String, &'static str>>;

static V1_3: Written = LazyLock::new(|| written(Line::V1_3));
static V2_0: Written = LazyLock::new(|| written(Line::V2_0));

fn written(line: Line) -> HashMap<String, &'static str> {
    let tools = generated::tools(line).iter().flat_map(|tool| {
        let others = tool.under.iter().map(|(_, other)| *other);
        std::iter::once(tool).chain(others)
    });
    let texts = tools.flat_map(|tool| [tool.input_schema, tool.output_schema]);
    let sorted = texts.filter_map(|text| {
        let sorted: JsonObject = serde_json::from_str(text).ok()?;
        Some((serde_json::to_string(&sorted).ok()?, text))
    });
    sorted.collect()
}

/// A tool's schema in the order of the manifest, by its text with sorted members. Order-preserving
/// maps of `serde_json` would do the same for more than twice the memory per value.
pub fn as_written(sorted: &str) -> Option<&'static str> {
    // An older line is searched only if the newest has no such schema.
    Line::ALL.iter().rev().find_map(|line| {
        let written = match line {
            Line::V1_3 => &V1_3,
            Line::V2_0 => &V2_0,
        };
        written.get(sorted).copied()
    })
}

/// Parses a generated schema; a test covers all of them.
fn schema(text: &str) -> Result<Arc<JsonObject>, ErrorData> {
    serde_json::from_str(text).map(Arc::new).map_err(|_| {
        tracing::error!("a generated schema is not JSON");
        ErrorData::internal_error("A schema of this build is broken", None)
    })
}
