//! Which tools exist on the detected server.

use tokio::sync::watch;

use super::detector::{Detection, Fault};
use super::instance::Kestra;
use crate::tool::{Edition, Line};

/// Which tools there are: those of a line, with or without the Enterprise ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The line whose tools are offered.
    pub line: Line,
    /// Known to be this edition; unknown counts as open source.
    pub edition: Edition,
}

impl Kestra {
    /// Which tools there are, by what is known now.
    pub fn view(&self) -> View {
        match &*self.version.watch().borrow() {
            Detection::Known(server) => View {
                line: server.line,
                edition: server.edition,
            },
            Detection::Pending | Detection::Failed(_) => View {
                line: self.line.unwrap_or(Line::NEWEST),
                edition: Edition::OpenSource,
            },
        }
    }

    /// The edition and the line, as far as they are known: a 2.x that refuses a credential still says
    /// what kind it wants.
    pub fn product(&self) -> (Option<Edition>, Option<Line>) {
        match &*self.version.watch().borrow() {
            Detection::Known(server) => (Some(server.edition), Some(server.line)),
            Detection::Failed(Fault::Refused { wants_basic }) => (
                wants_basic.then_some(Edition::OpenSource),
                Some(self.line.unwrap_or(Line::NEWEST)),
            ),
            Detection::Pending | Detection::Failed(_) => (None, self.line),
        }
    }

    /// Tells of every change of what is known.
    pub fn watch(&self) -> watch::Receiver<Detection> {
        self.version.watch()
    }
}
