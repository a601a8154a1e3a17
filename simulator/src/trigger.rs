//! States of triggers, where the scheduler keeps one.

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

/// What the scheduler knows of a trigger. Moments in milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    /// As the flow declares it.
    pub(crate) declared: Value,
    pub(crate) updated: u64,
    /// Shown by 1.3, until a restart forgets it.
    pub(crate) date: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) disabled: bool,
    pub(crate) backfill: Option<Backfill>,
}

/// What the scheduler never looks at: something else fires these.
const STATELESS: [&str; 3] = [
    "io.kestra.plugin.core.trigger.Webhook",
    "io.kestra.plugin.core.trigger.Flow",
    "io.kestra.plugin.core.trigger.McpToolTrigger",
];
/// How often a polling trigger looks that does not say it.
const INTERVAL_MS: u64 = 60_000;

/// All trigger states.
#[derive(Debug, Default)]
pub(crate) struct Triggers(pub(crate) Vec<Trigger>);

impl Triggers {
    /// Takes over the triggers of a flow that was saved or deleted.
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
            // A switch in the flow overrules the switch of the state.
            if known.is_none_or(|known| known.declared.get("disabled") != declared.get("disabled"))
            {
                trigger.disabled = disabled;
            }
            trigger.declared = declared.clone();
            trigger.next = trigger.next_date(now);
            // 2.0 keeps no state of what never fires.
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

    /// The next date of the cron expression or of the list, or the next look.
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

    /// As 2.0 calls what the scheduler does with it.
    fn kind(&self) -> &'static str {
        let scheduled = ["cron", "dates"]
            .iter()
            .any(|key| self.declared.get(*key).is_some());
        if scheduled { "SCHEDULE" } else { "POLLING" }
    }

    /// The state as a line shows it.
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
            // 1.3 does not say here what the flow itself disables.
            let declared = self.declared.get("disabled") == Some(&Value::Bool(true));
            put("disabled", json!(self.disabled && !declared));
        }
        state
    }

    /// A row of a search.
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
