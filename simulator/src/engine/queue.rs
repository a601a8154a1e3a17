//! The queue of scheduled events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::execution::Status;

/// A scheduled change of an execution.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) execution: String,
    pub(crate) kind: EventKind,
}

/// The kinds of events. `run` is the index of a task run, which is ignored unless `generation` is
/// current.
#[derive(Clone, Debug)]
pub(crate) enum EventKind {
    /// The executor starts the execution.
    Start,
    /// The executor looks for the next tasks.
    Advance,
    /// The executor submits a task run to a worker.
    Submit { run: usize, generation: u32 },
    /// A worker starts a task run.
    RunOnWorker { run: usize, generation: u32 },
    /// The executor starts a task run that needs no worker.
    RunOnExecutor { run: usize, generation: u32 },
    /// A task run ends.
    Finish {
        run: usize,
        generation: u32,
        status: Status,
        outputs: Option<Map<String, Value>>,
    },
    /// A subflow starts.
    StartSubflow(Box<Subflow>),
    /// The duration of a pause elapses.
    Resume { run: usize, generation: u32 },
    /// The executor notices a kill request.
    BeginKill,
    /// All task runs have been killed.
    FinishKill,
}

/// A subflow to start.
#[derive(Clone, Debug)]
pub(crate) struct Subflow {
    pub(crate) run: usize,
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    pub(crate) inputs: Map<String, Value>,
    pub(crate) wait: bool,
}

/// Events ordered by time, then by insertion.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    events: BTreeMap<(u64, u64), Event>,
    made: u64,
}

impl EventQueue {
    pub(crate) fn add(&mut self, at: u64, event: Event) {
        self.made += 1;
        self.events.insert((at, self.made), event);
    }

    /// Removes the first event due by `now`, with its time.
    pub(crate) fn due(&mut self, now: u64) -> Option<(u64, Event)> {
        let first = self.events.first_entry()?;
        let (at, _) = *first.key();
        (at <= now).then(|| (at, first.remove()))
    }

    /// The time of an execution's next event.
    pub(crate) fn next_of(&self, execution: &str) -> Option<u64> {
        self.events
            .iter()
            .find(|(_, event)| event.execution == execution)
            .map(|(key, _)| key.0)
    }
}
