//! Sign-ins and revoked access tokens, which end by themselves; and the metadata of credentials and
//! keys.

use kestra_mcp::store::{Hash, SigningKey, Store as _};

use super::{HOUR, MINUTE, NOW, Stand, credential, login, user};

#[tokio::test]
async fn a_sign_in_ends_30_minutes_after_the_last_page() {
    let stand = Stand::new().await;
    let store = &stand.store;
    store.put_login(&login("a", "ana")).await.unwrap();
    let see = async |now| store.login(Hash::of("a"), now).await.unwrap();
    let (seen, person) = see(NOW + 30 * MINUTE - 1).await.unwrap();
    assert_eq!(seen.last_seen, NOW + 30 * MINUTE - 1);
    assert_eq!(person, user("ana"));
    // A clock that goes back does not shorten a sign-in.
    let (seen, _) = see(NOW).await.unwrap();
    assert_eq!(seen.last_seen, NOW + 30 * MINUTE - 1);
    assert!(see(NOW + 60 * MINUTE - 2).await.is_some());
    assert!(see(NOW + 90 * MINUTE - 2).await.is_none());
    assert!(store.login(Hash::of("fixed"), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_sign_in_ends_at_its_limit_however_busy() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let whole = login("a", "ana");
    store.put_login(&whole).await.unwrap();
    let see = async |now| store.login(Hash::of("a"), now).await.unwrap();
    let mut now = NOW;
    while now < whole.expires {
        let (seen, _) = see(now).await.unwrap();
        assert_eq!((seen.auth_time, seen.roles), (NOW, whole.roles.clone()));
        now += 29 * MINUTE;
    }
    assert!(see(whole.expires - 1).await.is_some());
    assert!(see(whole.expires).await.is_none());
}

#[tokio::test]
async fn a_sign_in_can_be_ended_and_shows_a_disabled_person() {
    let stand = Stand::new().await;
    let store = &stand.store;
    store.put_login(&login("a", "ana")).await.unwrap();
    store.disable_user("ana", Some(NOW)).await.unwrap();
    let seen = store.login(Hash::of("a"), NOW).await.unwrap();
    let (_, person) = seen.unwrap();
    assert_eq!(person.disabled_at, Some(NOW));
    store.end_login(Hash::of("a")).await.unwrap();
    assert!(store.login(Hash::of("a"), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_revoked_access_token_is_listed_until_it_would_have_expired() {
    let stand = Stand::new().await;
    let store = &stand.store;
    assert!(!store.is_revoked("jti").await.unwrap());
    store.revoke_access("jti", NOW + HOUR).await.unwrap();
    // Revoking again is not an error, and does not shorten the entry.
    store.revoke_access("jti", NOW).await.unwrap();
    assert!(store.is_revoked("jti").await.unwrap());
    assert!(!store.is_revoked("other").await.unwrap());
    store.sweep(NOW + HOUR).await.unwrap();
    assert!(store.is_revoked("jti").await.unwrap());
    store.sweep(NOW + 3 * HOUR).await.unwrap();
    assert!(!store.is_revoked("jti").await.unwrap());
}

#[tokio::test]
async fn a_person_has_one_credential_for_a_kestra_and_tenant() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let (first, of_bob) = (credential("1", "ana"), credential("2", "bob"));
    let mut elsewhere = credential("3", "ana");
    elsewhere.tenant = "team".to_owned();
    for credential in [&first, &of_bob, &elsewhere] {
        store.put_credential(credential).await.unwrap();
    }
    let url = "https://kestra.example.com";
    let find = async |user: &str, tenant: &str| store.credential(user, url, tenant).await.unwrap();
    assert_eq!(find("ana", "main").await, Some(first));
    let mut second = credential("4", "ana");
    second.secret = b"newer".to_vec();
    store.put_credential(&second).await.unwrap();
    assert_eq!(find("ana", "main").await, Some(second));
    assert_eq!(find("ana", "team").await, Some(elsewhere));
    assert_eq!(find("ana", "other").await, None);
    let gone = async |user: &str| store.delete_credential(user, url, "main").await.unwrap();
    assert!(gone("ana").await && !gone("ana").await);
    assert_eq!(find("ana", "main").await, None);
    assert_eq!(find("bob", "main").await, Some(of_bob));
}

#[tokio::test]
async fn the_last_use_of_a_credential_is_noted_every_minute() {
    let stand = Stand::new().await;
    let store = &stand.store;
    store.put_credential(&credential("1", "ana")).await.unwrap();
    let touched = async |checked, used| {
        store.touch_credential("1", checked, used).await.unwrap();
        let url = &credential("1", "ana").kestra_url;
        let now = store.credential("ana", url, "main").await.unwrap().unwrap();
        (now.checked_at - NOW, now.last_used.map(|used| used - NOW))
    };
    assert_eq!(touched(None, Some(NOW + 1)).await, (0, Some(1)));
    assert_eq!(touched(None, Some(NOW + MINUTE)).await, (0, Some(1)));
    assert_eq!(
        touched(None, Some(NOW + MINUTE + 1)).await,
        (0, Some(MINUTE + 1))
    );
    assert_eq!(touched(Some(NOW + 2), None).await, (2, Some(MINUTE + 1)));
    // A clock that goes back does not undo the note.
    assert_eq!(
        touched(Some(NOW - 9), Some(NOW)).await,
        (2, Some(MINUTE + 1))
    );
    let both = touched(Some(NOW + HOUR), Some(NOW + HOUR)).await;
    assert_eq!(both, (HOUR, Some(HOUR)));
    store.refuse_credential("1").await.unwrap();
    let after = touched(Some(NOW + 2 * HOUR), None).await;
    assert_eq!(after, (-NOW, Some(HOUR)));
}

#[tokio::test]
async fn a_signing_key_is_never_replaced_and_dropped_in_time() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let key = |kid: &str, activate_at| SigningKey {
        kid: kid.to_owned(),
        public: "{}".to_owned(),
        private: kid.as_bytes().to_vec(),
        activate_at,
        drop_at: None,
    };
    store.put_signing_key(&key("new", NOW + 9)).await.unwrap();
    store.put_signing_key(&key("old", NOW)).await.unwrap();
    store.put_signing_key(&key("old", NOW + 99)).await.unwrap();
    let keys = store.signing_keys().await.unwrap();
    assert_eq!(keys, [key("old", NOW), key("new", NOW + 9)]);
    let drops = async || {
        let keys = store.signing_keys().await.unwrap();
        keys.iter().map(|key| key.drop_at).collect::<Vec<_>>()
    };
    store.retire_signing_keys("new", NOW + HOUR).await.unwrap();
    assert_eq!(drops().await, [Some(NOW + HOUR), None]);
    // The next rotation does not extend the life of a key.
    store
        .put_signing_key(&key("newer", NOW + 10))
        .await
        .unwrap();
    store
        .retire_signing_keys("newer", NOW + 2 * HOUR)
        .await
        .unwrap();
    assert_eq!(
        drops().await,
        [Some(NOW + HOUR), Some(NOW + 2 * HOUR), None]
    );
    store.sweep(NOW + HOUR).await.unwrap();
    let kids = store.signing_keys().await.unwrap();
    assert_eq!(kids.len(), 2);
}
