//! One script with one client: its transcript is shown as it comes, and must hold no secret.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use simulator::Auth;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

use crate::environment::variable;
use crate::report::Report;
use crate::simulated::Simulated;
use crate::workspace::Workspace;

/// For a script as a whole.
const PATIENCE: Duration = Duration::from_mins(10);

/// A token that no server accepts.
const WRONG_TOKEN: &str = "e2e-wrong-token-5d1c";

/// A script about to run.
#[derive(Debug)]
pub(crate) struct Script {
    interpreter: PathBuf,
    file: PathBuf,
    variables: Vec<(&'static str, String)>,
    secrets: Vec<String>,
    transcript_file: Option<PathBuf>,
}

impl Script {
    /// The script `name` of `e2e/python`.
    pub(crate) fn new(workspace: &Workspace, interpreter: &Path, name: &str) -> Self {
        Self {
            interpreter: interpreter.to_owned(),
            file: workspace.root().join("e2e/python").join(name),
            variables: Vec::new(),
            secrets: Vec::new(),
            transcript_file: None,
        }
    }

    /// Keeps its transcript in that file too.
    pub(crate) fn transcript_file(mut self, file: &Path) -> Self {
        self.transcript_file = Some(file.to_owned());
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Sets a variable whose value must not be shown.
    pub(crate) fn secret(mut self, name: &'static str, value: &str) -> Self {
        self.secrets.push(value.to_owned());
        self.variable(name, value)
    }

    /// Names a token that no Kestra accepts.
    pub(crate) fn wrong_token(self) -> Self {
        self.secret("KESTRA_E2E_WRONG_TOKEN", WRONG_TOKEN)
    }

    /// Names the simulated Kestra, and what it lets in.
    pub(crate) fn kestra(self, simulated: &Simulated) -> Self {
        let script = self
            .variable("KESTRA_E2E_URL", &simulated.url())
            .variable("KESTRA_E2E_LINE", simulated.line())
            .variable("KESTRA_E2E_EDITION", simulated.edition());
        match simulated.auth() {
            Auth::Basic { username, password } => script
                .variable("KESTRA_E2E_USERNAME", username)
                .secret("KESTRA_E2E_PASSWORD", password),
            Auth::Bearer { token } => script.secret("KESTRA_E2E_TOKEN", token),
            Auth::People(people) => people.iter().fold(script, |script, person| {
                script.secret("KESTRA_E2E_TOKEN", &person.token)
            }),
        }
    }

    /// Runs it as one `part` of the report.
    pub(crate) async fn run(self, part: &str, report: &mut Report) {
        println!("\n== {part}");
        match tokio::time::timeout(PATIENCE, self.follow()).await {
            Ok(Ok(outcome)) => {
                report.add(outcome.passed, outcome.failed);
                report.add_calls(part, outcome.calls);
                if outcome.failed > 0 {
                    println!("FAILED {part}: {} checks", outcome.failed);
                }
            }
            Ok(Err(error)) => report.failed(part, &format!("{error:#}")),
            Err(_) => report.failed(part, "it took too long"),
        }
    }

    /// What it says of itself at its end. It ends with us: dropping it kills it.
    async fn follow(self) -> anyhow::Result<Outcome> {
        let mut command = Command::new(&self.interpreter);
        for name in [
            "TOKEN", "USERNAME", "PASSWORD", "TENANT", "URL", "LINE", "EDITION",
        ] {
            command.env_remove(format!("KESTRA_E2E_{name}"));
        }
        let mut child = command
            .arg("-u")
            .arg(&self.file)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("no_proxy", no_proxy())
            .envs(self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (sender, mut lines) = mpsc::channel(100);
        tokio::spawn(forward(child.stdout.take(), sender.clone()));
        tokio::spawn(forward(child.stderr.take(), sender));
        let mut transcript = Transcript::new(self.secrets);
        let mut transcript_file = self.transcript_file.map(File::create).transpose()?;
        while let Some(line) = lines.recv().await {
            if let Some(transcript_file) = &mut transcript_file {
                writeln!(transcript_file, "{line}")?;
            }
            println!("{}", transcript.take(&line));
        }
        let status = child.wait().await?;
        let counts = transcript.counts;
        let (passed, failed) = counts.with_context(|| format!("it ended early: {status}"))?;
        anyhow::ensure!(
            status.success() || failed > 0,
            "it ended badly after its checks: {status}"
        );
        Ok(Outcome {
            passed,
            failed: failed + transcript.leaked,
            calls: transcript.calls,
        })
    }
}

/// What came of a script.
#[derive(Debug)]
struct Outcome {
    passed: u32,
    failed: u32,
    calls: Vec<String>,
}

/// What is reached without a proxy: one elsewhere cannot reach this machine.
fn no_proxy() -> String {
    let inherited = variable("no_proxy").or_else(|| variable("NO_PROXY"));
    inherited
        .into_iter()
        .chain(["127.0.0.1,localhost".to_owned()])
        .collect::<Vec<_>>()
        .join(",")
}

/// The output of a script so far.
#[derive(Debug, Default)]
struct Transcript {
    secrets: Vec<String>,
    counts: Option<(u32, u32)>,
    /// What was called, a tool a line.
    calls: Vec<String>,
    /// Lines that contain a secret.
    leaked: u32,
}

impl Transcript {
    fn new(secrets: Vec<String>) -> Self {
        Self {
            secrets,
            ..Self::default()
        }
    }

    /// The line as it may be shown.
    fn take<'a>(&mut self, line: &'a str) -> &'a str {
        if self.secrets.iter().any(|secret| line.contains(secret)) {
            self.leaked += 1;
            return "FAILED: a line with a secret is not shown";
        }
        self.counts = read(line).or(self.counts);
        if let Some(call) = line.strip_prefix("called ") {
            self.calls.push(call.to_owned());
        }
        line
    }
}

async fn forward(stream: Option<impl AsyncRead + Unpin>, sender: mpsc::Sender<String>) {
    let Some(stream) = stream else { return };
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if sender.send(line).await.is_err() {
            return;
        }
    }
}

/// `12 passed, 0 failed`, as a script ends.
fn read(line: &str) -> Option<(u32, u32)> {
    let (passed, failed) = line.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Transcript, read};

    #[test]
    fn a_line_with_a_secret_is_a_failure_and_is_not_shown() {
        let mut transcript = Transcript::new(vec!["hunter22".to_owned()]);
        assert!(
            !transcript
                .take("  ← password hunter22")
                .contains("hunter22")
        );
        assert_eq!(transcript.take("3 passed, 0 failed"), "3 passed, 0 failed");
        assert_eq!((transcript.counts, transcript.leaked), (Some((3, 0)), 1));
    }

    #[test]
    fn what_was_called_is_kept_for_the_report() {
        let mut transcript = Transcript::new(Vec::new());
        transcript.take("  → get_flow {}");
        transcript.take("called get_flow: 1 answered, 2 refused");
        assert_eq!(transcript.calls, ["get_flow: 1 answered, 2 refused"]);
    }

    #[test]
    fn counts_are_read_from_a_line_of_their_own() {
        assert_eq!(read("12 passed, 3 failed"), Some((12, 3)));
        assert_eq!(read("  ok   12 passed, 3 failed"), None);
        assert_eq!(read("test result: ok. 1 passed; 0 failed"), None);
    }
}
