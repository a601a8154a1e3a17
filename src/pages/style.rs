//! The one stylesheet, under a path that changes with it.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use sha2::{Digest as _, Sha256};

/// The stylesheet, for light and dark.
pub const STYLE: &str = include_str!("style.css");

/// Its path: the same bytes have the same path, so that it may be cached for ever.
pub static PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE.as_bytes());
    let name = digest
        .iter()
        .take(8)
        .fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    format!("/assets/pages-{name:016x}.css")
});

/// The answer to a request for it.
pub fn answer() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, STYLE).into_response()
}
