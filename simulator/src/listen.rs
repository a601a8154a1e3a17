//! Serving HTTP connections.

use std::io;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    received::Received,
    response::Response,
    wire::{self, Payload, WireResponse},
};

/// Responds to every request. If `answer` fails, the connection is closed without a response.
pub(crate) async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = io::Result<WireResponse>> + Send + 'static,
{
    // Dropping the task drops this set, which ends the connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let service = service_fn(answer.clone());
                    connections.spawn(async move {
                        // Some faults make connections fail; it is the client that has to notice.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
                Err(_) => return,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Reads the whole request. Also returns its path with the query, as sent.
pub(crate) async fn receive(request: Request<Incoming>) -> io::Result<(Received, String)> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let received = Received {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: wire::decode_query(head.uri.query().unwrap_or_default()),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body: body.to_vec(),
        status: 0,
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let target = target.replace("%2e", ".");
    Ok((received, target))
}

/// Converts a response into hyper's.
pub(crate) fn encode(answer: Response) -> io::Result<WireResponse> {
    let mut wire = hyper::Response::builder().status(answer.status);
    if let Some(content_type) = answer.content_type {
        wire = wire.header("content-type", content_type);
    }
    for (name, value) in answer.headers {
        wire = wire.header(name, value);
    }
    let body = Some(Bytes::from(answer.body)).filter(|body| !body.is_empty());
    wire.body(Payload::Whole(body)).map_err(io::Error::other)
}
