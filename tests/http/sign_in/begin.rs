//! A sign-in begins with a button on our page, and never with a link.

use reqwest::StatusCode;

use super::from;
use crate::stand::{Browser, Stand};

/// The hidden fields and the button of the page that asks where to sign in.
fn leaving<'p>(
    form: &'p str,
    provider: &'p str,
    ticket: Option<&'p str>,
) -> Vec<(&'p str, &'p str)> {
    let mut fields = vec![
        ("action", "sign_in"),
        ("form", form),
        ("provider", provider),
    ];
    fields.extend(ticket.map(|ticket| ("t", ticket)));
    fields
}

#[tokio::test]
async fn s8_a_link_alone_begins_no_sign_in_but_a_press_of_the_button_does() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let account = stand.url("/account");
    for query in [
        "",
        "?provider=default",
        "?t=a-ticket",
        "?provider=default&t=a-ticket",
        "?action=sign_in&provider=default",
    ] {
        for site in [None, Some("none"), Some("cross-site"), Some("same-origin")] {
            let mut get = stand.http.get(format!("{account}{query}"));
            if let Some(site) = site {
                get = get
                    .header("sec-fetch-site", site)
                    .header("sec-fetch-mode", "navigate")
                    .header("sec-fetch-user", "?1");
            }
            let page = browser.send(get).await;
            assert_eq!(page.status, StatusCode::OK, "{query} {site:?}");
            assert!(page.asks_to_sign_in(), "{query} {site:?}");
            assert!(page.text.contains("Sign in at 127.0.0.1"), "{}", page.text);
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(!policy.contains("form-action"), "{policy}");
            assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
        }
    }
    assert!(stand.idp.requests().is_empty());
    let page = browser.get(&account).await;
    let left = browser.press(&page, ("provider", "default"), &[]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert!(left.location().as_str().starts_with(&stand.idp.issuer()));
}

#[tokio::test]
async fn s8_the_form_that_begins_a_sign_in_is_bound_to_browser_link_and_time() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let account = stand.url("/account");
    let page = browser.get(&format!("{account}?t=a-ticket")).await;
    let form = page.hidden("form");
    let body = format!("action=sign_in&provider=default&t=a-ticket&form={form}");
    for site in ["cross-site", "same-site", "none"] {
        let page = from(&stand, &browser, "/account", Some(site), &body).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{site}");
        assert!(page.text.contains("Another site sent this form"));
    }
    let other = Browser::new(stand.http.clone());
    let ticket = Some("a-ticket");
    for (who, fields, status) in [
        (&other, leaving(&form, "default", ticket), 403),
        (&browser, leaving(&form, "default", None), 403),
        (&browser, leaving(&form, "default", Some("another")), 403),
        (&browser, leaving("made-up", "default", ticket), 403),
        (&browser, leaving(&form, "nobody", ticket), 400),
        (&browser, vec![("action", "sign_in")], 400),
    ] {
        let page = who.post(&account, &fields).await;
        assert_eq!(page.status, status, "{fields:?}");
        assert!(!page.moves(), "{fields:?}");
    }
    assert!(stand.idp.requests().is_empty());
    let fields = leaving(&form, "default", ticket);
    assert!(browser.post(&account, &fields).await.moves());
    // Nothing is stored for it, so it may be pressed again, for another login.
    assert!(browser.post(&account, &fields).await.moves());
    let page = browser.get(&account).await;
    let form = page.hidden("form");
    stand.later(600);
    let late = browser
        .post(&account, &leaving(&form, "default", None))
        .await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(late.text.contains("href=\"/account\""), "{}", late.text);
}

#[tokio::test]
async fn s8_a_person_signed_in_in_another_window_skips_the_provider() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let before = browser.get(&stand.url("/account")).await;
    browser.walk(&stand.url("/account")).await;
    stand.idp.forget_requests();
    let page = browser.press(&before, ("provider", "default"), &[]).await;
    assert_eq!(page.headers["location"], "/account");
    assert!(stand.idp.requests().is_empty());
}
