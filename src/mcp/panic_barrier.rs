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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error_that_names_the_request_alone() {
        let broken = async { panic!("a secret of an argument") };
        let error = barrier::<()>("a1-7", "tools/call", broken)
            .await
            .unwrap_err();
        assert_eq!(error.code.0, -32603);
        assert_eq!(error.message, "Internal error (request a1-7)");
        assert_eq!(barrier("a1-8", "tools/call", async { 5 }).await, Ok(5));
    }
}
