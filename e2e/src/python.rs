//! Python environments below the target folder, filled by hash.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::workspace::Workspace;

/// A Python that can make environments.
#[derive(Debug)]
pub(crate) struct Python<'a> {
    workspace: &'a Workspace,
    program: &'static str,
}

impl<'a> Python<'a> {
    /// The first one that is new enough and has pip.
    pub(crate) async fn find(workspace: &'a Workspace) -> Option<Self> {
        let test = "import sys, venv, pip; sys.exit(sys.version_info < (3, 10))";
        for program in ["python3", "python"] {
            let mut command = Command::new(program);
            command.args(["-c", test]).stderr(Stdio::null());
            if command.status().await.is_ok_and(|status| status.success()) {
                return Some(Self { workspace, program });
            }
        }
        None
    }

    /// It, for scripts that need no package.
    pub(crate) fn program(&self) -> &Path {
        Path::new(self.program)
    }

    /// The interpreter of an environment that holds what `requirements` pin, and `source`, a
    /// package that is built from its source. One that is complete is used again.
    pub(crate) async fn environment(
        &self,
        name: &str,
        requirements: &[&str],
        source: Option<&str>,
    ) -> anyhow::Result<PathBuf> {
        let folder = self.workspace.scratch().join(name);
        let interpreter = folder.join("bin").join("python");
        let mut pins = String::new();
        for file in requirements.iter().chain(&source) {
            let path = self.workspace.root().join(file);
            pins += &std::fs::read_to_string(&path).context(path.display().to_string())?;
        }
        let installed = folder.join("installed.txt");
        if std::fs::read_to_string(&installed).is_ok_and(|text| text == pins) {
            return Ok(interpreter);
        }
        println!("Python environment {name}");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        // Without pip: some systems have no bundled one, and ours can fill any environment.
        self.run(
            Path::new("venv"),
            &["--without-pip".as_ref(), folder.as_path()],
        )
        .await?;
        for file in requirements {
            self.install(&interpreter, file, &[]).await?;
        }
        if let Some(file) = source {
            let built = ["--no-deps", "--no-build-isolation", "--no-binary", ":all:"];
            self.install(&interpreter, file, &built).await?;
        }
        std::fs::write(installed, pins)?;
        Ok(interpreter)
    }

    async fn install(&self, into: &Path, file: &str, more: &[&str]) -> anyhow::Result<()> {
        let file = self.workspace.root().join(file);
        let mut arguments = vec!["--python".as_ref(), into, "install".as_ref()];
        arguments.extend(["--quiet", "--require-hashes", "--requirement"].map(Path::new));
        arguments.push(&file);
        arguments.extend(more.iter().map(Path::new));
        self.run(Path::new("pip"), &arguments).await
    }

    async fn run(&self, module: &Path, arguments: &[&Path]) -> anyhow::Result<()> {
        let status = Command::new(self.program)
            .arg("-m")
            .arg(module)
            .args(arguments)
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await?;
        ensure!(status.success(), "python -m {} failed", module.display());
        Ok(())
    }
}
