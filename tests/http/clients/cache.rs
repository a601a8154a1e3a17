//! How long a client metadata document is cached, and how often one is fetched.

use serde_json::json;

use super::web::{Says, Web, application, document, is_let_on, is_refused, opened};
use crate::stand::Stand;

const DAY: u64 = 86_400;

#[tokio::test]
async fn c5_a_document_is_cached_as_its_server_says_and_a_day_at_most() {
    for (control, seconds) in [
        (Some("max-age=60"), 60),
        (Some("max-age=31536000"), DAY),
        (Some("public, max-age=90, immutable"), 90),
        (None, 300),
    ] {
        let web = Web::start().await;
        let stand = web.stand().await;
        let headers: Vec<_> = control
            .map(|text| ("cache-control", text))
            .into_iter()
            .collect();
        let application = web.publish("/client.json", &headers);
        is_let_on(&opened(&stand, &application).await);
        stand.later(seconds - 1);
        is_let_on(&opened(&stand, &application).await);
        assert_eq!(web.asked(), 1, "{control:?}");
        stand.later(1);
        is_let_on(&opened(&stand, &application).await);
        assert_eq!(web.asked(), 2, "{control:?}");
    }
}

#[tokio::test]
async fn c5_a_document_with_no_store_is_not_cached() {
    for control in [
        "no-store",
        "no-cache",
        "max-age=0",
        "private, no-cache=\"a\"",
    ] {
        let web = Web::start().await;
        let stand = web.stand().await;
        let application = web.publish("/client.json", &[("cache-control", control)]);
        for asked in 1..=3 {
            is_let_on(&opened(&stand, &application).await);
            assert_eq!(web.asked(), asked, "{control}");
        }
    }
}

#[tokio::test]
async fn c5_a_failure_is_never_cached() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let keep = ("cache-control", "max-age=3600".to_owned());
    let application = web.publish("/client.json", &[]);
    let mut bad = document(&application.id);
    bad["client_name"] = json!("");
    let kind = ("content-type", "application/json".to_owned());
    for says in [
        Says::Answer(404, vec![keep.clone(), kind.clone()], b"{}".to_vec()),
        Says::Answer(200, vec![keep.clone(), kind.clone()], b"{".to_vec()),
        Says::Answer(200, vec![keep, kind], bad.to_string().into_bytes()),
    ] {
        web.says("/client.json", says);
        is_refused(&opened(&stand, &application).await, "bad");
    }
    web.publish("/client.json", &[]);
    is_let_on(&opened(&stand, &application).await);
    assert_eq!(web.asked(), 4);
}

#[tokio::test]
async fn c5_a_changed_document_counts_as_it_is_now() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = web.publish("/client.json", &[("cache-control", "max-age=60")]);
    is_let_on(&opened(&stand, &application).await);
    let mut elsewhere = document(&application.id);
    elsewhere["redirect_uris"] = json!(["http://127.0.0.1/elsewhere"]);
    web.says("/client.json", Says::json(&elsewhere, &[]));
    stand.later(60);
    is_refused(&opened(&stand, &application).await, "no longer listed");
}

/// How many of `count` clients, at alternating hosts, are served before the first is refused.
async fn let_on(stand: &Stand, web: &Web, hosts: &[&str], count: usize) -> usize {
    for nth in 0..count {
        let path = format!("/{nth}.json");
        let application = web.publish_at(hosts[nth % hosts.len()], &path, &[]);
        let page = opened(stand, &application).await;
        if !page.moves() {
            assert!([429, 503].contains(&page.status.as_u16()), "{}", page.text);
            return nth;
        }
    }
    count
}

#[tokio::test]
async fn c7_one_host_is_asked_at_most_ten_times_a_minute() {
    let web = Web::start().await;
    let stand = web.stand().await;
    assert_eq!(let_on(&stand, &web, &["client.example"], 30).await, 10);
    assert_eq!(web.connections(), 10);
    // Another host is still asked, and a minute later this one too.
    is_let_on(&opened(&stand, &web.publish_at("other.example", "/o.json", &[])).await);
    stand.later(60);
    is_let_on(&opened(&stand, &web.publish("/later.json", &[])).await);
}

#[tokio::test]
async fn c7_one_source_causes_at_most_twenty_fetches_a_minute() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let hosts = ["client.example", "other.example", "third.example"];
    assert_eq!(let_on(&stand, &web, &hosts, 30).await, 20);
    assert_eq!(web.connections(), 20);
    // A cached document costs nothing.
    let known = application(&web.id("client.example", "/0.json"));
    is_let_on(&opened(&stand, &known).await);
    stand.later(60);
    is_let_on(&opened(&stand, &web.publish("/later.json", &[])).await);
}

#[tokio::test]
async fn c7_bad_documents_count_towards_the_limits_too() {
    let web = Web::start().await;
    let stand = web.stand().await;
    for nth in 0..20 {
        let id = web.id("client.example", &format!("/missing-{nth}.json"));
        opened(&stand, &application(&id)).await;
    }
    assert_eq!(web.connections(), 10);
}
