//! What a person sees who opens the address of this server: how to add it to a client.

mod way;

use maud::{Markup, html};

use super::layout::Frame;
use super::{Page, Surface};

pub use way::{Place, Way, ways};

/// The first page.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// Of the MCP endpoint.
    pub mcp: &'a str,
    /// Of the account.
    pub account: &'a str,
}

impl Door<'_> {
    /// The page.
    pub fn page(self) -> Page {
        let content = html! {
            p { "This server lets an assistant use Kestra for you. Its address, for any MCP client:" }
            pre { code { (self.mcp) } }
            p {
                "Add it to your client once. The client then opens a browser, where you say what it may \
                 do, and sign in."
            }
            @for way in ways(self.mcp) { (section(&way)) }
            h2 { "Your account" }
            p {
                "Your Kestra credential and the clients that you let in are on "
                a href=(self.account) { "your account page" } "."
            }
        };
        Frame {
            surface: Surface::Own,
            title: "Add Kestra to your client",
            content,
        }
        .page()
    }
}

fn section(way: &Way) -> Markup {
    html! {
        h2 { (way.client) }
        p {
            @match way.place {
                Place::Terminal => "In a terminal:",
                Place::File(name) => { "In the file " code { (name) } ":" }
            }
        }
        pre { code { (way.text) } }
        @if let Some(sign_in) = way.sign_in {
            p { "If no browser opens, sign in with " code { (sign_in) } "." }
        }
    }
}
