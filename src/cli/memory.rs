//! What else runs on this machine does not get at the secrets in this process's memory.

use std::io;

/// Writes no core file when this process dies, and on Linux lets no other process of the same user
/// look into it (`ptrace`, `/proc/PID/mem`). For the start of the program, before it reads a secret.
///
/// # Errors
/// What the operating system says; the program can go on.
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
        // A pipe as `core_pattern` is not bound by the limit: only this is.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
