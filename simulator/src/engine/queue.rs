//! What will happen when.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::execution::Status;

/// Something that happens to an execution.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) execution: String,
    pub(crate) kind: EventKind,
}

/// What happens. Runs are named by position and generation.
#[derive(Clone, Debug)]
pub(crate) enum EventKind {
    /// The executor takes the execution up.
    Start,
    /// The executor looks for what comes next.
    Advance,
    /// A task run is handed to a worker.
    Submit { run: usize, generation: u32 },
    /// A worker starts it.
    RunOnWorker { run: usize, generation: u32 },
    /// The executor starts what needs no worker.
    RunOnExecutor { run: usize, generation: u32 },
    /// It ends.
    Finish {
        run: usize,
        generation: u32,
        status: Status,
        outputs: Option<Map<String, Value>>,
    },
    /// A subflow starts.
    StartSubflow(Box<Subflow>),
    /// A pause with a duration is over.
    Resume { run: usize, generation: u32 },
    /// A kill is noticed.
    BeginKill,
    /// Everything was killed.
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

/// Events in the order of their moments, then of their making.
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

    /// Takes the first event due by `now`, with its moment.
    pub(crate) fn due(&mut self, now: u64) -> Option<(u64, Event)> {
        let first = self.events.first_entry()?;
        let (at, _) = *first.key();
        (at <= now).then(|| (at, first.remove()))
    }

    /// The moment of the next event of an execution.
    pub(crate) fn next_of(&self, execution: &str) -> Option<u64> {
        self.events
            .iter()
            .find(|(_, event)| event.execution == execution)
            .map(|(key, _)| key.0)
    }
}
