//! That it worked.

use maud::html;

use super::layout::Frame;
use super::{Page, Surface};

/// The page after a credential was saved.
pub fn saved() -> Page {
    let content = html! {
        div.box.good role="status" {
            p { "Kestra accepted the credential, and it is saved." }
        }
        p { "You can close this page and return to your client." }
        p { a href="/account" { "Your account" } }
    };
    Frame {
        surface: Surface::Own,
        title: "Saved",
        content,
    }
    .page()
}
