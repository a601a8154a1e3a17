//! Keeps the secrets in this process's memory from other programs on the machine.

use std::io;

/// Prevents core dumps of this process, and on Linux keeps other processes of the same user from reading
/// its memory (`ptrace`, `/proc/PID/mem`). To be called before the program reads a secret.
///
/// # Errors
/// The error of the operating system; the program can go on.
pub fn guard() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // The limit does not apply to a pipe as `core_pattern`: only this does.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
