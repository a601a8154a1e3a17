//! People who open the URL of the server, or an unknown one, in a browser; and clients, for whom
//! these pages do not exist.

use reqwest::{Method, Response, StatusCode};

use crate::stand::Stand;

/// The `Accept` of Chromium, Firefox and Safari.
const BROWSERS: &[&str] = &[
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "application/json, Text/HTML; charset=utf-8; q=0.1",
];
/// The `Accept` of programs; none is without the header.
const PROGRAMS: &[Option<&str>] = &[
    None,
    Some("*/*"),
    Some("application/json, text/event-stream"),
    Some("text/event-stream"),
    Some("text/*"),
    Some("text/html;q=0, */*"),
    Some("text/html ; Q = 0.000"),
    Some("application/text/html"),
];

async fn ask(stand: &Stand, method: Method, path: &str, accept: Option<&str>) -> Response {
    let mut request = stand.http.request(method, stand.url(path));
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    request.send().await.unwrap()
}

/// A header of an answer.
fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The headers that restrict a page.
fn assert_page(answer: &Response) {
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self'",
        ),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(header(answer, name), value);
    }
}

#[tokio::test]
async fn a_browser_at_the_root_reads_how_to_add_the_server_and_a_program_one_line() {
    let stand = Stand::start().await;
    for accept in BROWSERS {
        let answer = ask(&stand, Method::GET, "/", Some(accept)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{accept}");
        assert_page(&answer);
        let text = answer.text().await.unwrap();
        let mcp = format!("{}/mcp", stand.issuer());
        let command = format!("claude mcp add --transport http --scope user kestra {mcp}<");
        assert!(text.contains(&command), "{text}");
        let account = format!("href=\"{}/account\"", stand.issuer());
        assert!(text.contains(&account), "{text}");
    }
    for accept in PROGRAMS {
        let answer = ask(&stand, Method::GET, "/", *accept).await;
        assert_eq!(answer.status(), StatusCode::OK, "{accept:?}");
        assert!(header(&answer, "content-type").starts_with("text/plain"));
        assert_eq!(header(&answer, "vary"), "accept");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with("This is kestra-mcp."), "{text}");
    }
}

#[tokio::test]
async fn r1_a_browser_at_the_endpoint_reads_a_page_and_status_and_challenge_stay() {
    let stand = Stand::start().await;
    let plain = ask(&stand, Method::GET, "/mcp", None).await;
    let challenge = header(&plain, "www-authenticate").to_owned();
    assert!(challenge.starts_with("Bearer resource_metadata="));
    let said = plain.text().await.unwrap();
    assert!(said.contains("\"unauthorized\""), "{said}");
    for accept in BROWSERS {
        let answer = ask(&stand, Method::GET, "/mcp", Some(accept)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&answer, "www-authenticate"), challenge);
        assert_page(&answer);
        let text = answer.text().await.unwrap();
        let command = format!("codex mcp add kestra --url {}/mcp<", stand.issuer());
        assert!(text.contains(&command), "{text}");
    }
    for accept in PROGRAMS {
        let answer = ask(&stand, Method::GET, "/mcp", *accept).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{accept:?}");
        assert_eq!(header(&answer, "www-authenticate"), challenge);
        assert_eq!(header(&answer, "content-type"), "application/json");
        assert_eq!(answer.text().await.unwrap(), said);
    }
}

#[tokio::test]
async fn r1_a_request_with_credentials_or_a_body_is_from_a_client_and_gets_no_page() {
    let stand = Stand::start().await;
    let html = Some(BROWSERS[0]);
    for method in [Method::POST, Method::DELETE, Method::PUT] {
        let answer = ask(&stand, method.clone(), "/mcp", html).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(header(&answer, "content-type"), "application/json");
    }
    let (_, tokens) = stand.connect("ann").await;
    for (authorization, status) in [
        (String::new(), StatusCode::UNAUTHORIZED),
        ("Bearer garbage".to_owned(), StatusCode::UNAUTHORIZED),
        ("Basic YTpi".to_owned(), StatusCode::UNAUTHORIZED),
        (
            format!("Bearer {}", tokens.access),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
    ] {
        let get = stand.http.get(stand.url("/mcp"));
        let get = get.header("accept", BROWSERS[0]);
        let answer = get.header("authorization", &authorization).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), status, "{authorization}");
        let kind = header(&answer, "content-type");
        assert!(!kind.contains("html"), "{authorization}: {kind}");
    }
}

#[tokio::test]
async fn a_browser_at_an_unknown_path_is_led_to_the_first_page() {
    let stand = Stand::start().await;
    for path in [
        "/nowhere",
        "/account/",
        "/mcp/x",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "//evil.example/",
        "/.well-known/none",
    ] {
        let answer = ask(&stand, Method::GET, path, Some(BROWSERS[0])).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_page(&answer);
        let name = header(&answer, "x-request-id").to_owned();
        let text = answer.text().await.unwrap();
        assert!(text.contains("There is nothing here"), "{text}");
        assert!(text.contains(&format!("<code>{name}</code>")), "{text}");
        let first = format!("href=\"{}/\"", stand.issuer());
        assert!(text.contains(&first), "{text}");
        assert!(!text.contains("alert(1)") && !text.contains("evil.example"));
    }
    for accept in PROGRAMS {
        let answer = ask(&stand, Method::GET, "/nowhere", *accept).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{accept:?}");
        assert!(!header(&answer, "content-type").contains("html"));
    }
}
