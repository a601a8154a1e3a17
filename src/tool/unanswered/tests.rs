//! How a repeated call finds the act of a call whose answer was lost.

use serde_json::json;

use std::sync::atomic::Ordering;

use super::*;
use crate::tool::error::Error;

const WINDOW: Duration = Duration::from_mins(2);

fn call(lost: &Arc<Unanswered>, who: &[&str], arguments: &Value) -> Repeat {
    let arguments = arguments.as_object().unwrap();
    lost.call(who, arguments, &["wait", "again"], false)
        .unwrap()
}

fn manual() -> (Clock, Arc<AtomicU64>) {
    let now = Arc::new(AtomicU64::new(1_000_000));
    (Clock::Manual(Arc::clone(&now)), now)
}

/// An act of `repeat` that began `id`; its delivery.
fn act(repeat: &Repeat, clock: &Clock, id: &str) -> Delivery {
    let delivery = Delivery::default();
    let act = repeat.begin(&delivery, clock);
    act.begun(id);
    delivery
}

fn found(repeat: &Repeat, clock: &Clock) -> Option<Arc<str>> {
    let act = repeat.find(&Delivery::default(), clock)?;
    futures::executor::block_on(act.id()).unwrap()
}

#[test]
fn only_what_nobody_took_is_found_and_only_for_a_while() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, now) = manual();
    let one = call(&lost, &["ann"], &json!({ "a": 1 }));
    let delivery = act(&one, &clock, "first");
    assert_eq!(found(&one, &clock), None, "it may still be taken");
    delivery.end(true);
    assert_eq!(found(&one, &clock), None);
    delivery.unread();
    now.fetch_add(120_000, Ordering::SeqCst);
    assert_eq!(found(&one, &clock).as_deref(), Some("first"));
    assert_eq!(found(&one, &clock), None, "its answer is on its way");
    act(&one, &clock, "second").leave();
    now.fetch_add(120_001, Ordering::SeqCst);
    assert_eq!(found(&one, &clock), None);
}

#[test]
fn a_call_is_the_same_by_who_asks_for_what_and_not_by_how_it_is_written() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, _) = manual();
    let arguments = json!({ "a": { "x": 1, "y": [2, null] }, "b": "t", "wait": 5 });
    act(&call(&lost, &["ann", "tool"], &arguments), &clock, "it").leave();
    for (who, other) in [
        (
            &["ann", "tool"][..],
            json!({ "a": { "x": 1, "y": [2] }, "b": "t" }),
        ),
        (
            &["ann", "tool"],
            json!({ "a": { "x": 1, "y": [null, 2] }, "b": "t" }),
        ),
        (
            &["ann", "tool"],
            json!({ "a": { "x": "1", "y": [2, null] }, "b": "t" }),
        ),
        (&["ann", "tool"], json!({ "a": { "x": 1, "y": [2, null] } })),
        (&["ben", "tool"], arguments.clone()),
        (&["annt", "ool"], arguments.clone()),
        (&["ann"], arguments.clone()),
    ] {
        assert_eq!(
            found(&call(&lost, who, &other), &clock),
            None,
            "{who:?} {other}"
        );
    }
    let same = json!({ "b": "t", "again": false, "c": null, "a": { "y": [2, null], "x": 1 } });
    let same = call(&lost, &["ann", "tool"], &same);
    assert_eq!(found(&same, &clock).as_deref(), Some("it"));
}

#[test]
fn again_acts_again_and_no_window_remembers_nothing() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, _) = manual();
    let arguments = Map::new();
    act(
        &lost.call(&["a"], &arguments, &[], false).unwrap(),
        &clock,
        "it",
    )
    .leave();
    let again = lost.call(&["a"], &arguments, &[], true).unwrap();
    assert_eq!(found(&again, &clock), None);
    let off = Arc::new(Unanswered::within(Duration::ZERO));
    assert!(off.call(&["a"], &arguments, &[], false).is_none());
}

#[tokio::test]
async fn what_is_under_way_is_waited_for() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, _) = manual();
    let one = call(&lost, &["ann"], &json!({}));
    for (outcome, id) in [
        (Ok("begun"), Ok(Some("begun"))),
        (Err(Error::NoRoom), Ok(None)),
        (Err(Error::OutcomeUnknown { advice: "Look." }), Err("Look.")),
    ] {
        let delivery = Delivery::default();
        let first = one.begin(&delivery, &clock);
        delivery.leave();
        let second = one.find(&Delivery::default(), &clock).unwrap();
        let (seen, ()) = tokio::join!(second.id(), async {
            match &outcome {
                Ok(id) => first.begun(id),
                Err(error) => first.failed(error),
            }
        });
        let seen = seen.map_err(|error| match error {
            Error::OutcomeUnknown { advice } => advice,
            other => panic!("{other}"),
        });
        let seen = seen
            .as_ref()
            .map(Option::as_deref)
            .map_err(|advice| *advice);
        assert_eq!(seen, id, "{outcome:?}");
    }
    // One that breaks off is no riddle for ever.
    let delivery = Delivery::default();
    drop(one.begin(&delivery, &clock));
    delivery.leave();
    let second = one.find(&Delivery::default(), &clock).unwrap();
    assert!(second.id().await.is_err());
}

#[test]
fn the_number_of_acts_is_bounded() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, _) = manual();
    for number in 0..2 * MOST {
        let one = call(&lost, &["ann"], &json!({ "number": number }));
        act(&one, &clock, "it").leave();
    }
    assert_eq!(lost.with(|records| records.len()), MOST);
    let newest = call(&lost, &["ann"], &json!({ "number": 2 * MOST - 1 }));
    assert!(found(&newest, &clock).is_some());
    let first = call(&lost, &["ann"], &json!({ "number": 0 }));
    assert!(found(&first, &clock).is_none());
}

#[test]
fn a_null_is_absent_as_an_argument_or_an_input_and_a_value_inside_of_one() {
    let lost = Arc::new(Unanswered::within(WINDOW));
    let (clock, _) = manual();
    let arguments = json!({ "inputs": { "j": { "a": null }, "k": null }, "labels": null });
    for (other, same) in [
        (json!({ "inputs": { "j": { "a": null } } }), true),
        (json!({ "inputs": { "j": {} } }), false),
        (
            json!({ "inputs": { "j": { "a": null, "b": null } } }),
            false,
        ),
    ] {
        let delivery = act(&call(&lost, &["ann"], &arguments), &clock, "it");
        delivery.leave();
        let found = found(&call(&lost, &["ann"], &other), &clock);
        assert_eq!(found.is_some(), same, "{other}");
        lost.with(VecDeque::clear);
    }
}
