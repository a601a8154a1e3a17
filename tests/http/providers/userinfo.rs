//! When the userinfo endpoint is asked, and what it may say.

use kestra_mcp::auth::provider::{ProviderError, Why};
use kestra_mcp::config::http::{ClaimSource, Userinfo};
use serde_json::json;
use simulator::oidc::{Deceit, Forgery, Person};

use super::stage::{Stage, always, named, required, status, viewer};

#[tokio::test]
async fn b9_no_token_is_used_before_the_nonce_matches() {
    let always = |config: &mut kestra_mcp::config::http::Provider| {
        config.userinfo = Userinfo::Always;
    };
    let stage = Stage::with(viewer(), |_| {}, always).await;
    for forgery in [
        Forgery::Claim("nonce", json!("of another login")),
        Forgery::Without("nonce"),
    ] {
        stage.idp.deceive(Deceit::IdToken(forgery));
        stage.login().await.unwrap_err();
        stage.idp.clear();
    }
    assert_eq!(stage.heard("/userinfo"), 0);
    stage.login().await.unwrap();
    assert_eq!(stage.heard("/userinfo"), 1);
}

#[tokio::test]
async fn b19_a_provider_token_is_sent_in_a_header_and_never_in_a_url() {
    let person = Person::thin("ana", json!({ "roles": ["editor"] }));
    let stage = Stage::with(person, |_| {}, |_| {}).await;
    let login = stage.login().await.unwrap();
    stage.refresh(&login).await.unwrap();
    let requests = stage.idp.requests();
    let asked: Vec<_> = requests
        .iter()
        .filter(|request| request.path == "/userinfo")
        .collect();
    assert_eq!(asked.len(), 2);
    for request in asked {
        let header = request.header("authorization").unwrap();
        assert!(header.starts_with("Bearer "), "{header}");
    }
    for request in requests
        .iter()
        .filter(|request| request.path != "/authorize")
    {
        assert_eq!(request.query, [], "{}", request.path);
    }
}

#[tokio::test]
async fn a_thin_id_token_is_completed() {
    let person = Person::thin("ana", json!({ "roles": ["editor"] }));
    let stage = Stage::with(person, |_| {}, |_| {}).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, ["editor"]);
    assert_eq!(login.name.as_deref(), Some("ana"));
    assert_eq!(stage.heard("/userinfo"), 1);
}

#[tokio::test]
async fn it_is_asked_when_a_configured_claim_is_absent_but_not_when_it_is_empty() {
    let empty = || Person::new("ana").in_id_token(json!({ "roles": [] }));
    let full = || empty().in_userinfo(json!({ "roles": ["editor"], "hd": "example.com" }));
    let asked = |person: Person, userinfo: Userinfo, rules: &'static [&str], require: bool| async move {
        let stage = Stage::with(
            person,
            |_| {},
            |config| {
                config.userinfo = userinfo;
                config.rules = rules.iter().map(|rule| named(rule)).collect();
                if require {
                    config.require = vec![required("/hd", json!("example.com"))];
                }
            },
        )
        .await;
        let login = stage.login().await;
        (stage.heard("/userinfo"), login.map(|login| login.roles))
    };
    let none = Ok(Vec::new());
    let when = Userinfo::WhenMissing;
    assert_eq!(
        asked(full(), when, &["/roles"], false).await,
        (0, none.clone())
    );
    assert_eq!(
        asked(full(), when, &["/roles", "/groups"], false).await,
        (1, none.clone())
    );
    // The claim of the ID token wins.
    assert_eq!(
        asked(full(), Userinfo::Always, &["/roles"], false).await,
        (1, none.clone())
    );
    assert_eq!(
        asked(full(), when, &["/roles"], true).await,
        (1, none.clone())
    );
    assert_eq!(
        asked(full(), Userinfo::Never, &["/groups"], false).await,
        (0, none)
    );
    let claim = "/hd".to_owned();
    let refused = Err(ProviderError::Requirement { claim });
    assert_eq!(
        asked(full(), Userinfo::Never, &["/roles"], true).await,
        (0, refused)
    );
}

#[tokio::test]
async fn it_is_about_the_person_of_the_id_token() {
    let stage = Stage::with(Person::new("ana"), |_| {}, |_| {}).await;
    stage
        .idp
        .deceive(Deceit::UserinfoSubject("ben-0001".to_owned()));
    let what = "sub or signature of userinfo";
    assert_eq!(
        stage.login().await.unwrap_err(),
        ProviderError::Wrong { what }
    );
}

#[tokio::test]
async fn its_failure_is_not_a_missing_role() {
    for (code, expected) in [
        (500, ProviderError::Down { retry_after: 10 }),
        (
            403,
            ProviderError::Wrong {
                what: "answer of the userinfo endpoint",
            },
        ),
    ] {
        let stage = Stage::with(Person::new("ana"), |_| {}, |_| {}).await;
        stage.idp.fault(always("/userinfo", status(code, &[])));
        assert_eq!(stage.login().await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn a_provider_without_userinfo_is_not_asked() {
    let stage = Stage::with(Person::new("ana"), |all| all.userinfo = false, |_| {}).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.unmapped[0].why, Why::Absent);
    assert_eq!(stage.heard("/userinfo"), 0);
}

#[tokio::test]
async fn only_the_configured_sources_give_roles() {
    let person = viewer().in_userinfo(json!({ "roles": ["editor"] }));
    for (sources, roles, asked) in [
        (&[ClaimSource::IdToken][..], ["viewer"], 0),
        (&[ClaimSource::Userinfo], ["editor"], 1),
        (
            &[ClaimSource::IdToken, ClaimSource::Userinfo],
            ["viewer"],
            0,
        ),
        (
            &[ClaimSource::Userinfo, ClaimSource::IdToken],
            ["editor"],
            1,
        ),
    ] {
        let stage = Stage::with(
            person.clone(),
            |_| {},
            |config| {
                config.sources = sources.to_vec();
            },
        )
        .await;
        assert_eq!(stage.login().await.unwrap().roles, roles, "{sources:?}");
        assert_eq!(stage.heard("/userinfo"), asked, "{sources:?}");
    }
}

#[tokio::test]
async fn booleans_and_times_written_as_text_are_understood() {
    let person = Person::thin(
        "ana",
        json!({
            "roles": ["viewer"],
            "email_verified": "true",
            "updated_at": "2026-01-05T08:00:00Z",
        }),
    );
    let stage = Stage::with(
        person,
        |_| {},
        |config| {
            config.require = vec![required("/email_verified", json!(true))];
        },
    )
    .await;
    stage.login().await.unwrap();
}
