//! The one place that catches panics. It stands twice: within rmcp, which answers nothing when a
//! handler panics, and around every HTTP request, where rmcp is not.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

/// Runs `work`. If it panics, the answer is that of `panicked`, which logs the request and tells
/// the client nothing of the panic but the request's name.
pub(crate) async fn catch<T>(work: impl Future<Output = T>, panicked: impl FnOnce() -> T) -> T {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| panicked())
}
