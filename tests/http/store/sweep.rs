//! Expired rows are deleted, and nothing else.

use kestra_mcp::store::{ClientKind, Hash, Reason, Redeemed, Store as _};
use sqlx::Row as _;

use super::{
    DAY, HOUR, MINUTE, NOW, Stand, claim, client, code, credential, form, grant, login, refresh,
    rotation, ticket, upstream, user,
};

/// The number of rows of each table that has any.
async fn rows(stand: &Stand) -> Vec<(String, i64)> {
    let address = format!("sqlite:{}", stand.path().display());
    let pool = sqlx::SqlitePool::connect(&address).await.unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sql%'
        ORDER BY name";
    let mut found = Vec::new();
    for table in sqlx::query(tables).fetch_all(&pool).await.unwrap() {
        let name: String = table.get(0);
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
        if count > 0 {
            found.push((name, count));
        }
    }
    pool.close().await;
    found
}

async fn full() -> Stand {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_client(&client("c1")).await.unwrap();
    let over = NOW + 10 * MINUTE;
    assert!(store.spend_transaction(Hash::of("t"), over).await.unwrap());
    store.put_form(&form("f")).await.unwrap();
    store.put_upstream(&upstream("u")).await.unwrap();
    store.put_ticket(&ticket("k")).await.unwrap();
    store.put_login(&login("l", "ana")).await.unwrap();
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    store.revoke_access("jti", NOW + 5 * MINUTE).await.unwrap();
    store.put_credential(&credential("1", "ana")).await.unwrap();
    stand
}

#[tokio::test]
async fn each_row_is_removed_when_it_expires() {
    let stand = full().await;
    let store = &stand.store;
    // At once, the code is used, and the client with it.
    store.redeem_code(&claim(&code("g")), NOW).await.unwrap();
    let all = rows(&stand).await;
    assert_eq!(all.len(), 12, "{all:?}");
    assert_eq!(store.sweep(NOW).await.unwrap(), 0);
    assert_eq!(rows(&stand).await, all);
    let mut steps = Vec::new();
    for now in [
        NOW + 10 * MINUTE - 1,
        NOW + 10 * MINUTE,
        NOW + 30 * MINUTE,
        NOW + HOUR + 5 * MINUTE,
        NOW + DAY,
        NOW + DAY + MINUTE,
        NOW + 30 * DAY,
        NOW + 31 * DAY,
        NOW + 90 * DAY - 1,
        NOW + 90 * DAY,
    ] {
        let before = rows(&stand).await;
        let gone = store.sweep(now).await.unwrap();
        let after = rows(&stand).await;
        let missing: Vec<String> = before
            .into_iter()
            .filter(|row| !after.contains(row))
            .map(|(table, _)| table)
            .collect();
        assert_eq!(gone, missing.len() as u64);
        steps.push(missing.join(" "));
    }
    let expected = [
        "",
        "form_token link_ticket spent_transaction upstream_state",
        "web_login",
        "revoked_access",
        "",
        "auth_code",
        "refresh_token",
        "oauth_grant",
        "",
        "client",
    ];
    assert_eq!(steps, expected);
    let left = [
        ("kestra_credential".to_owned(), 1),
        ("user_account".to_owned(), 2),
    ];
    assert_eq!(rows(&stand).await, left);
}

#[tokio::test]
async fn an_unused_code_is_removed_when_it_expires() {
    let stand = Stand::with_grant("g").await;
    assert_eq!(stand.store.sweep(NOW + MINUTE - 1).await.unwrap(), 0);
    assert_eq!(stand.store.sweep(NOW + MINUTE).await.unwrap(), 1);
    let redeemed = stand.store.redeem_code(&claim(&code("g")), NOW).await;
    assert_eq!(redeemed.unwrap(), Redeemed::Refused);
}

#[tokio::test]
async fn a_spent_refresh_token_outlives_its_successor_as_long_as_its_family() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_refresh(&refresh("x", "g")).await.unwrap();
    assert!(store.rotate(&rotation("x", "y", "g"), NOW).await.unwrap());
    store.sweep(NOW + MINUTE - 1).await.unwrap();
    store.sweep(NOW + 28 * DAY).await.unwrap();
    let shown = store.refresh(Hash::of("x")).await.unwrap().unwrap();
    assert!(shown.successor.is_some(), "nobody used it");
    assert!(store.rotate(&rotation("y", "z", "g"), NOW).await.unwrap());
    store.sweep(NOW + 29 * DAY).await.unwrap();
    let shown = store.refresh(Hash::of("x")).await.unwrap().unwrap();
    assert_eq!(shown.used_at, Some(NOW));
    assert_eq!((shown.successor, shown.grace_until), (None, None));
    store.revoke_grant("g", Reason::Reuse, NOW).await.unwrap();
    assert!(
        store.sweep(NOW + DAY).await.unwrap() >= 3,
        "a day after its end"
    );
    assert!(store.refresh(Hash::of("x")).await.unwrap().is_none());
    assert_eq!(store.grant("g").await.unwrap(), None);
    assert_eq!(store.user("ana").await.unwrap(), Some(user("ana")));
}

#[tokio::test]
async fn a_self_registered_client_is_removed_unused_after_an_hour_and_idle_after_90_days() {
    let stand = Stand::new().await;
    let store = &stand.store;
    for (id, kind, last_used) in [
        ("unused", ClientKind::Registered, None),
        ("idle", ClientKind::Registered, Some(NOW)),
        ("busy", ClientKind::Registered, Some(NOW + DAY)),
        ("of the operator", ClientKind::Configured, None),
    ] {
        let mut client = client(id);
        (client.kind, client.last_used) = (kind, last_used);
        store.put_client(&client).await.unwrap();
    }
    let mut of_idle = grant("g", "ana");
    of_idle.client_id = "idle".to_owned();
    of_idle.expires = NOW + 1000 * DAY;
    let created = of_idle.created;
    store.put_grant(&of_idle, &code("g")).await.unwrap();
    let there = async |now| {
        store.sweep(now).await.unwrap();
        let mut there = Vec::new();
        for id in ["unused", "idle", "busy", "of the operator"] {
            there.extend(store.client(id).await.unwrap().map(|client| client.id));
        }
        there.join(" ")
    };
    assert_eq!(created, NOW);
    assert_eq!(
        there(NOW + HOUR - 1).await,
        "unused idle busy of the operator"
    );
    assert_eq!(there(NOW + HOUR).await, "idle busy of the operator");
    assert_eq!(there(NOW + 90 * DAY - 1).await, "idle busy of the operator");
    assert_eq!(store.grants_of("ana", NOW).await.unwrap().len(), 1);
    assert_eq!(there(NOW + 90 * DAY).await, "busy of the operator");
    assert!(store.grants_of("ana", NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn more_than_one_batch_is_removed_at_once() {
    let stand = Stand::new().await;
    let address = format!("sqlite:{}", stand.path().display());
    let pool = sqlx::SqlitePool::connect(&address).await.unwrap();
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2345)
        INSERT INTO revoked_access SELECT 'jti ' || i, ?1 FROM n";
    sqlx::query(fill).bind(NOW).execute(&pool).await.unwrap();
    assert_eq!(stand.store.sweep(NOW + DAY).await.unwrap(), 2345);
}
