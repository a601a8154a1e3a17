//! A parser for `multipart/form-data`, to the extent that clients of Kestra use it.

/// One part of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Present for files.
    pub(crate) filename: Option<String>,
    pub(crate) content: Vec<u8>,
}

impl Part {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// The parts of a body; malformed parts are skipped.
pub(crate) fn parts(content_type: &str, body: &[u8]) -> Vec<Part> {
    let Some(boundary) = parameter(content_type, "boundary") else {
        return Vec::new();
    };
    let delimiter = format!("--{boundary}");
    split(body, delimiter.as_bytes())
        .into_iter()
        .skip(1)
        .filter_map(part)
        .collect()
}

fn part(raw: &[u8]) -> Option<Part> {
    let raw = raw.strip_prefix(b"\r\n")?;
    let end = find(raw, b"\r\n\r\n")?;
    let (head, rest) = raw.split_at_checked(end)?;
    let content = rest.strip_prefix(b"\r\n\r\n")?;
    let content = content.strip_suffix(b"\r\n").unwrap_or(content).to_vec();
    let head = String::from_utf8_lossy(head).into_owned();
    let disposition = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let name = parameter(disposition, "name")?;
    Some(Part {
        name,
        filename: parameter(disposition, "filename"),
        content,
    })
}

/// A parameter of a header, quoted or not.
fn parameter(header: &str, name: &str) -> Option<String> {
    for piece in header.split(';').skip(1) {
        let Some((key, value)) = piece.trim().split_once('=') else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case(name) {
            let value = value.trim();
            let value = value
                .strip_prefix('"')
                .and_then(|v| v.strip_suffix('"'))
                .unwrap_or(value);
            return Some(value.replace("%22", "\"").replace("\\\"", "\""));
        }
    }
    None
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len().max(1))
        .position(|window| window == needle)
}

fn split<'a>(mut body: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while let Some(at) = find(body, delimiter) {
        let (piece, rest) = body.split_at(at);
        pieces.push(piece);
        body = rest.get(delimiter.len()..).unwrap_or(&[]);
    }
    pieces.push(body);
    pieces
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn reads_texts_and_files() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--B\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\
            Content-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--B--\r\n";
        let parts = parts("multipart/form-data; boundary=B", body);
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].name.as_str(), parts[0].text()),
            ("a", "one".to_owned())
        );
        assert_eq!(parts[1].filename.as_deref(), Some("x.txt"));
        assert_eq!(parts[1].text(), "two\r\nlines");
    }

    #[test]
    fn an_empty_form_has_no_parts() {
        assert!(parts("multipart/form-data; boundary=B", b"--B--\r\n").is_empty());
    }
}
