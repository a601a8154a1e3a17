//! Each refresh asks the provider whether the person still exists, and with which roles.

use kestra_mcp::auth::provider::ProviderError;
use kestra_mcp::config::http::Userinfo;
use serde_json::json;
use simulator::oidc::{Deceit, Forgery, Person};

use super::stage::{Stage, always, path, status, viewer};

fn token_error(error: &str) -> Deceit {
    Deceit::TokenError {
        error: error.to_owned(),
        description: "gone".to_owned(),
    }
}

#[tokio::test]
async fn a_refresh_brings_the_current_roles_and_the_next_token() {
    let stage = Stage::new().await;
    let first = stage.login().await.unwrap();
    stage.later(300);
    stage.idp.change("ana", |person| {
        person
            .id_token
            .insert("roles".to_owned(), json!(["editor", "viewer"]));
    });
    let second = stage.refresh(&first).await.unwrap();
    assert_eq!(second.roles, ["editor", "viewer"]);
    assert_eq!(second.subject, first.subject);
    let tokens = [&first, &second].map(|login| login.refresh_token.clone().unwrap());
    assert_ne!(tokens[0].expose(), tokens[1].expose());

    stage.idp.change("ana", |person| {
        person.id_token.insert("roles".to_owned(), json!([]));
    });
    let third = stage.refresh(&second).await.unwrap();
    assert_eq!(third.roles, <[String; 0]>::default());
    // The provider saw its first token again, as if it had been stolen.
    assert_eq!(
        stage.refresh(&first).await.unwrap_err(),
        ProviderError::Ended
    );
    assert_eq!(
        stage.refresh(&third).await.unwrap_err(),
        ProviderError::Ended
    );
}

#[tokio::test]
async fn t14_a_person_whom_the_provider_no_longer_knows_is_signed_out() {
    let stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    stage.idp.disable("ana");
    let error = stage.refresh(&login).await.unwrap_err();
    assert_eq!(error, ProviderError::Ended);
    assert!(error.is_final());
}

#[tokio::test]
async fn t14_a_provider_that_is_down_signs_nobody_out() {
    let mut stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    stage.idp.stop().await;
    let error = stage.refresh(&login).await.unwrap_err();
    assert_eq!(error, ProviderError::Down { retry_after: 10 });
    assert!(!error.is_final());
    stage.idp.resume().await.unwrap();
    for code in [500, 502, 503, 429] {
        stage.idp.fault(always("/token", status(code, &[])));
        let error = stage.refresh(&login).await.unwrap_err();
        assert_eq!(error, ProviderError::Down { retry_after: 10 }, "{code}");
        stage.idp.clear();
    }
    for error in [
        "invalid_client",
        "invalid_request",
        "temporarily_unavailable",
        "odd",
    ] {
        stage.idp.deceive(token_error(error));
        assert!(
            !stage.refresh(&login).await.unwrap_err().is_final(),
            "{error}"
        );
        stage.idp.clear();
    }
    stage.refresh(&login).await.unwrap();
}

#[tokio::test]
async fn t14_only_invalid_grant_ends_a_login() {
    let stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    stage.idp.deceive(token_error("invalid_grant"));
    assert_eq!(
        stage.refresh(&login).await.unwrap_err(),
        ProviderError::Ended
    );
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_is_used_again() {
    let stage = Stage::new().await;
    stage.idp.deceive(Deceit::NoRotation);
    let login = stage.login().await.unwrap();
    for _ in 0..2 {
        assert!(stage.refresh(&login).await.unwrap().refresh_token.is_none());
    }
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let stage = Stage::with(
        viewer(),
        |_| {},
        |config| {
            config.scopes.retain(|scope| scope != "offline_access");
        },
    )
    .await;
    assert!(stage.login().await.unwrap().refresh_token.is_none());
}

#[tokio::test]
async fn a_refresh_about_another_person_is_refused() {
    let stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    let other = Forgery::Claim("sub", json!("ben-0001"));
    stage.idp.deceive(Deceit::RefreshedIdToken(other));
    let error = stage.refresh(&login).await.unwrap_err();
    assert_eq!(error, ProviderError::OtherPerson);
    assert!(error.is_final());
}

#[tokio::test]
async fn a_refreshed_id_token_is_checked_like_the_first() {
    let past = 1_767_600_000 - 60;
    for (forgery, what) in [
        (Forgery::Signature, "signature of the ID token"),
        (Forgery::HmacOfClientSecret, "signature of the ID token"),
        (Forgery::Unsigned, "signature of the ID token"),
        (
            Forgery::Claim("iss", json!("https://id.example.com")),
            "iss of the ID token",
        ),
        (
            Forgery::Claim("aud", json!("another")),
            "aud of the ID token",
        ),
        (
            Forgery::Claim("azp", json!("another")),
            "azp of the ID token",
        ),
        (Forgery::Claim("exp", json!(past)), "exp of the ID token"),
    ] {
        let stage = Stage::new().await;
        let login = stage.login().await.unwrap();
        stage.idp.deceive(Deceit::RefreshedIdToken(forgery));
        let error = stage.refresh(&login).await.unwrap_err();
        assert_eq!(error, ProviderError::Wrong { what });
        assert!(!error.is_final(), "a forgery says nothing about the person");
    }
    // Core 12.2: it should have no nonce, and may have one.
    let stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    let nonce = Forgery::Claim("nonce", json!("some"));
    stage.idp.deceive(Deceit::RefreshedIdToken(nonce));
    stage.refresh(&login).await.unwrap();
}

#[tokio::test]
async fn a_refresh_without_an_id_token_asks_userinfo() {
    let stage = Stage::new().await;
    let login = stage.login().await.unwrap();
    assert_eq!(stage.heard("/userinfo"), 0);
    stage.idp.deceive(Deceit::NoIdTokenAtRefresh);
    stage.idp.change("ana", |person| {
        person
            .userinfo
            .insert("roles".to_owned(), json!(["editor"]));
    });
    let second = stage.refresh(&login).await.unwrap();
    assert_eq!(stage.heard("/userinfo"), 1);
    assert_eq!(second.roles, ["editor"]);
    assert_eq!(second.subject, login.subject);

    let other = Deceit::UserinfoSubject("ben-0001".to_owned());
    stage.idp.deceive(other);
    let error = stage.refresh(&second).await.unwrap_err();
    let what = "sub or signature of userinfo";
    assert_eq!(error, ProviderError::Wrong { what });
}

#[tokio::test]
async fn a_refresh_without_claims_is_refused() {
    let stage = Stage::with(viewer(), |_| {}, |config| config.userinfo = Userinfo::Never).await;
    let login = stage.login().await.unwrap();
    stage.idp.deceive(Deceit::NoIdTokenAtRefresh);
    let error = stage.refresh(&login).await.unwrap_err();
    let what = "refresh without claims";
    assert_eq!(error, ProviderError::Wrong { what });
}

#[tokio::test]
async fn another_subject_claim_is_compared_too() {
    let person = Person::entra("ana", "tenant-1", &["viewer"]);
    let stage = Stage::with(person, |_| {}, |config| config.subject = path("/oid")).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.subject, "ana-object");
    let second = stage.refresh(&login).await.unwrap();
    let other = Forgery::Claim("oid", json!("ben-object"));
    stage.idp.deceive(Deceit::RefreshedIdToken(other));
    let error = stage.refresh(&second).await.unwrap_err();
    assert_eq!(error, ProviderError::OtherPerson);
}

#[tokio::test]
async fn a_requirement_that_no_longer_holds_ends_the_login() {
    let person = viewer().with(json!({ "tid": "tenant-1" }));
    let stage = Stage::with(
        person,
        |_| {},
        |config| {
            config.require = vec![super::stage::required("/tid", json!("tenant-1"))];
        },
    )
    .await;
    let login = stage.login().await.unwrap();
    stage.idp.change("ana", |person| {
        person.id_token.insert("tid".to_owned(), json!("tenant-2"));
    });
    let error = stage.refresh(&login).await.unwrap_err();
    let claim = "/tid".to_owned();
    assert_eq!(error, ProviderError::Requirement { claim });
    assert!(error.is_final());
}
