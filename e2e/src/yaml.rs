//! The server's reader of YAML against the one that Kestra has: `SnakeYAML` under Jackson.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use kestra_mcp::tool::source;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use simulator::odd_sources;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::environment::variable;
use crate::maven;
use crate::report::Report;
use crate::workspace::Workspace;

/// What reads YAML in Kestra, each with the SHA-256 of its file.
const LIBRARIES: [(&str, &str); 5] = [
    (
        "com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.19.2",
        "80a213e7d998244922ab7bcf0938ea03eb7868e88e2d05a8407c6228c885a37e",
    ),
    (
        "com.fasterxml.jackson.core:jackson-databind:2.19.2",
        "0a1bd4e9b0d670e632d40ee8c625ad376233502f03c2f5889baea95d025b47a7",
    ),
    (
        "com.fasterxml.jackson.core:jackson-core:2.19.2",
        "aa77eaf29293a868c47372194f7c5287d77d9370b04ea25d3fffc1e4904b5880",
    ),
    (
        "com.fasterxml.jackson.core:jackson-annotations:2.19.2",
        "e516743a316dcf83c572ffc9cb6e8c5e8c134880c8c5155b02f7b34e9c5dc3cf",
    ),
    (
        "org.yaml:snakeyaml:2.4",
        "ef779af5d29a9dde8cc70ce0341f5c6f7735e23edff9685ceaa9d35359b7bb7f",
    ),
];
/// How many sources are read, unless `KESTRA_E2E_SOURCES` says another number.
const SOURCES: usize = 100_000;
/// Where the row of sources begins, unless `KESTRA_E2E_SEED` says another number.
const SEED: u64 = 20_260_907;
/// How many differences are shown.
const SHOWN: usize = 10;

/// Reads generated sources with both.
pub(crate) async fn run(workspace: &Workspace, report: &mut Report) -> anyhow::Result<()> {
    if !maven::is_installed().await {
        report.skipped("YAML", "there is no Maven or no Java");
        return Ok(());
    }
    let sources = number("KESTRA_E2E_SOURCES")?.map_or(SOURCES, |sources| {
        usize::try_from(sources).unwrap_or(SOURCES)
    });
    let seed = number("KESTRA_E2E_SEED")?.unwrap_or(SEED);
    let mut kestra = Java::start(workspace).await?;
    let (mut both, mut ours, mut theirs, mut differ) = (0_u32, 0_u32, 0_u32, 0_u32);
    for source in odd_sources(seed).take(sources) {
        let read = source::read(&source).map(|document| document.names);
        match (read, kestra.read(&source).await?) {
            (Ok(names), Some(found)) => match difference(&names, &found) {
                None => both += 1,
                Some(what) => {
                    differ += 1;
                    if usize::try_from(differ).is_ok_and(|differ| differ <= SHOWN) {
                        report.failed("YAML", &format!("{what} of {source:?}"));
                    }
                }
            },
            (Ok(_), None) => ours += 1,
            (Err(_), Some(_)) => theirs += 1,
            (Err(_), None) => {}
        }
    }
    println!(
        "YAML: {sources} sources (seed {seed}), {both} read alike, {differ} read otherwise; {ours} taken here alone, {theirs} by Kestra's reader alone"
    );
    if both == 0 {
        report.failed("YAML", "no source was read by both");
    }
    report.add(u32::from(differ == 0), 0);
    Ok(())
}

fn number(name: &str) -> anyhow::Result<Option<u64>> {
    let number = variable(name).map(|text| text.parse());
    number
        .transpose()
        .with_context(|| format!("{name} takes a number"))
}

/// What the two readers find otherwise: a top-level key, or the text of one that names the flow.
fn difference(names: &Value, found: &BTreeMap<String, String>) -> Option<String> {
    let names = names.as_object()?;
    let ours: Vec<&String> = names.keys().collect();
    if ours.len() != found.len() || !ours.iter().all(|key| found.contains_key(*key)) {
        return Some(format!("keys {ours:?} and {:?}", found.keys()));
    }
    for key in ["id", "namespace"] {
        let (ours, theirs) = (names.get(key), found.get(key));
        // A name that is not a text is refused after the reading.
        let Some(Value::String(ours)) = ours else {
            continue;
        };
        if theirs != Some(ours) {
            return Some(format!("{key} {ours:?} and {theirs:?}"));
        }
    }
    None
}

/// The other reader, until it is dropped.
struct Java {
    process: Child,
}

impl Java {
    async fn start(workspace: &Workspace) -> anyhow::Result<Self> {
        let folder = workspace.scratch().join("yaml");
        let mut path = Vec::new();
        for (artifact, sha256) in LIBRARIES {
            path.push(library(&folder, artifact, sha256).await?);
        }
        let process = Command::new("java")
            .arg("-cp")
            .arg(std::env::join_paths(path)?)
            .arg(workspace.root().join("e2e/java/Reader.java"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("java")?;
        Ok(Self { process })
    }

    /// The top-level keys with their values as text; none for what cannot be read.
    async fn read(&mut self, source: &str) -> anyhow::Result<Option<BTreeMap<String, String>>> {
        let (stdin, stdout) = (self.process.stdin.as_mut(), self.process.stdout.as_mut());
        let (stdin, stdout) = (stdin.context("stdin")?, stdout.context("stdout")?);
        stdin.write_u32(u32::try_from(source.len())?).await?;
        stdin.write_all(source.as_bytes()).await?;
        stdin.flush().await?;
        let length = usize::try_from(stdout.read_u32().await?)?;
        let mut answer = vec![0; length];
        stdout.read_exact(&mut answer).await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// The file of a library, brought once.
async fn library(folder: &Path, artifact: &str, sha256: &str) -> anyhow::Result<PathBuf> {
    let mut parts = artifact.rsplit(':');
    let (version, name) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let file = folder.join(format!("{name}-{version}.jar"));
    if !file.exists() {
        std::fs::create_dir_all(folder)?;
        println!("{artifact}");
        maven::copy(artifact, folder, &folder.join("maven")).await?;
    }
    let digest = Sha256::digest(std::fs::read(&file)?);
    let digest = digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    ensure!(digest == sha256, "{artifact} has the SHA-256 {digest}");
    Ok(file)
}
