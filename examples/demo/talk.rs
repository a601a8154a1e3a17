//! A conversation with the server, as a client would hold it.

use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use rmcp::model::{CallToolRequestParams, ClientConfig, ProgressNotificationParam};
use rmcp::service::{NotificationContext, RunningService};
use rmcp::{ClientHandler, RoleClient, ServiceExt as _};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::show::{line, outline, strong};
use crate::stage::{SAVED, Stage};
use crate::{SERVE, config};

/// The tasks of the flow that the conversation saves.
const CHECK: &str = "  - id: check
    type: io.kestra.plugin.core.log.Log
    message: all orders are loaded
";

/// What is put before them.
const APPROVE: &str = "  - id: approve
    type: io.kestra.plugin.core.flow.Pause
";

/// The client's side: it shows progress, each message once.
#[derive(Default)]
struct Watcher(Mutex<String>);

impl ClientHandler for Watcher {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::default()
    }

    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let message = progress.message.unwrap_or_default();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != message {
            line(format_args!("  … {message}"));
            *last = message;
        }
    }
}

/// A running server with its client.
pub(crate) struct Talk {
    client: RunningService<RoleClient, Watcher>,
    server: Child,
}

impl Talk {
    /// Starts this program again as the server, as a client starts `kestra-mcp stdio`.
    pub(crate) async fn start(stage: &Stage) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(SERVE).kill_on_drop(true);
        for name in config::environment()
            .keys()
            .filter(|name| name.starts_with("KESTRA_"))
        {
            command.env_remove(name);
        }
        let mut server = command
            .env("KESTRA_MCP_LOG", "error")
            .envs(stage.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = server.stdout.take().context("no output")?;
        let input = server.stdin.take().context("no input")?;
        let client = Watcher::default().serve((output, input)).await?;
        Ok(Self { client, server })
    }

    /// Ends the client, then the server ends by itself.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        self.client.cancel().await?;
        let status = self.server.wait().await?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// All of it.
    pub(crate) async fn hold(&self, namespace: &str) -> anyhow::Result<()> {
        ask("What can you do?");
        line("  → tools/list");
        for tool in self.client.list_all_tools().await? {
            line(format_args!(
                "  {:<22} {}",
                tool.name,
                tool.title.unwrap_or_default()
            ));
        }

        ask("Which flows are there?");
        let flows = self
            .good("list_flows", json!({ "namespace": namespace }))
            .await?;
        ensure!(
            flows.get("total") == Some(&json!(2)),
            "two flows were expected"
        );

        ask("What does daily-report do?");
        let report = json!({ "namespace": namespace, "flow_id": "daily-report" });
        self.good("get_flow", report).await?;

        ask("Run it for ACME, and tell me when it is done.");
        let run = self
            .good(
                "execute_flow",
                json!({ "namespace": namespace, "flow_id": "daily-report",
                    "inputs": { "customer": "ACME" }, "wait_seconds": 60 }),
            )
            .await?;
        ensure!(
            is(&run, "/state", "SUCCESS"),
            "the run should have succeeded"
        );

        ask("Now load the orders.");
        let run = self
            .good(
                "execute_flow",
                json!({ "namespace": namespace, "flow_id": "load-orders", "wait_seconds": 60 }),
            )
            .await?;
        ensure!(is(&run, "/state", "FAILED"), "the run should have failed");

        ask("Why did it fail?");
        let id = json!({ "execution_id": run.get("execution_id") });
        let failed = self.good("get_execution", id).await?;
        ensure!(
            is(&failed, "/failed/0/task_id", "copy"),
            "the failed task should be named"
        );

        ask("Run the daily reprot again.");
        let miss = json!({ "namespace": namespace, "flow_id": "daily-reprot" });
        let (refused, answer) = self.call("execute_flow", miss).await?;
        ensure!(
            refused && is(&answer, "/error/near/0/flow_id", "daily-report"),
            "the near miss should be named"
        );
        self.change(namespace).await
    }

    /// Saves a flow, changes it, runs it and ends the run.
    async fn change(&self, namespace: &str) -> anyhow::Result<()> {
        ask("Make a flow weekly-check that says whether all orders are loaded.");
        let written = saved(namespace, CHECK);
        let made = self
            .good("create_or_update_flow", json!({ "source": written }))
            .await?;
        ensure!(
            is(&made, "/outcome", "created"),
            "it should have been created"
        );

        ask("It should wait for my approval first.");
        let changed = saved(namespace, &format!("{APPROVE}{CHECK}"));
        let blind = json!({ "source": changed });
        let (refused, answer) = self.call("create_or_update_flow", blind).await?;
        ensure!(
            refused && is(&answer, "/error/code", "CONFLICT"),
            "what exists should not be replaced unseen"
        );
        says("Nothing is replaced unseen: only who names the revision that was read replaces it.");
        let seen = json!({ "source": changed,
            "base_revision": answer.pointer("/error/revision") });
        let done = self.good("create_or_update_flow", seen).await?;
        ensure!(
            is(&done, "/outcome", "updated"),
            "it should have been replaced"
        );

        ask("Run it.");
        let run = self
            .good(
                "execute_flow",
                json!({ "namespace": namespace, "flow_id": SAVED, "wait_seconds": 60 }),
            )
            .await?;
        ensure!(is(&run, "/state", "PAUSED"), "the run should wait");

        ask("I changed my mind, stop it.");
        let id = json!({ "execution_id": run.get("execution_id") });
        let killed = self.good("kill_execution", id).await?;
        ensure!(
            is(&killed, "/outcome", "killed") || is(&killed, "/outcome", "requested"),
            "the run should have ended"
        );
        Ok(())
    }

    async fn good(&self, tool: &'static str, arguments: Value) -> anyhow::Result<Value> {
        let (refused, answer) = self.call(tool, arguments).await?;
        ensure!(!refused, "{tool} failed: {answer}");
        Ok(answer)
    }

    /// Whether the call was refused, and the answer.
    async fn call(&self, tool: &'static str, arguments: Value) -> anyhow::Result<(bool, Value)> {
        if is_nested(&arguments) {
            line(format!("  → {tool}\n{}", outline(&arguments, 6)).trim_end());
        } else {
            line(format_args!("  → {tool} {arguments}"));
        }
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        let result = self.client.call_tool(params).await?;
        let answer = result
            .structured_content
            .context("an answer without content")?;
        line(format!("  ← {}", outline(&answer, 4).trim_start()).trim_end());
        Ok((result.is_error == Some(true), answer))
    }
}

/// What the person asks.
fn ask(question: &str) {
    line(format_args!("\n{}", strong(question)));
}

/// What the person who watches should know.
fn says(remark: &str) {
    line(format_args!("\n  {remark}"));
}

/// The source of the flow that the conversation saves.
fn saved(namespace: &str, tasks: &str) -> String {
    format!("id: {SAVED}\nnamespace: {namespace}\ntasks:\n{tasks}")
}

/// Whether an argument is a text of several lines.
fn is_nested(arguments: &Value) -> bool {
    let Value::Object(fields) = arguments else {
        return false;
    };
    let mut texts = fields.values().filter_map(Value::as_str);
    texts.any(|text| text.contains('\n'))
}

/// Whether that text is at that place.
fn is(answer: &Value, place: &str, text: &str) -> bool {
    answer.pointer(place).and_then(Value::as_str) == Some(text)
}
