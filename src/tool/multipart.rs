//! `multipart/form-data` (RFC 7578), encoded in memory so that its length is known.

use std::borrow::Cow;

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// Present for a file.
    pub filename: Option<String>,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Part {
    /// A text field.
    pub fn text(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            filename: None,
            content: content.into().into_bytes(),
        }
    }
}

/// The `Content-Type` value and the body. `seed` makes the boundary tell forms apart.
pub fn encode(parts: &[Part], seed: &str) -> (String, Vec<u8>) {
    let boundary = boundary(parts, seed);
    let mut body = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        );
        if let Some(filename) = &part.filename {
            head.push_str("; filename=\"");
            head.push_str(&quoted(filename));
            head.push_str("\"\r\nContent-Type: application/octet-stream");
        }
        head.push_str("\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// A boundary that occurs in no part: content chosen by a stranger cannot end it early.
fn boundary(parts: &[Part], seed: &str) -> String {
    let seed: String = seed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    let mut number = 0_u64;
    loop {
        let boundary = format!("kestra-mcp-{seed}-{number}");
        let bytes = boundary.as_bytes();
        let taken = parts.iter().any(|part| {
            part.content
                .windows(bytes.len())
                .any(|window| window == bytes)
                || part.name.contains(&boundary)
        });
        if !taken {
            return boundary;
        }
        number += 1;
    }
}

/// RFC 7578 §4.2 as browsers do it: quotes and line breaks are percent-encoded.
fn quoted(text: &str) -> Cow<'_, str> {
    if !text.contains(['"', '\r', '\n']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_text_and_files() {
        let parts = [
            Part::text("who", "Ada"),
            Part {
                name: "f\"".into(),
                filename: Some("a\"b.txt".into()),
                content: b"x\r\ny".to_vec(),
            },
        ];
        let (header, body) = encode(&parts, "id-1");
        assert_eq!(header, "multipart/form-data; boundary=kestra-mcp-id1-0");
        let expected = "--kestra-mcp-id1-0\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nAda\r\n\
            --kestra-mcp-id1-0\r\nContent-Disposition: form-data; name=\"f%22\"; filename=\"a%22b.txt\"\r\n\
            Content-Type: application/octet-stream\r\n\r\nx\r\ny\r\n--kestra-mcp-id1-0--\r\n";
        assert_eq!(String::from_utf8(body).expect("text"), expected);
    }

    #[test]
    fn content_cannot_end_the_form() {
        let parts = [Part::text("a", "--kestra-mcp-id-0--")];
        let (header, _) = encode(&parts, "id");
        assert!(header.ends_with("kestra-mcp-id-1"), "{header}");
    }
}
