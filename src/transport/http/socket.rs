//! A connection whose peer has to read.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::wire::Wire;

/// Fails when nothing could be written for a while: a peer that does not read must not hold an answer
/// and a connection for ever.
#[derive(Debug)]
pub(super) struct Socket<T> {
    inner: T,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    wire: Wire,
}

impl<T> Socket<T> {
    pub(super) const fn new(inner: T, patience: Duration, wire: Wire) -> Self {
        Self {
            inner,
            patience,
            waiting: None,
            wire,
        }
    }

    fn bound<R>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if let Poll::Ready(done) = &polled {
            self.waiting = None;
            if done.is_err() {
                self.wire.broke();
            }
            return polled;
        }
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if waiting.as_mut().poll(context).is_ready() {
            self.wire.broke();
            return Poll::Ready(Err(io::Error::from(ErrorKind::TimedOut)));
        }
        Poll::Pending
    }
}

impl<T> Drop for Socket<T> {
    fn drop(&mut self) {
        self.wire.closed();
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Socket<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Err(_))) {
            self.wire.broke();
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Socket<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.bound(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.bound(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(context);
        if matches!(polled, Poll::Ready(Ok(()))) {
            self.wire.flushed();
        }
        self.bound(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(context);
        self.bound(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_read_is_left() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let mut socket = Socket::new(ours, Duration::from_mins(1), Wire::default());
        socket.write_all(b"12345678").await.unwrap();
        let error = socket.write_all(b"9").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let mut read = [0; 8];
        theirs.read_exact(&mut read).await.unwrap();
        socket.write_all(b"9").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn slow_reading_is_reading() {
        let (ours, mut theirs) = tokio::io::duplex(4);
        let mut socket = Socket::new(ours, Duration::from_mins(1), Wire::default());
        let reader = tokio::spawn(async move {
            let mut read = vec![0; 4];
            for _ in 0..8 {
                tokio::time::sleep(Duration::from_secs(50)).await;
                theirs.read_exact(&mut read).await.unwrap();
            }
        });
        socket.write_all(&[b'x'; 32]).await.unwrap();
        reader.await.unwrap();
    }
}
