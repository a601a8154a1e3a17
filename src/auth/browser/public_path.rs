//! A public URL with a path: every link and redirect of our pages carries that path, whether or not
//! a proxy strips it from requests.
//!
//! The path is added here, in the one place that every response passes, so that no page can forget
//! it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;

use crate::config::http::Public;

/// Attributes of our pages that contain URLs. Quotes in inserted text are escaped, so these bytes
/// appear nowhere else.
const ADDRESSES: [&str; 2] = ["href=\"/", "action=\"/"];

/// `router`, with every response below the path of `public`, if that has one.
pub fn below_path(router: Router, public: &Public) -> Router {
    match public.path() {
        "" => router,
        path => router.layer(from_fn_with_state(Arc::<str>::from(path), write)),
    }
}

/// Adds the path to a response.
async fn write(State(path): State<Arc<str>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    move_on(response.headers_mut(), &path);
    if !is_page(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our pages are rendered before they are sent, so reading one cannot fail halfway.
    let page = body
        .collect()
        .await
        .map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    let page = match std::str::from_utf8(&page) {
        Ok(text) => Body::from(page_below(text, &path)),
        Err(_) => Body::from(page),
    };
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, page)
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A redirect to a path of this server goes below the public path.
fn move_on(headers: &mut HeaderMap, path: &str) {
    let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
    let to = to.filter(|to| to.starts_with('/'));
    let below = to.and_then(|to| HeaderValue::try_from(format!("{path}{to}")).ok());
    if let Some(below) = below {
        headers.insert(LOCATION, below);
    }
}

fn page_below(page: &str, path: &str) -> String {
    let [href, action] = ADDRESSES;
    let to = |attribute: &str| attribute.trim_end_matches('/').to_owned() + path + "/";
    page.replace(href, &to(href)).replace(action, &to(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_this_server_go_below_the_path_and_no_others() {
        let page =
            r#"<link href="/a.css"><a href="https://x/"><form action="/account">href=&quot;/x"#;
        let below = r#"<link href="/k/m/a.css"><a href="https://x/"><form action="/k/m/account">href=&quot;/x"#;
        assert_eq!(page_below(page, "/k/m"), below);
        let moved = |to: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::from_static(to));
            move_on(&mut headers, "/k/m");
            headers[LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(moved("/account?saved=1"), "/k/m/account?saved=1");
        assert_eq!(
            moved("https://client.example/cb"),
            "https://client.example/cb"
        );
    }
}
