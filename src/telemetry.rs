//! What this process tells about itself: lines on stderr.

use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to stderr with `filter`, such as `warn,kestra_mcp=info`. A process starts it
/// once; a second start changes nothing. Never to stdout: that belongs to the protocol.
///
/// # Errors
/// When `filter` cannot be read.
pub fn start(filter: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    let targets: Targets = filter.parse()?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    // An error here says that a test in the same process has started it.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .try_init();
    Ok(())
}
