//! What this process reports about itself: log lines on stderr, metrics, and spans for a collector.

mod export;
pub mod metrics;
mod plain;

use std::io;

use thiserror::Error;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, ParseError, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use url::Url;

use plain::Plain;

pub use export::{ExportError, Exports};
pub use metrics::Metrics;

/// Why telemetry cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The filter cannot be read.
    #[error("KESTRA_MCP_LOG is not a filter: write it like warn,kestra_mcp=info")]
    Filter(#[from] ParseError),
    /// Spans cannot be sent.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The process has a log already.
    #[error(transparent)]
    Started(#[from] TryInitError),
}

/// Crates that print whole messages, headers or keys below the level info, by how their targets
/// begin. No filter opens them further: the arguments of a call may be secret.
const TALKATIVE: &[&str] = &["rmcp", "hyper", "reqwest", "h2", "rustls"];

/// Tells each error that a client is answered, as the library's own types: those are told in words where
/// they are made.
const ECHO: &str = "rmcp::service";

/// What starts the log of a process, such as [`start`].
pub type Start = fn(&str, Option<&Url>) -> Result<Option<Exports>, StartError>;

/// Starts logging to stderr with `filter`, such as `warn,kestra_mcp=info`, and sends spans to
/// `collector` (OTLP over HTTP), which needs a runtime around it. A process starts it once. Never to
/// stdout: that belongs to the protocol.
///
/// # Errors
/// When `filter` cannot be read, spans cannot be sent, or the log has been started before.
pub fn start(filter: &str, collector: Option<&Url>) -> Result<Option<Exports>, StartError> {
    let lines = lines(filter.parse()?, io::stderr);
    let (exports, spans) = collector.map(export::layer).transpose()?.unzip();
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init()?;
    Ok(exports)
}

fn lines<S, W>(filter: Targets, writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let cap = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(TALKATIVE.iter().map(|target| (*target, LevelFilter::INFO)))
        .with_target(ECHO, LevelFilter::ERROR);
    tracing_subscriber::fmt::layer()
        .with_writer(Plain(writer))
        .with_ansi(false)
        .with_filter(filter.and(cap))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written of an event at every level from each of some targets.
    fn told(filter: &str) -> String {
        let written = Lines::default();
        let writer = written.clone();
        let lines = lines(filter.parse().unwrap(), move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "rmcp::service", "rmcp trace");
            tracing::debug!(target: "rmcp::service", "rmcp debug");
            tracing::warn!(target: "rmcp::service", "rmcp echo");
            tracing::info!(target: "rmcp::transport", "rmcp info");
            tracing::debug!(target: "hyper_util::client", "hyper debug");
            tracing::debug!(target: "reqwest::connect", "reqwest debug");
            tracing::debug!(target: "h2::client", "h2 debug");
            tracing::debug!(target: "rustls::client", "rustls debug");
            tracing::debug!(target: "kestra_mcp::mcp", "ours debug");
        });
        let written = written.0.lock().unwrap().clone();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn an_event_is_one_line_and_hides_nothing() {
        let written = Lines::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::registry()
            .with(lines("info".parse().unwrap(), move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let odd = "a\u{1b}[31m\nb\u{202e}c\u{2028}d\u{ad}\u{e0041}";
            tracing::info!(text = odd, shown = %odd, "{odd}");
        });
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written.lines().count(), 1, "{written:?}");
        assert!(
            !written.trim_end().contains(crate::secret::is_hidden),
            "{written:?}"
        );
    }

    #[test]
    fn no_filter_makes_a_library_print_what_passes_through_it() {
        for filter in [
            "trace",
            "debug,rmcp=trace",
            "debug,rmcp::service=trace,h2=debug,rustls::client=trace",
        ] {
            let told = told(filter);
            assert!(
                told.contains("rmcp info") && told.contains("ours debug"),
                "{filter}: {told}"
            );
            for line in [
                "rmcp trace",
                "rmcp debug",
                "rmcp echo",
                "hyper debug",
                "reqwest debug",
                "h2 debug",
                "rustls debug",
            ] {
                assert!(!told.contains(line), "{filter}: {told}");
            }
        }
        let told = told("info,rmcp=warn");
        assert!(!told.contains("rmcp") && !told.contains("ours"), "{told}");
    }
}
