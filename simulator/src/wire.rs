//! Encodings (percent, base64), and bodies of hyper's responses.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Decodes a path segment.
pub(crate) fn decode_path(text: &str) -> String {
    decode(text, false)
}

/// Decodes a query into its parameters.
pub(crate) fn decode_query(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

fn decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let code = digit(high)
                    .zip(digit(low))
                    .map(|(high, low)| high * 16 + low);
                if let Some(code) = code.and_then(|code| u8::try_from(code).ok()) {
                    bytes.push(code);
                    rest = after;
                } else {
                    bytes.push(b'%');
                }
            }
            (b'+', _) if plus => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let shift = 18 - 6 * at;
            let digit = usize::try_from(bits >> shift & 63).unwrap_or(0);
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            text.push(if at > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Payload {
    /// These bytes, once.
    Whole(Option<Bytes>),
    /// This many bytes; `None` means endless.
    Flood(Option<u64>),
}

/// A response as hyper sends it.
pub(crate) type WireResponse = hyper::Response<Payload>;

const CHUNK: u64 = 16 * 1024;
static ZEROS: [u8; 16 * 1024] = [b' '; 16 * 1024];

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut *self {
            Self::Whole(bytes) => bytes.take(),
            Self::Flood(None) => Some(Bytes::from_static(&ZEROS)),
            Self::Flood(Some(0)) => None,
            Self::Flood(Some(left)) => {
                let size = (*left).min(CHUNK);
                *left -= size;
                let size = usize::try_from(size).unwrap_or(0);
                Some(Bytes::from_static(&ZEROS).slice(..size))
            }
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(
                bytes
                    .as_ref()
                    .map_or(0, |b| u64::try_from(b.len()).unwrap_or(0)),
            ),
            Self::Flood(_) => SizeHint::default(),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None) | Self::Flood(Some(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{base64, decode_path, decode_query};

    #[test]
    fn codes_as_the_standards_say() {
        assert_eq!(base64(b"user:pass"), "dXNlcjpwYXNz");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(decode_path("a%20b+%2e%zz"), "a b+.%zz");
        assert_eq!(
            decode_query("a=1+2&filters%5Bq%5D%5BEQUALS%5D=x&b"),
            [("a", "1 2"), ("filters[q][EQUALS]", "x"), ("b", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }
}
