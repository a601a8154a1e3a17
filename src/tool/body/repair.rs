//! A body as JSON that can be read whatever Kestra sent: without invalid UTF-8, without texts
//! that are longer and values that are deeper than the limits, and without what the reader says
//! that it skips. Its blocks are freed as they are read.
//!
//! It passes on one byte at a time, so that what the reader says of the next value reaches that
//! value. It knows where texts and values begin and end, and leaves it to the reader to tell
//! whether they are JSON.

mod guide;
mod unit;

use std::collections::VecDeque;
use std::io::{self, Read};

use super::blocks::Blocks;
use unit::{UNIT, Unit};

pub use guide::Guide;

/// Objects and arrays inside each other. Flows of people have some 20; the reader gives up at 128.
const DEEPEST: usize = 64;
/// Replaces a value that is left out.
const NOTHING: &[u8] = b"null";
/// The replacement character in UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
/// Where in the JSON the next byte is.
#[derive(Clone, Copy)]
enum State {
    /// Outside of texts.
    Between,
    /// In a text of which this many bytes were passed on.
    Text(usize),
    /// In one that was longer.
    Rest,
}

/// See the module.
pub struct Repaired<'g> {
    blocks: VecDeque<Vec<u8>>,
    /// Of the first block, how many bytes were used.
    used: usize,
    unit: Unit,
    state: State,
    depth: usize,
    guide: &'g Guide,
}

impl<'g> Repaired<'g> {
    /// Reads `blocks` under `guide`.
    pub fn new(blocks: Blocks, guide: &'g Guide) -> Self {
        Self {
            blocks: blocks.blocks,
            used: 0,
            unit: Unit::default(),
            state: State::Between,
            depth: 0,
            guide,
        }
    }

    /// What is left of the first block.
    fn block(&mut self) -> &[u8] {
        while self
            .blocks
            .front()
            .is_some_and(|block| block.len() == self.used)
        {
            self.blocks.pop_front();
            self.used = 0;
        }
        let block = self.blocks.front().map(Vec::as_slice);
        block
            .and_then(|block| block.get(self.used..))
            .unwrap_or_default()
    }

    fn first(&mut self) -> Option<u8> {
        self.block().first().copied()
    }

    /// The byte `ahead` of the next.
    fn look(&self, ahead: usize) -> Option<u8> {
        let mut at = self.used + ahead;
        for block in &self.blocks {
            match block.get(at) {
                Some(byte) => return Some(*byte),
                None => at -= block.len(),
            }
        }
        None
    }

    /// Uses `bytes` that were looked at.
    fn pass(&mut self, bytes: usize) {
        for _ in 0..bytes {
            if self.first().is_some() {
                self.used += 1;
            }
        }
    }

    /// Uses bytes as long as they are none of these; the one that is, which is left.
    fn until(&mut self, stops: impl Fn(u8) -> bool) -> Option<u8> {
        loop {
            let block = self.block();
            if block.is_empty() {
                return None;
            }
            let found = block.iter().position(|byte| stops(*byte));
            let (length, byte) = (block.len(), found.and_then(|at| block.get(at).copied()));
            self.used += found.unwrap_or(length);
            if byte.is_some() {
                return byte;
            }
        }
    }

    /// Uses a text to behind its end, from behind its beginning; how many bytes that were.
    fn pass_text(&mut self) -> Option<()> {
        loop {
            let stop = self.until(|byte| matches!(byte, b'"' | b'\\'))?;
            self.pass(if stop == b'"' { 1 } else { 2 });
            if stop == b'"' {
                return Some(());
            }
        }
    }

    /// Consumes the value that begins here; `None` when the body ends in it.
    fn pass_value(&mut self) -> Option<()> {
        let ends = |byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        match self.first()? {
            b'"' => {
                self.pass(1);
                self.pass_text()
            }
            b'{' | b'[' => {
                let mut depth = 0_usize;
                loop {
                    let stop = |byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
                    let stop = self.until(stop)?;
                    self.pass(1);
                    match stop {
                        b'"' => self.pass_text()?,
                        b'{' | b'[' => depth += 1,
                        _ => depth -= 1,
                    }
                    if depth == 0 {
                        return Some(());
                    }
                }
            }
            _ => {
                // A number at the end of the body has no byte behind it.
                self.until(ends);
                Some(())
            }
        }
    }

    /// `null` in the place of the value that begins here.
    fn nothing(&mut self) -> Option<u8> {
        self.pass_value()?;
        self.unit.put(NOTHING.iter().copied());
        self.unit.take()
    }

    fn between(&mut self) -> Option<u8> {
        let byte = self.first()?;
        let begins = !matches!(
            byte,
            b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'
        );
        if begins && self.guide.skip.take() {
            return self.nothing();
        }
        match byte {
            b'{' | b'[' if self.depth == DEEPEST => {
                self.guide.deep.set(self.guide.deep.get() + 1);
                return self.nothing();
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'"' => self.state = State::Text(0),
            _ => {}
        }
        self.used += 1;
        Some(byte)
    }

    /// The next byte of a text of which `sent` were passed on.
    fn text(&mut self, sent: usize) -> Option<u8> {
        let byte = self.first()?;
        if byte == b'"' {
            self.used += 1;
            self.state = State::Between;
            return Some(byte);
        }
        let plain = byte < 0x80 && byte != b'\\';
        let (length, decoded, mends) = match byte {
            _ if plain => (1, 1, false),
            b'\\' => self.escape(),
            _ => self.character(),
        };
        if sent + decoded > self.guide.limit.get() {
            self.guide.cut.set(true);
            self.state = State::Rest;
            return self.rest();
        }
        self.state = State::Text(sent + decoded);
        if plain {
            self.used += 1;
            return Some(byte);
        }
        if mends {
            self.unit.put(REPLACEMENT.iter().copied());
        } else {
            let unit: [Option<u8>; UNIT] = std::array::from_fn(|at| self.look(at));
            self.unit
                .put(unit.into_iter().take(length).map_while(|byte| byte));
        }
        self.pass(length);
        self.unit.take()
    }

    /// The end of a text whose rest is left out.
    fn rest(&mut self) -> Option<u8> {
        let before = self.left();
        self.pass_text()?;
        let gone = before.saturating_sub(self.left() + 1);
        self.guide.bytes.set(self.guide.bytes.get() + gone);
        self.state = State::Between;
        Some(b'"')
    }

    /// How many bytes are not used yet.
    fn left(&self) -> usize {
        let bytes: usize = self.blocks.iter().map(Vec::len).sum();
        bytes - self.used
    }

    /// The unit of UTF-16 whose escape stands `ahead`.
    fn utf16(&self, ahead: usize) -> Option<u32> {
        if self.look(ahead)? != b'\\' || self.look(ahead + 1)? != b'u' {
            return None;
        }
        (ahead + 2..ahead + 6).try_fold(0, |unit, at| {
            Some(unit * 16 + char::from(self.look(at)?).to_digit(16)?)
        })
    }

    /// Of the escape that begins here: its bytes, those of what it stands for, and whether that is
    /// half of a surrogate pair.
    fn escape(&self) -> (usize, usize, bool) {
        match self.utf16(0) {
            Some(0xD800..=0xDBFF) if matches!(self.utf16(6), Some(0xDC00..=0xDFFF)) => {
                (12, 4, false)
            }
            Some(0xD800..=0xDFFF) => (6, REPLACEMENT.len(), true),
            Some(unit) => (6, char::from_u32(unit).map_or(3, char::len_utf8), false),
            None => (2, 1, false),
        }
    }

    /// Of the character that begins here: its bytes, those of what stands for it, and whether it
    /// is none.
    fn character(&self) -> (usize, usize, bool) {
        let mut next = [0; 4];
        let mut length = 0;
        for (at, place) in next.iter_mut().enumerate() {
            let Some(byte) = self.look(at) else { break };
            *place = byte;
            length += 1;
        }
        let seen = next.get(..length).unwrap_or_default();
        let invalid = match std::str::from_utf8(seen) {
            Ok(text) => return whole(text),
            Err(error) => match seen.get(..error.valid_up_to()) {
                Some(valid) if !valid.is_empty() => {
                    return whole(std::str::from_utf8(valid).unwrap_or_default());
                }
                _ => error.error_len().unwrap_or(length),
            },
        };
        (invalid, REPLACEMENT.len(), true)
    }
}

/// The first character of `text`, as [`Repaired::character`] tells it.
fn whole(text: &str) -> (usize, usize, bool) {
    let length = text.chars().next().map_or(1, char::len_utf8);
    (length, length, false)
}

impl Read for Repaired<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(place) = buffer.first_mut() else {
            return Ok(0);
        };
        let byte = self.unit.take().or_else(|| match self.state {
            State::Between => self.between(),
            State::Text(sent) => self.text(sent),
            State::Rest => self.rest(),
        });
        let Some(byte) = byte else { return Ok(0) };
        *place = byte;
        Ok(1)
    }
}

#[cfg(test)]
mod tests;
