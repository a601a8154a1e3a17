//! HTTP on this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

/// A client without a proxy, for this machine.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy();
    let client = client.redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_mins(1)).build()?)
}

/// A port that nobody has.
pub(crate) fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
