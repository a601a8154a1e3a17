//! The configured credential: whether Kestra accepts it, in which tenant, and what it permits.

use super::Report;
use super::server::Reached;
use crate::config::Credential;
use crate::config::http::CredentialMode;
use crate::generated;
use crate::kestra::refusal::{self, Refusal, TOKEN};
use crate::kestra::{Kestra, Server};
use crate::tool::{Edition, Line, Permission};

/// The probe that tests the login.
const FLOWS: &str = "flows";

/// The edition and line, as far as they are known.
fn product(reached: Option<&Reached>) -> (Option<Edition>, Option<Line>) {
    match reached {
        Some(Reached::Known(server)) => (Some(server.edition), Some(server.line)),
        Some(Reached::Closed { wants_basic: true }) => {
            (Some(Edition::OpenSource), Some(Line::V2_0))
        }
        Some(Reached::Closed { wants_basic: false }) => (None, Some(Line::V2_0)),
        None => (None, None),
    }
}

/// Checks the credential, and tests it if Kestra was reached.
pub(super) async fn examine(kestra: &Kestra, reached: Option<&Reached>, report: &mut Report) {
    let (edition, _) = product(reached);
    if kestra.mode() == CredentialMode::PerUser {
        report.ok("credential", "each person brings their own");
        return;
    }
    let kind = match kestra.credential() {
        Credential::None => {
            let remedy = match edition {
                Some(Edition::OpenSource) => "set KESTRA_USERNAME and KESTRA_PASSWORD",
                Some(Edition::Enterprise) => TOKEN,
                None => "set KESTRA_API_TOKEN, or KESTRA_USERNAME and KESTRA_PASSWORD",
            };
            report.fail("credential", "none is set", remedy);
            return;
        }
        Credential::Token { .. } => "a token",
        Credential::Basic { .. } => "a user name and a password",
    };
    let places: Vec<String> = kestra
        .credential_from()
        .iter()
        .map(ToString::to_string)
        .collect();
    report.ok(
        "credential",
        format!("{kind}, from {}", places.join(" and ")),
    );
    match reached {
        Some(Reached::Known(server)) => known(kestra, server, report).await,
        Some(Reached::Closed { .. }) => refused(kestra, reached, report),
        None => {}
    }
}

/// Why Kestra may have refused the credential.
fn refused(kestra: &Kestra, reached: Option<&Reached>, report: &mut Report) {
    let (edition, line) = product(reached);
    let Refusal { found, remedy } = refusal::of_credential(kestra.own().kind(), edition, line);
    report.fail("login", found, remedy);
}

async fn known(kestra: &Kestra, server: &Server, report: &mut Report) {
    let tenant = kestra.tenant();
    let Ok(said) = kestra.ask(kestra.own(), FLOWS).await else {
        let remedy = "run this again; otherwise Kestra's own log says more";
        report.fail("login", "no answer to a search for flows", remedy);
        return;
    };
    let me = if server.edition == Edition::Enterprise && said.status != 401 {
        kestra.me(kestra.own()).await.ok()
    } else {
        None
    };
    let tenants = me.as_ref().map(|me| me.tenants.as_slice());
    let tenants = tenants.unwrap_or_default();
    match said.status {
        200 => {}
        403 if tenants.iter().any(|known| known == tenant) => {}
        401 => {
            let reached = Reached::Known(server.clone().into());
            refused(kestra, Some(&reached), report);
            return;
        }
        // Open source knows one tenant alone; Enterprise forbids another, or knows nothing of it.
        400 if refusal::of_tenant(tenant, server.edition).is_some() => {
            no_tenant(tenant, tenants, server.edition, report);
            return;
        }
        400 | 403 | 404 if server.edition == Edition::Enterprise => {
            no_tenant(tenant, tenants, server.edition, report);
            return;
        }
        status => {
            let remedy = "check the path of KESTRA_API_URL and what stands before Kestra";
            report.fail(
                "login",
                format!("a search for flows is answered {status}"),
                remedy,
            );
            return;
        }
    }
    report.ok("login", "Kestra takes the credential");
    report.ok("tenant", tenant);
    match me.and_then(|me| me.administrator) {
        Some(true) => report.warn(
            "account",
            "the credential belongs to an administrator of Kestra",
            "use the token of an account that may do only what an assistant should",
        ),
        Some(false) => report.ok("account", "no administrator"),
        None => {}
    }
    rights(kestra, server, report).await;
}

fn no_tenant(tenant: &str, tenants: &[String], edition: Edition, report: &mut Report) {
    let (found, remedy) = if let Some(refusal) = refusal::of_tenant(tenant, edition) {
        (refusal.found, refusal.remedy)
    } else if tenants.is_empty() {
        (
            format!("there is no tenant {tenant}, or the account may do nothing in it"),
            "set KESTRA_TENANT to the id of the account's tenant, as in the address of Kestra's UI"
                .to_owned(),
        )
    } else {
        (
            format!("there is no tenant {tenant}, or the account is not in it"),
            format!("set KESTRA_TENANT to one of: {}", tenants.join(", ")),
        )
    };
    report.fail("tenant", found, remedy);
}

/// Tests each read permission, one row each.
async fn rights(kestra: &Kestra, server: &Server, report: &mut Report) {
    let mut may = Vec::new();
    let mut may_not = Vec::new();
    for probe in generated::probes(server.line) {
        let Some(permission) = probe.permission else {
            continue;
        };
        if probe.needs.is_some_and(|needs| needs != server.edition) {
            continue;
        }
        let said = kestra.ask(kestra.own(), probe.name).await;
        match said.map(|said| said.status) {
            Ok(200) => may.push(probe.name),
            Ok(status) => may_not.push((probe.name, permission, status.to_string())),
            Err(_) => may_not.push((probe.name, permission, "no answer".to_owned())),
        }
    }
    if !may.is_empty() {
        report.ok("rights", format!("may read {}", may.join(", ")));
    }
    for (what, permission, answer) in may_not {
        let found = format!("may not read {what} ({answer})");
        let needed = needed(server.line, permission);
        let remedy = format!("give the account {needed}, or do without");
        report.warn("rights", found, remedy);
    }
}

/// Kestra's name of the permission on `line`.
fn needed(line: Line, permission: Permission) -> String {
    let mut tools = generated::tools(line).iter();
    tools
        .find(|tool| tool.permission == Some(permission))
        .and_then(|tool| tool.kestra_permission.as_deref())
        .map_or_else(
            || "a role that may".to_owned(),
            |name| format!("the permission {name}"),
        )
}
