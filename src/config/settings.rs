//! Every setting, in the order in which `config check` and the documentation list them.

pub(super) mod credentials;
mod declare;
pub(super) mod files;
pub(super) mod http;
pub(super) mod kestra;
pub(super) mod mcp;
pub(super) mod oauth;
pub(super) mod oidc;
pub(super) mod provider;
pub(super) mod storage;
pub(super) mod tables;

use super::setting::Setting;

/// All settings but those that name the files.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    let parts = [
        kestra::ALL,
        mcp::ALL,
        http::ALL,
        credentials::ALL,
        storage::ALL,
        oauth::ALL,
        oidc::ALL,
    ];
    parts.into_iter().flatten().copied()
}

/// All settings, those that name the files last.
pub fn documented() -> impl Iterator<Item = &'static Setting> {
    all().chain(files::ALL.iter().copied())
}

/// The keys of `[[identity_provider]]`, with those of the tables within.
pub fn of_provider() -> Vec<(String, &'static Setting)> {
    let mut all = Vec::new();
    for setting in provider::PROVIDER {
        all.push((setting.name.to_owned(), *setting));
        if let super::setting::Kind::Tables(inner) = setting.kind {
            let inner = inner.iter().copied();
            all.extend(inner.map(|inner| (format!("{}.{}", setting.name, inner.name), inner)));
        }
    }
    all
}

/// The setting of a variable.
pub(super) fn of_variable(name: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.variables.contains(&name))
}
