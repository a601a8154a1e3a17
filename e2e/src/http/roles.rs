//! What each role is offered.

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::client::Client;

/// What a viewer is offered of Kestra Enterprise.
pub(crate) const VIEWER: [&str; 10] = [
    "auth_status",
    "get_app",
    "get_execution",
    "get_flow",
    "list_apps",
    "list_executions",
    "list_flows",
    "register_kestra_token",
    "search_namespaces",
    "search_triggers",
];

/// What an editor is offered as well.
pub(crate) const EDITOR: [&str; 4] = [
    "create_app",
    "create_or_update_flow",
    "execute_flow",
    "kill_execution",
];

/// A flow that a person saves.
pub(crate) const SAVED: &str = "id: saved
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: saved by Ada
";

/// Checks that an editor's tool answers like a tool that does not exist.
pub(crate) async fn check_hidden(client: &Client) -> anyhow::Result<()> {
    let hidden = client.call("create_or_update_flow", json!({ "source": SAVED }));
    let nonsense = client.call("no_such_tool", json!({ "source": SAVED }));
    let (hidden, nonsense) = (hidden.await.err(), nonsense.await.err());
    let (hidden, nonsense) = (
        hidden.context("it answers")?,
        nonsense.context("it answers")?,
    );
    ensure!(
        format!("{hidden:#}") == format!("{nonsense:#}"),
        "{hidden:#} is not {nonsense:#}"
    );
    Ok(())
}
