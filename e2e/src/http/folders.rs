//! Where the files of a run are.

use std::path::PathBuf;

use crate::workspace::Workspace;

/// Where the collector of spans keeps them.
pub(crate) const SPANS: &str = "spans";

/// Where things are kept: all that is below `logs` is searched for secrets at the end.
pub(crate) struct Kept {
    pub(crate) folder: PathBuf,
    pub(crate) logs: PathBuf,
    pub(crate) shots: PathBuf,
}

impl Kept {
    pub(crate) fn new(workspace: &Workspace) -> std::io::Result<Self> {
        let folder = workspace.scratch().join("http");
        let kept = Self {
            logs: folder.join("logs"),
            shots: workspace.scratch().join("screenshots"),
            folder,
        };
        for old in [&kept.folder, &kept.shots] {
            if old.exists() {
                std::fs::remove_dir_all(old)?;
            }
        }
        std::fs::create_dir_all(&kept.logs)?;
        std::fs::create_dir_all(&kept.shots)?;
        Ok(kept)
    }
}
