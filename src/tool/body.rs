//! The body of an answer of Kestra while it is read: in blocks, which are freed as they are used.

mod mended;

use std::collections::VecDeque;

use futures::StreamExt as _;
use reqwest::header::{CONTENT_LENGTH, HeaderMap};

use super::memory::{Held, Room};

pub use mended::{Guide, Mended};

/// Bytes of a block. Smaller ones cost more of an allocator, larger ones are freed later.
const BLOCK: usize = 64 << 10;
/// Bytes of the first block of an answer that does not say how long it is.
const UNSAID: usize = 4 << 10;

/// Bytes in blocks. The pieces that a connection gives are copied: each of them may hold on to
/// much more than its own bytes.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    blocks: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Blocks {
    /// None yet, of perhaps `bytes`.
    fn of(bytes: usize) -> Self {
        let first = Vec::with_capacity(bytes.min(BLOCK));
        Self {
            blocks: VecDeque::from([first]),
            bytes: 0,
        }
    }

    fn push(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        let mut rest = piece;
        while !rest.is_empty() {
            let Some(last) = self.blocks.back_mut().filter(|last| last.len() < BLOCK) else {
                self.blocks.push_back(Vec::with_capacity(BLOCK));
                continue;
            };
            let (part, after) = rest.split_at(rest.len().min(BLOCK - last.len()));
            last.extend_from_slice(part);
            rest = after;
        }
    }

    /// How many bytes there are.
    pub const fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The first `bytes` of them.
    pub fn start(&self, bytes: usize) -> Vec<u8> {
        let all = self.blocks.iter().flatten();
        all.take(bytes).copied().collect()
    }

    /// All bytes, when they stand in one block.
    pub fn one(&self) -> Option<&[u8]> {
        match self.blocks.len() {
            0 => Some(&[]),
            1 => self.blocks.front().map(Vec::as_slice),
            _ => None,
        }
    }
}

impl From<&[u8]> for Blocks {
    fn from(bytes: &[u8]) -> Self {
        let mut blocks = Self::of(bytes.len());
        blocks.push(bytes);
        blocks
    }
}

/// Why there is no body.
#[derive(Debug)]
pub enum Unread {
    /// More bytes than the limit; those that came.
    TooLong(Blocks),
    /// There is no room for them.
    NoRoom,
    /// The connection broke.
    Lost(reqwest::Error),
}

/// Reads at most `limit` bytes, as far as there is room for them; a longer answer is left, which
/// closes the connection.
///
/// # Errors
/// See [`Unread`].
pub async fn collect<S>(
    stream: S,
    headers: &HeaderMap,
    limit: usize,
    held: &Held,
) -> Result<(Blocks, Room), Unread>
where
    S: futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin,
{
    let mut stream = stream;
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Unread::TooLong(Blocks::default()));
    }
    let mut room = held.begin(declared).ok_or(Unread::NoRoom)?;
    let mut body = Blocks::of(declared.unwrap_or(UNSAID));
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(Unread::Lost)?;
        if body.len() + piece.len() > limit {
            return Err(Unread::TooLong(body));
        }
        if !room.reach(body.len() + piece.len()) {
            return Err(Unread::NoRoom);
        }
        body.push(&piece);
    }
    Ok((body, room))
}
