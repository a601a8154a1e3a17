//! Where the server listens, and whom it lets in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::super::fault::Fault;
use super::super::http::{Listen, Public};
use super::super::settings::http as settings;
use super::context::Check;
use super::public::public;
use super::urls::{has_host, is_web};
use crate::tool::strict;

pub(super) fn listen(check: &mut Check<'_>) -> Listen {
    let address = host(check);
    let port = u16::try_from(check.number(&settings::PORT)).unwrap_or_default();
    let public = public(check);
    if !address.is_loopback() && !public.as_ref().is_some_and(Public::is_https) {
        let is_set = check.said.has(&settings::PUBLIC_URL)
            || check.said.is_refused(&[&settings::PUBLIC_URL]);
        if !is_set || public.is_some() {
            check.faults.push(Fault::new(
                settings::PUBLIC_URL.spoken(),
                format!("is not an https URL, but {address} can be reached from elsewhere"),
                "set it to the https URL under which clients reach this server",
            ));
        }
    }
    let allowed_hosts = check.list(&settings::ALLOWED_HOSTS);
    check.hold_all(&settings::ALLOWED_HOSTS, &allowed_hosts, "none");
    let listen = Listen {
        bind: SocketAddr::new(address, port),
        metrics: metrics(check),
        public,
        allowed_hosts,
        allowed_origins: origins(check),
        trusted_proxies: proxies(check),
        max_body: usize::try_from(check.number(&settings::MAX_BODY)).unwrap_or(strict::LONGEST),
        otlp: otlp(check),
    };
    check.holds(&settings::PUBLIC_URL, listen.public(listen.bind).issuer);
    listen
}

fn host(check: &mut Check<'_>) -> IpAddr {
    let mut address = IpAddr::from(Ipv4Addr::LOCALHOST);
    if let Some(found) = check.found(&settings::HOST) {
        let text = found.text.trim();
        if let Ok(parsed) = text.parse() {
            address = parsed;
        } else if text != "localhost" {
            let remedy = "set it to an address of this machine, such as 127.0.0.1 or 0.0.0.0";
            check.fault(found, "is not an IP address", remedy);
        }
    }
    check.holds(&settings::HOST, address);
    address
}

fn metrics(check: &mut Check<'_>) -> Option<SocketAddr> {
    let mut address = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)));
    if let Some(found) = check.found(&settings::METRICS) {
        let text = found.text.trim();
        address = text.parse().ok();
        if address.is_none() && text != "off" {
            let remedy = "set it to an address and a port, such as 127.0.0.1:9464, or off";
            check.fault(found, "is not an address to listen on", remedy);
        }
    }
    let shown = address.map_or_else(|| "off".to_owned(), |address| address.to_string());
    check.holds(&settings::METRICS, shown);
    address
}

fn otlp(check: &mut Check<'_>) -> Option<Url> {
    check.holds(&settings::OTLP, "none");
    let found = check.found(&settings::OTLP)?;
    let url = Url::parse(found.text.trim()).ok();
    let url = url.filter(|url| is_web(url) && has_host(url));
    if let Some(url) = &url {
        check.holds(&settings::OTLP, url);
    } else {
        let remedy = "set it to a URL such as http://127.0.0.1:4318";
        check.fault(found, "is not the URL of a collector", remedy);
    }
    url
}

fn origins(check: &mut Check<'_>) -> Vec<String> {
    let origins = check.list(&settings::ALLOWED_ORIGINS);
    check.hold_all(&settings::ALLOWED_ORIGINS, &origins, "none");
    let Some(found) = check.found(&settings::ALLOWED_ORIGINS) else {
        return origins;
    };
    for origin in &origins {
        let url = Url::parse(origin).map(|url| url.origin());
        if !url.is_ok_and(|url| url.is_tuple() && url.ascii_serialization() == *origin) {
            let problem = format!("{origin} is not an origin");
            let remedy = "write scheme, host and port alone, such as https://app.example.com";
            check.fault(found, problem, remedy);
        }
    }
    origins
}

fn proxies(check: &mut Check<'_>) -> Vec<IpNet> {
    let mut networks: Vec<IpNet> = Vec::new();
    for text in check.list(&settings::TRUSTED_PROXIES) {
        let network = text.parse().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let (problem, remedy) = match network {
            Some(network) if network.prefix_len() > 0 => {
                networks.push(network);
                continue;
            }
            Some(_) => (
                format!("{text} is everybody, and clients could choose the address they come from"),
                "name the proxies alone",
            ),
            None => (
                format!("{text} is neither an address nor a network"),
                "write addresses or networks, such as 10.0.0.7 or 10.0.0.0/24",
            ),
        };
        if let Some(found) = check.found(&settings::TRUSTED_PROXIES) {
            check.fault(found, problem, remedy);
        }
    }
    check.hold_all(&settings::TRUSTED_PROXIES, &networks, "none");
    networks
}
