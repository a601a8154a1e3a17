//! For whom an answer is worded.

use super::server::{Mode, Server};

/// Who reads an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The person who runs this process and can change its settings.
    Local,
    /// One of many users, who cannot.
    Remote,
}

impl Server {
    pub(super) fn audience(&self) -> Audience {
        match self.0.mode {
            Mode::Local => Audience::Local,
            Mode::Remote(_) => Audience::Remote,
        }
    }
}
