//! Completions for shells, and the manual page.

use std::io;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::config;

/// The options of all commands that matter to a command, and a note on what it reads.
struct Use {
    /// The command, with the one above it.
    command: &'static str,
    /// The ids of the options.
    options: &'static [&'static str],
    /// For the manual page.
    note: &'static str,
}

const NO_SETTING: &str = "Reads no setting: neither options above nor ENVIRONMENT matter to it.";
const STORAGE: &[&str] = &["config", "env-file", "data-dir"];
const OF_STORAGE: &str = "Of the options above it takes --config, --env-file and --data-dir, of \
    ENVIRONMENT it reads what names the database and its keys: KESTRA_MCP_DATA_DIR, \
    KESTRA_TOKEN_STORE, ENCRYPTION_KEYS and ENCRYPTION_KEY, their files, and KESTRA_MCP_CONFIG.";

/// All other commands take and read everything.
const USES: &[Use] = &[
    Use::none("tools"),
    Use::none("completions"),
    Use::none("man"),
    Use::none("help"),
    Use::none("config schema"),
    Use::none("keys generate"),
    Use::storage("keys status"),
    Use::storage("keys rewrap"),
    Use::storage("keys rotate-signing"),
];

impl Use {
    const fn none(command: &'static str) -> Self {
        Self {
            command,
            options: &[],
            note: NO_SETTING,
        }
    }

    const fn storage(command: &'static str) -> Self {
        Self {
            command,
            options: STORAGE,
            note: OF_STORAGE,
        }
    }

    fn of(command: &str) -> Option<&'static Self> {
        USES.iter().find(|one| one.command == command)
    }
}

/// The name of a command that was built, without that of the program.
fn words(command: &Command) -> &str {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    name.split_once(' ').map_or(name, |(_, words)| words)
}

/// A command that was built: of the options of all commands each shows those that matter to it.
pub(super) fn without_idle_options(command: Command) -> Command {
    let of = Use::of(words(&command));
    let command = command.mut_subcommands(without_idle_options);
    let Some(of) = of else {
        return command;
    };
    command.mut_args(|argument| {
        let idle = argument.is_global_set() && !of.options.contains(&argument.get_id().as_str());
        if idle { argument.hide(true) } else { argument }
    })
}

/// A script for `shell`.
pub(super) fn completions(shell: Shell, mut command: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "kestra-mcp", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page in roff, for section 1: the options of all commands, each command with its
/// own, the environment.
pub(super) fn page(command: Command) -> String {
    let mut command = command.version(env!("CARGO_PKG_VERSION"));
    command.build();
    let whole = Man::new(command.clone());
    let mut page = Page::default();
    for part in [
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_options_section,
    ] {
        page.section(&whole, part);
    }
    page.control("SH", "COMMANDS");
    for below in command.get_subcommands() {
        // What it prints stands here.
        if below.get_name() != "help" {
            page.command(below);
        }
    }
    page.environment();
    format!("{}{}", Roff::new().render(), page.0)
}

/// What `clap_mangen` makes of a part of a command.
type Part = fn(&Man, &mut dyn io::Write) -> io::Result<()>;

/// Roff, without the preamble that stands once above all.
#[derive(Default)]
struct Page(String);

impl Page {
    fn push(&mut self, text: &str) {
        let preamble = Roff::new().render();
        self.0 += text.strip_prefix(&preamble).unwrap_or(text);
    }

    fn control(&mut self, name: &str, argument: &str) {
        let arguments = (!argument.is_empty()).then_some(argument);
        self.push(&Roff::new().control(name, arguments).render());
    }

    fn text(&mut self, text: impl Into<Vec<Inline>>) {
        self.push(&Roff::new().text(text).render());
    }

    fn section(&mut self, of: &Man, part: Part) {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = part(of, &mut text);
        self.push(&String::from_utf8_lossy(&text));
    }

    /// A section without its heading.
    fn paragraph(&mut self, of: &Man, part: Part) {
        let mut section = Self::default();
        section.section(of, part);
        let body = section.0.split_once('\n').map(|(_, body)| body);
        self.control("PP", "");
        self.push(body.unwrap_or_default());
    }

    /// A command with its own options, or the commands below it.
    fn command(&mut self, command: &Command) {
        if command.has_subcommands() {
            for below in command.get_subcommands() {
                if below.get_name() != "help" {
                    self.command(below);
                }
            }
            return;
        }
        let own = command.clone().mut_args(|argument| {
            let elsewhere = argument.is_global_set() || argument.get_id() == "help";
            argument.hide(elsewhere)
        });
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        let options = own.get_arguments().any(|argument| !argument.is_hide_set());
        self.control("SS", name);
        let own = Man::new(own);
        self.paragraph(&own, Man::render_description_section);
        self.paragraph(&own, Man::render_synopsis_section);
        if options {
            self.paragraph(&own, Man::render_options_section);
        }
        self.control("PP", "");
        let note = Use::of(words(command)).map_or(
            "Takes every option above and reads every variable of ENVIRONMENT.",
            |of| of.note,
        );
        self.text([roman(note)]);
    }

    /// Every variable: its meaning, its flag and its key in the file.
    fn environment(&mut self) {
        self.control("SH", "ENVIRONMENT");
        self.text([roman(
            "An empty variable counts as absent. Flags win over the environment, the environment over a file that --env-file names, and that over the configuration file.",
        )]);
        for setting in config::documented().filter(|one| !one.variables().is_empty()) {
            let key = setting.file_key().map(|key| format!("in the file {key}"));
            let others: Vec<String> = setting.option().into_iter().chain(key).collect();
            let meaning = setting.meaning().replace('`', "");
            self.control("TP", "");
            self.text([bold(setting.variables().join(", "))]);
            self.text([roman(if others.is_empty() {
                meaning
            } else {
                format!("{meaning} [{}]", others.join(", "))
            })]);
        }
    }
}
