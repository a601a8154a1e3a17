//! The change from one encryption key to another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kestra_mcp::store::rekey::{RingRefused, Usage, rewrap};
use kestra_mcp::store::seal::kid;
use kestra_mcp::store::{
    Column, Hash, KeyRing, Place, SigningKey, Store, UpstreamState, check_ring,
};

use super::{NOW, Stand, code, credential, grant, key, refresh, ring_of, rotation, upstream, user};

fn old() -> KeyRing {
    ring_of(&format!("old:{}", key(1)))
}

fn both() -> KeyRing {
    ring_of(&format!("new:{},old:{}", key(2), key(1)))
}

fn new() -> KeyRing {
    ring_of(&format!("new:{}", key(2)))
}

const URL: &str = "https://kestra.example.com";

/// The associated data of a person's credential.
fn bound(user: &str) -> [&str; 4] {
    ["https://id.example.com", user, URL, "main"]
}

async fn put(store: &dyn Store, ring: &KeyRing, id: &str, user: &str, text: &str) {
    let mut one = credential(id, user);
    let place = bound(user);
    let place = Column::CREDENTIAL.of(id, &place);
    one.secret = ring.seal(&place, text.as_bytes()).unwrap();
    store.put_credential(&one).await.unwrap();
}

async fn opened(store: &dyn Store, ring: &KeyRing, user: &str) -> String {
    let one = store.credential(user, URL, "main").await.unwrap().unwrap();
    let opened = ring.open(&Column::CREDENTIAL.of(&one.id, &bound(user)), &one.secret);
    String::from_utf8(opened.unwrap().to_vec()).unwrap()
}

/// One value in each sealed column, and 1200 people with a credential.
async fn full(ring: &KeyRing) -> Stand {
    let stand = Stand::new().await;
    let store = &*stand.store;
    check_ring(store, ring).await.unwrap();
    let seal = |column: Column, row: &str| ring.seal(&column.of(row, &[]), b"x").unwrap();
    let mut one = grant("g", "ana");
    one.idp_refresh = Some(seal(Column::IDP_REFRESH, "g"));
    store.put_grant(&one, &code("g")).await.unwrap();
    let row = Hash::of("u").text();
    let leg = UpstreamState {
        nonce: seal(Column::NONCE, &row),
        verifier: seal(Column::VERIFIER, &row),
        ..upstream("u")
    };
    store.put_upstream(&leg).await.unwrap();
    let signing = SigningKey {
        kid: "k1".to_owned(),
        public: "{}".to_owned(),
        private: seal(Column::SIGNING_KEY, "k1"),
        activate_at: NOW,
        drop_at: None,
    };
    store.put_signing_key(&signing).await.unwrap();
    let address = format!("sqlite:{}", stand.path().display());
    let pool = sqlx::SqlitePool::connect(&address).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    for nth in 0..1200 {
        let id = format!("p{nth:04}");
        let person = user(&id);
        sqlx::query("INSERT INTO user_account VALUES (?1, ?2, ?3, ?4, NULL)")
            .bind(&id)
            .bind(person.issuer)
            .bind(person.subject)
            .bind(person.name)
            .execute(&mut *transaction)
            .await
            .unwrap();
        let place = bound(&id);
        let sealed = ring.seal(&Column::CREDENTIAL.of(&id, &place), id.as_bytes());
        let insert = "INSERT INTO kestra_credential
            VALUES (?1, ?1, ?2, 'main', 'token', ?3, NULL, 0, NULL)";
        sqlx::query(insert)
            .bind(&id)
            .bind(URL)
            .bind(sealed.unwrap())
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    pool.close().await;
    stand
}

async fn usage(store: &dyn Store) -> Vec<(String, u64)> {
    let usage = Usage::count(store).await.unwrap();
    assert_eq!(usage.unreadable, 0);
    usage.values.into_iter().collect()
}

async fn kids(store: &dyn Store) -> Vec<String> {
    let checks = store.key_checks().await.unwrap();
    checks.into_iter().map(|(kid, _)| kid).collect()
}

#[tokio::test]
async fn every_sealed_value_is_found_once() {
    let stand = full(&old()).await;
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = stand.store.sealed(after.as_ref(), 7).await.unwrap();
        assert!(page.len() <= 7);
        all.extend(
            page.iter()
                .map(|one| (one.table, one.column, one.row.clone())),
        );
        if page.len() < 7 {
            break;
        }
        after = page.into_iter().next_back();
    }
    assert_eq!(all.len(), 1204);
    let row = Hash::of("u").text();
    for (column, row) in [
        (Column::SIGNING_KEY, "k1"),
        (Column::IDP_REFRESH, "g"),
        (Column::NONCE, &row),
        (Column::VERIFIER, &row),
        (Column::CREDENTIAL, "p0007"),
    ] {
        let one = (column.table, column.column, row.to_owned());
        assert_eq!(all.iter().filter(|other| **other == one).count(), 1);
    }
}

#[tokio::test]
async fn a_key_is_changed_step_by_step() {
    let stand = full(&old()).await;
    let store = &*stand.store;
    assert_eq!(usage(store).await, [("old".to_owned(), 1204)]);
    // Without the old key the server would not start.
    let refused = check_ring(store, &new()).await.unwrap_err();
    let RingRefused::Missing { kid, values } = &refused else {
        panic!("{refused}");
    };
    assert_eq!((&**kid, *values), ("old", 1204));
    assert!(refused.to_string().contains("the key old"), "{refused}");
    assert_eq!(kids(store).await, ["old"]);

    check_ring(store, &both()).await.unwrap();
    assert_eq!(kids(store).await, ["new", "old"]);
    let done = rewrap(store, &both()).await.unwrap();
    assert_eq!((done.done, done.stuck), (1204, Vec::new()));
    assert_eq!(usage(store).await, [("new".to_owned(), 1204)]);
    assert_eq!(rewrap(store, &both()).await.unwrap().done, 0);

    check_ring(store, &new()).await.unwrap();
    assert_eq!(kids(store).await, ["new"]);
    assert_eq!(opened(store, &new(), "p0007").await, "p0007");
    let refused = check_ring(store, &old()).await.unwrap_err();
    assert!(matches!(refused, RingRefused::Missing { kid, .. } if kid == "new"));
}

#[tokio::test]
async fn an_interrupted_rekeying_continues_where_it_stopped() {
    let stand = full(&old()).await;
    let store = &*stand.store;
    let mut after = None;
    for sealed in store.sealed(None, 700).await.unwrap() {
        let (table, column, row) = (sealed.table, sealed.column, sealed.row.clone());
        let place = Place {
            table,
            column,
            row: &row,
            bound: &[],
        };
        let anew = both().rewrap(&place, &sealed.value).unwrap().unwrap();
        assert!(store.reseal(&sealed, &anew).await.unwrap());
        // The old value is gone: nothing is overwritten.
        assert!(!store.reseal(&sealed, &anew).await.unwrap());
        after = Some(sealed);
    }
    assert!(after.is_some());
    check_ring(store, &both()).await.unwrap();
    assert_eq!(rewrap(store, &both()).await.unwrap().done, 504);
    assert_eq!(usage(store).await, [("new".to_owned(), 1204)]);
    for nth in [0, 699, 700, 1199] {
        let id = format!("p{nth:04}");
        assert_eq!(opened(store, &new(), &id).await, id);
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_opened_is_named_and_left() {
    let stand = full(&old()).await;
    let store = &*stand.store;
    let forged = ring_of(&format!("lost:{}", key(9)));
    put(store, &forged, "lost-1", "bob", "x").await;
    let done = rewrap(store, &both()).await.unwrap();
    assert_eq!(done.done, 1204);
    let stuck: Vec<_> = done
        .stuck
        .iter()
        .map(|one| (one.column, &*one.row))
        .collect();
    assert_eq!(stuck, [("secret", "lost-1")]);
    let used = usage(store).await;
    assert_eq!(used, [("lost".to_owned(), 1), ("new".to_owned(), 1204)]);
}

/// A server seals under the new key while the old values are resealed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_under_traffic() {
    let stand = full(&old()).await;
    let store: Arc<dyn Store> = stand.store.clone();
    store.put_refresh(&refresh("r0", "g")).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let changing = tokio::spawn({
        let (store, over) = (Arc::clone(&store), Arc::clone(&over));
        async move {
            let ring = both();
            let mut round = 0_usize;
            while !over.load(Ordering::SeqCst) || round < 50 {
                let person = format!("p{:04}", (round * 37) % 1200);
                let text = format!("round {round}");
                if round.is_multiple_of(2) {
                    // The same id, another value.
                    put(&*store, &ring, &person, &person, &text).await;
                } else {
                    put(&*store, &ring, &format!("new id {round}"), &person, &text).await;
                }
                let mut next = rotation(&format!("r{round}"), &format!("r{}", round + 1), "g");
                next.checked = Some(kestra_mcp::store::Checked {
                    roles: Vec::new(),
                    at: NOW,
                    idp_refresh: Some(
                        ring.seal(&Column::IDP_REFRESH.of("g", &[]), text.as_bytes())
                            .unwrap(),
                    ),
                });
                assert!(store.rotate(&next, NOW).await.unwrap());
                round += 1;
            }
            round
        }
    });
    check_ring(&*store, &both()).await.unwrap();
    // From two processes at once.
    let command = kestra_mcp::store::sqlite::beside(&stand.path())
        .await
        .unwrap();
    let beside = tokio::spawn(async move { rewrap(&command, &both()).await.unwrap().done });
    let done = rewrap(&*store, &both()).await.unwrap();
    let beside = beside.await.unwrap();
    over.store(true, Ordering::SeqCst);
    let rounds = changing.await.unwrap();
    assert!(done.stuck.is_empty());
    assert!(done.done + beside > 0);
    rewrap(&*store, &both()).await.unwrap();

    assert_eq!(usage(&*store).await, [("new".to_owned(), 1204)]);
    let mut expected: Vec<String> = (0..1200).map(|nth| format!("p{nth:04}")).collect();
    for round in 0..rounds {
        expected[(round * 37) % 1200] = format!("round {round}");
    }
    for (nth, text) in expected.iter().enumerate() {
        let person = format!("p{nth:04}");
        assert_eq!(opened(&*store, &new(), &person).await, *text, "{person}");
    }
    let sealed = store.grant("g").await.unwrap().unwrap().grant.idp_refresh;
    let last = new().open(&Column::IDP_REFRESH.of("g", &[]), &sealed.unwrap());
    assert_eq!(
        last.unwrap().as_slice(),
        format!("round {}", rounds - 1).as_bytes()
    );
}

#[tokio::test]
async fn another_key_under_a_known_id_is_refused() {
    let stand = full(&old()).await;
    let wrong = ring_of(&format!("old:{}", key(3)));
    let refused = check_ring(&*stand.store, &wrong).await.unwrap_err();
    assert!(matches!(&refused, RingRefused::Wrong { kid } if kid == "old"));
    assert!(refused.to_string().contains("key old"), "{refused}");
    // Even when the right key is in the ring under another id.
    let wrong = ring_of(&format!("old:{},other:{}", key(3), key(1)));
    let refused = check_ring(&*stand.store, &wrong).await.unwrap_err();
    assert!(matches!(refused, RingRefused::Wrong { .. }));
}

#[tokio::test]
async fn a_changed_constant_is_refused() {
    let stand = full(&old()).await;
    let (kid, constant) = stand.store.key_checks().await.unwrap().remove(0);
    stand.store.delete_key_check(&kid).await.unwrap();
    let (other, _) = constant.split_at(constant.len() - 1);
    stand.store.put_key_check(&kid, other).await.unwrap();
    let refused = check_ring(&*stand.store, &old()).await.unwrap_err();
    assert!(matches!(refused, RingRefused::Wrong { .. }));
}

#[tokio::test]
async fn a_key_with_and_without_an_id_start_the_same_server() {
    let stand = Stand::new().await;
    let store = &*stand.store;
    let unnamed = ring_of(&key(1));
    check_ring(store, &unnamed).await.unwrap();
    put(store, &unnamed, "1", "ana", "s3cret").await;
    for list in [
        format!("named:{}", key(1)),
        format!("new:{},{}", key(2), key(1)),
        format!("new:{},named:{}", key(2), key(1)),
        key(1),
    ] {
        let ring = ring_of(&list);
        check_ring(store, &ring).await.unwrap();
        assert_eq!(opened(store, &ring, "ana").await, "s3cret");
    }
    let one = store.credential("ana", URL, "main").await.unwrap().unwrap();
    assert_eq!(kid(&one.secret), Some(unnamed.active()));
    // And the other way round.
    let named = ring_of(&format!("named:{}", key(1)));
    put(store, &named, "2", "bob", "other").await;
    assert_eq!(opened(store, &unnamed, "bob").await, "other");
}
