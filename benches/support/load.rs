//! The same request again and again, 16 in flight.

use std::time::{Duration, Instant};

pub(crate) const IN_FLIGHT: usize = 16;
pub(crate) const ROUND: Duration = Duration::from_secs(3);

/// One side of a comparison: a socket address and the request repeated to it.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) request: reqwest::Request,
    pub(crate) http: reqwest::Client,
}

/// One round of one target.
pub(crate) struct Round {
    pub(crate) per_second: f64,
    /// Milliseconds, sorted.
    pub(crate) times: Vec<f64>,
}

impl Target {
    pub(crate) async fn round(&self) -> Round {
        let start = Instant::now();
        let workers: Vec<_> = (0..IN_FLIGHT)
            .map(|_| {
                let (http, request) = (self.http.clone(), self.request.try_clone().unwrap());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while start.elapsed() < ROUND {
                        let since = Instant::now();
                        let answer = http.execute(request.try_clone().unwrap()).await.unwrap();
                        assert_eq!(answer.status(), 200);
                        let body = answer.bytes().await.unwrap();
                        assert!(body.len() > 200);
                        times.push(since.elapsed().as_secs_f64() * 1e3);
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.await.unwrap());
        }
        let per_second = times.len() as f64 / start.elapsed().as_secs_f64();
        times.sort_by(f64::total_cmp);
        Round { per_second, times }
    }
}

impl Round {
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let at = (self.times.len() as f64 * share) as usize;
        self.times[at.min(self.times.len() - 1)]
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A tool call with the bearer token `token`.
pub(crate) fn call(
    http: &reqwest::Client,
    url: &str,
    token: &str,
    tool: &str,
    arguments: &serde_json::Value,
) -> reqwest::Request {
    let call = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments } });
    http.post(url)
        .bearer_auth(token)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .body(call.to_string())
        .build()
        .unwrap()
}
