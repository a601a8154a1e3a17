//! Pages of executions of 1 MiB, the same at every run.

use serde_json::{Value, json};

/// Bytes that a page has at least.
pub(crate) const BYTES: usize = 1 << 20;

/// The two kinds of rows that Kestra sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows {
    /// Of 2.0: without task runs.
    Light,
    /// Of 1.3, with twelve task runs each.
    Heavy,
}

impl Rows {
    pub(crate) const ALL: [Self; 2] = [Self::Light, Self::Heavy];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light rows",
            Self::Heavy => "rows with 12 task runs",
        }
    }

    /// A page, and how many rows it has.
    pub(crate) fn page(self) -> (Vec<u8>, usize) {
        let mut text = br#"{"results":["#.to_vec();
        let mut rows = 0;
        while text.len() < BYTES {
            if rows > 0 {
                text.push(b',');
            }
            text.extend(self.row(rows).to_string().bytes());
            rows += 1;
        }
        text.extend(format!(r#"],"total":{rows}}}"#).bytes());
        (text, rows)
    }

    /// One row, shaped like those that real servers were seen to send.
    fn row(self, number: usize) -> Value {
        let id = id("exec", number);
        let mut row = json!({
            "tenantId": "main", "id": id, "namespace": "company.team", "flowId": "load-orders",
            "flowRevision": 3, "inputs": { "day": "2026-01-05", "limit": 500 },
            "outputs": { "rows": number, "file": format!("kestra:///company/team/{id}/orders.csv") },
            "labels": [
                { "key": "team", "value": "data" },
                { "key": "system.from", "value": "trigger" },
                { "key": "system.correlationId", "value": id },
            ],
            "state": state(number), "originalId": id, "deleted": false,
            "trigger": {
                "id": "daily", "type": "io.kestra.plugin.core.trigger.Schedule",
                "variables": { "date": time(number, 0), "next": time(number + 1, 0) },
            },
            "metadata": { "attemptNumber": 1, "originalCreatedDate": time(number, 0) },
        });
        if let (Self::Heavy, Some(members)) = (self, row.as_object_mut()) {
            let runs = (0..12).map(|run| task_run(number * 12 + run, &id));
            members.insert("taskRunList".to_owned(), runs.collect());
        }
        row
    }
}

fn task_run(number: usize, execution: &str) -> Value {
    json!({
        "id": id("task", number), "executionId": execution, "namespace": "company.team",
        "flowId": "load-orders", "taskId": format!("step-{}", number % 12),
        "attempts": [{ "state": state(number), "workerId": "e81e29f9-9838-460f-b35c-dbc105c82e40" }],
        "outputs": { "value": number, "uri": format!("kestra:///company/team/{execution}/{number}.ion") },
        "state": state(number),
    })
}

fn state(number: usize) -> Value {
    json!({
        "current": "SUCCESS",
        "histories": [
            { "state": "CREATED", "date": time(number, 1) },
            { "state": "RUNNING", "date": time(number, 2) },
            { "state": "SUCCESS", "date": time(number, 9) },
        ],
        "duration": "PT8.000000S", "startDate": time(number, 1), "endDate": time(number, 9),
    })
}

fn time(minute: usize, second: usize) -> String {
    let (hour, minute) = (minute / 60 % 24, minute % 60);
    format!("2026-01-05T{hour:02}:{minute:02}:{second:02}.123456Z")
}

/// 22 letters and digits.
fn id(kind: &str, number: usize) -> String {
    format!("{kind}Bz7QkPn2{number:010}")
}
