//! The sources of settings, read from the weakest to the strongest.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::fault::Fault;
use super::file::{Nested, file};
use super::flags::Flags;
use super::place::{Found, Place, Source};
use super::said::Said;
use super::settings::files::CONFIG;
use super::{env_file, settings};

/// Everything that the sources say.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) said: Said,
    /// Tables of the file that hold tables.
    pub(super) nested: Nested,
    /// The variables of the process, and below them those of `--env-file`: the configuration file names
    /// some of them.
    pub(super) variables: Environment,
    pub(super) warnings: Vec<String>,
}

impl Gathered {
    /// Whether something is set that only the HTTP mode uses.
    pub(super) fn is_for_http(&self) -> bool {
        self.nested.providers.is_some() || self.nested.clients.is_some() || self.said.is_for_http()
    }
}

/// Reads every source.
pub(super) fn gather(
    flags: &Flags,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Gathered {
    let mut all = Gathered::default();
    if let Some(path) = &flags.env_file {
        all.variables = env_file::variables(path, &mut all.said, faults);
    }
    let named = |variables: &Environment| {
        let mut texts = CONFIG
            .variables
            .iter()
            .filter_map(|name| variables.get(*name));
        texts
            .find(|text| !text.trim().is_empty())
            .map(PathBuf::from)
    };
    let path = flags.config.clone().or_else(|| named(environment));
    if let Some(path) = path.or_else(|| named(&all.variables)) {
        all.nested = file(&path, &mut all.said, faults);
    }
    if let Some(path) = &flags.env_file {
        let tables = [&all.nested.providers, &all.nested.clients];
        let tables: Vec<String> = tables
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        all.warnings = env_file::misspelt(path, &all.variables, &tables.concat());
        from_variables(&all.variables, Some(path), &mut all.said, faults);
    }
    from_variables(environment, None, &mut all.said, faults);
    for setting in settings::all() {
        if let Some((option, text)) = flags.get(setting) {
            let found = Found {
                text: text.to_owned(),
                place: Place::new(option, None),
                source: Source::Flag,
            };
            all.said.put(setting, found);
        }
    }
    all.said.take_placeholders();
    all.variables.extend(environment.clone());
    all
}

fn from_variables(
    variables: &Environment,
    file: Option<&Path>,
    said: &mut Said,
    faults: &mut Vec<Fault>,
) {
    let source = match file {
        Some(_) => Source::EnvFile,
        None => Source::Environment,
    };
    for setting in settings::all() {
        let mut found = setting.variables.iter().filter_map(|name| {
            // IDEs pass an empty text for a field that was left blank.
            let text = variables.get(*name).filter(|text| !text.trim().is_empty());
            Some((*name, text?))
        });
        let Some((name, text)) = found.next() else {
            continue;
        };
        if let Some((other, _)) = found.find(|(_, other)| other.trim() != text.trim()) {
            let problem = format!("differs from {name}, which means the same");
            let remedy = format!("set {name} alone");
            faults.push(Fault::new(Place::new(other, file), problem, remedy));
        }
        let found = Found {
            text: text.clone(),
            place: Place::new(name, file),
            source,
        };
        said.put(setting, found);
    }
}
