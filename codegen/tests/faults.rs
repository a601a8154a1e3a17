//! Every fault that the build tells: one change to a project without faults, and the exact
//! message with file and line.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test is part of it"
)]

#[path = "faults/acts.rs"]
mod acts;
#[path = "fixtures/project.rs"]
mod project;
#[path = "faults/trial.rs"]
mod trial;

use project::At::{Line, Table, Text, Tool};
use project::{MANIFEST, OVERLAY, Project, SOURCES, V1_3, V2_0, manifest, overlay};

const GET: &str = r#"operation = "getFlow"
bind = { namespace = "$namespace", id = "$flow_id", revision = "$revision", source = "$source" }"#;
const GET_STEP: project::At = Table("get_flow", "[tool.act]");
const CHECK_STEP: project::At = Table("check_flow", "[tool.act]");
const START_STEP: project::At = Table("run_flow", "[tool.act]");

/// `get_flow` asks another operation, and binds the same.
fn operation(name: &str) -> Project {
    manifest(GET, &GET.replace("getFlow", name))
}

/// `get_flow` binds something else.
fn bind(from: &str, to: &str) -> Project {
    assert!(GET.contains(from));
    manifest(GET, &GET.replace(from, to))
}

/// A key more, after this text.
fn key(after: &str, more: &str) -> Project {
    manifest(after, &format!("{after}{more}"))
}

#[test]
fn the_project_without_a_change_has_no_fault() {
    Project::new().says(MANIFEST, &[]);
}

#[test]
fn the_tools_of_the_product_have_no_fault() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let made = codegen::generate::generate(root.as_ref(), "crate::tool");
    assert_eq!(made.err(), None);
}

// Operations

#[test]
fn an_unknown_operation() {
    operation("getFlows").says(
        MANIFEST,
        &["1.3", "2.0"].map(|line| {
            let message = format!(
                "get_flow: no operation \"getFlows\" in Kestra {line}; nearest is \"getFlow\" (GET /api/v1/{{tenant}}/flows/{{namespace}}/{{id}})"
            );
            (GET_STEP, &*message.leak())
        }),
    );
}

#[test]
fn an_unknown_route() {
    operation("GET /api/v1/{tenant}/flow/{namespace}/{id}").says(
        MANIFEST,
        &["1.3", "2.0"].map(|line| {
            let message = format!(
                "get_flow: no operation GET /api/v1/{{tenant}}/flow/{{namespace}}/{{id}} in Kestra {line}; nearest is \"GET /api/v1/{{tenant}}/flows/{{namespace}}/{{id}}\""
            );
            (GET_STEP, &*message.leak())
        }),
    );
}

#[test]
fn a_numbered_operation() {
    manifest(r#"operation = "listApps""#, r#"operation = "list_2""#).says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            r#"list_apps: "list_2" shifts when upstream adds a controller; write operation = "GET /api/v1/{tenant}/secrets""#,
        )],
    );
}

#[test]
fn the_bare_id_that_a_numbered_one_collides_with() {
    manifest(r#"operation = "listApps""#, r#"operation = "list""#).says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            r#"list_apps: "list" shifts when upstream adds a controller; write operation = "GET /api/v1/{tenant}/kv""#,
        )],
    );
}

#[test]
fn an_operation_that_one_line_lacks() {
    let project = manifest(
        r#"operation = "restartExecution"
bind.executionId = "$execution_id""#,
        r#"operation = "deleteFlow"
bind = { namespace = "a", id = "$execution_id" }"#,
    );
    project.says(
        MANIFEST,
        &[(
            Table("restart_run", "[tool.act]"),
            r#"restart_run: no operation "deleteFlow" in Kestra 2.0; nearest is "getFlow" (GET /api/v1/{tenant}/flows/{namespace}/{id})"#,
        )],
    );
}

// Parameters and bodies

#[test]
fn a_required_parameter_that_is_not_bound() {
    bind(r#"id = "$flow_id", "#, "").says(
        MANIFEST,
        &[(
            GET_STEP,
            r#"get_flow: getFlow needs "id" (path, string); bind it"#,
        )],
    );
}

#[test]
fn a_required_parameter_of_the_query_but_not_one_with_a_default() {
    manifest(r#"operation = "listApps""#, r#"operation = "getNeedy""#).says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            r#"list_apps: getNeedy needs "q" (query, string); bind it"#,
        )],
    );
}

#[test]
fn a_bound_name_that_is_no_parameter() {
    bind("revision =", "revison =").says(
        MANIFEST,
        &[(
            Text("revison"),
            r#"get_flow: getFlow has no parameter "revison"; nearest is "revision""#,
        )],
    );
}

#[test]
fn a_bound_tenant() {
    bind("bind = {", r#"bind = { tenant = "other","#).says(
        MANIFEST,
        &[(
            Text(r#"tenant = "other""#),
            "get_flow: `tenant` is configuration; it cannot be bound",
        )],
    );
}

#[test]
fn bound_filters() {
    manifest("bind = { size", r#"bind = { filters = "x", size"#).says(
        MANIFEST,
        &[(
            Text(r#"filters = "x""#),
            "list_flows: write filters.<field> beside `bind`",
        )],
    );
}

#[test]
fn a_body_that_is_missing() {
    manifest(
        r#"bind.body = "$source""#,
        r#"when = { absent = "$source" }"#,
    )
    .says(
        MANIFEST,
        &[(
            CHECK_STEP,
            "check_flow: validateFlows needs a `body` of application/x-yaml",
        )],
    );
}

#[test]
fn a_body_where_none_is_taken() {
    bind("bind = {", r#"bind = { body = "$source","#).says(
        MANIFEST,
        &[(Text("bind = { body"), "get_flow: getFlow takes no body")],
    );
}

#[test]
fn a_form_where_none_is_taken() {
    manifest(
        r#"bind.body = "$source""#,
        r#"bind.body = { value = "$source", encode = "multipart", declared = "$source" }"#,
    )
    .says(
        MANIFEST,
        &[(
            Text("bind.body = { value = \"$source\""),
            "check_flow: validateFlows takes application/x-yaml, not a form",
        )],
    );
}

#[test]
fn a_plain_body_where_a_form_is_taken() {
    manifest(
        r#"bind.body = { value = "$inputs", encode = "multipart", declared = "@describe/inputs" }"#,
        r#"bind.body = "$inputs""#,
    )
    .says(
        MANIFEST,
        &[(
            Text(r#"bind.body = "$inputs""#),
            "run_flow: createExecution takes a form; write encode = \"multipart\" or \"file\"",
        )],
    );
}

#[test]
fn a_list_where_a_body_is_taken() {
    manifest(
        r#"bind.body = "$source""#,
        r#"bind.body = { value = "$source", encode = "key_value" }"#,
    )
    .says(
        MANIFEST,
        &[(
            Text("bind.body = { value = \"$source\""),
            "check_flow: validateFlows takes application/x-yaml, not a list of `key:value`",
        )],
    );
}

#[test]
fn a_media_type_outside_the_normalisations() {
    manifest(
        r#"operation = "listApps""#,
        "operation = \"putImage\"\neffect = \"read\"",
    )
    .says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            "list_apps: putImage: a body of image/png, which is not in the table of normalisations",
        )],
    );
}

#[test]
fn a_cookie() {
    manifest(r#"operation = "listApps""#, r#"operation = "getSession""#).says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            "list_apps: getSession: parameter sid in cookie, which is not in the table of normalisations",
        )],
    );
}

// Arguments and references

#[test]
fn an_argument_that_is_used_nowhere() {
    bind(r#", revision = "$revision""#, "").says(
        MANIFEST,
        &[(
            Text("args.revision"),
            "get_flow: the argument \"revision\" is never used",
        )],
    );
}

#[test]
fn an_argument_that_a_step_uses_and_nobody_declares() {
    bind("\"$revision\"", "\"$revison\"").says(
        MANIFEST,
        &[
            (
                GET_STEP,
                "get_flow: \"$revison\" does not exist; nearest is \"revision\"",
            ),
            (
                Text("args.revision"),
                "get_flow: the argument \"revision\" is never used",
            ),
        ],
    );
}

#[test]
fn a_condition_of_a_step_on_an_argument_that_does_not_exist() {
    key(
        "same = { namespace = \"$namespace\", id = \"$flow_id\" }",
        "\nwhen = { absent = \"$namespac\" }",
    )
    .says(
        MANIFEST,
        &[(
            GET_STEP,
            "get_flow: \"$namespac\" does not exist; nearest is \"namespace\"",
        )],
    );
}

#[test]
fn an_argument_of_no_tool_that_shares_an_output() {
    manifest(
        "asked = { arg = \"include\", contains = \"labels\"",
        "asked = { arg = \"inclde\", contains = \"labels\"",
    )
    .says(
        MANIFEST,
        &[
            (
                Text("outputs = { at"),
                "restart_run: \"$inclde\" does not exist; nearest is \"include\"",
            ),
            (
                Text("outputs = { at"),
                "run_flow: \"$inclde\" does not exist; nearest is \"include\"",
            ),
        ],
    );
}

#[test]
fn an_answer_that_does_not_exist() {
    manifest("@describe/revision", "@descibe/revision").says(
        MANIFEST,
        &[(
            START_STEP,
            "run_flow: \"@descibe\" does not exist; nearest is \"describe\"",
        )],
    );
}

#[test]
fn an_answer_that_comes_too_late() {
    manifest("@describe/revision", "@settle/revision").says(
        MANIFEST,
        &[(START_STEP, "run_flow: \"@settle\" comes too late")],
    );
}

#[test]
fn a_field_on_an_answer_that_does_not_exist() {
    manifest("at = \"/constraints\"", "at = \"@acts/constraints\"").says(
        MANIFEST,
        &[(
            Text("@acts/"),
            "check_flow: \"@acts\" does not exist; nearest is \"act\"",
        )],
    );
}

#[test]
fn a_refusal_on_an_answer_that_does_not_exist() {
    manifest("@describe/disabled", "@descibe/disabled").says(
        MANIFEST,
        &[(
            Text("[[tool.refuse]]"),
            "run_flow: \"@descibe\" does not exist; nearest is \"describe\"",
        )],
    );
}

#[test]
fn candidates_for_an_argument_that_does_not_exist() {
    manifest("wanted = \"$flow_id\"", "wanted = \"$flw_id\"").says(
        MANIFEST,
        &[(
            Text("[near.flows]"),
            "get_flow: \"$flw_id\" does not exist; nearest is \"flow_id\"",
        )],
    );
}

#[test]
fn what_is_watched_on_an_answer_that_does_not_exist() {
    manifest(
        "declared = \"@describe/tasks\"",
        "declared = \"@descibe/tasks\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("[tool.settle]"),
            "run_flow: \"@descibe\" does not exist; nearest is \"describe\"",
        )],
    );
}

#[test]
fn a_wait_that_names_no_argument() {
    manifest("seconds = \"wait_seconds\"", "seconds = \"wait_second\"").says(
        MANIFEST,
        &[
            (
                Text("[tool.settle]"),
                "run_flow: `seconds` names no argument \"wait_second\"; nearest is \"wait_seconds\"",
            ),
            (
                Text("args.wait_seconds"),
                "run_flow: the argument \"wait_seconds\" is never used",
            ),
        ],
    );
}

#[test]
fn a_word_for_acting_again_that_is_no_flag() {
    for (written, near) in [
        ("agian", "; nearest is \"again\""),
        ("wait_seconds", "; nearest is \"wait_seconds\""),
    ] {
        let fault =
            format!("run_flow: `again` names no argument \"{written}\" of kind \"boolean\"{near}");
        manifest("again = \"again\"\n", &format!("again = \"{written}\"\n")).says(
            MANIFEST,
            &[
                (Tool("run_flow"), &fault),
                (
                    Text("args.again"),
                    "run_flow: the argument \"again\" is never used",
                ),
            ],
        );
    }
}

#[test]
fn acting_again_without_an_id_of_what_was_started() {
    key("kind = \"flow\"", "\nagain = \"source\"").says(
        MANIFEST,
        &[(Tool("get_flow"), "get_flow: `again` goes with `settle.id`")],
    );
}

#[test]
fn one_of_arguments_that_do_not_exist() {
    key(
        "kind = \"flow\"",
        "\nexactly_one = [\"revison\", \"source\"]",
    )
    .says(
        MANIFEST,
        &[(
            Tool("get_flow"),
            "get_flow: `exactly_one` names no argument \"revison\"; nearest is \"revision\"",
        )],
    );
}

#[test]
fn a_document_that_is_not_taken() {
    bind("id = \"$flow_id\"", "id = \"#/id\"").says(
        MANIFEST,
        &[(
            GET_STEP,
            "get_flow: \"#/id\" needs an argument of kind \"yaml\"",
        )],
    );
}

#[test]
fn a_tool_without_its_act() {
    let act =
        "[tool.act]\noperation = \"restartExecution\"\nbind.executionId = \"$execution_id\"\n";
    manifest(act, "").says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: missing `act`: the request that the tool is for",
        )],
    );
}

#[test]
fn a_sample_with_what_is_no_argument() {
    manifest(
        "sample = { execution_id = \"3nosuchid\" }",
        "sample = { execution_id = \"3nosuchid\", execution = 1 }",
    )
    .says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: the sample's \"execution\" is not an argument; nearest is \"execution_id\"",
        )],
    );
}

#[test]
fn a_sample_without_what_is_required() {
    manifest("sample = { execution_id = \"3nosuchid\" }", "sample = {}").says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: the sample lacks \"execution_id\"",
        )],
    );
}

#[test]
fn a_step_name_that_is_taken() {
    manifest("[near.flows.query.here]", "[near.flows.query.act]").says(
        MANIFEST,
        &[(
            Text("[near.flows.query.act]"),
            "get_flow: the step name \"act\" is taken",
        )],
    );
}

// Unknown keys

#[test]
fn an_unknown_key_of_the_file() {
    manifest("[link]", "[lnik]\n[link]").says(
        MANIFEST,
        &[(Text("[lnik]"), "unknown key `lnik`; nearest is \"link\"")],
    );
}

#[test]
fn an_unknown_key_of_a_tool() {
    key("description = \"One flow.\"", "\naliasses = []").says(
        MANIFEST,
        &[(
            Text("aliasses"),
            "get_flow: unknown key `aliasses`; nearest is \"aliases\"",
        )],
    );
}

#[test]
fn a_misspelt_line_of_a_tool() {
    manifest(
        "description = \"Apps.\"\nlines",
        "description = \"Apps.\"\nlnes",
    )
    .says(
        MANIFEST,
        &[(
            Text("lnes"),
            "list_apps: unknown key `lnes`; nearest is \"lines\"",
        )],
    );
}

#[test]
fn a_line_that_is_none() {
    manifest(
        "description = \"Apps.\"\nlines = \"2.0\"",
        "description = \"Apps.\"\nlines = 2.0",
    )
    .says(
        MANIFEST,
        &[(
            Text("lines = 2.0"),
            "`lines` takes a Kestra line, such as \"2.0\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_an_argument() {
    manifest("about = \"Part of an id.\"", "abuot = \"Part of an id.\"").says(
        MANIFEST,
        &[(
            Text("abuot"),
            "list_flows: unknown key `abuot`; nearest is \"about\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_hints() {
    manifest(
        "effect = \"control\"\nhints = {",
        "effect = \"control\"\nhints = { readonly = false,",
    )
    .says(
        MANIFEST,
        &[(
            Text("readonly"),
            "restart_run: unknown key `readonly`; nearest is \"read_only\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_step() {
    key("operation = \"createExecution\"", "\nretry_404 = 1").says(
        MANIFEST,
        &[(
            Text("retry_404 = 1"),
            "run_flow: unknown key `retry_404`; nearest is \"retry_404_ms\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_bound_value() {
    manifest(
        "encode = \"key_value\"",
        "encod = 1, encode = \"key_value\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("encod = 1"),
            "run_flow: unknown key `encod`; nearest is \"encode\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_an_output() {
    key("rows = \"/results\"\ntotal = \"/total\"", "\ntotals = 1").says(
        MANIFEST,
        &[(
            Text("totals"),
            "list_flows: unknown key `totals`; nearest is \"total\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_shared_output() {
    manifest(
        "[output.execution.fields]",
        "[output.execution.field]\n[output.execution.fields]",
    )
    .says(
        MANIFEST,
        &[(
            Text("[output.execution.field]"),
            "output.execution: unknown key `field`; nearest is \"fields\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_field() {
    manifest("bytes = 120", "byte = 120").says(
        MANIFEST,
        &[(
            Text("byte = 120"),
            "list_flows: unknown key `byte`; nearest is \"bytes\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_field_within_a_field() {
    manifest("bytes = 100 } }", "byte = 100 } }").says(
        MANIFEST,
        &[(
            Text("byte = 100 } }"),
            "output.execution: unknown key `byte`; nearest is \"bytes\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_what_a_field_seeks() {
    manifest("at = \"/owners\",", "at = \"/owners\", wher = 1,").says(
        MANIFEST,
        &[(
            Text("wher = 1"),
            "list_apps: unknown key `wher`; nearest is \"where\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_format() {
    key("kind = \"integer\"\nminimum = 1", "\nmaximun = 2").says(
        MANIFEST,
        &[(
            Text("maximun"),
            "format.number: unknown key `maximun`; nearest is \"maximum\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_filter() {
    manifest("keyed = true", "keyd = true").says(
        MANIFEST,
        &[(
            Text("keyd"),
            "list_flows: unknown key `keyd`; nearest is \"keyed\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_check() {
    manifest(
        "at = \"/id\", op = \"CONTAINS\"",
        "at = \"/id\", opp = 1, op = \"CONTAINS\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("opp = 1"),
            "list_flows: unknown key `opp`; nearest is \"op\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_condition() {
    manifest(
        "{ absent = \"/deleted\" }",
        "{ absent = \"/deleted\", equal = true }",
    )
    .says(
        MANIFEST,
        &[(
            Text("equal = true }"),
            "get_flow: unknown key `equal`; nearest is \"equals\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_condition_within_a_condition() {
    manifest(
        "\"@describe/disabled\", equals",
        "\"@describe/disabled\", equls = 1, equals",
    )
    .says(
        MANIFEST,
        &[(
            Text("equls"),
            "run_flow: unknown key `equls`; nearest is \"equals\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_refusal() {
    key("message = \"the flow is disabled\"", "\nmessages = 1").says(
        MANIFEST,
        &[(
            Text("messages"),
            "run_flow: unknown key `messages`; nearest is \"message\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_near() {
    key("limit = 3", "\nlimits = 3").says(
        MANIFEST,
        &[(
            Text("limits"),
            "near.flows: unknown key `limits`; nearest is \"limit\"",
        )],
    );
}

#[test]
fn a_table_where_a_name_stands() {
    manifest("near = \"flows\"", "near.like = \"flows\"").says(
        MANIFEST,
        &[(Text("near.like"), "get_flow: expected a string, not map")],
    );
}

#[test]
fn an_unknown_key_of_what_is_watched() {
    key("next = \"ask again\"", "\npauses = 1").says(
        MANIFEST,
        &[(
            Text("pauses"),
            "run_flow: unknown key `pauses`; nearest is \"paused\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_the_overlay() {
    overlay("[[set]]", "[[sets]]").says(
        OVERLAY,
        &[(Text("[[sets]]"), "unknown key `sets`; nearest is \"set\"")],
    );
}

#[test]
fn an_unknown_key_of_an_added_operation() {
    overlay("answers = [\"", "answer = [\"").says(
        OVERLAY,
        &[(
            Text("answer ="),
            "unknown key `answer`; nearest is \"answers\"",
        )],
    );
}

#[test]
fn an_unknown_key_of_a_correction() {
    overlay("before = \"2.0\"", "befor = \"2.0\"").says(
        OVERLAY,
        &[(Text("befor"), "unknown key `befor`; nearest is \"before\"")],
    );
}

#[test]
fn an_unknown_key_of_an_edition() {
    overlay("needs = \"EE\"", "needs = \"EE\"\nneed = 1").says(
        OVERLAY,
        &[(Text("need = 1"), "unknown key `need`; nearest is \"needs\"")],
    );
}

// Names and words

#[test]
fn two_tools_with_one_name() {
    let project = manifest("name = \"check_flow\"", "name = \"list_flows\"");
    let second = project.line(MANIFEST, Text("title = \"Check a flow\"")) - 2;
    let first = project.line(MANIFEST, Text("title = \"List flows\"")) - 2;
    let message =
        format!("list_flows: the name \"list_flows\" is taken by list_flows in line {first}");
    project.says(MANIFEST, &[(Line(second), &message)]);
}

#[test]
fn an_alias_that_is_a_tool() {
    let project = manifest("aliases = [\"show_flow\"]", "aliases = [\"list_flows\"]");
    let first = project.line(MANIFEST, Tool("list_flows"));
    let message =
        format!("get_flow: the name \"list_flows\" is taken by list_flows in line {first}");
    project.says(MANIFEST, &[(Tool("get_flow"), &message)]);
}

#[test]
fn a_name_that_no_type_can_have() {
    manifest("name = \"list_apps\"", "name = \"list-apps\"").says(
        MANIFEST,
        &[(
            Tool("list-apps"),
            "list-apps: the name \"list-apps\" is not lower-case words joined by `_`",
        )],
    );
}

#[test]
fn a_permission_outside_the_vocabulary() {
    manifest(
        "permission = \"flows.read\"\nkestra_permission",
        "permission = \"flow.read\"\nkestra_permission",
    )
    .says(
        MANIFEST,
        &[(
            Tool("get_flow"),
            "get_flow: permission \"flow.read\" is not in `permissions`; nearest is \"flows.read\"",
        )],
    );
}

#[test]
fn an_unknown_effect() {
    manifest("effect = \"control\"", "effect = \"contrl\"").says(
        MANIFEST,
        &[(
            Text("effect = \"contrl\""),
            "restart_run: \"contrl\" is not one of read, create, execute, control, overwrite, kill, delete; nearest is \"control\"",
        )],
    );
}

#[test]
fn an_unknown_effect_of_a_step() {
    manifest("effect = \"read\"\nbind.body", "effect = \"raed\"\nbind.body").says(
        MANIFEST,
        &[(
            Text("effect = \"raed\""),
            "check_flow: \"raed\" is not one of read, create, execute, control, overwrite, kill, delete; nearest is \"read\"",
        )],
    );
}

#[test]
fn a_step_that_does_more_than_its_tool() {
    manifest(
        "effect = \"read\"\nbind.body",
        "effect = \"delete\"\nbind.body",
    )
    .says(
        MANIFEST,
        &[(
            CHECK_STEP,
            "check_flow: step \"act\" has the effect \"delete\", the tool only \"read\"",
        )],
    );
}

#[test]
fn an_unknown_builtin() {
    manifest("builtin = \"status\"", "builtin = \"state\"").says(
        MANIFEST,
        &[(
            Text("builtin = \"state\""),
            "whoami: \"state\" is not one of status, credential; nearest is \"status\"",
        )],
    );
}

#[test]
fn a_builtin_with_a_step() {
    key(
        "output.fields.person = { type = \"object\", text = \"repeats\" }",
        "\nact.operation = \"searchFlows\"",
    )
    .says(
        MANIFEST,
        &[(Tool("whoami"), "whoami: a builtin has no steps")],
    );
}

const UNDER: &str = "under.token_argument = { description";

#[test]
fn a_setting_that_does_not_exist() {
    manifest(UNDER, &UNDER.replace("token_argument", "token_arguments")).says(
        MANIFEST,
        &[(
            Text("under.token_arguments"),
            "whoami: \"token_arguments\" is not one of token_argument; nearest is \"token_argument\"",
        )],
    );
}

#[test]
fn a_setting_that_changes_who_may_call() {
    manifest(
        UNDER,
        &UNDER.replace("{ d", "{ permission = \"flows.read\", d"),
    )
    .says(
        MANIFEST,
        &[(
            Text("under.token_argument"),
            "whoami: unknown key `permission`; nearest is \"description\"",
        )],
    );
}

#[test]
fn what_a_setting_changes_is_checked_too() {
    manifest(
        "args = { token = { format = \"token\" } } }",
        "effect = \"create\", args = { token = { format = \"tokens\" } } }",
    )
    .says(
        MANIFEST,
        &[
            (
                Tool("whoami"),
                "whoami: hint read_only = true contradicts effect \"create\"",
            ),
            (
                Text("under.token_argument"),
                "whoami: no [format.tokens]; nearest is \"token\"",
            ),
        ],
    );
}

#[test]
fn a_setting_on_a_tool_with_steps() {
    let steps = "name = \"list_flows\"";
    key(steps, "\nunder.token_argument = { description = \"x\" }").says(
        MANIFEST,
        &[(
            Tool("list_flows"),
            "list_flows: `under` goes with a builtin",
        )],
    );
}

#[test]
fn an_unknown_make() {
    manifest("make = \"input_list\", at", "make = \"inputs_list\", at").says(
        MANIFEST,
        &[(
            Text("inputs_list"),
            "get_flow: \"inputs_list\" is not one of time, seconds_between, in_set, line_range, label_map, none_of, first_line, input_spec, input_list, short_types, count, count_by, pick, first, seek; nearest is \"input_list\"",
        )],
    );
}

#[test]
fn an_unknown_type() {
    manifest(
        "revision = { at = \"/revision\", type = \"integer\" }",
        "revision = { at = \"/revision\", type = \"int\" }",
    )
    .says(
        MANIFEST,
        &[(
            Text("type = \"int\""),
            "list_flows: \"int\" is not one of string, integer, number, boolean, object, array; nearest is \"integer\"",
        )],
    );
}

#[test]
fn a_field_that_stands_nowhere() {
    manifest(
        "revision = { at = \"/revision\", type = \"integer\" }",
        "revision = { type = \"integer\" }",
    )
    .says(
        MANIFEST,
        &[(
            Text("revision = { type"),
            "list_flows: the field \"revision\" has no `at`",
        )],
    );
}

#[test]
fn an_unknown_format() {
    manifest(
        "args.source = { format = \"flag\" }",
        "args.source = { format = \"flg\" }",
    )
    .says(
        MANIFEST,
        &[(
            Text("\"flg\""),
            "get_flow: no [format.flg]; nearest is \"flag\"",
        )],
    );
}

#[test]
fn an_unknown_kind_of_format() {
    manifest("kind = \"labels\"", "kind = \"label\"").says(
        MANIFEST,
        &[(
            Text("kind = \"label\""),
            "format.labels: \"label\" is not one of line, text, secret, base64, integer, boolean, labels, instant, set, word, lines, object, json, yaml, document; nearest is \"labels\"",
        )],
    );
}

#[test]
fn an_unknown_choice_of_keys() {
    manifest("kind = \"labels\"", "kind = \"labels\"\nkeys = \"some\"").says(
        MANIFEST,
        &[(
            Text("keys = \"some\""),
            "format.labels: \"some\" is not one of new, any",
        )],
    );
}

#[test]
fn a_word_without_words() {
    let word = "\n[format.level]\nkind = \"word\"\nexpected = \"one of\"\n";
    let project = Project::new();
    let text = format!("{}{word}", project.text(MANIFEST));
    project.and(MANIFEST, text).says(
        MANIFEST,
        &[(Text("[format.level]"), "format.level: missing `values`")],
    );
}

#[test]
fn a_part_of_a_text_without_what_is_large() {
    let (whole, part) = (
        "whole = 1000, text",
        "whole = 1000, range = \"$revision\", text",
    );
    manifest(whole, part).says(
        MANIFEST,
        &[(Text("source = { at"), "get_flow: missing `large`")],
    );
    manifest(whole, "whole = 1000, range = \"$zzz\", large = 10, text").says(
        MANIFEST,
        &[(Text("source = { at"), "get_flow: \"$zzz\" does not exist")],
    );
}

#[test]
fn a_result_larger_than_clients_pass_on() {
    for large in ["0", "500001"] {
        let name = "name = \"get_flow\"\n";
        manifest(name, &format!("{name}large_result = {large}\n")).says(
            MANIFEST,
            &[(
                Tool("get_flow"),
                &format!("get_flow: `large_result` takes 1 to 500000, not {large}"),
            )],
        );
    }
}

#[test]
fn a_format_without_a_kind() {
    manifest("kind = \"labels\"\n", "").says(
        MANIFEST,
        &[(
            Text("[format.labels]"),
            "format.labels: missing `pattern` or `kind`: write one of them",
        )],
    );
}

#[test]
fn a_pattern_that_is_too_rich() {
    manifest(
        "[format.id]\npattern = \"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\"",
        "[format.id]\npattern = \"[A-Za-z0-9][A-Za-z0-9._-]*\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("[format.id]"),
            "format.id: a pattern is runs like [a-z0-9._-]{0,99}; only the last may vary in length",
        )],
    );
}

#[test]
fn an_unknown_edge() {
    manifest("edge = \"start\"", "edge = \"begin\"").says(
        MANIFEST,
        &[(
            Text("edge = \"begin\""),
            "format.since: \"begin\" is not one of start, end, future",
        )],
    );
}

#[test]
fn an_unknown_encoder() {
    manifest("encode = \"key_value\"", "encode = \"keyvalue\"").says(
        MANIFEST,
        &[(
            Text("\"keyvalue\""),
            "run_flow: \"keyvalue\" is not one of key_value, labels, multipart, file, yaml; nearest is \"key_value\"",
        )],
    );
}

#[test]
fn a_form_without_declarations() {
    manifest(", declared = \"@describe/inputs\"", "").says(
        MANIFEST,
        &[(
            Text("bind.body = { value = \"$inputs\""),
            "run_flow: encode = \"multipart\" needs `declared`",
        )],
    );
}

#[test]
fn declarations_without_a_form() {
    manifest(
        "encode = \"key_value\"",
        "encode = \"key_value\", declared = \"$inputs\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("encode = \"key_value\""),
            "run_flow: `declared` goes with encode = \"multipart\"",
        )],
    );
}

#[test]
fn an_unknown_set() {
    manifest("set = \"terminal\"", "set = \"terminals\"").says(
        MANIFEST,
        &["run_flow", "restart_run"].map(|tool| {
            let message = format!("{tool}: [states] has no \"terminals\"; nearest is \"terminal\"");
            (Text("set = \"terminals\""), &*message.leak())
        }),
    );
}

#[test]
fn an_unknown_shared_output() {
    manifest(
        "bind.executionId = \"$execution_id\"\n[tool.output]\nlike = \"execution\"",
        "bind.executionId = \"$execution_id\"\n[tool.output]\nlike = \"executions\"",
    )
    .says(
        MANIFEST,
        &[(
            Table("restart_run", "[tool.output]"),
            "restart_run: no [output.executions]; nearest is \"execution\"",
        )],
    );
}

#[test]
fn unknown_candidates() {
    manifest("near = \"flows\"", "near = \"flow\"").says(
        MANIFEST,
        &[(
            Tool("get_flow"),
            "get_flow: no [near.flow]; nearest is \"flows\"",
        )],
    );
}

#[test]
fn an_unknown_link() {
    manifest("link = \"flow\"", "link = \"flows\"").says(
        MANIFEST,
        &[(
            Table("get_flow", "[tool.output]"),
            "get_flow: [link] has no \"flows\"; nearest is \"flow\"",
        )],
    );
}

#[test]
fn a_link_without_its_field() {
    manifest(
        "flow_id = { at = \"/id\", text = \"ours\" }\ninputs = { make = \"input_list\"",
        "flow = { at = \"/id\", text = \"ours\" }\ninputs = { make = \"input_list\"",
    )
    .says(
        MANIFEST,
        &[(
            Table("get_flow", "[tool.output]"),
            "get_flow: link \"flow\" needs the field \"flow_id\"",
        )],
    );
}

#[test]
fn a_link_that_is_no_text() {
    manifest(
        "flow = \"/ui/{tenant}/flows/{namespace}/{flow_id}\"",
        "flow = \"/ui\"\nother = 1",
    )
    .says(
        MANIFEST,
        &[(
            Text("other = 1"),
            "link: expected a string, not integer `1`",
        )],
    );
}

#[test]
fn an_unknown_operation_of_a_filter() {
    manifest(
        "op = \"PREFIX\", check = \"/namespace\" }\nfilters.q",
        "op = \"PREFXI\", check = \"/namespace\" }\nfilters.q",
    )
    .says(
        MANIFEST,
        &[(
            Text("PREFXI"),
            "list_flows: \"PREFXI\" is not one of EQUALS, IN, PREFIX, CONTAINS, GREATER_THAN_OR_EQUAL_TO, LESS_THAN_OR_EQUAL_TO; nearest is \"PREFIX\"",
        )],
    );
}

#[test]
fn an_operation_of_a_filter_that_one_line_lacks() {
    manifest(
        "op = { \"1.3\" = \"EQUALS\", \"2.0\" = \"CONTAINS\" }",
        "op = \"CONTAINS\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("filters.q"),
            "list_flows: no filter operation \"CONTAINS\" in Kestra 1.3",
        )],
    );
}

#[test]
fn an_unknown_field_of_a_filter() {
    manifest(
        "filters.labels = { arg = \"labels\", op = \"EQUALS\", keyed",
        "filters.label = { arg = \"labels\", op = \"EQUALS\", keyed",
    )
    .says(
        MANIFEST,
        &[
            (
                Text("filters.label ="),
                "list_flows: no filter field \"label\" in Kestra 1.3; nearest is \"LABELS\"",
            ),
            (
                Text("filters.label ="),
                "list_flows: no filter field \"label\" in Kestra 2.0; nearest is \"labels\"",
            ),
        ],
    );
}

#[test]
fn a_filter_where_none_is_taken() {
    key(
        "operation = \"listApps\"",
        "\nfilters.q = { constant = \"a\", op = \"EQUALS\" }",
    )
    .says(
        MANIFEST,
        &[(
            Table("list_apps", "[tool.act]"),
            "list_apps: listApps takes no filters in Kestra 2.0",
        )],
    );
}

#[test]
fn a_filter_without_a_value() {
    manifest("filters.q = { arg = \"query\", ", "filters.q = { ").says(
        MANIFEST,
        &[(
            Text("filters.q"),
            "list_flows: a filter names its value by `arg`, `at` or `constant`",
        )],
    );
}

// What must be said, and must fit

#[test]
fn a_missing_effect() {
    manifest("effect = \"control\"\n", "").says(
        MANIFEST,
        &[(Tool("restart_run"), "restart_run: missing `effect`")],
    );
}

#[test]
fn missing_hints() {
    manifest(
        "effect = \"control\"\nhints = { read_only = false, destructive = false, idempotent = false, open_world = true }",
        "effect = \"control\"",
    )
    .says(
        MANIFEST,
        &[(Tool("restart_run"), "restart_run: missing `hints`")],
    );
}

#[test]
fn a_missing_hint() {
    manifest(
        "effect = \"control\"\nhints = { read_only = false, ",
        "effect = \"control\"\nhints = { ",
    )
    .says(
        MANIFEST,
        &[(
            Text("hints = { destructive"),
            "restart_run: missing `read_only`",
        )],
    );
}

#[test]
fn a_missing_target() {
    manifest("target = \"@execution/namespace\"\n", "").says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: missing `target`: where policy finds the namespace",
        )],
    );
}

#[test]
fn a_missing_sample() {
    manifest("sample = { execution_id = \"3nosuchid\" }\n", "").says(
        MANIFEST,
        &[(Tool("restart_run"), "restart_run: missing `sample`")],
    );
}

#[test]
fn a_missing_title_or_description() {
    for (key, line) in [
        ("title", "title = \"Get a flow\"\n"),
        ("description", "description = \"One flow.\"\n"),
    ] {
        let message = format!("get_flow: missing `{key}`");
        manifest(line, "").says(MANIFEST, &[(Tool("get_flow"), &message)]);
    }
}

#[test]
fn a_hint_of_reading_on_a_change() {
    manifest(
        "effect = \"control\"\nhints = { read_only = false",
        "effect = \"control\"\nhints = { read_only = true",
    )
    .says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: hint read_only = true contradicts effect \"control\"",
        )],
    );
}

#[test]
fn an_overwrite_without_the_destructive_hint() {
    manifest("effect = \"control\"", "effect = \"overwrite\"").says(
        MANIFEST,
        &[(
            Tool("restart_run"),
            "restart_run: effect \"overwrite\" needs the hint destructive = true",
        )],
    );
}

#[test]
fn a_destructive_hint_on_a_read() {
    manifest(
        "aliases = [\"show_flow\"]\nhints = { read_only = true, destructive = false",
        "aliases = [\"show_flow\"]\nhints = { read_only = true, destructive = true",
    )
    .says(
        MANIFEST,
        &[(
            Tool("get_flow"),
            "get_flow: hint destructive = true contradicts effect \"read\"",
        )],
    );
}

#[test]
fn a_read_that_deletes() {
    let act = Table("restart_run", "[tool.act]");
    manifest(
        r#"operation = "restartExecution"
bind.executionId = "$execution_id""#,
        r#"operation = "deleteFlow"
effect = "read"
bind = { namespace = "a", id = "$execution_id" }"#,
    )
    .says(
        MANIFEST,
        &[
            (
                act,
                r#"restart_run: DELETE /api/v1/{tenant}/flows/{namespace}/{id} changes something: its effect cannot be "read""#,
            ),
            (
                act,
                r#"restart_run: no operation "deleteFlow" in Kestra 2.0; nearest is "getFlow" (GET /api/v1/{tenant}/flows/{namespace}/{id})"#,
            ),
        ],
    );
}

#[test]
fn a_read_that_posts_without_saying_that_it_reads() {
    manifest("effect = \"read\"\nbind.body", "bind.body").says(
        MANIFEST,
        &[(
            CHECK_STEP,
            "check_flow: POST /api/v1/{tenant}/flows/validate is not a GET; give the tool its effect, or the step effect = \"read\" if it changes nothing",
        )],
    );
}

#[test]
fn an_attached_read_that_changes() {
    manifest(
        "operation = \"searchLogs\"\npermission = \"flows.run\"\nbind = { page = 1, size = 20 }",
        "operation = \"restartExecution\"\npermission = \"flows.run\"\nbind = { executionId = \"@answer/id\" }",
    )
    .with(
        MANIFEST,
        "filters.executionId = { at = \"@answer/id\", op = \"EQUALS\", check = \"/executionId\" }\n",
        "",
    )
    .says(
        MANIFEST,
        &["run_flow", "restart_run"].map(|tool| {
            let message = format!("{tool}: \"logs\" must only read: state effect = \"read\"");
            (Text("[output.execution.attach.logs]"), &*message.leak())
        }),
    );
}

#[test]
fn a_change_before_the_target_is_known() {
    for step in ["act", "settle"] {
        let project = manifest(
            "target = \"$namespace\"\nagain",
            "target = \"@act/namespace\"\nagain",
        )
        .with(
            MANIFEST,
            "\"@act/namespace\"",
            &format!("\"@{step}/namespace\""),
        );
        let message =
            format!("run_flow: a step changes something before the target \"@{step}\" is known");
        project.says(MANIFEST, &[(Table("run_flow", "target ="), &message)]);
    }
}

#[test]
fn a_target_of_rows_where_there_are_none() {
    manifest(
        "target = \"@execution/namespace\"",
        "target = { rows = \"/namespace\" }",
    )
    .says(
        MANIFEST,
        &[(
            Table("restart_run", "target ="),
            "restart_run: target `rows` goes with an output of `rows`",
        )],
    );
}

#[test]
fn a_target_that_is_none() {
    let forms = "restart_run: a target is \"$argument\", \"#/pointer\", \"@step/pointer\", { rows = \"/pointer\" } or { none = \"why\" }";
    for written in [
        "\"/namespace\"",
        "\"company\"",
        "{ none = \"\" }",
        "{ rows = \"namespace\" }",
        "{ row = \"/namespace\" }",
        "{ rows = \"/namespace\", none = \"why\" }",
        "true",
    ] {
        manifest(
            "target = \"@execution/namespace\"",
            &format!("target = {written}"),
        )
        .says(MANIFEST, &[(Table("restart_run", "target ="), forms)]);
    }
}

#[test]
fn a_target_that_is_no_namespace() {
    manifest(
        "target = \"@execution/namespace\"",
        "target = \"$execution_id\"",
    )
    .says(
        MANIFEST,
        &[(
            Table("restart_run", "target ="),
            "restart_run: target \"$execution_id\" is not an argument of format \"namespace\"",
        )],
    );
    manifest(
        "target = \"@execution/namespace\"",
        "target = \"#/namespace\"",
    )
    .says(
        MANIFEST,
        &[(
            Table("restart_run", "target ="),
            "restart_run: a target \"#/pointer\" goes with an argument of kind \"yaml\"",
        )],
    );
}

#[test]
fn a_target_that_does_not_exist() {
    let target = "target = \"@execution/namespace\"";
    manifest(target, "target = \"$execution\"").says(
        MANIFEST,
        &[(
            Table("restart_run", "target ="),
            "restart_run: \"$execution\" does not exist; nearest is \"execution_id\"",
        )],
    );
    manifest(target, "target = \"@executon/namespace\"").says(
        MANIFEST,
        &[(
            Table("restart_run", "target ="),
            "restart_run: \"@executon\" does not exist; nearest is \"execution\"",
        )],
    );
}

#[test]
fn a_watch_without_its_read() {
    manifest(
        "[tool.settle.read]\noperation = \"getExecution\"\nbind = { executionId = \"@act/id\" }\n",
        "",
    )
    .says(
        MANIFEST,
        &[(Text("[tool.settle]"), "run_flow: missing `read`")],
    );
}

#[test]
fn a_read_that_changes_beside_the_act() {
    manifest(
        "[tool.before.execution]\noperation = \"getExecution\"",
        "[tool.before.execution]\noperation = \"restartExecution\"",
    )
    .says(
        MANIFEST,
        &[(
            Text("[tool.before.execution]"),
            "restart_run: \"execution\" must only read: state effect = \"read\"",
        )],
    );
}

#[test]
fn a_wait_that_nothing_uses() {
    manifest("seconds = \"wait_seconds\"\n", "").says(
        MANIFEST,
        &[(
            Text("args.wait_seconds"),
            "run_flow: the argument \"wait_seconds\" is never used",
        )],
    );
}

#[test]
fn rows_of_what_is_watched() {
    let output = "bind = { executionId = \"@act/id\" }\n[tool.output]";
    key(output, "\nrows = \"/results\"").says(
        MANIFEST,
        &[(
            Table("run_flow", "[tool.output]"),
            "run_flow: `rows` goes with `act`, without `settle`",
        )],
    );
}

// The overlay and the descriptions

#[test]
fn an_added_operation_that_is_described() {
    overlay("GET /api/v1/configs", "GET /api/v1/{tenant}/flows/search").says(
        OVERLAY,
        &["1.3", "2.0"].map(|line| {
            let message = format!(
                "GET /api/v1/{{tenant}}/flows/search has no effect: Kestra {line} describes it; remove the entry"
            );
            (Text("[[add]]"), &*message.leak())
        }),
    );
}

#[test]
fn a_correction_that_changes_nothing() {
    overlay(
        "pointer = \"/deprecated\"\nvalue = true",
        "pointer = \"/operationId\"\nvalue = \"list\"",
    )
    .says(
        OVERLAY,
        &[(
            Text("[[set]]"),
            "GET /api/v1/{tenant}/kv/operationId has no effect: the description already says so; remove the entry",
        )],
    );
}

#[test]
fn a_correction_of_no_operation() {
    overlay("GET /api/v1/{tenant}/kv", "GET /api/v1/{tenant}/kvs").says(
        OVERLAY,
        &[(
            Text("[[set]]"),
            "GET /api/v1/{tenant}/kvs has no effect: Kestra 1.3 has no such operation",
        )],
    );
}

#[test]
fn a_correction_of_no_place() {
    overlay("/deprecated", "/a/b").says(
        OVERLAY,
        &[(
            Text("[[set]]"),
            "GET /api/v1/{tenant}/kv has nothing at /a/b",
        )],
    );
}

#[test]
fn an_edition_of_no_path() {
    overlay("/api/v1/{tenant}/apps/**", "/api/v1/{tenant}/app/**").says(
        OVERLAY,
        &["1.3", "2.0"].map(|line| {
            let message = format!(
                "edition of /api/v1/{{tenant}}/app/** has no effect: Kestra {line} has no such path"
            );
            (Text("[[edition]]"), &*message.leak())
        }),
    );
}

#[test]
fn an_edition_that_is_none() {
    overlay("needs = \"EE\"", "needs = \"PRO\"").says(
        OVERLAY,
        &[(Text("needs = \"PRO\""), "\"PRO\" is not one of \"\", EE")],
    );
}

#[test]
fn an_entry_without_a_reason() {
    for (reason, entry) in [
        ("reason = \"not in the description\"", "[[add]]"),
        ("reason = \"deprecated, but not said to be\"", "[[set]]"),
        ("reason = \"not in the open edition\"", "[[edition]]"),
    ] {
        overlay(reason, "").says(OVERLAY, &[(Text(entry), "missing `reason`")]);
    }
}

#[test]
fn an_entry_without_its_line() {
    for (before, entry) in [
        ("answers = [\"application/json\"]\n", "[[add]]"),
        ("value = true\n", "[[set]]"),
        ("needs = \"EE\"\n", "[[edition]]"),
    ] {
        let wanted = "every entry names the line it holds from: lines = \"1.3\"";
        let project = overlay(&format!("{before}lines = \"1.3\""), before.trim_end());
        project.says(OVERLAY, &[(Text(entry), wanted)]);
    }
}

#[test]
fn a_route_that_is_none() {
    overlay("GET /api/v1/configs", "GTE /api/v1/configs").says(
        OVERLAY,
        &[(
            Text("[[add]]"),
            "`at` takes a method and a path, not \"GTE /api/v1/configs\"",
        )],
    );
}

#[test]
fn a_description_with_another_hash() {
    let project = Project::new();
    let sources = project.sources();
    let old = codegen::sources::sha256(project.text(V2_0).as_bytes());
    let new = "0".repeat(64);
    let project = project.and(SOURCES, sources.replace(&old, &new));
    project.says(
        SOURCES,
        &[(
            Line(15),
            "openapi/kestra-2.0.json is not the file whose sha256 is recorded; import it again",
        )],
    );
    assert!(
        project
            .text(SOURCES)
            .lines()
            .nth(14)
            .expect("a line")
            .contains(&new)
    );
}

#[test]
fn a_description_without_a_hash() {
    let project = Project::new();
    let sources = project.sources();
    let (first, _) = sources.rsplit_once("[[source]]").expect("two entries");
    let first = first.to_owned();
    project.and(SOURCES, first).says(
        SOURCES,
        &[(
            Line(1),
            "no [[source]] of openapi/kestra-2.0.json; import it again",
        )],
    );
}

#[test]
fn sources_with_a_key_of_another() {
    let project = Project::new();
    let sources = project.sources().replacen("version", "versoin", 1);
    let found = project.and(SOURCES, sources).faults();
    let [fault] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(fault.starts_with("openapi/sources.toml:5: "), "{fault}");
    assert!(
        fault.contains("is not what `codegen import` writes: "),
        "{fault}"
    );
    assert!(fault.contains("unknown field `versoin`"), "{fault}");
}

#[test]
fn a_description_that_is_no_json() {
    let project = Project::new();
    let text = project.text(V1_3).replacen("\"info\":", "\"info\"", 1);
    let line = text
        .lines()
        .position(|line| line.starts_with("\"info\""))
        .expect("a line")
        + 1;
    let found = project.and(V1_3, text).faults();
    let [fault] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(
        fault.starts_with(&format!("openapi/kestra-1.3.json:{line}: ")),
        "{fault}"
    );
    assert!(fault.contains("is not JSON: expected `:`"), "{fault}");
}

#[test]
fn toml_that_is_none() {
    manifest("title = \"Get a flow\"", "title = \"Get a flow").says(
        MANIFEST,
        &[(
            Text("title = \"Get a flow"),
            "invalid basic string, expected `\"`",
        )],
    );
    overlay("value = true", "value = ").says(
        OVERLAY,
        &[(
            Text("value = "),
            "string values must be quoted, expected literal string",
        )],
    );
}

#[test]
fn every_fault_is_told_in_one_run() {
    let project = overlay("answers = [\"", "answer = [\"")
        .with(MANIFEST, "effect = \"control\"\n", "")
        .with(MANIFEST, "wanted = \"$flow_id\"", "wanted = \"$flw_id\"")
        .with(MANIFEST, "bytes = 120", "byte = 120")
        .with(
            MANIFEST,
            "operation = \"listApps\"",
            "operation = \"getSession\"",
        );
    let project = project.and(
        SOURCES,
        Project::new()
            .sources()
            .replacen("kestra-2.0.json", "kestra-2.1.json", 1),
    );
    let found = project.faults();
    for part in [
        "openapi/overlay.toml:",
        "restart_run: missing `effect`",
        "\"$flw_id\" does not exist",
        "unknown key `byte`",
        "parameter sid in cookie",
        "openapi/sources.toml:",
    ] {
        assert!(
            found.iter().any(|fault| fault.contains(part)),
            "{part} in {found:?}"
        );
    }
    assert!(
        found.is_sorted_by_key(|fault| fault.split(':').next().map(str::to_owned)),
        "{found:?}"
    );
}
