//! What listens on loopback for others: a client for its code, a collector for spans.

use std::fs::File;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// For a browser to come back.
const PATIENCE: Duration = Duration::from_mins(3);

/// What a client shows when the browser is back.
const BACK: &str =
    "<!doctype html><html lang=\"en\"><title>Client</title><h1>Back at the client</h1>";

/// A client that waits for its code.
#[derive(Debug)]
pub(crate) struct Callback {
    address: String,
    arrived: mpsc::Receiver<String>,
    task: JoinHandle<()>,
}

impl Callback {
    /// Listens on a port of the kernel's choice.
    pub(crate) async fn listen() -> anyhow::Result<Self> {
        let (sender, arrived) = mpsc::channel(4);
        let answer = move |OriginalUri(uri): OriginalUri| async move {
            // The receiver is gone: nothing to do.
            let _ = sender.send(uri.to_string()).await;
            Html(BACK)
        };
        // A browser also asks for an icon.
        let router = Router::new()
            .route("/callback", get(answer))
            .fallback(async || StatusCode::NO_CONTENT);
        let (origin, task) = serve(router).await?;
        Ok(Self {
            address: format!("{origin}/callback"),
            arrived,
            task,
        })
    }

    /// The redirect address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The address that the browser came with.
    pub(crate) async fn redirected(&mut self) -> anyhow::Result<String> {
        let path = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        let path = path.context("no browser came back to the client")?;
        let path = path.context("the client no longer listens")?;
        let origin = self.address.trim_end_matches("/callback");
        Ok(format!("{origin}{path}"))
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps what it gets, byte for byte.
#[derive(Debug)]
pub(crate) struct Collector {
    origin: String,
    task: JoinHandle<()>,
}

impl Collector {
    /// Listens, and keeps it in `file`.
    pub(crate) async fn start(file: &Path) -> anyhow::Result<Self> {
        let file = Arc::new(Mutex::new(File::create(file)?));
        let keep = move |body: Bytes| async move {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // The count of spans at the end reveals a lost one.
            let _ = file.write_all(&body).and_then(|()| file.write_all(b"\n"));
        };
        let (origin, task) = serve(Router::new().route("/v1/traces", post(keep))).await?;
        Ok(Self { origin, task })
    }

    /// Its address.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(router: Router) -> anyhow::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            println!("a listener ended: {error}");
        }
    });
    Ok((origin, task))
}
