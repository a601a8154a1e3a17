//! Serving, over either transport.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::app;
use crate::auth::Outside;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry::Start;

/// Why serving ended early, or a command failed.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves one client on standard input and output.
pub(super) async fn local<R, W>(
    config: &Config,
    log: Start,
    input: R,
    output: W,
) -> Result<(), Failure>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    log(&config.log, None)?;
    Ok(app::stdio(config, Clock::System, input, output).await?)
}

/// Serves over HTTP until the process gets a signal to end, on threads of its own: standard input and
/// output need one, many people need all.
pub(super) async fn serve(setup: app::Setup, log: Start) -> Result<(), Failure> {
    let serving = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async move {
            let http = setup.config.http.as_ref();
            let collector = http.and_then(|http| http.listen.otlp.as_ref());
            let exports = log(&setup.config.log, collector)?;
            let outside = Outside::internet();
            let running = app::http::start(&setup, Clock::System, outside).await?;
            running.announce();
            tokio::spawn(running.look_at_providers());
            app::http::asked_to_end().await;
            running.stop().await;
            if let Some(exports) = exports {
                exports.end();
            }
            Ok::<(), Failure>(())
        })
    };
    tokio::task::spawn_blocking(serving).await?
}
