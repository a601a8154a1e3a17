//! The source of a save, before anything is written: what it names, and what Kestra makes of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use vocabulary::{Expr, Save};

use crate::tool::bindings::{Bindings, plain};
use crate::tool::error::{Error, Fault};
use crate::tool::path::steps::{Path, Send};
use crate::tool::source::{self, Outline};
use crate::tool::{CallCtx, cut};

/// Bytes of a name that Kestra read.
const NAME: usize = 200;

/// The answer of Kestra's validation of `source`.
pub(super) async fn validate<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    save: &Save,
    read: Option<&Outline>,
    source: &str,
) -> Result<Value, Error> {
    let undivided = read.map_or(Cow::Borrowed(source), |document| document.undivided(source));
    let (Cow::Owned(undivided), Expr::Argument(name)) = (undivided, &save.document) else {
        return path.read(bindings, "validate").await;
    };
    let arguments = Map::from_iter([(name.clone(), Value::String(undivided))]);
    let bindings = Bindings::new(bindings.ctx, &arguments);
    path.read(&bindings, "validate").await
}

/// The arguments with the source as it is sent, and whether a byte order mark was left out.
pub(super) fn without_mark<'a>(
    save: &Save,
    arguments: &'a Map<String, Value>,
) -> (Cow<'a, Map<String, Value>>, bool) {
    let mut arguments = Cow::Borrowed(arguments);
    if let Expr::Argument(name) = &save.document
        && let Some(given) = arguments.get(name).and_then(Value::as_str)
        && let source = source::without_mark(given)
        && source.len() < given.len()
    {
        let source = source.to_owned();
        arguments.to_mut().insert(name.clone(), source.into());
        return (arguments, true);
    }
    (arguments, false)
}

/// The texts that name the object must be there and fit: they become path segments.
pub(super) fn named(save: &Save, top: &Value) -> Result<(), Error> {
    let faults: Vec<Fault> = save
        .names
        .iter()
        .filter_map(|(name, _)| source::misnamed(name, top.get(name).and_then(Value::as_str)))
        .map(|expected| Fault::new("source", expected))
        .collect();
    Error::if_any(faults)
}

/// The names of an object in one text.
pub(super) fn whole_name(save: &Save, top: &Value) -> String {
    let names = save.names.iter();
    let names = names.filter_map(|(name, _)| top.get(name)?.as_str());
    names.collect::<Vec<_>>().join(".")
}

/// Kestra must read the same names out of the source as we do: it is its reading that is saved.
pub(super) fn agreed(
    ctx: &CallCtx,
    save: &Save,
    top: &Value,
    validation: &Value,
) -> Result<(), Error> {
    let documents = validation.as_array().map_or(0, Vec::len);
    if documents != 1 {
        let expected = format!(
            "a source that is one document to Kestra; its validation finds {documents}, and nothing was saved"
        );
        return Err(Error::invalid("source", expected));
    }
    let faults: Vec<Fault> = save
        .names
        .iter()
        .filter_map(|(name, at)| {
            let ours = top.get(name).and_then(Value::as_str).unwrap_or_default();
            let theirs = validation.pointer(at).filter(|theirs| !theirs.is_null());
            let theirs = match theirs.map(plain) {
                Some(theirs) if theirs == ours => return None,
                Some(theirs) => format!("`{}`", cut::text(&cut::clean(&theirs, &ctx.secrets), NAME).0),
                None => "nothing".to_owned(),
            };
            let expected = format!(
                "a source that Kestra reads as it is read here: the {name} is `{ours}` here, and {theirs} in Kestra's validation; nothing was saved"
            );
            Some(Fault::new("source", expected))
        })
        .collect();
    Error::if_any(faults)
}
