//! The requests of one call, step by step: each is sent, repeated while Kestra does not know the
//! object yet, and refused where its answer is about another object.

use std::future::Future;
use std::marker;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;
use vocabulary::Expr;

use super::elsewhere;
use crate::tool::answer::{self, About};
use crate::tool::bindings::Bindings;
use crate::tool::clearance::{self, Cleared};
use crate::tool::error::Error;
use crate::tool::{Call, Internal, Request, Sent, Tool, Unusable, Values};

/// Between two tries of a step that Kestra does not know yet.
const AGAIN: Duration = Duration::from_millis(500);

/// A change is not sent with less time left than this.
pub(super) const FOR_A_CHANGE: Duration = Duration::from_secs(5);
/// A read that only adds to the answer is not begun with less time left than this.
pub(super) const FOR_A_PART: Duration = Duration::from_secs(1);

/// The generated half: a client of one line.
pub trait Send: Sync {
    /// Sends the request of an operation.
    fn send(
        &self,
        operation: &str,
        values: Values,
    ) -> impl Future<Output = Result<Sent, Error>> + marker::Send;
}

/// A tool on its way, with what sends its requests.
#[derive(Debug)]
pub struct Path<'p, S> {
    /// The tool.
    pub tool: &'static Tool,
    pub(super) call: &'p Call,
    pub(super) sender: &'p S,
}

impl Bindings<'_> {
    /// The main answer.
    pub(super) fn main(&self) -> &Value {
        let main = self.steps.get(vocabulary::tool::ANSWER);
        main.unwrap_or(&Value::Null)
    }

    /// Gives the fields what is known of the act itself.
    pub(super) fn tell(&mut self, facts: Value) {
        self.steps.insert(vocabulary::tool::OUTCOME, facts);
    }
}

impl<S: Send> Path<'_, S> {
    /// What tells the object apart, as its first request says it.
    pub(in crate::tool) fn same(&self) -> Option<&'static IndexMap<String, Expr>> {
        let entry = self.tool.entry;
        let first = entry.before.values().next().or_else(|| entry.act.first());
        first.map(|step| &step.same)
    }

    /// Reads the answer of one step: repeats what Kestra does not know yet, and refuses an answer
    /// about another object than the one that was asked for.
    ///
    /// # Errors
    /// See [`Error`].
    pub(in crate::tool) async fn read(
        &self,
        bindings: &Bindings<'_>,
        name: &str,
    ) -> Result<Value, Error> {
        let request = self.tool.request(name)?;
        if !request.reads {
            return Err(Internal::NotSent(format!("{name} is a change")).into());
        }
        let mut value = self.send(bindings, request).await?;
        if !bindings.same(&value, &request.step.same) {
            return Err(self.other_object(name));
        }
        let Some(at) = &request.step.rows else {
            return Ok(value);
        };
        let mut rows = match value.pointer_mut(at).map(Value::take) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        rows.retain(|row| bindings.fits(row, request.step.checks()));
        Ok(Value::Array(rows))
    }

    /// Makes a change, once policy has seen what it is about.
    ///
    /// # Errors
    /// See [`Error`].
    pub(super) async fn change(
        &self,
        bindings: &Bindings<'_>,
        name: &str,
        _: &Cleared,
    ) -> Result<Value, Error> {
        let request = self.tool.request(name)?;
        let value = self.send(bindings, request).await?;
        elsewhere::check(self.tool, bindings, &request.step.same, &value)?;
        Ok(value)
    }

    /// Reads what a change made, or says why it cannot be read.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] when it is another object than the one that was asked for.
    pub(super) async fn read_back(
        &self,
        bindings: &Bindings<'_>,
        name: &str,
    ) -> Result<Result<Value, Error>, Error> {
        let request = self.tool.request(name)?;
        let value = match self.send(bindings, request).await {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        };
        let same = &request.step.same;
        elsewhere::check(self.tool, bindings, same, &value)?;
        Ok(if bindings.same(&value, same) {
            Ok(value)
        } else {
            Err(self.other_object(name))
        })
    }

    fn other_object(&self, name: &str) -> Error {
        let step = self.tool.requests.get_key_value(name);
        let step = step.map_or("", |(step, _)| *step);
        Unusable::OtherObject { step }.into()
    }

    /// What a query of [`Tool::near`] finds, without what the caller may not see.
    ///
    /// # Errors
    /// See [`Error`].
    pub(in crate::tool) async fn candidates(
        &self,
        bindings: &Bindings<'_>,
        name: &str,
    ) -> Result<Vec<Value>, Error> {
        let mut rows = match self.read(bindings, name).await? {
            Value::Array(rows) => rows,
            // The object itself.
            one => vec![one],
        };
        let at = self.tool.near.and_then(|near| near.target.as_deref());
        rows.retain(|row| clearance::may_show(bindings.ctx, row, at));
        Ok(rows)
    }

    /// Sends the request of one step; repeats what Kestra does not know yet.
    async fn send(
        &self,
        bindings: &Bindings<'_>,
        request: &'static Request,
    ) -> Result<Value, Error> {
        let ctx = bindings.ctx;
        let until = ctx.clock.now_ms().saturating_add(request.step.retry_404_ms);
        loop {
            // A change that is cut off by the end of the call would have an unknown outcome.
            if !request.reads && ctx.left() < FOR_A_CHANGE {
                let seconds = ctx.limits.call.as_secs();
                return Err(Error::Timeout { seconds });
            }
            // Nor is one sent whose answer could not be read.
            if !request.reads {
                ctx.memory.before_a_change()?;
            }
            let values = bindings.values(request)?;
            let sent = self.sender.send(request.id, values).await?;
            let read = answer::receive(ctx, sent, request.keep, self.about(request)).await;
            match read {
                Err(missing @ Error::NotFound { .. }) => {
                    if ctx.clock.now_ms() >= until || ctx.left() < AGAIN {
                        return Err(missing);
                    }
                    tokio::select! {
                        () = ctx.clock.sleep(AGAIN) => {}
                        () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
                    }
                }
                read => return Ok(read?.0),
            }
        }
    }

    fn about(&self, request: &'static Request) -> About {
        let entry = self.tool.entry;
        // Who saves a document finds out what is there already.
        let may_exist = !request.reads && entry.save.is_none();
        About {
            effect: request.effect,
            kind: &entry.kind,
            kestra_permission: entry.kestra_permission.as_deref(),
            exists: may_exist.then_some(self.tool.exists),
            answer: request.step.answer,
        }
    }
}
