//! The options that set something: of the command line, for every command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::setting::Setting;
use super::settings::files::{CONFIG, ENV_FILE};
use super::settings::{all, files};

/// What the command line sets. No secret has an option: other users can list command lines.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The file of variables.
    pub env_file: Option<PathBuf>,
    /// The text of each other option, by its name without the dashes; see [`Flags::with`].
    pub texts: BTreeMap<&'static str, String>,
}

impl Flags {
    /// These with `text` for the option `--long`; an option that no setting has changes nothing.
    #[must_use]
    pub fn with(mut self, long: &str, text: &str) -> Self {
        let mut flags = all().filter_map(|setting| setting.flag);
        if let Some(flag) = flags.find(|flag| flag.long == long) {
            self.texts.insert(flag.long, text.to_owned());
        }
        self
    }

    /// The text for `setting`, and the option as it is written.
    pub(super) fn get(&self, setting: &Setting) -> Option<(String, &str)> {
        let text = self.texts.get(setting.flag?.long)?;
        Some((setting.option()?, text))
    }
}

/// The option of a setting.
fn option(setting: &Setting) -> Option<Arg> {
    let flag = setting.flag?;
    let variable = setting.variables.first();
    let variable = variable.map_or_else(String::new, |name| format!(" [env: {name}]"));
    let option = Arg::new(flag.long)
        .long(flag.long)
        .global(true)
        .help(format!("{}{variable}", flag.help));
    Some(match flag.value {
        Some(value) => option.value_name(value),
        None => option.action(ArgAction::SetTrue),
    })
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let files = files::ALL.iter().copied().filter_map(option);
        let files = files.map(|option| option.value_parser(value_parser!(PathBuf)));
        command.args(files).args(all().filter_map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let file = |setting: &Setting| matches.get_one::<PathBuf>(setting.flag?.long).cloned();
        let text = |setting: &Setting| {
            let flag = setting.flag?;
            let text = match flag.value {
                Some(_) => matches.get_one::<String>(flag.long)?.clone(),
                None if matches.get_flag(flag.long) => true.to_string(),
                None => return None,
            };
            Some((flag.long, text))
        };
        Ok(Self {
            config: file(&CONFIG),
            env_file: file(&ENV_FILE),
            texts: all().filter_map(text).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
