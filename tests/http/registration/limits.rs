//! How many clients may register, and how long they are stored.

use kestra_mcp::store::Store as _;
use serde_json::json;

use super::with;
use crate::stand::{Application, Browser, Stand};
use crate::wire::{Answer, metadata, redeeming};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

#[tokio::test]
async fn c14_one_source_registers_at_most_twenty_clients_a_minute() {
    let stand = Stand::start().await;
    let answers: Vec<Answer> =
        futures::future::join_all((0..30).map(|_| async { stand.registering(&metadata()).await }))
            .await;
    let (good, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((good.len(), refused.len()), (20, 10));
    for answer in refused {
        answer.is(429, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), Some("60"));
    }
    stand.later(60);
    assert_eq!(stand.registering(&metadata()).await.status, 201);
}

/// Also B22.
#[tokio::test]
async fn c14_only_a_trusted_proxy_names_the_source_of_a_request() {
    for (trusted, status) in [("127.0.0.0/8", 201), ("10.0.0.7", 429)] {
        let stand = Stand::with(|world| world.set("KESTRA_MCP_TRUSTED_PROXIES", trusted)).await;
        let from = async |chain: &str| {
            let request = stand.http.post(stand.url("/register"));
            let request = request.header("x-forwarded-for", chain).json(&metadata());
            request.send().await.unwrap().status().as_u16()
        };
        for host in 0..20 {
            let invented = format!("198.51.100.{host}, 203.0.113.1");
            assert_eq!(from(&invented).await, 201, "{trusted}");
        }
        let again = from("203.0.113.1").await;
        assert_eq!(again, 429, "{trusted}");
        assert_eq!(from("203.0.113.2").await, status, "{trusted}");
    }
}

#[tokio::test]
async fn c14_a_registration_is_at_most_sixteen_kilobytes() {
    let stand = Stand::start().await;
    for (bytes, status) in [(15 * 1024, 201), (17 * 1024, 413), (4 << 20, 413)] {
        let answer = stand
            .registering(&with("contacts", json!("a".repeat(bytes))))
            .await;
        assert_eq!(answer.status, status, "{bytes}");
    }
    // A name is stored up to the length that is shown.
    let answer = stand
        .registering(&with("client_name", json!("\u{e9}".repeat(1000))))
        .await;
    assert_eq!(
        answer.json()["client_name"]
            .as_str()
            .unwrap()
            .chars()
            .count(),
        200
    );
}

/// Whether the client still exists.
async fn is_known(stand: &Stand, client: &Application) -> bool {
    let browser = Browser::new(stand.http.clone());
    let page = browser.get(&client.authorize(stand)).await;
    assert!(page.moves() || page.status == 400);
    page.moves()
}

/// The sweep that the server runs every ten minutes.
async fn sweep(stand: &Stand) {
    stand.store().await.sweep(stand.now()).await.unwrap();
}

#[tokio::test]
async fn c14_an_unused_client_is_removed_after_an_hour() {
    let stand = Stand::start().await;
    let (unused, _) = stand.registered(&metadata()).await;
    let (used, _) = stand.connect("ann").await;
    stand.later(HOUR - 1);
    sweep(&stand).await;
    assert!(is_known(&stand, &unused).await);
    stand.later(1);
    sweep(&stand).await;
    assert!(!is_known(&stand, &unused).await);
    assert!(is_known(&stand, &used).await);
}

/// Fills the table with unused clients that have just registered.
async fn flood(stand: &Stand, clients: u32) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&stand.database);
    let connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await;
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO client SELECT 'flood-' || i, kind, document, ?2, NULL FROM n,
        (SELECT * FROM client LIMIT 1)";
    let fill = sqlx::query(fill).bind(clients).bind(stand.now());
    fill.execute(&mut connection.unwrap()).await.unwrap();
}

#[tokio::test]
async fn c14_unused_clients_do_not_block_new_ones() {
    let stand = Stand::start().await;
    let (used, _) = stand.connect("ann").await;
    flood(&stand, 9_999).await;
    let full = stand.registering(&metadata()).await;
    full.is(429, "temporarily_unavailable");
    // A client that has just registered may still be signing in.
    stand.later(25 * 60 - 1);
    let full = stand.registering(&metadata()).await;
    full.is(429, "temporarily_unavailable");
    stand.later(1);
    let (new, _) = stand.registered(&metadata()).await;
    assert!(is_known(&stand, &new).await);
    assert!(is_known(&stand, &used).await);
}

#[tokio::test]
async fn c14_an_idle_client_is_removed_after_ninety_days() {
    let stand = Stand::start().await;
    let (idle, _) = stand.connect("ann").await;
    let (busy, mut tokens) = stand.connect("ann").await;
    for _ in 0..89 {
        stand.later(DAY);
        sweep(&stand).await;
        if tokens.refresh.is_empty() {
            continue;
        }
        let answer = stand.refreshed(&busy, &tokens.refresh).await;
        match answer.status {
            200 => tokens = answer.tokens(),
            _ => tokens.refresh.clear(),
        }
    }
    assert!(is_known(&stand, &idle).await);
    stand.later(DAY);
    sweep(&stand).await;
    assert!(!is_known(&stand, &idle).await);
    // This one was used for as long as its grant lived.
    assert!(is_known(&stand, &busy).await);
}

#[tokio::test]
async fn c15_a_deleted_client_learns_that_it_must_register_again() {
    let stand = Stand::start().await;
    let (client, tokens) = stand.connect("ann").await;
    let code = stand.code_for(&client, "ann").await;
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    let store = stand.store().await;
    assert!(store.delete_client(&client.id, stand.now()).await.unwrap());
    let refresh = stand.refreshed(&client, &tokens.refresh).await;
    refresh.is(401, "invalid_client");
    let redeem = stand.post("/token", &redeeming(&client, &code)).await;
    redeem.is(401, "invalid_client");
    assert!(!is_known(&stand, &client).await);
    stand.later(2);
    assert_eq!(stand.mcp(&tokens.access).await, 401);
    let (_, anew) = stand.connect("ann").await;
    assert_eq!(stand.mcp(&anew.access).await, 200);
}
