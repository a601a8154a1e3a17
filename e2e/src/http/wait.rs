//! Waiting for what comes by itself.

use std::time::Duration;

use anyhow::ensure;
use tokio::time::Instant;

/// Waits until the address answers well.
pub(crate) async fn until_answers(http: &reqwest::Client, address: &str) {
    loop {
        let answer = http.get(address).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Asks until it is so: what is revoked ends within seconds.
pub(crate) async fn until(so: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(5);
    while !so().await? {
        ensure!(Instant::now() < end, "still not after 5 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
