//! Numbers about this process, for Prometheus. No label names a person, a client or an argument.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::tool::memory::Budget;

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The name by which a filter of the log finds the lines of calls.
const CALLS: &str = "kestra_mcp::calls";

/// Upper bounds of the steps in which durations are counted, in seconds.
const STEPS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Called {
    tool: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Tool {
    tool: &'static str,
}

type Seconds<L> = Family<L, Histogram, fn() -> Histogram>;

fn steps() -> Histogram {
    Histogram::new(STEPS)
}

fn seconds<L: Clone + std::hash::Hash + Eq>() -> Seconds<L> {
    Family::new_with_constructor(steps)
}

/// All numbers of one process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    request_seconds: Seconds<Route>,
    calls: Family<Called, Counter>,
    call_seconds: Seconds<Tool>,
    calls_in_flight: Gauge<i64, AtomicI64>,
    connections: Gauge<i64, AtomicI64>,
    memory: (Arc<Budget>, Gauge<i64, AtomicI64>),
}

impl Default for Metrics {
    fn default() -> Self {
        Self::of(Arc::default())
    }
}

impl Metrics {
    /// Of a process whose calls have this room for answers.
    pub fn of(memory: Arc<Budget>) -> Self {
        let mut registry = Registry::with_prefix("kestra_mcp");
        let requests = Family::default();
        registry.register(
            "requests",
            "HTTP requests by route and class of status",
            Family::clone(&requests),
        );
        let request_seconds = seconds();
        registry.register_with_unit(
            "request",
            "Time until the head of an answer, by route",
            Unit::Seconds,
            Family::clone(&request_seconds),
        );
        let calls = Family::default();
        registry.register(
            "tool_calls",
            "Tool calls by tool and outcome: ok, or the code of the error",
            Family::clone(&calls),
        );
        let call_seconds = seconds();
        registry.register_with_unit(
            "tool_call",
            "Time of tool calls, by tool",
            Unit::Seconds,
            Family::clone(&call_seconds),
        );
        let calls_in_flight = Gauge::default();
        registry.register(
            "tool_calls_in_flight",
            "Tool calls that are being answered",
            calls_in_flight.clone(),
        );
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        let held = Gauge::default();
        registry.register_with_unit(
            "answers_memory",
            "Memory that calls hold for answers of Kestra",
            Unit::Bytes,
            held.clone(),
        );
        Self {
            memory: (memory, held),
            registry,
            requests,
            request_seconds,
            calls,
            call_seconds,
            calls_in_flight,
            connections,
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// One more of something, until it is dropped.
#[derive(Debug)]
pub struct Counted(Gauge<i64, AtomicI64>);

impl Counted {
    fn in_gauge(gauge: &Gauge<i64, AtomicI64>) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A tool call that is being answered. Dropped before it ended, it counts as `dropped`: it panicked,
/// or nobody waits any more. Its end is the one line of the call in the log.
#[derive(Debug)]
pub struct CallMeter {
    metrics: Arc<Metrics>,
    person: Arc<str>,
    tool: &'static str,
    since: Instant,
    outcome: &'static str,
    _counted: Counted,
}

impl CallMeter {
    /// How the call ended.
    pub const fn ended(&mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for CallMeter {
    fn drop(&mut self) {
        let (tool, outcome) = (self.tool, self.outcome);
        let ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(target: CALLS, person = &*self.person, tool, outcome, ms, "called");
        let called = Called { tool, outcome };
        self.metrics.calls.get_or_create(&called).inc();
        let histogram = &self.metrics.call_seconds;
        let seconds = self.since.elapsed().as_secs_f64();
        histogram.get_or_create(&Tool { tool }).observe(seconds);
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, route: &'static str, status: u16, since: Instant) {
        let status = match status {
            0..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.requests
            .get_or_create(&Answered { route, status })
            .inc();
        let took = since.elapsed().as_secs_f64();
        let seconds = &self.request_seconds;
        seconds.get_or_create(&Route { route }).observe(took);
    }

    /// A call of `tool` begins, for the person of this id.
    pub fn call(self: &Arc<Self>, person: Arc<str>, tool: &'static str) -> CallMeter {
        CallMeter {
            metrics: Arc::clone(self),
            person,
            tool,
            since: Instant::now(),
            outcome: "dropped",
            _counted: Counted::in_gauge(&self.calls_in_flight),
        }
    }

    /// A connection is open.
    pub fn connection(&self) -> Counted {
        Counted::in_gauge(&self.connections)
    }

    /// All of it in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let (budget, held) = &self.memory;
        held.set(i64::try_from(budget.used()).unwrap_or(i64::MAX));
        let mut written = String::new();
        // Writing to a String does not fail.
        let _ = text::encode(&mut written, &self.registry);
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_told_in_numbers() {
        let metrics = Arc::new(Metrics::default());
        metrics.answered("/mcp", 204, Instant::now());
        metrics.answered("/mcp", 401, Instant::now());
        let call = |tool| metrics.call("ada".into(), tool);
        call("get_flow").ended("ok");
        drop(call("get_flow"));
        let waiting = call("list_flows");
        let text = metrics.text();
        for line in [
            r#"kestra_mcp_requests_total{route="/mcp",status="2xx"} 1"#,
            r#"kestra_mcp_requests_total{route="/mcp",status="4xx"} 1"#,
            r#"kestra_mcp_request_seconds_count{route="/mcp"} 2"#,
            r#"kestra_mcp_tool_calls_total{tool="get_flow",outcome="ok"} 1"#,
            r#"kestra_mcp_tool_calls_total{tool="get_flow",outcome="dropped"} 1"#,
            r#"kestra_mcp_tool_call_seconds_bucket{le="+Inf",tool="get_flow"} 2"#,
            "kestra_mcp_tool_calls_in_flight 1",
            "kestra_mcp_answers_memory_bytes 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
        drop(waiting);
        assert!(metrics.text().contains("kestra_mcp_tool_calls_in_flight 0"));
    }
}
