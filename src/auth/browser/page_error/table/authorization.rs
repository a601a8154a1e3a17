//! Errors of an authorization request, before a client is answered.

use http::StatusCode;
use tracing::Level;

use super::super::row::{NextStep, Row, START_AGAIN};

pub(super) const UNREADABLE: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This request cannot be answered",
    what: "The request must name the client and its redirect URI, each exactly once.",
    advice: "Nothing was allowed. This is an error in the client.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const UNKNOWN_CLIENT: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "Unknown client",
    what: "This server does not know the client that sent you here.",
    advice: "Nothing was allowed. Remove this server from the client and add it again, so that the \
             client registers anew.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const NO_DOCUMENT: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This client does not say who it is",
    what: "The client names itself by a URL that cannot be the URL of a client metadata document.",
    advice: "Nothing was allowed. This is an error in the client.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const DOCUMENT_HOST: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This client is not allowed",
    what: "The operator of this server has chosen the hosts that clients may come from.",
    advice: "Nothing was allowed. Ask the operator of this server to allow that host.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const DOCUMENT: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This client cannot be checked",
    what: "A metadata document describes the client, and this server could not read it.",
    advice: "Nothing was allowed, and there is nothing for you to fix, in the client or here: tell \
             the operator of this server. Either the server must be able to reach that host, or \
             the operator registers the client. The log of the server names the cause, under the \
             name of the host.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const REDIRECT_URI: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "Unknown redirect URI",
    what: "The client asks for the answer at a URI that it did not register.",
    advice: "Nothing was allowed. If you did not start this yourself, close this page.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const REDIRECT_SCHEME: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This redirect URI is not allowed",
    what: "The client asks for the answer at a URI whose scheme may open something other than a \
           client.",
    advice: "Nothing was allowed. If you know the client, ask the operator of this server.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const REFUSED: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This request cannot be answered",
    what: "The request of the client is not valid.",
    advice: "Nothing was allowed. This is an error in the client.",
    next: NextStep::Client,
    level: Level::INFO,
};

pub(super) const CLIENT_CHANGED: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "The client changed",
    what: "The client is no longer the one that this page showed you.",
    advice: "Nothing was allowed. Return to your client and start again there.",
    next: NextStep::Client,
    level: Level::WARN,
};

pub(super) const EXPIRED: Row = Row {
    status: StatusCode::GONE,
    title: "This request is over",
    what: "It was already decided, or it waited for more than ten minutes.",
    advice: START_AGAIN,
    next: NextStep::Client,
    level: Level::INFO,
};
