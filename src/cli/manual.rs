//! What a shell and `man` know of this command.

use clap::Command;
use clap_complete::Shell;

/// A script for `shell`.
pub(super) fn completions(shell: Shell, mut command: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "kestra-mcp", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page in roff, for section 1.
pub(super) fn page(command: Command) -> String {
    let mut page = Vec::new();
    let command = command.version(env!("CARGO_PKG_VERSION"));
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}
