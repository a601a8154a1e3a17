//! The connection to Kestra: name, proxy and port.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use super::Report;
use crate::config::Environment;
use crate::kestra::Kestra;

/// The timeout of a lookup and of a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The report has the reason; further checks are pointless.
pub(super) struct Stop;

/// Checks that the host of `base` resolves and its port is open.
pub(super) async fn examine(
    base: &Url,
    kestra: &Kestra,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Stop> {
    let port = base.port_or_known_default().unwrap_or_default();
    let Some(host) = base.host() else {
        return Err(Stop);
    };
    if let Some(variable) = proxy(base, environment).filter(|_| !kestra.is_local()) {
        let found = format!("name and port are left to the proxy of {variable}");
        report.ok("connection", found);
        return Ok(());
    }
    let addresses = match host {
        Host::Domain(name) => resolve(name, port, report).await?,
        Host::Ipv4(address) => vec![IpAddr::from(address)],
        Host::Ipv6(address) => vec![IpAddr::from(address)],
    };
    connect(&addresses, port, report).await
}

/// The variable that names a proxy for `base`, if one does.
fn proxy<'a>(base: &Url, environment: &'a Environment) -> Option<&'a str> {
    let names = match base.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    names.iter().find_map(|name| {
        let (name, value) = environment.get_key_value(*name)?;
        (!value.trim().is_empty()).then_some(name.as_str())
    })
}

async fn resolve(name: &str, port: u16, report: &mut Report) -> Result<Vec<IpAddr>, Stop> {
    let remedy = "check the host in KESTRA_API_URL, and whether a VPN is needed";
    match tokio::time::timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(found)) => {
            let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            if let Some(first) = addresses.first() {
                report.ok("name", format!("{name} is {first}"));
                return Ok(addresses);
            }
            report.fail("name", format!("{name} has no address"), remedy);
        }
        Ok(Err(_)) => report.fail("name", format!("{name} does not resolve"), remedy),
        Err(_) => report.fail("name", format!("{name} does not resolve in time"), remedy),
    }
    Err(Stop)
}

async fn connect(addresses: &[IpAddr], port: u16, report: &mut Report) -> Result<(), Stop> {
    let mut last = None;
    for address in addresses {
        match tokio::time::timeout(PATIENCE, TcpStream::connect((*address, port))).await {
            Ok(Ok(_)) => {
                report.ok("connection", format!("port {port} is open"));
                return Ok(());
            }
            Ok(Err(error)) => last = Some(error.kind()),
            Err(_) => last = Some(ErrorKind::TimedOut),
        }
    }
    let (found, remedy) = match last {
        Some(ErrorKind::ConnectionRefused) => (
            format!("nothing listens on port {port}"),
            "start Kestra, or mend the port in KESTRA_API_URL",
        ),
        Some(ErrorKind::TimedOut) => (
            format!("port {port} does not answer"),
            "check the port, firewalls, and whether a VPN or HTTPS_PROXY is needed",
        ),
        _ => (
            format!("no way to port {port}"),
            "check the network, and whether a VPN or HTTPS_PROXY is needed",
        ),
    };
    report.fail("connection", found, remedy);
    Err(Stop)
}
