//! Errors of the account page: its forms, its links and its URL.

use http::StatusCode;
use tracing::Level;

use super::super::row::{NextStep, Row};

pub(super) const SECRET_IN_URL: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "Never put a secret into a URL",
    what: "The URL that you opened contains a token or a password. Nothing in it was used, saved \
           or logged here.",
    advice: "URLs are recorded: in the history of your browser, and by every proxy on the way. \
             Revoke this token, or change this password, and create a new one. Then open your \
             account without it, and enter the new one in the form.",
    next: NextStep::Account,
    level: Level::WARN,
};

pub(super) const UNREADABLE: Row = Row {
    status: StatusCode::BAD_REQUEST,
    title: "This form cannot be read",
    what: "Your browser sent something that this page does not ask for.",
    advice: "Nothing was changed. Open the page again.",
    next: NextStep::Account,
    level: Level::INFO,
};

pub(super) const CROSS_SITE: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "Sent by another site",
    what: "Another site sent this form in your name.",
    advice: "Nothing was changed. Close the page that you came from.",
    next: NextStep::Account,
    level: Level::WARN,
};

pub(super) const EXPIRED: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "This form has expired",
    what: "It was already sent, is more than ten minutes old, or was opened in another browser.",
    advice: "Nothing was changed. Open the page again.",
    next: NextStep::Account,
    level: Level::INFO,
};

pub(super) const LINK_OF_ANOTHER: Row = Row {
    status: StatusCode::FORBIDDEN,
    title: "This link is not yours",
    what: "It was made for a person other than the one who is signed in.",
    advice: "Nothing was saved. Open your own account, or sign in as that person.",
    next: NextStep::Account,
    level: Level::WARN,
};

pub(super) const LINK_EXPIRED: Row = Row {
    status: StatusCode::GONE,
    title: "This link is over",
    what: "It was already used, or it has expired.",
    advice: "You do not need it: your account has everything that it leads to.",
    next: NextStep::Account,
    level: Level::INFO,
};

pub(super) const NO_GRANT: Row = Row {
    status: StatusCode::NOT_FOUND,
    title: "No such client",
    what: "This client is not connected, or is no longer connected.",
    advice: "Nothing was changed.",
    next: NextStep::Account,
    level: Level::INFO,
};
