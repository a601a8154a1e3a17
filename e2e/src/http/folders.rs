//! Where the files of a run are.

use std::path::PathBuf;

use crate::workspace::Workspace;

/// Where the collector of spans keeps them.
pub(crate) const SPANS: &str = "spans";

/// The folders of a run: everything below `logs` is searched for secrets at the end.
pub(crate) struct Folders {
    pub(crate) folder: PathBuf,
    pub(crate) logs: PathBuf,
    pub(crate) screenshots: PathBuf,
}

impl Folders {
    pub(crate) fn new(workspace: &Workspace) -> std::io::Result<Self> {
        let folder = workspace.scratch().join("http");
        let folders = Self {
            logs: folder.join("logs"),
            screenshots: workspace.scratch().join("screenshots"),
            folder,
        };
        for old in [&folders.folder, &folders.screenshots] {
            if old.exists() {
                std::fs::remove_dir_all(old)?;
            }
        }
        std::fs::create_dir_all(&folders.logs)?;
        std::fs::create_dir_all(&folders.screenshots)?;
        Ok(folders)
    }
}
