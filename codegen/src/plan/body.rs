//! The body of a step against what its operation takes.

use serde_json::{Map, Value};
use vocabulary::{At, Bind, Step, Template};

use super::planner::Planner;
use super::resolved::Resolved;
use crate::nearest::nearest;

impl Planner<'_> {
    pub(super) fn body(&self, owner: &str, step: &At<Step>, resolved: &Resolved) {
        let id = &resolved.id;
        let Some(bind) = step.bind.get("body") else {
            if resolved.body_required {
                let media = resolved.body.as_deref().unwrap_or_default();
                self.file
                    .fault(owner, step.place, format!("{id} needs a `body` of {media}"));
            }
            return;
        };
        let fault = |message: String| self.file.fault(owner, bind.place, message);
        let Some(media) = resolved.body.as_deref() else {
            return fault(format!("{id} takes no body"));
        };
        let form = media == "multipart/form-data";
        // A text may be JSON; what is sent is of the media type of the operation.
        let json = matches!(media, "application/json" | "text/plain");
        match &bind.node {
            Bind::Multipart { .. } if form => {}
            Bind::File { part, .. } if form => {
                let parts = resolved
                    .schema
                    .as_ref()
                    .and_then(|schema| self.members(schema));
                if let Some(parts) = parts.filter(|parts| !parts.contains_key(part)) {
                    let near = nearest(part, parts.keys().map(String::as_str));
                    fault(format!("the form of {id} has no part \"{part}\"{near}"));
                }
            }
            Bind::Multipart { .. } | Bind::File { .. } => {
                fault(format!("{id} takes {media}, not a form"));
            }
            _ if form => fault(format!(
                "{id} takes a form; write encode = \"multipart\" or \"file\""
            )),
            Bind::KeyValue(_) => fault(format!("{id} takes {media}, not a list of `key:value`")),
            Bind::Json(_) | Bind::Labels(_) if !json => {
                fault(format!("{id} takes {media}, not JSON"));
            }
            Bind::Json(template) if media == "application/json" => {
                if let Some(schema) = &resolved.schema {
                    self.fits(template, schema, &|message| {
                        fault(format!("the body of {id} {message}"));
                    });
                }
            }
            Bind::Json(_) | Bind::Labels(_) | Bind::Plain(_) | Bind::Yaml(_) => {}
        }
    }

    /// Holds JSON of the manifest against a schema: members that it does not have, and lists and
    /// objects in each other's place.
    fn fits(&self, template: &Template, schema: &Value, fault: &dyn Fn(String)) {
        let schema = self.followed(schema);
        let kind = schema.get("type").and_then(Value::as_str);
        match template {
            Template::Object(_) if kind == Some("array") => {
                fault("is a list, not an object".to_owned());
            }
            Template::List(_) if kind == Some("object") => {
                fault("is an object, not a list".to_owned());
            }
            Template::Object(members) => {
                let Some(known) = self.members(schema) else {
                    return;
                };
                for (name, member) in members {
                    if let Some(schema) = known.get(name) {
                        self.fits(member, schema, fault);
                    } else {
                        let near = nearest(name, known.keys().map(String::as_str));
                        fault(format!("has no member \"{name}\"{near}"));
                    }
                }
            }
            Template::List(items) => {
                if let Some(schema) = schema.get("items") {
                    for item in items {
                        self.fits(item, schema, fault);
                    }
                }
            }
            Template::Value(_) => {}
        }
    }

    /// The schema that a reference names; any other as it is.
    fn followed<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let pointer = schema.get("$ref").and_then(Value::as_str);
        pointer
            .and_then(|pointer| self.document.json.pointer(pointer.trim_start_matches('#')))
            .unwrap_or(schema)
    }

    /// The members of an object of this schema, where it has no others.
    fn members<'s>(&'s self, schema: &'s Value) -> Option<&'s Map<String, Value>> {
        let schema = self.followed(schema);
        let properties = schema.get("properties")?.as_object()?;
        schema
            .get("additionalProperties")
            .is_none()
            .then_some(properties)
    }
}
