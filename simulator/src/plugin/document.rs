//! The documentation of types: recorded for some (with long texts cut), and without properties for
//! all others.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::resolve;
use crate::settings::Dialect;

/// By line and class; `?all` after a class means with the properties common to all tasks.
static RECORDED: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("documents.json")).unwrap_or_default());

const DRAFT: &str = "https://json-schema.org/draft/2019-09/schema";

/// The documentation of a type, if it is installed.
pub(crate) fn document(name: &str, all: bool, dialect: Dialect) -> Option<Value> {
    let class = resolve(name, dialect)?;
    let line = if dialect.is_v2() { "2.0" } else { "1.3" };
    let of = |key: &str| RECORDED.get(line)?.get(key).cloned();
    let recorded = all.then(|| of(&format!("{class}?all"))).flatten();
    recorded
        .or_else(|| of(&class))
        .or_else(|| Some(bare(&class)))
}

fn bare(class: &str) -> Value {
    let title = class.rsplit('.').next().unwrap_or_default();
    json!({
        "markdown": format!("---\ntitle: {title}\neditLink: false\n---\n\n\n"),
        "schema": {
            "properties": {"$schema": DRAFT, "properties": {}, "title": title},
            "outputs": {"$schema": DRAFT},
            "definitions": {},
        },
    })
}
