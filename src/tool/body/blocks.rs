//! Bytes in blocks of one size, which are freed as they are used.

use std::collections::VecDeque;

/// Bytes of a block. Smaller ones cost more of an allocator, larger ones are freed later.
const BLOCK: usize = 64 << 10;
/// Bytes in blocks. The pieces that a connection gives are copied: each of them may hold on to
/// much more than its own bytes.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    pub(super) blocks: VecDeque<Vec<u8>>,
    pub(super) bytes: usize,
}

impl Blocks {
    /// None yet, of perhaps `bytes`.
    pub(super) fn of(bytes: usize) -> Self {
        let first = Vec::with_capacity(bytes.min(BLOCK));
        Self {
            blocks: VecDeque::from([first]),
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
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
