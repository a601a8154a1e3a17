//! What kind of server is simulated.

use std::{fmt, time::Duration};

use crate::clock::Clock;

/// Name of the user of [`Settings::new`]; Kestra wants an e-mail address.
pub const USERNAME: &str = "admin@kestra.test";

/// Password of the user of [`Settings::new`]; meets Kestra's rule for passwords.
pub const PASSWORD: &str = "Simulated-1";

/// The API of one line of Kestra.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// 1.3 LTS: task runs in searches, flat parameters honoured, actions answer at once.
    V1_3,
    /// The development build of 2026-07-01: new paths, old error bodies, public `/configs`.
    V2_0Dev,
    /// 2.0 GA: problem documents, authenticated `/configs`, outputs only on their own routes.
    V2_0,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: [Self; 3] = [Self::V1_3, Self::V2_0Dev, Self::V2_0];

    /// Whether the paths and payloads of 2.0 are spoken (both 2.0 dialects).
    pub fn is_v2(self) -> bool {
        self != Self::V1_3
    }

    /// Whether this is 2.0 GA.
    pub fn is_ga(self) -> bool {
        self == Self::V2_0
    }

    /// The text of `version` in `/configs`.
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

/// Which product the server is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Edition {
    /// Open source: one user, tenant `main`.
    OpenSource,
    /// Enterprise: apps, `/me`, 403 for routes that do not exist.
    Enterprise,
}

/// The credentials the server accepts.
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
    /// Enterprise API tokens, each of a person.
    People(Vec<Holder>),
}

impl Auth {
    /// Whose token stands in the header `Authorization`.
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
    /// What `/me` names the person by.
    pub email: String,
    /// Whether the person may do everything in every tenant.
    pub administrator: bool,
    /// The tenants that the person is in.
    pub tenants: Vec<String>,
}

impl Holder {
    /// Somebody in tenant `main` who is no administrator.
    pub fn new(token: &str, email: &str) -> Self {
        Self {
            token: token.to_owned(),
            email: email.to_owned(),
            administrator: false,
            tenants: vec!["main".to_owned()],
        }
    }
}

/// How a [`Simulator`](crate::Simulator) behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The API spoken.
    pub dialect: Dialect,
    /// The product.
    pub edition: Edition,
    /// The only accepted credentials.
    pub auth: Auth,
    /// The only tenant.
    pub tenant: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// How long a new flow cannot be executed or found, and a new execution answers 404
    /// (2.0 GA is eventually consistent); `None`: everything is visible at once.
    pub eventual: Option<Duration>,
    /// Version text of `/configs` instead of the dialect's own.
    pub version: Option<String>,
    /// A 2.0 build that silently ignores filters on `namespaces/search` and `apps/search`.
    pub ignore_filters: bool,
    /// TCP port on 127.0.0.1; `None`: chosen by the kernel.
    pub port: Option<u16>,
}

impl Settings {
    /// Open source, Basic with [`USERNAME`] and [`PASSWORD`], tenant `main`, and a manual clock
    /// that starts on 2026-01-05 at 08:00 UTC.
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
