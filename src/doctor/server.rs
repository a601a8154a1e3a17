//! Whether Kestra answers, and which version it is.

use std::sync::Arc;

use chrono::DateTime;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, WWW_AUTHENTICATE};
use url::Url;

use super::Report;
use crate::kestra::{Fault, Kestra, Said, Server, Ui};
use crate::tool::Line;

/// The tolerated difference of clocks in milliseconds.
const APART: u64 = 5 * 60 * 1000;

/// A Kestra that answered.
pub(super) enum Reached {
    /// It reported its version.
    Known(Arc<Server>),
    /// A 2.x, which reports nothing without a valid credential.
    Closed {
        /// It asks for a user name and a password, as open source does.
        wants_basic: bool,
    },
}

/// Checks the answer to the version request.
pub(super) async fn examine(
    base: &Url,
    kestra: &Kestra,
    named: Option<Line>,
    report: &mut Report,
) -> Option<Reached> {
    let said = match kestra.ask(kestra.own(), "configuration").await {
        Ok(said) => said,
        Err(fault) => {
            unanswered(base, &fault, report);
            return None;
        }
    };
    if base.scheme() == "https" {
        report.ok("tls", "the connection is encrypted");
    }
    report.ok("http", format!("answered {}", said.status));
    clock(kestra.clock().now_ms(), &said.headers, report);
    match said.status {
        200 => identity(kestra, &said, named, report).await,
        401 | 403 => {
            report.ok(
                "kestra",
                "2.x, which says no more without a good credential",
            );
            if matches!(kestra.ui(), Ui::Set(_)) {
                links(kestra, report);
            }
            let challenge = said.headers.get(WWW_AUTHENTICATE);
            let challenge = challenge.and_then(|value| value.to_str().ok());
            Some(Reached::Closed {
                wants_basic: challenge.is_some_and(|text| text.starts_with("Basic")),
            })
        }
        429 | 500.. => {
            let found = format!("it cannot answer now ({})", said.status);
            let remedy = "wait until Kestra has started; otherwise its own log says more";
            report.fail("kestra", found, remedy);
            None
        }
        _ => {
            stranger(&said, report);
            None
        }
    }
}

/// A connection without an answer.
fn unanswered(base: &Url, fault: &Fault, report: &mut Report) {
    let (check, found, remedy) = match fault {
        Fault::Unreachable { cause, .. } if cause.contains("certificate") => (
            "tls",
            "the certificate is not trusted".to_owned(),
            "set KESTRA_CA_FILE to the certificate (PEM) of the authority that signed it",
        ),
        Fault::Unreachable { .. } if base.scheme() == "https" => (
            "tls",
            "what listens there does not speak TLS".to_owned(),
            "write http in KESTRA_API_URL, or the port that speaks TLS",
        ),
        Fault::Silent { seconds } => (
            "http",
            format!("no answer within {seconds} s"),
            "check that the port is Kestra's own; a proxy before it may wait for it",
        ),
        Fault::NotKestra { .. } => (
            "kestra",
            "the answer has no end".to_owned(),
            "check host, port and path of KESTRA_API_URL",
        ),
        _ => (
            "http",
            "what listens there does not speak HTTP".to_owned(),
            "mend the port in KESTRA_API_URL; write https if it speaks TLS",
        ),
    };
    report.fail(check, found, remedy);
}

/// Something that is not the API of Kestra.
fn stranger(said: &Said, report: &mut Report) {
    let text = |name| said.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(place) = text(LOCATION).filter(|_| (300..400).contains(&said.status)) {
        let place = place.split(['?', '#']).next().unwrap_or_default();
        let remedy =
            "set KESTRA_API_URL to the address of Kestra itself: redirects are not followed";
        report.fail("kestra", format!("it redirects to {place}"), remedy);
        return;
    }
    let page = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"))
        || said.body.trim_ascii_start().starts_with(b"<");
    let found = if page {
        "a web page answers, not the API of Kestra".to_owned()
    } else {
        format!("something else answers ({})", said.status)
    };
    let remedy = "check host and port of KESTRA_API_URL, and the path under which Kestra runs \
                  (without /ui)";
    report.fail("kestra", found, remedy);
}

async fn identity(
    kestra: &Kestra,
    said: &Said,
    named: Option<Line>,
    report: &mut Report,
) -> Option<Reached> {
    let server = match kestra.server(kestra.own()).await {
        Ok(server) => server,
        Err(Fault::Unsupported { version, closest }) => {
            report.ok("kestra", "its API answers");
            let found = format!("{version} is not supported");
            let remedy = format!("upgrade Kestra to {} or later", closest.as_str());
            report.fail("version", found, remedy);
            return None;
        }
        Err(_) => {
            stranger(said, report);
            return None;
        }
    };
    report.ok("kestra", "its API answers");
    version(&server, named, report);
    report.ok("edition", server.edition.as_str());
    links(kestra, report);
    Some(Reached::Known(server))
}

/// The base URL of links in answers, and its source.
pub(super) fn links(kestra: &Kestra, report: &mut Report) {
    const REMEDY: &str =
        "set KESTRA_UI_URL (--ui-url, kestra.ui_url) to the address under which people open Kestra";
    match kestra.ui() {
        Ui::Set(start) => report.ok("links", format!("lead to {start}, which is set")),
        Ui::Said(start) => report.ok("links", format!("lead to {start}, as Kestra says")),
        Ui::Elsewhere { host } => report.warn(
            "links",
            format!("left out of answers: Kestra says {host}, another host than it is asked at"),
            REMEDY,
        ),
        Ui::Unsaid => report.warn(
            "links",
            "left out of answers: Kestra does not say where its UI is",
            REMEDY,
        ),
    }
}

fn version(server: &Server, named: Option<Line>, report: &mut Report) {
    let version = &server.version;
    match (named, Line::of_version(version)) {
        (Some(named), Ok(line)) if named != line => report.fail(
            "version",
            format!(
                "KESTRA_VERSION says {}, and the server is {version}",
                named.as_str()
            ),
            "leave KESTRA_VERSION (--kestra-version, kestra.version) out",
        ),
        (Some(named), Err(_)) => report.fail(
            "version",
            format!("{version} is not supported, whatever KESTRA_VERSION says"),
            format!("upgrade Kestra to {} or later", named.as_str()),
        ),
        _ => {
            let line = server.line.as_str();
            report.ok("version", format!("{version}, spoken to as {line}"));
        }
    }
}

fn clock(now: u64, headers: &HeaderMap, report: &mut Report) {
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let Some(date) = date.and_then(|text| DateTime::parse_from_rfc2822(text).ok()) else {
        return;
    };
    let theirs = u64::try_from(date.timestamp_millis()).unwrap_or_default();
    let apart = now.abs_diff(theirs);
    if apart <= APART {
        report.ok("clock", "agrees with the server's");
        return;
    }
    let minutes = apart / 60_000;
    let way = if now > theirs { "ahead of" } else { "behind" };
    let found = format!("this machine is {minutes} min {way} the server");
    let remedy = "set the clock that is wrong: times such as -PT24H are counted from it";
    report.warn("clock", found, remedy);
}
