//! Renders a page error, and logs it.

use std::borrow::Cow;

use axum::response::Response;
use tracing::Level;

use super::PageError;
use super::row::{NextStep, Row, START_AGAIN};
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::return_link::{ReturnLink, target};
use crate::auth::host::host_of;
use crate::pages::Surface;
use crate::pages::fault::{Claims, Fault, Link};

impl PageError {
    /// Logs constants and the request ID, never what a client sent.
    fn log(&self, request: &str, row: &Row) {
        let status = row.status.as_u16();
        let cause = std::error::Error::source(self).map(ToString::to_string);
        match row.level {
            Level::ERROR => tracing::error!(request, status, fault = %self, cause, "page refused"),
            Level::WARN => tracing::warn!(request, status, fault = %self, cause, "page refused"),
            _ => tracing::info!(request, status, fault = %self, cause, "page refused"),
        }
    }

    /// What the operator needs to know about claims.
    fn claims(&self) -> Option<Claims<'_>> {
        let Self::NoRole { claims, unmapped } = self else {
            return None;
        };
        Some(Claims {
            arrived: claims,
            looked_for: unmapped
                .iter()
                .map(|unmapped| (&*unmapped.path, unmapped.why.as_str()))
                .collect(),
        })
    }

    /// What happened, in a sentence or two.
    fn what(&self, row: &Row) -> Cow<'static, str> {
        match self {
            Self::InvalidRequest(error) => {
                Cow::Owned(format!("{} {} ({})", row.what, error.text(), error.code()))
            }
            Self::Document { host } => Cow::Owned(format!(
                "A metadata document at {host} describes the client, and this server could not \
                 read a valid one there."
            )),
            Self::DocumentHost { host } => {
                Cow::Owned(format!("{} {host} is not among them.", row.what))
            }
            _ => Cow::Borrowed(row.what),
        }
    }

    /// The page. During an authorization it links to `back`, the client's redirect URI, if that is
    /// known.
    pub(in crate::auth) fn answer(
        &self,
        browser: &BrowserRequest,
        surface: Surface,
        back: Option<&ReturnLink<'_>>,
    ) -> Response {
        let row = self.row();
        self.log(&browser.id.0, &row);
        let host = back.map(|back| host_of(back.redirect_uri));
        let link = match (surface, row.next, back) {
            (_, _, Some(back)) => Some(Link {
                address: &back.url,
                words: "Return to your client",
                target: Some(target(
                    back.redirect_uri,
                    host.as_deref().unwrap_or_default(),
                )),
            }),
            (Surface::Own | Surface::SignIn, NextStep::Account, None) => Some(Link {
                address: "/account",
                words: "Your account",
                target: None,
            }),
            (Surface::Own | Surface::SignIn, NextStep::Client, None)
            | (Surface::Authorization, _, None) => None,
        };
        let advice = match (surface, row.next) {
            (Surface::Authorization, NextStep::Account) if row.status.is_client_error() => {
                START_AGAIN
            }
            _ => row.advice,
        };
        let claims = self.claims();
        let page = Fault {
            surface,
            title: row.title,
            what: &self.what(&row),
            advice,
            request_id: &browser.id.0,
            claims: claims.as_ref(),
            link,
        };
        page.page().answer(row.status, browser.https)
    }
}
