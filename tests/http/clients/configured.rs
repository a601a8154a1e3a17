//! Clients that the operator registered.

use reqwest::StatusCode;
use simulator::oidc::CLIENT_ID;

use super::web::{is_let_on, is_refused, opened};
use crate::stand::{Application, Stand};
use crate::wire::{but, redeeming, refreshing};

const SECRET: &str = "secret-of-the-configured-client";

const CLIENTS: &str = r#"
[[client]]
id = "public-tool"
name = "The public tool"
redirect_uris = ["http://127.0.0.1/callback", "tool://callback"]

[[client]]
id = "portal"
name = "The portal"
secret_env = "PORTAL_SECRET"
redirect_uris = ["https://portal.example/callback"]
"#;

async fn stand() -> Stand {
    Stand::with(|world| {
        world.file.push_str(CLIENTS);
        world.set("PORTAL_SECRET", SECRET);
    })
    .await
}

fn application(id: &str, redirect: &str) -> Application {
    Application {
        id: id.to_owned(),
        redirect: redirect.to_owned(),
        scope: None,
    }
}

#[tokio::test]
async fn c16_a_public_client_of_the_configuration_is_authorized() {
    let stand = stand().await;
    for redirect in ["http://127.0.0.1:4242/callback", "tool://callback"] {
        let client = application("public-tool", redirect);
        let browser = stand.browser_of("ann");
        let question = client.ask(&stand, &browser).await;
        assert!(
            question.text.contains("The public tool"),
            "{}",
            question.text
        );
        let code = client.approved(&browser, question).await.get("code");
        let tokens = stand
            .post("/token", &redeeming(&client, &code))
            .await
            .tokens();
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        stand.refreshed(&client, &tokens.refresh).await.tokens();
    }
    let elsewhere = application("public-tool", "http://127.0.0.1:4242/other");
    is_refused(&opened(&stand, &elsewhere).await, "not listed");
    // It has no secret to send.
    let client = application("public-tool", "tool://callback");
    let fields = but(&refreshing(&client, "forged"), "client_secret", "invented");
    stand
        .post("/token", &fields)
        .await
        .is(401, "invalid_client");
}

#[tokio::test]
async fn c16_a_confidential_client_of_the_configuration_sends_its_secret_either_way() {
    let stand = stand().await;
    let client = application("portal", "https://portal.example/callback");
    for is_basic in [true, false] {
        let code = stand.code_for(&client, "ann").await;
        let fields = redeeming(&client, &code);
        for wrong in [None, Some("another-secret-of-a-client")] {
            let mut fields = fields.clone();
            fields.extend(wrong.map(|secret| ("client_secret", secret.to_owned())));
            stand
                .post("/token", &fields)
                .await
                .is(401, "invalid_client");
        }
        let answer = if is_basic {
            let post = stand.posting("/token", &fields);
            stand.fetch(post.basic_auth("portal", Some(SECRET))).await
        } else {
            stand
                .post("/token", &but(&fields, "client_secret", SECRET))
                .await
        };
        let tokens = answer.tokens();
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        stand
            .refreshed(&client, &tokens.refresh)
            .await
            .is(401, "invalid_client");
        let fields = refreshing(&client, &tokens.refresh);
        stand
            .post("/token", &but(&fields, "client_secret", SECRET))
            .await
            .tokens();
    }
}

#[tokio::test]
async fn c16_a_client_removed_from_the_configuration_is_unknown() {
    let mut stand = stand().await;
    let client = application("public-tool", "tool://callback");
    let code = stand.code_for(&client, "ann").await;
    let tokens = stand
        .post("/token", &redeeming(&client, &code))
        .await
        .tokens();
    let http = std::sync::Arc::make_mut(stand.setup.config.http.as_mut().unwrap());
    http.authorization
        .clients
        .retain(|client| client.id != "public-tool");
    stand.restart().await;
    is_refused(&opened(&stand, &client).await, "gone");
    stand
        .refreshed(&client, &tokens.refresh)
        .await
        .is(401, "invalid_client");
}

#[tokio::test]
async fn c17_our_client_id_at_the_provider_is_not_a_client_here() {
    let stand = stand().await;
    for redirect in [
        &format!("{}/auth/callback", stand.issuer()),
        "http://127.0.0.1:1/callback",
    ] {
        let client = application(CLIENT_ID, redirect);
        is_refused(&opened(&stand, &client).await, redirect);
    }
    let client = application(CLIENT_ID, "http://127.0.0.1:1/callback");
    stand
        .post("/token", &redeeming(&client, "code"))
        .await
        .is(401, "invalid_client");
    let known = application("public-tool", "tool://callback");
    let page = opened(&stand, &known).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    is_let_on(&page);
}
