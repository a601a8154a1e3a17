//! When the discovery document and the keys of a provider are read, and what happens while they
//! cannot be.

use futures::future::join_all;
use kestra_mcp::auth::provider::{Provider, ProviderError, SetupError};
use kestra_mcp::clock::Clock;
use kestra_mcp::config::Trust;
use kestra_mcp::policy::Policy;
use kestra_mcp::tool::Access;
use serde_json::json;
use simulator::oidc::{Deceit, Forgery};

use super::stage::{Stage, always, plain, status};

const DOCUMENT: &str = "/.well-known/openid-configuration";
const DOWN: ProviderError = ProviderError::Down { retry_after: 10 };

#[tokio::test]
async fn discovery_happens_once_at_the_first_use() {
    let stage = Stage::new().await;
    assert_eq!(stage.idp.requests(), []);
    let begun = join_all((0..8).map(|_| stage.begin())).await;
    assert!(begun.iter().all(Result::is_ok));
    assert_eq!((stage.heard(DOCUMENT), stage.heard("/jwks")), (1, 1));
    stage.login().await.unwrap();
    assert_eq!((stage.heard(DOCUMENT), stage.heard("/jwks")), (1, 1));
}

#[tokio::test]
async fn a_provider_that_was_down_at_the_start_is_asked_again() {
    let mut stage = Stage::new().await;
    stage.idp.stop().await;
    let failed = join_all((0..8).map(|_| stage.begin())).await;
    assert!(
        failed
            .iter()
            .all(|begun| begun.as_ref().err() == Some(&DOWN))
    );
    stage.idp.resume().await.unwrap();
    stage.login().await.unwrap();
}

#[tokio::test]
async fn a_provider_error_says_when_to_retry() {
    let table = [
        (status(500, &[]), 10),
        (status(503, &[("retry-after", "42")]), 42),
        (status(429, &[("retry-after", "9999")]), 300),
        (
            status(503, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]),
            10,
        ),
        (status(429, &[("retry-after", "0")]), 1),
    ];
    for (answer, retry_after) in table {
        let stage = Stage::new().await;
        stage.idp.fault(always("*", answer));
        let error = stage.begin().await.unwrap_err();
        assert_eq!(error, ProviderError::Down { retry_after });
    }
}

#[tokio::test]
async fn known_metadata_serves_while_it_cannot_be_refreshed() {
    let mut stage = Stage::new().await;
    stage.login().await.unwrap();
    stage.later(3599);
    stage.begin().await.unwrap();
    assert_eq!(stage.heard(DOCUMENT), 1);
    stage.later(2);
    stage.begin().await.unwrap();
    assert_eq!(stage.heard(DOCUMENT), 2, "old documents are read again");
    stage.idp.stop().await;
    stage.later(3601);
    stage.begin().await.unwrap();
}

#[tokio::test]
async fn new_keys_are_fetched_once_they_are_used() {
    let stage = Stage::new().await;
    stage.login().await.unwrap();
    stage.later(61);
    stage.idp.rotate_keys().unwrap();
    stage.login().await.unwrap();
    assert_eq!(stage.heard("/jwks"), 2);
    stage.login().await.unwrap();
    assert_eq!(stage.heard("/jwks"), 2);
}

#[tokio::test]
async fn an_unknown_key_costs_the_provider_one_request_a_minute() {
    let stage = Stage::new().await;
    stage.login().await.unwrap();
    stage.idp.deceive(Deceit::IdToken(Forgery::UnknownKey));
    for (seconds, asked) in [(0, 1), (61, 2), (0, 2), (30, 2), (31, 3)] {
        stage.later(seconds);
        let error = stage.login().await.unwrap_err();
        let what = "key of the ID token";
        assert_eq!(error, ProviderError::Wrong { what });
        assert_eq!(stage.heard("/jwks"), asked);
    }
    stage.idp.clear();
    stage.login().await.unwrap();
}

/// Google does not list `offline_access`, and refuses a request for it.
#[tokio::test]
async fn offline_access_is_asked_for_where_it_is_listed_or_nothing_is() {
    for (listed, is_asked) in [
        (json!(["openid", "offline_access"]), true),
        (json!(["openid", "email", "profile"]), false),
        (json!([]), true),
        (json!(null), true),
    ] {
        let stage = Stage::new().await;
        let name = "scopes_supported".to_owned();
        stage.idp.deceive(Deceit::Discovery(name, listed.clone()));
        let begun = stage.begin().await.unwrap();
        let query = begun.url.query_pairs();
        let asked = query.into_owned().find(|(name, _)| name == "scope");
        let wanted = if is_asked {
            "openid profile offline_access"
        } else {
            "openid profile"
        };
        assert_eq!(asked.unwrap().1, wanted, "{listed}");
        let back = stage.browse(begun).await;
        let login = stage.finish(&back).await.unwrap();
        assert_eq!(login.refresh_token.is_some(), is_asked, "{listed}");
    }
}

#[tokio::test]
async fn keys_of_other_kinds_are_ignored() {
    let stage = Stage::new().await;
    let odd = json!(["weird", "ES256", "HS256"]);
    let name = "id_token_signing_alg_values_supported".to_owned();
    stage.idp.deceive(Deceit::Discovery(name, odd));
    stage.login().await.unwrap();
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused_at_once() {
    let make = |change: &dyn Fn(&mut kestra_mcp::config::http::Provider)| {
        let mut config = plain("https://id.example.com".to_owned());
        change(&mut config);
        let policy = Policy::local(Access::Full);
        Provider::new(config.into(), policy, Clock::System, &Trust::System)
    };
    assert!(make(&|_| {}).is_ok());
    let error = make(&|config| config.issuer = "no address".to_owned()).unwrap_err();
    assert!(matches!(error, SetupError::Issuer { .. }));
    for name in [
        "state",
        "nonce",
        "redirect_uri",
        "code_challenge",
        "response_mode",
    ] {
        let error = make(&|config| {
            config
                .authorize_params
                .insert(name.to_owned(), "x".to_owned());
        });
        let error = error.unwrap_err();
        assert!(matches!(error, SetupError::Parameter { name: found } if found == name));
    }
}
