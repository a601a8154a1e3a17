//! What a run leaves behind: lines of the log, and the database.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::stand::Stand;

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

/// Every line that this thread can be made to tell.
pub(crate) struct Log {
    written: Written,
    _guard: DefaultGuard,
    _other: Dispatch,
}

impl Log {
    pub(crate) fn of_all() -> Self {
        let written = Written::default();
        let writer = written.clone();
        // What this program never lets libraries say: see `telemetry`.
        let targets = Targets::new()
            .with_default(LevelFilter::TRACE)
            .with_targets(
                ["rmcp", "hyper", "reqwest", "h2", "rustls"].map(|name| (name, LevelFilter::INFO)),
            );
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

/// Everything below the database: the file, and what stands beside it.
pub(crate) fn dump(stand: &Stand) -> Vec<u8> {
    let mut all = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let mut path = stand.database.clone().into_os_string();
        path.push(end);
        all.extend(std::fs::read(PathBuf::from(path)).unwrap_or_default());
    }
    all
}

pub(crate) fn holds(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len())
        .any(|part| part == secret.as_bytes())
}
