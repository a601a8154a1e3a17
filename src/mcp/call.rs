//! The path of one `tools/call`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResult, ErrorData};
use rmcp::service::RequestContext;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::list::offered;
use super::progress::Teller;
use super::result::{self, Failure};
use super::{ROOM, Server, unknown_tool};
use crate::generated;
use crate::kestra::{Caller, View};
use crate::tool::context::Progress;
use crate::tool::{Call, Effect, Error, Line, Reply, Tool, format};

/// The longest wait that an argument may ask for, in seconds.
const LONGEST: u64 = 300;

/// One request for a tool, on its way.
struct Request {
    id: Arc<str>,
    name: String,
    arguments: Map<String, Value>,
    cancel: CancellationToken,
    deadline: Instant,
    progress: Option<mpsc::UnboundedSender<Progress>>,
}

/// Why a call has no result: the protocol was broken, or a model can read why.
enum Stop {
    Unknown,
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The tool of `name` on `view`, by its present or a former name.
fn find(view: View, name: &str) -> Option<&'static Tool> {
    offered(view).find(|tool| tool.name == name || tool.aliases.contains(&name))
}

/// A tool of that name on any line: what can be said before it is known which Kestra answers.
fn anywhere(name: &str) -> Option<&'static Tool> {
    Line::ALL
        .iter()
        .rev()
        .flat_map(|line| generated::tools(*line))
        .find(|tool| tool.name == name || tool.aliases.contains(&name))
}

fn waits(tool: &Tool, arguments: &Map<String, Value>) -> Duration {
    let seconds = tool
        .wait
        .and_then(|name| arguments.get(name))
        .and_then(format::whole)
        .and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or_default().min(LONGEST))
}

impl Server {
    pub(super) async fn call(
        &self,
        id: Arc<str>,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let secrets = self.0.kestra.secrets();
        let Some(tool) = anywhere(&params.name) else {
            return Err(unknown_tool());
        };
        let Ok(_room) = self.0.room.try_acquire() else {
            return Ok(result::failed(&Failure::Busy { limit: ROOM }, &id, secrets));
        };
        let arguments = params.arguments.unwrap_or_default();
        let patience = self.0.kestra.limits().call + waits(tool, &arguments);
        let (progress, reports) = mpsc::unbounded_channel();
        let token = context.meta.get_progress_token();
        let request = Request {
            id: Arc::clone(&id),
            name: params.name.into_owned(),
            arguments,
            cancel: context.ct.clone(),
            deadline: Instant::now() + patience,
            progress: token.is_some().then_some(progress),
        };
        let work = Box::pin(self.bounded(tool, request, patience));
        let answer = match token {
            Some(token) => {
                let teller = Teller {
                    peer: context.peer,
                    token,
                    secrets: secrets.clone(),
                };
                teller.run(reports, work).await
            }
            None => work.await,
        };
        match answer {
            Ok(reply) => Ok(result::done(reply, secrets)),
            Err(Stop::Unknown) => Err(unknown_tool()),
            Err(Stop::Failed(failure)) => {
                result::log(&failure, tool, &id, secrets);
                Ok(result::failed(&failure, &id, secrets))
            }
        }
    }

    /// Ends what takes too long, and reads that nobody waits for. A change that was begun is
    /// carried to its end: only so can its outcome be known.
    async fn bounded(
        &self,
        tool: &'static Tool,
        request: Request,
        patience: Duration,
    ) -> Result<Reply, Stop> {
        let cancel = request.cancel.clone();
        let work = tokio::time::timeout_at(request.deadline.into(), self.answer(tool, request));
        let ended = if tool.effect == Effect::Read {
            tokio::select! {
                ended = work => ended,
                () = cancel.cancelled() => return Err(Error::Cancelled.into()),
            }
        } else {
            work.await
        };
        ended.unwrap_or_else(|_| {
            Err(match tool.effect {
                Effect::Read => Error::Timeout {
                    seconds: patience.as_secs(),
                },
                _ => Error::OutcomeUnknown {
                    advice: "Read the object before you try again.",
                },
            }
            .into())
        })
    }

    async fn answer(&self, tool: &'static Tool, request: Request) -> Result<Reply, Stop> {
        let (policy, principal) = (&self.0.policy, &self.0.principal);
        if let Some(builtin) = tool.builtin {
            if !policy.may_use(principal, tool) {
                return Err(Stop::Unknown);
            }
            let arguments = format::check(tool, &request.arguments, self.0.kestra.clock())?;
            policy.authorize(principal, Call { tool, arguments })?;
            return Ok(self.builtin(builtin).await);
        }
        let kestra = &self.0.kestra;
        let unconfigured = kestra.configured();
        let detected = match unconfigured {
            Ok(()) => kestra.server().await.map(|_| ()).map_err(Error::from),
            Err(error) => Err(error),
        };
        let view = kestra.view();
        let tool = find(view, &request.name).filter(|tool| policy.may_use(principal, tool));
        let Some(tool) = tool else {
            return Err(Stop::Unknown);
        };
        if !policy.allows(tool) {
            // Known without Kestra, whatever state that is in.
            let arguments = format::check(tool, &request.arguments, kestra.clock())?;
            policy.authorize(principal, Call { tool, arguments })?;
        }
        detected?;
        match self.dispatch(tool, view.line, &request).await {
            Err(Failure::Tool(error)) if may_be_another_line(&error) => {
                let Some(line) = kestra.recheck(view.line).await else {
                    return Err(Failure::Tool(error).into());
                };
                if tool.effect != Effect::Read {
                    return Err(Failure::Upgraded {
                        from: view.line,
                        to: line,
                    }
                    .into());
                }
                let tool = find(kestra.view(), &request.name)
                    .filter(|tool| policy.may_use(principal, tool))
                    .ok_or(Stop::Unknown)?;
                Ok(self.dispatch(tool, line, &request).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn dispatch(
        &self,
        tool: &'static Tool,
        line: Line,
        request: &Request,
    ) -> Result<Reply, Failure> {
        let kestra = &self.0.kestra;
        let (policy, principal) = (&self.0.policy, &self.0.principal);
        let arguments = format::check(tool, &request.arguments, kestra.clock())?;
        let permit = policy.authorize(principal, Call { tool, arguments })?;
        let caller = Caller {
            request_id: Arc::clone(&request.id),
            progress: request.progress.clone(),
            cancel: request.cancel.clone(),
            permissions: policy.permissions(principal),
            deadline: request.deadline,
        };
        let ctx = kestra.call_ctx(line, caller).await?;
        Ok(generated::dispatch(&ctx, permit.into_call()).await?)
    }
}

/// Whether `error` is what a server answers whose routes are not those of the line in use.
const fn may_be_another_line(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound { .. }
            | Error::Upstream {
                status: 404 | 405,
                ..
            }
    )
}
