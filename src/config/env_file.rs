//! The file that `--env-file` names.

use std::path::Path;

use super::dotenv;
use super::environment::{Environment, read};
use super::fault::Fault;
use super::nearest::nearest;
use super::said::Said;
use super::settings;
use super::settings::files::CONFIG;

/// The variables of the file at `path`. Lines that cannot be read are faults, and the others count all
/// the same, so that few other faults follow.
pub(super) fn variables(path: &Path, said: &mut Said, faults: &mut Vec<Fault>) -> Environment {
    let mut fault = |problem: String| {
        let remedy = "name a file of VARIABLE=value lines, values with quotes or `#` in them in single \
                      quotes";
        faults.push(Fault::new("--env-file", problem, remedy));
    };
    let text = read(path).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display()))
    });
    let text = match text {
        Ok(text) => text,
        Err(problem) => {
            fault(problem);
            said.lose();
            return Environment::new();
        }
    };
    let (variables, bad) = dotenv::parse(&text);
    for line in bad {
        match line.name.as_deref().and_then(settings::of_variable) {
            Some(setting) => said.refuse(setting),
            None => said.lose(),
        }
        // The line may hold a secret: only its number is shown.
        let (path, number, problem) = (path.display(), line.number, line.problem);
        fault(format!("{path}:{number}: {problem}"));
    }
    variables
}

/// The beginnings of the names of this program's variables.
const OURS: &[&str] = &["KESTRA_", "OIDC_", "ENTRA_", "ENCRYPTION_KEY"];

/// Warnings of variables that look like settings and are not; those that `tables` of the configuration
/// file name hold a secret.
pub(super) fn misspelt(path: &Path, variables: &Environment, tables: &str) -> Vec<String> {
    let known = settings::all().flat_map(|setting| setting.variables);
    let known: Vec<&str> = known.chain(CONFIG.variables).copied().collect();
    let ours = |name: &&String| OURS.iter().any(|start| name.starts_with(start));
    variables
        .keys()
        .filter(ours)
        .filter(|name| !known.contains(&name.as_str()) && !tables.contains(name.as_str()))
        .map(|name| {
            let hint = nearest(name, &known);
            let hint = hint.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            format!("{}: {name} is not a setting{hint}", path.display())
        })
        .collect()
}
