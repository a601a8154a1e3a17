//! The account: sign-in on our own pages, and the Kestra credential that a person keeps there.

use serde_json::json;

use crate::stand::{ANN_TOKEN, Stand};

#[tokio::test]
async fn k5_a_token_is_checked_at_kestra_kept_and_never_shown() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let call = || stand.call(&tokens.access, "list_flows", json!({}));
    let refused = call().await;
    assert_eq!(
        refused["result"]["structuredContent"]["error"]["code"],
        "CREDENTIAL_REQUIRED"
    );
    let (browser, page) = stand.account_of("ann").await;
    let wrong = browser
        .save(&page, &[("token", "not-a-token-of-kestra")])
        .await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("Kestra does not accept it."));
    assert!(!wrong.text.contains("not-a-token-of-kestra"));
    let refused = call().await;
    assert_eq!(refused["result"]["isError"], true);

    let saved = browser.save(&wrong, &[("token", ANN_TOKEN)]).await;
    let done = browser.follow(&saved).await;
    assert!(done.text.contains("it is saved"), "{}", done.text);
    let account = browser.walk(&stand.url("/account")).await;
    assert!(account.text.contains("ann@example.com"));
    for page in [&saved, &done, &account] {
        assert!(!page.text.contains(ANN_TOKEN));
    }
    let answer = call().await;
    assert_ne!(answer["result"]["isError"], true, "{answer}");
}
