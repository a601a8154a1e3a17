//! The last known document of a client, while its server does not answer.

use super::web::{Says, Web, is_let_on, is_refused, opened, waited_for};
use crate::stand::{Application, Stand};
use crate::traces::Log;
use crate::wire::{redeeming, refreshing};

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;

fn status(status: u16) -> Says {
    Says::Answer(status, Vec::new(), b"{}".to_vec())
}

/// A page that challenges the browser.
fn challenge() -> Says {
    let kind = ("content-type", "text/html".to_owned());
    Says::Answer(200, vec![kind], b"<html>Just a moment</html>".to_vec())
}

/// A document with `no-store`, which was read.
async fn read(web: &Web, stand: &Stand) -> Application {
    let application = web.publish("/client.json", &[("cache-control", "no-store, max-age=0")]);
    is_let_on(&opened(stand, &application).await);
    application
}

#[tokio::test]
async fn c5_the_last_document_holds_for_seven_days_while_its_server_says_nothing() {
    for says in [
        status(401),
        status(403),
        status(429),
        status(500),
        status(503),
        challenge(),
    ] {
        let web = Web::start().await;
        let stand = web.stand().await;
        let application = read(&web, &stand).await;
        web.says("/client.json", says.clone());
        let log = Log::of_all();
        is_let_on(&opened(&stand, &application).await);
        let log = log.text();
        let told = log.lines().find(|line| line.contains("holds for a week"));
        let told = told.unwrap_or_else(|| panic!("{says:?}: {log}"));
        assert!(
            told.contains("WARN") && told.contains("host=\"client.example\""),
            "{told}"
        );
        stand.later(WEEK - 1);
        is_let_on(&opened(&stand, &application).await);
        stand.later(1);
        is_refused(&opened(&stand, &application).await, "a week later");
        // Once the server is back, its answer counts.
        web.publish("/client.json", &[]);
        is_let_on(&opened(&stand, &application).await);
    }
}

#[tokio::test]
async fn c5_the_last_document_holds_while_its_server_is_unreachable() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    // A network that resolves names to addresses of its own, or to none.
    for addresses in [vec!["10.0.0.1".parse().unwrap()], Vec::new()] {
        web.name("client.example", &addresses);
        stand.later(DAY);
        is_let_on(&opened(&stand, &application).await);
    }
    stand.later(5 * DAY);
    is_refused(&opened(&stand, &application).await, "a week later");
    assert_eq!(web.connections(), 1);
}

#[tokio::test]
async fn c5_the_last_document_holds_while_its_server_is_silent() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    web.says("/client.json", Says::Nothing);
    is_let_on(&waited_for(&stand, &web, &application).await);
    // No other request waits for it.
    is_let_on(&opened(&stand, &application).await);
    stand.later(WEEK);
    let page = waited_for(&stand, &web, &application).await;
    is_refused(&page, "a week later");
}

#[tokio::test]
async fn c5_a_certificate_for_another_name_is_not_an_answer() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    web.serve_as("stranger.example");
    stand.later(DAY);
    is_let_on(&opened(&stand, &application).await);
    stand.later(6 * DAY);
    is_refused(&opened(&stand, &application).await, "a week later");
    assert_eq!(web.asked(), 1);
}

#[tokio::test]
async fn c5_a_silent_server_is_asked_once_a_minute() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    web.says("/client.json", status(503));
    for _ in 0..3 {
        is_let_on(&opened(&stand, &application).await);
        assert_eq!(web.asked(), 2);
    }
    stand.later(60);
    is_let_on(&opened(&stand, &application).await);
    assert_eq!(web.asked(), 3);
}

#[tokio::test]
async fn c5_a_withdrawn_or_broken_document_is_gone() {
    let padded = Says::Answer(
        200,
        vec![("content-type", "application/json".to_owned())],
        vec![b' '; 6000],
    );
    for says in [
        status(404),
        status(410),
        status(301),
        padded,
        Says::json(&serde_json::json!({"client_id": "another"}), &[]),
    ] {
        let web = Web::start().await;
        let stand = web.stand().await;
        let application = read(&web, &stand).await;
        web.says("/client.json", says.clone());
        is_refused(&opened(&stand, &application).await, &format!("{says:?}"));
        web.says("/client.json", status(403));
        is_refused(&opened(&stand, &application).await, &format!("{says:?}"));
    }
}

#[tokio::test]
async fn c5_a_document_that_a_person_approved_survives_a_restart() {
    let web = Web::start().await;
    let mut stand = web.stand().await;
    let known = read(&web, &stand).await;
    let code = stand.code_for(&known, "ann").await;
    let tokens = stand
        .post("/token", &redeeming(&known, &code))
        .await
        .tokens();
    let seen = web.publish("/seen.json", &[]);
    is_let_on(&opened(&stand, &seen).await);
    web.says("/client.json", status(403));
    web.says("/seen.json", status(403));
    stand.restart().await;
    is_let_on(&opened(&stand, &known).await);
    // Nothing is stored of a client that nobody approved.
    is_refused(&opened(&stand, &seen).await, "nobody let it in");

    // The week starts when the document was read, which is stored.
    stand.later(5 * DAY);
    web.publish("/client.json", &[("cache-control", "no-store")]);
    is_let_on(&opened(&stand, &known).await);
    web.says("/client.json", status(403));
    stand.restart().await;
    stand.later(6 * DAY);
    is_let_on(&opened(&stand, &known).await);

    // A withdrawal is stored too; existing grants stay valid.
    stand.later(60);
    web.says("/client.json", status(410));
    is_refused(&opened(&stand, &known).await, "gone");
    web.says("/client.json", status(403));
    stand.restart().await;
    is_refused(&opened(&stand, &known).await, "gone before");
    let fields = refreshing(&known, &tokens.refresh);
    stand.post("/token", &fields).await.tokens();
}

/// A document withdrawn during a sign-in is not restored by that sign-in.
#[tokio::test]
async fn c5_an_approval_does_not_restore_a_document_withdrawn_or_changed_meanwhile() {
    let web = Web::start().await;
    let mut stand = web.stand().await;
    let known = read(&web, &stand).await;
    let code = stand.code_for(&known, "ann").await;
    stand
        .post("/token", &redeeming(&known, &code))
        .await
        .tokens();
    let browser = stand.browser_of("ann");
    let question = known.ask(&stand, &browser).await;
    let leaving = browser.press(&question, ("provider", "default"), &[]).await;
    web.says("/client.json", status(410));
    is_refused(&opened(&stand, &known).await, "taken back");
    let mut page = leaving;
    while !page.location().as_str().starts_with(&known.redirect) {
        page = browser.follow(&page).await;
    }
    web.says("/client.json", status(503));
    is_refused(&opened(&stand, &known).await, "silent after that");
    stand.restart().await;
    is_refused(&opened(&stand, &known).await, "and after a restart");
}

/// Otherwise a host with `no-store` would allow only ten sign-ins a minute.
#[tokio::test]
async fn c7_a_document_read_today_serves_while_its_host_is_rate_limited() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    for _ in 0..15 {
        is_let_on(&opened(&stand, &application).await);
    }
    // Once more than the others of its host.
    assert_eq!(web.asked(), 11);
}

/// Many fetches from a host hide a withdrawal for a minute at most.
#[tokio::test]
async fn c7_a_flood_does_not_hide_that_a_document_was_withdrawn() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    for turn in 0..12 {
        let id = web.id("client.example", &format!("/none.json?{turn}"));
        opened(&stand, &super::web::application(&id)).await;
    }
    assert_eq!(web.asked(), 10);
    is_let_on(&opened(&stand, &application).await);
    is_let_on(&opened(&stand, &application).await);
    web.says("/client.json", status(410));
    is_let_on(&opened(&stand, &application).await);
    stand.later(60);
    for turn in 0..12 {
        let id = web.id("client.example", &format!("/none.json?{turn}"));
        opened(&stand, &super::web::application(&id)).await;
    }
    is_refused(&opened(&stand, &application).await, "taken back");
}
