//! Finds the route of a request.

use crate::{
    route::{Root, Route},
    routes,
    settings::{Dialect, Edition},
};

/// The result of routing.
pub(crate) enum Match {
    Found {
        route: &'static Route,
        segments: Vec<String>,
        tenant: Option<String>,
    },
    /// The path exists, with other methods only.
    Methods(Vec<&'static str>),
    Nothing,
}

/// Finds the route of a request; `path` is percent-encoded.
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
        for route in routes::all() {
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

/// The possible roots of a path, with the rest of it and the tenant; open source allows to omit the
/// tenant.
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

/// Which segments are literal, and the values of the others; `None` if the path does not match.
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
