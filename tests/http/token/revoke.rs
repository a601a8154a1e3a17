//! `POST /revoke` (RFC 7009).

use crate::stand::{Application, Stand};
use crate::wire::{Answer, Fields};

fn revoking(application: &Application, token: &str) -> Fields {
    vec![
        ("token", token.to_owned()),
        ("client_id", application.id.clone()),
    ]
}

async fn revoke(stand: &Stand, application: &Application, token: &str) -> Answer {
    stand.post("/revoke", &revoking(application, token)).await
}

#[tokio::test]
async fn t16_a_refresh_token_ends_the_grant() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    let answer = revoke(&stand, &application, &tokens.refresh).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(stand.mcp(&tokens.access).await, 401);
    let refused = stand.refreshed(&application, &tokens.refresh).await;
    refused.is(400, "invalid_grant");
    // Revoking again is not an error.
    let again = revoke(&stand, &application, &tokens.refresh).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn t16_an_exchanged_refresh_token_ends_the_grant_too() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    let next = stand.refreshed(&application, &first.refresh).await.tokens();
    revoke(&stand, &application, &first.refresh).await;
    assert_eq!(stand.mcp(&next.access).await, 401);
}

#[tokio::test]
async fn t16_revoking_an_access_token_ends_only_that_token() {
    let mut stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    let second = stand.refreshed(&application, &first.refresh).await.tokens();
    assert_eq!(stand.mcp(&first.access).await, 200);
    let answer = revoke(&stand, &application, &first.access).await;
    assert_eq!(answer.status, 200);
    assert_eq!(stand.mcp(&first.access).await, 401);
    assert_eq!(stand.mcp(&second.access).await, 200);
    // The revocation is stored, not only cached.
    stand.restart().await;
    assert_eq!(stand.mcp(&first.access).await, 401);
    assert_eq!(stand.mcp(&second.access).await, 200);
    stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
}

#[tokio::test]
async fn t16_an_unknown_or_expired_token_is_not_an_error() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    let forged = format!("{}x", tokens.access);
    for token in ["never-issued", "a.b.c", &forged] {
        assert_eq!(revoke(&stand, &application, token).await.status, 200);
    }
    stand.later(900);
    assert_eq!(
        revoke(&stand, &application, &tokens.access).await.status,
        200
    );
    // A wrong hint changes nothing (RFC 7009 section 2.1).
    for hint in ["access_token", "unheard_of"] {
        let mut fields = revoking(&application, &tokens.refresh);
        fields.push(("token_type_hint", hint.to_owned()));
        assert_eq!(stand.post("/revoke", &fields).await.status, 200);
    }
    let refused = stand.refreshed(&application, &tokens.refresh).await;
    refused.is(400, "invalid_grant");
}

#[tokio::test]
async fn t16_a_token_of_another_client_stays_valid() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    let other = Application::register(&stand).await;
    for token in [&tokens.access, &tokens.refresh] {
        let answer = revoke(&stand, &other, token).await;
        answer.is(400, "invalid_grant");
    }
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
}
