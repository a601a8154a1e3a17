//! Calls over HTTP: `get_execution` with a bearer, 16 in flight, beside a bare proxy (axum to reqwest)
//! before the same upstream in the same run; the same again with 100,000 more people in the database.
//! Client, upstream, proxy and server share this process and its cores. Prints what it finds.
//!
//! For a profiler: `-- alone` runs the rounds of the server alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    dead_code,
    unused_imports,
    reason = "a benchmark that panics has failed, its figures are for people, and it uses a part of \
              the stand of the tests"
)]

#[path = "support/load.rs"]
mod load;
#[path = "../tests/http/stand.rs"]
mod stand;
#[path = "support/upstream.rs"]
mod upstream;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use kestra_mcp::kestra::http_client;
use load::{IN_FLIGHT, ROUND, Round, Target, call, median};
use mimalloc::MiMalloc;
use serde_json::{Value, json};
use stand::{ANN_TOKEN, Stand};
use upstream::{Upstream, json, listen};

/// As in the program.
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

const ROUNDS: usize = 5;
const PEOPLE: u32 = 100_000;
const FLOW: &str = "id: hello
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
";

/// The whole product before `upstream`, and the request of a person who holds a credential.
async fn product(name: &'static str) -> (Stand, Target, Upstream) {
    let upstream = Upstream::of("/executions/");
    let address = upstream.listen().await;
    let stand = Stand::with(|world| {
        world.set("KESTRA_API_URL", &address);
        world.set("ACCESS_TOKEN_TTL_SECONDS", "900");
    })
    .await;
    upstream.simulator.set(stand.simulator.url()).unwrap();
    stand.simulator.save_flow(FLOW).unwrap();
    let now = Arc::clone(&stand.now);
    tokio::spawn(async move {
        // The clock of the stand stands still; what is cached for seconds must grow old here.
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            now.fetch_add(100, Ordering::Relaxed);
        }
    });
    let (_, tokens) = stand.connect("ann").await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "hello" });
    let run = stand.call(&tokens.access, "execute_flow", flow).await;
    let id = &run["result"]["structuredContent"]["execution_id"];
    assert!(id.is_string(), "{run}");
    let http = http_client(None).unwrap();
    let arguments = json!({ "execution_id": id });
    let url = stand.url("/mcp");
    let request = call(&http, &url, &tokens.access, "get_execution", &arguments);
    let answer = http.execute(request.try_clone().unwrap()).await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert!(answer["result"]["isError"] != true, "{answer}");
    (
        stand,
        Target {
            name,
            request,
            http,
        },
        upstream,
    )
}

/// The least that something between client and Kestra can do.
async fn proxy(upstream: &Upstream, product: &Target) -> Target {
    let kestra = upstream.listen().await;
    let http = http_client(None).unwrap();
    let url = format!("{kestra}/api/v1/main/executions/any");
    let pass = move |State(http): State<reqwest::Client>, body: Bytes| {
        let url = url.clone();
        async move {
            drop(body);
            json(http.get(url).send().await.unwrap().bytes().await.unwrap())
        }
    };
    let router = Router::new().route("/mcp", post(pass)).with_state(http);
    let mut request = product.request.try_clone().unwrap();
    *request.url_mut() = format!("{}/mcp", listen(router).await).parse().unwrap();
    Target {
        name: "bare proxy",
        request,
        http: http_client(None).unwrap(),
    }
}

/// Puts people with grants and credentials into the database, as rows like those of Ann.
async fn populate(stand: &Stand) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&stand.database);
    let connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await;
    let mut connection = connection.unwrap();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) ";
    let people = "INSERT INTO user_account SELECT 'person-' || i, 'https://id.example', 'subject-' \
                  || i, 'Person ' || i, NULL FROM n";
    let grants = "INSERT INTO oauth_grant SELECT 'grant-' || i, 'person-' || i, g.client_id, \
                  g.client_name, g.provider, g.scopes, g.resource, g.roles, g.checked_at, \
                  g.idp_refresh, NULL, NULL, g.created, g.expires, NULL, NULL FROM n, \
                  (SELECT * FROM oauth_grant LIMIT 1) g";
    let credentials = "INSERT INTO kestra_credential SELECT 'credential-' || i, 'person-' || i, \
                       c.kestra_url, c.tenant, c.kind, c.secret, c.kestra_user, c.checked_at, NULL \
                       FROM n, (SELECT * FROM kestra_credential LIMIT 1) c";
    for insert in [people, grants, credentials] {
        // `INSERT` takes the common table expression between its target and its query.
        let (into, from) = insert.split_once(" SELECT ").unwrap();
        let statement = format!("{into} {numbers}SELECT {from}");
        let statement = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(PEOPLE);
        statement.execute(&mut connection).await.unwrap();
    }
}

#[tokio::main]
async fn main() {
    let (few, few_target, upstream) = product("few people").await;
    let (many, many_target, _upstream) = product("many people").await;
    if std::env::args().any(|argument| argument == "alone") {
        for _ in 0..ROUNDS {
            println!("{:.0} calls/s", few_target.round().await.per_second);
        }
        return;
    }
    populate(&many).await;
    let proxy = proxy(&upstream, &few_target).await;
    let targets = [&proxy, &few_target, &many_target];
    let mut rounds: [Vec<Round>; 3] = Default::default();
    for target in targets {
        target.round().await;
    }
    for _ in 0..ROUNDS {
        // One after the other in the same seconds: what slows the machine down slows all.
        for (target, rounds) in targets.iter().zip(&mut rounds) {
            rounds.push(target.round().await);
        }
    }
    println!("get_execution with a bearer, {IN_FLIGHT} in flight, {ROUNDS} rounds of {ROUND:?}");
    for (target, rounds) in targets.iter().zip(&rounds) {
        let figure = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of).collect());
        println!(
            "{:<12} {:>6.0} calls/s   p50 {:>5.2} ms   p99 {:>5.2} ms",
            target.name,
            figure(&|round| round.per_second),
            figure(&|round| round.percentile(0.5)),
            figure(&|round| round.percentile(0.99)),
        );
    }
    let ratio = |over: usize, under: usize| {
        let pairs = rounds[over].iter().zip(&rounds[under]);
        median(
            pairs
                .map(|(over, under)| over.per_second / under.per_second)
                .collect(),
        )
    };
    println!(
        "server to bare proxy: {:.2} (goal at least 0.5)",
        ratio(1, 0)
    );
    println!(
        "{PEOPLE} people more to none: {:.2} (goal at least 0.91)",
        ratio(2, 1)
    );
    drop((few, many));
}
