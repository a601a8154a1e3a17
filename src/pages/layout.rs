//! What all pages have in common.

use std::time::Duration;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::text::shown;
use super::{Page, Surface, style};

/// A page around `content`. `title` is also its heading, unless the content brings its own.
pub(super) struct Frame<'a> {
    pub(super) surface: Surface,
    pub(super) title: &'a str,
    pub(super) content: Markup,
}

impl Frame<'_> {
    pub(super) fn page(self) -> Page {
        let html = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (self.title) " · Kestra MCP" }
                    link rel="stylesheet" href=(style::PATH.as_str());
                }
                body {
                    header { p { "Kestra MCP" } }
                    main { h1 { (self.title) } (self.content) }
                }
            }
        };
        Page {
            surface: self.surface,
            html: html.into_string(),
        }
    }
}

/// A foreign name, visibly separated from the surrounding text.
pub(super) fn name(text: &str) -> Markup {
    let text = shown(text, 80);
    let text = if text.is_empty() { "(no name)" } else { &text };
    html! { bdi.name { (text) } }
}

/// A moment, in milliseconds since the epoch, to the minute. It stays on one line.
pub(super) fn moment(ms: i64) -> Markup {
    let Some(time) = chrono::DateTime::from_timestamp_millis(ms) else {
        return PreEscaped(String::new());
    };
    let exact = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let read = time.format("%-d %b %Y, %H:%M UTC").to_string();
    html! { time datetime=(exact) { (unbroken(&read)) } }
}

/// A length of time, in the largest unit that says it whole. It stays on one line.
pub(super) fn span(time: Duration) -> Markup {
    let seconds = time.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let fits = |(length, _): &(u64, _)| seconds >= *length && seconds.is_multiple_of(*length);
    let (length, unit) = units.into_iter().find(fits).unwrap_or((1, "second"));
    let count = seconds / length;
    let plural = if count == 1 { "" } else { "s" };
    html! { (unbroken(&format!("{count} {unit}{plural}"))) }
}

/// `text` with spaces at which no line ends.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// A hidden field.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
