//! `/authorize`: the checks of a request before a person sees a page.

use reqwest::StatusCode;
use serde_json::json;
use simulator::oidc::CLIENT_ID;

use crate::stand::{Application, Back, Browser, Page, Stand, address, challenge};
use crate::wire::{self, Fields, metadata};

/// The same with another value, or without one.
fn but(all: &Fields, name: &'static str, value: Option<&str>) -> Fields {
    match value {
        Some(value) => wire::but(all, name, value),
        None => wire::without(all, name),
    }
}

async fn open(stand: &Stand, parameters: &[(&str, String)]) -> Page {
    let browser = Browser::new(stand.http.clone());
    browser.get(&address(stand, parameters)).await
}

/// Holds that the response redirects nowhere.
fn assert_stays(page: &Page, why: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{why}");
    assert!(!page.moves(), "{why}");
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .split(';')
            .next(),
        Some("default-src 'none'")
    );
}

/// Holds that the page shows where the client is, and links there with `error`. The client
/// registered itself, so the response does not redirect.
fn assert_reported(page: &Page, stand: &Stand, application: &Application, error: &str, why: &str) {
    assert_stays(page, why);
    assert!(
        page.text.contains(&*application.redirect),
        "{why}: {}",
        page.text
    );
    assert!(page.text.contains(error), "{why}: {}", page.text);
    let back = Back(page.client_link());
    assert_answer(&back, stand, application, error, why);
}

/// Holds that a client of the operator gets the error by a redirect.
fn assert_sent(page: &Page, stand: &Stand, application: &Application, error: &str, why: &str) {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{why}: {}", page.text);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["cache-control"], "no-store");
    let back = Back(page.location());
    assert_answer(&back, stand, application, error, why);
}

/// Holds that the client gets `error` in the form that it must.
fn assert_answer(back: &Back, stand: &Stand, application: &Application, error: &str, why: &str) {
    assert!(back.0.as_str().starts_with(&application.redirect), "{why}");
    assert_eq!(back.get("error"), error, "{why}");
    assert_eq!(back.get("state"), "state-of-the-client", "{why}");
    assert_eq!(back.get("iss"), stand.issuer(), "{why}");
    assert!(back.all("code").is_empty(), "{why}");
}

/// A faulty request, and the error for the client.
const WRONG: [(&str, Option<&str>, &str); 8] = [
    ("response_type", None, "invalid_request"),
    ("response_type", Some("token"), "unsupported_response_type"),
    (
        "response_type",
        Some("code id_token"),
        "unsupported_response_type",
    ),
    ("response_mode", Some("form_post"), "invalid_request"),
    ("request", Some("e30.e30."), "invalid_request"),
    (
        "request_uri",
        Some("https://client.example/r"),
        "invalid_request",
    ),
    ("code_challenge", None, "invalid_request"),
    (
        "resource",
        Some("https://other.example/mcp"),
        "invalid_target",
    ),
];

/// A client with these redirect URIs.
async fn registered(stand: &Stand, redirects: &[&str]) -> Application {
    let mut all = metadata();
    all["redirect_uris"] = json!(redirects);
    stand.registered(&all).await.0
}

#[tokio::test]
async fn a1_an_unknown_client_is_redirected_nowhere() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    for (name, value) in [
        ("client_id", None),
        ("client_id", Some("")),
        ("client_id", Some("nobody")),
        ("client_id", Some("https://client.example/")),
        ("client_id", Some(CLIENT_ID)),
        ("redirect_uri", None),
        ("redirect_uri", Some("")),
        ("redirect_uri", Some("https://evil.example/callback")),
    ] {
        let page = open(&stand, &but(&all, name, value)).await;
        assert_stays(&page, &format!("{name} {value:?}"));
        assert!(!page.text.contains("evil.example"));
    }
    assert!(stand.idp.requests().is_empty());
}

#[tokio::test]
async fn a2_a_known_client_learns_what_is_wrong() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    for (name, value, error) in WRONG {
        let page = open(&stand, &but(&all, name, value)).await;
        let why = format!("{name} {value:?}");
        assert_reported(&page, &stand, &application, error, &why);
    }
}

/// Also B10.
#[tokio::test]
async fn a2_a_client_of_the_operator_gets_errors_by_redirect() {
    let (stand, desk) = Stand::with_desk().await;
    let all = desk.request(&stand);
    for (name, value, error) in WRONG {
        let page = open(&stand, &but(&all, name, value)).await;
        let why = format!("{name} {value:?}");
        assert_sent(&page, &stand, &desk, error, &why);
    }
}

/// RFC 9700 section 4.11.2: a self-registered client cannot use this server as an open redirector.
#[tokio::test]
async fn b21_a_wrong_request_of_an_untrusted_client_redirects_no_browser() {
    let stand = Stand::start().await;
    for redirect in [
        "https://evil.example/landing?campaign=1",
        "http://127.0.0.1:1/callback",
        "com.example.evil://landing/page",
        "cursor://evil.example/landing",
    ] {
        let application = registered(&stand, &[redirect]).await;
        let application = Application {
            redirect: redirect.to_owned(),
            ..application
        };
        let all = application.request(&stand);
        for (name, value, error) in WRONG {
            let wrong = but(&all, name, value);
            let why = format!("{redirect} {name} {value:?}");
            for page in [open(&stand, &wrong).await, post(&stand, &wrong).await] {
                assert_stays(&page, &why);
                assert!(!page.headers.contains_key("refresh"), "{why}");
                let address = redirect.replace('&', "&amp;");
                assert!(page.text.contains(&format!(">{address}<")), "{}", page.text);
                let back = Back(page.client_link());
                let (before, _) = redirect.split_once('?').unwrap_or((redirect, ""));
                assert!(back.0.as_str().starts_with(before), "{}", back.0);
                assert_eq!(back.get("error"), error, "{why}");
                assert_eq!(back.get("state"), "state-of-the-client", "{why}");
                assert_eq!(back.get("iss"), stand.issuer(), "{why}");
            }
        }
    }
    assert!(stand.idp.requests().is_empty());
}

/// The same in the body of a form.
async fn post(stand: &Stand, parameters: &[(&str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let browser = Browser::new(stand.http.clone());
    browser.post(&stand.url("/authorize"), &fields).await
}

#[tokio::test]
async fn a3_every_client_uses_pkce_with_s256() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    let (good, long) = (challenge("v"), challenge("v") + "A");
    let padded = format!("{good}=");
    for (name, value) in [
        ("code_challenge", None),
        ("code_challenge", Some("")),
        ("code_challenge", Some(&good[..42])),
        ("code_challenge", Some(&long)),
        ("code_challenge", Some(&padded)),
        (
            "code_challenge",
            Some("+++++++++++++++++++++++++++++++++++++++++++"),
        ),
        ("code_challenge_method", None),
        ("code_challenge_method", Some("plain")),
        ("code_challenge_method", Some("s256")),
        ("code_challenge_method", Some("S512")),
    ] {
        let page = open(&stand, &but(&all, name, value)).await;
        let why = format!("{name} {value:?}");
        assert_reported(&page, &stand, &application, "invalid_request", &why);
    }
    let page = open(&stand, &all).await;
    assert_eq!(page.location().path(), "/consent");
}

#[tokio::test]
async fn a4_a_redirect_uri_matches_byte_for_byte_except_for_the_port_on_loopback() {
    let stand = Stand::start().await;
    let application = registered(
        &stand,
        &[
            "http://127.0.0.1:1/callback",
            "https://client.example/callback?a=b",
            "com.example.app:/callback",
        ],
    );
    let application = application.await;
    let all = application.request(&stand);
    for good in [
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "http://127.0.0.1/callback",
        "https://client.example/callback?a=b",
        "com.example.app:/callback",
    ] {
        let page = open(&stand, &but(&all, "redirect_uri", Some(good))).await;
        assert!(
            page.moves() && page.location().path() == "/consent",
            "{good}"
        );
    }
    for bad in [
        "http://localhost:1/callback",
        "http://[::1]:1/callback",
        "https://127.0.0.1:1/callback",
        "http://127.0.0.1:1/callback/",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/callback?a=b",
        "http://127.0.0.1:1/callback#here",
        "http://127.0.0.1:1/%63allback",
        "http://127.0.0.1:1@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "https://client.example:443/callback?a=b",
        "https://client.example/callback",
        "https://Client.example/callback?a=b",
        "https://client.example/x/../callback?a=b",
        "https://client.example./callback?a=b",
        "com.example.app:/callback/",
        "COM.example.app:/callback",
    ] {
        let page = open(&stand, &but(&all, "redirect_uri", Some(bad))).await;
        assert_stays(&page, bad);
    }
}

#[tokio::test]
async fn a5_the_resource_is_this_server() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    let issuer = stand.issuer();
    for good in [
        None,
        Some(format!("{issuer}/mcp")),
        Some(format!("{issuer}/mcp/")),
        Some(issuer.to_owned()),
        Some(format!("{issuer}/")),
        Some(format!("{}/mcp", issuer.replace("http:", "HTTP:"))),
    ] {
        let page = open(&stand, &but(&all, "resource", good.as_deref())).await;
        assert_eq!(page.location().path(), "/consent", "{good:?}");
    }
    for bad in [
        "https://other.example/mcp".to_owned(),
        format!("{issuer}/mcp#here"),
        format!("{issuer}/other"),
        "mcp".to_owned(),
    ] {
        let page = open(&stand, &but(&all, "resource", Some(&bad))).await;
        assert_reported(&page, &stand, &application, "invalid_target", &bad);
    }
    let mut twice = all.clone();
    twice.push(("resource", format!("{issuer}/mcp")));
    let page = open(&stand, &twice).await;
    assert_reported(&page, &stand, &application, "invalid_target", "repeated");
}

#[tokio::test]
async fn a6_unknown_scopes_are_dropped() {
    let stand = Stand::start().await;
    let mut application = Application::register(&stand).await;
    for (asked, granted) in [
        (Some("kestra:read email"), "kestra:read"),
        (None, "kestra:read kestra:write"),
        (Some("kestra.write"), "kestra:read kestra:write"),
    ] {
        application.scope = asked.map(str::to_owned);
        let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
        assert_eq!(tokens.all["scope"], granted, "{asked:?}");
    }
    // OpenID Connect clients always ask for these.
    for (asked, granted) in [
        ("openid profile email", "kestra:read kestra:write"),
        ("kestra:admin", "kestra:read kestra:write"),
        (
            "openid offline_access",
            "kestra:read kestra:write offline_access",
        ),
    ] {
        application.scope = Some(asked.to_owned());
        let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
        assert_eq!(tokens.all["scope"], granted, "{asked}");
    }
    // A client that registered for less gets no more by asking for an unknown scope.
    let mut metadata = wire::metadata();
    metadata["scope"] = json!("kestra:read");
    let (mut application, _) = stand.registered(&metadata).await;
    application.scope = Some("openid profile".to_owned());
    let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
    assert_eq!(tokens.all["scope"], "kestra:read");
}

#[tokio::test]
async fn a6_a_read_only_server_grants_only_read_by_default() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_READ_ONLY", "true")).await;
    let mut application = Application::register(&stand).await;
    application.scope = Some("openid profile email".to_owned());
    let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
    assert_eq!(tokens.all["scope"], "kestra:read");
}

#[tokio::test]
async fn a7_there_is_one_iss_whatever_the_redirect_uri_has() {
    let stand = Stand::start().await;
    let uri = "http://127.0.0.1:1/callback?iss=https://evil.example&keep=it&code=old";
    let application = registered(&stand, &[uri]).await;
    let wrong = but(
        &application.request(&stand),
        "response_mode",
        Some("fragment"),
    );
    let told = Back(open(&stand, &wrong).await.client_link());
    let browser = stand.browser_of("ann");
    let mut client = application.clone();
    client.redirect = "http://127.0.0.1:1/callback".to_owned();
    let question = application.ask(&stand, &browser).await;
    let back = client.approved(&browser, question).await;
    for back in [&told, &back] {
        assert_eq!(back.get("iss"), stand.issuer());
        assert_eq!(back.get("keep"), "it");
    }
    let answer = application.redeem(&stand, &back.get("code")).await;
    assert_eq!(answer.status(), 200);
    assert!(told.all("code").is_empty());
}

#[tokio::test]
async fn a8_a_repeated_parameter_is_refused() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    for name in ["client_id", "redirect_uri"] {
        let mut twice = application.request(&stand);
        let again = twice
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap()
            .clone();
        twice.push(again);
        assert_stays(&open(&stand, &twice).await, name);
    }
    for name in ["scope", "code_challenge", "response_type", "unknown"] {
        let mut twice = application.request(&stand);
        twice.extend([(name, "a".to_owned()), (name, "b".to_owned())]);
        let page = open(&stand, &twice).await;
        assert_reported(&page, &stand, &application, "invalid_request", name);
    }
    let mut twice = application.request(&stand);
    twice.push(("state", "another".to_owned()));
    let back = Back(open(&stand, &twice).await.client_link());
    assert_eq!(back.get("error"), "invalid_request");
    assert!(back.all("state").is_empty());
}

#[tokio::test]
async fn a18_a_redirect_replaces_the_fragment() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let wrong = but(
        &application.request(&stand),
        "response_mode",
        Some("fragment"),
    );
    let told = open(&stand, &wrong).await.client_link();
    let back = application.approve(&stand, &stand.browser_of("ann")).await;
    // With an empty fragment a browser does not carry over that of the page before.
    assert_eq!(told.fragment(), Some(""));
    assert_eq!(back.0.fragment(), Some(""));
}

#[tokio::test]
async fn a_request_may_come_in_a_body() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    let page = post(&stand, &all).await;
    assert_eq!(page.location().path(), "/consent");
    let browser = Browser::new(stand.http.clone());
    let question = browser.follow(&page).await;
    assert!(question.text.contains("Test client"));
}

#[tokio::test]
async fn a_state_is_at_most_four_kilobytes() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let all = application.request(&stand);
    for good in [
        "s".repeat(4096),
        "\u{1}".repeat(1000),
        "\u{1f600}".repeat(1000),
    ] {
        let page = open(&stand, &but(&all, "state", Some(&good))).await;
        let question = Browser::new(stand.http.clone()).follow(&page).await;
        assert_eq!(question.status, StatusCode::OK, "{}", question.text);
        let browser = stand.browser_of("ann");
        let question = browser.follow(&page).await;
        let back = application.approved(&browser, question).await;
        assert_eq!(back.get("state"), good);
    }
    for bad in ["s".repeat(4097), "\u{1}".repeat(4096)] {
        let page = open(&stand, &but(&all, "state", Some(&bad))).await;
        assert_stays(&page, "too long");
        let back = Back(page.client_link());
        assert_eq!(back.get("error"), "invalid_request");
        assert_eq!(back.get("state"), bad);
    }
}
