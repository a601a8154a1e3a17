//! What the consent page says: which Kestra, and for how long.

use serde_json::json;

use crate::stand::{Application, Stand};
use crate::wire::metadata;

/// A person who has not signed in sees the name of the Kestra, but not its URL.
#[tokio::test]
async fn a10_the_page_names_which_kestra_and_the_account_says_where_it_is() {
    for (name, tenant) in [(None, "main"), (Some("Production <b>"), "other")] {
        let stand = Stand::with(|world| {
            world.set("KESTRA_TENANT", tenant);
            if let Some(name) = name {
                world.set("KESTRA_NAME", name);
            }
        });
        let stand = stand.await;
        let host = stand.issuer().replace("http://", "");
        let shown = name.map_or(host, |name| name.replace('<', "&lt;").replace('>', "&gt;"));
        let shown = format!("<bdi class=\"name\">{shown}</bdi>");
        let application = Application::register(&stand).await;
        let browser = stand.browser_of("ann");
        let question = application.ask(&stand, &browser).await.text;
        assert!(question.contains(&shown), "{question}");
        let kestra = stand.simulator.url();
        for hidden in [&*kestra, kestra.trim_start_matches("http://"), "other"] {
            assert!(!question.contains(hidden), "{hidden}");
        }
        let (_, account) = stand.account_of("ann").await;
        for text in [&*shown, &*kestra, tenant] {
            assert!(account.text.contains(text), "{text}: {}", account.text);
        }
    }
}

/// Most clients get refresh tokens without asking for `offline_access`: the page says what they
/// get.
#[tokio::test]
async fn a10_the_page_says_how_long_the_grant_lasts_even_if_not_asked_for() {
    let stand = Stand::with(|world| world.file = "[oauth]\ngrant_days = 7\n".to_owned()).await;
    let browser = stand.browser_of("ann");
    for (kinds, scope, words) in [
        (
            json!(["authorization_code", "refresh_token"]),
            "kestra:read",
            "up to 7\u{a0}days",
        ),
        (
            json!(["authorization_code"]),
            "kestra:read offline_access",
            "up to 7\u{a0}days",
        ),
        (
            json!(["authorization_code"]),
            "kestra:read",
            "up to 15\u{a0}minutes",
        ),
    ] {
        let mut all = metadata();
        all["grant_types"] = kinds;
        let (application, _) = stand.registered(&all).await;
        let application = Application {
            scope: Some(scope.to_owned()),
            ..application
        };
        let page = application.ask(&stand, &browser).await.text;
        assert!(page.contains(words), "{scope}: {page}");
    }
}
