//! Bounded reading of lines.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::tool::strict::LONGEST;
use crate::transport::message::Finder;

/// What is between two line feeds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Without line feed and carriage return.
    Whole(Vec<u8>),
    /// More than [`LONGEST`] bytes, discarded but for the id of the message.
    TooLong(Value),
}

/// Reads lines and buffers at most one.
///
/// `next` is cancel-safe: what was read so far stays here.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    /// Finds the id of a line that is too long.
    skipped: Option<Finder>,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            skipped: None,
        }
    }

    /// The next line that is not blank; none at the end. A last line without a line feed counts.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let available = self.input.fill_buf().await?;
            let ended = available.is_empty();
            let feed = available.iter().position(|byte| *byte == b'\n');
            let part = available
                .get(..feed.unwrap_or(available.len()))
                .unwrap_or_default();
            match &mut self.skipped {
                Some(skipped) => skipped.feed(part),
                None => self.line.extend_from_slice(part),
            }
            let used = feed.map_or(available.len(), |feed| feed + 1);
            self.input.consume(used);
            if self.line.len() > LONGEST {
                let mut skipped = Finder::default();
                skipped.feed(&std::mem::take(&mut self.line));
                self.skipped = Some(skipped);
            }
            if feed.is_none() && !ended {
                continue;
            }
            if let Some(skipped) = self.skipped.take() {
                return Ok(Some(Line::TooLong(skipped.id())));
            }
            let mut line = std::mem::take(&mut self.line);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Line::Whole(line)));
            }
            if ended {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &[u8]) -> Vec<Line> {
        let mut reader = LineReader::new(text);
        let mut lines = Vec::new();
        while let Some(line) = reader.next().await.unwrap() {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn skips_blank_lines_and_takes_a_last_line_without_a_feed() {
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(lines(b"\n{}\r\n  \r\n[]").await, [whole("{}"), whole("[]")]);
        assert_eq!(lines(b"").await, []);
        assert_eq!(lines(b"\r\n").await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_told_once_and_never_kept() {
        let mut text = vec![b' '; LONGEST];
        text.extend_from_slice(b"{\"id\":7}\n{}\n");
        assert_eq!(
            lines(&text).await,
            [Line::TooLong(Value::from(7)), Line::Whole(b"{}".to_vec())]
        );
        let mut most = vec![b'x'; LONGEST];
        most.push(b'\n');
        assert_eq!(lines(&most).await, [Line::Whole(vec![b'x'; LONGEST])]);
    }
}
