//! The state of the simulated Kestra.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    app::App,
    engine::EventQueue,
    execution::Execution,
    flow::{Flow, Invalid, Shared, history::Flows},
    group::Group,
    id::Ids,
    kv::Pair,
    log,
    settings::{Dialect, Settings},
    storage::Storage,
    trigger::Triggers,
};

/// The state behind the routes.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) flows: Flows,
    /// In order of creation.
    pub(crate) executions: Vec<Execution>,
    pub(crate) logs: Vec<log::Entry>,
    pub(crate) triggers: Triggers,
    pub(crate) kv: BTreeMap<(String, String), Pair>,
    pub(crate) files: Storage,
    pub(crate) apps: Vec<App>,
    pub(crate) groups: Vec<Group>,
    pub(crate) events: EventQueue,
    pub(crate) ids: Ids,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            flows: Flows::default(),
            executions: Vec::new(),
            logs: Vec::new(),
            triggers: Triggers::default(),
            kv: BTreeMap::new(),
            files: Storage::default(),
            apps: Vec::new(),
            groups: Vec::new(),
            events: EventQueue::default(),
            ids: Ids::default(),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.settings.dialect
    }

    pub(crate) fn execution(&self, id: &str) -> Option<&Execution> {
        self.executions.iter().find(|execution| execution.id == id)
    }

    pub(crate) fn execution_mut(&mut self, id: &str) -> Option<&mut Execution> {
        self.executions
            .iter_mut()
            .find(|execution| execution.id == id)
    }

    /// Creates or updates a flow.
    pub(crate) fn save(&mut self, source: &str, now: u64) -> Result<Shared, Invalid> {
        let flow = Flow::read(source, self.dialect())?;
        Ok(self.store(flow, now))
    }

    /// Stores a flow and updates its triggers.
    pub(crate) fn store(&mut self, flow: Flow, now: u64) -> Shared {
        let (flow, new) = self.flows.save(flow, now);
        if new {
            let dialect = self.dialect();
            self.triggers.sync(&flow, dialect, now);
        }
        flow
    }

    /// Deletes a flow with its triggers. Returns whether it existed.
    pub(crate) fn delete_flow(&mut self, namespace: &str, id: &str, now: u64) -> bool {
        let deleted = self.flows.delete(namespace, id, now);
        if let (true, Some(flow)) = (deleted, self.flows.latest(namespace, id)) {
            let (flow, dialect) = (flow.clone(), self.dialect());
            self.triggers.sync(&flow, dialect, now);
        }
        deleted
    }

    /// The KV pairs of a namespace, for the Pebble function `kv`.
    pub(crate) fn values(&self, namespace: &str, now: u64) -> Value {
        self.kv
            .iter()
            .filter(|((owner, _), pair)| owner == namespace && pair.is_live(now))
            .map(|((_, key), pair)| (key.clone(), pair.value.value.clone()))
            .collect()
    }

    /// Whether an object created at `born` is visible yet.
    pub(crate) fn visible(&self, born: u64, now: u64) -> bool {
        let delay = self.settings.eventual.map_or(0, |delay| delay.as_millis());
        u128::from(now.saturating_sub(born)) >= delay
    }

    /// The visible executions, in order of creation.
    pub(crate) fn visible_executions(&self, now: u64) -> impl Iterator<Item = &Execution> {
        self.executions
            .iter()
            .filter(move |e| self.visible(e.state.start(), now))
    }
}
