//! An answer that is one value: text, or bytes as Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::secret::Redactor;
use crate::tool::body::Blocks;
use crate::tool::cut;
use crate::tool::error::Error;
use crate::tool::project::{Omission, Omissions};

/// Bytes of a text that are kept; what is beyond them is told as cut.
const TEXT: usize = 256 << 10;
/// Read beyond them, and left out once secrets were searched for: half of one would not be found.
const STRADDLING: usize = 64 << 10;
/// Bytes of binary content. A part of it is useless.
const BYTES: usize = 256 << 10;

/// As much of a text as is kept, and what was not. What is no Unicode in it is replaced.
pub(super) fn text(body: &Blocks, secrets: &Redactor) -> (Value, Omissions) {
    let read = body.start(TEXT + STRADDLING);
    let text = String::from_utf8_lossy(&read);
    if body.len() <= TEXT {
        return (Value::String(text.into_owned()), Omissions::default());
    }
    let seen = cut::clean(&text, secrets);
    let unread = if body.len() > read.len() {
        STRADDLING
    } else {
        0
    };
    let end = seen.floor_char_boundary(TEXT.min(seen.len().saturating_sub(unread)));
    let (start, _) = seen.split_at(end);
    let bytes = body.len().saturating_sub(start.len());
    let loss = Omission { items: 0, bytes };
    (Value::String(format!("{start}…")), Omissions::of("", loss))
}

/// Bytes as Base64 (RFC 4648).
///
/// # Errors
/// [`Error::TooLarge`] when there are more than anybody is shown.
pub(super) fn bytes(body: &Blocks) -> Result<Value, Error> {
    if body.len() > BYTES {
        return Err(Error::TooLarge {
            bytes: body.len(),
            most: BYTES,
            url: None,
        });
    }
    Ok(STANDARD.encode(body.start(BYTES)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_as_it_is_up_to_its_limit() {
        let secrets = Redactor::default();
        let kept = |text: &[u8]| super::text(&text.into(), &secrets);
        assert_eq!(kept(b"a\nb"), ("a\nb".into(), Omissions::default()));
        assert_eq!(kept(b"a\xffb").0, "a\u{fffd}b");
        let whole = "a".repeat(TEXT);
        assert_eq!(
            kept(whole.as_bytes()),
            (whole.as_str().into(), Omissions::default())
        );
        for beyond in [1, STRADDLING, 1 << 20] {
            let (text, mut lost) = kept("a".repeat(TEXT + beyond).as_bytes());
            let text = text.as_str().unwrap();
            let bytes = lost.tell("").bytes;
            assert!(text.len() <= TEXT + '…'.len_utf8() && text.ends_with('…'));
            assert_eq!(text.len() - '…'.len_utf8() + bytes, TEXT + beyond);
        }
    }

    #[test]
    fn half_a_secret_is_not_kept() {
        let secret = "s3cr3t-t0ken-0123456789";
        let secrets = Redactor::default();
        secrets.remember(secret);
        for before in TEXT - 2 * secret.len()..=TEXT {
            let body = format!("{}{secret}{}", ".".repeat(before), ".".repeat(100));
            let (text, _) = text(&body.as_bytes().into(), &secrets);
            let text = text.as_str().unwrap();
            assert!(!text.contains("s3cr"), "at {before}");
        }
    }

    #[test]
    fn bytes_are_all_or_nothing() {
        assert_eq!(bytes(&(&[0_u8, 255][..]).into()).unwrap(), "AP8=");
        let many = vec![0; BYTES + 1];
        let Err(Error::TooLarge { bytes, most, .. }) = bytes(&many.as_slice().into()) else {
            panic!("it is too large");
        };
        assert_eq!((bytes, most), (BYTES + 1, BYTES));
    }
}
