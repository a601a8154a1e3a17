//! The control flow of tools: a closed set of functions over named steps. Which steps there are
//! and what they send is generated; no function here knows a tool or an operation.

mod act;
mod elsewhere;
mod follow;
mod saving;
mod unfold;
mod upsert;
mod watch;

use std::future::Future;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::document;
use super::error::Error;
use super::filter::Check;
use super::internal::Internal;
use super::near::{self, Near};
use super::output::{self, Output};
use super::scope::{Expr, Scope, When};
use super::sentence::sentences;
use super::unusable::Unusable;
use super::{Answer, Call, CallCtx, Effect, Permission, Reply};

pub use act::{Settle, act_then_read};
pub use follow::{Follow, Latest, Scheduled, start_then_follow};
pub use unfold::{Join, Unfold, unfold};
pub use upsert::{Upsert, upsert};

/// Between two tries of a step that Kestra does not know yet.
const AGAIN: Duration = Duration::from_millis(500);

/// A change is not sent with less time left than this.
const FOR_A_CHANGE: Duration = Duration::from_secs(5);
/// An attached read is not begun with less time left than this.
const FOR_A_PART: Duration = Duration::from_secs(1);

/// The step that reads what a change made.
const AFTER: &str = "after";

/// The generated half of a tool.
pub trait Steps: Sync {
    /// What the manifest says beside the requests.
    const PLAN: Plan;

    /// Sends the request of one step.
    fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> impl Future<Output = Result<Answer, Error>> + Send;
}

/// What the manifest says of a tool beside its requests.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// All steps.
    pub steps: &'static [Step],
    /// Steps after the main one, in order.
    pub attach: &'static [&'static str],
    /// Reasons to refuse before anything changes.
    pub refuse: &'static [Refusal],
    /// Candidates for a miss.
    pub near: Option<&'static Near>,
    /// How a started object is followed.
    pub follow: Option<&'static Follow>,
    /// Which rows stand in the rows of a search.
    pub unfold: Option<&'static Unfold>,
    /// How an object is watched after something was done to it.
    pub settle: Option<&'static Settle>,
    /// How a source is saved.
    pub upsert: Option<&'static Upsert>,
    /// The result.
    pub output: &'static Output,
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What it does to Kestra.
    pub effect: Effect,
    /// Left out unless this holds.
    pub when: When,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// The answer must be about the object that was asked for; that of a change may also say nothing
    /// of it.
    pub same: &'static [(&'static str, Expr)],
    /// The answer is these rows.
    pub rows: Option<&'static str>,
    /// What every row must meet.
    pub checks: &'static [Check],
    /// For how long a 404 may mean "not yet", in milliseconds.
    pub retry_404_ms: u64,
    /// An attached read that is given up after so many milliseconds, and whose failure is not told:
    /// the answer is whole without it.
    pub spare_ms: Option<u64>,
}

/// A reason to refuse a call.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// When this holds.
    pub when: When,
    /// For the model.
    pub message: &'static str,
}

impl Scope<'_> {
    /// The main answer; it is kept once.
    fn main(&self) -> &Value {
        self.steps.get("answer").unwrap_or(&Value::Null)
    }

    /// Whether `value` is about the object that these name.
    pub fn same(&self, value: &Value, pairs: &[(&'static str, Expr)]) -> bool {
        pairs.iter().all(|(pointer, expr)| {
            match (value.pointer(pointer), self.get(expr, &Value::Null)) {
                (Some(found), Some(wanted)) => {
                    super::scope::plain(found) == super::scope::plain(&wanted)
                }
                _ => false,
            }
        })
    }
}

/// Runs one step: repeats what Kestra does not know yet, and refuses an answer about another
/// object than the one that was asked for.
pub(super) async fn run<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    name: &'static str,
) -> Result<Value, Error> {
    let step = step::<S>(name)?;
    let value = send(steps, scope, step).await?;
    if step.effect != Effect::Read {
        elsewhere::check::<S>(scope, step.same, &value)?;
    } else if !scope.same(&value, step.same) {
        return Err(Unusable::OtherObject { step: name }.into());
    }
    let Some(at) = step.rows else {
        return Ok(value);
    };
    let mut value = value;
    let mut rows = match value.pointer_mut(at).map(Value::take) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    };
    rows.retain(|row| scope.fits(row, step.checks));
    Ok(Value::Array(rows))
}

/// Reads what a change made; none when it cannot be read, or the answer does not say what it is
/// about.
///
/// # Errors
/// [`Error::Elsewhere`] when it is another object than the one that was asked for.
pub(super) async fn read_back<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    name: &'static str,
) -> Result<Option<Value>, Error> {
    let step = step::<S>(name)?;
    let Ok(value) = send(steps, scope, step).await else {
        return Ok(None);
    };
    elsewhere::check::<S>(scope, step.same, &value)?;
    Ok(scope.same(&value, step.same).then_some(value))
}

fn step<S: Steps>(name: &'static str) -> Result<&'static Step, Error> {
    let mut steps = S::PLAN.steps.iter();
    let step = steps.find(|step| step.name == name);
    step.ok_or_else(|| Internal::NoStep(name).into())
}

/// Sends the request of one step; repeats what Kestra does not know yet.
async fn send<S: Steps>(steps: &S, scope: &Scope<'_>, step: &'static Step) -> Result<Value, Error> {
    let ctx = scope.ctx;
    let until = ctx.clock.now_ms().saturating_add(step.retry_404_ms);
    loop {
        // A change that is cut off by the end of the call would have an unknown outcome.
        if step.effect != Effect::Read && ctx.left() < FOR_A_CHANGE {
            let seconds = ctx.limits.call.as_secs();
            return Err(Error::Timeout { seconds });
        }
        // Nor is one sent whose answer could not be read.
        if step.effect != Effect::Read {
            ctx.memory.before_a_change()?;
        }
        match steps.send(step.name, scope).await {
            Err(missing @ Error::NotFound { .. }) => {
                if ctx.clock.now_ms() >= until || ctx.left() < AGAIN {
                    return Err(missing);
                }
                tokio::select! {
                    () = ctx.clock.sleep(AGAIN) => {}
                    () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
                }
            }
            other => return Ok(other?.0),
        }
    }
}

/// The checks of the rows of `step`.
fn checks<S: Steps>(name: &str) -> &'static [Check] {
    S::PLAN
        .steps
        .iter()
        .find(|step| step.name == name)
        .map_or(&[], |step| step.checks)
}

/// One request and its result.
///
/// # Errors
/// See [`Error`].
pub async fn call<S: Steps>(ctx: &CallCtx, steps: &S, call: &Call) -> Result<Reply, Error> {
    let mut scope = Scope::new(ctx, &call.arguments);
    scope.document = document::named(call);
    refuse::<S>(&scope)?;
    match run(steps, &scope, "call").await {
        Ok(main) => {
            if step::<S>(AFTER).is_ok() {
                scope.steps.insert("call", main.clone());
                if read_back(steps, &scope, AFTER).await?.is_none() {
                    let note = "It was made, and could not be read again.";
                    scope.steps.insert("outcome", json!({ "note": note }));
                }
            }
            finish(steps, &mut scope, "call", main).await
        }
        Err(error) => Err(near::enrich(steps, &mut scope, error).await),
    }
}

/// Refuses when a rule of the manifest says so.
fn refuse<S: Steps>(scope: &Scope<'_>) -> Result<(), Error> {
    match S::PLAN
        .refuse
        .iter()
        .find(|refusal| scope.holds(&refusal.when, &Value::Null))
    {
        Some(refusal) => Err(Error::Refused {
            message: refusal.message.to_owned(),
        }),
        None => Ok(()),
    }
}

/// An attached read, by its name; none where there is nothing to read, else why it is missing.
async fn attached<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    step: &'static Step,
) -> (&'static str, Result<Option<Value>, String>) {
    let name = step.name;
    if scope.ctx.left() < FOR_A_PART {
        let late = format!("there was no time left to read the {name}");
        return (name, step.spare_ms.map_or(Err(late), |_| Ok(None)));
    }
    let read = run(steps, scope, name);
    if let Some(spare) = step.spare_ms {
        let read = tokio::time::timeout(Duration::from_millis(spare), read).await;
        return (name, Ok(read.ok().and_then(Result::ok)));
    }
    let read = match read.await {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(format!("the {name} could not be read ({})", error.code())),
    };
    (name, read)
}

/// Attached reads, then the result. An attached read that fails takes nothing from the answer
/// but its own part, and the answer says so.
async fn finish<S: Steps>(
    steps: &S,
    scope: &mut Scope<'_>,
    step: &'static str,
    main: Value,
) -> Result<Reply, Error> {
    scope.steps.insert("answer", main);
    let mut missing = Vec::new();
    let due = S::PLAN.attach.iter().filter_map(|name| {
        let step = S::PLAN.steps.iter().find(|step| step.name == *name)?;
        let held = step
            .permission
            .is_none_or(|permission| scope.ctx.may(permission));
        let due = held && scope.holds(&step.when, scope.main()) && !scope.ctx.cancel.is_cancelled();
        due.then_some(step)
    });
    // Whoever waits for the answer waits for the slowest of them, not for one after the other.
    let read = join_all(due.map(|step| attached(steps, scope, step))).await;
    for (name, read) in read {
        match read {
            Ok(Some(value)) => {
                scope.steps.insert(name, value);
            }
            Ok(None) => {}
            Err(why) => missing.push(why),
        }
    }
    let checks = checks::<S>(step);
    let mut result = output::render(scope, S::PLAN.output, checks, scope.main())?;
    if let (false, Some(object)) = (missing.is_empty(), result.as_object_mut()) {
        let note = object
            .get("note")
            .and_then(Value::as_str)
            .map(str::to_owned);
        missing.extend(note);
        object.insert("note".into(), sentences(missing).into());
    }
    Ok(Reply(result))
}
