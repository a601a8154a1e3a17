//! Where the server listens: whether it could.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Report;
use crate::config::http::Http;
use crate::store::sqlite;

/// Whether the addresses are free. One that a running server of this set-up has is as it should be.
pub(super) async fn examine(http: &Http, report: &mut Report) {
    let served = sqlite::is_served(&http.store);
    let bind = (
        "listen",
        Some(http.listen.bind),
        "KESTRA_MCP_HOST and KESTRA_MCP_PORT",
    );
    let metrics = ("metrics", http.listen.metrics, "KESTRA_MCP_METRICS");
    for (check, address, names) in [bind, metrics] {
        if let Some(address) = address {
            one(check, address, names, served, report).await;
        }
    }
}

async fn one(
    check: &'static str,
    address: SocketAddr,
    names: &str,
    served: bool,
    report: &mut Report,
) {
    let kind = match TcpListener::bind(address).await {
        Ok(_) if address.port() == 0 => {
            report.ok(check, format!("a free port of {}", address.ip()));
            return;
        }
        Ok(_) => {
            report.ok(check, format!("{address} is free"));
            return;
        }
        Err(error) => error.kind(),
    };
    let (found, remedy) = match kind {
        ErrorKind::AddrInUse if served => {
            let found = format!("{address} is in use, and so is the database: the server runs");
            report.ok(check, found);
            return;
        }
        ErrorKind::AddrInUse => (
            format!("{address} is in use"),
            format!("end what listens there, or set {names}"),
        ),
        ErrorKind::AddrNotAvailable => (
            format!("this machine has no address {}", address.ip()),
            format!("set {names} to one that it has, such as 127.0.0.1"),
        ),
        ErrorKind::PermissionDenied => (
            format!("{address} may not be listened on"),
            format!("set {names} to a port above 1023"),
        ),
        other => (
            format!("{address} cannot be listened on: {other}"),
            format!("set {names}"),
        ),
    };
    report.fail(check, found, remedy);
}
