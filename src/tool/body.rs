//! The body of an answer of Kestra while it is read: in blocks, which are freed as they are used.

mod blocks;
mod repair;

use futures::StreamExt as _;
use reqwest::header::{CONTENT_LENGTH, HeaderMap};

use super::memory::{CallMemory, Room};

pub use blocks::Blocks;
pub use repair::{Guide, Repaired};

/// Bytes of the first block of an answer that does not say how long it is.
const UNSAID: usize = 4 << 10;

/// Why a body could not be read.
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
    held: &CallMemory,
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
