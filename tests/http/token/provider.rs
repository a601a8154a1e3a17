//! The refresh at the provider, which comes before each refresh here.

use std::sync::Arc;

use kestra_mcp::store::Store as _;
use serde_json::json;
use simulator::oidc::Deceit;
use simulator::{Action, Fault};
use tokio::sync::Notify;

use crate::stand::{Application, Stand};
use crate::wire::{Answer, jwt, refreshing};

/// Seconds for which an answer of the provider counts.
const FRESH: u64 = 60;
const HOUR: u64 = 3600;

fn at_token(action: Action) -> Fault {
    Fault {
        method: None,
        path: "/token".to_owned(),
        times: None,
        action,
    }
}

fn token_error(error: &str) -> Deceit {
    Deceit::TokenError {
        error: error.to_owned(),
        description: "<b>words of the provider</b>".to_owned(),
    }
}

/// Holds that the grant has ended, with all its tokens.
async fn has_ended(stand: &Stand, application: &Application, refresh: &str, access: &str) {
    stand
        .refreshed(application, refresh)
        .await
        .is(400, "invalid_grant");
    assert_eq!(stand.mcp(access).await, 401);
    stand
        .refreshed(application, refresh)
        .await
        .is(400, "invalid_grant");
}

#[tokio::test]
async fn t14_a_person_removed_at_the_provider_is_removed_here() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    stand.idp.disable("ann");
    has_ended(&stand, &application, &tokens.refresh, &tokens.access).await;
}

#[tokio::test]
async fn t14_invalid_grant_of_the_provider_ends_the_grant() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    stand.idp.deceive(token_error("invalid_grant"));
    let answer = stand.refreshed(&application, &tokens.refresh).await;
    answer.is(400, "invalid_grant");
    assert!(!answer.text.contains("words of the provider"), "{answer:?}");
    stand.idp.clear();
    has_ended(&stand, &application, &tokens.refresh, &tokens.access).await;
}

#[tokio::test]
async fn t14_a_provider_that_is_down_ends_no_grant() {
    let mut stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    stand.idp.stop().await;
    for _ in 0..2 {
        let answer = stand.refreshed(&application, &tokens.refresh).await;
        answer.is(503, "temporarily_unavailable");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=300).contains(&seconds), "{seconds}");
        assert_eq!(stand.mcp(&tokens.access).await, 200);
    }
    stand.idp.resume().await.unwrap();
    let next = stand.refreshed(&application, &tokens.refresh).await;
    assert_eq!(stand.mcp(&next.tokens().access).await, 200);
}

#[tokio::test]
async fn t14_a_provider_error_says_nothing_about_the_person() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    for error in ["invalid_client", "invalid_request", "unauthorized_client"] {
        stand.idp.deceive(token_error(error));
        let answer = stand.refreshed(&application, &tokens.refresh).await;
        answer.is(503, "temporarily_unavailable");
        assert!(answer.header("retry-after").is_some());
        stand.idp.clear();
    }
    for action in [Action::Disconnect, Action::GarbageJson] {
        stand.idp.fault(at_token(action));
        let answer = stand.refreshed(&application, &tokens.refresh).await;
        answer.is(503, "temporarily_unavailable");
        stand.idp.clear();
    }
    let busy = Action::Respond {
        status: 429,
        content_type: "text/plain".to_owned(),
        body: b"slow down".to_vec(),
        headers: vec![("retry-after".to_owned(), "17".to_owned())],
    };
    stand.idp.fault(at_token(busy));
    let answer = stand.refreshed(&application, &tokens.refresh).await;
    answer.is(503, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("17"));
    stand.idp.clear();
    stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
}

#[tokio::test]
async fn t14_a_refresh_brings_the_current_roles() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    let before = stand.tools(&first.access).await;
    assert!(before.iter().any(|name| name == "create_or_update_flow"));
    let roles = |roles: serde_json::Value| {
        stand.idp.change("ann", |person| {
            for claims in [&mut person.id_token, &mut person.userinfo] {
                claims.insert("roles".to_owned(), roles.clone());
            }
        });
    };
    roles(json!(["viewer"]));
    stand.later(FRESH);
    // No refresh has happened yet, and the roles are cached for a moment.
    assert_eq!(stand.tools(&first.access).await, before);
    let second = stand.refreshed(&application, &first.refresh).await.tokens();
    // The older token gives no more than the newer one.
    for access in [&first.access, &second.access] {
        let tools = stand.tools(access).await;
        assert!(!tools.iter().any(|name| name == "create_or_update_flow"));
        assert!(tools.iter().any(|name| name == "list_flows"));
    }
    // A token carries no role.
    let claims = jwt(&second.access).1.to_string();
    assert!(!claims.contains("viewer") && !claims.contains("role"));

    roles(json!([]));
    stand.later(FRESH);
    has_ended(&stand, &application, &second.refresh, &second.access).await;
}

#[tokio::test]
async fn t14_the_provider_is_asked_at_most_once_a_minute() {
    let stand = Stand::start().await;
    let (application, mut tokens) = stand.connect("ann").await;
    stand.idp.forget_requests();
    for (seconds, asked) in [(FRESH - 1, 0), (1, 1), (FRESH - 1, 1), (1, 2), (HOUR, 3)] {
        stand.later(seconds);
        tokens = stand
            .refreshed(&application, &tokens.refresh)
            .await
            .tokens();
        assert_eq!(stand.asked(), asked, "after {seconds} s");
    }
}

#[tokio::test]
async fn t14_a_provider_that_keeps_its_refresh_token_is_asked_with_the_same() {
    let stand = Stand::start().await;
    stand.idp.deceive(Deceit::NoRotation);
    let (application, mut tokens) = stand.connect("ann").await;
    for _ in 0..3 {
        stand.later(FRESH);
        tokens = stand
            .refreshed(&application, &tokens.refresh)
            .await
            .tokens();
    }
}

/// A client that disconnects while the provider is asked must leave neither a spent provider token
/// in the database nor a locked grant.
#[tokio::test]
async fn t14_a_client_that_disconnects_finds_its_grant_intact() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    stand.idp.forget_requests();
    let held = Arc::new(Notify::new());
    stand.idp.fault(Fault {
        times: Some(1),
        ..at_token(Action::Held(Arc::clone(&held)))
    });
    let fields = refreshing(&application, &tokens.refresh);
    let post = tokio::spawn(stand.posting("/token", &fields).send());
    while stand.asked() == 0 {
        tokio::task::yield_now().await;
    }
    post.abort();
    assert!(post.await.unwrap_err().is_cancelled());
    held.notify_one();
    let again = Answer::of(stand.posting("/token", &fields).send().await.unwrap()).await;
    let next = again.tokens();
    assert_eq!(stand.asked(), 1);
    stand.later(FRESH);
    stand.refreshed(&application, &next.refresh).await.tokens();
    assert_eq!(stand.asked(), 2);
}

#[tokio::test]
async fn t14_without_a_refresh_token_of_the_provider_a_grant_ends_after_eight_hours() {
    let stand = Stand::with(|world| world.set("OIDC_SCOPES", "openid profile")).await;
    let (application, mut tokens) = stand.connect("ann").await;
    stand.idp.forget_requests();
    for _ in 0..7 {
        stand.later(HOUR);
        tokens = stand
            .refreshed(&application, &tokens.refresh)
            .await
            .tokens();
    }
    assert_eq!(stand.asked(), 0);
    stand.later(HOUR);
    let late = stand.refreshed(&application, &tokens.refresh).await;
    late.is(400, "invalid_grant");
}

#[tokio::test]
async fn t14_a_disabled_person_refreshes_nothing() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let store = stand.store().await;
    let disabled = store.disable_user(&user, Some(stand.now()));
    assert!(disabled.await.unwrap());
    let answer = stand.refreshed(&application, &tokens.refresh).await;
    answer.is(400, "invalid_grant");
    stand.later(2);
    assert_eq!(stand.mcp(&tokens.access).await, 401);
}

/// Another server under the name of the provider must not get its token.
#[tokio::test]
async fn t14_a_provider_removed_from_the_configuration_vouches_for_nobody() {
    for is_renamed in [true, false] {
        let mut stand = Stand::start().await;
        let (application, tokens) = stand.connect("ann").await;
        stand.later(FRESH);
        stand.idp.forget_requests();
        let http = Arc::make_mut(stand.setup.config.http.as_mut().unwrap());
        let provider = Arc::make_mut(&mut http.providers[0]);
        if is_renamed {
            provider.id = "renamed".to_owned();
        } else {
            provider.issuer = "http://127.0.0.1:1".to_owned();
        }
        stand.restart().await;
        has_ended(&stand, &application, &tokens.refresh, &tokens.access).await;
        assert!(stand.idp.requests().is_empty());
    }
}

/// Two servers must not send the provider the same token, or it takes one of them for a thief.
#[tokio::test]
async fn t14_while_another_server_asks_the_provider_this_one_does_not() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(FRESH);
    let grant = jwt(&tokens.access).1["sid"].as_str().unwrap().to_owned();
    let (store, now) = (stand.store().await, stand.now());
    let until = now + 60_000;
    assert!(
        store
            .lease(&grant, "another server", now, until)
            .await
            .unwrap()
    );
    stand.idp.forget_requests();
    let answer = stand.refreshed(&application, &tokens.refresh).await;
    answer.is(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(stand.asked(), 0);
    // A server that crashed meanwhile blocks nobody for long.
    stand.later(60);
    stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
    assert_eq!(stand.asked(), 1);
}
