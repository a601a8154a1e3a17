//! The schemes of client apps that redirect URIs may have.

use super::super::scheme::{KNOWN, is_dangerous, is_plain};
use super::super::settings::oauth::REDIRECT_SCHEMES;
use super::context::Check;

const REMEDY: &str =
    "name schemes such as cursor; with + before each to add them to the known ones";

/// The schemes without a dot that clients may have: the known ones, unless others are named.
pub(super) fn schemes(check: &mut Check<'_>) -> Vec<String> {
    let known = || KNOWN.iter().map(|scheme| (*scheme).to_owned());
    let mut all: Vec<String> = Vec::new();
    if let Some(found) = check.found(&REDIRECT_SCHEMES) {
        let named = check.list(&REDIRECT_SCHEMES);
        let added = named.iter().filter(|name| name.starts_with('+')).count();
        if added > 0 && added < named.len() {
            let problem = "adds some schemes and names others without +";
            check.fault(found, problem, REMEDY);
        }
        if added > 0 {
            all.extend(known());
        }
        for name in &named {
            let scheme = name.strip_prefix('+').unwrap_or(name);
            if !is_plain(scheme) {
                check.fault(
                    found,
                    format!("{scheme} is not a scheme in lower case"),
                    REMEDY,
                );
            } else if is_dangerous(scheme) {
                check.fault(
                    found,
                    format!("{scheme} is not the scheme of a client"),
                    REMEDY,
                );
            } else if !all.iter().any(|other| other == scheme) {
                all.push(scheme.to_owned());
            }
        }
    } else {
        all.extend(known());
    }
    check.hold_all(&REDIRECT_SCHEMES, &all, "none");
    all
}
