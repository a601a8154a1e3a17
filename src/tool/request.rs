//! The values of one request: what the manifest binds to each parameter and to the body, evaluated
//! and checked before anything is sent. Generated code takes them in the types of its client.

mod values;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use progenitor_client::{ByteStream, ResponseValue};
use serde_json::{Map, Value, json};
use vocabulary::{Bind, Expr, Make, Template};

use super::bindings::{Bindings, plain};
use super::multipart::{self, Part};
use super::segment::{self, Segment};
use super::{Error, Internal, Request, input, make, output, source};
use values::{Parameter, TYPE};

pub use values::Values;

/// The name under which a body is bound.
const BODY: &str = "body";
/// Set by this server, never by the manifest.
const TENANT: &str = "tenant";
/// The file name in a form: the argument has none, and Kestra uses the one in the path.
const FILE: &str = "file";
/// What came of a method of a generated client.
pub type Sent = Result<ResponseValue<ByteStream>, progenitor_client::Error<()>>;

impl Bindings<'_> {
    /// What `request` is made of now.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a value that is missing, of another type or no segment of a path,
    /// [`super::Unusable::Lacking`] when an earlier answer lacks one.
    pub fn values(&self, request: &'static Request) -> Result<Values, Error> {
        let mut parameters = Vec::new();
        for (name, bind) in request.step.bind.iter().filter(|(name, _)| *name != BODY) {
            parameters.push(self.parameter(name, &bind.node)?);
        }
        check(request, &parameters)?;
        let (content_type, body) = match request.step.bind.get(BODY) {
            Some(bind) => self.body(&bind.node, request.operation.body.as_deref())?,
            None => Default::default(),
        };
        Ok(Values {
            tenant: Arc::clone(&self.ctx.tenant),
            parameters,
            filters: self.filters(request.step),
            content_type,
            body,
        })
    }

    fn parameter(&self, name: &'static str, bind: &'static Bind) -> Result<Parameter, Error> {
        let (Bind::Plain(made) | Bind::KeyValue(made)) = bind else {
            return Err(Internal::NoParameter(name.to_owned()).into());
        };
        let argument = match (bind, made.as_expr()) {
            (Bind::Plain(_), Some(Expr::Argument(argument))) => Some(argument.as_str()),
            _ => None,
        };
        let value = output::value(self, made, &Value::Null)?;
        let value = match bind {
            Bind::KeyValue(_) => value.as_ref().and_then(key_value),
            _ => value,
        };
        Ok(Parameter {
            name,
            argument,
            value,
        })
    }

    /// The media type and the bytes of a body, where the operation takes `media`.
    fn body(&self, bind: &Bind, media: Option<&str>) -> Result<(String, Vec<u8>), Error> {
        let with = |bytes| (media.unwrap_or_default().to_owned(), bytes);
        match bind {
            Bind::Plain(made) => {
                let value = output::value(self, made, &Value::Null)?;
                let bytes = if media.is_some_and(is_json) {
                    value.as_ref().map(|value| value.to_string().into_bytes())
                } else {
                    match value {
                        Some(Value::String(text)) => Some(text.into_bytes()),
                        Some(_) => return Err(Error::invalid(known(made), TYPE)),
                        None => None,
                    }
                };
                bytes.map(with).ok_or_else(|| missing(made))
            }
            Bind::Json(template) => {
                let value = self.template(template).unwrap_or_default();
                Ok(with(value.to_string().into_bytes()))
            }
            Bind::Labels(places) => {
                let value = self.labels(places);
                Ok(with(value.to_string().into_bytes()))
            }
            Bind::Yaml(places) => {
                let found = places.iter().find_map(|at| self.get(at, &Value::Null));
                let source = match found {
                    Some(Value::String(text)) => source::without_mark(text).to_owned(),
                    Some(other) => source::write(other),
                    None => return Err(Error::invalid("source", "a source")),
                };
                Ok(with(source.into_bytes()))
            }
            Bind::Multipart { value, declared } => self.form(value, declared),
            Bind::File { text, base64, part } => {
                let content = self.file(text, base64.as_ref())?;
                let file = Part {
                    name: part.clone(),
                    filename: Some(FILE.to_owned()),
                    content,
                };
                Ok(multipart::encode(&[file], &self.ctx.request_id))
            }
            Bind::KeyValue(_) => Err(Internal::NoBody.into()),
        }
    }

    /// The form of the inputs at `value`, checked against those at `declared`: content type and
    /// bytes, both empty without any input. Values of secret inputs are remembered.
    fn form(&self, value: &Make, declared: &Make) -> Result<(String, Vec<u8>), Error> {
        let none = Map::new();
        let given = output::value(self, value, &Value::Null)?;
        let given = given.as_ref().and_then(Value::as_object).unwrap_or(&none);
        let declared = output::value(self, declared, &Value::Null)?.unwrap_or_default();
        let form = input::form(&declared, given)?;
        for secret in &form.secrets {
            self.ctx.secrets.remember(secret);
        }
        if form.parts.is_empty() {
            return Ok(Default::default());
        }
        Ok(multipart::encode(&form.parts, &self.ctx.request_id))
    }

    /// The bytes of a file: its text, else what its Base64 says.
    fn file(&self, text: &Expr, base64: Option<&Expr>) -> Result<Vec<u8>, Error> {
        if let Some(text) = self.get(text, &Value::Null) {
            return Ok(plain(text).into_owned().into_bytes());
        }
        let field = match base64.unwrap_or(text) {
            Expr::Argument(name) => name.as_str(),
            _ => BODY,
        };
        let given = base64.and_then(|at| self.get(at, &Value::Null)?.as_str());
        let given = given.ok_or_else(|| Error::invalid(field, "a value"))?;
        STANDARD
            .decode(given)
            .map_err(|_| Error::invalid(field, "Base64 of the content"))
    }

    /// `template` with its values; what is absent is left out.
    fn template(&self, template: &Template) -> Option<Value> {
        Some(match template {
            Template::Value(expr) => return self.get(expr, &Value::Null).cloned(),
            Template::Object(members) => {
                let members = members.iter();
                members
                    .filter_map(|(name, member)| Some((name.clone(), self.template(member)?)))
                    .collect()
            }
            Template::List(items) => items
                .iter()
                .filter_map(|item| self.template(item))
                .collect(),
        })
    }

    /// Labels of all these places, each key once; those of the system are Kestra's own to set.
    fn labels(&self, places: &[Expr]) -> Value {
        let found = places.iter().filter_map(|at| self.get(at, &Value::Null));
        let mut all = Map::new();
        for labels in found {
            all.extend(make::label_map(labels));
        }
        let all = all.into_iter();
        all.map(|(key, value)| json!({ "key": key, "value": value }))
            .collect()
    }
}

/// Refuses values that are no segment of the path of `request`, or lead to another route.
fn check(request: &Request, parameters: &[Parameter]) -> Result<(), Error> {
    let names = request.operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        (name != TENANT).then_some(name)
    });
    let mut texts = Vec::new();
    for name in names {
        let parameter = parameters.iter().find(|parameter| parameter.name == name);
        let Some(parameter) = parameter else {
            return Err(Internal::NoParameter(name.to_owned()).into());
        };
        let value = parameter
            .value
            .as_ref()
            .ok_or_else(|| parameter.missing())?;
        if value.is_object() || value.is_array() {
            return Err(Error::invalid(parameter.known(), TYPE));
        }
        texts.push((name, parameter.known(), plain(value)));
    }
    let segments: Vec<Segment<'_>> = texts
        .iter()
        .map(|(parameter, known, value)| Segment {
            parameter,
            known,
            value,
        })
        .collect();
    segment::check(&segments, &request.operation.collisions)
}

/// An object as a list of `key:value`; an empty one is no parameter.
fn key_value(object: &Value) -> Option<Value> {
    let members = object.as_object().into_iter().flatten();
    let pairs: Vec<Value> = members
        .map(|(key, value)| Value::String(format!("{key}:{}", plain(value))))
        .collect();
    (!pairs.is_empty()).then_some(Value::Array(pairs))
}

/// What the caller calls what a body is made of.
fn known(made: &Make) -> &str {
    match made.as_expr() {
        Some(Expr::Argument(name)) => name,
        _ => BODY,
    }
}

/// Why what a body is made of cannot be left out.
fn missing(made: &Make) -> Error {
    match made.as_expr() {
        Some(Expr::Argument(name)) => Error::invalid(name, "a value"),
        _ => Parameter::of(BODY).missing(),
    }
}

fn is_json(media: &str) -> bool {
    let kind = media.split(';').next().unwrap_or(media).trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

#[cfg(test)]
mod tests;
