//! What a document said last, while its server says nothing.

use super::web::{Says, Web, is_let_on, is_turned_away, opened, waited_for};
use crate::stand::{Application, Stand};
use crate::traces::Log;
use crate::wire::{redeeming, refreshing};

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;

fn status(status: u16) -> Says {
    Says::Answer(status, Vec::new(), b"{}".to_vec())
}

/// A page that wants a browser to prove itself.
fn challenge() -> Says {
    let kind = ("content-type", "text/html".to_owned());
    Says::Answer(200, vec![kind], b"<html>Just a moment</html>".to_vec())
}

/// A document that was read, and must not be kept by any cache.
async fn read(web: &Web, stand: &Stand) -> Application {
    let application = web.publish("/client.json", &[("cache-control", "no-store, max-age=0")]);
    is_let_on(&opened(stand, &application).await);
    application
}

#[tokio::test]
async fn c5_what_was_read_last_holds_for_seven_days_while_its_server_says_nothing() {
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
        let told = log.lines().find(|line| line.contains("is used for a week"));
        let told = told.unwrap_or_else(|| panic!("{says:?}: {log}"));
        assert!(
            told.contains("WARN") && told.contains("host=\"client.example\""),
            "{told}"
        );
        stand.later(WEEK - 1);
        is_let_on(&opened(&stand, &application).await);
        stand.later(1);
        is_turned_away(&opened(&stand, &application).await, "a week later");
        // Whoever is back counts as it is.
        web.publish("/client.json", &[]);
        is_let_on(&opened(&stand, &application).await);
    }
}

#[tokio::test]
async fn c5_what_was_read_last_holds_while_there_is_no_way_to_its_server() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    // A network that answers for names with addresses of its own, or with none.
    for addresses in [vec!["10.0.0.1".parse().unwrap()], Vec::new()] {
        web.name("client.example", &addresses);
        stand.later(DAY);
        is_let_on(&opened(&stand, &application).await);
    }
    stand.later(5 * DAY);
    is_turned_away(&opened(&stand, &application).await, "a week later");
    assert_eq!(web.connections(), 1);
}

#[tokio::test]
async fn c5_what_was_read_last_holds_while_its_server_is_silent() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    web.says("/client.json", Says::Nothing);
    is_let_on(&waited_for(&stand, &web, &application).await);
    // Nobody else waits for it meanwhile.
    is_let_on(&opened(&stand, &application).await);
    stand.later(WEEK);
    let page = waited_for(&stand, &web, &application).await;
    is_turned_away(&page, "a week later");
}

#[tokio::test]
async fn c5_a_certificate_that_names_others_is_no_answer() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    web.serve_as("stranger.example");
    stand.later(DAY);
    is_let_on(&opened(&stand, &application).await);
    stand.later(6 * DAY);
    is_turned_away(&opened(&stand, &application).await, "a week later");
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
async fn c5_a_document_that_was_taken_back_or_spoiled_is_gone() {
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
        is_turned_away(&opened(&stand, &application).await, &format!("{says:?}"));
        web.says("/client.json", status(403));
        is_turned_away(&opened(&stand, &application).await, &format!("{says:?}"));
    }
}

#[tokio::test]
async fn c5_what_somebody_let_in_holds_over_a_restart() {
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
    // Nothing is kept of who only came by.
    is_turned_away(&opened(&stand, &seen).await, "nobody let it in");

    // A week counts from when it was read, which is noted.
    stand.later(5 * DAY);
    web.publish("/client.json", &[("cache-control", "no-store")]);
    is_let_on(&opened(&stand, &known).await);
    web.says("/client.json", status(403));
    stand.restart().await;
    stand.later(6 * DAY);
    is_let_on(&opened(&stand, &known).await);

    // And so is that it was taken back; who is in stays in.
    stand.later(60);
    web.says("/client.json", status(410));
    is_turned_away(&opened(&stand, &known).await, "gone");
    web.says("/client.json", status(403));
    stand.restart().await;
    is_turned_away(&opened(&stand, &known).await, "gone before");
    let fields = refreshing(&known, &tokens.refresh);
    stand.post("/token", &fields).await.tokens();
}

/// What was taken back while its person signs in is not known again by that.
#[tokio::test]
async fn c5_who_is_let_in_brings_back_nothing_that_was_taken_back_or_changed_meanwhile() {
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
    is_turned_away(&opened(&stand, &known).await, "taken back");
    let mut page = leaving;
    while !page.location().as_str().starts_with(&known.redirect) {
        page = browser.follow(&page).await;
    }
    web.says("/client.json", status(503));
    is_turned_away(&opened(&stand, &known).await, "silent after that");
    stand.restart().await;
    is_turned_away(&opened(&stand, &known).await, "and after a restart");
}

/// A host whose documents must not be kept has ten sign-ins a minute otherwise.
#[tokio::test]
async fn c7_a_client_that_was_read_today_comes_in_while_its_host_is_asked_too_much() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let application = read(&web, &stand).await;
    for _ in 0..15 {
        is_let_on(&opened(&stand, &application).await);
    }
    // Once more than the others of its host.
    assert_eq!(web.asked(), 11);
}

/// Whoever has much fetched from a host hides for a minute at most that a document was taken back.
#[tokio::test]
async fn c7_a_flood_does_not_hide_that_a_document_was_taken_back() {
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
    is_turned_away(&opened(&stand, &application).await, "taken back");
}
