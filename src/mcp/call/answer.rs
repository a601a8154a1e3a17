//! From a tool and its arguments to a reply, within the deadline of the call.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use vocabulary::Kind;

use super::request::{Request, Stop};
use crate::generated;
use crate::kestra::CallSettings;
use crate::mcp::caller::Caller;
use crate::mcp::failure::Failure;
use crate::mcp::server::Server;
use crate::tool::{Access, Builtin, Call, Effect, Error, Line, Reply, Tool, arguments};

/// Values of secret arguments, which must not appear in the answer or the log.
fn secrets<'a>(tool: &Tool, arguments: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
    let named = tool.arguments.iter();
    named
        .filter(|argument| matches!(argument.format.kind, Kind::Secret(_)))
        .filter_map(|argument| arguments.get(argument.name)?.as_str())
}

impl Server {
    /// Enforces the deadline, and cancels a read when its client leaves. A change runs to its end
    /// once it has begun: otherwise its outcome would be unknown.
    pub(super) async fn bounded(
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
            let arguments = arguments::check(tool, &request.arguments, kestra.clock())?;
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
        let Some(tool) = request.resolved.on(view) else {
            return Err(Stop::Unknown);
        };
        if !policy.allows(tool) {
            // Policy decides without Kestra, even if Kestra cannot be reached.
            let arguments = arguments::check(tool, &request.arguments, kestra.clock())?;
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
                let tool = request.resolved.on(kestra.view());
                let tool = tool.ok_or(Stop::Unknown)?;
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
        let arguments = arguments::check(tool, &request.arguments, kestra.clock())?;
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

/// Whether `error` may mean that the server has the routes of another line.
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
