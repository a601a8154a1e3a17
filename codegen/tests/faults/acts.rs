//! Faults of what a tool does and of what stands beside it: the act and its choices, saving, unfolding,
//! settling.

mod save;
mod settle;
mod unfold;

use super::project::At::{Line, Table, Text, Tool};
use super::project::{At, MANIFEST, Project};
use save::SAVE_FLOW;
use settle::END_RUN;
use unfold::FIND_RUNS;

/// The project with a tool more, changed in one place.
fn with(tool: &str, from: &str, to: &str) -> Project {
    assert_eq!(tool.matches(from).count(), 1, "{from:?} in {tool}");
    let project = Project::new();
    let text = format!("{}{}", project.text(MANIFEST), tool.replace(from, to));
    project.and(MANIFEST, text)
}

/// Each change has this one fault.
fn each(tool: &str, cases: &[(&str, &str, At, &str)]) {
    for (from, to, at, message) in cases {
        with(tool, from, to).says(MANIFEST, &[(*at, message)]);
    }
}

#[test]
fn the_tools_without_a_change_have_no_fault() {
    for tool in [END_RUN, SAVE_FLOW, FIND_RUNS] {
        with(tool, "[[tool]]", "[[tool]]").says(MANIFEST, &[]);
    }
}

#[test]
fn what_says_that_something_exists_is_a_refusal() {
    let exists = |statuses: &str| {
        let states = "[states]\nterminal";
        let with = format!("[exists]\nstatuses = [{statuses}]\nwords = [\"is there\"]\n{states}");
        Project::new().with(MANIFEST, states, &with)
    };
    exists("409, 422").says(MANIFEST, &[]);
    for (statuses, message) in [
        ("500", "exists: `statuses` takes numbers from 400 to 499"),
        (
            "409, 200",
            "exists: `statuses` takes numbers from 400 to 499",
        ),
        ("\"409\"", "exists: expected u16, not string \"409\""),
    ] {
        exists(statuses).says(MANIFEST, &[(Text("statuses ="), message)]);
    }
}

#[test]
fn of_several_acts_all_but_the_last_say_when() {
    let act = "[tool.act]\noperation = \"restartExecution\"\nbind = { executionId = \"$execution_id\" }\n";
    let choice = |first: &str, second: &str| {
        let first = format!(
            "[[tool.act]]\n{first}operation = \"restartExecution\"\nbind = {{ executionId = \"$execution_id\" }}\n"
        );
        let second = format!(
            "[[tool.act]]\n{second}operation = \"restartExecution\"\nbind = {{ executionId = \"@run/id\" }}\n"
        );
        with(END_RUN, act, &format!("{first}{second}"))
    };
    let when = "when = { at = \"@run/state/current\", in = \"waiting\" }\n";
    choice(when, "").says(MANIFEST, &[]);
    choice(when, when).says(MANIFEST, &[]);
    let message = "end_run: every act but the last needs `when`";
    choice("", "").says(MANIFEST, &[(Table("end_run", "[[tool.act]]"), message)]);
    choice("", when).says(MANIFEST, &[(Table("end_run", "[[tool.act]]"), message)]);
    choice("when = { at = \"@rum/state\", equals = 1 }\n", "").says(
        MANIFEST,
        &[(
            Table("end_run", "[[tool.act]]"),
            "end_run: \"@rum\" does not exist; nearest is \"run\"",
        )],
    );
}

#[test]
fn an_act_of_two_kinds() {
    with(
        SAVE_FLOW,
        "[tool.save]\n",
        "[tool.act]\noperation = \"validateFlows\"\nbind = { body = \"$text\" }\n[tool.save]\n",
    )
    .says(
        MANIFEST,
        &[(
            Tool("save_flow"),
            "save_flow: `save` is the act; leave `act` out",
        )],
    );
}

#[test]
fn an_answer_that_is_not_a_kind_of_answer() {
    let run = "[tool.before.run]\n";
    with(END_RUN, run, &format!("{run}answer = \"txt\"\n")).says(
        MANIFEST,
        &[(
            Text("answer = \"txt\""),
            "end_run: \"txt\" is not one of json, text, bytes; nearest is \"text\"",
        )],
    );
}

#[test]
fn what_makes_an_object_absent_is_a_pointer() {
    let run = "[tool.before.run]\n";
    with(END_RUN, run, &format!("{run}gone = \"deleted\"\n")).says(
        MANIFEST,
        &[(
            Text("gone = \"deleted\""),
            "end_run: expected a pointer such as \"/id\", not \"deleted\"",
        )],
    );
}

#[test]
fn the_class_of_a_text_inside_what_is_untrusted_whole() {
    let message = "message = { at = \"/message\", bytes = 100";
    Project::new()
        .with(MANIFEST, message, &format!("{message}, text = \"ours\""))
        .says(
            MANIFEST,
            &["restart_run", "run_flow"].map(|tool| {
                let message = format!(
                    "{tool}: the field \"message\" is inside a field that is untrusted as a whole; leave `text` out"
                );
                (Text("logs = { make"), &*message.leak())
            }),
        );
    Project::new()
        .with(MANIFEST, "text = \"repeats\" }\ninputs", "text = \"repeat\" }\ninputs")
        .says(
            MANIFEST,
            &[(
                Text("text = \"repeat\" }"),
                "list_flows: \"repeat\" is not one of ours, repeats, untrusted; nearest is \"repeats\"",
            )],
        );
}

#[test]
fn a_probe_that_the_build_cannot_vouch_for() {
    let probe = |to: &str| {
        let from = "[probe.configuration]\noperation = \"searchFlows\"\n";
        Project::new().with(MANIFEST, from, &format!("[probe.configuration]\n{to}\n"))
    };
    let at = Text("[probe.configuration]");
    probe("operation = \"searchFlow\"").says(
        MANIFEST,
        &["1.3", "2.0"].map(|line| {
            let message = format!(
                "probe.configuration: no operation \"searchFlow\" in Kestra {line}; nearest is \"searchFlows\" (GET /api/v1/{{tenant}}/flows/search)"
            );
            (at, &*message.leak())
        }),
    );
    probe("operation = \"searchFlows\"\nbind = { size = \"$size\" }").says(
        MANIFEST,
        &[(at, "probe.configuration: a probe binds only constants")],
    );
    probe("operation = \"validateFlows\"\nbind = { body = \"id: a\" }").says(
        MANIFEST,
        &[(
            at,
            "probe.configuration: a probe only reads: its operation must be a GET",
        )],
    );
    Project::new()
        .with(MANIFEST, "[probe.me]", "[probe.mee]")
        .says(
            MANIFEST,
            &[(Line(1), "probe: missing `me`: the server sends this probe")],
        );
    probe("operation = \"searchFlows\"\nbind = { siz = 1 }").says(
        MANIFEST,
        &[(
            Text("bind = { siz = 1"),
            "probe.configuration: searchFlows has no parameter \"siz\"; nearest is \"size\"",
        )],
    );
}

#[test]
fn a_fault_has_a_line_and_a_column() {
    for (from, to, needle, message) in [
        (
            "bytes = 120",
            "byte = 120",
            "byte = 120",
            "list_flows: unknown key `byte`; nearest is \"bytes\"",
        ),
        (
            "at = \"/id\", op = \"CONTAINS\"",
            "at = \"id\", op = \"CONTAINS\"",
            "at = \"id\", op",
            "list_flows: expected a pointer such as \"/id\", not \"id\"",
        ),
        (
            "keyed = true",
            "keyed = 1",
            "keyed = 1",
            "list_flows: expected a boolean, not integer `1`",
        ),
        (
            "[tool.before.execution]\noperation = \"getExecution\"",
            "[tool.before.execution]\noperation = \"restartExecution\"",
            "execution]\noperation = \"restartExecution\"\nbind",
            "restart_run: \"execution\" must only read: state effect = \"read\"",
        ),
        (
            "title = \"Get a flow\"",
            "title = Get",
            "Get\ndescription",
            "string values must be quoted, expected literal string",
        ),
    ] {
        Project::new()
            .with(MANIFEST, from, to)
            .points(MANIFEST, needle, message);
    }
}

#[test]
fn every_unknown_key_of_a_table_is_told_at_once() {
    let tables = [
        (
            "[tool.before.run]\n",
            "[tool.before.run]\nwhne = 1\nbnd = 2\n",
        ),
        (
            "id = { at = \"/id\", text = \"ours\" }",
            "id = { att = \"/id\", txt = 1, at = \"/id\", mak = 2 }",
        ),
        (
            "executionId = \"$execution_id\" }\n[tool.needless]",
            "executionId = { vlue = 1, encod = 2 } }\n[tool.needless]",
        ),
    ];
    for (from, to) in tables {
        let found = with(END_RUN, from, to).faults();
        let keys = ["whne", "bnd", "att", "txt", "mak", "vlue", "encod"];
        for key in keys.iter().filter(|key| to.contains(&format!("{key} ="))) {
            let told = format!("unknown key `{key}`");
            assert!(
                found.iter().any(|fault| fault.contains(&told)),
                "{key} in {found:?}"
            );
        }
    }
}

#[test]
fn an_entry_has_one_fault_of_shape_and_others_have_theirs() {
    let project = Project::new()
        .with(MANIFEST, "title = \"Get a flow\"\n", "")
        .with(MANIFEST, "title = \"List flows\"\n", "")
        .with(MANIFEST, "kind = \"labels\"\n", "")
        .with(MANIFEST, "limit = 3", "limit = \"3\"");
    project.says(
        MANIFEST,
        &[
            (Tool("get_flow"), "get_flow: missing `title`"),
            (Tool("list_flows"), "list_flows: missing `title`"),
            (
                Text("[format.labels]"),
                "format.labels: missing `pattern` or `kind`: write one of them",
            ),
            (
                Text("limit = \"3\""),
                "near.flows: expected usize, not string \"3\"",
            ),
        ],
    );
}

#[test]
fn what_is_read_for_the_target_is_never_left_out() {
    let run = "[tool.before.run]\n";
    for more in [
        "optional = true\n",
        "when = { present = \"$execution_id\" }\n",
        "permission = \"flows.run\"\n",
    ] {
        with(END_RUN, run, &format!("{run}{more}")).says(
            MANIFEST,
            &[(
                Table("end_run", "target ="),
                "end_run: target \"@run\" is read by a step that may be left out",
            )],
        );
    }
}

#[test]
fn a_target_of_what_changes_is_required_and_no_row() {
    let namespace = "again = \"again\"\nargs.namespace = { format = \"namespace\"";
    Project::new()
        .with(
            MANIFEST,
            &format!("{namespace}, required = true"),
            namespace,
        )
        .says(
            MANIFEST,
            &[(
                Table("run_flow", "target ="),
                "run_flow: target \"$namespace\" must be a required argument; for a list write { rows = \"/namespace\" }",
            )],
        );
    let output = "bind.executionId = \"$execution_id\"\n[tool.output]\n";
    Project::new()
        .with(
            MANIFEST,
            "target = \"@execution/namespace\"",
            "target = { rows = \"/namespace\" }",
        )
        .with(MANIFEST, output, &format!("{output}rows = \"/results\"\n"))
        .says(
            MANIFEST,
            &[(
                Table("restart_run", "target ="),
                "restart_run: target `rows` goes with effect \"read\"",
            )],
        );
}

#[test]
fn a_target_is_what_the_act_is_about() {
    Project::new()
        .with(
            MANIFEST,
            "[tool.act]\noperation = \"createExecution\"\nbind.namespace = \"$namespace\"",
            "[tool.act]\noperation = \"createExecution\"\nbind.namespace = \"other\"",
        )
        .says(
            MANIFEST,
            &[(
                Table("run_flow", "[tool.act]"),
                "run_flow: target \"$namespace\" is not bound by this act: bind it",
            )],
        );
    let list = "[tool.act]\noperation = \"listApps\"";
    let target = "target = { rows = \"/namespace\" }\nsample = {}\n";
    Project::new()
        .with(
            MANIFEST,
            &format!("{target}{list}"),
            &format!("target = \"@act/namespace\"\nsample = {{}}\n{list}"),
        )
        .says(
            MANIFEST,
            &[(
                Table("list_apps", "target ="),
                "list_apps: target \"@act/…\" goes with one object; for rows write { rows = \"/namespace\" }",
            )],
        );
}

#[test]
fn what_is_told_without_an_act_is_what_policy_saw() {
    let other = "[tool.before.other]\noperation = \"getExecution\"\nbind = { executionId = \"$execution_id\" }\n[tool.needless]";
    let text = END_RUN
        .replace("answer = \"run\"", "answer = \"other\"")
        .replace("[tool.needless]", other);
    let project = Project::new();
    let text = format!("{}{text}", project.text(MANIFEST));
    project.and(MANIFEST, text).says(
        MANIFEST,
        &[(
            Table("end_run", "target ="),
            "end_run: `needless.answer` names another step than the target \"@run\"",
        )],
    );
}

#[test]
fn a_line_that_there_is_not() {
    Project::new()
        .with(
            MANIFEST,
            "retry_404_ms = { \"2.0\" = 10000 }\nrefused",
            "retry_404_ms = { \"2.1\" = 10000 }\nrefused",
        )
        .says(
            MANIFEST,
            &[(
                Text("\"2.1\" = 10000"),
                "no line \"2.1\"; the lines are 1.3, 2.0",
            )],
        );
}

#[test]
fn values_of_a_tools_own() {
    let needless = "[tool.needless]\nwhen = { at = \"@run/state/current\", in = \"terminal\" }";
    let values = |made: &str, used: &str| {
        let text = format!("[tool.values]\nover = {made}\n[tool.needless]\nwhen = {used}");
        with(END_RUN, needless, &text)
    };
    let made = "{ make = \"in_set\", at = \"@run/state/current\", set = \"terminal\" }";
    let used = "{ at = \"@values/over\", equals = true }";
    values(made, used).says(MANIFEST, &[]);
    let at = Text("over = { make");
    values(&made.replace("@run", "@rum"), used).says(
        MANIFEST,
        &[(at, "end_run: \"@rum\" does not exist; nearest is \"run\"")],
    );
    values(&made.replace("\"terminal\"", "\"terminals\""), used).says(
        MANIFEST,
        &[(
            at,
            "end_run: [states] has no \"terminals\"; nearest is \"terminal\"",
        )],
    );
    values(&made.replace("set =", "sett ="), used).says(
        MANIFEST,
        &[(at, "end_run: unknown key `sett`; nearest is \"set\"")],
    );
    values(made, &used.replace("/over", "/ovr")).says(
        MANIFEST,
        &[(
            Text("[tool.needless]"),
            "end_run: [tool.values] has no \"ovr\"; nearest is \"over\"",
        )],
    );
    let without = "[tool.needless]\nwhen = { at = \"@values/over\", equals = true }";
    with(END_RUN, needless, without).says(
        MANIFEST,
        &[(
            Text("[tool.needless]"),
            "end_run: \"@values\" does not exist",
        )],
    );
    with(END_RUN, needless, &format!("[tool.before.values]\noperation = \"getExecution\"\nbind = {{ executionId = \"a\" }}\n{needless}")).says(
        MANIFEST,
        &[(
            Text("[tool.before.values]"),
            "end_run: the step name \"values\" is taken",
        )],
    );
}
