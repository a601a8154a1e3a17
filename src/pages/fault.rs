//! Why something cannot go on, and what to do.

use maud::html;

use super::layout::Frame;
use super::text::shown;
use super::{Page, Surface};

/// What went wrong. All texts are ours; nothing that a provider or a client said is repeated.
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
    /// Where to go on.
    pub link: Option<Link<'a>>,
}

/// A way out of a page.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Its address.
    pub address: &'a str,
    /// Its words.
    pub words: &'a str,
}

impl Fault<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let content = html! {
            div.box.error role="alert" {
                p { (self.what) }
            }
            p { (self.advice) }
            @if let Some(link) = self.link {
                p.choices { a.button.act href=(link.address) { (link.words) } }
            }
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
