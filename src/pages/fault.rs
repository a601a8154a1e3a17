//! The error page: what went wrong, and what to do.

use maud::{Markup, html};

use super::layout::Frame;
use super::target::Target;
use super::text::shown;
use super::{Page, Surface};

/// What went wrong. All texts are ours; nothing that a provider or a client said is repeated, but for
/// the names of [`Claims`].
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// Where it happened.
    pub surface: Surface,
    /// A few words.
    pub title: &'a str,
    /// What happened, in a sentence.
    pub what: &'a str,
    /// What the person can do, in a sentence.
    pub advice: &'a str,
    /// Names the request in our log.
    pub request_id: &'a str,
    /// What the operator needs to know, where roles are missing.
    pub claims: Option<&'a Claims<'a>>,
    /// Where to go on.
    pub link: Option<Link<'a>>,
}

/// The names of the claims that a provider sent, and those that were looked for.
#[derive(Clone, Debug)]
pub struct Claims<'a> {
    /// Names of the claims that arrived.
    pub arrived: &'a [String],
    /// Paths of the claims that roles come from, each with its problem.
    pub looked_for: Vec<(&'a str, &'static str)>,
}

/// Names that a page shows at most.
const NAMES: usize = 60;

impl Claims<'_> {
    fn section(&self) -> Markup {
        html! {
            section aria-labelledby="claims" {
                h2 #claims { "For the operator" }
                @if self.looked_for.is_empty() {
                    p { "No rule says which claim roles come from: add a " code { "role_rule" } " to this provider." }
                } @else {
                    p { "Roles come from these claims:" }
                    ul {
                        @for (path, fault) in &self.looked_for {
                            li { code { (shown(path, 100)) } " " (fault) }
                        }
                    }
                }
                p { "The provider sent claims of these names:" }
                ul {
                    @for name in self.arrived.iter().take(NAMES) { li { code { (shown(name, 100)) } } }
                    @if self.arrived.len() > NAMES { li { "and more" } }
                }
                p { "Let the provider send a claim that a " code { "role_rule" } " reads, or map what it sends to a role." }
            }
        }
    }
}

/// A link that leads away from the page.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Its URL.
    pub address: &'a str,
    /// Its words.
    pub words: &'a str,
    /// Where it leads to, if that is not this server.
    pub target: Option<Target<'a>>,
}

impl Link<'_> {
    fn shown(self) -> Markup {
        html! {
            @if let Some(target) = self.target {
                h2 { "The client is at" }
                (target.notice())
                p.hint {
                    "The link takes you there, and tells the client what happened. Follow it only if \
                     you started this yourself."
                }
            }
            p.choices { a.button.act href=(self.address) { (self.words) } }
        }
    }
}

impl Fault<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let content = html! {
            div.box.error role="alert" {
                p { (self.what) }
            }
            p { (self.advice) }
            @if let Some(claims) = self.claims { (claims.section()) }
            @if let Some(link) = self.link { (link.shown()) }
            p.hint { "Request " code { (shown(self.request_id, 64)) } }
        };
        Frame {
            surface: self.surface,
            title: self.title,
            content,
        }
        .page()
    }
}
