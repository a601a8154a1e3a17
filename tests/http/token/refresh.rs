//! Rotation of refresh tokens.

use std::sync::atomic::Ordering;

use kestra_mcp::store::Store as _;
use serde_json::json;

use crate::stand::{Application, Stand, Tokens};
use crate::traces;
use crate::wire::{Answer, but, jwt, refreshing};

/// The grace in seconds, within which the reuse of a token is not a theft.
const GRACE: u64 = 300;
const DAY: u64 = 86_400;

/// Also B13.
#[tokio::test]
async fn t9_each_refresh_brings_a_new_token() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    let mut seen = vec![first.clone()];
    let mut last = first;
    for _ in 0..5 {
        stand.later(GRACE);
        let next = stand.refreshed(&application, &last.refresh).await.tokens();
        assert_eq!(stand.mcp(&next.access).await, 200);
        assert!(
            seen.iter()
                .all(|old| old.refresh != next.refresh && old.access != next.access)
        );
        assert_eq!(next.all["scope"], last.all["scope"]);
        seen.push(next.clone());
        last = next;
    }
}

/// A client, its first tokens, and their successors.
async fn rotated(stand: &Stand) -> (Application, Tokens, Tokens) {
    let (application, first) = stand.connect("ann").await;
    let second = stand.refreshed(&application, &first.refresh).await;
    (application, first, second.tokens())
}

/// Also B13.
#[tokio::test]
async fn t10_reuse_after_the_grace_revokes_the_family() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    for access in [&first.access, &second.access] {
        assert_eq!(stand.mcp(access).await, 200);
    }
    let third = stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
    stand.later(GRACE - 1);
    let crossed = stand.refreshed(&application, &first.refresh).await;
    crossed.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&third.access).await, 200);
    stand.later(1);
    let log = traces::Log::of_all();
    let late = stand.refreshed(&application, &first.refresh).await;
    late.is(400, "invalid_grant");
    for access in [&first.access, &second.access, &third.access] {
        assert_eq!(stand.mcp(access).await, 401);
    }
    let newest = stand.refreshed(&application, &third.refresh).await;
    newest.is(400, "invalid_grant");
    let log = log.text();
    let said = log.lines().find(|line| line.contains("a grant ended with"));
    let said = said.unwrap_or_else(|| panic!("{log}"));
    let user = jwt(&third.access).1["sub"].as_str().unwrap().to_owned();
    for part in ["WARN", &*application.id, &*user] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for token in [&first, &second, &third] {
        assert!(!log.contains(&token.refresh) && !log.contains(&token.access));
    }
}

/// Programs of one person that an operator cannot tell apart.
#[tokio::test]
async fn t10_the_operator_may_have_only_the_token_refused() {
    for grace in [GRACE, 0] {
        let stand = Stand::with(|world| {
            world.file =
                format!("[oauth]\nrefresh_reuse = \"refuse\"\nrefresh_grace_seconds = {grace}\n");
        })
        .await;
        let (application, first, second) = rotated(&stand).await;
        let mut last = second.clone();
        for _ in 0..2 {
            last = stand.refreshed(&application, &last.refresh).await.tokens();
        }
        for _ in 0..3 {
            stand.later(DAY);
            let log = traces::Log::of_all();
            for old in [&first, &second] {
                let late = stand.refreshed(&application, &old.refresh).await;
                late.is(400, "invalid_grant");
            }
            let log = log.text();
            let said = log
                .lines()
                .filter(|line| line.contains("WARN") && line.contains("that two have it"));
            let said: Vec<&str> = said.collect();
            assert_eq!(said.len(), 2, "{log}");
            let user = jwt(&last.access).1["sub"].as_str().unwrap().to_owned();
            assert!(
                said[0].contains(&application.id) && said[0].contains(&user),
                "{log}"
            );
            assert!(!log.contains(&first.refresh) && !log.contains(&second.refresh));
            last = stand.refreshed(&application, &last.refresh).await.tokens();
            assert_eq!(stand.mcp(&last.access).await, 200);
        }
    }
}

#[tokio::test]
async fn t10_reuse_of_an_ancestor_of_any_age_reveals_a_thief() {
    let stand = Stand::start().await;
    let (application, first, mut last) = rotated(&stand).await;
    for _ in 0..3 {
        stand.later(DAY);
        // The sweep must not forget the old token.
        let store = stand.store().await;
        store.sweep(stand.now()).await.unwrap();
        last = stand.refreshed(&application, &last.refresh).await.tokens();
    }
    assert_eq!(stand.mcp(&last.access).await, 200);
    let late = stand.refreshed(&application, &first.refresh).await;
    late.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&last.access).await, 401);
}

#[tokio::test]
async fn t10_another_grant_of_the_same_person_stays_valid() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
    let (_, other) = stand.connect("ann").await;
    stand.later(GRACE);
    let late = stand.refreshed(&application, &first.refresh).await;
    late.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&other.access).await, 200);
}

#[tokio::test]
async fn t10_without_grace_the_first_reuse_revokes_the_family() {
    let stand = Stand::with(|world| {
        world.file = "[oauth]\nrefresh_grace_seconds = 0\n".to_owned();
    })
    .await;
    let (application, first, second) = rotated(&stand).await;
    let again = stand.refreshed(&application, &first.refresh).await;
    again.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&second.access).await, 401);
}

#[tokio::test]
async fn t11_reuse_within_the_grace_brings_the_same_successor() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    for _ in 0..2 {
        stand.later(GRACE / 2 - 1);
        let again = stand.refreshed(&application, &first.refresh).await.tokens();
        assert_eq!(again.refresh, second.refresh);
        assert_ne!(again.access, second.access);
        assert_eq!(stand.mcp(&again.access).await, 200);
    }
    stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
}

/// Programs that share a file of tokens, one of which slept.
#[tokio::test]
async fn t11_an_unused_successor_is_returned_however_late() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    for _ in 0..2 {
        stand.later(DAY);
        let store = stand.store().await;
        store.sweep(stand.now()).await.unwrap();
        stand.idp.forget_requests();
        let again = stand.refreshed(&application, &first.refresh).await.tokens();
        assert_eq!(again.refresh, second.refresh);
        assert_eq!(stand.mcp(&again.access).await, 200);
        // The provider vouches for the person each time.
        assert_eq!(stand.asked(), 1);
    }
    stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
    let late = stand.refreshed(&application, &first.refresh).await;
    late.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&second.access).await, 401);
}

/// The grace does not bypass the provider: see T14.
#[tokio::test]
async fn t11_a_person_removed_at_the_provider_gets_no_successor() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    stand.later(60);
    stand.idp.disable("ann");
    let late = stand.refreshed(&application, &first.refresh).await;
    late.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&second.access).await, 401);
}

#[tokio::test]
async fn t11_concurrent_duplicates_get_the_same_token_and_ask_the_provider_once() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    stand.later(GRACE);
    stand.idp.forget_requests();
    let fields = refreshing(&application, &first.refresh);
    let posts = (0..8).map(|_| stand.posting("/token", &fields).send());
    let mut successors = Vec::new();
    for answer in futures::future::join_all(posts).await {
        let tokens = Answer::of(answer.unwrap()).await.tokens();
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        successors.push(tokens.refresh);
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_eq!(stand.asked(), 1);
}

#[tokio::test]
async fn t11_once_the_successor_is_used_the_old_token_is_only_refused() {
    let stand = Stand::start().await;
    let (application, first, second) = rotated(&stand).await;
    let third = stand
        .refreshed(&application, &second.refresh)
        .await
        .tokens();
    let again = stand.refreshed(&application, &first.refresh).await;
    again.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&third.access).await, 200);
    stand.refreshed(&application, &third.refresh).await.tokens();
}

#[tokio::test]
async fn t12_a_refresh_token_belongs_to_its_client() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    let other = Application::register(&stand).await;
    let stolen = stand.refreshed(&other, &tokens.refresh).await;
    stolen.is(400, "invalid_grant");
    let next = stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
    // Nor does a spent token of another client end anything.
    stand.later(GRACE);
    let stolen = stand.refreshed(&other, &tokens.refresh).await;
    stolen.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&next.access).await, 200);
}

#[tokio::test]
async fn t12_a_scope_shrinks_for_one_access_token_and_never_grows() {
    let stand = Stand::start().await;
    let (application, first) = stand.connect("ann").await;
    let narrow = but(
        &refreshing(&application, &first.refresh),
        "scope",
        "kestra:read",
    );
    let narrow = stand.post("/token", &narrow).await.tokens();
    assert_eq!(narrow.all["scope"], "kestra:read");
    assert_eq!(jwt(&narrow.access).1["scope"], "kestra:read");
    let save = json!({ "name": "create_or_update_flow", "arguments": { "source": "" } });
    let answer = stand.ask(&narrow.access, "tools/call", save).await;
    assert_eq!(answer.status(), 403);
    // RFC 6749 section 6: the next refresh token has the scope of the one before.
    let whole = stand
        .refreshed(&application, &narrow.refresh)
        .await
        .tokens();
    assert_eq!(whole.all["scope"], first.all["scope"]);
}

/// Also B24.
#[tokio::test]
async fn t12_a_wider_scope_is_refused_and_the_token_stays_good() {
    let stand = Stand::start().await;
    let mut application = Application::register(&stand).await;
    application.scope = Some("kestra:read".to_owned());
    let browser = stand.browser_of("ann");
    let tokens = application.connect(&stand, &browser).await;
    assert_eq!(tokens.all["scope"], "kestra:read");
    let fields = refreshing(&application, &tokens.refresh);
    for scope in [
        "kestra:write",
        "kestra.write",
        "kestra:read kestra:write",
        "kestra:read offline_access",
        "openid kestra:write",
    ] {
        let answer = stand.post("/token", &but(&fields, "scope", scope)).await;
        answer.is(400, "invalid_scope");
    }
    let next = stand.post("/token", &fields).await.tokens();
    assert_eq!(next.all["scope"], "kestra:read");
}

/// As when the grant was made: A6.
#[tokio::test]
async fn t12_unknown_scopes_are_dropped() {
    let stand = Stand::start().await;
    let (application, mut last) = stand.connect("ann").await;
    let whole = last.all["scope"].clone();
    for (asked, given) in [
        ("openid", &whole),
        ("openid profile email", &whole),
        ("kestra:admin", &whole),
        (" ", &whole),
        ("openid kestra:read", &json!("kestra:read")),
    ] {
        let fields = but(&refreshing(&application, &last.refresh), "scope", asked);
        last = stand.post("/token", &fields).await.tokens();
        assert_eq!(&last.all["scope"], given, "{asked}");
        assert_eq!(stand.mcp(&last.access).await, 200);
    }
    let mut application = Application::register(&stand).await;
    application.scope = Some("kestra:read".to_owned());
    let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
    let fields = but(
        &refreshing(&application, &tokens.refresh),
        "scope",
        "openid",
    );
    let next = stand.post("/token", &fields).await.tokens();
    assert_eq!(next.all["scope"], "kestra:read");
}

/// Also B24.
#[tokio::test]
async fn t5_no_refresh_opens_another_resource() {
    let stand = Stand::start().await;
    let (application, tokens) = stand.connect("ann").await;
    let fields = refreshing(&application, &tokens.refresh);
    let answer = stand
        .post(
            "/token",
            &but(&fields, "resource", "https://other.example/mcp"),
        )
        .await;
    answer.is(400, "invalid_target");
    let ours = format!("{}/mcp", stand.issuer());
    let next = stand.post("/token", &but(&fields, "resource", &ours)).await;
    assert_eq!(jwt(&next.tokens().access).1["aud"], ours);
}

#[tokio::test]
async fn t15_a_family_ends_after_thirty_days_however_often_it_is_refreshed() {
    let stand = Stand::start().await;
    let (application, mut last) = stand.connect("ann").await;
    for _ in 0..29 {
        stand.later(DAY);
        last = stand.refreshed(&application, &last.refresh).await.tokens();
    }
    stand.later(DAY - 100);
    let last = stand.refreshed(&application, &last.refresh).await.tokens();
    // The last access token expires with the grant.
    assert_eq!(last.all["expires_in"], 100);
    stand.later(99);
    assert_eq!(stand.mcp(&last.access).await, 200);
    stand.later(1);
    assert_eq!(stand.mcp(&last.access).await, 401);
    let late = stand.refreshed(&application, &last.refresh).await;
    late.is(400, "invalid_grant");
}

#[tokio::test]
async fn t15_the_operator_sets_the_days() {
    let stand = Stand::with(|world| world.file = "[oauth]\ngrant_days = 1\n".to_owned()).await;
    let (application, tokens) = stand.connect("ann").await;
    stand.later(DAY - 1);
    let next = stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
    stand.now.fetch_add(1000, Ordering::SeqCst);
    let late = stand.refreshed(&application, &next.refresh).await;
    late.is(400, "invalid_grant");
}
