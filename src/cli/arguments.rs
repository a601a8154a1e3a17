//! The command line: commands and options.

use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use super::keys::KeysCommand;
use super::{manual, tools};
use crate::config::{Flags, Transport};

/// MCP server for the Kestra workflow orchestrator
///
/// Credentials come from the environment (`KESTRA_API_TOKEN`, or `KESTRA_USERNAME` and
/// `KESTRA_PASSWORD`), from the file that `--env-file` names, or from the files that settings name;
/// never from flags.
#[derive(Debug, Parser)]
#[command(name = "kestra-mcp", disable_version_flag = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) flags: Flags,
    /// Print the version, and the release lines of Kestra it supports
    #[arg(long, short = 'V')]
    pub(super) version: bool,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Serve many people over HTTP, with single sign-on; the default without a command
    Serve,
    /// Serve one client on standard input and output [env: `KESTRA_MCP_TRANSPORT=stdio`]
    Stdio,
    /// List the tools: permission, effect, and the requests to Kestra
    Tools(tools::Options),
    /// Check settings, connections, credential and permissions, and say what to fix
    Doctor,
    /// Check the settings, or print the schema of the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Manage the keys of the HTTP mode
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
pub(super) enum ConfigCommand {
    /// Print every setting with its source, or everything that is wrong
    Check {
        /// The command whose settings to check; otherwise the one that is run without a command
        command: Option<Serving>,
    },
    /// Print the JSON Schema of the configuration file, for editors
    Schema,
}

/// A command that serves.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Serving {
    /// Many people, over HTTP
    Serve,
    /// One client, on standard input and output
    Stdio,
}

impl Serving {
    pub(super) const fn transport(self) -> Transport {
        match self {
            Self::Serve => Transport::Http,
            Self::Stdio => Transport::Stdio,
        }
    }
}

/// The command line, each command with the options that matter to it.
pub(super) fn command() -> clap::Command {
    let mut command = Arguments::command();
    command.build();
    manual::without_idle_options(command)
}

/// Parses the command line.
pub(super) fn parsed(
    arguments: impl IntoIterator<Item = String>,
) -> Result<Arguments, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}
