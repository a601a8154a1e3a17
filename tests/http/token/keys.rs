//! The keys that sign access tokens, and their rotation.

use std::collections::BTreeSet;

use kestra_mcp::auth::signing;
use kestra_mcp::store::KeyRing;
use serde_json::Value;

use crate::stand::Stand;
use crate::wire::jwt;

async fn published(stand: &Stand) -> BTreeSet<String> {
    let keys = stand.get("/.well-known/jwks.json").await.json();
    let keys = keys["keys"].as_array().unwrap().clone();
    for key in &keys {
        let names: Vec<&String> = key.as_object().unwrap().keys().collect();
        // The private part is `d`.
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    keys.iter().map(kid).collect()
}

fn kid(token: &str) -> String {
    jwt(token).0["kid"].as_str().unwrap().to_owned()
}

/// What `kestra-mcp keys rotate-signing` does next to a running server.
async fn rotate(stand: &Stand) -> String {
    let keys = &stand.setup.config.http.as_ref().unwrap().keys;
    let ring = KeyRing::new(keys).unwrap();
    let rotated = signing::rotate(&stand.store().await, &ring, stand.now()).await;
    rotated.unwrap()
}

#[tokio::test]
async fn t19_the_next_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_end() {
    let mut stand = Stand::with(|world| world.set("ACCESS_TOKEN_TTL_SECONDS", "900")).await;
    let (application, mut tokens) = stand.connect("ann").await;
    let old = kid(&tokens.access);
    assert_eq!(published(&stand).await, BTreeSet::from([old.clone()]));
    let new = rotate(&stand).await;
    assert_ne!(old, new);

    // Each token is first used shortly before it expires, and verified by its key.
    let mut waiting: Vec<(u64, String)> = Vec::new();
    let (mut seen_at, mut signs_at) = (None, None);
    for second in (0..3000).step_by(30) {
        tokens = stand
            .refreshed(&application, &tokens.refresh)
            .await
            .tokens();
        let signed = kid(&tokens.access);
        waiting.push((second + 870, tokens.access.clone()));
        let keys = published(&stand).await;
        if keys.contains(&new) {
            seen_at.get_or_insert(second);
        }
        if signed == new {
            signs_at.get_or_insert(second);
        } else {
            assert_eq!(signs_at, None, "the old key signs again");
        }
        for (_, token) in &waiting {
            assert!(keys.contains(&kid(token)), "after {second} s");
        }
        let due: Vec<_> = waiting.extract_if(.., |(at, _)| *at <= second).collect();
        for (_, token) in due {
            assert_eq!(stand.mcp(&token).await, 200, "after {second} s");
        }
        // A server that starts in between has the same keys.
        if second == 150 || second == 600 {
            stand.restart().await;
        }
        stand.later(30);
    }
    // Readers may keep the key set for five minutes, and each server reads the keys in 30 s.
    assert!(signs_at.unwrap() - seen_at.unwrap() >= 270);
    assert_eq!(published(&stand).await, BTreeSet::from([new]));
}

#[tokio::test]
async fn t19_two_quick_key_changes_leave_every_token_valid() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    rotate(&stand).await;
    stand.later(60);
    let last = rotate(&stand).await;
    stand.later(30);
    assert_eq!(published(&stand).await.len(), 3);
    let mut tokens = first;
    for _ in 0..40 {
        tokens = stand
            .refreshed(&application, &tokens.refresh)
            .await
            .tokens();
        stand.later(60);
        assert_eq!(stand.mcp(&tokens.access).await, 200);
    }
    assert_eq!(kid(&tokens.access), last);
    assert_eq!(published(&stand).await, BTreeSet::from([last]));
}
