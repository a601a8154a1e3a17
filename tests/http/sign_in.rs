//! The sign-in on our own pages, and its protection.

mod begin;

use kestra_mcp::store::Store as _;
use reqwest::StatusCode;
use reqwest::header::SET_COOKIE;
use serde_json::json;

use crate::stand::{ANN_TOKEN, Application, Browser, Page, Stand};
use crate::wire::jwt;

/// The whole `Set-Cookie` headers.
fn set(page: &Page) -> Vec<String> {
    let cookies = page.headers.get_all(SET_COOKIE).iter();
    cookies
        .map(|cookie| cookie.to_str().unwrap().to_owned())
        .collect()
}

/// The key of a browser's cookies: host and port.
fn origin(stand: &Stand) -> String {
    stand.url("").replace("http://", "")
}

/// The sign-in cookie of a browser, with its name.
fn sign_in(stand: &Stand, browser: &Browser) -> Option<String> {
    let cookies = browser.cookies(&origin(stand));
    cookies
        .into_iter()
        .find(|cookie| cookie.contains("kmcp_s="))
}

/// Reached as `https://kestra.example`, through a proxy that a test stands in for.
async fn behind_a_proxy() -> Stand {
    Stand::with(|world| {
        world.set("AUTH_SERVER_ISSUER_URL", "https://kestra.example");
        world.oidc.clients[0].redirect_uris =
            vec!["https://kestra.example/auth/callback".to_owned()];
    })
    .await
}

#[tokio::test]
async fn s1_cookies_are_host_only_secure_and_http_only() {
    let stand = behind_a_proxy().await;
    let browser = stand.browser_of("ann");
    let application = Application::register(&stand).await;
    let question = application.ask(&stand, &browser).await;
    let left = browser.sign_in(&stand.url("/account")).await;
    let callback = browser.follow(&left).await.location();
    let callback = callback
        .as_str()
        .replace("https://kestra.example", &stand.url(""));
    let landed = browser.get(&callback).await;
    for (page, name, life) in [
        (&question, "__Host-kmcp_c_0=", 600),
        (&left, "__Host-kmcp_b_0=", 600),
        (&landed, "__Host-kmcp_s=", 8 * 3600),
    ] {
        let set = set(page);
        let [cookie] = &*set else { panic!("{set:?}") };
        let attributes = format!("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age={life}");
        assert!(
            cookie.starts_with(name) && cookie.ends_with(&attributes),
            "{cookie}"
        );
        assert!(!cookie.to_lowercase().contains("domain"));
    }
    let account = browser.get(&stand.url("/account")).await;
    assert_eq!(account.status, StatusCode::OK);
    // A cookie that another host of the domain, or a plain connection, could plant is ignored.
    let planted = Browser::new(stand.http.clone());
    let ours = sign_in(&stand, &browser).unwrap();
    planted.keep(&origin(&stand), ours.strip_prefix("__Host-").unwrap());
    assert!(planted.get(&stand.url("/account")).await.asks_to_sign_in());
}

#[tokio::test]
async fn s1_on_loopback_without_tls_cookies_have_no_host_prefix() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let left = browser.sign_in(&stand.url("/account")).await;
    let set = set(&left);
    assert!(
        set[0].starts_with("kmcp_b_0=") && !set[0].contains("Secure"),
        "{set:?}"
    );
    assert!(
        set[0].contains("; HttpOnly; SameSite=Lax; Path=/;"),
        "{set:?}"
    );
}

#[tokio::test]
async fn s2_a_sign_in_has_a_new_id_that_is_not_stored() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    // An attacker planted an id before the login (session fixation).
    let fixed = "kmcp_s=an-id-that-somebody-else-knows-too-0123456789";
    browser.keep(&origin(&stand), fixed);
    browser.walk(&stand.url("/account")).await;
    let first = sign_in(&stand, &browser).unwrap();
    assert_ne!(first, fixed);
    let other = Browser::new(stand.http.clone());
    other.keep(&origin(&stand), fixed);
    assert!(other.get(&stand.url("/account")).await.asks_to_sign_in());
    // A second login in the same browser ends the first.
    stand.later(30 * 60);
    browser.walk(&stand.url("/account")).await;
    let second = sign_in(&stand, &browser).unwrap();
    assert_ne!(first, second);
    let folder = stand.database.parent().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for cookie in [&first, &second] {
            let value = cookie.split_once('=').unwrap().1.as_bytes();
            assert!(!bytes.windows(value.len()).any(|part| part == value));
        }
    }
}

#[tokio::test]
async fn s2_a_sign_in_ends_after_half_an_hour_idle_and_eight_hours_in_all() {
    let stand = Stand::start().await;
    let (browser, page) = stand.account_of("ann").await;
    stand.later(30 * 60 - 1);
    assert!(!browser.get(&stand.url("/account")).await.asks_to_sign_in());
    stand.later(30 * 60);
    assert!(browser.get(&stand.url("/account")).await.asks_to_sign_in());
    let over = browser.save(&page, &[("token", ANN_TOKEN)]).await;
    assert_eq!(over.status, StatusCode::FORBIDDEN);
    assert!(over.asks_to_sign_in() && over.text.contains("Nothing was changed"));

    let (browser, _) = stand.account_of("ann").await;
    for _ in 0..23 {
        stand.later(20 * 60);
        assert!(!browser.get(&stand.url("/account")).await.asks_to_sign_in());
    }
    stand.later(20 * 60);
    assert!(browser.get(&stand.url("/account")).await.asks_to_sign_in());
}

#[tokio::test]
async fn s3_a_sign_in_is_not_a_token_and_an_authorization_is_not_a_sign_in() {
    let stand = Stand::start().await;
    let (browser, _) = stand.account_of("ann").await;
    let post = stand.http.post(stand.url("/mcp"));
    let post = post.header("content-type", "application/json");
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer = browser.send(post.body(body.to_string())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);

    let browser = stand.browser_of("ann");
    let application = Application::register(&stand).await;
    let tokens = application.connect(&stand, &browser).await;
    assert_eq!(sign_in(&stand, &browser), None);
    let get = stand.http.get(stand.url("/account"));
    let page = browser.send(get.bearer_auth(&tokens.access)).await;
    assert!(page.asks_to_sign_in());
}

/// Sends a form as a page of `site` would.
async fn from(
    stand: &Stand,
    browser: &Browser,
    path: &str,
    site: Option<&str>,
    body: &str,
) -> Page {
    let post = stand.http.post(stand.url(path)).body(body.to_owned());
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    browser
        .send(match site {
            Some(site) => post.header("sec-fetch-site", site),
            None => post,
        })
        .await
}

#[tokio::test]
async fn s4_a_form_from_another_site_is_refused() {
    let stand = Stand::start().await;
    let (browser, account) = stand.account_of("ann").await;
    let application = Application::register(&stand).await;
    let question = application.ask(&stand, &browser).await;
    let consent = format!(
        "txn={}&form={}&provider=default",
        question.hidden("txn"),
        question.hidden("form")
    );
    let out = format!("form={}&action=sign_out", account.hidden("form"));
    stand.idp.forget_requests();
    for site in ["cross-site", "same-site", "none"] {
        for (path, body) in [("/consent", &consent), ("/account", &out)] {
            let page = from(&stand, &browser, path, Some(site), body).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{site} {path}");
            assert!(page.text.contains("Another site sent this form"));
        }
    }
    assert!(stand.idp.requests().is_empty());
    assert!(!browser.get(&stand.url("/account")).await.asks_to_sign_in());
    // Nothing was spent; and a request without an origin is not from a browser.
    let page = from(&stand, &browser, "/consent", Some("same-origin"), &consent).await;
    assert!(page.moves());
    let page = from(&stand, &browser, "/account", None, &out).await;
    assert!(page.text.contains("You are signed out"));
}

/// Also B26.
#[tokio::test]
async fn s5_every_page_forbids_frames_scripts_and_caching() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let (browser, account) = stand.account_of("ann").await;
    let nobody = Browser::new(stand.http.clone());
    let question = application.ask(&stand, &browser).await;
    let wrong = browser.save(&account, &[("token", "x")]).await;
    let mut pages = vec![account, question, wrong];
    for path in [
        "/authorize",
        "/authorize?client_id=a&client_id=b",
        "/consent",
        "/consent?txn=unknown",
        "/auth/callback",
        "/auth/callback?state=unknown&code=x",
        "/auth/callback/nobody?state=unknown&code=x",
        "/account?provider=unknown",
    ] {
        pages.push(nobody.get(&stand.url(path)).await);
    }
    for (path, fields) in [
        ("/authorize", vec![]),
        ("/consent", vec![("txn", "unknown")]),
        ("/account", vec![]),
    ] {
        pages.push(nobody.post(&stand.url(path), &fields).await);
    }
    pages.push(browser.post(&stand.url("/account"), &[]).await);
    for page in &pages {
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap());
        let url = page.url.as_str();
        assert_eq!(
            header("content-type"),
            Some("text/html; charset=utf-8"),
            "{url}"
        );
        let policy = header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{url}");
        assert!(policy.contains("frame-ancestors 'none'"), "{url}");
        assert_eq!(header("x-frame-options"), Some("DENY"), "{url}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{url}");
        assert_eq!(header("cache-control"), Some("no-store"), "{url}");
        assert_eq!(header("referrer-policy"), Some("same-origin"), "{url}");
        assert_eq!(header("access-control-allow-origin"), None, "{url}");
        assert!(!page.text.contains("<script"), "{url}");
    }
    let secure = behind_a_proxy().await;
    let page = nobody.get(&secure.url("/consent")).await;
    assert!(page.headers.contains_key("strict-transport-security"));
}

/// Also B2.
#[tokio::test]
async fn s6_no_parameter_chooses_where_a_login_leads() {
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let query =
        "next=https://evil.example&return_to=//evil.example&redirect_uri=https://evil.example";
    let left = browser
        .sign_in(&stand.url(&format!("/account?{query}")))
        .await;
    let callback = browser.follow(&left).await;
    let callback = format!("{}&{query}", callback.location());
    let landed = browser.get(&callback).await;
    assert_eq!(landed.location().as_str(), stand.url("/account"));
    assert_eq!(landed.headers["location"], "/account");
}

#[tokio::test]
async fn s7_a_disabled_person_has_no_pages() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let (browser, page) = stand.account_of("ann").await;
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let store = stand.store().await;
    store.disable_user(&user, Some(stand.now())).await.unwrap();
    let shown = browser.get(&stand.url("/account")).await;
    let saved = browser.save(&page, &[("token", ANN_TOKEN)]).await;
    let again = stand.browser_of("ann").walk(&stand.url("/account")).await;
    for page in [&shown, &saved, &again] {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("Your account is disabled"));
    }
    let url = stand.simulator.url();
    assert_eq!(store.credential(&user, &url, "main").await.unwrap(), None);
    // No client is authorized for them either.
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let left = browser.press(&question, ("provider", "default"), &[]).await;
    let callback = browser.follow(&left).await;
    let page = browser.follow(&callback).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("error=access_denied") && !page.text.contains("code="));
}
