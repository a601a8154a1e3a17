//! A copy of the project with more tools in its manifest.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::simulated::Simulated;
use crate::workspace::Workspace;

/// What a build needs; the members of the workspace are there because it names them.
const PARTS: [&str; 14] = [
    "Cargo.lock",
    "Cargo.toml",
    "benches",
    "build.rs",
    "codegen",
    "docs/configuration.md",
    "e2e",
    "migrations",
    "openapi",
    "rust-toolchain.toml",
    "simulator",
    "src",
    "tool-manifest.toml",
    "vocabulary",
];
/// Folders that no build of the server reads.
const NOT: [&str; 2] = ["recordings", "target"];
/// The entries that are added, and what they need of the overlay.
const ENTRIES: &str = "codegen/tests/fixtures/trial.toml";
const OVERLAY: &str = "codegen/tests/fixtures/trial-overlay.toml";
/// The program under a name of its own: it must not take the place of the one that is built here.
const PROGRAM: &str = "kestra-mcp-grown";

/// It stays where it is: a second run builds what has changed.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
    logs: PathBuf,
    tools: Vec<String>,
}

impl Scratch {
    /// Copies the project, and adds the entries.
    pub(crate) fn copy(workspace: &Workspace) -> anyhow::Result<Self> {
        let root = workspace.root();
        let folder = workspace.scratch().join("growth/project");
        let logs = workspace.scratch().join("growth/logs");
        std::fs::create_dir_all(&logs)?;
        let mut files = Vec::new();
        for part in PARTS {
            list(root, Path::new(part), &mut files).context(part)?;
        }
        sweep(&folder, Path::new(""), &files)?;
        let read = |file: &str| {
            let text = std::fs::read_to_string(root.join(file));
            text.with_context(|| file.to_owned())
        };
        let (entries, overlay) = (read(ENTRIES)?, read(OVERLAY)?);
        for file in &files {
            let mut bytes = std::fs::read(root.join(file))?;
            match file.to_str() {
                Some("tool-manifest.toml") => append(&mut bytes, &entries),
                Some("openapi/overlay.toml") => append(&mut bytes, &overlay),
                Some("Cargo.toml") => bytes = renamed(&String::from_utf8(bytes)?)?.into_bytes(),
                _ => {}
            }
            write(&folder.join(file), &bytes).context(file.display().to_string())?;
        }
        Ok(Self {
            folder,
            logs,
            tools: tools(&entries)?,
        })
    }

    /// The names of the tools that were added.
    pub(crate) fn tools(&self) -> &[String] {
        &self.tools
    }

    /// Where a server on that Kestra logs.
    pub(crate) fn log(&self, kestra: &Simulated) -> PathBuf {
        let name = kestra.to_string().replace(' ', "-");
        self.logs.join(format!("{name}.log"))
    }

    /// Builds the server of what this program itself is built of, so that only the project's own
    /// crates are compiled.
    pub(crate) async fn build(&self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let packages = ["--package", "e2e", "--package", "kestra-mcp"];
        workspace
            .executable_in(
                &self.folder,
                PROGRAM,
                &[&packages[..], &["--bin", PROGRAM]].concat(),
            )
            .await
    }
}

/// Tables of TOML that come after others.
fn append(bytes: &mut Vec<u8>, tables: &str) {
    bytes.push(b'\n');
    bytes.extend(tables.bytes());
}

/// The package with its program under the other name.
fn renamed(manifest: &str) -> anyhow::Result<String> {
    const DEFAULT: &str = "default-run = \"kestra-mcp\"";
    ensure!(manifest.contains(DEFAULT), "{DEFAULT} is not there");
    let manifest = manifest.replace(DEFAULT, &format!("default-run = \"{PROGRAM}\""));
    Ok(format!(
        "{manifest}\n[[bin]]\nname = \"{PROGRAM}\"\npath = \"src/main.rs\"\n"
    ))
}

/// The names of the tools among entries.
fn tools(entries: &str) -> anyhow::Result<Vec<String>> {
    let entries: Value = toml::from_str(entries)?;
    let tools = entries.get("tool").and_then(Value::as_array);
    let names = tools.into_iter().flatten().map(|tool| {
        let name = tool.get("name").and_then(Value::as_str);
        name.map(str::to_owned).context("a tool without a name")
    });
    names.collect()
}

/// The files of a part, by their names below the root.
fn list(root: &Path, part: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let path = root.join(part);
    if path.is_file() {
        files.push(part.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let name = entry?.file_name();
        if name.to_str().is_none_or(|name| !NOT.contains(&name)) {
            list(root, &part.join(name), files)?;
        }
    }
    Ok(())
}

/// Takes away what is no longer there.
fn sweep(folder: &Path, below: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder.join(below)) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let name = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            sweep(folder, &name, files)?;
        } else if !files.contains(&name) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file that is not so yet: a new date would have it compiled again.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, bytes)?)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{list, renamed, sweep, tools, write};

    #[test]
    fn tools_are_named_in_their_order() {
        let entries = "[format.x]\na = 1\n[[tool]]\nname = \"b\"\n[[tool]]\nname = \"a\"\n";
        assert_eq!(tools(entries).unwrap(), ["b", "a"]);
        assert!(tools("[[tool]]\ntitle = \"b\"\n").is_err());
    }

    #[test]
    fn the_program_has_a_name_of_its_own() {
        let manifest = include_str!("../../../Cargo.toml");
        let renamed: toml::Table = toml::from_str(&renamed(manifest).unwrap()).unwrap();
        assert_eq!(
            renamed["package"]["default-run"].as_str(),
            Some("kestra-mcp-grown")
        );
        assert_eq!(renamed["bin"][0]["name"].as_str(), Some("kestra-mcp-grown"));
    }

    #[test]
    fn a_copy_has_what_is_there_now_and_keeps_the_dates_of_what_was() {
        let name = format!("kestra-mcp-copy-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        for file in ["a/one", "a/target/two", "gone"] {
            write(&folder.join(file), b"text").unwrap();
        }
        let mut files = Vec::new();
        list(&folder, Path::new("a"), &mut files).unwrap();
        assert_eq!(files, [PathBuf::from("a/one")]);
        let dated = || folder.join("a/one").metadata().unwrap().modified().unwrap();
        let before = dated();
        write(&folder.join("a/one"), b"text").unwrap();
        assert_eq!(dated(), before);
        sweep(&folder, Path::new(""), &files).unwrap();
        assert!(!folder.join("gone").exists() && folder.join("a/one").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
