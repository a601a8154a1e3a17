//! A page error as a page, and in the log.

use std::borrow::Cow;

use axum::response::Response;
use tracing::Level;

use super::Trouble;
use super::table::{Line, START_AGAIN, Way};
use crate::auth::browser::request::Visit;
use crate::auth::browser::return_link::{Back, target};
use crate::auth::host::host_of;
use crate::pages::Surface;
use crate::pages::fault::{Claims, Fault, Link};

impl Trouble {
    /// Writes one line to the log: constants, and the name of the request.
    fn log(&self, request: &str, line: &Line) {
        let status = line.status.as_u16();
        let cause = std::error::Error::source(self).map(ToString::to_string);
        match line.level {
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
    fn what(&self, line: &Line) -> Cow<'static, str> {
        match self {
            Self::Asked(error) => {
                Cow::Owned(format!("{} {} ({})", line.what, error.text(), error.code()))
            }
            Self::Document { host } => Cow::Owned(format!(
                "The client is described by a document at {host}, and this server could not read \
                 a good one there."
            )),
            Self::DocumentHost { host } => {
                Cow::Owned(format!("{} {host} is not among them.", line.what))
            }
            _ => Cow::Borrowed(line.what),
        }
    }

    /// The page. During an authorization it links to `back`, the client's address, if that is known.
    pub(in crate::auth) fn answer(
        &self,
        visit: &Visit,
        surface: Surface,
        back: Option<&Back<'_>>,
    ) -> Response {
        let line = self.line();
        self.log(&visit.name.0, &line);
        let host = back.map(|back| host_of(back.redirect_uri));
        let way_out = match (surface, line.way, back) {
            (_, _, Some(back)) => Some(Link {
                address: &back.address,
                words: "Return to your client",
                target: Some(target(
                    back.redirect_uri,
                    host.as_deref().unwrap_or_default(),
                )),
            }),
            (Surface::Own | Surface::SignIn, Way::Account, None) => Some(Link {
                address: "/account",
                words: "Your account",
                target: None,
            }),
            (Surface::Own | Surface::SignIn, Way::Client, None)
            | (Surface::Authorization, _, None) => None,
        };
        let advice = match (surface, line.way) {
            (Surface::Authorization, Way::Account) if line.status.is_client_error() => START_AGAIN,
            _ => line.advice,
        };
        let claims = self.claims();
        let page = Fault {
            surface,
            title: line.title,
            what: &self.what(&line),
            advice,
            request_id: &visit.name.0,
            claims: claims.as_ref(),
            link: way_out,
        };
        page.page().answer(line.status, visit.https)
    }
}
