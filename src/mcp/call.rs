//! The path of one `tools/call`.

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
use vocabulary::Kind;

use super::caller::Caller;
use super::failure::Failure;
use super::list::offered;
use super::progress::ProgressReporter;
use super::server::{Mode, Server, Whole};
use super::{elicit, result};
use crate::generated;
use crate::kestra::{CallSettings, View};
use crate::principal::Principal;
use crate::secret::Redactor;
use crate::tool::context::Progress;
use crate::tool::delivery::Delivery;
use crate::tool::{Access, Builtin, Call, Effect, Error, Line, Reply, Tool, format, lenient};

/// The longest wait that an argument may ask for.
const LONGEST: Duration = Duration::from_mins(5);

/// One request for a tool, on its way.
struct Request {
    id: Arc<str>,
    name: String,
    arguments: Map<String, Value>,
    /// The way of the answer.
    delivery: Delivery,
    /// The longest that it may wait for something to end.
    longest: Duration,
    deadline: Instant,
    progress: Option<mpsc::UnboundedSender<Progress>>,
    /// Whether the client can lead the person to a page.
    leads: bool,
}

/// Why a call has no result: the protocol was broken, or a model can read why.
enum Stop {
    Unknown,
    Failed(Failure),
    /// The person should open this page first.
    Open(String),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How a call ended that has no result.
enum Ended {
    /// There is no such tool.
    Unknown,
    /// For the reason of this code.
    Failed(&'static str, CallToolResult),
    /// The person is asked to do something first.
    Asked(InputRequiredResult),
}

/// One answer for tools that do not exist and tools that the caller may not see.
fn unknown_tool() -> ErrorData {
    ErrorData::invalid_params("Unknown tool", None)
}

/// The tool of `name` on `view`, by its present or a former name.
fn find(view: View, name: &str) -> Option<&'static Tool> {
    offered(view).find(|tool| tool.is_called(name))
}

/// A tool of that name on any line: what can be said before it is known which Kestra answers.
fn anywhere(name: &str) -> Option<&'static Tool> {
    Line::ALL
        .iter()
        .rev()
        .flat_map(|line| generated::tools(*line))
        .find(|tool| tool.is_called(name))
}

fn waits(tool: &Tool, arguments: &Map<String, Value>) -> Duration {
    let seconds = tool
        .wait()
        .and_then(|name| arguments.get(name))
        .and_then(lenient::whole)
        .and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

/// Whether the client takes nothing before the answer, whatever it asks for.
fn takes_whole(context: &RequestContext<RoleServer>) -> bool {
    let parts = context.extensions.get::<http::request::Parts>();
    parts.is_some_and(|parts| parts.extensions.get::<Whole>().is_some())
}

/// Arguments that nobody may be shown, in this answer or elsewhere.
fn secrets<'a>(tool: &Tool, arguments: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
    let named = tool.arguments.iter();
    named
        .filter(|argument| matches!(argument.format.kind, Kind::Secret(_)))
        .filter_map(|argument| arguments.get(argument.name)?.as_str())
}

impl Server {
    /// Whether `principal` may use the tool called `name` with a wider token, and not with the one
    /// at hand.
    pub fn lacks_scope(&self, principal: &Principal, name: &str) -> bool {
        anywhere(name).is_some_and(|tool| self.0.policy.lacks_scope(principal, tool))
    }

    /// One call, counted.
    pub(super) async fn call(
        &self,
        id: Arc<str>,
        principal: Principal,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
        delivery: &Delivery,
    ) -> Result<CallToolResponse, ErrorData> {
        // Before anything that could tell a hidden tool from one that does not exist.
        let tool = anywhere(&params.name).filter(|tool| self.0.policy.may_use(&principal, tool));
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
                let call = self.found(tool, id, principal, params, context, delivery);
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
        // How it ended for whoever asked is known when the answer has left.
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
        tool: &'static Tool,
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
            // Whatever is wrong with one, another can be registered.
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
        // Without a word in between, clients and proxies take a long silence for the end.
        let longest = match token {
            Some(_) => LONGEST,
            None => self.0.kestra.quiet_wait().min(LONGEST),
        };
        let patience = self.0.kestra.limits().call + waits(tool, &arguments).min(longest);
        let (progress, reports) = mpsc::unbounded_channel();
        let request = Request {
            id: Arc::clone(&id),
            name: params.name.into_owned(),
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

    /// Tells our log and the client of `failure`.
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

    /// Ends what takes too long, and reads that nobody waits for. A change that was begun is
    /// carried to its end: only so can its outcome be known.
    async fn bounded(
        &self,
        caller: &Caller,
        tool: &'static Tool,
        request: Request,
        patience: Duration,
    ) -> Result<Reply, Stop> {
        let (cancel, deadline) = (request.delivery.gone().clone(), request.deadline);
        let work = self.answer(caller, tool, request);
        let work = tokio::time::timeout_at(deadline.into(), work);
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

    async fn answer(
        &self,
        caller: &Caller,
        tool: &'static Tool,
        request: Request,
    ) -> Result<Reply, Stop> {
        let Caller {
            principal,
            policy,
            held,
        } = caller;
        let kestra = &self.0.kestra;
        if let Some(builtin) = tool.builtin {
            let arguments = format::check(tool, &request.arguments, kestra.clock())?;
            for secret in secrets(tool, &arguments) {
                held.secrets().pin(secret);
            }
            let permit = policy.authorize(principal, Call { tool, arguments })?;
            let arguments = permit.into_call().arguments;
            let page = match builtin {
                Builtin::Credential if request.leads && arguments.is_empty() => {
                    self.page(caller).await
                }
                Builtin::Credential | Builtin::Status => None,
            };
            if let Some(page) = page {
                return Err(Stop::Open(page));
            }
            return Ok(self.builtin(builtin, caller, &arguments).await?);
        }
        let detected = match self.provided(caller).await {
            Ok(()) => kestra
                .server(held)
                .await
                .map(|_| ())
                .map_err(|fault| Failure::Tool(fault.into())),
            Err(failure) => Err(failure),
        };
        let view = kestra.view();
        let Some(tool) = find(view, &request.name) else {
            return Err(Stop::Unknown);
        };
        if !policy.allows(tool) {
            // Known without Kestra, whatever state that is in.
            let arguments = format::check(tool, &request.arguments, kestra.clock())?;
            policy.authorize(principal, Call { tool, arguments })?;
        }
        detected?;
        self.judge_shared(tool.effect).await?;
        match self.dispatch(caller, tool, view.line, &request).await {
            Err(Failure::Tool(error)) if may_be_another_line(&error) => {
                let Some(line) = kestra.recheck(held, view.line).await else {
                    return Err(Failure::Tool(error).into());
                };
                if tool.effect != Effect::Read {
                    return Err(Failure::Upgraded {
                        from: view.line,
                        to: line,
                    }
                    .into());
                }
                let tool = find(kestra.view(), &request.name).ok_or(Stop::Unknown)?;
                Ok(self.dispatch(caller, tool, line, &request).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn dispatch(
        &self,
        caller: &Caller,
        tool: &'static Tool,
        line: Line,
        request: &Request,
    ) -> Result<Reply, Failure> {
        let kestra = &self.0.kestra;
        let (policy, principal) = (&caller.policy, &caller.principal);
        let arguments = format::check(tool, &request.arguments, kestra.clock())?;
        let permit = policy.authorize(principal, Call { tool, arguments })?;
        let overdue = caller.held.is_overdue();
        if overdue && tool.effect != Effect::Read {
            return Err(Failure::CredentialOverdue);
        }
        let most = if overdue {
            Access::ReadOnly
        } else {
            Access::Full
        };
        let (call, targets) = permit.into_parts();
        let repeat = self.repeat(principal, tool, &call.arguments);
        let settings = CallSettings {
            held: caller.held.clone(),
            access: policy.access().and(most),
            request_id: Arc::clone(&request.id),
            progress: request.progress.clone(),
            delivery: request.delivery.clone(),
            longest: request.longest,
            hurry: self.0.shutdown.clone(),
            repeat,
            permissions: policy.permissions(principal),
            targets,
            deadline: request.deadline,
        };
        let ctx = kestra.call_ctx(line, settings).await?;
        Ok(generated::dispatch(&ctx, call).await?)
    }
}

/// The outcome of a call whose answer nobody took.
const DROPPED: &str = "dropped";

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
