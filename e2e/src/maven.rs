//! What Maven brings.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy";

/// Whether there are a Maven and a Java.
pub(crate) async fn is_installed() -> bool {
    for program in ["mvn", "java"] {
        let mut version = Command::new(program);
        version.arg("-version").stdout(Stdio::null());
        if run(version.stderr(Stdio::null())).await.is_err() {
            return false;
        }
    }
    true
}

/// Copies `artifact` (`group:name:version[:kind]`) into `folder`; what Maven itself needs, it keeps
/// in `repository`.
pub(crate) async fn copy(artifact: &str, folder: &Path, repository: &Path) -> anyhow::Result<()> {
    run(Command::new("mvn")
        .args(["-q", "-B", "-ntp", COPY])
        .arg(format!("-Dmaven.repo.local={}", repository.display()))
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .arg(format!("-Dartifact={artifact}"))
        .current_dir(folder))
    .await
}

/// Runs a program to its end, which must be a good one.
pub(crate) async fn run(command: &mut Command) -> anyhow::Result<()> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let program = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let status = command.status().await.with_context(|| program.clone())?;
    ensure!(status.success(), "{program} failed");
    Ok(())
}
