//! Which Kestra: its URL, its tenant, its certificate, its version.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::super::environment::read;
use super::super::kestra::{Kestra, Trust};
use super::super::settings::{kestra as settings, mcp};
use super::context::Check;
use super::credential::credential;
use super::urls::{is_segment, web};
use crate::tool::memory::Budget;
use crate::tool::{Access, Line};

pub(in crate::config) fn kestra(check: &mut Check<'_>) -> Kestra {
    let (base, in_url) = base(check).unzip();
    let tenant = tenant(check, in_url.flatten());
    let shown = base.as_ref().map_or("not set", Url::as_str).to_owned();
    check.holds(&settings::URL, shown);
    check.holds(&settings::TENANT, &tenant);
    let (credential, credential_from) = credential(check);
    let access = if check.truth(&mcp::READ_ONLY) {
        Access::ReadOnly
    } else {
        Access::Full
    };
    Kestra {
        base,
        ui: ui(check),
        tenant,
        credential,
        credential_from,
        trust: trust(check),
        line: line(check),
        access,
        memory: usize::try_from(check.number(&mcp::MEMORY)).unwrap_or(Budget::DEFAULT),
        quiet_wait: Duration::from_secs(check.number(&mcp::QUIET_WAIT)),
        repeat: Duration::from_secs(check.number(&mcp::REPEAT)),
        withheld: Vec::new(),
    }
}

const URL: &str = "set it to a URL such as http://localhost:8080 or \
                   https://kestra.example.com/api/v1/main";

/// The URL without the path of the API, and the tenant at its end.
fn base(check: &mut Check<'_>) -> Option<(Url, Option<String>)> {
    let found = check.found(&settings::URL)?;
    let moved = "move them to KESTRA_USERNAME and KESTRA_PASSWORD";
    let mut base = web(check, found, URL, moved)?;
    let path = base.path().to_owned();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (prefix, tenant) = match parts.as_slice() {
        [prefix @ .., "api", "v1", tenant] => (prefix, Some((*tenant).to_owned())),
        [prefix @ .., "api", "v1"] | prefix => (prefix, None),
    };
    base.set_path(&prefix.join("/"));
    Some((base, tenant))
}

/// The URL of the UI as people open it, without the `/ui` at its end.
fn ui(check: &mut Check<'_>) -> Option<Url> {
    let example = "set it to the URL of Kestra's UI, such as https://kestra.example.com";
    check.holds(
        &settings::UI_URL,
        "what Kestra says, on the host of kestra.url",
    );
    let found = check.found(&settings::UI_URL)?;
    let mut url = web(check, found, example, "leave them out")?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/ui").unwrap_or(path).to_owned();
    url.set_path(&path);
    check.holds(&settings::UI_URL, &url);
    Some(url)
}

fn tenant(check: &mut Check<'_>, in_url: Option<String>) -> Arc<str> {
    let remedy = "name a tenant by its id, such as main";
    if let Some(found) = check.found(&settings::TENANT) {
        let text = found.text.trim();
        if !is_segment(text) {
            check.fault(found, "is not a tenant id", remedy);
        } else if in_url.is_some_and(|other| other != text) {
            let problem = "is not the tenant at the end of the URL";
            check.fault(found, problem, "leave the tenant out of the URL");
        }
        return text.into();
    }
    let tenant = in_url.unwrap_or_else(|| "main".to_owned());
    if let Some(found) = check.found(&settings::URL).filter(|_| !is_segment(&tenant)) {
        check.fault(found, "ends in something that is not a tenant id", remedy);
    }
    tenant.into()
}

fn trust(check: &mut Check<'_>) -> Trust {
    let verify = check.truth(&settings::VERIFY_SSL);
    let extra = check.found(&settings::CA_FILE).and_then(|found| {
        match read(Path::new(found.text.trim())) {
            Ok(pem) => match reqwest::Certificate::from_pem_bundle(&pem) {
                Ok(authorities) if !authorities.is_empty() => return Some(pem),
                _ => {
                    let remedy =
                        "name a PEM file of the authority that signed Kestra's certificate";
                    check.fault(found, "names a file without a certificate", remedy);
                }
            },
            Err(problem) => check.fault(found, problem, "name a readable PEM file"),
        }
        None
    });
    match (verify, extra) {
        (false, _) => Trust::Anyone,
        (true, Some(pem)) => Trust::Extra(pem.into()),
        (true, None) => Trust::System,
    }
}

fn line(check: &mut Check<'_>) -> Option<Line> {
    check.holds(
        &settings::VERSION,
        check
            .text(&settings::VERSION)
            .unwrap_or("asked of the server"),
    );
    let found = check.found(&settings::VERSION)?;
    match Line::of_version(&found.text) {
        Ok(line) => Some(line),
        Err(closest) => {
            let known: Vec<&str> = Line::ALL.iter().map(|line| line.as_str()).collect();
            let problem = match closest {
                Some(_) => "is a version that is not supported",
                None => "is not a supported version of Kestra",
            };
            let remedy = format!("set one of {}, or leave it out", known.join(", "));
            check.fault(found, problem, remedy);
            None
        }
    }
}
