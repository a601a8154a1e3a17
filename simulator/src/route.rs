//! A route: its path, the lines and editions that have it, and its handler.

use crate::{
    error::ApiError, request::Request, response::Response, settings::Dialect, world::World,
};

/// The handler of a route.
pub(crate) type Handler = fn(&mut World, &Request) -> Result<Response, ApiError>;

/// The root of a route's path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Root {
    /// At the root of the server.
    Server,
    /// Under `/api/v1`.
    Instance,
    /// Under `/api/v1/{tenant}`.
    Tenant,
}

/// A route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// The path below the root; `{}` matches any segment.
    pub(crate) path: &'static str,
    pub(crate) root: Root,
    pub(crate) lines: &'static [Dialect],
    pub(crate) enterprise: bool,
    /// The lines on which it needs no credentials.
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

    /// Needs no credentials on these lines.
    pub(crate) const fn open(self, open: &'static [Dialect]) -> Self {
        Self { open, ..self }
    }

    pub(crate) const fn at(self, root: Root) -> Self {
        Self { root, ..self }
    }

    /// Accepts only this media type.
    pub(crate) const fn takes(self, media_type: &'static str) -> Self {
        Self {
            takes: Some(media_type),
            ..self
        }
    }

    /// Responds with this media type.
    pub(crate) const fn gives(self, media_type: &'static str) -> Self {
        Self {
            gives: media_type,
            ..self
        }
    }
}
