//! HTTP on this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

/// A client without a proxy, for this machine.
pub(crate) fn http_client() -> anyhow::Result<reqwest::Client> {
    let http_client = reqwest::Client::builder().no_proxy();
    let http_client = http_client.redirect(reqwest::redirect::Policy::none());
    Ok(http_client.timeout(Duration::from_mins(1)).build()?)
}

/// A free port.
pub(crate) fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
