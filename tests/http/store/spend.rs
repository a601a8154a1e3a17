//! One-time values are spent once, and only by the one they are for.

use std::sync::Arc;

use kestra_mcp::store::sqlite::Sqlite;
use kestra_mcp::store::{CodeClaim, FormToken, Hash, Redeemed, Store as _};

use super::{MINUTE, NOW, Stand, claim, code, form, refresh, rotation, ticket, upstream};

const TASKS: usize = 40;

/// How many of many concurrent tasks succeed.
async fn race<F>(store: &Arc<Sqlite>, attempt: impl Fn(Arc<Sqlite>, usize) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let tasks: Vec<_> = (0..TASKS)
        .map(|nth| tokio::spawn(attempt(Arc::clone(store), nth)))
        .collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap());
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_concurrent_attempts_exactly_one_spends() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_form(&form("f")).await.unwrap();
    store.put_upstream(&upstream("u")).await.unwrap();
    store.put_ticket(&ticket("k")).await.unwrap();
    store.put_refresh(&refresh("r", "g")).await.unwrap();

    let won = race(store, |store, _| async move {
        let over = NOW + MINUTE;
        store.spend_transaction(Hash::of("t"), over).await.unwrap()
    });
    assert_eq!(won.await, 1);
    let won = race(store, |store, _| async move {
        store.spend_form(&form("f"), NOW).await.unwrap()
    });
    assert_eq!(won.await, 1);
    let won = race(store, |store, _| async move {
        let (state, browser) = (Hash::of("u"), Hash::of("browser"));
        let spent = store.spend_upstream(state, browser, "default", NOW).await;
        let spent = spent.unwrap();
        spent.is_some()
    });
    assert_eq!(won.await, 1);
    let won = race(store, |store, _| async move {
        store.spend_ticket(Hash::of("k"), NOW).await.unwrap()
    });
    assert_eq!(won.await, 1);
    let won = race(store, |store, _| async move {
        let redeemed = store.redeem_code(&claim(&code("g")), NOW).await.unwrap();
        redeemed == Redeemed::Spent("g".to_owned())
    });
    assert_eq!(won.await, 1);
    let won = race(store, |store, nth| async move {
        let rotation = rotation("r", &format!("r{nth}"), "g");
        store.rotate(&rotation, NOW).await.unwrap()
    });
    assert_eq!(won.await, 1);
    // The attempts that lost stored no token.
    let mut successors = 0;
    for nth in 0..TASKS {
        let token = Hash::of(&format!("r{nth}"));
        successors += usize::from(store.refresh(token).await.unwrap().is_some());
    }
    assert_eq!(successors, 1);
    let won = race(store, |store, nth| async move {
        let me = format!("server {nth}");
        store.lease("g", &me, NOW, NOW + MINUTE).await.unwrap()
    });
    assert_eq!(won.await, 1);
}

#[tokio::test]
async fn a_transaction_is_known_from_when_it_is_spent_until_it_is_over() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let (id, other, over) = (Hash::of("t"), Hash::of("other"), NOW + 10 * MINUTE);
    assert!(!store.is_spent(id).await.unwrap());
    assert!(store.spend_transaction(id, over).await.unwrap());
    assert!(store.is_spent(id).await.unwrap());
    assert!(!store.spend_transaction(id, over).await.unwrap());
    assert!(!store.is_spent(other).await.unwrap());
    assert_eq!(store.sweep(over - 1).await.unwrap(), 0);
    assert!(store.is_spent(id).await.unwrap());
    assert_eq!(store.sweep(over).await.unwrap(), 1);
    assert!(!store.is_spent(id).await.unwrap());
}

#[tokio::test]
async fn a_form_is_spent_only_by_its_own_browser_page_and_purpose() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let right = form("f");
    store.put_form(&right).await.unwrap();
    store.put_form(&form("second render")).await.unwrap();
    let other = Hash::of("other");
    let wrong = [
        FormToken {
            value: other,
            ..right.clone()
        },
        FormToken {
            owner: other,
            ..right.clone()
        },
        FormToken {
            cookie: other,
            ..right.clone()
        },
    ];
    for form in wrong {
        assert!(!store.spend_form(&form, NOW).await.unwrap(), "{form:?}");
    }
    // One of another page.
    let address = format!("sqlite:{}", stand.path().display());
    let pool = sqlx::SqlitePool::connect(&address).await.unwrap();
    let other = "UPDATE form_token SET purpose = ?1 WHERE purpose = ?2";
    for (now, before) in [("another page", "account"), ("account", "another page")] {
        let changed = sqlx::query(other).bind(now).bind(before);
        changed.execute(&pool).await.unwrap();
        let is_other = now != "account";
        if is_other {
            assert!(!store.spend_form(&right, NOW).await.unwrap());
        }
    }
    // The expiry is in the database, not in the value that the browser shows.
    let longer = FormToken {
        expires: NOW + 1000 * MINUTE,
        ..right.clone()
    };
    assert!(!store.spend_form(&longer, right.expires).await.unwrap());
    assert!(store.spend_form(&right, right.expires - 1).await.unwrap());
    assert!(!store.spend_form(&right, NOW).await.unwrap());
    assert!(store.spend_form(&form("second render"), NOW).await.unwrap());
}

/// Also B4.
#[tokio::test]
async fn an_authentication_request_is_ended_only_by_the_browser_that_began_it() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let whole = upstream("u");
    store.put_upstream(&whole).await.unwrap();
    let provider = whole.provider.clone();
    let spend = |state: &str, browser: &str, now| {
        store.spend_upstream(Hash::of(state), Hash::of(browser), &provider, now)
    };
    let (state, browser) = (Hash::of("u"), Hash::of("browser"));
    let elsewhere = store.spend_upstream(state, browser, "another", NOW).await;
    assert!(elsewhere.unwrap().is_none());
    let asked = async |browser, now| {
        let found = store.provider_of_upstream(state, browser, now).await;
        found.unwrap()
    };
    assert_eq!(asked(browser, NOW).await.as_deref(), Some(&*provider));
    assert_eq!(asked(Hash::of("other"), NOW).await, None);
    assert_eq!(asked(browser, whole.expires).await, None);
    assert!(spend("u", "other", NOW).await.unwrap().is_none());
    assert!(spend("other", "browser", NOW).await.unwrap().is_none());
    assert!(
        spend("u", "browser", whole.expires)
            .await
            .unwrap()
            .is_none()
    );
    let left = spend("u", "browser", whole.expires - 1).await.unwrap();
    let left = left.unwrap();
    assert_eq!((left.state, left.browser), (whole.state, whole.browser));
    assert_eq!((left.provider, left.target), (whole.provider, whole.target));
    assert_eq!((left.nonce, left.verifier), (whole.nonce, whole.verifier));
    assert!(spend("u", "browser", NOW).await.unwrap().is_none());
    assert_eq!(asked(browser, NOW).await, None);
}

#[tokio::test]
async fn a_ticket_is_spent_in_time() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let whole = ticket("k");
    let id = whole.id;
    store.put_ticket(&whole).await.unwrap();
    assert_eq!(store.ticket(id, NOW).await.unwrap(), Some(whole.clone()));
    assert_eq!(store.ticket(id, whole.expires).await.unwrap(), None);
    assert!(!store.spend_ticket(id, whole.expires).await.unwrap());
    assert!(!store.spend_ticket(Hash::of("other"), NOW).await.unwrap());
    assert!(store.spend_ticket(id, NOW).await.unwrap());
    assert!(!store.spend_ticket(id, NOW).await.unwrap());
    assert_eq!(store.ticket(id, NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_that_does_not_match_is_not_spent() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    let code = code("g");
    let right = claim(&code);
    let wrong = [
        CodeClaim {
            code: Hash::of("forged"),
            ..right.clone()
        },
        CodeClaim {
            client_id: "c2",
            ..right.clone()
        },
        CodeClaim {
            redirect_uri: Some("http://127.0.0.1:8/cb"),
            ..right.clone()
        },
        CodeClaim {
            challenge: "other",
            ..right.clone()
        },
        CodeClaim {
            resource: "https://mcp.example.com",
            ..right.clone()
        },
    ];
    for claim in &wrong {
        let redeemed = store.redeem_code(claim, NOW).await.unwrap();
        assert_eq!(redeemed, Redeemed::Refused, "{claim:?}");
    }
    let late = store.redeem_code(&right, code.expires).await.unwrap();
    assert_eq!(late, Redeemed::Refused);
    let spent = store.redeem_code(&right, code.expires - 1).await.unwrap();
    assert_eq!(spent, Redeemed::Spent("g".to_owned()));
    let again = |fits| Redeemed::Again {
        grant_id: "g".to_owned(),
        used_at: code.expires - 1,
        fits,
    };
    // Long after it expired it is still known to be used.
    for now in [NOW, code.expires + 60 * MINUTE] {
        assert_eq!(store.redeem_code(&right, now).await.unwrap(), again(true));
        for claim in &wrong[1..] {
            assert_eq!(store.redeem_code(claim, now).await.unwrap(), again(false));
        }
        let forged = store.redeem_code(&wrong[0], now).await.unwrap();
        assert_eq!(forged, Redeemed::Refused);
    }
}
