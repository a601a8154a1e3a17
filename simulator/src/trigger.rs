//! The states of triggers that the scheduler manages.

use serde_json::{Value, json};

use crate::{
    cron,
    flow::{Flow, text},
    settings::Dialect,
    time,
};

/// A backfill of a trigger.
#[derive(Clone, Debug)]
pub(crate) struct Backfill {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) current: u64,
    pub(crate) paused: bool,
    pub(crate) previous: Option<u64>,
}

/// The state of a trigger. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    /// The trigger as declared in the flow.
    pub(crate) declared: Value,
    pub(crate) updated: u64,
    /// The last evaluation date, which 1.3 shows until a restart.
    pub(crate) date: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) disabled: bool,
    pub(crate) backfill: Option<Backfill>,
}

/// Triggers without a state: they are not fired by the scheduler.
const STATELESS: [&str; 3] = [
    "io.kestra.plugin.core.trigger.Webhook",
    "io.kestra.plugin.core.trigger.Flow",
    "io.kestra.plugin.core.trigger.McpToolTrigger",
];
/// The default interval of polling triggers.
const INTERVAL_MS: u64 = 60_000;

/// All trigger states.
#[derive(Debug, Default)]
pub(crate) struct Triggers(pub(crate) Vec<Trigger>);

impl Triggers {
    /// Updates the states to the triggers of a flow that was saved or deleted.
    pub(crate) fn sync(&mut self, flow: &Flow, dialect: Dialect, now: u64) {
        let old = std::mem::take(&mut self.0);
        let (mine, others): (Vec<_>, Vec<_>) = old
            .into_iter()
            .partition(|t| t.namespace == flow.namespace && t.flow_id == flow.id);
        self.0 = others;
        if flow.deleted {
            return;
        }
        for declared in flow.list("triggers") {
            if STATELESS.contains(&text(declared, "type")) {
                continue;
            }
            let id = text(declared, "id");
            let disabled = declared.get("disabled") == Some(&Value::Bool(true));
            let known = mine
                .iter()
                .find(|trigger| text(&trigger.declared, "id") == id);
            let mut trigger = known.cloned().unwrap_or_else(|| Trigger {
                namespace: flow.namespace.clone(),
                flow_id: flow.id.clone(),
                declared: declared.clone(),
                updated: now,
                date: Some(now),
                next: None,
                disabled: false,
                backfill: None,
            });
            // Changing `disabled` in the flow overrides the state.
            if known.is_none_or(|known| known.declared.get("disabled") != declared.get("disabled"))
            {
                trigger.disabled = disabled;
            }
            trigger.declared = declared.clone();
            trigger.next = trigger.next_date(now);
            // 2.0 keeps no state for triggers that never fire.
            if trigger.next.is_some() || !dialect.is_v2() {
                self.0.push(trigger);
            }
        }
    }

    pub(crate) fn find(
        &mut self,
        namespace: &str,
        flow_id: &str,
        id: &str,
    ) -> Option<&mut Trigger> {
        self.0.iter_mut().find(|trigger| {
            trigger.namespace == namespace
                && trigger.flow_id == flow_id
                && text(&trigger.declared, "id") == id
        })
    }
}

impl Trigger {
    pub(crate) fn id(&self) -> &str {
        text(&self.declared, "id")
    }

    /// The next date of the cron expression or list, or the next poll.
    pub(crate) fn next_date(&self, moment: u64) -> Option<u64> {
        if let Some(expression) = self.declared.get("cron").and_then(Value::as_str) {
            return cron::next(expression, moment);
        }
        if let Some(dates) = self.declared.get("dates").and_then(Value::as_str) {
            let dates: Vec<String> = serde_json::from_str(dates).unwrap_or_default();
            let dates = dates.iter().filter_map(|date| time::parse_instant(date));
            return dates.filter(|date| *date > moment).min();
        }
        let interval = time::parse_duration(text(&self.declared, "interval"));
        Some(moment.saturating_add(interval.unwrap_or(INTERVAL_MS)))
    }

    /// The kind of trigger, as 2.0 names it.
    fn kind(&self) -> &'static str {
        let scheduled = ["cron", "dates"]
            .iter()
            .any(|key| self.declared.get(*key).is_some());
        if scheduled { "SCHEDULE" } else { "POLLING" }
    }

    /// The state as a line formats it.
    pub(crate) fn state_json(&self, dialect: Dialect, tenant: &str) -> Value {
        let mut state = json!({
            "namespace": self.namespace, "flowId": self.flow_id, "triggerId": self.id(),
        });
        let Some(fields) = state.as_object_mut() else {
            return state;
        };
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                fields.insert(key.to_owned(), value);
            }
        };
        let seconds = |ms: u64| time::iso_short(ms / 1000 * 1000);
        put(
            "backfill",
            json!(self.backfill.as_ref().map(Backfill::json)),
        );
        if dialect.is_v2() {
            put("updatedAt", json!(seconds(self.updated)));
            put("nextEvaluationDate", json!(self.next.map(time::iso_short)));
            put("disabled", json!(self.disabled));
            put("locked", json!(false));
            put("kind", json!(self.kind()));
        } else {
            put("tenantId", json!(tenant));
            put("date", json!(self.date.map(seconds)));
            put("nextExecutionDate", json!(self.next.map(time::iso_short)));
            // Here 1.3 does not include that the flow disables it.
            let declared = self.declared.get("disabled") == Some(&Value::Bool(true));
            put("disabled", json!(self.disabled && !declared));
        }
        state
    }

    /// A row of a search result.
    pub(crate) fn row_json(&self, dialect: Dialect, tenant: &str) -> Value {
        if dialect.is_v2() {
            json!({"trigger": self.declared, "state": self.state_json(dialect, tenant)})
        } else {
            json!({"abstractTrigger": self.declared, "triggerContext": self.state_json(dialect, tenant)})
        }
    }
}

impl Backfill {
    fn json(&self) -> Value {
        json!({
            "start": time::iso_short(self.start),
            "end": time::iso_short(self.end),
            "currentDate": time::iso_short(self.current),
            "paused": self.paused,
            "previousNextExecutionDate": self.previous.map(time::iso_short),
        })
    }
}
