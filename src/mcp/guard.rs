//! What stands round every answer.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use rmcp::model::ErrorData;

/// Runs `answer`. A panic in it becomes an error with the id of the request: rmcp would leave the
/// client without any answer.
pub(super) async fn barrier<T>(
    id: &str,
    method: &'static str,
    answer: impl Future<Output = T>,
) -> Result<T, ErrorData> {
    AssertUnwindSafe(answer).catch_unwind().await.map_err(|_| {
        tracing::error!(request = id, method, "panic while answering");
        ErrorData::internal_error(format!("Internal error (request {id})"), None)
    })
}
