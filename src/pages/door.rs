//! The page at the root of this server: how to add it to a client.

mod clients;

use maud::{Markup, html};

use super::layout::Frame;
use super::{Page, Surface};

pub use clients::{ClientSetup, Place, client_setups};

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
            @for setup in client_setups(self.mcp) { (section(&setup)) }
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

fn section(setup: &ClientSetup) -> Markup {
    html! {
        h2 { (setup.client) }
        p {
            @match setup.place {
                Place::Terminal => "In a terminal:",
                Place::File(name) => { "In the file " code { (name) } ":" }
            }
        }
        pre { code { (setup.text) } }
        @if let Some(sign_in) = setup.sign_in {
            p { "If no browser opens, sign in with " code { (sign_in) } "." }
        }
    }
}
