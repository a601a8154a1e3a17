//! Access tokens at `/mcp` that others made, or that are for something else: oauth-checklist.md,
//! resource server.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kestra_mcp::store::{Column, KeyRing, Store as _};
use serde_json::{Value, json};

use crate::stand::Stand;
use crate::wire::{Answer, jwt};

/// A token of Ann's, with its header and claims.
struct Forge {
    stand: Stand,
    header: Value,
    claims: Value,
    key: EncodingKey,
    public: String,
}

fn base64url(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Forge {
    async fn start() -> Self {
        let stand = Stand::start().await;
        let (_, tokens) = stand.connect("ann").await;
        assert_eq!(stand.mcp(&tokens.access).await, 200);
        let (header, claims) = jwt(&tokens.access);
        let ring = KeyRing::new(&stand.setup.config.http.as_ref().unwrap().keys).unwrap();
        let row = stand.store().await.signing_keys().await.unwrap().remove(0);
        let place = Column::SIGNING_KEY.of(&row.kid, &[]);
        let private = ring.open(&place, &row.private).unwrap();
        Self {
            stand,
            header,
            claims,
            key: EncodingKey::from_ed_der(&private),
            public: row.public,
        }
    }

    /// Any header over any claims, signed with the key of the server.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, (&self.key, Algorithm::EdDSA))
    }

    fn header(&self, name: &str, value: Value) -> Value {
        changed(&self.header, name, value)
    }

    fn claims(&self, name: &str, value: Value) -> Value {
        changed(&self.claims, name, value)
    }

    /// Holds that the token is refused with the reason.
    async fn is_refused(&self, token: &str, what: &str) {
        let post = self.stand.http.post(self.stand.url("/mcp"));
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        let post = post
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("authorization", format!("Bearer {token}"))
            .body(request.to_string());
        let answer: Answer = self.stand.fetch(post).await;
        assert_eq!(answer.status, 401, "{what}: {token}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\", "),
            "{what}: {challenge}"
        );
        assert!(challenge.contains("resource_metadata=\"http://"), "{what}");
        assert!(
            challenge.contains("scope=\"kestra:read kestra:write\""),
            "{what}"
        );
    }
}

fn signed(header: &Value, claims: &Value, (key, algorithm): (&EncodingKey, Algorithm)) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// The same with another value, or without it where that is null.
fn changed(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    object
}

#[tokio::test]
async fn r2_only_what_this_server_signed_is_a_token() {
    let forge = Forge::start().await;
    // The premise of the rest: the unchanged token is good.
    let good = forge.signed(&forge.header, &forge.claims);
    assert_eq!(forge.stand.mcp(&good).await, 200);

    let foreign = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let foreign = EncodingKey::from_ed_der(foreign.as_ref());
    let token = signed(&forge.header, &forge.claims, (&foreign, Algorithm::EdDSA));
    forge.is_refused(&token, "another key").await;

    for kid in [Value::Null, json!("k2"), json!(""), json!(["k1"]), json!(1)] {
        let token = forge.signed(&forge.header("kid", kid.clone()), &forge.claims);
        forge.is_refused(&token, &format!("kid {kid}")).await;
    }

    // RFC 8725 section 3.1: the server decides the algorithm.
    for name in [
        "none", "None", "NONE", "", "HS256", "ES256", "RS256", "eddsa",
    ] {
        let header = forge.header("alg", json!(name));
        let message = format!("{}.{}", base64url(&header), base64url(&forge.claims));
        let signature = good.rsplit('.').next().unwrap();
        for token in [
            format!("{message}."),
            format!("{message}.{signature}"),
            message.clone(),
        ] {
            forge.is_refused(&token, &format!("alg {name:?}")).await;
        }
    }
    let jwk: Value = serde_json::from_str(&forge.public).unwrap();
    let x = jwk["x"].as_str().unwrap();
    let raw = URL_SAFE_NO_PAD.decode(x).unwrap();
    for secret in [
        raw.as_slice(),
        x.as_bytes(),
        forge.public.as_bytes(),
        STANDARD.encode(&raw).as_bytes(),
        b"",
    ] {
        let key = EncodingKey::from_secret(secret);
        let header = forge.header("alg", json!("HS256"));
        let token = signed(&header, &forge.claims, (&key, Algorithm::HS256));
        forge.is_refused(&token, "the public key as a secret").await;
    }

    // A key inside the token.
    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/certificate")),
    ] {
        let header = forge.header(name, value);
        let key = (&foreign, Algorithm::EdDSA);
        let token = signed(&header, &forge.claims, key);
        forge.is_refused(&token, name).await;
    }
    let critical = changed(&forge.header, "crit", json!(["exp"]));
    let token = forge.signed(&critical, &forge.claims);
    forge.is_refused(&token, "crit").await;

    let mut flipped = good.clone().into_bytes();
    let middle = good.find('.').unwrap() + 20;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    forge.is_refused(&flipped, "a changed byte").await;
    let long = "a".repeat(10_000);
    let parts = "a.b.c.d.e".to_owned();
    for garbage in [
        "garbage",
        ".",
        "..",
        "...",
        &long,
        &parts,
        &format!("{good}."),
    ] {
        forge.is_refused(garbage, "garbage").await;
    }
}

#[tokio::test]
async fn r2_a_token_of_another_issuer_or_time_is_refused() {
    let forge = Forge::start().await;
    let issuer = forge.stand.issuer().to_owned();
    for iss in [
        json!("https://other.example"),
        json!(format!("{issuer}/")),
        json!(issuer.replace("127.0.0.1", "localhost")),
        json!([issuer]),
        json!(""),
        Value::Null,
    ] {
        let token = forge.signed(&forge.header, &forge.claims("iss", iss.clone()));
        forge.is_refused(&token, &format!("iss {iss}")).await;
    }
    let now = forge.stand.now() / 1000;
    for exp in [
        json!(now),
        json!(now - 1),
        json!(0),
        json!(-1),
        json!(now.to_string()),
        Value::Null,
    ] {
        let token = forge.signed(&forge.header, &forge.claims("exp", exp.clone()));
        forge.is_refused(&token, &format!("exp {exp}")).await;
    }
    for nbf in [
        json!(now + 6),
        json!(u64::MAX),
        json!(now.to_string()),
        json!([now]),
    ] {
        let token = forge.signed(&forge.header, &forge.claims("nbf", nbf.clone()));
        forge.is_refused(&token, &format!("nbf {nbf}")).await;
    }
    // Within the clock skew of two servers; and the token that was too early is good later.
    let token = |nbf: i64| forge.signed(&forge.header, &forge.claims("nbf", json!(nbf)));
    for good in [now - 1, now, now + 5] {
        assert_eq!(forge.stand.mcp(&token(good)).await, 200, "nbf {good}");
    }
    forge.stand.later(30);
    assert_eq!(forge.stand.mcp(&token(now + 6)).await, 200);
}

#[tokio::test]
async fn r2_a_token_without_a_living_grant_of_its_person_and_client_is_refused() {
    let forge = Forge::start().await;
    for name in ["sub", "client_id", "sid", "jti", "scope"] {
        let values = match name {
            "jti" => vec![Value::Null],
            _ => vec![json!("somebody-else"), json!(""), Value::Null],
        };
        for value in values {
            let token = forge.signed(&forge.header, &forge.claims(name, value.clone()));
            forge.is_refused(&token, &format!("{name} {value}")).await;
        }
    }
    let (_, other) = forge.stand.connect("ben").await;
    let other = jwt(&other.access).1;
    for name in ["sub", "client_id", "sid"] {
        let token = forge.signed(&forge.header, &forge.claims(name, other[name].clone()));
        forge
            .is_refused(&token, &format!("{name} of another"))
            .await;
    }
}

/// Also B14.
#[tokio::test]
async fn r3_a_token_must_be_for_this_resource() {
    let forge = Forge::start().await;
    let issuer = forge.stand.issuer().to_owned();
    let resource = format!("{issuer}/mcp");
    for aud in [
        json!(issuer),
        json!(format!("{issuer}/")),
        json!(format!("{resource}/")),
        json!(resource.to_uppercase()),
        json!("https://other.example/mcp"),
        json!([resource]),
        json!([resource, "https://other.example/mcp"]),
        json!({ "0": resource }),
        json!(""),
        Value::Null,
    ] {
        let token = forge.signed(&forge.header, &forge.claims("aud", aud.clone()));
        forge.is_refused(&token, &format!("aud {aud}")).await;
    }
}

#[tokio::test]
async fn r4_only_an_access_token_is_accepted() {
    let forge = Forge::start().await;
    for kind in [
        Value::Null,
        json!("JWT"),
        json!("AT+JWT "),
        json!("id+jwt"),
        json!("logout+jwt"),
        json!("at+jwt2"),
    ] {
        let token = forge.signed(&forge.header("typ", kind.clone()), &forge.claims);
        forge.is_refused(&token, &format!("typ {kind}")).await;
    }
    let (_, tokens) = forge.stand.connect("ann").await;
    forge.is_refused(&tokens.refresh, "a refresh token").await;
    // The provider's own tokens, as a client that talks to both might send them.
    let said = forge.stand.idp.requests();
    let mut asked = said.iter().filter(|request| request.path == "/token");
    let form = url::form_urlencoded::parse(&asked.next_back().unwrap().body);
    let code = form.into_owned().find(|(name, _)| name == "code").unwrap();
    forge.is_refused(&code.1, "a code of the provider").await;
    let claims = json!({
        "iss": forge.stand.idp.issuer(),
        "sub": "ann-0001",
        "aud": simulator::oidc::CLIENT_ID,
        "exp": forge.stand.now() / 1000 + 300,
    });
    let header = serde_json::to_value(Header::new(Algorithm::EdDSA)).unwrap();
    let token = forge.signed(&header, &claims);
    forge.is_refused(&token, "an ID token").await;
}
