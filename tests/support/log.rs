//! What the log says, to one test: its thread alone writes to it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that this thread logs, for as long as this lives.
pub(crate) struct Log {
    written: Written,
    _guard: DefaultGuard,
    _other: Dispatch,
}

impl Log {
    /// The lines of the level info and above.
    pub(crate) fn start() -> Self {
        Self::with(Targets::new().with_default(LevelFilter::INFO))
    }

    /// Every line that an operator can ask for: what `telemetry` never lets libraries say is not
    /// there.
    pub(crate) fn of_all() -> Self {
        Self::with(
            Targets::new()
                .with_default(LevelFilter::TRACE)
                .with_targets(
                    ["rmcp", "hyper", "reqwest", "h2", "rustls"]
                        .map(|name| (name, LevelFilter::INFO)),
                ),
        )
    }

    fn with(targets: Targets) -> Self {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer()
            .with_writer(move || writer.clone())
            .with_ansi(false);
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(targets));
        Self {
            written,
            _guard: tracing::subscriber::set_default(subscriber),
            // While there is one subscriber, tracing takes a place in the code that another test
            // reaches first, on a thread without any, to be silent for all.
            _other: Dispatch::new(tracing_subscriber::registry()),
        }
    }

    /// The lines so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.written.0.lock().unwrap().clone()
    }
}
