//! The fields of an error that clients read beside its code and message.

use serde_json::{Map, Value};

use super::Error;
use crate::tool::fault;

impl Error {
    /// The fields beside code and message.
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        match self {
            Self::Invalid { faults, inputs } => {
                let name = if *inputs { "input" } else { "field" };
                let told = fault::told(faults);
                let list = told.iter().map(
                    |fault| serde_json::json!({ name: fault.field, "expected": fault.expected }),
                );
                put("faults", Value::Array(list.collect()));
            }
            Self::NotFound { near, .. } if !near.is_empty() => {
                put("near", Value::Array(near.clone()));
            }
            Self::NoRevision { latest, .. } => {
                put("revision", (*latest).into());
            }
            Self::Elsewhere { asked, answered } => {
                put("asked", Value::Object(asked.clone()));
                fields.extend(answered.clone());
            }
            Self::Forbidden {
                permission: Some(permission),
            } => {
                put("permission", (*permission).into());
            }
            Self::Unsupported { version, closest } => {
                put("version", version.as_str().into());
                put("needs", format!("Kestra {closest}").into());
            }
            Self::Unreachable { address, .. } => {
                put("address", address.as_str().into());
            }
            Self::Timeout { seconds } => {
                put("after_seconds", (*seconds).into());
            }
            Self::NotConfigured { variables } => {
                put("variables", (*variables).into());
            }
            Self::Validation { faults, version } => {
                let list = faults.iter().map(|fault| {
                    let mut members = Map::new();
                    members.insert("message".into(), fault.message.as_str().into());
                    members.extend(
                        fault
                            .path
                            .iter()
                            .map(|path| ("path".to_owned(), path.as_str().into())),
                    );
                    members.extend(
                        fault
                            .line
                            .iter()
                            .map(|line| ("line".to_owned(), (*line).into())),
                    );
                    members.extend(
                        fault
                            .column
                            .iter()
                            .map(|column| ("column".to_owned(), (*column).into())),
                    );
                    Value::Object(members)
                });
                put("faults", Value::Array(list.collect()));
                put("version", version.as_str().into());
            }
            Self::Conflict { revision, diff, .. } => {
                if let Some(revision) = revision {
                    put("revision", (*revision).into());
                }
                if let Some(diff) = diff {
                    put("diff", diff.as_str().into());
                }
            }
            Self::TooLarge { bytes, url, .. } => {
                put("bytes", (*bytes).into());
                if let Some(url) = url {
                    put("url", url.as_str().into());
                }
            }
            Self::NoRoom => {
                put("limit", "memory".into());
                put("retry_after_s", 1.into());
            }
            Self::Upstream { status, .. } => {
                put("status", (*status).into());
            }
            _ => {}
        }
        fields
    }
}
