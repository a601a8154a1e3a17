//! From texts to a [`Config`]: each rule once, all faults together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use tracing_subscriber::filter::Targets;
use url::Url;

use super::raw::Key;
use super::settings::{Setting, Settings, truth};
use super::{Config, Credential, DEFAULT_LOG, Fault, Kestra, Place, Transport, Trust, read};
use crate::secret::Secret;
use crate::tool::memory::Budget;
use crate::tool::{Access, Line};

/// Bytes of memory for answers: from one of 1 MiB and more, to what a large machine has.
const MEMORY: std::ops::RangeInclusive<u64> = 4 << 20..=64 << 30;

/// Seconds of a wait without progress: what a call may ask for.
const QUIET_WAIT: std::ops::RangeInclusive<u64> = 0..=300;
/// Seconds for which a call may be the repetition of another.
const REPEAT: std::ops::RangeInclusive<u64> = 0..=3600;

/// Checks every setting; what is returned is of use only when `faults` stayed empty.
pub(super) fn check(settings: &Settings, faults: &mut Vec<Fault>) -> Config {
    let address = settings
        .get(Key::Url)
        .and_then(|setting| address(setting, faults));
    let (base, in_address) = match address {
        Some(Address { base, tenant }) => (Some(base), tenant),
        None => (None, None),
    };
    let credential = credential(settings, faults);
    Config {
        transport: transport(settings, faults),
        kestra: Kestra {
            base,
            ui: settings
                .get(Key::UiUrl)
                .and_then(|setting| ui(setting, faults)),
            tenant: tenant(settings, in_address, faults),
            credential_from: credential_from(settings, &credential),
            credential,
            trust: trust(settings, faults),
            line: line(settings, faults),
            access: access(settings, faults),
            memory: number(settings, Key::Memory, MEMORY, faults)
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(Budget::DEFAULT),
            withheld: Vec::new(),
            quiet_wait: Duration::from_secs(
                number(settings, Key::QuietWait, QUIET_WAIT, faults).unwrap_or(50),
            ),
            repeat: Duration::from_secs(
                number(settings, Key::Repeat, REPEAT, faults).unwrap_or(120),
            ),
        },
        log: log(settings, faults),
        effective: Vec::new(),
        file: None,
        roles: BTreeMap::new(),
        given: Vec::new(),
        warnings: Vec::new(),
        placeholders: Vec::new(),
        http: None,
    }
}

pub(super) fn fault(
    setting: &Setting,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> Fault {
    Fault {
        place: setting.place.to_string(),
        problem: problem.into(),
        remedy: remedy.into(),
    }
}

fn log(settings: &Settings, faults: &mut Vec<Fault>) -> String {
    let Some(setting) = settings.get(Key::Log) else {
        return DEFAULT_LOG.to_owned();
    };
    if setting.text.parse::<Targets>().is_err() {
        let remedy = "write it like warn,kestra_mcp=info";
        faults.push(fault(setting, "is not a filter", remedy));
    }
    setting.text.clone()
}

/// A whole number within `range`; what is outside becomes a fault.
pub(super) fn number(
    settings: &Settings,
    key: Key,
    range: std::ops::RangeInclusive<u64>,
    faults: &mut Vec<Fault>,
) -> Option<u64> {
    let setting = settings.get(key)?;
    let number = setting.text.trim().parse::<u64>().ok();
    let fits = number.filter(|number| range.contains(number));
    if fits.is_none() {
        let remedy = format!(
            "set a whole number from {} to {}",
            range.start(),
            range.end()
        );
        faults.push(fault(setting, "is out of range", remedy));
    }
    fits
}

/// A setting of yes or no, and what is safe where it is neither.
pub(super) fn either(
    settings: &Settings,
    key: Key,
    safe: bool,
    faults: &mut Vec<Fault>,
) -> Option<bool> {
    let setting = settings.get(key)?;
    let said = truth(&setting.text);
    if said.is_none() {
        let remedy = "write true (or yes, on, 1) or false (or no, off, 0)";
        faults.push(fault(setting, "is neither true nor false", remedy));
    }
    Some(said.unwrap_or(safe))
}

fn access(settings: &Settings, faults: &mut Vec<Fault>) -> Access {
    match either(settings, Key::ReadOnly, true, faults) {
        Some(true) => Access::ReadOnly,
        None if settings.is_refused(&[Key::ReadOnly]) => Access::ReadOnly,
        Some(false) | None => Access::Full,
    }
}

/// Where the first of `keys` that is set was said.
fn first_place(settings: &Settings, keys: &[Key]) -> Option<Place> {
    let mut found = keys.iter().filter_map(|key| settings.get(*key));
    found.next().map(|setting| setting.place.clone())
}

fn place_of(settings: &Settings, keys: &[Key], name: &str) -> String {
    first_place(settings, keys).map_or_else(|| name.to_owned(), |place| place.to_string())
}

/// Where the parts of `credential` were said.
fn credential_from(settings: &Settings, credential: &Credential) -> Vec<Place> {
    let parts: &[&[Key]] = match credential {
        Credential::None => &[],
        Credential::Token { .. } => &[&[Key::Token, Key::TokenFile]],
        Credential::Basic { .. } => &[&[Key::Username], &[Key::Password, Key::PasswordFile]],
    };
    parts
        .iter()
        .filter_map(|keys| first_place(settings, keys))
        .collect()
}

fn transport(settings: &Settings, faults: &mut Vec<Fault>) -> Option<Transport> {
    let setting = settings.get(Key::Transport)?;
    match setting.text.trim() {
        "stdio" => return Some(Transport::Stdio),
        "http" | "sse" => return Some(Transport::Http),
        _ => {}
    }
    faults.push(fault(
        setting,
        "is not a transport of this program",
        "set it to http or stdio",
    ));
    None
}

/// What an address of Kestra says.
struct Address {
    base: Url,
    tenant: Option<String>,
}

/// What is wrong with an address for which [`has_host`] does not hold.
pub(super) const NO_HOST: &str = "has characters in its host that no host has";

/// Whether what connects reads the host of `url`, too. Browsers take hosts such as `${host}`, and so does
/// [`Url`].
pub(super) fn has_host(url: &Url) -> bool {
    let read = |host: &str| {
        host.parse::<Authority>()
            .is_ok_and(|read| read.host() == host)
    };
    url.host_str().is_some_and(read)
}

const ADDRESS: &str = "give an address such as http://localhost:8080 or \
                       https://kestra.example.com/api/v1/main";

const UI_ADDRESS: &str = "give the address of Kestra's UI, such as https://kestra.example.com";

/// An address of a web server without a secret, a query or a fragment in it.
fn web(setting: &Setting, example: &str, moved: &str, faults: &mut Vec<Fault>) -> Option<Url> {
    let before = faults.len();
    let mut refuse = |problem: &str, remedy: &str| faults.push(fault(setting, problem, remedy));
    let Ok(url) = Url::parse(setting.text.trim()) else {
        refuse("is not a URL", example);
        return None;
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        refuse("is not the URL of a web server", example);
        return None;
    }
    if !has_host(&url) {
        refuse(NO_HOST, example);
    }
    if !url.username().is_empty() || url.password().is_some() {
        refuse("holds a user name or password", moved);
    }
    if url.query().is_some() || url.fragment().is_some() {
        refuse(
            "has a query or a fragment",
            "leave out everything from ? or # on",
        );
    }
    (faults.len() == before).then_some(url)
}

/// Where the UI is, as people open it: with or without `/ui` at its end.
fn ui(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Url> {
    let mut url = web(setting, UI_ADDRESS, "leave them out", faults)?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/ui").unwrap_or(path).to_owned();
    url.set_path(&path);
    Some(url)
}

fn address(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Address> {
    let moved = "move them to KESTRA_USERNAME and KESTRA_PASSWORD";
    let mut base = web(setting, ADDRESS, moved, faults)?;
    let path: Vec<String> = base
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let (prefix, tenant) = match parts.as_slice() {
        [prefix @ .., "api", "v1", tenant] => (prefix, Some((*tenant).to_owned())),
        [prefix @ .., "api", "v1"] | prefix => (prefix, None),
    };
    base.set_path(&prefix.join("/"));
    Some(Address { base, tenant })
}

/// Letters and digits, then also `.`, `_` and `-`: one path segment that no route can be
/// mistaken for.
pub(super) fn is_segment(text: &str) -> bool {
    let mut chars = text.chars();
    text.len() <= 100
        && chars
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && chars.all(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_' | '-'))
        && !text.contains("..")
}

fn tenant(settings: &Settings, in_address: Option<String>, faults: &mut Vec<Fault>) -> Arc<str> {
    let named = settings.get(Key::Tenant);
    let segment = "name a tenant by its id, such as main";
    if let Some(setting) = named {
        let text = setting.text.trim();
        if !is_segment(text) {
            faults.push(fault(setting, "is not a tenant id", segment));
        } else if in_address.as_ref().is_some_and(|other| other != text) {
            faults.push(fault(
                setting,
                "is not the tenant at the end of the address",
                "leave the tenant out of the address",
            ));
        }
        return text.into();
    }
    let Some(tenant) = in_address else {
        return "main".into();
    };
    if let Some(setting) = settings.get(Key::Url).filter(|_| !is_segment(&tenant)) {
        faults.push(fault(
            setting,
            "ends in something that is not a tenant id",
            segment,
        ));
    }
    tenant.into()
}

/// The setting that says a secret, which may be the name of a file: the stronger one.
pub(super) fn said(settings: &Settings, (direct, file): (Key, Key)) -> Option<&Setting> {
    match (settings.get(direct), settings.get(file)) {
        (Some(direct), Some(file)) if direct.source < file.source => Some(file),
        (direct, file) => direct.or(file),
    }
}

/// The secret itself, or what stands in the file that holds it. Both from one source must say the
/// same.
pub(super) fn secret(
    settings: &Settings,
    keys: (Key, Key),
    faults: &mut Vec<Fault>,
) -> Option<Secret> {
    let setting = said(settings, keys)?;
    let direct = settings.get(keys.0);
    let Some(direct) = direct.filter(|direct| direct.place == setting.place) else {
        return of_file(setting, faults);
    };
    let text = Secret::new(direct.text.trim());
    let file = settings.get(keys.1);
    if let Some(file) = file.filter(|file| file.source == direct.source)
        && let Some(other) = of_file(file, faults)
        && other.expose() != text.expose()
    {
        let name = &direct.place.name;
        let problem = format!("names another secret than {name}, which means the same");
        faults.push(fault(file, problem, "leave out the one that is not meant"));
    }
    Some(text)
}

fn of_file(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Secret> {
    match read(Path::new(&setting.text)) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) if !text.trim().is_empty() => return Some(Secret::new(text.trim())),
            _ => faults.push(fault(
                setting,
                "names a file without text",
                "write the secret into it",
            )),
        },
        Err(problem) => faults.push(fault(setting, problem, "name a readable file")),
    }
    None
}

fn credential(settings: &Settings, faults: &mut Vec<Fault>) -> Credential {
    let token = secret(settings, (Key::Token, Key::TokenFile), faults);
    let username = settings.get(Key::Username);
    let keys = (Key::Password, Key::PasswordFile);
    let password = secret(settings, keys, faults);
    if let Some(token) = token {
        if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.push(Fault {
                place: place_of(settings, &[Key::Token, Key::TokenFile], "KESTRA_API_TOKEN"),
                problem: "has characters that no token has".to_owned(),
                remedy: "paste the token alone, without quotes or Bearer".to_owned(),
            });
        }
        return Credential::Token {
            token,
            over_basic: username.is_some(),
        };
    }
    match (username, password) {
        (Some(username), Some(password)) => {
            let name = username.text.trim();
            if name.contains(':') || name.chars().any(char::is_control) {
                faults.push(fault(
                    username,
                    "is not a user name",
                    "give it without a colon",
                ));
            }
            Credential::Basic {
                username: name.to_owned(),
                password,
            }
        }
        (Some(username), None) => {
            let tried = settings.contains_key(Key::PasswordFile)
                || settings.is_refused(&[Key::Password, Key::PasswordFile]);
            if !tried {
                faults.push(fault(
                    username,
                    "comes without a password",
                    "set KESTRA_PASSWORD",
                ));
            }
            Credential::None
        }
        (None, Some(_)) if settings.is_refused(&[Key::Username]) => Credential::None,
        (None, Some(_)) => {
            faults.push(Fault {
                place: place_of(
                    settings,
                    &[Key::Password, Key::PasswordFile],
                    "KESTRA_PASSWORD",
                ),
                problem: "comes without a user name".to_owned(),
                remedy: "set KESTRA_USERNAME".to_owned(),
            });
            Credential::None
        }
        (None, None) => Credential::None,
    }
}

fn trust(settings: &Settings, faults: &mut Vec<Fault>) -> Trust {
    let verify = either(settings, Key::VerifySsl, true, faults) != Some(false);
    let extra = settings.get(Key::CaFile).and_then(|setting| {
        match read(Path::new(setting.text.trim())) {
            Ok(pem) => match reqwest::Certificate::from_pem_bundle(&pem) {
                Ok(authorities) if !authorities.is_empty() => return Some(pem),
                _ => faults.push(fault(
                    setting,
                    "names a file without a certificate",
                    "name a PEM file of the authority that signed Kestra's certificate",
                )),
            },
            Err(problem) => faults.push(fault(setting, problem, "name a readable PEM file")),
        }
        None
    });
    match (verify, extra) {
        (false, _) => Trust::Anyone,
        (true, Some(pem)) => Trust::Extra(pem.into()),
        (true, None) => Trust::System,
    }
}

fn line(settings: &Settings, faults: &mut Vec<Fault>) -> Option<Line> {
    let setting = settings.get(Key::Version)?;
    match Line::of_version(&setting.text) {
        Ok(line) => Some(line),
        Err(closest) => {
            let known: Vec<&str> = Line::ALL.iter().map(|line| line.as_str()).collect();
            let problem = if closest.is_some() {
                "is a version that is not supported"
            } else {
                "is not a supported version of Kestra"
            };
            let remedy = format!("set one of {}, or leave it out", known.join(", "));
            faults.push(fault(setting, problem, remedy));
            None
        }
    }
}
