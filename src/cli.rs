//! The command line.

mod arguments;
mod keys;
mod manual;
pub mod memory;
mod output;
mod serving;
mod settings;
mod tools;

use std::io::Write;

use arguments::{Command, ConfigCommand, command, parsed};
use keys::KeysCommand;
use output::{failed, listed, misused, print, warn};
use serving::{Failure, local, serve};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::app;
use crate::auth::Network;
use crate::clock::Clock;
use crate::config::{Config, Environment, Flags, Storage, Transport, schema};
use crate::doctor;
use crate::telemetry::Start;
use crate::tool::Line;

pub use output::Exit;

/// The hint for a run without a command that lacks the settings of `serve`.
const WITHOUT: &str = "Without a command it serves many people over HTTP. For one client on \
standard input and output: kestra-mcp stdio\n";

/// The hint for a check of `serve` that did not name it.
const NAMED: &str = "Checked for kestra-mcp serve. For one client on standard input and output: \
kestra-mcp config check stdio\n";

/// The three streams of a process, and its log.
#[derive(Debug)]
pub struct Streams<R, W, E> {
    /// Standard input.
    pub input: R,
    /// Standard output.
    pub output: W,
    /// Standard error.
    pub errors: E,
    /// Starts the log of the whole process: [`telemetry::start`](crate::telemetry::start), but in tests,
    /// which share one.
    pub log: Start,
}

/// The version of this program, and the release lines of Kestra it supports.
pub fn version() -> String {
    let lines: Vec<&str> = Line::ALL.iter().map(|line| line.as_str()).collect();
    format!(
        "kestra-mcp {} (Kestra {})",
        env!("CARGO_PKG_VERSION"),
        lines.join(", ")
    )
}

/// The transport whose settings the command reads; none if it reads those of both.
fn transport(
    command: Option<&Command>,
    flags: &Flags,
    environment: &Environment,
) -> Option<Transport> {
    match command {
        Some(Command::Stdio) => Some(Transport::Stdio),
        Some(Command::Serve) => Some(Transport::Http),
        Some(Command::Config(ConfigCommand::Check {
            command: Some(command),
        })) => Some(command.transport()),
        None | Some(Command::Config(ConfigCommand::Check { command: None })) => {
            let (config, _) = Config::read(flags, environment, None);
            Some(config.transport.unwrap_or(Transport::Http))
        }
        Some(_) => None,
    }
}

/// Runs the command of `arguments`, the first of which is the program's name.
pub async fn run<R, W, E>(
    arguments: impl IntoIterator<Item = String>,
    environment: &Environment,
    streams: Streams<R, W, E>,
) -> Exit
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
    E: Write,
{
    let Streams {
        input,
        mut output,
        mut errors,
        log,
    } = streams;
    let arguments = match parsed(arguments) {
        Ok(arguments) => arguments,
        Err(wrong) if wrong.use_stderr() => return misused(&mut errors, &wrong.to_string()),
        Err(help) => return print(&mut output, &help.to_string()).await,
    };
    if arguments.version {
        return print(&mut output, &format!("{}\n", version())).await;
    }
    if let Some(Command::Keys(command)) = arguments.command {
        return of_keys(
            command,
            &arguments.flags,
            environment,
            &mut output,
            &mut errors,
        )
        .await;
    }
    if let Some(Command::Config(ConfigCommand::Schema)) = arguments.command {
        return print(&mut output, &format!("{:#}\n", schema())).await;
    }
    let transport = transport(arguments.command.as_ref(), &arguments.flags, environment);
    let setup = app::configure(&arguments.flags, environment, transport);
    match arguments.command {
        Some(Command::Tools(options)) => {
            return print(&mut output, &tools::text(options)).await;
        }
        Some(Command::Completions { shell }) => {
            return print(&mut output, &manual::completions(shell, command())).await;
        }
        Some(Command::Man) => {
            return print(&mut output, &manual::page(command())).await;
        }
        Some(Command::Doctor) => {
            let config = setup.map(|setup| setup.config);
            let outside = Network::internet();
            let report = doctor::examine(config, environment, Clock::System, &outside).await;
            let printed = print(&mut output, &report.to_string()).await;
            return if report.failed() {
                Exit::Failed
            } else {
                printed
            };
        }
        Some(Command::Stdio | Command::Serve | Command::Keys(_) | Command::Config(_)) | None => {}
    }
    let setup = match setup {
        Ok(setup) => setup,
        Err(faults) => {
            let serves_one = transport == Some(Transport::Stdio)
                && !matches!(arguments.command, Some(Command::Config(_)));
            let withheld = app::withheld(&arguments.flags, environment, &faults);
            if let Some(config) = withheld.filter(|_| serves_one) {
                return match local(&config, log, input, output).await {
                    Ok(()) => Exit::Done,
                    Err(error) => failed(&mut errors, &*error),
                };
            }
            let text = listed(&faults) + hint(arguments.command.as_ref(), transport);
            return misused(&mut errors, &text);
        }
    };
    let config = &setup.config;
    if matches!(arguments.command, Some(Command::Config(_))) {
        for warning in &config.warnings {
            warn(&mut errors, &format!("warning: {warning}\n"));
        }
        return print(&mut output, &settings::text(config)).await;
    }
    let ended = if transport == Some(Transport::Http) {
        serve(setup, log).await
    } else {
        local(config, log, input, output).await
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(error) => failed(&mut errors, &*error),
    }
}

/// A hint, in case another command was meant.
const fn hint(command: Option<&Command>, transport: Option<Transport>) -> &'static str {
    match (command, transport) {
        (None, _) => WITHOUT,
        (Some(Command::Config(ConfigCommand::Check { command: None })), Some(Transport::Http)) => {
            NAMED
        }
        _ => "",
    }
}

/// A command about keys.
async fn of_keys(
    command: KeysCommand,
    flags: &Flags,
    environment: &Environment,
    output: &mut (impl AsyncWrite + Unpin),
    errors: &mut impl Write,
) -> Exit {
    let outcome = match command {
        KeysCommand::Generate => keys::generated().map_err(Failure::from),
        KeysCommand::Storage(command) => match Storage::read(flags, environment) {
            Ok(storage) => keys::done(command, &storage).await.map_err(Failure::from),
            Err(faults) => return misused(errors, &listed(&faults)),
        },
    };
    match outcome {
        Ok(outcome) => {
            let printed = print(output, &outcome.text).await;
            if outcome.well { printed } else { Exit::Failed }
        }
        Err(error) => failed(errors, &*error),
    }
}
