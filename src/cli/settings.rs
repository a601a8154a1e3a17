//! The settings in effect, for a person.

use std::fmt::Write as _;

use crate::config::{Config, Effective, Transport};

/// For whom they were checked, then one line for each setting: name, value, source.
pub(super) fn text(config: &Config) -> String {
    let settings = &config.effective;
    let transport = match config.http {
        Some(_) => Transport::Http,
        None => Transport::Stdio,
    };
    let wide = |of: fn(&Effective) -> &str| {
        let widths = settings.iter().map(|setting| of(setting).chars().count());
        widths.max().unwrap_or_default()
    };
    let (name, value) = (wide(|one| &one.name), wide(|one| &one.value));
    let mut text = format!("Checked for {}\n", transport.described());
    for one in settings {
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{:name$}  {:value$}  ({})",
            one.name, one.value, one.source
        );
    }
    text
}
