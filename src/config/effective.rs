//! Every setting as it holds in the end, and where that was said.

use super::raw::{Key, NAMES, Settings};
use super::{Config, Credential, DEFAULT_LOG};

/// One setting as it holds. Of a secret it says only that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// As `table.key` of the file, or the variable where the file has no key for it.
    pub name: String,
    /// What holds.
    pub value: String,
    /// Where it was said; `default` where nowhere.
    pub source: String,
}

/// All settings, in the order of the documentation.
pub(super) fn of(settings: &Settings, config: &Config) -> Vec<Effective> {
    NAMES
        .iter()
        .filter_map(|names| {
            let name = match (names.file, names.variables) {
                (Some((table, key)), _) => format!("{table}.{key}"),
                (None, [variable, ..]) => (*variable).to_owned(),
                (None, []) => return None,
            };
            let setting = settings.get(&names.key);
            let text = setting.map(|setting| setting.text.trim().to_owned());
            let value = value(names.key, text, config)?;
            let source =
                setting.map_or_else(|| "default".to_owned(), |setting| setting.place.to_string());
            Some(Effective {
                name,
                value,
                source,
            })
        })
        .collect()
}

/// What holds; none for what is neither set nor has a default.
fn value(key: Key, text: Option<String>, config: &Config) -> Option<String> {
    let kestra = &config.kestra;
    let unused = matches!(
        kestra.credential,
        Credential::Token {
            over_basic: true,
            ..
        }
    );
    match key {
        Key::Url => Some(
            kestra
                .base
                .as_ref()
                .map_or_else(|| "not set".to_owned(), ToString::to_string),
        ),
        Key::Tenant => Some(kestra.tenant.to_string()),
        Key::Token => text.map(|_| "set".to_owned()),
        Key::Password => text.map(|_| {
            let unused = if unused { ", not used" } else { "" };
            format!("set{unused}")
        }),
        Key::Username if unused => text.map(|text| format!("{text}, not used")),
        Key::Username | Key::TokenFile | Key::PasswordFile | Key::CaFile | Key::Transport => text,
        Key::VerifySsl => Some(text.unwrap_or_else(|| "true".to_owned())),
        Key::Version => Some(text.unwrap_or_else(|| "asked of the server".to_owned())),
        Key::Log => Some(text.unwrap_or_else(|| DEFAULT_LOG.to_owned())),
        Key::ReadOnly => Some(text.unwrap_or_else(|| "false".to_owned())),
        key if key.is_secret() => text.map(|_| "set".to_owned()),
        // Of use over HTTP alone: shown where they were said.
        _ => text,
    }
}
