//! No secret is in the database or in the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use simulator::oidc::CLIENT_SECRET;

use crate::stand::{KEY, Stand, VERIFIER};
use crate::traces::{Log, dump, holds};
use crate::wire::{metadata, redeeming, refreshing};

/// The values of forms and answers that are secrets.
fn secrets_of(pairs: &[(String, String)]) -> impl Iterator<Item = String> {
    const NAMES: &[&str] = &[
        "code",
        "code_verifier",
        "refresh_token",
        "client_secret",
        "nonce",
    ];
    let found = pairs
        .iter()
        .filter(|(name, _)| NAMES.contains(&name.as_str()));
    found.map(|(_, value)| value.clone())
}

/// Also B20.
#[tokio::test]
async fn t18_no_secret_is_in_the_database_or_in_the_log() {
    let log = Log::of_all();
    let stand = Stand::start().await;
    let mut metadata = metadata();
    metadata["token_endpoint_auth_method"] = json!("client_secret_post");
    let (mut application, registered) = stand.registered(&metadata).await;
    application.scope = Some("kestra:write offline_access".to_owned());
    let client_secret = registered["client_secret"].as_str().unwrap().to_owned();
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    let consent = question.url.query_pairs().next().unwrap().1.into_owned();
    let form = question.hidden("form");
    let back = application.approved(&browser, question).await;
    let mut secrets = vec![consent, form, back.get("code"), client_secret.clone()];
    let with_secret = |mut fields: crate::wire::Fields| {
        fields.push(("client_secret", client_secret.clone()));
        fields
    };
    let fields = with_secret(redeeming(&application, &back.get("code")));
    let mut tokens = stand.post("/token", &fields).await.tokens();
    for _ in 0..3 {
        secrets.extend([tokens.access.clone(), tokens.refresh.clone()]);
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        stand.later(61);
        let fields = with_secret(refreshing(&application, &tokens.refresh));
        tokens = stand.post("/token", &fields).await.tokens();
    }
    secrets.extend([tokens.access.clone(), tokens.refresh.clone()]);
    // Refusals, which are logged.
    for fields in [
        redeeming(&application, &back.get("code")),
        with_secret(redeeming(&application, &back.get("code"))),
        refreshing(&application, &tokens.refresh),
        with_secret(refreshing(&application, "forged-forged-forged")),
    ] {
        assert!(stand.post("/token", &fields).await.status >= 400);
    }
    stand.mcp("forged-access-token-of-nobody").await;
    let url = stand.url(&format!("/mcp?access_token={}", tokens.access));
    stand.fetch(stand.http.post(url)).await;
    let account = browser.get(&stand.url("/account")).await;
    assert!(account.status.as_u16() < 500);

    // The secrets between this server and the provider.
    for request in stand.idp.requests() {
        let form = url::form_urlencoded::parse(&request.body).into_owned();
        let form: Vec<_> = form.collect();
        secrets.extend(secrets_of(&form));
        secrets.extend(secrets_of(&request.query));
        if request.path == "/authorize" {
            secrets.extend(request.parameter("state").map(str::to_owned));
        }
        if let Some(basic) = request.header("authorization") {
            secrets.extend(basic.split_once(' ').map(|(_, word)| word.to_owned()));
        }
    }
    let cookies = browser.cookies(stand.issuer().trim_start_matches("http://"));
    assert!(!cookies.is_empty());
    let values = cookies.iter().filter_map(|cookie| cookie.split_once('='));
    secrets.extend(values.map(|(_, value)| value.to_owned()));
    secrets.extend([
        VERIFIER.to_owned(),
        CLIENT_SECRET.to_owned(),
        KEY.to_owned(),
    ]);
    let raw = STANDARD.decode(KEY).unwrap();
    let database = dump(&stand);
    let log = log.bytes();
    assert!(holds(&database, &application.id));
    let told = String::from_utf8_lossy(&log);
    assert!(told.contains("a code was redeemed"), "{told}");
    assert!(!database.windows(raw.len()).any(|part| part == raw));
    assert!(secrets.len() > 25, "{}", secrets.len());
    for secret in &secrets {
        assert!(secret.len() >= 16, "{secret}");
        assert!(!holds(&database, secret), "in the database: {secret}");
        assert!(!holds(&log, secret), "in the log: {secret}");
    }
}
