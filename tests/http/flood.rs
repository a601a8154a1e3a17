//! Floods of requests from unknown clients.

use std::path::Path;

use futures::future::join_all;

use crate::stand::{Application, Browser, Stand, address};

/// How many of `times` requests for a page, each from a browser without cookies, are answered with
/// each of two statuses.
async fn flood(stand: &Stand, page: &str, times: usize, statuses: [u16; 2]) -> [usize; 2] {
    let mut found = [0; 2];
    for _ in 0..times.div_ceil(20) {
        let visits = (0..20).map(|_| async {
            let browser = Browser::new(stand.http.clone());
            browser.get(page).await
        });
        for page in join_all(visits).await {
            let at = statuses.iter().position(|known| page.status == *known);
            found[at.unwrap_or_else(|| panic!("{page:?}"))] += 1;
        }
    }
    found
}

/// The bytes of the database, its write-ahead log included.
fn bytes(database: &Path) -> u64 {
    let of = |end: &str| {
        let mut path = database.as_os_str().to_owned();
        path.push(end);
        std::fs::metadata(path).map_or(0, |file| file.len())
    };
    of("") + of("-wal")
}

#[tokio::test]
async fn s5_thousands_of_requests_store_nothing_and_lock_nobody_out() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let (browser, account) = stand.account_of("ann").await;
    let mut heavy = application.request(&stand);
    for (name, value) in &mut heavy {
        if *name == "state" {
            *value = "s".repeat(4096);
        }
    }
    let heavy = address(&stand, &heavy);
    let question = browser.get(&heavy).await.location();
    let before = bytes(&stand.database);
    let found = flood(&stand, &heavy, 3000, [303, 503]).await;
    assert_eq!(found, [3000, 0]);
    let found = flood(&stand, question.as_str(), 1000, [200, 503]).await;
    assert_eq!(found, [1000, 0]);
    let mut wrong = application.request(&stand);
    wrong.retain(|(name, _)| *name != "code_challenge");
    let found = flood(&stand, &address(&stand, &wrong), 1000, [400, 503]).await;
    assert_eq!(found, [1000, 0]);
    assert_eq!(bytes(&stand.database), before);
    // All of that came in the same minute and from the same address as this.
    application.connect(&stand, &stand.browser_of("ben")).await;
    let saved = browser
        .act(&account, "disconnect", &[("grant", "none")])
        .await;
    assert_eq!(saved.status, 404);
}

#[tokio::test]
async fn s5_consents_from_one_address_are_limited_and_so_is_what_they_store() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let mut heavy = application.request(&stand);
    for (name, value) in &mut heavy {
        if *name == "state" {
            *value = "s".repeat(4096);
        }
    }
    let heavy = address(&stand, &heavy);
    let before = bytes(&stand.database);
    let mut statuses = [0; 2];
    for _ in 0..31 {
        let consents = (0..20).map(|_| async {
            let browser = Browser::new(stand.http.clone());
            let question = browser.get(&heavy).await;
            let question = browser.follow(&question).await;
            browser.press(&question, ("provider", "default"), &[]).await
        });
        for page in join_all(consents).await {
            statuses[usize::from(page.status == 503)] += 1;
            assert!(page.moves() || page.status == 503, "{page:?}");
        }
    }
    assert_eq!(statuses, [600, 20]);
    let grown = bytes(&stand.database) - before;
    assert!(grown < 600 * 16 * 1024, "{grown}");
    // A refusal costs nothing, and the limit is for each minute.
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    assert!(
        browser
            .press(&question, ("decision", "deny"), &[])
            .await
            .moves()
    );
    stand.later(60);
    application.connect(&stand, &browser).await;
}

#[tokio::test]
async fn s5_logins_started_without_a_known_person_are_limited() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let (browser, _) = stand.account_of("ann").await;
    let account = stand.url("/account");
    let before = bytes(&stand.database);
    let found = flood(&stand, &account, 620, [200, 503]).await;
    assert_eq!((found, bytes(&stand.database)), ([620, 0], before));
    let mut statuses = [0; 2];
    for _ in 0..31 {
        let visits =
            (0..20).map(|_| async { Browser::new(stand.http.clone()).sign_in(&account).await });
        for page in join_all(visits).await {
            assert!(page.moves() || page.status == 503, "{page:?}");
            statuses[usize::from(page.status == 503)] += 1;
        }
    }
    assert_eq!(statuses, [599, 21]);
    // Neither clients nor signed-in people count towards the limit.
    application.connect(&stand, &stand.browser_of("ben")).await;
    assert_eq!(browser.get(&account).await.status, 200);
    stand.later(60);
    let browser = Browser::new(stand.http.clone());
    assert!(browser.sign_in(&account).await.moves());
}
