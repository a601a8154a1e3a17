//! Redeeming an authorization code.

use serde_json::json;

use crate::stand::{Application, Browser, Stand, address};
use crate::wire::{but, jwt, metadata, redeeming, without};

const FOREIGN: &str = "https://other.example/mcp";
/// A well-formed verifier that is not the right one.
const OTHER: &str = "other-other-other-other-other-other-other-other";

/// Also B10.
#[tokio::test]
async fn t1_a_code_is_for_one_request_and_one_use() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let other = Application::register(&stand).await;
    let right = redeeming(&application, &code);
    for (name, value, error) in [
        ("client_id", other.id.as_str(), "invalid_grant"),
        (
            "redirect_uri",
            "http://127.0.0.1:2/callback",
            "invalid_grant",
        ),
        ("redirect_uri", "http://127.0.0.1:1/other", "invalid_grant"),
        (
            "redirect_uri",
            "http://localhost:1/callback",
            "invalid_grant",
        ),
        ("code_verifier", OTHER, "invalid_grant"),
        ("code_verifier", "short", "invalid_grant"),
        ("resource", FOREIGN, "invalid_target"),
        ("code", "forged", "invalid_grant"),
        ("code", "", "invalid_request"),
    ] {
        let answer = stand.post("/token", &but(&right, name, value)).await;
        answer.is(400, error);
    }
    let tokens = stand.post("/token", &right).await.tokens();
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    let again = stand.post("/token", &right).await;
    again.is(400, "invalid_grant");
}

/// The verifier binds the code; a redirect URI that is sent must fit all the same.
#[tokio::test]
async fn t1_a_redirect_uri_is_compared_when_it_is_sent() {
    let stand = Stand::start().await;
    let (application, first) = stand.code("ann").await;
    let second = stand.code_for(&application, "ann").await;
    let stolen = stand.code_for(&application, "ann").await;
    let left_out = without(&redeeming(&application, &first), "redirect_uri");
    let empty = but(&redeeming(&application, &second), "redirect_uri", "");
    for fields in [left_out, empty] {
        let tokens = stand.post("/token", &fields).await.tokens();
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        // A replay without it is a replay too.
        stand.later(10);
        stand.post("/token", &fields).await.is(400, "invalid_grant");
        assert_eq!(stand.mcp(&tokens.access).await, 401);
    }
    let stolen = without(&redeeming(&application, &stolen), "redirect_uri");
    let guessed = but(&stolen, "code_verifier", OTHER);
    stand
        .post("/token", &guessed)
        .await
        .is(400, "invalid_grant");
}

#[tokio::test]
async fn t1_a_code_lives_for_a_minute() {
    let stand = Stand::start().await;
    let (application, first) = stand.code("ann").await;
    let second = stand.code_for(&application, "ann").await;
    stand.later(59);
    let answer = stand.post("/token", &redeeming(&application, &first)).await;
    answer.tokens();
    stand.later(1);
    let late = redeeming(&application, &second);
    stand.post("/token", &late).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn t1_a_code_belongs_to_one_person() {
    let stand = Stand::start().await;
    let (application, of_ann) = stand.code("ann").await;
    let of_ben = stand.code_for(&application, "ben").await;
    let mut seen = Vec::new();
    for code in [of_ann, of_ben] {
        let answer = stand.post("/token", &redeeming(&application, &code)).await;
        let access = answer.tokens().access;
        seen.push((jwt(&access).1["sub"].clone(), stand.tools(&access).await));
    }
    assert_ne!(seen[0].0, seen[1].0);
    // Ben may only read, Ann may do everything.
    let may_save = |tools: &Vec<String>| tools.iter().any(|name| name == "create_or_update_flow");
    assert!(may_save(&seen[0].1) && !may_save(&seen[1].1));
}

/// Also B18.
#[tokio::test]
async fn t1_of_many_concurrent_attempts_one_redeems_the_code() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let fields = redeeming(&application, &code);
    let posts = (0..16).map(|_| stand.posting("/token", &fields).send());
    let answers = futures::future::join_all(posts).await;
    let mut good = Vec::new();
    for answer in answers {
        let answer = crate::wire::Answer::of(answer.unwrap()).await;
        if answer.status == 200 {
            good.push(answer.tokens());
        } else {
            answer.is(400, "invalid_grant");
        }
    }
    assert_eq!(good.len(), 1);
    // Concurrent duplicates are not a theft.
    assert_eq!(stand.mcp(&good[0].access).await, 200);
}

#[tokio::test]
async fn t2_a_check_that_fails_spends_nothing() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let other = Application::register(&stand).await;
    let right = redeeming(&application, &code);
    for (name, value) in [
        ("resource", FOREIGN),
        ("code_verifier", OTHER),
        ("redirect_uri", "http://127.0.0.1:1/other"),
        ("client_id", other.id.as_str()),
        ("client_id", "nobody"),
        ("grant_type", "password"),
    ] {
        let answer = stand.post("/token", &but(&right, name, value)).await;
        assert!((400..500).contains(&answer.status), "{name}");
    }
    let right = but(&right, "resource", &format!("{}/mcp", stand.issuer()));
    stand.post("/token", &right).await.tokens();
}

/// Also B18.
#[tokio::test]
async fn t3_a_late_replay_revokes_what_the_code_gave() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let fields = redeeming(&application, &code);
    let tokens = stand.post("/token", &fields).await.tokens();
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    stand.later(10);
    stand.post("/token", &fields).await.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&tokens.access).await, 401);
    let answer = stand.refreshed(&application, &tokens.refresh).await;
    answer.is(400, "invalid_grant");
}

#[tokio::test]
async fn t3_a_client_that_redeems_twice_at_once_loses_nothing() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let fields = redeeming(&application, &code);
    let tokens = stand.post("/token", &fields).await.tokens();
    stand.later(9);
    stand.post("/token", &fields).await.is(400, "invalid_grant");
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
}

#[tokio::test]
async fn t3_a_replay_without_proof_revokes_nothing() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let other = Application::register(&stand).await;
    let fields = redeeming(&application, &code);
    let tokens = stand.post("/token", &fields).await.tokens();
    stand.later(60);
    for (name, value) in [
        ("code", "forged"),
        ("code_verifier", OTHER),
        ("client_id", other.id.as_str()),
        ("redirect_uri", "http://127.0.0.1:1/other"),
    ] {
        let answer = stand.post("/token", &but(&fields, name, value)).await;
        answer.is(400, "invalid_grant");
    }
    assert_eq!(stand.mcp(&tokens.access).await, 200);
    stand
        .refreshed(&application, &tokens.refresh)
        .await
        .tokens();
}

/// Also B11.
#[tokio::test]
async fn t4_challenge_and_verifier_come_together() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let right = redeeming(&application, &code);
    let answer = stand
        .post("/token", &without(&right, "code_verifier"))
        .await;
    answer.is(400, "invalid_request");
    stand.post("/token", &right).await.tokens();

    // A verifier needs a challenge, and no code is issued without one.
    let mut request = application.request(&stand);
    request.retain(|(name, _)| !name.starts_with("code_challenge"));
    let browser = Browser::new(stand.http.clone());
    let back = browser.get(&address(&stand, &request)).await.client_link();
    let query: Vec<_> = back.query_pairs().collect();
    assert!(query.contains(&("error".into(), "invalid_request".into())));
    assert!(!query.iter().any(|(name, _)| name == "code"));
}

#[tokio::test]
async fn t5_no_code_opens_another_resource() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let right = redeeming(&application, &code);
    for resource in [
        FOREIGN,
        "https://other.example",
        &format!("{}/other", stand.issuer()),
        &format!("{}/mcp#part", stand.issuer()),
        "mcp",
    ] {
        let answer = stand
            .post("/token", &but(&right, "resource", resource))
            .await;
        answer.is(400, "invalid_target");
    }
    let mut twice = but(&right, "resource", &format!("{}/mcp", stand.issuer()));
    twice.push(("resource", FOREIGN.to_owned()));
    stand.post("/token", &twice).await.is(400, "invalid_target");
    let tokens = stand.post("/token", &right).await.tokens();
    let (_, claims) = jwt(&tokens.access);
    assert_eq!(claims["aud"], format!("{}/mcp", stand.issuer()));
}

#[tokio::test]
async fn t8_an_access_token_has_its_claims_and_a_short_life() {
    for (configured, life) in [(None, 900), (Some("60"), 60), (Some("86400"), 900)] {
        let stand = Stand::with(|world| {
            if let Some(seconds) = configured {
                world.set("ACCESS_TOKEN_TTL_SECONDS", seconds);
            }
        })
        .await;
        let (application, tokens) = stand.connect("ann").await;
        let (header, claims) = jwt(&tokens.access);
        assert_eq!(
            header,
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k1" })
        );
        let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
        names.sort();
        let wanted = [
            "aud",
            "client_id",
            "exp",
            "iat",
            "iss",
            "jti",
            "scope",
            "sid",
            "sub",
        ];
        assert_eq!(names, wanted);
        assert_eq!(claims["client_id"], application.id);
        assert_eq!(claims["scope"], "kestra:read kestra:write");
        let [iat, exp] = ["iat", "exp"].map(|name| claims[name].as_u64().unwrap());
        assert_eq!(exp - iat, life);
        assert_eq!(i64::try_from(iat).unwrap(), stand.now() / 1000);
        assert_eq!(tokens.all["expires_in"], life);
        assert_eq!(tokens.all["token_type"], "Bearer");
        assert_eq!(
            tokens.all["scope"],
            "kestra:read kestra:write offline_access"
        );
        stand.later(life - 1);
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        stand.later(1);
        assert_eq!(stand.mcp(&tokens.access).await, 401);
    }
}

/// Also B23.
#[tokio::test]
async fn t13_a_refresh_token_is_issued_to_clients_that_ask_for_one() {
    let stand = Stand::start().await;
    let both = json!(["authorization_code", "refresh_token"]);
    let code = json!(["authorization_code"]);
    for (types, scope, is_given) in [
        (Some(&both), None, true),
        (Some(&both), Some("kestra:read"), true),
        (Some(&code), Some("kestra:read"), false),
        (Some(&code), None, false),
        (None, None, false),
        (Some(&code), Some("kestra:read offline_access"), true),
    ] {
        let mut metadata = metadata();
        match types {
            Some(types) => metadata["grant_types"] = types.clone(),
            None => drop(metadata.as_object_mut().unwrap().remove("grant_types")),
        }
        let (mut application, _) = stand.registered(&metadata).await;
        application.scope = scope.map(str::to_owned);
        let code = stand.code_for(&application, "ann").await;
        let answer = stand.post("/token", &redeeming(&application, &code)).await;
        let tokens = answer.tokens();
        let given = tokens.all.get("refresh_token").is_some();
        assert_eq!(given, is_given, "{types:?} {scope:?}");
        if given {
            stand
                .refreshed(&application, &tokens.refresh)
                .await
                .tokens();
        }
    }
}
