//! The names of loopback: without a configured public URL they are one server, and discovery
//! answers in the name of the request.

use serde_json::json;

use crate::stand::{Application, Back, Browser, Stand};
use crate::wire::{Answer, but, jwt, redeeming, refreshing};

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn port(stand: &Stand) -> u16 {
    stand.running().address().port()
}

async fn asked(stand: &Stand, host: &str, path: &str) -> Answer {
    let request = stand.http.get(stand.url(path)).header("host", host);
    stand.fetch(request).await
}

async fn challenge(stand: &Stand, host: &str) -> String {
    let request = stand.http.post(stand.url("/mcp")).header("host", host);
    let answer = stand.fetch(request).await;
    answer.header("www-authenticate").unwrap().to_owned()
}

#[tokio::test]
async fn d10_each_loopback_name_is_answered_in_that_name() {
    let stand = Stand::start().await;
    let port = port(&stand);
    for (host, name) in [
        ("localhost", "localhost"),
        ("LocalHost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
    ] {
        let (host, issuer) = (format!("{host}:{port}"), format!("http://{name}:{port}"));
        let metadata = format!("resource_metadata=\"{issuer}{RESOURCE}/mcp\"");
        let told = challenge(&stand, &host).await;
        assert!(told.contains(&metadata), "{told}");
        for path in [RESOURCE, "/.well-known/oauth-protected-resource/mcp"] {
            let document = asked(&stand, &host, path).await.json();
            assert_eq!(document["resource"], format!("{issuer}/mcp"), "{host}");
            assert_eq!(document["authorization_servers"], json!([issuer]), "{host}");
        }
        for path in [SERVER, OPENID] {
            let document = asked(&stand, &host, path).await.json();
            assert_eq!(document["issuer"], issuer, "{host}");
            for (field, path) in [
                ("authorization_endpoint", "/authorize"),
                ("token_endpoint", "/token"),
                ("registration_endpoint", "/register"),
                ("revocation_endpoint", "/revoke"),
                ("jwks_uri", "/.well-known/jwks.json"),
            ] {
                assert_eq!(document[field], format!("{issuer}{path}"), "{host}");
            }
        }
    }
}

/// A name with another port, of another machine, or with a configured public URL changes nothing.
#[tokio::test]
async fn d10_no_other_name_is_used_in_an_answer() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_ALLOWED_HOSTS", "other.example")).await;
    let here = stand.issuer().to_owned();
    assert_eq!(here, format!("http://127.0.0.1:{}", port(&stand)));
    for host in [
        "localhost",
        "localhost:1",
        "[::1]:443",
        "other.example",
        "127.0.0.1",
    ] {
        let document = asked(&stand, host, SERVER).await.json();
        assert_eq!(document["issuer"], here, "{host}");
    }
    let evil = asked(&stand, "evil.example", SERVER).await;
    assert_eq!(evil.status, 403);
    let stand = Stand::with(|world| {
        let port = world.environment["KESTRA_MCP_PORT"].clone();
        world.set("KESTRA_MCP_PUBLIC_URL", &format!("http://localhost:{port}"));
    })
    .await;
    let host = format!("127.0.0.1:{}", port(&stand));
    let document = asked(&stand, &host, SERVER).await.json();
    assert_eq!(
        document["issuer"],
        format!("http://localhost:{}", port(&stand))
    );
}

/// The whole authorization of `application`, which used the name `host`.
async fn connected(
    stand: &Stand,
    application: &Application,
    host: &str,
    resource: Option<&str>,
) -> Back {
    let browser = stand.browser_of("ann");
    let mut request = application.request(stand);
    request.retain(|(name, _)| *name != "resource");
    if let Some(resource) = resource {
        request.push(("resource", resource.to_owned()));
    }
    let address = crate::stand::address(stand, &request);
    let page = browser
        .send(stand.http.get(address).header("host", host))
        .await;
    assert_eq!(page.status, 307, "{host}");
    assert!(
        page.location()
            .as_str()
            .starts_with(&stand.url("/authorize?")),
        "{:?}",
        page.location()
    );
    let page = browser.follow(&page).await;
    let question = browser.follow(&page).await;
    application.approved(&browser, question).await
}

#[tokio::test]
async fn a7_a_sign_in_under_another_loopback_name_keeps_that_name() {
    let stand = Stand::start().await;
    for name in ["localhost", "[::1]"] {
        let host = format!("{name}:{}", port(&stand));
        let (issuer, resource) = (format!("http://{host}"), format!("http://{host}/mcp"));
        for named in [Some(&*resource), None] {
            let application = Application::register(&stand).await;
            let back = connected(&stand, &application, &host, named).await;
            assert_eq!(back.get("iss"), issuer, "{named:?}");
            let mut fields = redeeming(&application, &back.get("code"));
            if let Some(named) = named {
                fields.push(("resource", named.to_owned()));
            }
            let tokens = stand.post("/token", &fields).await.tokens();
            // It is one resource under every name.
            let claims = jwt(&tokens.access).1;
            assert_eq!(claims["aud"], format!("{}/mcp", stand.issuer()));
            assert_eq!(stand.mcp(&tokens.access).await, 200);
            let refresh = but(
                &refreshing(&application, &tokens.refresh),
                "resource",
                &resource,
            );
            let tokens = stand.post("/token", &refresh).await.tokens();
            let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
            let post = stand.http.post(stand.url("/mcp")).header("host", &host);
            let post = post
                .bearer_auth(&tokens.access)
                .header("content-type", "application/json");
            assert_eq!(stand.fetch(post.body(list)).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a2_a_refusal_names_the_issuer_that_the_client_knows() {
    let (stand, desk) = Stand::with_desk().await;
    let host = format!("localhost:{}", port(&stand));
    let mut request = desk.request(&stand);
    request.retain(|(name, _)| !["resource", "code_challenge_method"].contains(name));
    request.push(("resource", format!("http://{host}/mcp")));
    let browser = Browser::new(stand.http.clone());
    let page = browser.get(&crate::stand::address(&stand, &request)).await;
    let back = Back(page.location());
    assert_eq!(back.get("iss"), format!("http://{host}"));
    assert_eq!(back.get("error"), "invalid_request");
}

#[tokio::test]
async fn pages_redirect_to_the_name_that_cookies_are_for() {
    let stand = Stand::start().await;
    let host = format!("localhost:{}", port(&stand));
    for path in [
        "/account",
        "/account?t=a",
        "/auth/callback?state=x&code=y",
        "/consent?txn=z",
    ] {
        let answer = asked(&stand, &host, path).await;
        assert_eq!(answer.status, 307, "{path}");
        assert_eq!(answer.header("location"), Some(&*stand.url(path)), "{path}");
        assert!(answer.header("set-cookie").is_none());
    }
    for path in ["/healthz", "/.well-known/jwks.json"] {
        assert_eq!(asked(&stand, &host, path).await.status, 200, "{path}");
    }
}

/// A page loads its style from its own origin, because browsers do not follow a redirect to
/// another.
#[tokio::test]
async fn pages_under_another_name_load_their_style() {
    let stand = Stand::start().await;
    let host = format!("localhost:{}", port(&stand));
    for path in ["/mcp", "/nowhere"] {
        let get = stand.http.get(stand.url(path)).header("host", &host);
        let page = stand.fetch(get.header("accept", "text/html")).await;
        let style = page.text.split("rel=\"stylesheet\" href=\"").nth(1);
        let style = style.unwrap().split('"').next().unwrap();
        let style = asked(&stand, &host, style).await;
        assert_eq!(style.status, 200, "{path}");
        assert_eq!(
            style.header("content-type"),
            Some("text/css; charset=utf-8")
        );
    }
}
