//! Errors that are not the person's.

use http::StatusCode;
use tracing::Level;

use super::super::row::{NextStep, Row, TRY_LATER};

pub(super) const TOO_MANY: Row = Row {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "Too many requests",
    what: "This server received too many requests.",
    advice: TRY_LATER,
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const UNAVAILABLE: Row = Row {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "This does not work now",
    what: "Something that this server needs does not answer.",
    advice: TRY_LATER,
    next: NextStep::Account,
    level: Level::ERROR,
};

pub(super) const FAILED: Row = Row {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    title: "This server failed",
    what: "Something in this server does not work.",
    advice: "Tell the operator of this server the request ID below.",
    next: NextStep::Account,
    level: Level::ERROR,
};
