//! The peak of the heap does not depend on what Kestra sends, for answers of every shape. This is
//! the only test of its process, whose heap all its tests would share.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

#[path = "../../benches/support/shapes.rs"]
mod shapes;
#[path = "../../benches/support/wire.rs"]
mod wire;

use shapes::Shape;
use tokio::runtime::Runtime;
use wire::{Client, Framing};

const MIB: usize = 1 << 20;
/// Long enough that the fixed cost of a call does not matter.
const BODY: usize = 2 * MIB;
const LONGEST: usize = 16 * MIB - 1024;
const BUDGET: usize = 256 * MIB;

#[test]
fn a_call_takes_three_times_the_answer_and_all_calls_their_budget_and_64_mib() {
    let runtime = Runtime::new().unwrap();
    let mut over = Vec::new();
    for (number, shape) in Shape::ALL.into_iter().enumerate() {
        // The transfer encoding makes no difference to the content; a few cases show that.
        let one = [Framing::ALL[number % Framing::ALL.len()]];
        let all = matches!(shape, Shape::Labels | Shape::Runs | Shape::Text);
        for framing in if all { &Framing::ALL[..] } else { &one } {
            let body = shape.body(BODY);
            let mut client = Client::new(&runtime, framing.answer(&body));
            client.warm();
            let (peak, results) = client.call(&shape.call(), 1);
            let told = results[0].to_string();
            let read = match shape {
                Shape::Source => told.contains("passes on at most 262144"),
                _ => results[0].get("error").is_none(),
            };
            assert!(read, "{shape:?}: {told}");
            if peak > 3 * body.len() {
                let (shape, framing) = (shape.as_str(), framing.as_str());
                over.push(format!("{shape}, {framing}: {peak} of {}", body.len()));
            }
        }
    }
    for (shape, framing) in [
        (Shape::Labels, Framing::Length),
        (Shape::Text, Framing::Chunks),
    ] {
        let mut client = Client::new(&runtime, framing.answer(&shape.body(LONGEST - 1024)));
        client.warm();
        let (peak, results) = client.call(&shape.call(), 64);
        let refused = results
            .iter()
            .filter(|result| result["error"]["limit"] == "memory");
        let answered = results
            .iter()
            .filter(|result| result.get("error").is_none());
        let (refused, answered) = (refused.count(), answered.count());
        assert_eq!(refused + answered, 64, "{shape:?}");
        assert!(refused > 0, "{shape:?}: there is room for all of them");
        if peak > BUDGET + 64 * MIB {
            over.push(format!("64 of {shape:?}, {framing:?}: {peak}"));
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}
