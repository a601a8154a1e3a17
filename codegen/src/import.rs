//! Takes an OpenAPI 3 description as Kestra publishes it and keeps the facts of it.

mod error;
mod layout;
mod reduce;
mod vendor;
mod yaml;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::Document;
pub use error::{Error, WriteError};
pub use vendor::{file_name, vendor};

/// A description, reduced, with the text that is vendored.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Every operation and schema without prose.
    pub document: Document,
    /// The file: sorted keys, one line per operation and per schema.
    pub text: String,
    /// Where the description comes from.
    pub origin: Origin,
}

/// What a description says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `info.title`: the package that was observed, or the name that a server gives itself.
    pub package: String,
    /// `info.version`.
    pub version: String,
    /// `info.x-sdist-sha256`, in hexadecimal; only in what was observed from a package.
    pub sdist_sha256: Option<String>,
}

impl Imported {
    /// The same description of an exact version that its file does not say.
    #[must_use]
    pub fn of_version(mut self, version: &str) -> Self {
        if let Some(info) = self
            .document
            .json
            .get_mut("info")
            .and_then(Value::as_object_mut)
        {
            info.insert("version".to_owned(), Value::from(version));
        }
        self.text = layout::text(&self.document.json);
        version.clone_into(&mut self.origin.version);
        self
    }
}

/// Reduces a description, YAML or JSON. `file` is its name in messages, `line` the Kestra line that
/// it is meant for, if one is known.
///
/// # Errors
///
/// The text is no OpenAPI 3, or two operations have one name.
pub fn import(file: &str, text: &str, line: Option<&str>) -> Result<Imported, Error> {
    let upstream = yaml::read(file, text)?;
    check_version(file, &upstream)?;
    let reduced = reduce::description(&upstream).map_err(|fault| Error::Shape {
        file: file.to_owned(),
        place: fault.place,
        expected: fault.expected,
    })?;
    let document = Document {
        line: line.map(ToOwned::to_owned),
        json: reduced,
    };
    check_ids(file, &document)?;
    let origin = origin(&upstream);
    check_line(file, &origin, line)?;
    let text = layout::text(&document.json);
    Ok(Imported {
        document,
        text,
        origin,
    })
}

fn check_version(file: &str, upstream: &Value) -> Result<(), Error> {
    let text = |key: &str| match upstream.get(key) {
        Some(Value::String(version)) => Some(version.clone()),
        Some(Value::Number(version)) => Some(version.to_string()),
        _ => None,
    };
    let (specification, version) = match (text("openapi"), text("swagger")) {
        (Some(version), _) if version.starts_with("3.") => return Ok(()),
        (Some(version), _) => ("OpenAPI", version),
        (None, Some(version)) => ("Swagger", version),
        (None, None) => {
            return Err(Error::NotOpenApi {
                file: file.to_owned(),
            });
        }
    };
    Err(Error::Version {
        file: file.to_owned(),
        specification,
        version,
    })
}

fn check_ids(file: &str, document: &Document) -> Result<(), Error> {
    let mut routes = BTreeMap::new();
    for operation in document.operations() {
        let route = operation.route();
        if let Some(first) = routes.insert(operation.id.clone(), route.clone()) {
            let file = file.to_owned();
            return Err(Error::DuplicateId {
                file,
                id: operation.id,
                first,
                second: route,
            });
        }
    }
    Ok(())
}

/// A package carries its line in its version; a server's description often says 1.0.0.
fn check_line(file: &str, origin: &Origin, line: Option<&str>) -> Result<(), Error> {
    match line {
        Some(line)
            if origin.sdist_sha256.is_some()
                && !origin.version.starts_with(&format!("{line}.")) =>
        {
            Err(Error::OtherLine {
                file: file.to_owned(),
                version: origin.version.clone(),
                line: line.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

fn origin(upstream: &Value) -> Origin {
    let info = |key: &str| {
        upstream
            .get("info")
            .and_then(|info| info.get(key))
            .and_then(Value::as_str)
    };
    Origin {
        package: info("title").unwrap_or("unnamed").to_owned(),
        version: info("version").unwrap_or("unknown").to_owned(),
        sdist_sha256: info("x-sdist-sha256").map(ToOwned::to_owned),
    }
}
