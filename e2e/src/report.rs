//! What passed, what failed, what was not run.

use std::process::ExitCode;

/// The counts of a run.
#[derive(Debug)]
pub(crate) struct Report {
    passed: u32,
    failed: u32,
    strict: bool,
    /// The parts that called tools, with a line a tool.
    calls: Vec<(String, Vec<String>)>,
}

impl Report {
    /// An empty one. A `strict` one takes a skip for a failure.
    pub(crate) const fn new(strict: bool) -> Self {
        Self {
            passed: 0,
            failed: 0,
            strict,
            calls: Vec::new(),
        }
    }

    /// Adds the counts of one part.
    pub(crate) const fn add(&mut self, passed: u32, failed: u32) {
        self.passed += passed;
        self.failed += failed;
    }

    /// What a part called, a tool a line.
    pub(crate) fn add_calls(&mut self, part: &str, calls: Vec<String>) {
        if !calls.is_empty() {
            self.calls.push((part.to_owned(), calls));
        }
    }

    /// One failure.
    pub(crate) fn failed(&mut self, part: &str, why: &str) {
        self.failed += 1;
        println!("FAILED {part}: {why}");
    }

    /// A part that this machine cannot run.
    pub(crate) fn skipped(&mut self, part: &str, why: &str) {
        println!("SKIPPED {part}: {why}");
        if self.strict {
            self.failed(part, "nothing may be skipped where CI=true");
        }
    }

    /// A part that needs what only some people have; never a failure.
    pub(crate) fn not_requested(part: &str, how: &str) {
        println!("\nskipped: {part} ({how})");
    }

    /// Prints what was called by whom and, as the last line, the counts.
    pub(crate) fn end(&self) -> ExitCode {
        for (part, calls) in &self.calls {
            println!("\n== tools called: {part}");
            for call in calls {
                println!("  {call}");
            }
        }
        println!("\n{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 || self.passed == 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}
