//! Saves a source: creates what is absent, replaces what was read before, and never the one for
//! the other.

mod difference;
mod source;

use serde_json::{Value, json};

use self::source::{agreed, named, validate, whole_name, without_mark};
use super::saving::Saving;
use super::{AFTER, Steps, finish, read_back, refuse, run, step};
use crate::tool::document::{self, Refusal};
use crate::tool::error::Error;
use crate::tool::scope::{Expr, Scope, plain};
use crate::tool::validation;
use crate::tool::{Call, CallCtx, Internal, Reply, cut};

/// How a source is saved.
#[derive(Clone, Copy, Debug)]
pub struct Upsert {
    /// The source.
    pub document: Expr,
    /// The revision that may be replaced.
    pub base: Expr,
    /// Whether nothing is to be sent.
    pub preview: Expr,
    /// Where the stored source stands.
    pub stored: &'static str,
    /// Where its revision stands.
    pub revision: &'static str,
    /// Texts of the document that must be there and become path segments, each with where the
    /// answer of the validation says as what Kestra read it.
    pub names: &'static [(&'static str, &'static str)],
    /// How to see what there is, for the model.
    pub next: &'static str,
}

/// What is said of a byte order mark.
const MARKED: &str = "The byte order mark before the source was left out.";

/// What there was.
struct Stored {
    value: Value,
    revision: u64,
    source: String,
}

/// Validates, reads, writes once, reads again.
///
/// # Errors
/// See [`Error`]; [`Error::Conflict`] when something else is stored than the caller knows of.
pub async fn upsert<S: Steps>(ctx: &CallCtx, steps: &S, call: &Call) -> Result<Reply, Error> {
    let Some(upsert) = S::PLAN.upsert else {
        return Err(Internal::NoPlan("upsert").into());
    };
    let (arguments, marked) = without_mark(upsert, &call.arguments);
    let mut scope = Scope::new(ctx, &arguments);
    let source = text(&scope, &upsert.document);
    let read = match document::read(&source) {
        Ok(document) => {
            named(upsert, &document.names)?;
            Ok(document)
        }
        Err(refusal @ Refusal::Rules(_)) => return Err(refusal.into()),
        // Kestra says that in its own words.
        Err(refusal @ Refusal::Syntax { .. }) => Err(refusal),
    };
    let validation = validate(steps, &scope, upsert, read.as_ref().ok(), &source).await?;
    let mut warnings = validation::read(&validation, ctx)?;
    // Where Kestra reads what we cannot, it is refused for what we make of it.
    let document = read?;
    agreed(ctx, upsert, &document.names, &validation)?;
    warnings.extend(document.warnings);
    warnings.extend(marked.then(|| MARKED.to_owned()));
    scope.document = document.names;
    refuse::<S>(&scope)?;
    let preview = scope
        .get(&upsert.preview, &Value::Null)
        .is_some_and(|preview| *preview == true);
    // Two saves of one object by this process cannot overtake each other between reading and
    // writing.
    let _saving = if preview {
        None
    } else {
        Some(Saving::of(ctx, &whole_name(upsert, &scope.document)).await?)
    };
    let base = scope
        .get(&upsert.base, &Value::Null)
        .and_then(|base| base.as_u64())
        // 0 says that it is new.
        .filter(|base| *base > 0);
    let stored = stored(steps, &scope, upsert).await?;
    let told = match &stored {
        None if base.is_some() => {
            return Err(Error::Conflict {
                message: "It does not exist, so there is no revision to replace; leave base_revision out to create it.".into(),
                revision: None,
                diff: None,
            });
        }
        None if preview => json!({ "outcome": "preview", "would": "create" }),
        None => create(steps, &scope, upsert, &source).await?,
        Some(stored) if upsert.holds(stored, &source) => {
            let outcome = if preview { "preview" } else { "unchanged" };
            json!({ "outcome": outcome, "would": preview.then_some("nothing"), "revision": stored.revision })
        }
        Some(stored) if preview && base.is_none() => json!({
            "outcome": "preview",
            "would": "update",
            "revision": stored.revision,
            "diff": diff(ctx, stored, &source),
            "note": format!("To replace it, pass base_revision {}.", stored.revision),
        }),
        Some(stored) if base != Some(stored.revision) => {
            return Err(Change::Exists.conflict(ctx, stored, &source));
        }
        Some(stored) if preview => json!({
            "outcome": "preview",
            "would": "update",
            "revision": stored.revision,
            "diff": diff(ctx, stored, &source),
        }),
        Some(stored) => update(steps, &scope, upsert, stored, &source).await?,
    };
    let mut told = told;
    if let Some(members) = told.as_object_mut() {
        members.insert("warnings".into(), warnings.into());
    }
    scope.steps.insert("outcome", told);
    let main = stored.map_or(Value::Null, |stored| stored.value);
    finish(steps, &mut scope, "read", main).await
}

fn text(scope: &Scope<'_>, expr: &Expr) -> String {
    scope
        .get(expr, &Value::Null)
        .map(|text| plain(&text).into_owned())
        .unwrap_or_default()
}

impl Upsert {
    fn stored(&self, value: Value) -> Stored {
        let revision = value.pointer(self.revision).and_then(Value::as_u64);
        let source = value.pointer(self.stored);
        Stored {
            revision: revision.unwrap_or_default(),
            source: source
                .map(|source| plain(source).into_owned())
                .unwrap_or_default(),
            value,
        }
    }

    /// Whether `source` is what is stored. Kestra takes the line of the revision out of it.
    fn holds(&self, stored: &Stored, source: &str) -> bool {
        let key = self.revision.trim_start_matches('/');
        let same = |end: &str| stored.source == without_number(source, key, end);
        // Of a line that ends in CRLF the end may stay.
        stored.source == source || same("\r\n") || same("\n")
    }
}

/// `source` without its first line `key: NUMBER`, with `end` or less of that line's end.
fn without_number(source: &str, key: &str, end: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut found = false;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        let value = text
            .strip_prefix(key)
            .and_then(|rest| rest.strip_prefix(": "));
        let number = value
            .is_some_and(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()));
        if number && !found {
            found = true;
            let rest = line.get(text.len()..).unwrap_or_default();
            kept.push_str(if rest.len() > end.len() { rest } else { "" });
        } else {
            kept.push_str(line);
        }
    }
    kept
}

async fn stored<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
) -> Result<Option<Stored>, Error> {
    match run(steps, scope, "read").await {
        Ok(value) => Ok(Some(upsert.stored(value))),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates. What turns out to exist is not replaced.
async fn create<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
    source: &str,
) -> Result<Value, Error> {
    let sent = run(steps, scope, "create").await;
    let change = Change::of(&sent);
    match sent {
        // Kestra says so too of what exists.
        Err(
            refusal @ Error::Upstream {
                status: 409 | 422, ..
            },
        ) => {
            return match stored(steps, scope, upsert).await {
                Ok(Some(now)) if upsert.holds(&now, source) => Ok(json!({
                    "outcome": "unchanged",
                    "revision": now.revision,
                    "note": "Somebody else saved the same source at the same moment.",
                })),
                Ok(Some(now)) => Err(Change::Exists.conflict(scope.ctx, &now, source)),
                _ => Err(refusal),
            };
        }
        Err(error) if change != Change::Lost => return Err(error),
        _ => {}
    }
    match (read_again(steps, scope, upsert).await?, change) {
        (Some(now), _) if upsert.holds(&now, source) => Ok(json!({
            "outcome": "created",
            "revision": now.revision,
            "note": change.note(),
        })),
        (Some(now), _) => Err(change.conflict(scope.ctx, &now, source)),
        (None, Change::Lost) => Err(Error::OutcomeUnknown {
            advice: upsert.next,
        }),
        (None, _) => Ok(
            json!({ "outcome": "created", "note": "It is not readable yet; Kestra may take some seconds, unless somebody has just deleted it." }),
        ),
    }
}

/// Replaces what was just read, and tells when somebody else came between.
async fn update<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
    before: &Stored,
    source: &str,
) -> Result<Value, Error> {
    let sent = run(steps, scope, "update").await;
    let change = Change::of(&sent);
    match sent {
        // It was there a moment ago. Whether to create it again is for the caller to say.
        Err(absent @ Error::NotFound { .. }) => {
            return Err(match stored(steps, scope, upsert).await {
                Ok(None) => deleted(before.revision),
                _ => absent,
            });
        }
        Err(error) if change == Change::Saved => return Err(error),
        _ => {}
    }
    let diff = diff(scope.ctx, before, source);
    match (read_again(steps, scope, upsert).await?, change) {
        (Some(now), _) if upsert.holds(&now, source) => {
            let expected = before.revision.saturating_add(1);
            let note = (now.revision != expected).then(|| {
                format!("The revision is {} where {expected} was expected: somebody else saved it at the same moment. Read their revision before you go on.", now.revision)
            });
            let note = note.or_else(|| change.note().map(str::to_owned));
            Ok(
                json!({ "outcome": "updated", "revision": now.revision, "diff": diff, "note": note }),
            )
        }
        (Some(now), _) if now.revision > before.revision => {
            Err(change.conflict(scope.ctx, &now, source))
        }
        (_, Change::Lost) => Err(Error::OutcomeUnknown {
            advice: upsert.next,
        }),
        _ => Ok(json!({
            "outcome": "updated",
            "diff": diff,
            "note": "Kestra took it, but the new revision is not readable yet; it may take some seconds, unless somebody has just deleted it.",
        })),
    }
}

fn deleted(revision: u64) -> Error {
    Error::Conflict {
        message: format!(
            "Somebody else deleted it after revision {revision} was read, so nothing was saved. Leave base_revision out to create it again."
        ),
        revision: None,
        diff: None,
    }
}

async fn read_again<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
) -> Result<Option<Stored>, Error> {
    let name = match step::<S>(AFTER) {
        Ok(_) => AFTER,
        Err(_) => "read",
    };
    let found = read_back(steps, scope, name).await?;
    Ok(found.map(|value| upsert.stored(value)))
}

/// What became of a change when another source is found than the one that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Nothing was changed.
    Exists,
    /// Kestra took it.
    Saved,
    /// Its answer never came.
    Lost,
}

impl Change {
    /// A refusal counts as an answer.
    fn of(sent: &Result<Value, Error>) -> Self {
        match sent {
            Err(Error::OutcomeUnknown { .. }) => Self::Lost,
            _ => Self::Saved,
        }
    }

    fn note(self) -> Option<&'static str> {
        matches!(self, Self::Lost)
            .then_some("Kestra's answer was lost, but this source is what it stores now.")
    }

    fn conflict(self, ctx: &CallCtx, stored: &Stored, source: &str) -> Error {
        let revision = stored.revision;
        let message = match self {
            Self::Exists => format!(
                "It exists at revision {revision} and differs. Read it, then pass base_revision {revision} to replace it."
            ),
            Self::Saved => format!(
                "It was saved, but somebody else saved after it: revision {revision} is stored now and differs. Read it before you go on; base_revision {revision} would replace it."
            ),
            Self::Lost => format!(
                "Kestra's answer was lost, and revision {revision}, which differs, is stored now. Read it before you go on; base_revision {revision} would replace it."
            ),
        };
        Error::Conflict {
            message,
            revision: Some(revision),
            diff: Some(diff(ctx, stored, source)),
        }
    }
}

/// What saving `source` would change, as a unified diff: whole, so that whoever cuts it can say so.
fn diff(ctx: &CallCtx, stored: &Stored, source: &str) -> String {
    cut::clean(&difference::of(&stored.source, source), &ctx.secrets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::without_number;

    #[test]
    fn only_the_first_number_of_that_key_is_taken_out() {
        let source = "id: a\nrevision: 12\nx: |\n  revision: 3\nrevision: 4";
        let kept = "id: a\nx: |\n  revision: 3\nrevision: 4";
        let without = |source: &str| without_number(source, "revision", "\r\n");
        assert_eq!(without(source), kept);
        assert_eq!(without("id: a\nrevision: 4"), "id: a\n");
        for same in [
            "revision: x\n",
            "revision:\n",
            "revisions: 1\n",
            " revision: 1\n",
            "revision: 1 # c\n",
        ] {
            assert_eq!(without(same), same);
        }
    }

    #[test]
    fn unproven_of_a_line_with_crlf_its_end_is_taken_out_or_stays() {
        let source = "id: a\r\nrevision: 4\r\nx: 1\r\n";
        assert_eq!(
            without_number(source, "revision", "\r\n"),
            "id: a\r\nx: 1\r\n"
        );
        assert_eq!(
            without_number(source, "revision", "\n"),
            "id: a\r\n\r\nx: 1\r\n"
        );
        let plain = "id: a\nrevision: 4\nx: 1\n";
        assert_eq!(without_number(plain, "revision", "\n"), "id: a\nx: 1\n");
    }
}
