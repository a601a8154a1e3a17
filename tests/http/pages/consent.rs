//! The consent page.

use std::time::Duration;

use kestra_mcp::pages::consent::{Right, Standing};
use kestra_mcp::pages::target::Redirect;

use super::consent;

const WEB: Redirect<'_> = Redirect::Web {
    host: "ide.example",
};
const LOCAL: Redirect<'_> = Redirect::Loopback {
    host: "127.0.0.1:33418",
};
const APP: Redirect<'_> = Redirect::App { scheme: "cursor" };
const OF_ITS_OWN: Standing<'_> = Standing::Document {
    host: "ide.example",
};

#[test]
fn a10_a_very_long_name_is_cut_but_never_the_host() {
    let long = "An excellent client ".repeat(500);
    let host = format!("{}.example.com", "a".repeat(230));
    let page = consent(&long, Standing::Unverified, Redirect::Web { host: &host }).page();
    let name = page.html().split("<bdi class=\"name\">").nth(1).unwrap();
    let name = name.split('<').next().unwrap();
    assert!(name.ends_with('…') && name.chars().count() <= 81, "{name}");
    assert!(page.html().contains(&host));
}

#[test]
fn a10_consent_shows_client_kestra_scopes_and_duration() {
    let page = consent("Ada's IDE", Standing::Unverified, LOCAL).page();
    let html = page.html();
    for words in [
        "<strong><bdi class=\"name\">Ada's IDE</bdi></strong>",
        "<strong><bdi class=\"name\">Production</bdi></strong>",
        "Not verified.",
        "A program on this computer",
        "127.0.0.1:33418",
        "See namespaces",
        "Start and stop executions",
        "up to 30\u{a0}days",
        "<a href=\"https://mcp.example.com/account\">https://mcp.example.com/account</a>",
        "id.example.com",
        "value=\"the-transaction\"",
        "value=\"the-form\"",
        "value=\"deny\"",
        "name=\"provider\" value=\"main\"",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let page = consent("IDE", OF_ITS_OWN, WEB).page();
    let html = page.html();
    assert!(html.contains("Published by <strong>ide.example</strong>"));
    assert!(html.contains("The website <strong>ide.example</strong>"));
    assert!(!html.contains("on this computer") && !html.contains("Not verified"));
}

#[test]
fn a10_an_untrusted_website_is_warned_of_and_a_local_client_only_mentioned() {
    for (standing, redirect, strong, mild) in [
        (Standing::Unverified, WEB, true, false),
        (OF_ITS_OWN, WEB, true, false),
        (Standing::Operator, WEB, false, false),
        (Standing::Unverified, LOCAL, false, true),
        (OF_ITS_OWN, LOCAL, false, true),
        (Standing::Unverified, APP, false, true),
        (Standing::Operator, APP, false, true),
    ] {
        let page = consent("IDE", standing, redirect).page();
        let html = page.html();
        let case = format!("{standing:?} {redirect:?}: {html}");
        assert_eq!(html.contains("class=\"box warn\""), strong, "{case}");
        assert_eq!(html.contains("Nobody has vouched"), strong, "{case}");
        assert_eq!(html.contains("you started this yourself"), mild, "{case}");
    }
}

#[test]
fn a20_read_only_is_offered_where_more_is_asked_for() {
    let box_of = "<input id=\"access\" type=\"checkbox\" name=\"access\" value=\"read\"";
    let mut question = consent("IDE", Standing::Unverified, LOCAL);
    let html = question.page();
    let html = html.html();
    let (at, form) = (html.find(box_of).unwrap(), html.find("<form").unwrap());
    assert!(form < at && at < html.find("<button").unwrap(), "{html}");
    let tag = html[at..].split('>').next().unwrap();
    assert!(!tag.contains("checked"), "nobody chose it: {tag}");
    question.rights = &[Right::Read];
    assert!(!question.page().html().contains("name=\"access\""));
}

#[test]
fn a_duration_is_shown_in_a_fitting_unit_on_one_line() {
    for (seconds, words) in [
        (1, "1\u{a0}second"),
        (90, "90\u{a0}seconds"),
        (900, "15\u{a0}minutes"),
        (3_600, "1\u{a0}hour"),
        (28_800, "8\u{a0}hours"),
        (86_400, "1\u{a0}day"),
        (90_000, "25\u{a0}hours"),
        (365 * 86_400, "365\u{a0}days"),
    ] {
        let mut question = consent("IDE", Standing::Unverified, LOCAL);
        question.lasts = Duration::from_secs(seconds);
        let page = question.page();
        let words = format!("For up to {words}, ");
        assert!(page.html().contains(&words), "{}", page.html());
    }
}
