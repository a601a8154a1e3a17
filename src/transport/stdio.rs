//! MCP on standard input and output, one message per line.
//!
//! [`Lines`] is between the pipes and rmcp: it answers what rmcp would drop silently, bounds what is
//! read, and withholds the end of the input until the calls in flight are answered.

mod line;
mod lines;
mod writer;

use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::mcp::Server;
use lines::Lines;

/// Time to write the last bytes after the last answer.
const FLUSH: Duration = Duration::from_secs(1);

/// Why serving ended before the end of the input.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The client violated the handshake.
    #[error("the connection could not be opened")]
    Open(#[source] Box<ServerInitializeError>),
    /// The serving loop failed.
    #[error("the connection broke")]
    Broken(#[from] tokio::task::JoinError),
}

/// Serves one client until its input ends and its calls are answered.
///
/// `last` bounds the answers after the end of the input.
///
/// # Errors
/// [`ServeError`]; the end of the input is never an error.
pub async fn serve<R, W>(
    server: Server,
    input: R,
    output: W,
    last: Duration,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (writer, written) = writer::start(output);
    let lines = Lines::new(input, writer, last);
    // Large, and useless after the handshake.
    let running = match Box::pin(server.clone().serve(lines)).await {
        Ok(running) => running,
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(ServeError::Open(Box::new(error))),
    };
    let announcing = tokio::spawn(announce(server, running.peer().clone()));
    let ended = running.waiting().await;
    announcing.abort();
    // With a limit: a pipe that nobody reads must not keep the process alive.
    let _ = tokio::time::timeout(FLUSH, written).await;
    ended?;
    Ok(())
}

/// Notifies a connected client when its list of tools is outdated.
async fn announce(server: Server, peer: rmcp::Peer<rmcp::RoleServer>) {
    let mut changes = server.changes();
    while changes.changed().await.is_ok() {
        // A client of the stateless protocol did not introduce itself, and asks again by the
        // time that its list may be kept.
        if peer.peer_info().is_some() && server.list_is_stale() {
            server.list_announced();
            if peer.notify_tool_list_changed().await.is_err() {
                return;
            }
        }
    }
}
