//! The only writer of the output: whole lines, in order, from several tasks.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Lines that are queued for a slow reader.
const QUEUE: usize = 64;

/// One line, and the task that waits until it is written.
pub(super) struct Outgoing {
    line: Vec<u8>,
    written: Option<oneshot::Sender<()>>,
}

/// Where lines go. Cloning is cheap; the output ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Outgoing>);

/// Starts writing to `output`; the task ends when every [`Writer`] is gone, or the reader.
pub(super) fn start<W>(mut output: W) -> (Writer, JoinHandle<()>)
where
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (sender, mut lines) = mpsc::channel::<Outgoing>(QUEUE);
    let task = tokio::spawn(async move {
        while let Some(Outgoing { mut line, written }) = lines.recv().await {
            line.push(b'\n');
            if output.write_all(&line).await.is_err() || output.flush().await.is_err() {
                return;
            }
            if let Some(written) = written {
                // The waiting task may have been dropped meanwhile.
                let _ = written.send(());
            }
        }
        let _ = output.shutdown().await;
    });
    (Writer(sender), task)
}

fn gone() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}

impl Writer {
    /// Writes `line` and waits until it is written.
    pub(super) async fn write(&self, line: Vec<u8>) -> io::Result<()> {
        let (written, left) = oneshot::channel();
        let outgoing = Outgoing {
            line,
            written: Some(written),
        };
        self.0.send(outgoing).await.map_err(|_| gone())?;
        left.await.map_err(|_| gone())
    }

    /// Space for one line: dropping this future loses nothing.
    pub(super) async fn room(&self) -> io::Result<mpsc::Permit<'_, Outgoing>> {
        self.0.reserve().await.map_err(|_| gone())
    }

    /// Waits until the reader is gone.
    pub(super) async fn closed(&self) {
        self.0.closed().await;
    }
}

impl Outgoing {
    /// A line that nobody waits for.
    pub(super) const fn new(line: Vec<u8>) -> Self {
        Self {
            line,
            written: None,
        }
    }
}
