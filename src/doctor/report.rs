//! What was found.

use std::fmt;

use crate::secret::{Redactor, visible};
use crate::tool::cut;

/// Bytes of what one check found.
const LONGEST: usize = 2_000;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and something about it is dangerous or in the way.
    Warn,
    /// It does not work.
    Fail,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What one check found: a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub verdict: Verdict,
    /// What was looked at, in a word.
    pub check: &'static str,
    /// What was found.
    pub found: String,
    /// What to do; none where all is well.
    pub remedy: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, check) = (self.verdict.as_str(), self.check);
        write!(f, "{verdict:<4}  {check:<11}  {}", self.found)?;
        match &self.remedy {
            Some(remedy) => write!(f, " -> {remedy}"),
            None => Ok(()),
        }
    }
}

/// All findings, in the order of the checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report(pub Vec<Finding>);

impl Report {
    pub(super) fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(Verdict::Ok, check, found.into(), None);
    }

    pub(super) fn warn(
        &mut self,
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(Verdict::Warn, check, found.into(), Some(remedy.into()));
    }

    /// A warning that includes its remedy.
    pub(super) fn remark(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(Verdict::Warn, check, found.into(), None);
    }

    pub(super) fn fail(
        &mut self,
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(Verdict::Fail, check, found.into(), Some(remedy.into()));
    }

    fn add(
        &mut self,
        verdict: Verdict,
        check: &'static str,
        found: String,
        remedy: Option<String>,
    ) {
        // A line a check, which shows what it holds: a server's words may be in it.
        let plain = |text: String| visible(&text.replace(char::is_control, " ")).into_owned();
        self.0.push(Finding {
            verdict,
            check,
            found: plain(found),
            remedy: remedy.map(plain),
        });
    }

    /// Removes known secrets, and truncates long texts.
    pub(super) fn clean(&mut self, secrets: &Redactor) {
        let clean = |text: &str| cut::text(&secrets.clean(text), LONGEST).0;
        for finding in &mut self.0 {
            finding.found = clean(&finding.found);
            finding.remedy = finding.remedy.as_deref().map(clean);
        }
    }

    /// Whether a check failed.
    pub fn failed(&self) -> bool {
        self.count(Verdict::Fail) > 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        let found = self.0.iter().filter(|finding| finding.verdict == verdict);
        found.count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.0 {
            writeln!(f, "{finding}")?;
        }
        writeln!(
            f,
            "\n{} ok, {} to look at, {} failed",
            self.count(Verdict::Ok),
            self.count(Verdict::Warn),
            self.count(Verdict::Fail)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_what_it_holds_and_is_no_page() {
        let mut report = Report::default();
        let odd = format!("1.3\u{1b}[31m\n\u{202e}\u{61c}x{}", "y".repeat(100_000));
        report.fail("version", odd.clone(), odd);
        report.clean(&Redactor::default());
        let line = report.0[0].to_string();
        assert!(line.contains("1.3 [31m x"), "{line}");
        assert!(
            !line.contains('\n') && !line.contains(crate::secret::is_hidden),
            "{line}"
        );
        assert!(line.len() < 3 * LONGEST, "{} bytes", line.len());
    }
}
