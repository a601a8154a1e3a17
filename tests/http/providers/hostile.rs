//! A15 to A17: a provider that lies, one fault each.

use std::collections::BTreeMap;

use kestra_mcp::auth::provider::{Answer, Begin, ProviderError, Unmapped, Why};
use kestra_mcp::secret::Secret;
use serde_json::json;
use simulator::Action;
use simulator::oidc::{Algorithm, Client, Deceit, Forgery, Person};

use crate::log::Log;

use super::stage::{CALLBACK, Stage, always, named, short, status, viewer};

const MARKUP: &str = "<script>alert('x')</script>";

fn wrong(what: &'static str) -> ProviderError {
    ProviderError::Wrong { what }
}

#[tokio::test]
async fn a15_an_honest_login_holds_with_every_algorithm() {
    for algorithm in [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
    ] {
        let stage = Stage::with(viewer(), |all| all.algorithm = algorithm, |_| {}).await;
        let login = stage.login().await.unwrap();
        assert_eq!(login.subject, "ana-0001");
        assert_eq!(login.name.as_deref(), Some("ana"));
        assert_eq!(login.roles, ["viewer"]);
        assert_eq!(login.unmapped, []);
        assert_eq!(login.auth_time, Some(1_767_600_000));
        assert!(login.refresh_token.is_some());
        let names = [
            "aud",
            "auth_time",
            "email",
            "email_verified",
            "exp",
            "iat",
            "iss",
            "name",
            "nonce",
            "roles",
            "sub",
        ];
        assert_eq!(login.claims, names);
    }
}

#[tokio::test]
async fn a15_the_request_carries_our_own_state_nonce_and_pkce() {
    let stage = Stage::with(
        viewer(),
        |_| {},
        |config| {
            let more = [("prompt", "consent"), ("access_type", "offline")];
            let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            config.authorize_params = more.map(own).into();
        },
    )
    .await;
    let ask = Begin {
        redirect_uri: CALLBACK,
        state: &Secret::new("the-state"),
        max_age: Some(900),
    };
    let begun = stage.provider.begin(&ask).await.unwrap();
    let query: BTreeMap<String, String> = begun.url.query_pairs().into_owned().collect();
    let mut expected = BTreeMap::from(
        [
            ("access_type", "offline"),
            ("client_id", "kestra-mcp"),
            ("code_challenge_method", "S256"),
            ("max_age", "900"),
            ("nonce", begun.nonce.expose()),
            ("prompt", "consent"),
            ("redirect_uri", CALLBACK),
            ("response_mode", "query"),
            ("response_type", "code"),
            ("scope", "openid profile offline_access"),
            ("state", "the-state"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    expected.insert("code_challenge".to_owned(), query["code_challenge"].clone());
    assert_eq!(query, expected);
    // 256 bits each, in base64url.
    assert_eq!(query["code_challenge"].len(), 43);
    assert_eq!(begun.nonce.expose().len(), 43);
    assert_eq!(begun.verifier.expose().len(), 43);

    let other = stage.begin().await.unwrap();
    assert_ne!(other.nonce.expose(), begun.nonce.expose());
    assert_ne!(other.verifier.expose(), begun.verifier.expose());

    let back = stage.browse(begun.clone()).await;
    assert_eq!(back.query["state"], "the-state");
    stage.finish(&back).await.unwrap();
    let requests = stage.idp.requests();
    let exchange = requests
        .iter()
        .find(|request| request.path == "/token")
        .unwrap();
    let body = String::from_utf8_lossy(&exchange.body);
    assert!(
        body.contains(&format!("code_verifier={}", begun.verifier.expose())),
        "{body}"
    );
    assert!(
        !body.contains("client_secret"),
        "Basic is what the provider asks for"
    );
}

#[tokio::test]
async fn a15_every_forged_id_token_is_refused() {
    let past = 1_767_600_000 - 60;
    let future = 1_767_600_000 + 31;
    let table = [
        (Forgery::Signature, "signature of the ID token"),
        (Forgery::ForeignKey, "signature of the ID token"),
        (Forgery::UnknownKey, "key of the ID token"),
        (Forgery::Unsigned, "signature of the ID token"),
        (Forgery::HmacOfPublicKey, "signature of the ID token"),
        (Forgery::HmacOfClientSecret, "signature of the ID token"),
        (
            Forgery::Claim("iss", json!("https://id.example.com")),
            "iss of the ID token",
        ),
        (
            Forgery::Claim("aud", json!("another")),
            "aud of the ID token",
        ),
        (Forgery::Claim("aud", json!([])), "aud of the ID token"),
        (
            Forgery::Claim("aud", json!(["kestra-mcp", "another"])),
            "aud of the ID token",
        ),
        (Forgery::Without("aud"), "aud of the ID token"),
        (
            Forgery::Claim("azp", json!("another")),
            "azp of the ID token",
        ),
        (Forgery::Claim("exp", json!(past)), "exp of the ID token"),
        (Forgery::Claim("nbf", json!(future)), "nbf of the ID token"),
        (
            Forgery::Claim("nbf", json!(f64::from(future) - 0.5)),
            "nbf of the ID token",
        ),
        (Forgery::Claim("nbf", json!(1e300)), "ID token"),
        (Forgery::Claim("nbf", json!(future.to_string())), "ID token"),
        (
            Forgery::Claim("nonce", json!("another")),
            "nonce of the ID token",
        ),
        (Forgery::Without("nonce"), "nonce of the ID token"),
        (Forgery::Header("typ", Some(json!("at+jwt"))), "ID token"),
        (Forgery::Header("crit", Some(json!(["b64"]))), "ID token"),
        (Forgery::Without("sub"), "answer of the token endpoint"),
        (Forgery::Without("exp"), "answer of the token endpoint"),
        (Forgery::Without("iss"), "answer of the token endpoint"),
        (Forgery::Garbage, "answer of the token endpoint"),
    ];
    let stage = Stage::new().await;
    for (forgery, what) in table {
        let said = format!("{forgery:?}");
        stage.idp.deceive(Deceit::IdToken(forgery));
        assert_eq!(stage.login().await.unwrap_err(), wrong(what), "{said}");
        stage.idp.clear();
        stage.login().await.unwrap();
    }
    stage.idp.deceive(Deceit::NoIdToken);
    assert_eq!(stage.login().await.unwrap_err(), wrong("id_token"));
}

#[tokio::test]
async fn a15_harmless_differences_are_accepted() {
    let stage = Stage::new().await;
    for harmless in [
        Forgery::Header("typ", None),
        Forgery::Header("kid", None),
        Forgery::Claim("azp", json!("kestra-mcp")),
        Forgery::Claim("aud", json!(["kestra-mcp"])),
        // Within the clock skew.
        Forgery::Claim("exp", json!(1_767_600_000 - 20)),
        Forgery::Claim("nbf", json!(1_767_600_000 + 30)),
        Forgery::Claim("nbf", json!(1_767_599_000.25)),
    ] {
        let said = format!("{harmless:?}");
        stage.idp.deceive(Deceit::IdToken(harmless));
        assert!(stage.login().await.is_ok(), "{said}");
        stage.idp.clear();
    }
}

/// What was logged by `work`.
async fn logged(work: impl Future<Output = ()>) -> String {
    let log = Log::start();
    work.await;
    log.text()
}

/// OpenID Connect Core 3.1.3.7, steps 3 to 5.
#[tokio::test]
async fn a15_trusted_further_audiences_are_accepted_when_the_token_is_for_this_client() {
    let trusting = |config: &mut kestra_mcp::config::http::Provider| {
        config.trusted_audiences = ["portal", "reports"].map(str::to_owned).to_vec();
    };
    let stage = Stage::with(viewer(), |_| {}, trusting).await;
    let both = |aud: &[&str]| Deceit::IdToken(Forgery::Claim("aud", json!(aud)));
    let party = |azp: &str| Deceit::IdToken(Forgery::Claim("azp", json!(azp)));
    let (aud, azp) = ("aud of the ID token", "azp of the ID token");
    for (audiences, by, fault) in [
        (&["kestra-mcp", "portal"][..], Some("kestra-mcp"), None),
        (
            &["reports", "kestra-mcp", "portal"],
            Some("kestra-mcp"),
            None,
        ),
        (&["kestra-mcp", "kestra-mcp"], None, None),
        (&["kestra-mcp", "portal"], None, Some(azp)),
        (&["kestra-mcp", "portal"], Some("portal"), Some(azp)),
        (&["kestra-mcp", "evil"], Some("kestra-mcp"), Some(aud)),
        (
            &["kestra-mcp", "portal", "evil"],
            Some("kestra-mcp"),
            Some(aud),
        ),
        (&["portal"], Some("kestra-mcp"), Some(aud)),
        (&["portal", "reports"], Some("kestra-mcp"), Some(aud)),
    ] {
        stage.idp.deceive(both(audiences));
        if let Some(by) = by {
            stage.idp.deceive(party(by));
        }
        let log = logged(async {
            let ended = stage.login().await.map(|login| login.roles);
            match fault {
                None => assert!(ended.is_ok(), "{audiences:?} {by:?}: {ended:?}"),
                Some(fault) => assert_eq!(ended, Err(wrong(fault)), "{audiences:?} {by:?}"),
            }
        })
        .await;
        if fault.is_some() {
            assert!(log.contains(&audiences.join(", ")), "{log}");
            assert!(log.contains("trusted_audiences"), "{log}");
        }
        stage.idp.clear();
    }
    // No other audience is trusted unless the operator says so.
    let stage = Stage::new().await;
    stage.idp.deceive(both(&["kestra-mcp", "portal"]));
    stage.idp.deceive(party("kestra-mcp"));
    assert_eq!(stage.login().await.unwrap_err(), wrong(aud));
}

#[tokio::test]
async fn a15_an_algorithm_that_is_not_listed_or_not_supported_is_named_in_the_log() {
    let listed = |names: serde_json::Value| {
        let name = "id_token_signing_alg_values_supported".to_owned();
        Deceit::Discovery(name, names)
    };
    let refused = async |stage: &Stage| {
        logged(async {
            let error = stage.login().await.unwrap_err();
            assert_eq!(error, wrong("signature of the ID token"));
        })
        .await
    };
    // It signs with ES256.
    let stage = Stage::new().await;
    stage.idp.deceive(listed(json!(["RS256", "ES384"])));
    let log = refused(&stage).await;
    assert!(log.contains("algorithm=\"ES256\""), "{log}");
    let stage = Stage::new().await;
    let es512 = Forgery::Header("alg", Some(json!("ES512")));
    stage.idp.deceive(Deceit::IdToken(es512));
    let log = refused(&stage).await;
    assert!(log.contains("algorithm=\"ES512\"") && log.contains("not supported"));
    let stage = Stage::new().await;
    stage.idp.deceive(listed(json!(["ES512", "HS256"])));
    let log = refused(&stage).await;
    assert!(log.contains("listed=\"ES512 HS256\""), "{log}");
    assert!(log.contains("nobody can sign in"), "{log}");
}

/// Also B5.
#[tokio::test]
async fn a15_the_response_must_name_the_provider_that_was_asked() {
    let stage = Stage::new().await;
    let foreign = Some("https://id.example.com".to_owned());
    // The second matters because the discovery document promises the parameter.
    for issuer in [foreign.clone(), None] {
        stage.idp.deceive(Deceit::ResponseIssuer(issuer));
        assert_eq!(stage.login().await.unwrap_err(), ProviderError::MixUp);
        stage.idp.clear();
        assert_eq!(
            stage.heard("/token"),
            0,
            "a code went to a provider that did not give it"
        );
    }
    let silent = Stage::with(viewer(), |all| all.response_issuer = false, |_| {}).await;
    silent.login().await.unwrap();
    silent.idp.deceive(Deceit::ResponseIssuer(foreign));
    assert_eq!(silent.login().await.unwrap_err(), ProviderError::MixUp);
}

/// Also B8.
#[tokio::test]
async fn a15_a_code_needs_its_own_verifier_nonce_and_redirect_uri() {
    let stage = Stage::new().await;
    let (one, two) = (stage.begin().await.unwrap(), stage.begin().await.unwrap());
    let login = async |verifier: &Secret, nonce: &Secret, redirect_uri: &str| {
        let back = stage.browse(one.clone()).await;
        let answer = Answer {
            redirect_uri,
            code: &Secret::new(back.query["code"].as_str()),
            iss: back.query.get("iss").map(String::as_str),
            nonce,
            verifier,
        };
        stage
            .provider
            .finish(&answer)
            .await
            .map(|login| login.roles)
    };
    assert_eq!(
        login(&two.verifier, &one.nonce, CALLBACK).await,
        Err(wrong("code"))
    );
    assert_eq!(
        login(&one.verifier, &two.nonce, CALLBACK).await,
        Err(wrong("nonce of the ID token"))
    );
    let elsewhere = "http://127.0.0.1:2/auth/callback";
    assert_eq!(
        login(&one.verifier, &one.nonce, elsewhere).await,
        Err(wrong("code"))
    );
    let roles = login(&one.verifier, &one.nonce, CALLBACK).await;
    assert_eq!(roles, Ok(vec!["viewer".to_owned()]));
}

#[tokio::test]
async fn a15_the_issuer_is_compared_as_it_is_written() {
    let issuer = "issuer of the discovery document";
    let slash = Stage::with(viewer(), |_| {}, |config| config.issuer.push('/')).await;
    assert_eq!(slash.login().await.unwrap_err(), wrong(issuer));
    let stage = Stage::new().await;
    stage
        .idp
        .deceive(Deceit::DiscoveryIssuer("https://id.example.com".to_owned()));
    assert_eq!(stage.begin().await.unwrap_err(), wrong(issuer));
    for path in ["/", "/realms/main", "/tenant/v2.0/"] {
        let stage = Stage::with(viewer(), |all| all.path = path.to_owned(), |_| {}).await;
        assert!(stage.login().await.is_ok(), "{path}");
    }
}

#[tokio::test]
async fn a15_redirects_are_not_followed() {
    let elsewhere = Stage::new().await;
    let away = format!("{}/jwks", elsewhere.idp.issuer());
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
        "/userinfo",
    ] {
        for code in [301, 302, 303, 307, 308] {
            let stage = Stage::with(Person::new("ana"), |_| {}, |_| {}).await;
            stage
                .idp
                .fault(always(path, status(code, &[("location", &away)])));
            let error = stage.login().await.unwrap_err();
            assert_eq!(error, wrong("redirect"), "{code} of {path}");
        }
    }
    assert_eq!(elsewhere.idp.requests(), []);
}

#[tokio::test]
async fn a15_an_endless_response_is_cut_off() {
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
        "/userinfo",
    ] {
        let stage = Stage::with(Person::new("ana"), |_| {}, |_| {}).await;
        let endless = Action::Endless {
            content_type: "application/json".to_owned(),
        };
        stage.idp.fault(always(path, endless));
        assert_eq!(stage.login().await.unwrap_err(), wrong("length"), "{path}");
    }
}

#[tokio::test]
async fn a15_a_response_that_never_comes_times_out() {
    let stage = Stage::new().await.with_limits(short());
    stage.idp.fault(always("*", Action::Hang));
    let error = stage.begin().await.unwrap_err();
    assert_eq!(error, ProviderError::Down { retry_after: 10 });
}

#[tokio::test]
async fn a15_garbage_is_refused() {
    for (path, what) in [
        ("/.well-known/openid-configuration", "discovery document"),
        ("/jwks", "discovery document"),
        ("/token", "answer of the token endpoint"),
        ("/userinfo", "answer of the userinfo endpoint"),
    ] {
        let stage = Stage::with(Person::new("ana"), |_| {}, |_| {}).await;
        stage.idp.fault(always(path, Action::GarbageJson));
        assert_eq!(stage.login().await.unwrap_err(), wrong(what), "{path}");
        stage.idp.clear();
        stage.idp.fault(always(path, status(200, &[])));
        assert_eq!(
            stage.login().await.unwrap_err(),
            wrong(what),
            "HTML of {path}"
        );
    }
}

#[tokio::test]
async fn a15_the_client_authenticates_by_the_method_that_the_provider_lists() {
    let secret = "p+a:s%s&w ö";
    for methods in [&["client_secret_basic"][..], &["client_secret_post"]] {
        let stage = Stage::with(
            viewer(),
            |all| {
                all.auth_methods = methods.iter().map(|&method| method.to_owned()).collect();
                all.clients[0].secret = Some(secret.to_owned());
            },
            |config| config.client_secret = Some(Secret::new(secret)),
        )
        .await;
        assert!(stage.login().await.is_ok(), "{methods:?}");
    }
    let public = Client {
        id: "public".to_owned(),
        secret: None,
        redirect_uris: vec![CALLBACK.to_owned()],
    };
    let stage = Stage::with(
        viewer(),
        |all| all.clients = vec![public],
        |config| {
            config.client_id = "public".to_owned();
            config.client_secret = None;
        },
    )
    .await;
    assert!(stage.login().await.is_ok());
    let confused = Stage::with(
        viewer(),
        |_| {},
        |config| {
            config.client_secret = Some(Secret::new("another"));
        },
    )
    .await;
    let error = confused.login().await.unwrap_err();
    assert_eq!(
        error,
        ProviderError::Refused {
            error: "invalid_client"
        }
    );
    assert!(
        !error.is_final(),
        "a wrong secret says nothing about a person"
    );
}

#[tokio::test]
async fn a16_no_text_of_the_provider_is_in_an_error() {
    let stage = Stage::new().await;
    for error in ["invalid_grant", "server_error", MARKUP] {
        stage.idp.deceive(Deceit::TokenError {
            error: error.to_owned(),
            description: MARKUP.to_owned(),
        });
        let error = stage.login().await.unwrap_err();
        let texts = format!("{error} {error:?}");
        assert!(!texts.contains("script"), "{texts}");
        stage.idp.clear();
    }
    stage.idp.deceive(Deceit::AuthorizeError {
        error: "access_denied".to_owned(),
        description: MARKUP.to_owned(),
    });
    let back = stage.browse(stage.begin().await.unwrap()).await;
    assert_eq!(back.query["error_description"], MARKUP);
    assert_eq!(back.query["error"], "access_denied");
    assert_eq!(back.query["state"], "the-state");
}

#[tokio::test]
async fn a17_a_person_without_a_role_learns_which_claims_gave_none() {
    let log = Log::start();
    let person = Person::new("ana").with(json!({
        "groups": ["the-secret-project"],
        "department": { "id": 77_123 },
    }));
    let stage = Stage::with(
        person,
        |_| {},
        |config| {
            config.rules = vec![named("/roles"), named("/groups"), named("/department")];
        },
    )
    .await;
    let login = stage.login().await.unwrap();
    assert_eq!(login.roles, <[String; 0]>::default());
    let unmapped = [
        ("/roles", Why::Absent),
        ("/groups", Why::Value),
        ("/department", Why::Shape),
    ]
    .map(|(path, why)| Unmapped {
        path: path.to_owned(),
        why,
    });
    assert_eq!(login.unmapped, unmapped);
    for name in ["department", "email", "groups", "sub"] {
        assert!(login.claims.iter().any(|claim| claim == name), "{name}");
    }
    let log = log.text();
    assert!(log.contains("no claim gives a role"), "{log}");
    assert!(
        log.contains("\"groups\"") && log.contains("/department"),
        "{log}"
    );
    let texts = format!("{log} {login:?}");
    for value in ["the-secret-project", "77123", "ana@example.com"] {
        assert!(!texts.contains(value), "{texts}");
    }
}
