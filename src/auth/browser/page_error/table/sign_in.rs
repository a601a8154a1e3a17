//! Errors of a sign-in at an identity provider.

use http::StatusCode;
use tracing::Level;

use super::super::row::{NextStep, Row, START_AGAIN, TRY_LATER};

const ASK: &str = "Ask the operator of this server.";

pub(super) const EXPIRED: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This sign-in is over",
    what: "It was already used, took more than ten minutes, or did not begin here.",
    advice: START_AGAIN,
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const OTHER_BROWSER: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "Begun in another browser",
    what: "This sign-in began in another browser, or took more than ten minutes.",
    advice: "If you did not begin it yourself, close this page: somebody may be trying to act in \
             your name. Otherwise start again in your client.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const MIX_UP: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "The answer of another provider",
    what: "The answer to this sign-in does not come from the identity provider that you chose, or \
           does not say so.",
    advice: "Nothing was allowed, and nobody received what was in it. Start again. If it happens \
             again, tell the operator of this server: one of the providers may be after your \
             account at another.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const NO_PROVIDER: Row = Row {
    status: StatusCode::NOT_FOUND,
    title: "No such identity provider",
    what: "No identity provider sends its answers to this URL.",
    advice: "Nothing was allowed. If you came from a sign-in, tell the operator of this server.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const SERVER_REFUSED: Row = Row {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "Sign-in does not work",
    what: "The identity provider refuses this server.",
    advice: "Tell the operator of this server to check its client at the identity provider \
             (OIDC_CLIENT_ID, OIDC_CLIENT_SECRET).",
    next: NextStep::Account,
    level: Level::ERROR,
};

pub(super) const PROVIDER: Row = Row {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "Sign-in does not work now",
    what: "The identity provider does not answer, or its answer is not valid.",
    advice: TRY_LATER,
    next: NextStep::Account,
    level: Level::WARN,
};

pub(super) const REFUSED: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "Not signed in",
    what: "The identity provider did not let you in, or you cancelled.",
    advice: "Try again, or ask whoever looks after your account there.",
    next: NextStep::Account,
    level: Level::INFO,
};

pub(super) const REQUIREMENT: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "You may not come in",
    what: "You are signed in at the identity provider, but your account there is not one of those \
           that may use this server.",
    advice: ASK,
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const OVERAGE: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "Your groups are not known",
    what: "You are in so many groups that the identity provider does not name them, and roles on \
           this server come from groups.",
    advice: "Ask the operator of this server to take roles from another claim, such as the roles \
             of the application.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const NO_ROLE: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "You have no role here",
    what: "You are signed in at the identity provider, but nothing it says about you gives you a \
           role on this server.",
    advice: "Ask the operator of this server for a role, or for a group that has one, and show \
             them this page.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const DISABLED: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "Your account is disabled",
    what: "An operator disabled your account on this server.",
    advice: ASK,
    next: NextStep::Client,
    level: Level::INFO,
};
