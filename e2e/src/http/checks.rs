//! Named checks of one conversation, and its transcript.

use std::fs::File;
use std::future::Future;
use std::io::Write as _;
use std::path::Path;

use crate::report::Report;

/// Counts checks that pass and checks that fail.
#[derive(Debug)]
pub(crate) struct Checks {
    label: &'static str,
    transcript: File,
    passed: u32,
    failed: u32,
}

impl Checks {
    /// None yet. Each line begins with `label`, for there are several at a time.
    pub(crate) fn new(label: &'static str, transcript: &Path) -> std::io::Result<Self> {
        Ok(Self {
            label,
            transcript: File::create(transcript)?,
            passed: 0,
            failed: 0,
        })
    }

    /// Runs one check and returns its value if it passes.
    pub(crate) fn check<T>(
        &mut self,
        name: &str,
        outcome: impl Future<Output = anyhow::Result<T>>,
    ) -> impl Future<Output = Option<T>> {
        // Conversations are long, and one would hold the state of all its checks.
        let outcome = Box::pin(outcome);
        async move {
            match outcome.await {
                Ok(found) => {
                    self.passed += 1;
                    self.log(&format!("  ok   {name}"));
                    Some(found)
                }
                Err(error) => {
                    self.failed += 1;
                    self.log(&format!("  FAIL {name}: {error:#}"));
                    None
                }
            }
        }
    }

    /// A line of the transcript.
    pub(crate) fn log(&mut self, line: &str) {
        println!("{} {line}", self.label);
        // It is shown in any case.
        let _ = writeln!(self.transcript, "{line}");
    }

    /// Hands the counts in.
    pub(crate) fn end(self, part: &str, report: &mut Report) {
        println!(
            "{} {} passed, {} failed",
            self.label, self.passed, self.failed
        );
        report.add(self.passed, self.failed);
        if self.failed > 0 {
            println!("FAILED {part}: {} checks", self.failed);
        }
    }
}
