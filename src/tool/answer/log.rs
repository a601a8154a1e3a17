//! What the log says of an answer that cannot be read.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::secret::Redactor;
use crate::tool::cut;

/// Bytes of a body in our own log.
const LOGGED: usize = 4_000;
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("something");
    let word: String = value
        .split(';')
        .next()
        .unwrap_or(value)
        .chars()
        .take(60)
        .collect();
    word.trim().to_owned()
}

/// What our own log may show of a body: searched for secrets before it is cut, since half of one
/// would not be found later.
pub(super) fn logged(body: &[u8], secrets: &Redactor) -> String {
    let text = String::from_utf8_lossy(body);
    cut::text(&cut::clean(&text, secrets), LOGGED).0
}

#[cfg(test)]
mod tests {
    use super::{LOGGED, logged};
    use crate::secret::Redactor;

    #[test]
    fn searches_for_secrets_before_it_cuts() {
        let secret = "s3cr3t-t0ken-0123456789";
        let secrets = Redactor::default();
        secrets.remember(secret);
        for before in LOGGED - 2 * secret.len()..=LOGGED {
            let body = format!("{}{secret} after", ".".repeat(before));
            let text = logged(body.as_bytes(), &secrets);
            assert!(text.len() <= LOGGED);
            assert!(
                !text.contains("s3cr"),
                "at {before}: …{}",
                &text[text.len() - 60..]
            );
        }
    }
}
