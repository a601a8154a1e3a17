//! The path of one `tools/call`.

mod answer;
mod request;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, InputRequiredResult,
};
use rmcp::service::RequestContext;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::failure::Failure;
use super::progress::ProgressReporter;
use super::resolved::Resolved;
use super::server::{Mode, Server, Whole};
use super::{elicit, result};
use crate::principal::Principal;
use crate::secret::Redactor;
use crate::tool::delivery::Delivery;
use crate::tool::{Builtin, Tool, coerce};
use request::{Request, Stop};

/// The longest wait that an argument may ask for.
const LONGEST: Duration = Duration::from_mins(5);

/// The tool that a call names.
#[derive(Clone, Copy)]
struct Found {
    /// On the newest line that has it, with the settings of this server.
    tool: &'static Tool,
    /// On every line.
    resolved: Resolved,
}

/// The outcome of a call whose client left before the answer.
const DROPPED: &str = "dropped";

/// How a call without a result ended.
enum Ended {
    /// There is no such tool.
    Unknown,
    /// It failed with this code.
    Failed(&'static str, CallToolResult),
    /// The client is asked for input first.
    Asked(InputRequiredResult),
}

/// One answer for tools that do not exist and tools that the caller may not see.
fn unknown_tool() -> ErrorData {
    ErrorData::invalid_params("Unknown tool", None)
}

/// The tool called `name`, as the transport resolved it if it had to check the scope.
fn resolved(context: &RequestContext<RoleServer>, name: &str) -> Resolved {
    let parts = context.extensions.get::<http::request::Parts>();
    let resolved = parts.and_then(|parts| parts.extensions.get::<Resolved>());
    resolved.copied().unwrap_or_else(|| Resolved::of(name))
}

fn waits(tool: &Tool, arguments: &Map<String, Value>) -> Duration {
    let seconds = tool
        .wait()
        .and_then(|name| arguments.get(name))
        .and_then(coerce::whole)
        .and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

/// Whether the client accepts only a single JSON answer, even if it asks for progress.
fn takes_whole(context: &RequestContext<RoleServer>) -> bool {
    let parts = context.extensions.get::<http::request::Parts>();
    parts.is_some_and(|parts| parts.extensions.get::<Whole>().is_some())
}

impl Server {
    /// Answers one call, and records its outcome in metrics and log.
    pub(super) async fn call(
        &self,
        id: Arc<str>,
        principal: Principal,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
        delivery: &Delivery,
    ) -> Result<CallToolResponse, ErrorData> {
        // Comes first, so that a hidden tool cannot be told from one that does not exist.
        let resolved = resolved(&context, &params.name);
        let tool = resolved
            .newest()
            .filter(|tool| self.0.policy.may_use(&principal, tool));
        let tool = tool.map(|tool| self.as_set(tool));
        let name = tool.map_or("none", |tool| tool.name.as_str());
        let span = tracing::info_span!("call", tool = name, outcome = tracing::field::Empty);
        let meter = match (&self.0.mode, &principal) {
            (Mode::Remote(remote), Principal::Person(person)) => {
                Some(remote.metrics.call(Arc::clone(&person.user), name))
            }
            (Mode::Local, _) | (Mode::Remote(_), Principal::Local) => None,
        };
        let answer = match tool {
            Some(tool) => {
                let found = Found { tool, resolved };
                let call = self.found(found, id, principal, params, context, delivery);
                call.instrument(span.clone()).await
            }
            None => Err(Ended::Unknown),
        };
        let (outcome, answer) = match answer {
            Ok(result) => ("ok", Ok(result.into())),
            Err(Ended::Unknown) => ("unknown", Err(unknown_tool())),
            Err(Ended::Failed(code, result)) => (code, Ok(result.into())),
            Err(Ended::Asked(question)) => ("input_required", Ok(question.into())),
        };
        // Whether the client took the answer is known only at the end of delivery.
        delivery.at_end(move |taken| {
            let outcome = if taken { outcome } else { DROPPED };
            span.record("outcome", outcome);
            if let Some(mut meter) = meter {
                meter.ended(outcome);
            }
        });
        answer
    }

    async fn found(
        &self,
        Found { tool, resolved }: Found,
        id: Arc<str>,
        principal: Principal,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
        delivery: &Delivery,
    ) -> Result<CallToolResult, Ended> {
        let nobodys = Redactor::default();
        let failed = |failure| self.failed(&failure, tool, &id, &nobodys, delivery);
        let _slot = self.slot(&principal, &context.ct).await.map_err(failed)?;
        let caller = match self.caller(principal.clone()).await {
            // A broken credential must not prevent the registration of another.
            Err(_) if tool.builtin == Some(Builtin::Credential) => {
                self.without_credential(principal)
            }
            caller => caller.map_err(failed)?,
        };
        let secrets = caller.held.secrets();
        let leads = elicit::may_lead(&context, &params);
        let arguments = params.arguments.unwrap_or_default();
        let token = context.meta.get_progress_token();
        let token = token.filter(|_| !takes_whole(&context));
        // Without progress, clients and proxies treat a long silence as a dead connection.
        let longest = match token {
            Some(_) => LONGEST,
            None => self.0.kestra.quiet_wait().min(LONGEST),
        };
        let patience = self.0.kestra.limits().call + waits(tool, &arguments).min(longest);
        let (progress, reports) = mpsc::unbounded_channel();
        let request = Request {
            id: Arc::clone(&id),
            resolved,
            arguments,
            delivery: delivery.clone(),
            longest,
            deadline: Instant::now() + patience,
            progress: token.is_some().then_some(progress),
            leads,
        };
        let work = Box::pin(self.bounded(&caller, tool, request, patience));
        let answer = match token {
            Some(token) => {
                let reporter = ProgressReporter {
                    peer: context.peer,
                    token,
                    secrets: secrets.clone(),
                };
                reporter.run(reports, work).await
            }
            None => work.await,
        };
        match answer {
            Ok(reply) => Ok(result::done(reply, tool, secrets)),
            Err(Stop::Unknown) => Err(Ended::Unknown),
            Err(Stop::Open(page)) => Err(Ended::Asked(elicit::lead(page))),
            Err(Stop::Failed(failure)) => {
                let failure = self.explain(failure, &caller).await;
                let failed = self.failed(&failure, tool, &id, secrets, delivery);
                match elicit::page_of(&failure) {
                    Some(page) if leads => Err(Ended::Asked(elicit::lead(page.clone()))),
                    _ => Err(failed),
                }
            }
        }
    }

    /// Logs `failure`, and words it for the client.
    fn failed(
        &self,
        failure: &Failure,
        tool: &Tool,
        id: &str,
        secrets: &Redactor,
        delivery: &Delivery,
    ) -> Ended {
        let audience = self.audience();
        result::log(failure, tool, audience, id, secrets);
        Ended::Failed(
            failure.code().as_str(),
            result::failed(failure, audience, id, secrets, delivery.started()),
        )
    }
}
