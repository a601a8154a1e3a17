//! The whole product in one command: `cargo run --example demo`.
//!
//! Starts a simulated Kestra with sample flows, starts this server as a client would, on standard
//! input and output, talks to it, and prints what to paste into a client of your own.
//! `--kestra URL` does the same with a real Kestra, in a namespace that is removed afterwards.
//! `--http` shows the server for many people instead: sign-in, roles, and everybody's own Kestra
//! token; in a terminal it then goes on, for a client of your own.

#[path = "demo/browser.rs"]
mod browser;
#[path = "demo/clients.rs"]
mod clients;
#[path = "demo/company.rs"]
mod company;
#[path = "demo/show.rs"]
mod show;
#[path = "demo/sign_on.rs"]
mod sign_on;
#[path = "demo/stage.rs"]
mod stage;
#[path = "demo/talk.rs"]
mod talk;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser;
use kestra_mcp::cli::{self, Streams};
use kestra_mcp::{config, telemetry};
use simulator::Dialect;

use company::Company;
use show::line;
use stage::Stage;
use talk::Talk;

/// The first argument of the process that is the server.
const SERVE: &str = "--as-server";

/// Shows kestra-mcp at work
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Arguments {
    /// A real Kestra; with `KESTRA_API_TOKEN`, or `KESTRA_USERNAME` and `KESTRA_PASSWORD`
    #[arg(long, value_name = "URL", conflicts_with = "dialect")]
    kestra: Option<String>,
    /// The version of Kestra to simulate: 1.3, 2.0-dev or 2.0
    #[arg(long, value_parser = dialect, default_value = "2.0")]
    dialect: Dialect,
    /// Serve people over HTTP, with a development identity provider
    #[arg(long, conflicts_with = "kestra")]
    http: bool,
}

fn dialect(text: &str) -> Result<Dialect, String> {
    Dialect::ALL
        .into_iter()
        .find(|dialect| dialect.to_string() == text)
        .ok_or_else(|| "1.3, 2.0-dev or 2.0".to_owned())
}

fn main() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let code = if std::env::args().nth(1).as_deref() == Some(SERVE) {
        runtime.block_on(serve())
    } else {
        let arguments = Arguments::parse();
        match runtime.block_on(demonstrate(arguments)) {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("The demo failed: {error:#}");
                1
            }
        }
    };
    // A read of standard input cannot be taken back, and must not hold the end of the process.
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}

/// What `kestra-mcp stdio` does.
async fn serve() -> u8 {
    let arguments = ["kestra-mcp", "stdio"].map(str::to_owned);
    let streams = Streams {
        input: tokio::io::stdin(),
        output: tokio::io::stdout(),
        errors: std::io::stderr(),
        log: telemetry::start,
    };
    cli::run(arguments, &config::environment(), streams)
        .await
        .code()
}

async fn demonstrate(arguments: Arguments) -> anyhow::Result<()> {
    if arguments.http {
        return serve_people(arguments.dialect).await;
    }
    let stage = match &arguments.kestra {
        Some(url) => Stage::real(url).await?,
        None => Stage::simulated(arguments.dialect).await?,
    };
    line(stage.introduction());
    let ended = tokio::select! {
        ended = conversation(&stage) => ended,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    stage.clear().await;
    ended?;
    line(clients::settings(&stage));
    Ok(())
}

/// The HTTP mode; in a terminal until it is interrupted.
async fn serve_people(dialect: Dialect) -> anyhow::Result<()> {
    let company = Company::start(dialect).await?;
    line(company.introduction());
    let ended = tokio::select! {
        ended = sign_on::show(&company) => ended,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    if ended.is_ok() && std::io::stdout().is_terminal() {
        line(format_args!("\n{}", company.invitation()));
        tokio::signal::ctrl_c().await?;
    }
    company.server.stop().await;
    ended
}

async fn conversation(stage: &Stage) -> anyhow::Result<()> {
    let talk = Talk::start(stage).await?;
    let done = talk.hold(stage.namespace()).await;
    talk.end().await?;
    done
}
