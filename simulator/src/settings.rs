//! The settings of the simulator.

use std::{fmt, time::Duration};

use crate::clock::Clock;

/// The user name in [`Settings::new`]; Kestra requires an email address.
pub const USERNAME: &str = "admin@kestra.test";

/// The password in [`Settings::new`]; it meets Kestra's password rules.
pub const PASSWORD: &str = "Simulated-1";

/// The version of Kestra's API that is served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// 1.3 LTS: searches include task runs and honour parameters that are not filters, actions
    /// respond at once.
    V1_3,
    /// The development build of 2.0 of 2026-07-01: new paths, old error bodies, public `/configs`.
    V2_0Dev,
    /// 2.0 GA: problem documents, authenticated `/configs`, outputs only on their own routes.
    V2_0,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: [Self; 3] = [Self::V1_3, Self::V2_0Dev, Self::V2_0];

    /// Whether this is one of the two dialects of 2.0.
    pub fn is_v2(self) -> bool {
        self != Self::V1_3
    }

    /// Whether this is 2.0 GA.
    pub fn is_ga(self) -> bool {
        self == Self::V2_0
    }

    /// The value of `version` in `/configs`.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V1_3 => "1.3.19",
            Self::V2_0Dev => "2.0.0-SNAPSHOT",
            Self::V2_0 => "2.0.0",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_3 => "1.3",
            Self::V2_0Dev => "2.0-dev",
            Self::V2_0 => "2.0",
        })
    }
}

/// The edition of Kestra.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Edition {
    /// Open source: one user, tenant `main`.
    OpenSource,
    /// Enterprise: apps, `/me`, 403 for routes that do not exist.
    Enterprise,
}

/// The credentials that the server accepts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Auth {
    /// HTTP Basic.
    Basic {
        /// User name.
        username: String,
        /// Password.
        password: String,
    },
    /// An Enterprise API token.
    Bearer {
        /// The token.
        token: String,
    },
    /// Enterprise API tokens, one per person.
    People(Vec<Holder>),
}

impl Auth {
    /// The person whose token is in the `Authorization` header.
    pub(crate) fn holder(&self, header: Option<&str>) -> Option<&Holder> {
        let Self::People(people) = self else {
            return None;
        };
        let token = header?.strip_prefix("Bearer ")?;
        people.iter().find(|person| person.token == token)
    }
}

/// A person of the Enterprise edition who holds an API token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holder {
    /// The token.
    pub token: String,
    /// The email address that `/me` returns.
    pub email: String,
    /// Whether the person may do everything, in every tenant.
    pub administrator: bool,
    /// The tenants that the person is a member of.
    pub tenants: Vec<String>,
}

impl Holder {
    /// A member of tenant `main` who is not an administrator.
    pub fn new(token: &str, email: &str) -> Self {
        Self {
            token: token.to_owned(),
            email: email.to_owned(),
            administrator: false,
            tenants: vec!["main".to_owned()],
        }
    }
}

/// The settings of a [`Simulator`](crate::Simulator).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The version of the API.
    pub dialect: Dialect,
    /// The edition.
    pub edition: Edition,
    /// The only accepted credentials.
    pub auth: Auth,
    /// The only tenant.
    pub tenant: String,
    /// The clock.
    pub clock: Clock,
    /// How long a new flow cannot be executed or found, and a new execution is answered with 404
    /// (2.0 GA is eventually consistent). `None`: everything is visible at once.
    pub eventual: Option<Duration>,
    /// The value of `version` in `/configs`; `None` for that of the dialect.
    pub version: Option<String>,
    /// Whether filters on `namespaces/search` and `apps/search` are silently ignored, as by some
    /// builds of 2.0.
    pub ignore_filters: bool,
    /// The TCP port on 127.0.0.1; `None` lets the kernel choose one.
    pub port: Option<u16>,
}

impl Settings {
    /// Open source, HTTP Basic with [`USERNAME`] and [`PASSWORD`], tenant `main`, and a manual
    /// clock that starts at 2026-01-05 08:00 UTC.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            edition: Edition::OpenSource,
            auth: Auth::Basic {
                username: USERNAME.to_owned(),
                password: PASSWORD.to_owned(),
            },
            tenant: "main".to_owned(),
            clock: Clock::manual(1_767_600_000_000),
            eventual: None,
            version: None,
            ignore_filters: false,
            port: None,
        }
    }
}
