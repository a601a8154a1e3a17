//! A program that runs beside us and logs to a file.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::{Child, Command};

/// For a program to end after it was told to.
const PATIENCE: Duration = Duration::from_mins(1);

/// It is asked to terminate on drop.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
}

impl Process {
    /// Starts it; what it says, it adds to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.context(log.display().to_string())?;
        let child = command.stderr(Stdio::from(file)).spawn();
        let child = child.context("a program cannot be started")?;
        Ok(Self { child })
    }

    /// Tells it to end, and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.tell();
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        Ok(ended.context("it does not end")??)
    }

    /// SIGTERM: programs that have children of their own hand it on.
    fn tell(&self) {
        if let Some(id) = self.child.id() {
            // One that has ended by itself needs no telling.
            let _ = std::process::Command::new("kill")
                .arg(id.to_string())
                .stderr(Stdio::null())
                .status();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.tell();
    }
}
