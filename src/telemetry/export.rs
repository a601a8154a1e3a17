//! Spans to an OpenTelemetry collector (OTLP over HTTP). They carry ids, names and durations; what
//! is logged inside them stays here.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use thiserror::Error;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

/// For one batch to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a collector's answer.
const ANSWER: usize = 64 << 10;

/// Why spans cannot be sent.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no async runtime.
    #[error("spans can be sent from within a runtime alone")]
    Runtime(#[from] tokio::runtime::TryCurrentError),
    /// The client cannot be built.
    #[error("no client for spans can be built")]
    Client(#[from] reqwest::Error),
    /// The exporter cannot be built.
    #[error("no exporter of spans can be built")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Spans that wait to be sent.
#[derive(Clone, Debug)]
pub struct Exports(SdkTracerProvider);

impl Exports {
    /// Sends pending spans and stops. It blocks for a moment.
    pub fn end(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Sends for the exporter's thread, which has no runtime of its own.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = request.try_into()?;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let mut response = client.execute(request).await?;
            let mut body = Vec::new();
            while let Some(part) = response.chunk().await? {
                if body.len() + part.len() > ANSWER {
                    break;
                }
                body.extend_from_slice(&part);
            }
            Ok::<_, reqwest::Error>((response.status(), body))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body.into())?)
    }
}

/// A client for nothing else.
fn client(collector: &Url) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE);
    // Reading the machine's certificates takes milliseconds.
    if collector.scheme() == "http" {
        builder.tls_certs_only([]).build()
    } else {
        builder.build()
    }
}

/// Where spans are posted: below the path of a collector, unless a whole path was given.
fn traces(collector: &Url) -> Url {
    let mut url = collector.clone();
    if !url.path().ends_with("/v1/traces") {
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    url
}

/// Whether a collector hears of something: of the spans of this crate.
fn is_told(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("kestra_mcp")
}

/// What sends spans to `collector`, and the layer that hands them over.
pub(super) fn layer<S>(collector: &Url) -> Result<(Exports, impl Layer<S>), ExportError>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let sender = Sender {
        client: client(collector)?,
        runtime: tokio::runtime::Handle::try_current()?,
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_shared_http_client(Arc::new(sender))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces(collector))
        .with_timeout(PATIENCE)
        .build()?;
    let resource = Resource::builder().with_service_name("kestra-mcp").build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("kestra-mcp"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_told));
    Ok((Exports(provider), layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_below_the_path_of_a_collector() {
        for (given, there) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://a.example/otlp/",
                "https://a.example/otlp/v1/traces",
            ),
            ("https://a.example/v1/traces", "https://a.example/v1/traces"),
        ] {
            assert_eq!(traces(&given.parse().unwrap()).as_str(), there);
        }
    }
}
