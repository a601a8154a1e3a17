//! The composition root: from a configuration to a server that runs.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::clock::Clock;
use crate::config::Config;
use crate::kestra::Kestra;
use crate::mcp::Server;
use crate::transport::stdio::{self, ServeError};

/// Serves one local client until its input ends.
///
/// # Errors
/// When the connection breaks; see [`ServeError`].
pub async fn stdio<R, W>(
    config: &Config,
    clock: Clock,
    input: R,
    output: W,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    serve(Kestra::new(&config.kestra, clock), input, output).await
}

/// Serves one local client of `kestra` until its input ends.
///
/// # Errors
/// When the connection breaks; see [`ServeError`].
pub async fn serve<R, W>(kestra: Kestra, input: R, output: W) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let kestra = Arc::new(kestra);
    for warning in kestra.warnings() {
        tracing::warn!("{warning}");
    }
    if kestra.base().is_some() {
        let kestra = Arc::clone(&kestra);
        // The client says hello meanwhile. A failure is told by the first call.
        tokio::spawn(async move {
            if let Err(fault) = kestra.server(kestra.own()).await {
                tracing::warn!(?fault, "cannot learn which Kestra answers");
            }
        });
    }
    let last = kestra.limits().call;
    stdio::serve(Server::local(kestra), input, output, last).await
}
