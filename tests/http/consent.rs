//! Consent: the page that asks, and what protects it, up to the redirect to the provider.

mod details;
mod read_only;

use kestra_mcp::store::Store as _;
use reqwest::StatusCode;
use serde_json::json;

use crate::stand::{Application, Browser, Page, Stand, address};
use crate::wire::metadata;

/// The names of this server's cookies in a browser.
fn cookies(stand: &Stand, browser: &Browser) -> Vec<String> {
    let origin = stand.url("").replace("http://", "");
    let cookies = browser.cookies(&origin);
    let names = cookies.iter().map(|pair| pair.split('=').next().unwrap());
    names.map(str::to_owned).collect()
}

/// How often the provider got an authentication request.
fn logins(stand: &Stand) -> usize {
    let requests = stand.idp.requests();
    requests
        .iter()
        .filter(|request| request.path == "/authorize")
        .count()
}

async fn approve(browser: &Browser, question: &Page) -> Page {
    browser.press(question, ("provider", "default"), &[]).await
}

#[tokio::test]
async fn a9_consent_comes_before_any_request_to_the_provider() {
    let stand = Stand::start().await;
    // Ann is signed in there, and has approved another client before.
    stand.connect("ann").await;
    stand.idp.forget_requests();
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    assert_eq!(question.status, StatusCode::OK);
    assert!(stand.idp.requests().is_empty());
    let left = approve(&browser, &question).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert!(left.location().as_str().starts_with(&stand.idp.issuer()));
}

#[tokio::test]
async fn a9_a_refusal_ends_the_request_without_a_request_to_the_provider() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let denied = browser.press(&question, ("decision", "deny"), &[]).await;
    let to = denied.location();
    assert!(to.as_str().starts_with(&application.redirect));
    let told: Vec<String> = to
        .query_pairs()
        .map(|(_, value)| value.into_owned())
        .collect();
    assert!(told.contains(&"access_denied".to_owned()), "{to}");
    assert!(told.contains(&"state-of-the-client".to_owned()), "{to}");
    assert!(stand.idp.requests().is_empty());
    let again = browser.get(question.url.as_str()).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a10_the_page_names_the_client_the_scopes_and_the_redirect_uri() {
    let (stand, desk) = Stand::with_desk().await;
    let browser = stand.browser_of("ann");
    let application = Application::register(&stand).await;
    let page = application.ask(&stand, &browser).await.text;
    for text in [
        "Test client",
        "Not verified.",
        "127.0.0.1:1",
        "A program on this computer",
        "Start and stop executions",
        "up to 30\u{a0}days",
        &format!("href=\"{}/account\"", stand.issuer()),
        &stand.idp.issuer().replace("http://", ""),
    ] {
        assert!(page.contains(text), "{text}");
    }
    let page = desk.ask(&stand, &browser).await.text;
    assert!(page.contains("Registered by the operator") && page.contains("desk.example:8443"));
    for text in ["Not verified", "this computer", "Start and stop"] {
        assert!(!page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a10_the_redirect_uri_is_shown_in_full() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let long = format!("https://client.example/{}/end?of=it", "way/".repeat(400));
    for redirect in [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "com.example.app:https://bank.example/callback",
        "com.example.app://bank.example@evil.example/callback?a=b",
        "https://xn--bnk-5cd.example/%E2%80%AEcallback",
        &long,
    ] {
        let mut all = metadata();
        all["redirect_uris"] = json!([redirect]);
        let (application, _) = stand.registered(&all).await;
        let application = Application {
            redirect: redirect.to_owned(),
            ..application
        };
        let page = application.ask(&stand, &browser).await.text;
        assert!(page.contains(&format!(">{redirect}<")), "{page}");
    }
}

/// Consent covers what the page showed: a client that changed meanwhile starts again.
#[tokio::test]
async fn a10_a_client_removed_meanwhile_gets_nothing() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let store = stand.store().await;
    let id = &application.id;
    let mut client = store.client(id).await.unwrap().unwrap();
    for change in ["name", "redirect_uris", "gone"] {
        match change {
            "name" => client.name = "Another".to_owned(),
            "redirect_uris" => {
                client.name = "Test client".to_owned();
                client.redirect_uris = vec!["https://client.example/callback".to_owned()];
            }
            _ => {}
        }
        store.put_client(&client).await.unwrap();
        if change == "gone" {
            store.delete_client(id, stand.now()).await.unwrap();
        }
        let refused = approve(&browser, &question).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{change}");
        assert!(!refused.moves(), "{change}");
    }
    assert!(stand.idp.requests().is_empty());
}

#[tokio::test]
async fn a11_forms_and_requests_cannot_be_forged_or_combined() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let one = application.ask(&stand, &browser).await;
    let other = application.ask(&stand, &browser).await;
    let (txn, form) = (one.hidden("txn"), one.hidden("form"));
    let flipped = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let (handle, sealed) = form.split_once('.').unwrap();
    let (_, sealed_other) = {
        let form = other.hidden("form");
        let (handle, sealed) = form.split_once('.').unwrap();
        (handle.to_owned(), sealed.to_owned())
    };
    for (txn, form, status) in [
        (txn.clone(), other.hidden("form"), 403),
        (txn.clone(), format!("{handle}.{sealed_other}"), 403),
        (txn.clone(), handle.to_owned(), 403),
        (txn.clone(), format!("{handle}."), 403),
        (txn.clone(), flipped(&form, handle.len() + 20), 403),
        (
            txn.clone(),
            format!("{handle}.{sealed}{}", "A".repeat(2000)),
            403,
        ),
        (flipped(&txn, 40), form.clone(), 410),
        (flipped(&txn, txn.len() - 20), form.clone(), 410),
        ("A".repeat(13 * 1024), form.clone(), 410),
        (sealed.to_owned(), form.clone(), 410),
    ] {
        let fields = [("txn", &*txn), ("form", &*form), ("provider", "default")];
        let refused = browser.post(&stand.url("/consent"), &fields).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(!refused.moves());
    }
    assert!(stand.idp.requests().is_empty());
    assert!(approve(&browser, &one).await.moves());
}

/// Two servers, or one after a restart: sealed values open wherever the keys are.
#[tokio::test]
async fn a13_a_consent_page_outlives_a_restart_and_is_answered_once() {
    let mut stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    stand.restart().await;
    let posts = (0..8).map(|_| approve(&browser, &question));
    let answers = futures::future::join_all(posts).await;
    let left = answers.iter().filter(|answer| answer.moves()).count();
    assert_eq!(left, 1);
    let gone = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::GONE);
    assert_eq!(gone.count(), 7);
    stand.restart().await;
    assert_eq!(approve(&browser, &question).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a10_a_hostile_name_is_text_and_is_cut() {
    let stand = Stand::start().await;
    let name = format!("<script>alert(1)</script>\u{202e}{}", "long ".repeat(60));
    let mut all = metadata();
    all["client_name"] = json!(name);
    all["redirect_uris"] = json!(["com.example.app:/callback"]);
    let (application, _) = stand.registered(&all).await;
    let browser = stand.browser_of("ann");
    let page = application.ask(&stand, &browser).await.text;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("com.example.app:") && page.contains('…'));
    assert!(!page.contains("<script") && !page.contains('\u{202e}'));
    assert!(!page.contains(&"long ".repeat(20)));
}

#[tokio::test]
async fn a11_a_form_is_good_only_in_the_browser_that_got_it() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let (mine, other) = (stand.browser_of("ann"), stand.browser_of("ann"));
    let question = application.ask(&stand, &mine).await;
    // Another browser, without cookies of ours and with some.
    for turn in 0..2 {
        let refused = approve(&other, &question).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{turn}");
        assert!(!refused.moves());
        other.get(question.url.as_str()).await;
    }
    assert!(stand.idp.requests().is_empty());
    assert!(approve(&mine, &question).await.moves());
}

#[tokio::test]
async fn a12_an_earlier_rendering_of_the_page_stays_good() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let first = application.ask(&stand, &browser).await;
    let second = browser.get(first.url.as_str()).await;
    assert_ne!(first.hidden("form"), second.hidden("form"));
    let back = application.approved(&browser, first).await;
    assert_eq!(back.all("code").len(), 1);
    let late = approve(&browser, &second).await;
    assert_eq!(late.status, StatusCode::GONE);
}

#[tokio::test]
async fn a13_nothing_binds_the_browser_before_consent() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    assert_eq!(cookies(&stand, &browser), ["kmcp_c_0"]);
    approve(&browser, &question).await;
    assert_eq!(cookies(&stand, &browser), ["kmcp_b_0", "kmcp_c_0"]);
}

/// Also B3.
#[tokio::test]
async fn a13_a_state_is_good_once_and_for_ten_minutes() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let left = approve(&browser, &question).await;
    let callback = browser.follow(&left).await;
    let first = browser.follow(&callback).await;
    assert!(first.location().as_str().starts_with(&application.redirect));
    let second = browser.follow(&callback).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert!(!second.moves());

    let question = application.ask(&stand, &browser).await;
    let left = approve(&browser, &question).await;
    let callback = browser.follow(&left).await;
    stand.later(600);
    let late = browser.follow(&callback).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(!late.moves());
}

#[tokio::test]
async fn a13_a_consent_page_is_good_for_ten_minutes() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    stand.later(600);
    let late = approve(&browser, &question).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert_eq!(
        browser.get(question.url.as_str()).await.status,
        StatusCode::GONE
    );
    assert!(stand.idp.requests().is_empty());
}

/// Also B3.
#[tokio::test]
async fn a14_the_callback_is_for_the_browser_that_approved() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let (mine, other) = (stand.browser_of("ann"), stand.browser_of("ann"));
    let question = application.ask(&stand, &mine).await;
    let left = approve(&mine, &question).await;
    // Another person is lured to log in with the URL that was made for this browser.
    for turn in 0..2 {
        let callback = other.follow(&left).await;
        let refused = other.follow(&callback).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{turn}");
        assert!(!refused.moves());
        // The second time with a cookie of its own.
        let question = application.ask(&stand, &other).await;
        approve(&other, &question).await;
    }
    let callback = mine.follow(&left).await;
    let back = mine.follow(&callback).await.location();
    assert!(back.query_pairs().any(|(name, _)| name == "code"), "{back}");
}

#[tokio::test]
async fn a19_neither_a_login_nor_an_earlier_consent_replaces_consent() {
    let stand = Stand::start().await;
    let (application, _) = stand.connect("ann").await;
    let browser = stand.browser_of("ann");
    browser.walk(&stand.url("/account")).await;
    application.approve(&stand, &browser).await;
    let before = logins(&stand);
    let mut silent = application.request(&stand);
    silent.push(("prompt", "none".to_owned()));
    for request in [application.request(&stand), silent] {
        let to = address(&stand, &request);
        let get = stand.http.get(to).header("sec-fetch-site", "cross-site");
        let page = browser.send(get).await;
        let page = browser.follow(&page).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Allow access to Kestra?"));
    }
    assert_eq!(logins(&stand), before);
}
