//! The transport that rmcp sees.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    ClientNotification, ClientRequest, GetMeta as _, JsonRpcMessage, ProtocolVersion, RequestId,
};
use rmcp::service::TxJsonRpcMessage;
use rmcp::transport::Transport;
use tokio::io::AsyncRead;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::line::{Line, LineReader};
use super::writer::{Outgoing, Writer};
use crate::tool::strict::LONGEST;
use crate::transport::message::{self, Message, Refusal};
use crate::transport::rewrite;

/// The requests in flight.
#[derive(Debug, Default)]
struct Open {
    ids: Mutex<HashSet<RequestId>>,
    emptied: Notify,
}

impl Open {
    fn with<T>(&self, act: impl FnOnce(&mut HashSet<RequestId>) -> T) -> T {
        // The set is consistent after any panic.
        act(&mut self
            .ids
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn insert(&self, id: RequestId) -> bool {
        self.with(|ids| ids.insert(id))
    }

    fn remove(&self, id: &RequestId) {
        if self.with(|ids| ids.remove(id) && ids.is_empty()) {
            self.emptied.notify_waiters();
        }
    }

    async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.with(|ids| ids.is_empty()) {
                return;
            }
            emptied.await;
        }
    }
}

/// Whether `request` ends the handshake for rmcp. Until then it answers `ping` and `server/discover`, and
/// refuses what is neither `initialize` nor a request of 2026-07-28.
fn begins(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
        other => {
            let meta = other.get_meta();
            let is_whole = meta
                .missing_required_keys(&ProtocolVersion::V_2026_07_28)
                .is_empty();
            let version = meta.protocol_version();
            is_whole && version.is_some_and(|is| ProtocolVersion::KNOWN_VERSIONS.contains(&is))
        }
    }
}

/// Lines in, lines out, and the requests that are open between them.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: LineReader<R>,
    output: Option<Writer>,
    open: Arc<Open>,
    /// Errors that wait for space in the output.
    refusals: VecDeque<Vec<u8>>,
    /// Whether a request has come that begins a lifecycle: before it there is nobody to notify, and
    /// rmcp takes anything but a request for the end of the connection.
    begun: bool,
    /// Since when there is no more input.
    ended: Option<Instant>,
    /// How long the answers may take after that.
    last: Duration,
}

impl<R: AsyncRead + Send + Unpin> Lines<R> {
    pub(super) fn new(input: R, output: Writer, last: Duration) -> Self {
        Self {
            input: LineReader::new(input),
            output: Some(output),
            open: Arc::default(),
            refusals: VecDeque::new(),
            begun: false,
            ended: None,
            last,
        }
    }

    /// What rmcp gets of a line, if anything.
    fn take(&mut self, line: Line) -> Option<Message> {
        let read = match line {
            Line::Whole(line) => message::read(&line),
            Line::TooLong(id) => Err(Refusal::too_long(id, LONGEST)),
        };
        match read.and_then(|message| self.account(message)) {
            Ok(message) => message,
            Err(refusal) => {
                self.refusals.push_back(refusal.into_text());
                None
            }
        }
    }

    fn account(&mut self, message: Message) -> Result<Option<Message>, Refusal> {
        match &message {
            JsonRpcMessage::Request(request) => {
                if !self.open.insert(request.id.clone()) {
                    return Err(Refusal::in_use(&request.id));
                }
                self.begun |= begins(&request.request);
            }
            _ if !self.begun => {
                tracing::warn!("ignored a message before the client introduced itself");
                return Ok(None);
            }
            JsonRpcMessage::Notification(notification) => {
                // A cancelled request gets no answer.
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.open.remove(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        Ok(Some(message))
    }

    /// The next message. Dropping this future at any await loses nothing.
    async fn next(&mut self) -> Option<Message> {
        let output = self.output.clone()?;
        loop {
            while let Some(refusal) = self.refusals.front() {
                let room = output.room().await.ok()?;
                room.send(Outgoing::new(refusal.clone()));
                self.refusals.pop_front();
            }
            if let Some(ended) = self.ended {
                tokio::select! {
                    () = self.open.empty() => {}
                    () = tokio::time::sleep_until(ended + self.last) => {
                        tracing::warn!("calls were not answered in time after the end of input");
                    }
                    () = output.closed() => {}
                }
                return None;
            }
            let line = tokio::select! {
                line = self.input.next() => line,
                () = output.closed() => return None,
            };
            match line {
                Ok(Some(line)) => {
                    if let Some(message) = self.take(line) {
                        return Some(message);
                    }
                }
                Ok(None) | Err(_) => self.ended = Some(Instant::now()),
            }
        }
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> Transport<RoleServer> for Lines<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let output = self.output.clone();
        let open = Arc::clone(&self.open);
        async move {
            let answered = match &item {
                JsonRpcMessage::Response(response) => Some(response.id.clone()),
                JsonRpcMessage::Error(error) => error.id.clone(),
                JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
            };
            let output = output.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
            let line = rewrite::rewritten(serde_json::to_vec(&item)?.into());
            let written = output.write(line.into()).await;
            if let Some(id) = answered {
                open.remove(&id);
            }
            written
        }
    }

    async fn receive(&mut self) -> Option<Message> {
        self.next().await
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.output = None;
        Ok(())
    }
}
