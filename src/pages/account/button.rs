//! A button of the account page.

use maud::{Markup, html};

use crate::pages::layout::hidden;

/// A button that does one thing.
pub(super) fn act(
    form: &str,
    action: &str,
    grant: Option<&str>,
    class: &str,
    words: &str,
) -> Markup {
    html! {
        form method="post" action="/account" {
            (hidden("form", form))
            (hidden("action", action))
            @if let Some(grant) = grant { (hidden("grant", grant)) }
            button type="submit" class=[(!class.is_empty()).then_some(class)] { (words) }
        }
    }
}
