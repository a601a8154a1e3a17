//! Starts something once, then watches it.

use std::time::Duration;

use serde_json::{Value, json};

use super::watch::{Seen, watch};
use super::{Steps, elsewhere, finish, near, refuse, run};
use crate::tool::delivery::Started;
use crate::tool::error::Error;
use crate::tool::lost::Act;
use crate::tool::project;
use crate::tool::scope::{Expr, Scope};
use crate::tool::{Call, CallCtx, Internal, Reply, cut};

/// How a started object is watched.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// What is started, such as `flow`.
    pub kind: &'static str,
    /// Its id in the answers of `start` and `read`.
    pub id: &'static str,
    /// Its state.
    pub state: &'static str,
    /// Its tasks.
    pub tasks: &'static str,
    /// The state of a task.
    pub task_state: &'static str,
    /// The name of a task.
    pub task: Option<&'static str>,
    /// States in which it has ended.
    pub done: &'static [&'static str],
    /// States in which it waits for a person.
    pub pause: &'static [&'static str],
    /// For how many seconds.
    pub seconds: Expr,
    /// The tasks that are declared.
    pub declared: Expr,
    /// The members of a task under which tasks stand; `name/*` is one whose own members hold them.
    pub nested: &'static [&'static str],
    /// Where what is started says which revision it is.
    pub latest: Option<Latest>,
    /// How an answer says that it is scheduled for later.
    pub scheduled: Option<Scheduled>,
    /// How to see how it ends, for the model.
    pub next: &'static str,
}

/// Where the answers of `latest` and `describe` say what they describe.
#[derive(Clone, Copy, Debug)]
pub struct Latest {
    /// The revision.
    pub revision: &'static str,
    /// Whether it was deleted.
    pub deleted: &'static str,
}

/// How an answer says for when it is scheduled.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled {
    /// The instant.
    pub at: &'static str,
    /// States in which it has begun, whatever the instant says.
    pub begun: &'static [&'static str],
}

/// Bytes of an id as it is named; no id of Kestra's has as many.
const ID: usize = 100;

/// What is watched: it was started now, or by a call like this one whose answer nobody took.
enum Begun {
    Now(Value),
    Before {
        id: std::sync::Arc<str>,
        /// How long ago, in seconds.
        age: u64,
    },
}

/// Starts once, never again after anything but a 404, then polls to the end, a pause, the
/// deadline or cancellation. Whatever happens after the start, the answer names what was started.
/// A call like one whose answer nobody took starts nothing: it watches what that one started.
///
/// # Errors
/// See [`Error`]; none once it was started.
pub async fn start_then_follow<S: Steps>(
    ctx: &CallCtx,
    steps: &S,
    call: &Call,
) -> Result<Reply, Error> {
    let mut scope = Scope::new(ctx, &call.arguments);
    let Some(follow) = S::PLAN.follow else {
        return Err(Internal::NoPlan("follow").into());
    };
    // Until the end of this call: it says how long ago that was.
    let (begun, _act) = match before(ctx, follow).await? {
        Some((begun, act)) => (begun, Some(act)),
        None => start(steps, &mut scope, follow).await?,
    };
    let (started, repeated) = match begun {
        Begun::Now(started) => (started, None),
        Begun::Before { id, age } => (at(follow.id, &id), Some(age)),
    };
    if let Some(id) = started.pointer(follow.id).and_then(Value::as_str) {
        ctx.delivery.start(Started {
            name: elsewhere::name::<S>(follow.id, None),
            id: cut::text(&cut::clean(id, &ctx.secrets), ID).0.into(),
            next: follow.next,
        });
    }
    scope.steps.insert("start", started.clone());
    let mut seen = Seen::of(started);
    if repeated.is_some() {
        seen = seen.look(steps, &scope).await;
    }
    let seconds = scope
        .get(&follow.seconds, &Value::Null)
        .and_then(|value| value.as_u64())
        .unwrap_or_default();
    let patience = Duration::from_secs(seconds).min(ctx.longest);
    let tasks = scope
        .get(&follow.declared, &Value::Null)
        .and_then(|tasks| project::count(&tasks));
    let watched = watch(steps, &scope, follow, seen, patience, tasks).await;
    let mut notes = Vec::new();
    let mut note = watched.note;
    if let Some(age) = repeated {
        notes.push(repeats(call, age));
        note = note.map(|note| note.trim_start_matches("Started. ").to_owned());
    }
    notes.extend(note);
    if watched.late && ctx.hurry.is_cancelled() {
        notes.push("This server is about to end.".to_owned());
    } else if patience < Duration::from_secs(seconds) && watched.late {
        let longest = patience.as_secs();
        notes.push(format!(
            "A call that asks for no progress is answered after {longest} s."
        ));
    }
    let facts = json!({
        "waited_seconds": (seconds > 0).then_some(watched.waited.as_secs()),
        "ended": watched.ended && seconds > 0,
        "tasks": tasks,
        "note": (!notes.is_empty()).then(|| notes.join(" ")),
    });
    scope.steps.insert("follow", facts);
    finish(steps, &mut scope, "read", watched.last).await
}

/// What a call like this one started whose answer nobody took.
async fn before(ctx: &CallCtx, follow: &Follow) -> Result<Option<(Begun, Act)>, Error> {
    let repeat = ctx.repeat.as_ref();
    let Some(act) = repeat.and_then(|repeat| repeat.find(&ctx.delivery, &ctx.clock)) else {
        return Ok(None);
    };
    let id = tokio::select! {
        id = act.id() => id?,
        () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
        () = tokio::time::sleep(ctx.left()) => {
            let name = format!("this {}", follow.kind);
            return Err(Error::Busy { name });
        }
    };
    let age = act.age();
    Ok(id.map(|id| (Begun::Before { id, age }, act)))
}

/// Starts it, unless that has happened.
async fn start<S: Steps>(
    steps: &S,
    scope: &mut Scope<'_>,
    follow: &'static Follow,
) -> Result<(Begun, Option<Act>), Error> {
    let ctx = scope.ctx;
    describe(steps, scope, follow).await?;
    refuse::<S>(scope)?;
    if ctx.cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    // The client of a call like this one may have left only now.
    if let Some((begun, act)) = before(ctx, follow).await? {
        return Ok((begun, Some(act)));
    }
    let repeat = ctx.repeat.as_ref();
    let act = repeat.map(|repeat| repeat.begin(&ctx.delivery, &ctx.clock));
    let started = run(steps, scope, "start").await.map_err(refused);
    let started = started.and_then(|started| {
        if started.pointer(follow.id).and_then(Value::as_str).is_some() {
            return Ok(started);
        }
        Err(Error::OutcomeUnknown {
            advice: "Kestra named no id. List what runs before you try again.",
        })
    });
    match (&started, &act) {
        (Ok(started), Some(act)) => {
            let id = started.pointer(follow.id).and_then(Value::as_str);
            if let Some(id) = id.filter(|id| id.len() <= ID) {
                act.begun(id);
            }
        }
        (Err(error), Some(act)) => act.failed(error),
        (_, None) => {}
    }
    Ok((Begun::Now(started?), act))
}

/// An object with `id` at `pointer`.
fn at(pointer: &str, id: &str) -> Value {
    let names = pointer.rsplit('/').filter(|name| !name.is_empty());
    names.fold(Value::from(id), |inner, name| json!({ name: inner }))
}

/// Why nothing was started, for the model.
fn repeats(call: &Call, age: u64) -> String {
    let again = call.tool.again.unwrap_or("again");
    format!(
        "Nothing was started now: the same call started this, and ended {age} s ago before its answer \
         was delivered. `{again}: true` starts another."
    )
}

/// What Kestra says of inputs that it does not take: they are arguments of this call.
fn refused(error: Error) -> Error {
    match error {
        Error::Upstream {
            status: 422,
            message,
            ..
        } => Error::Refused {
            message: format!("Kestra refuses these arguments; nothing was started. {message}"),
        },
        error => error,
    }
}

/// Reads what is to be started, if the tool does: as it is now, and in the revision that was asked
/// for. Kestra would also start what was deleted.
async fn describe<S: Steps>(
    steps: &S,
    scope: &mut Scope<'_>,
    follow: &Follow,
) -> Result<(), Error> {
    let step = |name: &str| S::PLAN.steps.iter().find(|step| step.name == name);
    let latest = match step("latest").filter(|step| scope.holds(&step.when, &Value::Null)) {
        None => None,
        Some(_) => match present(follow, run(steps, scope, "latest").await) {
            Ok(value) => Some(value),
            Err(missing) => {
                let found = near::enrich(steps, scope, missing).await;
                return Err(match found {
                    // What a search still knows, and nobody can read any more.
                    Error::NoRevision { kind, .. } => {
                        let near = Vec::new();
                        Error::NotFound { kind, near }
                    }
                    found => found,
                });
            }
        },
    };
    let revision = |value: &Value| value.pointer(follow.latest?.revision)?.as_u64();
    if step("describe").is_none() {
        return Ok(());
    }
    let described = present(follow, run(steps, scope, "describe").await);
    match (described, latest.as_ref().and_then(revision)) {
        (Ok(value), _) => {
            scope.steps.insert("describe", value);
            Ok(())
        }
        (Err(Error::NotFound { kind, .. }), Some(latest)) => {
            Err(Error::NoRevision { kind, latest })
        }
        (Err(error), _) => Err(near::enrich(steps, scope, error).await),
    }
}

/// What was deleted is as good as absent.
fn present(follow: &Follow, read: Result<Value, Error>) -> Result<Value, Error> {
    let value = read?;
    let deleted = follow
        .latest
        .and_then(|latest| value.pointer(latest.deleted));
    if deleted == Some(&Value::Bool(true)) {
        return Err(Error::NotFound {
            kind: follow.kind,
            near: Vec::new(),
        });
    }
    Ok(value)
}
