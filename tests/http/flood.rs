//! Whoever comes again and again without being known.

use futures::future::join_all;

use crate::stand::{Application, Browser, Stand};

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

#[tokio::test]
async fn s5_pages_that_are_kept_for_nobody_do_not_fill_the_database() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = Browser::new(stand.http.clone());
    let question = application.ask(&stand, &browser).await;
    // One rendering was for the browser above.
    let found = flood(&stand, question.url.as_str(), 320, [200, 503]).await;
    assert_eq!(found, [320, 0]);
    let found = flood(&stand, &stand.url("/account"), 300, [200, 503]).await;
    assert_eq!(found, [279, 21]);
    let found = flood(&stand, question.url.as_str(), 20, [200, 503]).await;
    assert_eq!(found, [0, 20]);
    // A client is not among those who wait.
    assert_eq!(
        stand.registering(&crate::wire::metadata()).await.status,
        201
    );
    stand.later(60);
    assert_eq!(browser.get(question.url.as_str()).await.status, 200);
}
