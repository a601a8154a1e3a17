//! Reads a page of 1 MiB as the server does, compared with parsing all of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark that panics has failed"
)]

#[path = "support/keep.rs"]
mod keep;
#[path = "support/page.rs"]
mod page;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use kestra_mcp::secret::Redactor;
use kestra_mcp::tool::project::{Bounds, read};
use page::Rows;
use serde_json::Value;
use serde_json::value::RawValue;

fn project(criterion: &mut Criterion) {
    let keep = keep::of_executions();
    for rows in Rows::ALL {
        let (body, count) = rows.page();
        let secrets = Redactor::default();
        let bounds = || Bounds::of(body.len(), &secrets);
        let kept = read(&body, keep, &bounds()).unwrap();
        let kept = kept["results"].as_array().map(Vec::len);
        assert_eq!(kept, Some(count.min(100)), "the tree is not that of a page");
        let mut group = criterion.benchmark_group(format!("1 MiB of {}", rows.as_str()));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("projection (goal 1.5 ms)", |bencher| {
            bencher.iter(|| read(black_box(&body), keep, &bounds()).unwrap());
        });
        group.bench_function("serde_json::Value", |bencher| {
            bencher.iter(|| serde_json::from_slice::<Value>(black_box(&body)).unwrap());
        });
        // A lower bound for any JSON parser that looks at every byte.
        group.bench_function("&RawValue", |bencher| {
            bencher.iter(|| serde_json::from_slice::<&RawValue>(black_box(&body)).unwrap());
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    project(&mut criterion);
    criterion.final_summary();
}
