//! The program as a process: what other users of its machine can see.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::stand::PATIENCE;

/// A user without rights, for tests that run as root.
const NOBODY: u32 = 65_534;

/// The owner of the files that show the process `id`, which may be `self`.
fn owner(id: &str) -> u32 {
    fs::metadata(format!("/proc/{id}/environ")).unwrap().uid()
}

/// Starts `program` as a user other than root, and waits until it has answered a line.
async fn started(program: &Path, arguments: &[&str]) -> Child {
    let spawn = |program: &Path| {
        let mut command = Command::new(program);
        if owner("self") == 0 {
            command.uid(NOBODY);
        }
        command
            .args(arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    };
    let mut child = match spawn(program) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            // That user may not read the folder of the build.
            let folder = tempfile::tempdir().unwrap();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            let copy: PathBuf = folder.path().join("program");
            fs::copy(program, &copy).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
            spawn(&copy).unwrap()
        }
        spawned => spawned.unwrap(),
    };
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    child.stdin.as_mut().unwrap().write_all(ping).await.unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    assert!(
        line.expect("no answer")
            .unwrap()
            .unwrap()
            .contains("\"id\":1")
    );
    child
}

#[tokio::test]
async fn its_memory_is_neither_written_to_core_files_nor_shown_to_others() {
    // An ordinary program for comparison.
    let other = started(Path::new("/bin/cat"), &[]).await;
    let other = other.id().unwrap().to_string();
    assert_ne!(owner(&other), 0, "a file of it is its user's");
    let program = started(Path::new(env!("CARGO_BIN_EXE_kestra-mcp")), &["stdio"]).await;
    let id = program.id().unwrap().to_string();
    assert_ne!(owner(&id), owner(&other), "it can be dumped");
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(words.get(4..6), Some(["0", "0"].as_slice()), "{core:?}");
    // The statistics of its memory can still be read.
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    assert!(status.contains("VmRSS:"), "{status}");
}
