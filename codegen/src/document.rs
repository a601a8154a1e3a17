//! A reduced OpenAPI description, as it lies in `openapi/`.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// A description and the Kestra line it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// `1.3`, `2.0`; `None` for a file that is not named after a line.
    pub line: Option<String>,
    /// The OpenAPI object.
    pub json: Value,
}

/// One operation of a [`Document`].
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// `operationId`.
    pub id: String,
    /// The HTTP method.
    pub method: Method,
    /// Path template with parameters in braces, from `/api` on.
    pub path: String,
    /// The operation object.
    pub value: &'a Value,
}

/// The methods that OpenAPI 3.0 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `get`
    Get,
    /// `put`
    Put,
    /// `post`
    Post,
    /// `delete`
    Delete,
    /// `options`
    Options,
    /// `head`
    Head,
    /// `patch`
    Patch,
    /// `trace`
    Trace,
}

/// Why a reduced description cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no JSON.
    #[error("{} is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and cause.
        source: serde_json::Error,
    },
}

impl Error {
    /// The line of the file that it is about, from 1.
    pub fn line(&self) -> usize {
        match self {
            Self::Read { .. } => 1,
            Self::Json { source, .. } => source.line().max(1),
        }
    }
}

impl Document {
    /// Reads `openapi/kestra-<line>.json`; the line is taken from the file name.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is not JSON.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        let json = serde_json::from_str(&text).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            line: line_of(path),
            json,
        })
    }

    /// `info.version`: the exact version that was described.
    pub fn version(&self) -> Option<&str> {
        self.json.pointer("/info/version").and_then(Value::as_str)
    }

    /// The line among `lines` that [`version`](Self::version) is of. A server's description often
    /// says 1.0.0, whatever it is of, so a version of no such line tells nothing.
    pub fn line_of_version<'a>(&self, lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let version = self.version()?;
        lines.into_iter().find(|line| {
            let rest = version.strip_prefix(line);
            rest.is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Every operation, by path and then by method.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.json.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flat_map(Map::iter)
                .filter_map(|(method, value)| {
                    Some(Operation {
                        id: value.get("operationId")?.as_str()?.to_owned(),
                        method: Method::parse(method)?,
                        path: path.clone(),
                        value,
                    })
                })
        })
    }
}

/// The line in `kestra-<line>.json`.
fn line_of(path: &Path) -> Option<String> {
    let line = path.file_stem()?.to_str()?.strip_prefix("kestra-")?;
    is_line(line).then(|| line.to_owned())
}

/// Whether the text names a Kestra line: two numbers, such as `2.0`.
pub fn is_line(text: &str) -> bool {
    number_of_line(text).is_some()
}

/// A line as numbers, to compare lines by: 1.10 is after 1.9.
pub fn number_of_line(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

impl Operation<'_> {
    /// Method and path: `GET /api/v1/configs`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method.upper(), self.path)
    }

    /// Method and path, with `{}` for every path parameter: what tells routes apart.
    pub fn shape(&self) -> (Method, String) {
        (self.method, without_names(&self.path))
    }
}

/// The path with `{}` for every parameter.
pub fn without_names(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out
}

impl Method {
    /// Every method, in the order of OpenAPI 3.0.
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::Put,
        Self::Post,
        Self::Delete,
        Self::Options,
        Self::Head,
        Self::Patch,
        Self::Trace,
    ];

    /// The method of this name, in capitals or small letters.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.lower().eq_ignore_ascii_case(text))
    }

    /// As OpenAPI writes it: `get`.
    pub const fn lower(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
        }
    }

    /// As HTTP writes it: `GET`.
    pub fn upper(self) -> String {
        self.lower().to_ascii_uppercase()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.lower())
    }
}
