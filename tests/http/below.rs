//! A public URL with a path, behind a proxy that forwards the path, and behind one that strips it.

use serde_json::{Value, json};

use crate::stand::{ANN_TOKEN, Application, Page, Stand};
use crate::wire::{metadata, redeeming};

const PATH: &str = "/kestra/mcp-server";

async fn below() -> Stand {
    Stand::with(|world| {
        let port = world.environment["KESTRA_MCP_PORT"].clone();
        world.set(
            "KESTRA_MCP_PUBLIC_URL",
            &format!("http://127.0.0.1:{port}{PATH}"),
        );
    })
    .await
}

#[tokio::test]
async fn d1_documents_are_where_clients_and_proxies_look() {
    let stand = below().await;
    let issuer = stand.issuer().to_owned();
    assert!(issuer.ends_with(PATH));
    let resource = "/.well-known/oauth-protected-resource";
    for path in [
        format!("{resource}{PATH}/mcp"),
        format!("{resource}{PATH}"),
        format!("{PATH}{resource}/mcp"),
        format!("{PATH}{resource}"),
        format!("{resource}/mcp"),
        resource.to_owned(),
    ] {
        let document = stand.get(&path).await.json();
        assert_eq!(document["resource"], format!("{issuer}/mcp"), "{path}");
        assert_eq!(document["authorization_servers"], json!([issuer]), "{path}");
    }
    for name in ["oauth-authorization-server", "openid-configuration"] {
        for path in [
            format!("/.well-known/{name}{PATH}"),
            format!("{PATH}/.well-known/{name}"),
            format!("/.well-known/{name}"),
        ] {
            let document = stand.get(&path).await.json();
            assert_eq!(document["issuer"], issuer, "{path}");
            for (field, end) in [
                ("authorization_endpoint", "/authorize"),
                ("token_endpoint", "/token"),
                ("registration_endpoint", "/register"),
                ("jwks_uri", "/.well-known/jwks.json"),
            ] {
                assert_eq!(document[field], format!("{issuer}{end}"), "{path}");
                let there = stand
                    .fetch(stand.http.get(document[field].as_str().unwrap()))
                    .await;
                assert_ne!(there.status, 404, "{field}");
            }
        }
    }
    for path in [
        "/.well-known/oauth-authorization-server/other",
        "/kestra/mcp",
        "/kestra",
    ] {
        assert_eq!(stand.get(path).await.status, 404, "{path}");
    }
}

/// From the bare URL to the first answer, following only what each step says.
#[tokio::test]
async fn a_client_discovers_everything_from_the_url_with_the_path() {
    let stand = below().await;
    let mcp = format!("{}/mcp", stand.issuer());
    let stranger = stand.fetch(stand.http.post(&mcp)).await;
    assert_eq!(stranger.status, 401);
    let challenge = stranger.header("www-authenticate").unwrap();
    let at = challenge.split("resource_metadata=\"").nth(1).unwrap();
    let document = stand
        .fetch(stand.http.get(at.split('"').next().unwrap()))
        .await
        .json();
    assert_eq!(document["resource"], mcp);
    let issuer = document["authorization_servers"][0].as_str().unwrap();
    let server = format!("{issuer}/.well-known/openid-configuration");
    let server = stand.fetch(stand.http.get(server)).await.json();
    let endpoint = |name: &str| server[name].as_str().unwrap().to_owned();
    let post = stand.http.post(endpoint("registration_endpoint"));
    let post = post.header("content-type", "application/json");
    let registered = stand.fetch(post.body(metadata().to_string())).await.json();
    let application = Application {
        id: registered["client_id"].as_str().unwrap().to_owned(),
        redirect: registered["redirect_uris"][0].as_str().unwrap().to_owned(),
        scope: None,
    };
    let browser = stand.browser_of("ann");
    let mut address: url::Url = endpoint("authorization_endpoint").parse().unwrap();
    address
        .query_pairs_mut()
        .extend_pairs(application.request(&stand));
    let page = browser.get(address.as_str()).await;
    assert!(
        page.location().path().starts_with(PATH),
        "{:?}",
        page.location()
    );
    let question = browser.follow(&page).await;
    assert_eq!(question.status, 200, "{}", question.text);
    let back = application.approved(&browser, question).await;
    assert_eq!(back.get("iss"), issuer);
    let callback = format!("{issuer}/auth/callback");
    let sent = stand.idp.requests();
    let asked = sent.iter().find_map(|sent| sent.parameter("redirect_uri"));
    assert_eq!(asked, Some(&*callback));
    let fields = redeeming(&application, &back.get("code"));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let post = stand.http.post(endpoint("token_endpoint"));
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let tokens = stand.fetch(post.body(body)).await.tokens();
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    for address in [mcp.clone(), format!("{mcp}/"), stand.url("/mcp")] {
        let post = stand.http.post(&address).bearer_auth(&tokens.access);
        let post = post.header("content-type", "application/json");
        let answer = stand.fetch(post.body(list.to_string())).await;
        assert_eq!(answer.status, 200, "{address}");
    }
}

/// Holds that no link of the page leads outside the path.
fn leads_below(page: &Page) {
    for address in ["href=\"/", "action=\"/"] {
        assert!(page.text.contains(address), "{}", page.text);
        for rest in page.text.split(address).skip(1) {
            let whole = format!("/{rest}");
            assert!(whole.starts_with(&format!("{PATH}/")), "{rest:.60}");
        }
    }
}

#[tokio::test]
async fn pages_link_below_the_path() {
    let stand = below().await;
    for account in [format!("{}/account", stand.issuer()), stand.url("/account")] {
        let browser = stand.browser_of("ann");
        let question = browser.get(&account).await;
        leads_below(&question);
        let style = question
            .text
            .split("rel=\"stylesheet\" href=\"")
            .nth(1)
            .unwrap();
        let style = question.url.join(style.split('"').next().unwrap()).unwrap();
        let style = stand.fetch(stand.http.get(style)).await;
        assert_eq!(
            (style.status, style.header("content-type")),
            (200, Some("text/css; charset=utf-8"))
        );
        let mut page = browser.leave(&question).await;
        while page.moves() {
            page = browser.follow(&page).await;
        }
        assert_eq!(
            (page.status.as_u16(), page.url.path()),
            (200, "/kestra/mcp-server/account"),
            "{}",
            page.text
        );
        leads_below(&page);
        let saved = browser.save(&page, &[("token", ANN_TOKEN)]).await;
        assert_eq!(
            saved.location().path(),
            "/kestra/mcp-server/account",
            "{}",
            saved.text
        );
        assert_eq!(saved.location().query(), Some("saved=1"));
    }
}

/// Two servers on one host do not mix up their sign-ins.
#[tokio::test]
async fn s1_cookies_of_two_servers_on_one_host_have_different_names() {
    let mut names = Vec::new();
    for public in [
        "https://mcp.example",
        "https://mcp.example/a",
        "https://mcp.example/b",
    ] {
        let stand = Stand::with(|world| world.set("KESTRA_MCP_PUBLIC_URL", public)).await;
        let page = stand.get("/account").await;
        let cookie = page.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-kmcp_"), "{cookie}");
        assert!(
            cookie.contains("; Path=/;") && cookie.contains("Secure"),
            "{cookie}"
        );
        names.push(cookie.split('=').next().unwrap().to_owned());
    }
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_client_at_another_path_learns_the_url_with_the_path() {
    let stand = below().await;
    for path in ["/kestra/mcp", "/kestra/mcp-server/sse", "/other"] {
        let answer = stand.get(path).await;
        assert_eq!(answer.status, 404);
        assert!(
            answer.text.contains(&format!("{}/mcp", stand.issuer())),
            "{}",
            answer.text
        );
    }
    let _: Value = stand
        .get(&format!("{PATH}/.well-known/jwks.json"))
        .await
        .json();
}

/// The endpoint shows browsers a page, and so does an unknown path.
#[tokio::test]
async fn pages_at_the_endpoint_and_at_unknown_paths_link_below_the_path() {
    let stand = below().await;
    for path in ["/mcp", "/mcp/", "/", "/nowhere"] {
        for at in [format!("{PATH}{path}"), path.to_owned()] {
            let get = stand.http.get(stand.url(&at)).header("accept", "text/html");
            let page = stand.fetch(get).await;
            assert_eq!(
                page.header("content-type"),
                Some("text/html; charset=utf-8"),
                "{at}"
            );
            let style = page.text.split("rel=\"stylesheet\" href=\"").nth(1);
            let style = style.unwrap().split('"').next().unwrap();
            assert!(
                style.starts_with(&format!("{PATH}/assets/")),
                "{at}: {style}"
            );
            assert_eq!(stand.get(style).await.status, 200, "{at}");
        }
    }
}
