//! Where well-known providers put their claims.

use kestra_mcp::auth::provider::{ProviderError, Why};
use kestra_mcp::config::http::{self as config, ClaimPath, ClaimSource, Match, Userinfo};
use serde_json::{Value, json};
use simulator::oidc::{Deceit, Forgery, Person};

use super::stage::{Stage, mapped, named, path, required};

fn keycloak(config: &mut config::Provider) {
    config.sources = vec![ClaimSource::AccessTokenJwt];
    let mut client = mapped("/resource_access", &[("editor", "editor")]);
    // A list of segments, because the client id may have slashes and dots.
    client.path = ClaimPath(
        ["resource_access", "https://mcp.example.com", "roles"]
            .map(str::to_owned)
            .to_vec(),
    );
    config.rules = vec![
        client,
        mapped("/realm_access/roles", &[("staff", "viewer")]),
    ];
}

fn in_keycloak() -> Person {
    Person::keycloak(
        "ana",
        &["staff", "offline_access"],
        "https://mcp.example.com",
        &["editor"],
    )
}

#[tokio::test]
async fn keycloak_puts_roles_only_in_the_access_token() {
    let path = |settings: &mut simulator::oidc::Settings| settings.path = "/realms/main".to_owned();
    let stage = Stage::with(in_keycloak(), path, keycloak).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, ["editor", "viewer"]);
    assert!(login.claims.iter().any(|name| name == "resource_access"));
    stage.idp.change("ana", |person| {
        person.access_token.remove("resource_access");
    });
    let login = stage.refresh(&login).await.unwrap();
    assert_eq!(login.roles, ["viewer"]);
    // Without an ID token, the access token names the person.
    stage.idp.deceive(Deceit::NoIdTokenAtRefresh);
    let login = stage.refresh(&login).await.unwrap();
    assert_eq!(login.roles, ["viewer"]);
    assert_eq!(stage.heard("/userinfo"), 0);
}

#[tokio::test]
async fn keycloak_without_the_opt_in_gives_no_role_and_says_why() {
    let usual = vec![ClaimSource::IdToken, ClaimSource::Userinfo];
    let stage = Stage::with(
        in_keycloak(),
        |_| {},
        |config| {
            keycloak(config);
            config.sources = usual;
        },
    )
    .await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, <[String; 0]>::default());
    let paths: Vec<&str> = login
        .unmapped
        .iter()
        .map(|rule| rule.path.as_str())
        .collect();
    let slashes = "/resource_access/https:~1~1mcp.example.com/roles";
    assert_eq!(paths, [slashes, "/realm_access/roles"]);
    assert!(login.unmapped.iter().all(|rule| rule.why == Why::Absent));
}

#[tokio::test]
async fn keycloak_with_mappers_puts_roles_in_the_id_token() {
    let person = Person::new("ana").in_id_token(json!({ "groups": ["/teams/data"] }));
    let stage = Stage::with(
        person,
        |_| {},
        |config| {
            config.rules = vec![mapped("/groups", &[("/teams/data", "viewer")])];
        },
    )
    .await;
    assert_eq!(stage.login().await.unwrap().roles, ["viewer"]);
}

#[tokio::test]
async fn an_access_token_is_checked_before_it_gives_roles() {
    let past = 1_767_600_000 - 60;
    for (forgery, what) in [
        (Forgery::Signature, "signature of the access token"),
        (Forgery::ForeignKey, "signature of the access token"),
        (Forgery::UnknownKey, "key of the access token"),
        (Forgery::Unsigned, "signature of the access token"),
        (Forgery::HmacOfPublicKey, "signature of the access token"),
        (Forgery::HmacOfClientSecret, "signature of the access token"),
        (
            Forgery::Claim("iss", json!("https://id.example.com")),
            "iss of the access token",
        ),
        (
            Forgery::Claim("azp", json!("another")),
            "azp of the access token",
        ),
        (Forgery::Without("azp"), "azp of the access token"),
        (
            Forgery::Claim("exp", json!(past)),
            "exp of the access token",
        ),
        (
            Forgery::Claim("nbf", json!(past + 3600)),
            "nbf of the access token",
        ),
        (
            Forgery::Claim("sub", json!("ben-0001")),
            "sub of the access token",
        ),
        (Forgery::Without("sub"), "access token"),
        (
            Forgery::Header("typ", Some(json!("logout+jwt"))),
            "access token",
        ),
        (Forgery::Garbage, "access token"),
    ] {
        let said = format!("{forgery:?}");
        let stage = Stage::with(in_keycloak(), |_| {}, keycloak).await;
        stage.idp.deceive(Deceit::AccessToken(forgery));
        let error = stage.login().await.unwrap_err();
        assert_eq!(error, ProviderError::Wrong { what }, "{said}");
    }
    let stage = Stage::with(in_keycloak(), |_| {}, keycloak).await;
    for rfc9068 in [
        Forgery::Header("typ", Some(json!("at+jwt"))),
        Forgery::Without("azp"),
        Forgery::Claim("client_id", json!("kestra-mcp")),
    ] {
        stage.idp.deceive(Deceit::AccessToken(rfc9068));
    }
    assert_eq!(stage.login().await.unwrap().roles, ["editor", "viewer"]);
}

#[tokio::test]
async fn an_access_token_is_ignored_unless_a_rule_reads_it() {
    let stage = Stage::new().await;
    stage.idp.deceive(Deceit::AccessToken(Forgery::Garbage));
    stage.login().await.unwrap();
}

fn entra(config: &mut config::Provider) {
    config.subject = path("/oid");
    config.require = vec![required("/tid", json!("tenant-1"))];
    config.userinfo = Userinfo::Never;
    config.rules = vec![mapped(
        "/roles",
        &[("Kestra.Admin", "admin"), ("Kestra.Editor", "editor")],
    )];
}

#[tokio::test]
async fn entra_has_app_roles_of_one_tenant() {
    let person = Person::entra("ana", "tenant-1", &["Kestra.Editor", "Other.Role"]);
    let stage = Stage::with(person, |all| all.path = "/tenant-1/v2.0".to_owned(), entra).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.subject, "ana-object");
    assert_eq!(login.roles, ["editor"]);

    let guest = Person::entra("ben", "tenant-2", &["Kestra.Admin"]);
    let stage = Stage::with(guest, |_| {}, entra).await;
    let claim = "/tid".to_owned();
    assert_eq!(
        stage.login().await.unwrap_err(),
        ProviderError::Requirement { claim }
    );

    // Without the claim there is no person: `sub` differs in every app.
    let mut plain = Person::entra("eve", "tenant-1", &["Kestra.Admin"]);
    plain.id_token.remove("oid");
    let stage = Stage::with(plain, |_| {}, entra).await;
    let what = "claim of the subject";
    assert_eq!(
        stage.login().await.unwrap_err(),
        ProviderError::Wrong { what }
    );
}

#[tokio::test]
async fn entra_with_too_many_groups_is_refused_where_groups_give_roles() {
    let person = || Person::entra("ana", "tenant-1", &["Kestra.Editor"]).with_too_many_groups();
    let stage = Stage::with(person(), |_| {}, entra).await;
    assert_eq!(stage.login().await.unwrap().roles, ["editor"]);
    let group = "0b7f2d4a-0000-4000-8000-000000000001";
    let stage = Stage::with(
        person(),
        |_| {},
        |config| {
            entra(config);
            config.rules.push(mapped("/groups", &[(group, "viewer")]));
        },
    )
    .await;
    let error = stage.login().await.unwrap_err();
    let claim = "/groups".to_owned();
    assert_eq!(error, ProviderError::Overage { claim });
    assert!(error.is_final());
    stage.idp.change("ana", |person| {
        person.id_token.remove("_claim_names");
        person.id_token.insert("groups".to_owned(), json!([group]));
    });
    assert_eq!(stage.login().await.unwrap().roles, ["editor", "viewer"]);
}

fn google(config: &mut config::Provider) {
    config.scopes = ["openid", "email"].map(str::to_owned).to_vec();
    config.authorize_params = [("access_type", "offline"), ("prompt", "consent")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    config.require = vec![
        required("/hd", json!("example.com")),
        required("/email_verified", json!(true)),
    ];
    config.rules = vec![
        mapped("/email", &[("ana@example.com", "editor")]),
        mapped("/hd", &[("example.com", "viewer")]),
    ];
}

#[tokio::test]
async fn google_has_domains_and_email_addresses() {
    let stage = Stage::with(Person::google("ana", "example.com"), |_| {}, google).await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, ["editor", "viewer"]);
    assert!(login.refresh_token.is_some(), "for access_type=offline");
    stage.refresh(&login).await.unwrap();
    let stage = Stage::with(Person::google("ben", "example.com"), |_| {}, google).await;
    assert_eq!(stage.login().await.unwrap().roles, ["viewer"]);

    let refused = async |change: (&str, Value)| {
        let person = Person::google("ana", "example.com");
        let stage = Stage::with(person.with(json!({ change.0: change.1 })), |_| {}, google).await;
        stage.login().await.unwrap_err()
    };
    let requirement = |claim: &str| ProviderError::Requirement {
        claim: claim.to_owned(),
    };
    assert_eq!(
        refused(("hd", json!("example.com.evil.example"))).await,
        requirement("/hd")
    );
    assert_eq!(refused(("hd", Value::Null)).await, requirement("/hd"));
    assert_eq!(
        refused(("hd", json!(["example.com"]))).await,
        requirement("/hd")
    );
    assert_eq!(
        refused(("email_verified", json!(false))).await,
        requirement("/email_verified")
    );
}

#[tokio::test]
async fn okta_has_groups_only_in_the_id_token() {
    let groups = &["Everyone", "kestra-ops-eu"];
    let stage = Stage::with(
        Person::okta("ana", groups),
        |_| {},
        |config| {
            let mut rule = named("/groups");
            let pair = |text: &str, role: &str| (Match::Prefix(text.to_owned()), role.to_owned());
            rule.map = Some(vec![
                pair("kestra-ops-", "editor"),
                pair("kestra-audit-", "viewer"),
            ]);
            config.rules = vec![rule];
        },
    )
    .await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, ["editor"]);
    assert_eq!(stage.heard("/userinfo"), 0);
}
