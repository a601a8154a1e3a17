//! The `kestra-mcp` command.

use std::process::ExitCode;

use kestra_mcp::cli::{self, Streams};
use kestra_mcp::{config, telemetry};
use mimalloc::MiMalloc;

/// An answer is thousands of small values that live as long as a call, on several threads at once.
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

fn main() -> anyhow::Result<ExitCode> {
    // The payload of a panic may hold an argument: only the place is said.
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("?", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "panic");
    }));
    if let Err(error) = cli::memory::guard() {
        eprintln!("kestra-mcp: its memory may be written to core files: {error}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let exit = runtime.block_on(cli::run(
        std::env::args(),
        &config::environment(),
        Streams {
            input: tokio::io::stdin(),
            output: tokio::io::stdout(),
            errors: std::io::stderr(),
            log: telemetry::start,
        },
    ));
    // A read of standard input cannot be taken back, and must not hold the end of the process.
    runtime.shutdown_background();
    Ok(ExitCode::from(exit.code()))
}
