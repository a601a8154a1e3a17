//! JSON Schemas of tools: strict for arguments, lenient for results. Properties keep the order of the
//! manifest: clients make forms of them, and models read them from the top.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use vocabulary::{Class, Field, Fields, Make, Manifest, Tool};

/// A schema whose members keep their order, which those of [`Value`] do not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Schema {
    /// Members, in order.
    Members(Members),
    /// What has no order to keep.
    Plain(Value),
}

/// Members of a [`Schema`], in order.
pub type Members = IndexMap<String, Schema>;

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Schema {
    fn of<const N: usize>(members: [(&str, Self); N]) -> Self {
        let members = members.into_iter();
        Self::Members(
            members
                .map(|(key, member)| (key.to_owned(), member))
                .collect(),
        )
    }

    /// A value of `kind`, of which no more is said.
    fn kind(kind: &str) -> Self {
        Self::Plain(json!({ "type": kind }))
    }

    fn object(properties: Members) -> Self {
        Self::of([
            ("type", Self::Plain("object".into())),
            ("properties", Self::Members(properties)),
        ])
    }

    fn array(items: Self) -> Self {
        Self::of([("type", Self::Plain("array".into())), ("items", items)])
    }

    fn put(&mut self, key: &str, value: Value) {
        match self {
            Self::Members(members) => {
                members.insert(key.to_owned(), Self::Plain(value));
            }
            Self::Plain(Value::Object(members)) => {
                members.insert(key.to_owned(), value);
            }
            Self::Plain(_) => {}
        }
    }
}

/// The schema of a tool's arguments.
pub fn input(manifest: &Manifest, tool: &Tool) -> Schema {
    let mut properties = Members::new();
    let mut required = Vec::new();
    for (name, argument) in &tool.args {
        let Some(format) = manifest.format.get(&argument.format) else {
            continue;
        };
        let mut schema = Schema::Plain(format.schema());
        if let Some(about) = &argument.about {
            schema.put("description", about.as_str().into());
        }
        properties.insert(name.clone(), schema);
        if argument.required {
            required.push(Value::from(name.as_str()));
        }
    }
    let mut schema = Schema::object(properties);
    if !required.is_empty() {
        schema.put("required", required.into());
    }
    schema.put("additionalProperties", false.into());
    schema
}

/// The schema of a tool's result: no property is required, and what is unknown is left out rather
/// than null. Some clients hold an error's content against it too, and show the error only when it
/// fits: so it names the error beside the fields of a success.
pub fn output(tool: &Tool) -> Schema {
    let mut row = fields(&tool.output.fields, false);
    if tool.output.link.is_some() {
        row.insert("url".to_owned(), Schema::kind("string"));
    }
    let mut properties = match tool.output.rows {
        Some(_) => {
            let items = Schema::array(Schema::object(row));
            let page = [
                ("items", items),
                ("total", Schema::kind("integer")),
                ("page", Schema::kind("integer")),
                ("has_more", Schema::kind("boolean")),
                ("dropped", Schema::kind("integer")),
            ];
            let page = page.into_iter();
            page.map(|(name, schema)| (name.to_owned(), schema))
                .collect()
        }
        None => row,
    };
    properties
        .entry("note".to_owned())
        .or_insert_with(|| Schema::kind("string"));
    properties.insert("truncated".to_owned(), Schema::kind("object"));
    properties.insert("error".to_owned(), Schema::kind("object"));
    Schema::object(properties)
}

/// The properties of `list`; those of a field that is untrusted whole stand flat in it.
fn fields(list: &Fields, flat: bool) -> Members {
    let mut properties = Members::new();
    let mut untrusted = Members::new();
    for (name, field) in list {
        let class = field.class();
        let place = if class == Class::Untrusted && !flat {
            &mut untrusted
        } else {
            &mut properties
        };
        place.insert(
            name.clone(),
            field_schema(field, flat || class == Class::Untrusted),
        );
    }
    if !untrusted.is_empty() {
        properties.insert("untrusted".to_owned(), Schema::object(untrusted));
    }
    properties
}

fn field_schema(field: &Field, flat: bool) -> Schema {
    match &field.make {
        Make::Object { fields: inner } => Schema::object(fields(inner, flat)),
        Make::Pick { fields: inner, .. } => Schema::array(Schema::object(fields(inner, flat))),
        _ => Schema::kind(field.kind().as_str()),
    }
}
