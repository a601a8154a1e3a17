//! The connection to Kestra, and this server's own questions over it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};

use super::client;
use super::credential::Held;
use super::detector::Fault;
use super::instance::Kestra;
use crate::generated;
use crate::tool::cause::in_words;

/// For one of this server's own questions, such as the version.
const PROBE: Duration = Duration::from_secs(10);
/// Bytes of the answer to one.
const PROBE_BODY: usize = 1 << 20;

/// The answer to one of this server's own questions.
#[derive(Debug)]
pub struct Said {
    /// HTTP status.
    pub status: u16,
    /// As they came.
    pub headers: HeaderMap,
    /// At most a mebibyte.
    pub body: Vec<u8>,
}

impl Kestra {
    /// The shared client. Reading the machine's certificates takes milliseconds, so it is built
    /// off the start, and not at all for a server without TLS.
    pub(super) async fn http(&self) -> Result<reqwest::Client, reqwest::Error> {
        let build = || async {
            let trust = self.trust.clone();
            let proximity = self.proximity;
            if self.address.starts_with("http:") {
                return client::client(proximity, None);
            }
            match tokio::task::spawn_blocking(move || client::client(proximity, Some(&trust))).await
            {
                Ok(client) => client,
                // The runtime ends, or building panicked: once more, here.
                Err(_) => client::client(proximity, Some(&self.trust)),
            }
        };
        self.http.get_or_try_init(build).await.cloned()
    }

    /// One of this server's own questions, as `held`: the probe called `name` in the manifest.
    ///
    /// # Errors
    /// When nothing answers, or something that does not end.
    pub async fn ask(&self, held: &Held, name: &str) -> Result<Said, Fault> {
        let base = self.base.as_deref().unwrap_or_default();
        let mut probes = generated::probes(self.view().line).iter();
        let Some(probe) = probes.find(|probe| probe.name == name) else {
            // The build holds the manifest to the names that are asked.
            return Err(self.not_kestra());
        };
        let path = probe.path(&self.tenant);
        let client = self.http().await.map_err(|error| self.fault(&error))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(authorization) = held.authorization() {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let request = client
            .get(format!("{base}{path}"))
            .headers(headers)
            .timeout(PROBE);
        let mut response = request.send().await.map_err(|error| self.fault(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.fault(&error))? {
            if body.len() + part.len() > PROBE_BODY {
                return Err(self.not_kestra());
            }
            body.extend_from_slice(&part);
        }
        Ok(Said {
            status,
            headers,
            body,
        })
    }

    pub(super) fn not_kestra(&self) -> Fault {
        let address = self.place();
        Fault::NotKestra { address }
    }

    /// Where its API should be: with the base path, for whoever is to mend it.
    fn place(&self) -> Arc<str> {
        Arc::clone(self.base.as_ref().unwrap_or(&self.address))
    }

    fn fault(&self, error: &reqwest::Error) -> Fault {
        if error.is_timeout() && !error.is_connect() {
            return Fault::Silent {
                seconds: PROBE.as_secs(),
            };
        }
        Fault::Unreachable {
            address: Arc::clone(&self.address),
            cause: in_words(error).into(),
        }
    }
}
