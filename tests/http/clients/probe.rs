//! Support for documents is advertised while those of widespread clients can be read.

use std::time::Duration;

use serde_json::Value;

use super::web::{Says, Web, application, document, is_let_on, opened};
use crate::stand::{Stand, World};
use crate::traces::Log;

const HOUR: Duration = Duration::from_hours(1);
const SUPPORTED: &str = "client_id_metadata_document_supported";

/// A server that probes these documents.
async fn looking(web: &Web, more: &str, ids: &[&str]) -> Stand {
    Stand::with(|world| looks(world, web, more, ids)).await
}

fn looks(world: &mut World, web: &Web, more: &str, ids: &[&str]) {
    world.outside = web.outside();
    world.environment.remove("KESTRA_MCP_CLIENT_DOCUMENTS");
    world.file = format!("[oauth]\nmetadata_probe = {ids:?}\n{more}");
}

async fn metadata(stand: &Stand) -> Value {
    let url = stand.url("/.well-known/oauth-authorization-server");
    let answer = stand.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Waits until the condition holds, for another task.
async fn until<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F) {
    while !is_so().await {
        tokio::task::yield_now().await;
    }
}

/// Waits until documents are advertised, or are not.
async fn until_announced(stand: &Stand, announced: bool) {
    until(|| async { metadata(stand).await.get(SUPPORTED).is_some() == announced }).await;
}

async fn until_logged(log: &Log, text: &str) {
    until(|| async { log.text().contains(text) }).await;
}

/// Lets an hour of the runtime's clock pass.
async fn an_hour() {
    tokio::time::pause();
    tokio::time::advance(HOUR).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::resume();
}

/// The one line of the log that holds `text`.
fn line(log: &Log, text: &str) -> String {
    let log = log.text();
    let found: Vec<&str> = log.lines().filter(|line| line.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text}\n{log}");
    found[0].to_owned()
}

/// Also C5.
#[tokio::test]
async fn d7_documents_are_advertised_once_one_of_the_list_was_read() {
    let log = Log::of_all();
    let web = Web::start().await;
    let shut = web.id("other.example", "/shut.json");
    web.says("/shut.json", Says::Answer(403, Vec::new(), Vec::new()));
    let good = web.publish("/good.json", &[("cache-control", "no-store")]);
    let stand = looking(&web, "", &[&shut, &good.id]).await;
    until_announced(&stand, true).await;
    let told = line(&log, "of oauth.metadata_probe cannot be read");
    for part in [
        "WARN",
        "host=\"other.example\"",
        "the status 403",
        "[[client]]",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // A probed document serves as any other while its server is silent.
    web.says("/good.json", Says::Answer(503, Vec::new(), Vec::new()));
    is_let_on(&opened(&stand, &good).await);
    // An unchanged state is logged once.
    web.publish("/good.json", &[]);
    let asked = web.asked();
    an_hour().await;
    until(|| async { web.asked() == asked + 2 }).await;
    line(&log, "of oauth.metadata_probe cannot be read");
}

#[tokio::test]
async fn d7_the_start_waits_for_no_document_and_advertises_none_before_one_was_read() {
    let web = Web::start().await;
    web.says("/silent.json", Says::Nothing);
    let silent = web.id("client.example", "/silent.json");
    let mut stand = looking(&web, "", &[&silent]).await;
    until(|| async { web.asked() == 1 }).await;
    assert_eq!(metadata(&stand).await.get(SUPPORTED), None);
    // Shutdown does not wait either.
    stand.stop().await;
}

#[tokio::test]
async fn d7_while_none_can_be_read_clients_register_and_the_log_says_what_to_do() {
    let log = Log::of_all();
    let web = Web::start().await;
    let nowhere = web.id("nowhere.example", "/a.json");
    let later = web.id("client.example", "/later.json");
    let stand = looking(&web, "", &[&nowhere, &later]).await;
    until_logged(&log, "client metadata documents are not announced").await;
    let told = line(&log, "client metadata documents are not announced");
    for part in [
        "WARN",
        "hosts=\"client.example, nowhere.example\"",
        "clients register themselves",
        "oauth.metadata_proxy",
        "[[client]]",
        "oauth.client_documents",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let document_of = metadata(&stand).await;
    assert_eq!(document_of.get(SUPPORTED), None);
    assert!(document_of.get("registration_endpoint").is_some());
    stand.connect("ann").await;
    // Documents work without being advertised: some clients have seen them advertised before.
    is_let_on(&opened(&stand, &web.publish("/own.json", &[])).await);

    web.says("/later.json", Says::json(&document(&later), &[]));
    an_hour().await;
    until_announced(&stand, true).await;
    line(&log, "client metadata documents are announced");

    web.says("/later.json", Says::Answer(500, Vec::new(), Vec::new()));
    an_hour().await;
    until_announced(&stand, false).await;
    // Clients with a known document still work.
    is_let_on(&opened(&stand, &application(&later)).await);
}

#[tokio::test]
async fn d7_the_log_also_says_that_clients_cannot_register() {
    let log = Log::of_all();
    let web = Web::start().await;
    let nowhere = web.id("nowhere.example", "/a.json");
    let _stand = looking(&web, "client_registration = false\n", &[&nowhere]).await;
    until_logged(&log, "client metadata documents are not announced").await;
    let told = line(&log, "client metadata documents are not announced");
    assert!(
        told.contains("no client but those of [[client]] can sign in"),
        "{told}"
    );
}

#[tokio::test]
async fn d7_the_operator_may_force_or_forbid_advertising_documents() {
    let web = Web::start().await;
    let nowhere = web.id("nowhere.example", "/a.json");
    for (setting, announced) in [("on", true), ("off", false)] {
        let more = format!("client_documents = {setting:?}\n");
        let stand = looking(&web, &more, &[&nowhere]).await;
        let supported = metadata(&stand).await.get(SUPPORTED).is_some();
        assert_eq!(supported, announced, "{setting}");
    }
    // With an empty list nothing is probed.
    let stand = looking(&web, "", &[]).await;
    assert_eq!(metadata(&stand).await[SUPPORTED], true);
    an_hour().await;
    assert_eq!((web.connections(), web.looked_up().len()), (0, 0));
}

/// Also C7.
#[tokio::test]
async fn d7_documents_fetched_by_visitors_do_not_stop_the_probe() {
    let web = Web::start().await;
    let good = web.publish("/good.json", &[]);
    web.says("/good.json", Says::Answer(500, Vec::new(), Vec::new()));
    let stand = looking(&web, "", &[&good.id]).await;
    for nth in 0..12 {
        opened(
            &stand,
            &application(&web.id("client.example", &format!("/{nth}.json"))),
        )
        .await;
    }
    web.publish("/good.json", &[]);
    an_hour().await;
    until_announced(&stand, true).await;
}
