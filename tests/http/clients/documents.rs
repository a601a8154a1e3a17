//! What a client metadata document must contain.

use serde_json::{Value, json};

use super::web::{Says, Web, document, is_let_on, is_refused, opened};
use crate::stand::Application;
use crate::wire::{redeeming, refreshing};

/// Publishes the document with one field changed or, where it is null, left out.
fn publish_with(web: &Web, path: &str, field: &str, value: &Value) -> Application {
    let application = web.publish(path, &[]);
    let mut document = document(&application.id);
    let fields = document.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), value.clone());
    }
    web.says(path, Says::json(&document, &[]));
    application
}

/// A client for each path, because documents are cached and fetches are limited.
async fn all_refused(cases: &[(&str, Value)]) {
    let web = Web::start().await;
    let stand = web.stand().await;
    for (nth, (field, value)) in cases.iter().enumerate() {
        let application = publish_with(&web, &format!("/{nth}.json"), field, value);
        let page = opened(&stand, &application).await;
        is_refused(&page, &format!("{field}: {value}"));
        assert_eq!(web.asked(), nth + 1, "{field}");
        stand.later(10);
    }
}

#[tokio::test]
async fn c2_a_document_names_its_client_id_name_and_redirect_uris() {
    all_refused(&[
        ("client_id", Value::Null),
        ("client_id", json!("https://client.example/other.json")),
        ("client_id", json!("")),
        ("client_id", json!(7)),
        ("client_name", Value::Null),
        ("client_name", json!("")),
        ("client_name", json!("  ")),
        ("client_name", json!(["a"])),
        ("redirect_uris", Value::Null),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!("http://127.0.0.1/callback")),
        ("redirect_uris", json!([7])),
        ("response_types", json!(["token"])),
        ("grant_types", json!(["client_credentials"])),
        ("application_type", json!("toaster")),
    ])
    .await;
}

/// With the fields that this server reads, and fields for others.
#[tokio::test]
async fn c2_the_documents_of_known_clients_are_accepted() {
    let web = Web::start().await;
    let stand = web.stand().await;
    for (path, redirect, document) in [
        (
            "/claude-code",
            "http://localhost:3118/callback",
            json!({
                "client_name": "Claude Code",
                "client_uri": "https://claude.ai",
                "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none",
            }),
        ),
        (
            "/vscode",
            "http://127.0.0.1:59656/",
            json!({
                "client_name": "Visual Studio Code",
                "application_type": "native",
                "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
                "grant_types": [
                    "authorization_code",
                    "refresh_token",
                    "urn:ietf:params:oauth:grant-type:device_code",
                ],
                "token_endpoint_auth_method": "none",
            }),
        ),
        (
            "/claude",
            "https://claude.ai/api/mcp/auth_callback",
            json!({
                "client_name": "Claude",
                "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
                "grant_types": [
                    "authorization_code",
                    "refresh_token",
                    "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ],
                "token_endpoint_auth_method": "none",
            }),
        ),
        (
            "/chatgpt",
            "https://chatgpt.com/connector_platform_oauth_redirect",
            json!({
                "client_name": "ChatGPT",
                "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                "jwks_uri": "https://chatgpt.com/oauth/jwks.json",
            }),
        ),
    ] {
        let mut application = web.publish(path, &[]);
        let mut document = document;
        document["client_id"] = json!(application.id);
        web.says(path, Says::json(&document, &[]));
        application.redirect = redirect.to_owned();
        let code = stand.code_for(&application, "ann").await;
        let tokens = stand.post("/token", &redeeming(&application, &code)).await;
        let tokens = tokens.tokens();
        let fields = refreshing(&application, &tokens.refresh);
        stand.post("/token", &fields).await.tokens();
        stand.later(60);
    }
}

#[tokio::test]
async fn c2_the_id_is_compared_byte_for_byte() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = web.publish("/a.json", &[]);
    let id = &application.id;
    for (nth, other) in [
        id.replace("client.example", "CLIENT.example"),
        id.replace("/a.json", "/%61.json"),
        format!("{id}?"),
        format!("{id}#"),
        format!("{id} "),
        id.replace("https", "http"),
    ]
    .into_iter()
    .enumerate()
    {
        web.says("/a.json", Says::json(&document(&other), &[]));
        is_refused(&opened(&stand, &application).await, &other);
        assert_eq!(web.asked(), nth + 1);
        stand.later(10);
    }
    web.says("/a.json", Says::json(&document(id), &[]));
    is_let_on(&opened(&stand, &application).await);
}

#[tokio::test]
async fn c3_a_document_holds_no_secret() {
    all_refused(&[
        ("client_secret", json!("open to everybody")),
        ("client_secret", json!("")),
        ("client_secret_expires_at", json!(0)),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("token_endpoint_auth_method", json!("client_secret_post")),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
    ])
    .await;
}

#[tokio::test]
async fn c3_of_several_methods_none_is_chosen() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = web.publish("/client.json", &[]);
    let mut several = document(&application.id);
    several["token_endpoint_auth_method"] = json!("private_key_jwt");
    several["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "none"]);
    web.says("/client.json", Says::json(&several, &[]));
    let code = stand.code_for(&application, "ann").await;
    let tokens = stand.post("/token", &redeeming(&application, &code)).await;
    assert_eq!(stand.mcp(&tokens.tokens().access).await, 200);
}

#[tokio::test]
async fn c4_only_a_listed_redirect_uri_is_used() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let mut application = web.publish("/client.json", &[("cache-control", "max-age=600")]);
    for redirect in [
        "http://127.0.0.1:1/other",
        "http://localhost:1/callback",
        "https://client.example/callback",
        "http://127.0.0.1:1/callback/",
    ] {
        application.redirect = redirect.to_owned();
        is_refused(&opened(&stand, &application).await, redirect);
    }
    for redirect in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:50000/callback",
    ] {
        application.redirect = redirect.to_owned();
        is_let_on(&opened(&stand, &application).await);
    }
}

/// Also B16.
#[tokio::test]
async fn c4_wildcards_and_dangerous_redirects_are_refused() {
    let redirects = [
        "https://*.client.example/callback",
        "https://client.example/*",
        "http://127.0.0.1:*/callback",
        "http://client.example/callback",
        "https://client.example/callback#a",
        "javascript:alert(1)",
        "data:text/html,a",
        "microsoft-edge:https://evil.example",
        "ms-settings:privacy",
        "tool://callback",
    ];
    let cases = redirects.map(|redirect| {
        let listed = json!(["http://127.0.0.1/callback", redirect]);
        ("redirect_uris", listed)
    });
    all_refused(&cases).await;
}

#[tokio::test]
async fn c4_a_web_client_has_https_redirect_uris() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let good = json!(["https://client.example/callback"]);
    let mut application = publish_with(&web, "/client.json", "redirect_uris", &good);
    let mut document = document(&application.id);
    document["redirect_uris"] = good;
    document["application_type"] = json!("web");
    web.says("/client.json", Says::json(&document, &[]));
    application.redirect = "https://client.example/callback".to_owned();
    is_let_on(&opened(&stand, &application).await);
}

#[tokio::test]
async fn c4_a_known_client_is_authorized_and_refreshes_while_its_server_is_down() {
    let web = Web::start().await;
    let mut stand = web.stand().await;
    let application = web.publish("/client.json", &[("cache-control", "no-store")]);
    let code = stand.code_for(&application, "ann").await;
    let asked = web.asked();
    web.says("/client.json", Says::Answer(500, Vec::new(), Vec::new()));
    let mut tokens = stand
        .post("/token", &redeeming(&application, &code))
        .await
        .tokens();
    for _ in 0..2 {
        stand.later(86_400);
        let fields = refreshing(&application, &tokens.refresh);
        tokens = stand.post("/token", &fields).await.tokens();
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        stand.restart().await;
    }
    assert_eq!(web.asked(), asked);
}

#[tokio::test]
async fn a10_a_client_with_a_document_is_shown_with_its_domain() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = web.publish("/a.json", &[]);
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let shown = "Published by <strong>client.example";
    assert!(question.text.contains(shown), "{}", question.text);
    assert!(!question.text.contains("Not verified"));
}
