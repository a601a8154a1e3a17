//! The command line.

mod keys;
mod manual;
pub mod memory;
mod settings;
mod tools;

use std::io::Write;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use keys::KeysCommand;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::app;
use crate::auth::Network;
use crate::clock::Clock;
use crate::config::{Config, Environment, Faults, Flags, Kept, Transport};
use crate::doctor;
use crate::secret::visible;
use crate::telemetry;
use crate::tool::Line;

/// MCP server for the Kestra workflow orchestrator
///
/// Credentials come from the environment (`KESTRA_API_TOKEN`, or `KESTRA_USERNAME` and
/// `KESTRA_PASSWORD`), from the file that `--env-file` names, or from the files that settings name;
/// never from flags.
#[derive(Debug, Parser)]
#[command(name = "kestra-mcp", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
    /// Print the version and the lines of Kestra that it speaks
    #[arg(long, short = 'V')]
    version: bool,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Serve many people over HTTP, with single sign-on; what happens without a command
    Serve,
    /// Serve one client on standard input and output [env: `KESTRA_MCP_TRANSPORT=stdio`]
    Stdio,
    /// List the tools: permission, effect, and the requests to Kestra
    Tools(tools::Options),
    /// Check settings, connections, credential and rights, and say what to mend
    Doctor,
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The keys of the HTTP mode
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print a script that completes this command in a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Print every setting with its source, or all that is wrong
    Check {
        /// The command whose settings to check; otherwise the one that is run without a command
        command: Option<Serving>,
    },
}

/// A command that serves.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Serving {
    /// Many people, over HTTP
    Serve,
    /// One client, on standard input and output
    Stdio,
}

impl Serving {
    const fn transport(self) -> Transport {
        match self {
            Self::Serve => Transport::Http,
            Self::Stdio => Transport::Stdio,
        }
    }
}

/// For whoever named no command and has none of the settings of the one that is run then.
const WITHOUT: &str = "Without a command it serves many people over HTTP. For one client on \
standard input and output: kestra-mcp stdio\n";

/// For whoever checked the settings of a command that was not named.
const NAMED: &str = "Checked for kestra-mcp serve. For one client on standard input and output: \
kestra-mcp config check stdio\n";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// Something failed.
    Failed,
    /// The command line or the configuration is wrong.
    Misused,
}

impl Exit {
    /// As a process says it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
        }
    }
}

/// The three streams of a process.
#[derive(Debug)]
pub struct Streams<R, W, E> {
    /// Standard input.
    pub input: R,
    /// Standard output.
    pub output: W,
    /// Where people are told what is wrong. Logging goes to the process's own stderr.
    pub errors: E,
}

/// The version of this program and the lines of Kestra that it speaks.
pub fn version() -> String {
    let lines: Vec<&str> = Line::ALL.iter().map(|line| line.as_str()).collect();
    format!(
        "kestra-mcp {} (Kestra {})",
        env!("CARGO_PKG_VERSION"),
        lines.join(", ")
    )
}

/// The transport whose settings the command reads; none where it reads those of both.
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
        Some(
            Command::Stdio
            | Command::Serve
            | Command::Keys(_)
            | Command::Config(ConfigCommand::Check { .. }),
        )
        | None => {}
    }
    let setup = match setup {
        Ok(setup) => setup,
        Err(faults) => {
            let serves_one = transport == Some(Transport::Stdio)
                && !matches!(arguments.command, Some(Command::Config(_)));
            let withheld = app::withheld(&arguments.flags, environment, &faults);
            if let Some(config) = withheld.filter(|_| serves_one) {
                return match local(&config, input, output).await {
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
            tell(&mut errors, &format!("warning: {warning}\n"));
        }
        return print(&mut output, &settings::text(config)).await;
    }
    let ended = if transport == Some(Transport::Http) {
        serve(setup).await
    } else {
        local(config, input, output).await
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(error) => failed(&mut errors, &*error),
    }
}

/// What is said to whoever may have meant another command.
const fn hint(command: Option<&Command>, transport: Option<Transport>) -> &'static str {
    match (command, transport) {
        (None, _) => WITHOUT,
        (Some(Command::Config(ConfigCommand::Check { command: None })), Some(Transport::Http)) => {
            NAMED
        }
        _ => "",
    }
}

/// The command line as it is understood, each command with the options that matter to it.
fn command() -> clap::Command {
    let mut command = Arguments::command();
    command.build();
    manual::without_idle_options(command)
}

fn parsed(arguments: impl IntoIterator<Item = String>) -> Result<Arguments, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// A command about keys.
async fn of_keys(
    command: KeysCommand,
    flags: &Flags,
    environment: &Environment,
    output: &mut (impl AsyncWrite + Unpin),
    errors: &mut impl Write,
) -> Exit {
    let told = match command {
        KeysCommand::Generate => keys::generated().map_err(Failure::from),
        KeysCommand::Kept(command) => match Kept::read(flags, environment) {
            Ok(kept) => keys::done(command, &kept).await.map_err(Failure::from),
            Err(faults) => return misused(errors, &listed(&faults)),
        },
    };
    match told {
        Ok(told) => {
            let printed = print(output, &told.text).await;
            if told.well { printed } else { Exit::Failed }
        }
        Err(error) => failed(errors, &*error),
    }
}

/// Tells of `error` with its causes.
fn failed(errors: &mut impl Write, error: &(dyn std::error::Error + 'static)) -> Exit {
    let mut text = format!("kestra-mcp: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    tell(errors, &format!("{text}\n"));
    Exit::Failed
}

/// Why serving ended before its time.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves one client on standard input and output.
async fn local<R, W>(config: &Config, input: R, output: W) -> Result<(), Failure>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    telemetry::start(&config.log, None)?;
    Ok(app::stdio(config, Clock::System, input, output).await?)
}

/// Serves over HTTP until the process is told to end, on threads of its own: standard input and
/// output need one, many people need all.
async fn serve(setup: app::Setup) -> Result<(), Failure> {
    let serving = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async move {
            let http = setup.config.http.as_ref();
            let collector = http.and_then(|http| http.listen.otlp.as_ref());
            let exports = telemetry::start(&setup.config.log, collector)?;
            let outside = Network::internet();
            let running = app::http::start(&setup, Clock::System, outside).await?;
            running.announce();
            tokio::spawn(running.look_at_providers());
            app::http::told_to_end().await;
            running.stop().await;
            if let Some(exports) = exports {
                exports.end();
            }
            Ok::<(), Failure>(())
        })
    };
    tokio::task::spawn_blocking(serving).await?
}

/// Everything that is wrong, a line each.
fn listed(faults: &Faults) -> String {
    let lines: Vec<String> = faults
        .0
        .iter()
        .map(|fault| format!("  {fault}\n"))
        .collect();
    format!("{faults}:\n{}", lines.concat())
}

/// A stream of errors that is closed leaves the exit code to say it.
fn tell(errors: &mut impl Write, text: &str) {
    let _ = errors
        .write_all(visible(text).as_bytes())
        .and_then(|()| errors.flush());
}

fn misused(errors: &mut impl Write, text: &str) -> Exit {
    tell(errors, &format!("kestra-mcp: {text}"));
    Exit::Misused
}

async fn print(output: &mut (impl AsyncWrite + Unpin), text: &str) -> Exit {
    let written = output.write_all(visible(text).as_bytes()).await;
    match written.and(output.flush().await) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failed,
    }
}
