//! Files among the inputs of a flow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::declared::Declared;
use crate::tool::coerce;
use crate::tool::multipart::Part;

/// Bytes of a file that travels in an argument.
const FILE: usize = 1 << 20;

/// A file by Kestra's own address or by its content; never a path of this machine.
pub(super) fn file(input: &Declared<'_>, value: &Value) -> Result<Part, String> {
    const EXPECTED: &str = "kestra:///…, nsfile:///…, or an object {filename, content} or {filename, base64} of at most 1 MiB";
    let fault = || EXPECTED.to_owned();
    let read = coerce::object(value);
    let members = read.as_ref().unwrap_or(value).as_object();
    if let (Some(text), None) = (value.as_str(), members) {
        let path = text
            .strip_prefix("kestra:///")
            .or_else(|| text.strip_prefix("nsfile:///"));
        let fits = path.is_some_and(|path| {
            !path.is_empty()
                && !path.split('/').any(|segment| matches!(segment, "." | ".."))
                && !path.chars().any(|c| c.is_control() || c == '\\')
                && !path.to_ascii_lowercase().contains("%2e")
        });
        return if fits {
            Ok(Part::text(&input.id, text))
        } else {
            Err(fault())
        };
    }
    let members = members.ok_or_else(fault)?;
    let filename = members
        .get("filename")
        .and_then(Value::as_str)
        .ok_or_else(fault)?;
    let content = match (members.get("content"), members.get("base64")) {
        (Some(Value::String(text)), None) => text.as_bytes().to_vec(),
        (None, Some(Value::String(text))) => STANDARD.decode(text).map_err(|_| fault())?,
        _ => return Err(fault()),
    };
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '"');
    let named = !filename.is_empty() && filename.len() <= 255 && !filename.contains(odd);
    if !named || matches!(filename, "." | "..") || content.len() > FILE || members.len() != 2 {
        return Err(fault());
    }
    Ok(Part {
        name: input.id.clone(),
        filename: Some(filename.to_owned()),
        content,
    })
}
