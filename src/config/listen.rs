//! Where the server listens, and under which addresses it is known.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::Fault;
use super::check::number;
use super::check::{NO_HOST, fault, has_host, is_segment};
use super::http::{CALLBACK, Listen, Provider, Public, further_callback};
use super::raw::Key;
use super::serve::list;
use super::settings::{Setting, Settings};
use crate::tool::strict;

pub(super) fn listen(settings: &Settings, faults: &mut Vec<Fault>) -> Listen {
    let address = settings.get(Key::Host).map_or_else(
        || Some(IpAddr::from([127, 0, 0, 1])),
        |setting| {
            let address = match setting.text.trim() {
                "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
                text => text.parse().ok(),
            };
            if address.is_none() {
                let remedy = "give an address of this machine, such as 127.0.0.1 or 0.0.0.0";
                faults.push(fault(setting, "is not an IP address", remedy));
            }
            address
        },
    );
    let address = address.unwrap_or_else(|| IpAddr::from([127, 0, 0, 1]));
    let port = number(settings, Key::Port, 0..=65_535, faults).unwrap_or(8081);
    let bind = SocketAddr::new(address, u16::try_from(port).unwrap_or_default());
    let public = settings
        .get(Key::PublicUrl)
        .and_then(|setting| public(setting, faults));
    if !address.is_loopback() && !public.as_ref().is_some_and(Public::is_https) {
        let said = settings.contains_key(Key::PublicUrl) || settings.is_refused(&[Key::PublicUrl]);
        if !said || public.is_some() {
            faults.push(Fault {
                place: "KESTRA_MCP_PUBLIC_URL".to_owned(),
                problem: format!(
                    "is not an https address, but {address} can be reached from elsewhere"
                ),
                remedy: "set it to the https address under which clients reach this server"
                    .to_owned(),
            });
        }
    }
    Listen {
        bind,
        metrics: metrics(settings, faults),
        public,
        allowed_hosts: list(settings, Key::AllowedHosts),
        allowed_origins: origins(settings, faults),
        trusted_proxies: proxies(settings, faults),
        max_body: number(settings, Key::MaxBody, 1024..=(16 << 20), faults)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(strict::LONGEST),
        otlp: settings.get(Key::Otlp).and_then(|setting| {
            let url = Url::parse(setting.text.trim()).ok();
            let is_one = |url: &Url| matches!(url.scheme(), "http" | "https") && has_host(url);
            let url = url.filter(is_one);
            if url.is_none() {
                let remedy = "give an address such as http://127.0.0.1:4318";
                faults.push(fault(setting, "is not the URL of a collector", remedy));
            }
            url
        }),
    }
}

fn metrics(settings: &Settings, faults: &mut Vec<Fault>) -> Option<SocketAddr> {
    let Some(setting) = settings.get(Key::Metrics) else {
        return Some(SocketAddr::from(([127, 0, 0, 1], 9464)));
    };
    if setting.text.trim() == "off" {
        return None;
    }
    let address = setting.text.trim().parse().ok();
    if address.is_none() {
        let remedy = "give address and port, such as 127.0.0.1:9464, or off";
        faults.push(fault(setting, "is not an address to listen on", remedy));
    }
    address
}

fn origins(settings: &Settings, faults: &mut Vec<Fault>) -> Vec<String> {
    let origins = list(settings, Key::AllowedOrigins);
    if let Some(setting) = settings.get(Key::AllowedOrigins) {
        for origin in &origins {
            let same = Url::parse(origin).is_ok_and(|url| {
                url.origin().is_tuple() && url.origin().ascii_serialization() == *origin
            });
            if !same {
                let problem = format!("{origin} is not an origin");
                let remedy = "write scheme, host and port alone, such as https://app.example.com";
                faults.push(fault(setting, problem, remedy));
            }
        }
    }
    origins
}

fn proxies(settings: &Settings, faults: &mut Vec<Fault>) -> Vec<IpNet> {
    let Some(setting) = settings.get(Key::TrustedProxies) else {
        return Vec::new();
    };
    let mut networks = Vec::new();
    for text in list(settings, Key::TrustedProxies) {
        let network = text.parse().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let (problem, remedy) = match network {
            Some(network) if network.prefix_len() > 0 => {
                networks.push(network);
                continue;
            }
            Some(_) => (
                format!("{text} is everybody, and clients would choose where they come from"),
                "name the proxies alone",
            ),
            None => (
                format!("{text} is neither an address nor a network"),
                "write addresses or networks, such as 10.0.0.7 or 10.0.0.0/24",
            ),
        };
        faults.push(fault(setting, problem, remedy));
    }
    networks
}

const PUBLIC: &str = "give scheme and host, the port if it is unusual, and the path if there is one, \
                      such as https://mcp.example.com";

/// First parts of paths that this server has itself.
const TAKEN: &[&str] = &[
    "account",
    "approve",
    "assets",
    "auth",
    "authorize",
    "consent",
    "healthz",
    "mcp",
    "metrics",
    "readyz",
    "register",
    "revoke",
    "token",
];

/// Why a public address cannot have this path, and what to do.
fn path_problem(path: &str) -> Option<(&'static str, &'static str)> {
    let mut parts = path.split('/').skip(1);
    if path.ends_with("/mcp") {
        let remedy = "leave /mcp out at its end: MCP clients find it below the public address";
        return Some(("ends in the path of the MCP endpoint", remedy));
    }
    if parts
        .clone()
        .next()
        .is_some_and(|first| TAKEN.contains(&first))
    {
        let remedy = "choose a path that begins with another word";
        return Some(("has a path that this server uses itself", remedy));
    }
    let remedy = "use letters, digits, and - _ . between them, and no slash at the end";
    (!parts.all(is_segment)).then_some(("has a path that proxies and clients may change", remedy))
}

/// The issuer is compared byte for byte by clients: at most one final slash goes.
fn public(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Public> {
    let text = setting.text.trim();
    let text = text.strip_suffix('/').unwrap_or(text);
    let mut refuse = |problem: &str, remedy: &str| {
        faults.push(fault(setting, problem, remedy));
        None
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("is not a URL", PUBLIC);
    };
    if !matches!(url.scheme(), "http" | "https") || !url.origin().is_tuple() {
        return refuse("is not the URL of a web server", PUBLIC);
    }
    if !has_host(&url) {
        return refuse(NO_HOST, PUBLIC);
    }
    let Some(path) = text.strip_prefix(&url.origin().ascii_serialization()) else {
        return refuse("is not written as browsers write it", PUBLIC);
    };
    if url.query().is_some()
        || url.fragment().is_some()
        || !matches!(path.as_bytes(), [] | [b'/', ..])
    {
        return refuse("is not written as browsers write it", PUBLIC);
    }
    if let Some((problem, remedy)) = path_problem(path) {
        return refuse(problem, remedy);
    }
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !local {
        return refuse(
            "is not https",
            "tokens must not cross a network in the clear: use https",
        );
    }
    Some(Public::new(text))
}

pub(super) fn callback(
    settings: &Settings,
    public: Option<&Public>,
    providers: &[Provider],
    faults: &mut Vec<Fault>,
) -> String {
    const TAKEN: &[&str] = &[
        "/",
        "/authorize",
        "/token",
        "/register",
        "/revoke",
        "/consent",
        "/account",
        "/mcp",
        "/mcp/",
        "/healthz",
        "/readyz",
    ];
    let Some(setting) = settings.get(Key::OidcRedirectUri) else {
        return CALLBACK.to_owned();
    };
    let text = setting.text.trim();
    let path = match public {
        Some(public) => text.strip_prefix(&*public.issuer),
        None => Url::parse(text)
            .ok()
            .filter(|url| url.scheme() == "http")
            .and_then(|_| {
                text.strip_prefix("http://")
                    .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
            }),
    };
    let plain = |path: &&str| {
        path.starts_with('/')
            && !TAKEN.contains(path)
            && !path.starts_with("/.well-known/")
            && path
                .split('/')
                .skip(1)
                .all(|part| is_segment(part) && !part.starts_with('.'))
    };
    if let Some(path) = path.filter(plain) {
        let mut others = providers.iter().skip(1);
        if let Some(other) = others.find(|other| further_callback(&other.id) == path) {
            let problem = format!("is the callback of the provider {}", other.id);
            let remedy = "give the first provider an address that no other has";
            faults.push(fault(setting, problem, remedy));
        }
        return path.to_owned();
    }
    let remedy = "leave it out, or give an address below the public one with a path of its own";
    faults.push(fault(setting, "is not a callback of this server", remedy));
    CALLBACK.to_owned()
}
