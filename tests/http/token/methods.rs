//! Client authentication, and the form of errors.

use serde_json::json;

use crate::stand::Stand;
use crate::wire::{Answer, Fields, metadata, redeeming};

/// How a client authenticates.
#[derive(Clone, Copy, Debug)]
enum Shows {
    Id,
    Basic,
    WrongBasic,
    Post,
    WrongPost,
    Both,
}

const ALL: [Shows; 6] = [
    Shows::Id,
    Shows::Basic,
    Shows::WrongBasic,
    Shows::Post,
    Shows::WrongPost,
    Shows::Both,
];

/// Sends `fields` as `id`, which has or invents a secret.
async fn send(
    stand: &Stand,
    path: &str,
    fields: &Fields,
    (id, secret): (&str, &str),
    shows: Shows,
) -> Answer {
    let mut fields = fields.clone();
    let is_basic = matches!(shows, Shows::Basic | Shows::WrongBasic | Shows::Both);
    if !is_basic {
        fields.push(("client_id", id.to_owned()));
    }
    match shows {
        Shows::Post | Shows::Both => fields.push(("client_secret", secret.to_owned())),
        Shows::WrongPost => fields.push(("client_secret", "wrong".to_owned())),
        Shows::Id | Shows::Basic | Shows::WrongBasic => {}
    }
    let post = stand.posting(path, &fields);
    stand
        .fetch(match shows {
            Shows::Basic | Shows::Both => post.basic_auth(id, Some(secret)),
            Shows::WrongBasic => post.basic_auth(id, Some("wrong")),
            Shows::Id | Shows::Post | Shows::WrongPost => post,
        })
        .await
}

#[tokio::test]
async fn t17_a_secret_is_accepted_in_the_header_or_the_body_as_registered() {
    let stand = Stand::start().await;
    for method in ["none", "client_secret_basic", "client_secret_post"] {
        let mut metadata = metadata();
        metadata["token_endpoint_auth_method"] = json!(method);
        let (application, registered) = stand.registered(&metadata).await;
        let secret = registered["client_secret"].as_str();
        assert_eq!(secret.is_some(), method != "none");
        let who = (application.id.as_str(), secret.unwrap_or("invented"));
        for shows in ALL {
            let code = vec![
                ("grant_type", "refresh_token".to_owned()),
                ("refresh_token", "forged".to_owned()),
            ];
            let token = send(&stand, "/token", &code, who, shows).await;
            let forged = vec![("token", "forged".to_owned())];
            let revoked = send(&stand, "/revoke", &forged, who, shows).await;
            match (method, shows) {
                ("none", Shows::Id)
                | ("client_secret_basic" | "client_secret_post", Shows::Basic | Shows::Post) => {
                    token.is(400, "invalid_grant");
                    assert_eq!(revoked.status, 200);
                }
                // RFC 6749 section 2.3: one method in each request.
                (_, Shows::Both) => {
                    token.is(400, "invalid_request");
                    revoked.is(400, "invalid_request");
                }
                _ => {
                    for answer in [token, revoked] {
                        answer.is(401, "invalid_client");
                        let challenge = answer.header("www-authenticate");
                        let is_basic = matches!(shows, Shows::Basic | Shows::WrongBasic);
                        assert_eq!(challenge.is_some(), is_basic, "{method} {shows:?}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn t17_the_basic_scheme_carries_encoded_ids_and_secrets() {
    let stand = Stand::with(|world| {
        world.file = "[[client]]\nid = \"a client: 100%\"\nsecret_env = \"SECRET\"\n\
                      redirect_uris = [\"http://127.0.0.1:1/callback\"]\n"
            .to_owned();
        world.set("SECRET", "a secret + more: 100% & =");
    })
    .await;
    let fields = vec![("token", "forged".to_owned())];
    let encode = |text: &str| {
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        encoded
    };
    let (id, secret) = ("a client: 100%", "a secret + more: 100% & =");
    let post = stand.posting("/revoke", &fields);
    let post = post.basic_auth(encode(id), Some(encode(secret)));
    assert_eq!(stand.fetch(post).await.status, 200);
    for odd in [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic bm9jb2xvbg==",
        "Bearer abc",
    ] {
        let post = stand.posting("/revoke", &fields);
        let answer = stand.fetch(post.header("authorization", odd)).await;
        answer.is(401, "invalid_client");
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Basic ")
        );
    }
}

#[tokio::test]
async fn t6_errors_have_the_form_of_the_rfc() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let right = redeeming(&application, &code);
    let grant_type = |kind: &str| vec![("grant_type", kind.to_owned())];
    let of = |id: &str, mut fields: Fields| {
        fields.push(("client_id", id.to_owned()));
        fields
    };
    let id = application.id.as_str();
    for (fields, status, code) in [
        (Vec::new(), 400, "invalid_request"),
        (of(id, Vec::new()), 400, "invalid_request"),
        (
            of("nobody", grant_type("refresh_token")),
            401,
            "invalid_client",
        ),
        (of(id, grant_type("refresh_token")), 400, "invalid_request"),
        (of(id, grant_type("magic")), 400, "unsupported_grant_type"),
        (
            crate::wire::but(&right, "code", "forged"),
            400,
            "invalid_grant",
        ),
        (
            crate::wire::refreshing(&application, "forged"),
            400,
            "invalid_grant",
        ),
        (
            crate::wire::but(&right, "resource", "https://a.example"),
            400,
            "invalid_target",
        ),
    ] {
        let answer = stand.post("/token", &fields).await;
        answer.is(status, code);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert_eq!(answer.header("www-authenticate"), None);
        let description = answer.json()["error_description"].clone();
        let description = description.as_str().unwrap();
        // RFC 6749 section 5.2.
        let is_plain = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(description.bytes().all(is_plain), "{description}");
    }
    let basic = stand.posting("/token", &grant_type("refresh_token"));
    let answer = stand.fetch(basic.basic_auth("nobody", Some("a"))).await;
    answer.is(401, "invalid_client");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Basic "), "{challenge}");

    let tokens = stand.post("/token", &right).await;
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.header("content-type"), Some("application/json"));
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    assert_eq!(tokens.header("pragma"), Some("no-cache"));
}
