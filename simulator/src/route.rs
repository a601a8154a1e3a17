//! Routes: which exist on a line, and which one a path means.

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    settings::{Dialect, Edition},
    world::World,
};

/// What performs a request.
pub(crate) type Handler = fn(&mut World, &Call) -> Result<Answer, Refusal>;

/// Where a route lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Root {
    /// At the root of the server.
    Server,
    /// Under `/api/v1`.
    Instance,
    /// Under `/api/v1/{tenant}`.
    Tenant,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// Segments after the root; `{}` stands for any.
    path: &'static str,
    root: Root,
    lines: &'static [Dialect],
    enterprise: bool,
    /// Lines on which it needs no credentials.
    pub(crate) open: &'static [Dialect],
    pub(crate) takes: Option<&'static str>,
    pub(crate) gives: &'static str,
    pub(crate) handler: Handler,
}

const V1: &[Dialect] = &[Dialect::V1_3];
const V2: &[Dialect] = &[Dialect::V2_0Dev, Dialect::V2_0];
const DEV: &[Dialect] = &[Dialect::V2_0Dev];
const GA: &[Dialect] = &[Dialect::V2_0];

pub(crate) const fn get(path: &'static str, handler: Handler) -> Route {
    Route::new("GET", path, handler)
}

pub(crate) const fn post(path: &'static str, handler: Handler) -> Route {
    Route::new("POST", path, handler)
}

pub(crate) const fn put(path: &'static str, handler: Handler) -> Route {
    Route::new("PUT", path, handler)
}

pub(crate) const fn delete(path: &'static str, handler: Handler) -> Route {
    Route::new("DELETE", path, handler)
}

impl Route {
    const fn new(method: &'static str, path: &'static str, handler: Handler) -> Self {
        Self {
            method,
            path,
            root: Root::Tenant,
            lines: &Dialect::ALL,
            enterprise: false,
            open: &[],
            takes: None,
            gives: "application/json",
            handler,
        }
    }

    /// Only on 1.3.
    pub(crate) const fn v1(self) -> Self {
        Self { lines: V1, ..self }
    }

    /// Only on 2.0.
    pub(crate) const fn v2(self) -> Self {
        Self { lines: V2, ..self }
    }

    /// Only on the development build.
    pub(crate) const fn dev(self) -> Self {
        Self { lines: DEV, ..self }
    }

    /// Only on 2.0 GA.
    pub(crate) const fn ga(self) -> Self {
        Self { lines: GA, ..self }
    }

    /// Only in Enterprise.
    pub(crate) const fn enterprise(self) -> Self {
        Self {
            enterprise: true,
            ..self
        }
    }

    /// Without credentials on some lines.
    pub(crate) const fn open(self, open: &'static [Dialect]) -> Self {
        Self { open, ..self }
    }

    pub(crate) const fn at(self, root: Root) -> Self {
        Self { root, ..self }
    }

    /// The only media type of its body.
    pub(crate) const fn takes(self, media_type: &'static str) -> Self {
        Self {
            takes: Some(media_type),
            ..self
        }
    }

    /// The media type of its answers.
    pub(crate) const fn gives(self, media_type: &'static str) -> Self {
        Self {
            gives: media_type,
            ..self
        }
    }
}

/// What a path means.
pub(crate) enum Match {
    Found {
        route: &'static Route,
        segments: Vec<String>,
        tenant: Option<String>,
    },
    /// Other methods exist there.
    Methods(Vec<&'static str>),
    Nothing,
}

/// Finds the route of a request, `path` still percent-encoded.
pub(crate) fn find(method: &str, path: &str, dialect: Dialect, edition: Edition) -> Match {
    let segments: Vec<String> = path
        .strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .map(crate::wire::decode_path)
        .collect();
    let tails = tails(&segments, edition);
    let mut methods = Vec::new();
    for (root, tail, tenant) in tails {
        let mut best: Option<(Vec<bool>, &'static Route, Vec<String>)> = None;
        for route in super::routes::all() {
            let served = route.root == root
                && route.lines.contains(&dialect)
                && (edition == Edition::Enterprise || !route.enterprise);
            let Some((literal, values)) = served.then(|| fit(route.path, tail)).flatten() else {
                continue;
            };
            if route.method != method {
                if !methods.contains(&route.method) {
                    methods.push(route.method);
                }
                continue;
            }
            // The route with the earliest literal segments wins.
            if best.as_ref().is_none_or(|(other, ..)| literal > *other) {
                best = Some((literal, route, values));
            }
        }
        if let Some((_, route, segments)) = best {
            return Match::Found {
                route,
                segments,
                tenant,
            };
        }
    }
    if methods.is_empty() {
        Match::Nothing
    } else {
        Match::Methods(methods)
    }
}

type Tail<'a> = (Root, &'a [String], Option<String>);

/// The ways to read a path: server, instance, tenant, and on open source without the tenant.
fn tails(segments: &[String], edition: Edition) -> Vec<Tail<'_>> {
    let mut tails: Vec<Tail<'_>> = vec![(Root::Server, segments, None)];
    if let [api, v1, rest @ ..] = segments
        && api == "api"
        && v1 == "v1"
    {
        tails.push((Root::Instance, rest, None));
        if let [tenant, inside @ ..] = rest {
            tails.push((Root::Tenant, inside, Some(tenant.clone())));
        }
        if edition == Edition::OpenSource {
            tails.push((Root::Tenant, rest, None));
        }
    }
    tails
}

/// Which segments are literal, and the values of the others; `None` when it does not fit.
fn fit(template: &str, segments: &[String]) -> Option<(Vec<bool>, Vec<String>)> {
    let pieces: Vec<&str> = template
        .strip_prefix('/')
        .unwrap_or(template)
        .split('/')
        .collect();
    if pieces.len() != segments.len() {
        return None;
    }
    let (mut literal, mut values) = (Vec::new(), Vec::new());
    for (piece, segment) in pieces.iter().zip(segments) {
        if *piece == "{}" {
            if segment.is_empty() {
                return None;
            }
            values.push(segment.clone());
        } else if piece != segment {
            return None;
        }
        literal.push(*piece != "{}");
    }
    Some((literal, values))
}
