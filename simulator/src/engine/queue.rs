//! What will happen when.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::execution::Status;

/// Something that happens to an execution.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) execution: String,
    pub(crate) happening: Happening,
}

/// What happens. Runs are named by position and generation.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// The executor takes the execution up.
    Begin,
    /// The executor looks for what comes next.
    Step,
    /// A task run is handed to a worker.
    Submit { run: usize, generation: u32 },
    /// A worker starts it.
    Run { run: usize, generation: u32 },
    /// The executor starts what needs no worker.
    Open { run: usize, generation: u32 },
    /// It ends.
    End {
        run: usize,
        generation: u32,
        status: Status,
        outputs: Option<Map<String, Value>>,
    },
    /// A subflow starts.
    Spawn(Box<Child>),
    /// A pause with a duration is over.
    Resume { run: usize, generation: u32 },
    /// A kill is noticed.
    Killing,
    /// Everything was killed.
    Killed,
}

/// A subflow to start.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) run: usize,
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    pub(crate) inputs: Map<String, Value>,
    pub(crate) wait: bool,
}

/// Events in the order of their moments, then of their making.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    events: BTreeMap<(u64, u64), Event>,
    made: u64,
}

impl Agenda {
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
