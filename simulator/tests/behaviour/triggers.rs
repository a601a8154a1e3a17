//! The triggers that the table lists, and their rows, as the second recording of two servers shows.

use super::*;

const CORE: &str = "io.kestra.plugin.core";

/// The triggers of that recording, each in a flow `t-ID`.
fn declared(dialect: Dialect) -> Vec<(&'static str, String)> {
    let schedule = |more: &str| format!("type: {CORE}.trigger.Schedule, {more}");
    let often = "cron: '*/4 * * * * *', withSeconds: true";
    let (condition, waits) = if dialect.is_v2() {
        (
            "when: '{{ false }}'",
            "dependsOn: [{namespace: t, flowId: hello, states: [SUCCESS]}]",
        )
    } else {
        (
            "conditions: [{type: io.kestra.plugin.core.condition.Expression, expression: '{{ false }}'}]",
            "preconditions: {id: pre, flows: [{namespace: t, flowId: hello, states: [SUCCESS]}]}",
        )
    };
    let mut all = vec![
        (
            "daily",
            schedule("cron: '0 3 * * *', timezone: Europe/Berlin"),
        ),
        ("often", schedule(often)),
        ("off", schedule(&format!("{often}, disabled: true"))),
        ("never", schedule("cron: '0 0 31 2 *'")),
        ("cond", schedule(&format!("cron: '0 3 * * *', {condition}"))),
        (
            "hook",
            format!("type: {CORE}.trigger.Webhook, key: s3cretKey2"),
        ),
        ("after", format!("type: {CORE}.trigger.Flow, {waits}")),
        (
            "dates",
            format!(
                "type: {CORE}.trigger.ScheduleOnDates, dates: ['2031-01-01T00:00:00Z', '2032-01-01T00:00:00Z']"
            ),
        ),
        (
            "poll",
            format!("type: {CORE}.http.Trigger, uri: 'http://127.0.0.1:9/nothing', interval: PT5S"),
        ),
    ];
    if dialect.is_v2() {
        let tool = "toolName: t_mcp, title: T, toolDescription: d";
        all.push((
            "mcp",
            format!("type: {CORE}.trigger.McpToolTrigger, {tool}"),
        ));
    }
    all
}

#[tokio::test]
async fn the_table_knows_what_the_scheduler_looks_at() {
    for dialect in [Dialect::V1_3, Dialect::V2_0Dev] {
        let server = TestServer::new(dialect).await;
        for (id, trigger) in declared(dialect) {
            let source = format!(
                "id: t-{id}\nnamespace: t\ntasks: [{{id: say, type: {CORE}.log.Log, message: tick}}]\ntriggers: [{{id: tr-{id}, {trigger}}}]\n"
            );
            let saved = server
                .send("POST", "/flows", "application/x-yaml", json!(source))
                .await;
            let told = String::from_utf8_lossy(&saved.body).into_owned();
            assert_eq!(saved.status, 200, "{dialect} {id}: {told}");
        }
        let table = server
            .get("/triggers/search?page=1&size=50&sort=flowId:asc")
            .await;
        let (declared, state, next) = if dialect.is_v2() {
            ("trigger", "state", "nextEvaluationDate")
        } else {
            ("abstractTrigger", "triggerContext", "nextExecutionDate")
        };
        let rows = table["results"].as_array().unwrap();
        let flows: Vec<&str> = rows
            .iter()
            .map(|row| row[state]["flowId"].as_str().unwrap())
            .collect();
        // A trigger that never fires has a row without a date, or no row.
        let mut known = vec![
            "t-cond", "t-daily", "t-dates", "t-never", "t-off", "t-often", "t-poll",
        ];
        if dialect.is_v2() {
            known.retain(|flow| *flow != "t-never");
        }
        assert_eq!(flows, known, "{dialect}");
        for row in rows {
            let never = row[state]["flowId"] == "t-never";
            assert_eq!(row[state].get(next).is_none(), never, "{row}");
            if dialect.is_v2() {
                let polls = row[state]["flowId"] == "t-poll";
                assert_eq!(
                    row[state]["kind"],
                    if polls { "POLLING" } else { "SCHEDULE" },
                    "{row}"
                );
            }
        }
        let dates = rows
            .iter()
            .find(|row| row[state]["flowId"] == "t-dates")
            .unwrap();
        assert_eq!(dates[state][next], "2031-01-01T00:00:00Z", "{dates}");
        assert_eq!(
            dates[declared]["dates"],
            r#"["2031-01-01T00:00:00Z","2032-01-01T00:00:00Z"]"#
        );
        for flow in ["t-hook", "t-after"] {
            let own = server.get(&format!("/triggers/t/{flow}")).await;
            assert_eq!(own, json!({ "results": [], "total": 0 }), "{flow}");
        }
    }
}
