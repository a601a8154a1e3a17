//! What a run prints, and how it ends.

use std::io::Write;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::config::Faults;
use crate::secret::visible;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done.
    Done,
    /// Something failed.
    Failed,
    /// The command line or the configuration is wrong.
    Misused,
}

impl Exit {
    /// The exit code of the process.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
        }
    }
}

/// Prints `error` with its causes.
pub(super) fn failed(errors: &mut impl Write, error: &(dyn std::error::Error + 'static)) -> Exit {
    let mut text = format!("kestra-mcp: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    warn(errors, &format!("{text}\n"));
    Exit::Failed
}

/// All faults, one on each line.
pub(super) fn listed(faults: &Faults) -> String {
    let lines: Vec<String> = faults
        .0
        .iter()
        .map(|fault| format!("  {fault}\n"))
        .collect();
    format!("{faults}:\n{}", lines.concat())
}

/// Writes to the errors; if they are closed, the exit code has to do.
pub(super) fn warn(errors: &mut impl Write, text: &str) {
    let _ = errors
        .write_all(visible(text).as_bytes())
        .and_then(|()| errors.flush());
}

/// Prints why the command line or the configuration is wrong.
pub(super) fn misused(errors: &mut impl Write, text: &str) -> Exit {
    warn(errors, &format!("kestra-mcp: {text}"));
    Exit::Misused
}

/// Prints to the output.
pub(super) async fn print(output: &mut (impl AsyncWrite + Unpin), text: &str) -> Exit {
    let written = output.write_all(visible(text).as_bytes()).await;
    match written.and(output.flush().await) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failed,
    }
}
