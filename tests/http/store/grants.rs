//! Grants, their refresh tokens and the lease.

use kestra_mcp::store::{Checked, Hash, Reason, Redeemed, Shown, Store as _, StoreError};

use super::{DAY, MINUTE, NOW, Stand, claim, client, code, grant, login, refresh, rotation, user};

async fn shown(stand: &Stand, token: &str) -> Shown {
    stand.store.refresh(Hash::of(token)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_grant_is_read_back_unchanged_with_its_person() {
    let stand = Stand::with_grant("g").await;
    let of = stand.store.grant("g").await.unwrap().unwrap();
    assert_eq!((of.grant, of.user), (grant("g", "ana"), user("ana")));
    assert_eq!(stand.store.grant("other").await.unwrap(), None);
    // A grant needs its person, and a code needs its grant.
    let orphan = stand.put_grant("o", "nobody").await;
    assert!(matches!(orphan, Err(StoreError::Conflict(_))));
    assert_eq!(stand.store.grant("o").await.unwrap(), None);
    let (other, same) = (grant("h", "ana"), code("g"));
    let twice = stand.store.put_grant(&other, &same).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    assert_eq!(stand.store.grant("h").await.unwrap(), None);
}

#[tokio::test]
async fn a_grant_knows_when_it_was_last_used() {
    let stand = Stand::with_grant("g").await;
    stand.put_grant("other", "ana").await.unwrap();
    for (at, known) in [
        (NOW + 1, NOW + 1),
        // Two servers, whose clocks differ.
        (NOW, NOW + 1),
        (NOW + DAY, NOW + DAY),
    ] {
        stand.store.touch_grant("g", at).await.unwrap();
        let of = stand.store.grant("g").await.unwrap().unwrap();
        assert_eq!(of.grant.last_used, Some(known));
    }
    let all = stand.store.grants_of("ana", NOW).await.unwrap();
    let used: Vec<_> = all.iter().filter_map(|grant| grant.last_used).collect();
    assert_eq!((all.len(), used), (2, vec![NOW + DAY]));
}

#[tokio::test]
async fn a_person_is_known_by_issuer_and_subject_and_keeps_the_id() {
    let stand = Stand::new().await;
    let mut again = user("ana");
    again.id = "another id".to_owned();
    again.name = "Ana of today".to_owned();
    let known = stand.store.upsert_user(&again).await.unwrap();
    assert_eq!((&*known.id, &*known.name), ("ana", "Ana of today"));
    assert_eq!(stand.store.user("ana").await.unwrap(), Some(known));
    assert_eq!(stand.store.user("another id").await.unwrap(), None);
    let mut elsewhere = user("ana");
    elsewhere.issuer = "https://other.example.com".to_owned();
    elsewhere.id = "third".to_owned();
    let known = stand.store.upsert_user(&elsewhere).await.unwrap();
    assert_eq!(known, elsewhere);
    // A login does not enable a disabled person.
    assert!(stand.store.disable_user("ana", Some(NOW)).await.unwrap());
    let known = stand.store.upsert_user(&user("ana")).await.unwrap();
    assert_eq!(known.disabled_at, Some(NOW));
    assert!(stand.store.disable_user("ana", None).await.unwrap());
    let known = stand.store.user("ana").await.unwrap().unwrap();
    assert_eq!(known.disabled_at, None);
    assert!(!stand.store.disable_user("nobody", Some(NOW)).await.unwrap());
}

#[tokio::test]
async fn a_refresh_token_is_rotated_and_its_successor_known() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    let unspent = shown(&stand, "x").await;
    assert_eq!((unspent.used_at, unspent.grace_until), (None, None));
    assert_eq!(unspent.successor, None);
    assert_eq!(unspent.token.expires, refresh("x", "g").expires);
    assert_eq!(unspent.of, store.grant("g").await.unwrap().unwrap());

    assert!(
        store
            .rotate(&rotation("x", "y", "g"), NOW + 5)
            .await
            .unwrap()
    );
    let spent = shown(&stand, "x").await;
    assert_eq!(spent.used_at, Some(NOW + 5));
    assert_eq!(spent.grace_until, Some(NOW + MINUTE));
    let successor = (Hash::of("y"), b"y under x".to_vec());
    assert_eq!(spent.successor, Some(successor));
    assert!(!spent.successor_used);
    assert_eq!(shown(&stand, "y").await.used_at, None);
    assert_eq!(spent.of.grant.roles, grant("g", "ana").roles);

    // There is no second rotation: within the grace a late client gets the same successor.
    assert!(
        !store
            .rotate(&rotation("x", "z", "g"), NOW + 6)
            .await
            .unwrap()
    );
    assert!(store.refresh(Hash::of("z")).await.unwrap().is_none());
    assert!(
        store
            .rotate(&rotation("y", "z", "g"), NOW + 7)
            .await
            .unwrap()
    );
    assert!(shown(&stand, "x").await.successor_used);
}

#[tokio::test]
async fn what_the_provider_says_is_stored_with_the_successor_or_not_at_all() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    let mut first = rotation("x", "y", "g");
    first.checked = Some(Checked {
        roles: vec!["viewer".to_owned()],
        at: NOW + 1,
        idp_refresh: Some(b"newer".to_vec()),
    });
    assert!(store.rotate(&first, NOW).await.unwrap());
    let of = store.grant("g").await.unwrap().unwrap().grant;
    assert_eq!(
        (of.roles, of.checked_at),
        (vec!["viewer".to_owned()], NOW + 1)
    );
    assert_eq!(of.idp_refresh, Some(b"newer".to_vec()));
    // The attempt that lost changes nothing.
    first.successor = refresh("z", "g");
    first.checked = Some(Checked {
        roles: Vec::new(),
        at: NOW + 2,
        idp_refresh: None,
    });
    assert!(!store.rotate(&first, NOW).await.unwrap());
    // Without a new token from the provider the old one stays.
    first.token = Hash::of("y");
    assert!(store.rotate(&first, NOW).await.unwrap());
    let of = store.grant("g").await.unwrap().unwrap().grant;
    assert_eq!((of.roles, of.checked_at), (Vec::new(), NOW + 2));
    assert_eq!(of.idp_refresh, Some(b"newer".to_vec()));
}

#[tokio::test]
async fn no_token_is_rotated_after_it_its_grant_or_its_person_ended() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    stand.put_grant("other", "bob").await.unwrap();
    let mut short = refresh("short", "g");
    short.expires = NOW + MINUTE;
    store.put_refresh(&short).await.unwrap();
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    let rotate = async |from: &str, to: &str, grant: &str, now| {
        store.rotate(&rotation(from, to, grant), now).await.unwrap()
    };
    assert!(!rotate("unknown", "n", "g", NOW).await);
    assert!(!rotate("short", "n", "g", NOW + MINUTE).await);
    assert!(!rotate("x", "n", "other", NOW).await, "of another family");
    assert!(
        !rotate("x", "n", "g", NOW + 30 * DAY).await,
        "the grant is over"
    );
    store.disable_user("ana", Some(NOW)).await.unwrap();
    assert!(!rotate("x", "n", "g", NOW).await, "disabled");
    assert_eq!(
        store.redeem_code(&claim(&code("g")), NOW).await.unwrap(),
        Redeemed::Refused
    );
    store.disable_user("ana", None).await.unwrap();
    assert!(rotate("x", "y", "g", NOW).await, "nothing was spent");
    assert!(store.revoke_grant("g", Reason::Reuse, NOW).await.unwrap());
    assert!(!rotate("y", "n", "g", NOW).await, "revoked");
    assert_eq!(
        store.redeem_code(&claim(&code("g")), NOW).await.unwrap(),
        Redeemed::Refused
    );
    assert!(store.refresh(Hash::of("n")).await.unwrap().is_none());
    let unknown = store.put_refresh(&refresh("n", "unknown")).await;
    assert!(matches!(unknown, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn a_grant_ends_once_and_then_stores_no_provider_token() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    assert_eq!(
        store.grants_of("ana", NOW).await.unwrap(),
        [grant("g", "ana")]
    );
    let over = grant("g", "ana").expires;
    assert_eq!(store.grants_of("ana", over).await.unwrap(), []);
    assert_eq!(store.grants_of("bob", NOW).await.unwrap(), []);
    assert!(
        store
            .revoke_grant("g", Reason::Client, NOW + 1)
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_grant("g", Reason::Person, NOW + 2)
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_grant("unknown", Reason::Person, NOW)
            .await
            .unwrap()
    );
    let of = store.grant("g").await.unwrap().unwrap().grant;
    assert_eq!((of.revoked_at, of.idp_refresh), (Some(NOW + 1), None));
    assert_eq!(store.grants_of("ana", NOW).await.unwrap(), []);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_grants_of_one_person() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    for (id, person) in [("h", "ana"), ("i", "bob")] {
        stand.put_grant(id, person).await.unwrap();
    }
    store.put_login(&login("a", "ana")).await.unwrap();
    store.put_login(&login("b", "bob")).await.unwrap();
    store.revoke_grant("h", Reason::Client, NOW).await.unwrap();
    let ended = store.revoke_user("ana", Reason::Person, NOW).await.unwrap();
    assert_eq!(ended, 1, "the other was over");
    assert!(store.login(Hash::of("a"), NOW).await.unwrap().is_none());
    assert!(store.login(Hash::of("b"), NOW).await.unwrap().is_some());
    assert!(store.grants_of("ana", NOW).await.unwrap().is_empty());
    assert_eq!(store.grants_of("bob", NOW).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_ends_or_is_released() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    let lease = async |by: &str, now| store.lease("g", by, now, now + MINUTE).await.unwrap();
    assert!(lease("a", NOW).await);
    assert!(!lease("b", NOW + MINUTE - 1).await);
    assert!(lease("b", NOW + MINUTE).await, "it ended by itself");
    assert!(lease("b", NOW + MINUTE).await, "who holds it may go on");
    // A holder that lost the lease releases nothing.
    store.release("g", "a").await.unwrap();
    assert!(!lease("a", NOW + MINUTE).await);
    store.release("g", "b").await.unwrap();
    assert!(lease("a", NOW + MINUTE).await);
    store.release("g", "a").await.unwrap();
    store.revoke_grant("g", Reason::Person, NOW).await.unwrap();
    assert!(!lease("a", NOW).await);
    assert!(!store.lease("unknown", "a", NOW, NOW).await.unwrap());
}

#[tokio::test]
async fn deleting_a_client_deletes_its_grants() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_client(&client("c1")).await.unwrap();
    store.put_client(&client("c2")).await.unwrap();
    assert_eq!(store.registered_clients().await.unwrap(), 2);
    assert_eq!(store.client("c1").await.unwrap(), Some(client("c1")));
    assert!(store.delete_client("c1", NOW + 1).await.unwrap());
    assert!(!store.delete_client("c1", NOW + 1).await.unwrap());
    assert_eq!(store.client("c1").await.unwrap(), None);
    let of = store.grant("g").await.unwrap().unwrap().grant;
    assert_eq!(of.revoked_at, Some(NOW + 1));
    assert_eq!(store.registered_clients().await.unwrap(), 1);
}

#[tokio::test]
async fn a_client_is_last_used_with_its_grants_even_after_it_is_replaced() {
    let stand = Stand::new().await;
    let store = &stand.store;
    store.put_client(&client("c1")).await.unwrap();
    let used = async || store.client("c1").await.unwrap().unwrap().last_used;
    assert_eq!(used().await, None);
    store
        .put_grant(&grant("g", "ana"), &code("g"))
        .await
        .unwrap();
    assert_eq!(used().await, Some(NOW));
    store
        .redeem_code(&claim(&code("g")), NOW + 1)
        .await
        .unwrap();
    assert_eq!(used().await, Some(NOW + 1));
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    store
        .rotate(&rotation("x", "y", "g"), NOW + 2)
        .await
        .unwrap();
    assert_eq!(used().await, Some(NOW + 2));
    let mut renamed = client("c1");
    renamed.name = "Renamed".to_owned();
    store.put_client(&renamed).await.unwrap();
    renamed.last_used = Some(NOW + 2);
    assert_eq!(store.client("c1").await.unwrap(), Some(renamed));
}
