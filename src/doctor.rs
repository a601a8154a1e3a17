//! `doctor`: checks the settings, Kestra and the services this server needs, one line per check.
//!
//! It sends only `GET` requests that change nothing, and creates no file.

mod account;
mod connection;
mod documents;
mod listen;
mod provider;
mod report;
mod server;
mod storage;

use url::Url;

use crate::auth::Network;
use crate::clock::Clock;
use crate::config::http::CredentialMode;
use crate::config::{Config, Credential, Environment, Faults, Transport};
use crate::kestra::{Danger, Kestra};
use crate::tool::Access;

pub use report::{Finding, Report, Verdict};

/// Checks `config`, its Kestra, and the services on the network `outside`. The report has no secrets.
pub async fn examine(
    config: Result<Config, Faults>,
    environment: &Environment,
    clock: Clock,
    outside: &Network,
) -> Report {
    let mut report = Report::default();
    let config = match config {
        Ok(config) => config,
        Err(Faults(faults)) => {
            for fault in faults {
                let found = format!("{}: {}", fault.place, fault.problem);
                report.fail("settings", found, fault.remedy);
            }
            return report;
        }
    };
    let mode = config.http.as_ref().map(|http| http.credentials.mode);
    let kestra = Kestra::new(&config.kestra, clock.clone());
    let kestra = kestra.with_credentials(mode.unwrap_or(CredentialMode::Shared));
    settings(&config, &kestra, &mut report);
    let reached = if let Some(base) = &config.kestra.base {
        report.ok("address", base.as_str());
        reached(base, &kestra, &config, environment, &mut report).await
    } else {
        let remedy = "set KESTRA_API_URL to an address such as http://localhost:8080";
        report.fail("address", "no address of Kestra is set", remedy);
        None
    };
    account::examine(&kestra, reached.as_ref(), &mut report).await;
    if let Some(http) = &config.http {
        for named in &http.providers {
            provider::examine(http, named, &clock, &mut report).await;
        }
        documents::examine(http, outside, &clock, &mut report).await;
        storage::examine(http, &mut report).await;
        listen::examine(http, &mut report).await;
    }
    report.clean(kestra.own().secrets());
    report
}

/// The checks that need no network.
fn settings(config: &Config, kestra: &Kestra, report: &mut Report) {
    let told: Vec<&str> = config
        .effective
        .iter()
        .map(|setting| setting.source.as_str())
        .filter(|source| *source != "default")
        .collect();
    if told.is_empty() {
        report.ok("settings", "nothing is set");
    } else {
        report.ok("settings", format!("read from {}", told.join(", ")));
    }
    let transport = match config.http {
        Some(_) => Transport::Http,
        None => Transport::Stdio,
    };
    report.ok("transport", transport.described());
    let shared = config.http.as_ref().map_or(Access::Full, |http| {
        let kind = kestra.own().kind();
        kind.access(http.credentials.basic_writes)
    });
    report.ok(
        "read-only",
        match config.kestra.access.and(shared) {
            Access::Full => "off: tools that change something are offered",
            Access::ReadOnly if config.kestra.access == Access::Full => {
                "on: a user name and password that all share changes nothing until \
                 kestra.basic_writes = true"
            }
            Access::ReadOnly => "on: tools that change something are refused",
        },
    );
    for warning in &config.warnings {
        report.remark("settings", warning);
    }
    for danger in kestra.warnings() {
        match danger {
            Danger::Plain => report.warn(
                "encryption",
                "the credential crosses the network in the clear",
                "use an https address",
            ),
            Danger::AnyCertificate => report.warn(
                "encryption",
                "certificates are not checked: anyone between can read the credential",
                "leave KESTRA_VERIFY_SSL out; for a private authority set KESTRA_CA_FILE",
            ),
        }
    }
    if let Credential::Token {
        over_basic: true, ..
    } = config.kestra.credential
    {
        report.warn(
            "credential",
            "a token and a user name are set; the token is used",
            "leave out the one that is not meant",
        );
    }
}

async fn reached(
    base: &Url,
    kestra: &Kestra,
    config: &Config,
    environment: &Environment,
    report: &mut Report,
) -> Option<server::Reached> {
    connection::examine(base, kestra, environment, report)
        .await
        .ok()?;
    server::examine(base, kestra, config.kestra.line, report).await
}
