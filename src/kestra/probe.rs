//! The request that detects the Kestra server, and how its answer is read.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::WWW_AUTHENTICATE;
use serde::Deserialize;

use super::connection::Said;
use super::credential::Held;
use super::detector::{Detection, Fault, Server};
use super::instance::Kestra;
use super::{refusal, ui};
use crate::tool::{Edition, Line, cut};

/// Bytes of a version, however a server writes it.
const VERSION: usize = 64;
/// Bytes of the address of its UI, which stands in every link.
const ADDRESS: usize = 2_048;

impl Kestra {
    /// Waits until the first question about the version was answered, or failed; at most `limit`.
    pub async fn settled(&self, limit: Duration) {
        if self.base.is_none() {
            return;
        }
        let mut watch = self.watch();
        let settled = watch.wait_for(|detection| !matches!(detection, Detection::Pending));
        // A timeout is fine: the caller reads what is known by then.
        let _ = tokio::time::timeout(limit, settled).await;
    }

    /// The server, asked now as `held` if it is not known yet: since 2.0 it answers nobody
    /// without a credential.
    ///
    /// # Errors
    /// Why it cannot be known. The next call asks again.
    pub async fn server(&self, held: &Held) -> Result<Arc<Server>, Fault> {
        let news = |server: &Server| tell(self, server);
        self.version.server(|| probe(self, held), news).await
    }

    /// The new line, if the server is no longer on `seen`: asks again, at most every 10 seconds.
    pub async fn recheck(&self, held: &Held, seen: Line) -> Option<Line> {
        let news = |server: &Server| tell(self, server);
        self.version
            .recheck(&self.clock, || probe(self, held), news)
            .await;
        Some(self.view().line).filter(|line| *line != seen)
    }
}

/// The answer of `GET /api/v1/configs`, as far as it matters here.
#[derive(Deserialize)]
struct Configs {
    version: String,
    edition: Option<String>,
    url: Option<String>,
}

/// Asks the server, as `held`, which one it is.
async fn probe(kestra: &Kestra, held: &Held) -> Result<Arc<Server>, Fault> {
    let Said {
        status,
        headers,
        body,
    } = kestra.ask(held, "configuration").await?;
    let not_kestra = || kestra.not_kestra();
    match status {
        200 => {}
        // Public in 1.x: only a 2.x asks for a credential here. A proxy may do so too.
        401 | 403 => {
            let challenge = headers.get(WWW_AUTHENTICATE);
            return Err(Fault::Refused {
                wants_basic: challenge.is_some_and(|value| value.as_bytes().starts_with(b"Basic")),
            });
        }
        429 | 500.. => return Err(Fault::Failing { status }),
        _ => return Err(not_kestra()),
    }
    let configs: Configs = serde_json::from_slice(&body).map_err(|_| not_kestra())?;
    let secrets = held.secrets();
    let configs = Configs {
        version: cut::text(&cut::clean(configs.version.trim(), secrets), VERSION).0,
        url: configs.url.filter(|url| url.len() <= ADDRESS),
        ..configs
    };
    let line = match (kestra.line, Line::of_version(&configs.version)) {
        (Some(line), _) | (None, Ok(line)) => line,
        (None, Err(Some(closest))) => {
            return Err(Fault::Unsupported {
                version: configs.version.into(),
                closest,
            });
        }
        (None, Err(None)) => return Err(not_kestra()),
    };
    let edition = match configs.edition.as_deref() {
        Some("EE") => Edition::Enterprise,
        _ => Edition::OpenSource,
    };
    let ui = configs.url.as_deref().and_then(ui::said);
    Ok(Arc::new(Server {
        version: configs.version,
        edition,
        line,
        ui,
    }))
}

/// Tells the log of a server that was not known before, or is another one now.
fn tell(kestra: &Kestra, server: &Server) {
    tracing::info!(
        line = server.line.as_str(),
        edition = server.edition.as_str(),
        "found Kestra"
    );
    if let Some(refusal) = refusal::of_tenant(&kestra.tenant, server.edition) {
        tracing::warn!(
            cause = refusal.found,
            remedy = refusal.remedy,
            "Kestra does not have the configured tenant"
        );
    }
}
