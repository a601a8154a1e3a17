//! Bodies that an endpoint cannot read.

use reqwest::Method;

use crate::stand::{Application, Stand};
use crate::wire::redeeming;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn t7_an_odd_body_is_a_client_error() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let long = format!("grant_type=refresh_token&a={}", "a".repeat(64 * 1024));
    let many = "a=b&".repeat(1000);
    let distinct: String = (0..1000).fold(String::new(), |body, nth| body + &format!("a{nth}=b&"));
    let id = format!("client_id={}", application.id);
    let deep = "[".repeat(10_000);
    for path in ["/token", "/revoke", "/register"] {
        for (kind, body) in [
            (Some(FORM), ""),
            (Some(FORM), "&&&==&=&"),
            (Some(FORM), "grant_type=%zz&client_id=%ff%fe"),
            (Some(FORM), "grant_type=a&grant_type=b"),
            (Some(FORM), "grant_type=%00&client_id=%00"),
            (Some(FORM), "client_id=a&resource=b&resource=c"),
            (Some(FORM), &id),
            (Some(FORM), &long),
            (Some(FORM), &many),
            (Some(FORM), &distinct),
            (
                Some("application/json"),
                "{\"grant_type\":\"refresh_token\"}",
            ),
            (Some("application/json"), "{"),
            (Some("application/json"), "null"),
            (Some("application/json"), &deep),
            (Some("application/json"), &long),
            (Some("application/json; charset=utf-16"), "\u{0}{\u{0}}"),
            (Some("multipart/form-data"), "--\r\n\r\n"),
            (Some("text/plain"), "grant_type=refresh_token"),
            (Some(""), "grant_type=refresh_token"),
            (Some("a/b/c;;;"), "grant_type=refresh_token"),
            (None, "grant_type=refresh_token"),
        ] {
            let mut post = stand.http.post(stand.url(path)).body(body.to_owned());
            if let Some(kind) = kind {
                post = post.header("content-type", kind);
            }
            let answer = stand.fetch(post).await;
            let shown: String = body.chars().take(40).collect();
            assert!(
                (400..500).contains(&answer.status),
                "{path} {kind:?} {shown}: {answer:?}"
            );
            assert!(
                answer.json()["error"].is_string(),
                "{path} {kind:?} {shown}"
            );
        }
    }
}

#[tokio::test]
async fn t7_a_body_that_is_not_text_is_refused() {
    let stand = Stand::start().await;
    for kind in [FORM, "application/json"] {
        for path in ["/token", "/revoke", "/register"] {
            let body: Vec<u8> = (0..=255).collect();
            let post = stand.http.post(stand.url(path)).body(body);
            let answer = stand.fetch(post.header("content-type", kind)).await;
            assert!((400..500).contains(&answer.status), "{path}");
        }
    }
}

#[tokio::test]
async fn t7_an_oversized_body_is_reported_as_such() {
    let stand = Stand::start().await;
    let (application, code) = stand.code("ann").await;
    let mut fields = redeeming(&application, &code);
    fields.push(("padding", "a".repeat(17 * 1024)));
    let answer = stand.post("/token", &fields).await;
    answer.is(413, "invalid_request");
    fields.pop();
    // Its content was not read.
    stand.post("/token", &fields).await.tokens();
}

#[tokio::test]
async fn t7_only_post_is_allowed() {
    let stand = Stand::start().await;
    for path in ["/token", "/revoke", "/register"] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = stand
                .fetch(stand.http.request(method, stand.url(path)))
                .await;
            assert_eq!(answer.status, 405, "{path}");
        }
    }
    // RFC 6749 section 3.2: parameters are in the body; in the URL they would end up in logs.
    let (application, code) = stand.code("ann").await;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(redeeming(&application, &code))
        .finish();
    let post = stand.http.post(stand.url(&format!("/token?{query}")));
    let answer = stand.fetch(post.header("content-type", FORM)).await;
    answer.is(400, "invalid_request");
}
