use super::client::{self, Client};
use crate::tool::answer::{self, About, Exists};
use crate::tool::filter::{Check, Filter, Op};
use crate::tool::format::{Argument, Edge, Keys, Kind, Run};
use crate::tool::near::Near;
use crate::tool::output::{Field, Make, Output};
use crate::tool::project::Keep;
use crate::tool::scope::{Encode, Expr, When};
use crate::tool::strategy::{
    self, Follow, Join, Latest, Plan, Refusal, Scheduled, Settle, Step, Steps, Unfold,
    Upsert,
};
use crate::tool::{
    Answer, Builtin, Call, CallCtx, Edition, Effect, Error, Hints, Internal, Permission,
    Reply, Route, Scope, Setting, Tool, segment,
};
/// How this line says that something is there already.
static EXISTS: Exists = Exists {
    statuses: &[],
    words: &[],
    problems: &[],
};
/// The tools of this line, in the order of the manifest.
pub static TOOLS: &[Tool] = &[
    Tool {
        name: "whoami",
        title: "Who am I",
        description: "Who is connected.",
        permission: None,
        kestra_permission: None,
        effect: Effect::Read,
        hints: Hints {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"person\":{\"type\":\"object\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{}",
        needs: None,
        aliases: &[],
        builtin: Some(Builtin::Status),
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[],
        dropped: &["query", "sessionId"],
        routes: &[],
        reserved: &[],
        under: &[
            (
                Setting::TokenArgument,
                &Tool {
                    name: "whoami",
                    title: "Who am I",
                    description: "Who is connected, and as whom.",
                    permission: None,
                    kestra_permission: None,
                    effect: Effect::Read,
                    hints: Hints {
                        read_only: true,
                        destructive: false,
                        idempotent: true,
                        open_world: true,
                    },
                    input_schema: "{\"type\":\"object\",\"properties\":{\"token\":{\"type\":\"string\"}},\"additionalProperties\":false}",
                    output_schema: "{\"type\":\"object\",\"properties\":{\"person\":{\"type\":\"object\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
                    large_result: None,
                    sample: "{}",
                    needs: None,
                    aliases: &[],
                    builtin: Some(Builtin::Status),
                    wait: None,
                    again: None,
                    exactly_one: &[],
                    arguments: &[
                        Argument {
                            name: "token",
                            kind: Kind::Secret(4096usize),
                            required: false,
                            expected: "a token",
                        },
                    ],
                    dropped: &["query", "sessionId"],
                    routes: &[],
                    reserved: &[],
                    under: &[],
                },
            ),
        ],
    },
    Tool {
        name: "list_flows",
        title: "List flows",
        description: "Flows.",
        permission: Some(Permission("flows.read")),
        kestra_permission: None,
        effect: Effect::Read,
        hints: Hints {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{\"namespace\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"},\"query\":{\"description\":\"Part of an id.\",\"type\":\"string\"},\"labels\":{\"additionalProperties\":{\"type\":\"string\"},\"type\":\"object\"},\"since\":{\"type\":\"string\"},\"size\":{\"default\":25,\"maximum\":100,\"minimum\":1,\"type\":\"integer\"}},\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"namespace\":{\"type\":\"string\"},\"flow_id\":{\"type\":\"string\"},\"revision\":{\"type\":\"integer\"},\"disabled\":{\"type\":\"boolean\"},\"labels\":{\"type\":\"object\"},\"inputs\":{\"type\":\"array\"},\"triggers\":{\"type\":\"array\"},\"untrusted\":{\"type\":\"object\",\"properties\":{\"description\":{\"type\":\"string\"}}}}}},\"total\":{\"type\":\"integer\"},\"page\":{\"type\":\"integer\"},\"has_more\":{\"type\":\"boolean\"},\"dropped\":{\"type\":\"integer\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{\"namespace\":\"company.team\"}",
        needs: None,
        aliases: &[],
        builtin: None,
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[
            Argument {
                name: "namespace",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: false,
                expected: "an id",
            },
            Argument {
                name: "query",
                kind: Kind::Line(200usize),
                required: false,
                expected: "one line",
            },
            Argument {
                name: "labels",
                kind: Kind::Labels(Keys::New),
                required: false,
                expected: "labels",
            },
            Argument {
                name: "since",
                kind: Kind::Instant(Edge::Start),
                required: false,
                expected: "a date",
            },
            Argument {
                name: "size",
                kind: Kind::Integer {
                    minimum: 1i64,
                    maximum: 100i64,
                    default: Some(25i64),
                },
                required: false,
                expected: "a number from 1 to 100",
            },
        ],
        dropped: &["sessionId"],
        routes: &[
            Route {
                operation: "searchFlows",
                method: "GET",
                path: "/api/v1/{tenant}/flows/search",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
    Tool {
        name: "get_flow",
        title: "Get a flow",
        description: "One flow.",
        permission: Some(Permission("flows.read")),
        kestra_permission: Some("FLOW VIEW"),
        effect: Effect::Read,
        hints: Hints {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{\"namespace\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"},\"flow_id\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"},\"revision\":{\"default\":25,\"maximum\":100,\"minimum\":1,\"type\":\"integer\"},\"source\":{\"type\":\"boolean\"}},\"required\":[\"namespace\",\"flow_id\"],\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"namespace\":{\"type\":\"string\"},\"flow_id\":{\"type\":\"string\"},\"inputs\":{\"type\":\"array\"},\"tasks\":{\"type\":\"integer\"},\"updated\":{\"type\":\"string\"},\"untrusted\":{\"type\":\"object\",\"properties\":{\"source\":{\"type\":\"string\"}}},\"url\":{\"type\":\"string\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{\"flow_id\":\"hello\",\"namespace\":\"company.team\"}",
        needs: None,
        aliases: &["show_flow"],
        builtin: None,
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[
            Argument {
                name: "namespace",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: true,
                expected: "an id",
            },
            Argument {
                name: "flow_id",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: true,
                expected: "an id",
            },
            Argument {
                name: "revision",
                kind: Kind::Integer {
                    minimum: 1i64,
                    maximum: 100i64,
                    default: Some(25i64),
                },
                required: false,
                expected: "a number from 1 to 100",
            },
            Argument {
                name: "source",
                kind: Kind::Boolean { default: None },
                required: false,
                expected: "true or false",
            },
        ],
        dropped: &["query", "sessionId"],
        routes: &[
            Route {
                operation: "getFlow",
                method: "GET",
                path: "/api/v1/{tenant}/flows/{namespace}/{id}",
                accept: "application/json, */*;q=0.1",
            },
            Route {
                operation: "searchFlows",
                method: "GET",
                path: "/api/v1/{tenant}/flows/search",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
    Tool {
        name: "check_flow",
        title: "Check a flow",
        description: "Says what is wrong with a source.",
        permission: Some(Permission("flows.read")),
        kestra_permission: None,
        effect: Effect::Read,
        hints: Hints {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{\"source\":{\"type\":\"string\"}},\"required\":[\"source\"],\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"constraints\":{\"type\":\"string\"}}}},\"total\":{\"type\":\"integer\"},\"page\":{\"type\":\"integer\"},\"has_more\":{\"type\":\"boolean\"},\"dropped\":{\"type\":\"integer\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{\"source\":\"id: hello\"}",
        needs: None,
        aliases: &[],
        builtin: None,
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[
            Argument {
                name: "source",
                kind: Kind::Text(65536usize),
                required: true,
                expected: "YAML",
            },
        ],
        dropped: &["query", "sessionId"],
        routes: &[
            Route {
                operation: "validateFlows",
                method: "POST",
                path: "/api/v1/{tenant}/flows/validate",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
    Tool {
        name: "run_flow",
        title: "Run a flow",
        description: "Starts a flow.",
        permission: Some(Permission("flows.run")),
        kestra_permission: None,
        effect: Effect::Execute,
        hints: Hints {
            read_only: false,
            destructive: false,
            idempotent: false,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{\"namespace\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"},\"flow_id\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"},\"inputs\":{\"type\":\"object\"},\"labels\":{\"additionalProperties\":{\"type\":\"string\"},\"type\":\"object\"},\"include\":{\"items\":{\"enum\":[\"logs\",\"labels\"],\"type\":\"string\"},\"type\":\"array\"},\"wait_seconds\":{\"default\":25,\"maximum\":100,\"minimum\":1,\"type\":\"integer\"},\"again\":{\"type\":\"boolean\"}},\"required\":[\"namespace\",\"flow_id\"],\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"execution_id\":{\"type\":\"string\"},\"state\":{\"type\":\"string\"},\"finished\":{\"type\":\"boolean\"},\"seconds\":{\"type\":\"number\"},\"tasks\":{\"type\":\"object\"},\"waits_for\":{\"type\":\"string\"},\"untrusted\":{\"type\":\"object\",\"properties\":{\"logs\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}}}},\"outputs\":{\"type\":\"object\"}}},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{\"flow_id\":\"hello\",\"namespace\":\"company.team\"}",
        needs: None,
        aliases: &[],
        builtin: None,
        wait: Some("wait_seconds"),
        again: Some("again"),
        exactly_one: &[],
        arguments: &[
            Argument {
                name: "namespace",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: true,
                expected: "an id",
            },
            Argument {
                name: "flow_id",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: true,
                expected: "an id",
            },
            Argument {
                name: "inputs",
                kind: Kind::Object,
                required: false,
                expected: "an object",
            },
            Argument {
                name: "labels",
                kind: Kind::Labels(Keys::New),
                required: false,
                expected: "labels",
            },
            Argument {
                name: "include",
                kind: Kind::Set(&["logs", "labels"]),
                required: false,
                expected: "a list of logs, labels",
            },
            Argument {
                name: "wait_seconds",
                kind: Kind::Integer {
                    minimum: 1i64,
                    maximum: 100i64,
                    default: Some(25i64),
                },
                required: false,
                expected: "a number from 1 to 100",
            },
            Argument {
                name: "again",
                kind: Kind::Boolean { default: None },
                required: false,
                expected: "true or false",
            },
        ],
        dropped: &["query", "sessionId"],
        routes: &[
            Route {
                operation: "getFlow",
                method: "GET",
                path: "/api/v1/{tenant}/flows/{namespace}/{id}",
                accept: "application/json, */*;q=0.1",
            },
            Route {
                operation: "createExecution",
                method: "POST",
                path: "/api/v1/{tenant}/executions/{namespace}/{id}",
                accept: "application/json, */*;q=0.1",
            },
            Route {
                operation: "getExecution",
                method: "GET",
                path: "/api/v1/{tenant}/executions/{executionId}",
                accept: "application/json, */*;q=0.1",
            },
            Route {
                operation: "searchLogs",
                method: "GET",
                path: "/api/v1/{tenant}/logs/search",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
    Tool {
        name: "restart_run",
        title: "Restart a run",
        description: "Runs an execution again.",
        permission: Some(Permission("flows.run")),
        kestra_permission: None,
        effect: Effect::Control,
        hints: Hints {
            read_only: false,
            destructive: false,
            idempotent: false,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{\"execution_id\":{\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$\",\"type\":\"string\"}},\"required\":[\"execution_id\"],\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"execution_id\":{\"type\":\"string\"},\"state\":{\"type\":\"string\"},\"finished\":{\"type\":\"boolean\"},\"seconds\":{\"type\":\"number\"},\"tasks\":{\"type\":\"object\"},\"waits_for\":{\"type\":\"string\"},\"untrusted\":{\"type\":\"object\",\"properties\":{\"logs\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}}}},\"outputs\":{\"type\":\"object\"}}},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{\"execution_id\":\"3nosuchid\"}",
        needs: None,
        aliases: &[],
        builtin: None,
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[
            Argument {
                name: "execution_id",
                kind: Kind::Pattern {
                    runs: &[
                        Run {
                            ranges: &[('A', 'Z'), ('a', 'z'), ('0', '9')],
                            least: 1usize,
                            most: 1usize,
                        },
                        Run {
                            ranges: &[
                                ('A', 'Z'),
                                ('a', 'z'),
                                ('0', '9'),
                                ('.', '.'),
                                ('_', '_'),
                                ('-', '-'),
                            ],
                            least: 0usize,
                            most: 99usize,
                        },
                    ],
                    id: true,
                },
                required: true,
                expected: "an id",
            },
        ],
        dropped: &["query", "sessionId"],
        routes: &[
            Route {
                operation: "restartExecution",
                method: "POST",
                path: "/api/v1/{tenant}/executions/{executionId}/actions/restart",
                accept: "application/json, */*;q=0.1",
            },
            Route {
                operation: "searchLogs",
                method: "GET",
                path: "/api/v1/{tenant}/logs/search",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
    Tool {
        name: "list_apps",
        title: "List apps",
        description: "Apps.",
        permission: None,
        kestra_permission: None,
        effect: Effect::Read,
        hints: Hints {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: true,
        },
        input_schema: "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        output_schema: "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"app_id\":{\"type\":\"string\"},\"owner\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"array\"}}}}}},\"total\":{\"type\":\"integer\"},\"page\":{\"type\":\"integer\"},\"has_more\":{\"type\":\"boolean\"},\"dropped\":{\"type\":\"integer\"},\"note\":{\"type\":\"string\"},\"truncated\":{\"type\":\"object\"},\"error\":{\"type\":\"object\"}}}",
        large_result: None,
        sample: "{}",
        needs: Some(Edition::Enterprise),
        aliases: &[],
        builtin: None,
        wait: None,
        again: None,
        exactly_one: &[],
        arguments: &[],
        dropped: &["query", "sessionId"],
        routes: &[
            Route {
                operation: "listApps",
                method: "GET",
                path: "/api/v1/{tenant}/apps",
                accept: "application/json, */*;q=0.1",
            },
        ],
        reserved: &[],
        under: &[],
    },
];
/// Answers a call on this line.
///
/// # Errors
/// See [`Error`].
pub async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
    match call.tool.name {
        "list_flows" => strategy::call(ctx, &ListFlows(client(ctx, &call)), &call).await,
        "get_flow" => strategy::call(ctx, &GetFlow(client(ctx, &call)), &call).await,
        "check_flow" => strategy::call(ctx, &CheckFlow(client(ctx, &call)), &call).await,
        "run_flow" => {
            strategy::start_then_follow(ctx, &RunFlow(client(ctx, &call)), &call).await
        }
        "restart_run" => {
            strategy::call(ctx, &RestartRun(client(ctx, &call)), &call).await
        }
        "list_apps" => strategy::call(ctx, &ListApps(client(ctx, &call)), &call).await,
        other => Err(Internal::NoTool(other).into()),
    }
}
fn client(ctx: &CallCtx, call: &Call) -> Client {
    Client::new_with_client(
        &ctx.base,
        ctx.http.clone(),
        ctx.with_routes(call.tool.routes),
    )
}
struct ListFlows(Client);
impl Steps for ListFlows {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "call",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[
                    Check {
                        at: &["/id"],
                        op: Op::Contains,
                        value: Expr::Arg("query"),
                    },
                    Check {
                        at: &["/updated"],
                        op: Op::AtLeast,
                        value: Expr::Arg("since"),
                    },
                    Check {
                        at: &["/namespace"],
                        op: Op::Prefix,
                        value: Expr::Arg("namespace"),
                    },
                ],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &[],
        refuse: &[],
        near: None,
        follow: None,
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: Some("/results"),
            total: Some("/total"),
            fields: &[
                Field {
                    name: "namespace",
                    make: Make::Plain(&[Expr::Row("/namespace")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "flow_id",
                    make: Make::Plain(&[Expr::Row("/id")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "revision",
                    make: Make::Plain(&[Expr::Row("/revision")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "integer",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "disabled",
                    make: Make::Plain(&[Expr::Row("/disabled")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: Some("false"),
                    kind: "boolean",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "labels",
                    make: Make::LabelMap(Expr::Row("/labels")),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "inputs",
                    make: Make::InputSpec(Expr::Row("/inputs")),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "array",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "triggers",
                    make: Make::ShortTypes(Expr::Row("/triggers"), "/type"),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "array",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "description",
                    make: Make::FirstLine(Expr::Row("/description")),
                    when: When::Always,
                    untrusted: true,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 120usize,
                    asked: None,
                },
            ],
            order: &[],
            link: None,
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "call" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        (
                            "results",
                            Keep::Each(
                                &Keep::Members(
                                    &[
                                        ("description", Keep::Whole),
                                        ("disabled", Keep::Whole),
                                        ("id", Keep::Whole),
                                        ("inputs", Keep::Whole),
                                        ("labels", Keep::Labels),
                                        ("namespace", Keep::Whole),
                                        ("revision", Keep::Whole),
                                        (
                                            "triggers",
                                            Keep::Kinds {
                                                item: &Keep::Members(&[("type", Keep::Whole)]),
                                                by: &["/type"],
                                                each: 100usize,
                                            },
                                        ),
                                        ("updated", Keep::Whole),
                                    ],
                                ),
                                100usize,
                            ),
                        ),
                        ("total", Keep::Whole),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_filters = scope
                    .filters(
                        &[
                            Filter {
                                field: "namespace",
                                op: Op::Prefix,
                                value: Expr::Arg("namespace"),
                                otherwise: None,
                                keyed: false,
                            },
                            Filter {
                                field: "q",
                                op: Op::Contains,
                                value: Expr::Arg("query"),
                                otherwise: None,
                                keyed: false,
                            },
                            Filter {
                                field: "labels",
                                op: Op::Equals,
                                value: Expr::Arg("labels"),
                                otherwise: None,
                                keyed: true,
                            },
                        ],
                    );
                let p_size: Option<i64> = scope.optional("size", &Expr::Arg("size"))?;
                let p_sort: Option<::std::vec::Vec<::std::string::String>> = scope
                    .optional("sort", &Expr::Constant("[\"id:asc\"]"))?;
                let sent = self
                    .0
                    .search_flows(
                        &scope.ctx.tenant,
                        p_filters.as_ref(),
                        None,
                        p_size,
                        p_sort.as_ref(),
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
struct GetFlow(Client);
impl Steps for GetFlow {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "call",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[
                    ("/namespace", Expr::Arg("namespace")),
                    ("/id", Expr::Arg("flow_id")),
                ],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
            Step {
                name: "here",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: Some("/results"),
                checks: &[
                    Check {
                        at: &["/namespace"],
                        op: Op::Prefix,
                        value: Expr::Arg("namespace"),
                    },
                ],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &[],
        refuse: &[],
        near: Some(
            &Near {
                wanted: Expr::Arg("flow_id"),
                id: "/id",
                revision: None,
                limit: 3usize,
                fields: &[
                    Field {
                        name: "namespace",
                        make: Make::Plain(&[Expr::Row("/namespace")]),
                        when: When::Always,
                        untrusted: false,
                        permission: None,
                        omit: None,
                        kind: "string",
                        bytes: 4096usize,
                        asked: None,
                    },
                    Field {
                        name: "flow_id",
                        make: Make::Plain(&[Expr::Row("/id")]),
                        when: When::Always,
                        untrusted: false,
                        permission: None,
                        omit: None,
                        kind: "string",
                        bytes: 4096usize,
                        asked: None,
                    },
                ],
                queries: &["here"],
                same: &[
                    ("/namespace", Expr::Arg("namespace")),
                    ("/id", Expr::Arg("flow_id")),
                ],
            },
        ),
        follow: None,
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: None,
            total: None,
            fields: &[
                Field {
                    name: "namespace",
                    make: Make::Plain(&[Expr::Row("/namespace")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "flow_id",
                    make: Make::Plain(&[Expr::Row("/id")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "inputs",
                    make: Make::InputList(Expr::Row("/inputs")),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "array",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "tasks",
                    make: Make::Count(Expr::Row("/tasks")),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "integer",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "updated",
                    make: Make::Time(Expr::Row("/updated")),
                    when: When::Absent(Expr::Row("/deleted")),
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "source",
                    make: Make::Whole(Expr::Row("/source"), 1000usize, None),
                    when: When::Always,
                    untrusted: true,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
            ],
            order: &[],
            link: Some("/ui/{tenant}/flows/{namespace}/{flow_id}"),
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "call" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        ("deleted", Keep::Whole),
                        ("id", Keep::Whole),
                        ("inputs", Keep::Whole),
                        ("namespace", Keep::Whole),
                        ("source", Keep::Whole),
                        ("tasks", Keep::Count),
                        ("updated", Keep::Whole),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "flow",
                    kestra_permission: Some("FLOW VIEW"),
                    exists: &Exists::NEVER,
                };
                let p_namespace: String = scope
                    .required("namespace", &Expr::Arg("namespace"))?;
                let p_id: String = scope.required("id", &Expr::Arg("flow_id"))?;
                let p_revision: Option<i64> = scope
                    .optional("revision", &Expr::Arg("revision"))?;
                let p_source: Option<bool> = scope
                    .optional("source", &Expr::Arg("source"))?;
                segment::check(
                    &[("namespace", p_namespace.as_str()), ("flow_id", p_id.as_str())],
                    &[],
                )?;
                let sent = self
                    .0
                    .get_flow(
                        &scope.ctx.tenant,
                        &p_namespace,
                        &p_id,
                        p_revision,
                        p_source,
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            "here" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        (
                            "results",
                            Keep::Each(
                                &Keep::Members(
                                    &[("id", Keep::Whole), ("namespace", Keep::Whole)],
                                ),
                                100usize,
                            ),
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "flow",
                    kestra_permission: Some("FLOW VIEW"),
                    exists: &Exists::NEVER,
                };
                let p_filters = scope
                    .filters(
                        &[
                            Filter {
                                field: "namespace",
                                op: Op::Prefix,
                                value: Expr::Arg("namespace"),
                                otherwise: None,
                                keyed: false,
                            },
                        ],
                    );
                let p_page: Option<i64> = scope.optional("page", &Expr::Constant("1"))?;
                let p_size: Option<i64> = scope
                    .optional("size", &Expr::Constant("100"))?;
                let sent = self
                    .0
                    .search_flows(
                        &scope.ctx.tenant,
                        p_filters.as_ref(),
                        p_page,
                        p_size,
                        None,
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
struct CheckFlow(Client);
impl Steps for CheckFlow {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "call",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &[],
        refuse: &[],
        near: None,
        follow: None,
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: Some(""),
            total: None,
            fields: &[
                Field {
                    name: "constraints",
                    make: Make::Plain(&[Expr::Row("/constraints")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
            ],
            order: &[],
            link: None,
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "call" => {
                static KEEP: Keep = Keep::Each(
                    &Keep::Members(&[("constraints", Keep::Whole)]),
                    100usize,
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_content_type = String::from("application/x-yaml");
                let p_body = scope
                    .required::<String>("body", &Expr::Arg("source"))?
                    .into_bytes();
                let sent = self
                    .0
                    .validate_flows(&scope.ctx.tenant, &p_content_type, p_body)
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
struct RunFlow(Client);
impl Steps for RunFlow {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "describe",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
            Step {
                name: "start",
                effect: Effect::Execute,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 10000u64,
                spare_ms: None,
            },
            Step {
                name: "read",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
            Step {
                name: "logs",
                effect: Effect::Read,
                when: When::Any(
                    &[
                        When::Equals(
                            Expr::Step("answer", "/state/current"),
                            "\"FAILED\"",
                        ),
                        When::Contains(Expr::Arg("include"), "logs"),
                    ],
                ),
                permission: Some(Permission("flows.run")),
                same: &[],
                rows: Some("/results"),
                checks: &[
                    Check {
                        at: &["/executionId"],
                        op: Op::Equals,
                        value: Expr::Step("answer", "/id"),
                    },
                ],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &["logs"],
        refuse: &[
            Refusal {
                when: When::All(
                    &[When::Equals(Expr::Step("describe", "/disabled"), "true")],
                ),
                message: "the flow is disabled",
            },
        ],
        near: None,
        follow: Some(
            &Follow {
                kind: "object",
                id: "/id",
                state: "/state/current",
                tasks: "/taskRunList",
                task_state: "/state/current",
                task: Some("/taskId"),
                done: &["SUCCESS", "FAILED"],
                pause: &["PAUSED"],
                seconds: Expr::Arg("wait_seconds"),
                declared: Expr::Step("describe", "/tasks"),
                nested: &["tasks", "cases/*"],
                latest: None,
                scheduled: None,
                next: "ask again",
            },
        ),
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: None,
            total: None,
            fields: &[
                Field {
                    name: "execution_id",
                    make: Make::Plain(&[Expr::Row("/id")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "state",
                    make: Make::Plain(&[Expr::Row("/state/current")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "finished",
                    make: Make::InSet(
                        Expr::Row("/state/current"),
                        &["SUCCESS", "FAILED"],
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "boolean",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "seconds",
                    make: Make::SecondsBetween(
                        Expr::Row("/state/startDate"),
                        Expr::Row("/state/endDate"),
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "number",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "tasks",
                    make: Make::CountBy(
                        Expr::Row("/taskRunList"),
                        "/state/current",
                        &[Expr::Step("follow", "/tasks")],
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "waits_for",
                    make: Make::First {
                        at: Expr::Row("/taskRunList"),
                        only: When::In(Expr::Row("/state/current"), &["PAUSED"]),
                        give: "/taskId",
                    },
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "logs",
                    make: Make::Pick {
                        at: &[Expr::Step("logs", "")],
                        only: When::Always,
                        reverse: true,
                        limit: 5usize,
                        fields: &[
                            Field {
                                name: "message",
                                make: Make::Plain(&[Expr::Row("/message")]),
                                when: When::Always,
                                untrusted: false,
                                permission: None,
                                omit: None,
                                kind: "string",
                                bytes: 100usize,
                                asked: None,
                            },
                        ],
                    },
                    when: When::Always,
                    untrusted: true,
                    permission: Some(Permission("flows.run")),
                    omit: None,
                    kind: "array",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "outputs",
                    make: Make::Plain(&[Expr::Row("/outputs"), Expr::Row("/results")]),
                    when: When::Always,
                    untrusted: true,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 100usize,
                    asked: Some((
                        When::Contains(Expr::Arg("include"), "labels"),
                        1000usize,
                    )),
                },
            ],
            order: &[],
            link: None,
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "describe" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        ("disabled", Keep::Whole),
                        ("inputs", Keep::Whole),
                        ("revision", Keep::Whole),
                        ("tasks", Keep::Tree(&["tasks", "cases/*"])),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_namespace: String = scope
                    .required("namespace", &Expr::Arg("namespace"))?;
                let p_id: String = scope.required("id", &Expr::Arg("flow_id"))?;
                segment::check(
                    &[("namespace", p_namespace.as_str()), ("flow_id", p_id.as_str())],
                    &[],
                )?;
                let sent = self
                    .0
                    .get_flow(&scope.ctx.tenant, &p_namespace, &p_id, None, None)
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            "start" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        ("id", Keep::Whole),
                        ("outputs", Keep::Whole),
                        ("results", Keep::Whole),
                        (
                            "state",
                            Keep::Members(
                                &[
                                    ("current", Keep::Whole),
                                    ("endDate", Keep::Whole),
                                    ("startDate", Keep::Whole),
                                ],
                            ),
                        ),
                        (
                            "taskRunList",
                            Keep::Kinds {
                                item: &Keep::Members(
                                    &[
                                        ("state", Keep::Members(&[("current", Keep::Whole)])),
                                        ("taskId", Keep::Whole),
                                    ],
                                ),
                                by: &["/state/current"],
                                each: 1usize,
                            },
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Execute,
                    kind: "object",
                    kestra_permission: None,
                    exists: &EXISTS,
                };
                let p_namespace: String = scope
                    .required("namespace", &Expr::Arg("namespace"))?;
                let p_id: String = scope.required("id", &Expr::Arg("flow_id"))?;
                let p_labels: Option<::std::vec::Vec<::std::string::String>> = scope
                    .encoded("labels", &Expr::Arg("labels"), Encode::KeyValue)?;
                let p_revision: Option<i64> = scope
                    .optional("revision", &Expr::Step("describe", "/revision"))?;
                let (p_content_type, p_body) = scope
                    .form(&Expr::Arg("inputs"), &Expr::Step("describe", "/inputs"))?;
                segment::check(
                    &[("namespace", p_namespace.as_str()), ("flow_id", p_id.as_str())],
                    &[],
                )?;
                let sent = self
                    .0
                    .create_execution(
                        &scope.ctx.tenant,
                        &p_namespace,
                        &p_id,
                        p_labels.as_ref(),
                        p_revision,
                        &p_content_type,
                        p_body,
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            "read" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        ("id", Keep::Whole),
                        ("outputs", Keep::Whole),
                        ("results", Keep::Whole),
                        (
                            "state",
                            Keep::Members(
                                &[
                                    ("current", Keep::Whole),
                                    ("endDate", Keep::Whole),
                                    ("startDate", Keep::Whole),
                                ],
                            ),
                        ),
                        (
                            "taskRunList",
                            Keep::Kinds {
                                item: &Keep::Members(
                                    &[
                                        ("state", Keep::Members(&[("current", Keep::Whole)])),
                                        ("taskId", Keep::Whole),
                                    ],
                                ),
                                by: &["/state/current"],
                                each: 1usize,
                            },
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_executionid: String = scope
                    .required("executionId", &Expr::Step("start", "/id"))?;
                segment::check(&[("executionId", p_executionid.as_str())], &[])?;
                let sent = self.0.get_execution(&scope.ctx.tenant, &p_executionid).await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            "logs" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        (
                            "results",
                            Keep::Each(
                                &Keep::Members(
                                    &[("executionId", Keep::Whole), ("message", Keep::Whole)],
                                ),
                                100usize,
                            ),
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_filters = scope
                    .filters(
                        &[
                            Filter {
                                field: "executionId",
                                op: Op::Equals,
                                value: Expr::Step("answer", "/id"),
                                otherwise: None,
                                keyed: false,
                            },
                        ],
                    );
                let p_page: Option<i64> = scope.optional("page", &Expr::Constant("1"))?;
                let p_size: Option<i64> = scope.optional("size", &Expr::Constant("20"))?;
                let sent = self
                    .0
                    .search_logs(
                        &scope.ctx.tenant,
                        p_filters.as_ref(),
                        p_page,
                        p_size,
                        None,
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
struct RestartRun(Client);
impl Steps for RestartRun {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "call",
                effect: Effect::Control,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
            Step {
                name: "logs",
                effect: Effect::Read,
                when: When::Any(
                    &[
                        When::Equals(
                            Expr::Step("answer", "/state/current"),
                            "\"FAILED\"",
                        ),
                        When::Contains(Expr::Arg("include"), "logs"),
                    ],
                ),
                permission: Some(Permission("flows.run")),
                same: &[],
                rows: Some("/results"),
                checks: &[
                    Check {
                        at: &["/executionId"],
                        op: Op::Equals,
                        value: Expr::Step("answer", "/id"),
                    },
                ],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &["logs"],
        refuse: &[],
        near: None,
        follow: None,
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: None,
            total: None,
            fields: &[
                Field {
                    name: "execution_id",
                    make: Make::Plain(&[Expr::Row("/id")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "state",
                    make: Make::Plain(&[Expr::Row("/state/current")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "finished",
                    make: Make::InSet(
                        Expr::Row("/state/current"),
                        &["SUCCESS", "FAILED"],
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "boolean",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "seconds",
                    make: Make::SecondsBetween(
                        Expr::Row("/state/startDate"),
                        Expr::Row("/state/endDate"),
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "number",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "tasks",
                    make: Make::CountBy(
                        Expr::Row("/taskRunList"),
                        "/state/current",
                        &[Expr::Step("follow", "/tasks")],
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "waits_for",
                    make: Make::First {
                        at: Expr::Row("/taskRunList"),
                        only: When::In(Expr::Row("/state/current"), &["PAUSED"]),
                        give: "/taskId",
                    },
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "logs",
                    make: Make::Pick {
                        at: &[Expr::Step("logs", "")],
                        only: When::Always,
                        reverse: true,
                        limit: 5usize,
                        fields: &[
                            Field {
                                name: "message",
                                make: Make::Plain(&[Expr::Row("/message")]),
                                when: When::Always,
                                untrusted: false,
                                permission: None,
                                omit: None,
                                kind: "string",
                                bytes: 100usize,
                                asked: None,
                            },
                        ],
                    },
                    when: When::Always,
                    untrusted: true,
                    permission: Some(Permission("flows.run")),
                    omit: None,
                    kind: "array",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "outputs",
                    make: Make::Plain(&[Expr::Row("/outputs"), Expr::Row("/results")]),
                    when: When::Always,
                    untrusted: true,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 100usize,
                    asked: Some((
                        When::Contains(Expr::Arg("include"), "labels"),
                        1000usize,
                    )),
                },
            ],
            order: &[],
            link: None,
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "call" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        ("id", Keep::Whole),
                        ("outputs", Keep::Whole),
                        ("results", Keep::Whole),
                        (
                            "state",
                            Keep::Members(
                                &[
                                    ("current", Keep::Whole),
                                    ("endDate", Keep::Whole),
                                    ("startDate", Keep::Whole),
                                ],
                            ),
                        ),
                        (
                            "taskRunList",
                            Keep::Kinds {
                                item: &Keep::Members(
                                    &[
                                        ("state", Keep::Members(&[("current", Keep::Whole)])),
                                        ("taskId", Keep::Whole),
                                    ],
                                ),
                                by: &["/state/current"],
                                each: 1usize,
                            },
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Control,
                    kind: "object",
                    kestra_permission: None,
                    exists: &EXISTS,
                };
                let p_executionid: String = scope
                    .required("executionId", &Expr::Arg("execution_id"))?;
                segment::check(&[("execution_id", p_executionid.as_str())], &[])?;
                let sent = self
                    .0
                    .restart_execution(&scope.ctx.tenant, &p_executionid)
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            "logs" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        (
                            "results",
                            Keep::Each(
                                &Keep::Members(
                                    &[("executionId", Keep::Whole), ("message", Keep::Whole)],
                                ),
                                100usize,
                            ),
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let p_filters = scope
                    .filters(
                        &[
                            Filter {
                                field: "executionId",
                                op: Op::Equals,
                                value: Expr::Step("answer", "/id"),
                                otherwise: None,
                                keyed: false,
                            },
                        ],
                    );
                let p_page: Option<i64> = scope.optional("page", &Expr::Constant("1"))?;
                let p_size: Option<i64> = scope.optional("size", &Expr::Constant("20"))?;
                let sent = self
                    .0
                    .search_logs(
                        &scope.ctx.tenant,
                        p_filters.as_ref(),
                        p_page,
                        p_size,
                        None,
                    )
                    .await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
struct ListApps(Client);
impl Steps for ListApps {
    const PLAN: Plan = Plan {
        steps: &[
            Step {
                name: "call",
                effect: Effect::Read,
                when: When::Always,
                permission: None,
                same: &[],
                rows: None,
                checks: &[],
                retry_404_ms: 0u64,
                spare_ms: None,
            },
        ],
        attach: &[],
        refuse: &[],
        near: None,
        follow: None,
        unfold: None,
        settle: None,
        upsert: None,
        output: &Output {
            rows: Some("/results"),
            total: None,
            fields: &[
                Field {
                    name: "app_id",
                    make: Make::Plain(&[Expr::Row("/id")]),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "string",
                    bytes: 4096usize,
                    asked: None,
                },
                Field {
                    name: "owner",
                    make: Make::Object(
                        &[
                            Field {
                                name: "name",
                                make: Make::Seek {
                                    at: Expr::Row("/tree"),
                                    key: "/id",
                                    equals: &Make::First {
                                        at: Expr::Row("/owners"),
                                        only: When::Always,
                                        give: "/id",
                                    },
                                    give: "/name",
                                },
                                when: When::Always,
                                untrusted: false,
                                permission: None,
                                omit: None,
                                kind: "array",
                                bytes: 4096usize,
                                asked: None,
                            },
                        ],
                    ),
                    when: When::Always,
                    untrusted: false,
                    permission: None,
                    omit: None,
                    kind: "object",
                    bytes: 4096usize,
                    asked: None,
                },
            ],
            order: &[],
            link: None,
        },
    };
    async fn send(
        &self,
        step: &'static str,
        scope: &Scope<'_>,
    ) -> Result<Answer, Error> {
        match step {
            "call" => {
                static KEEP: Keep = Keep::Members(
                    &[
                        (
                            "results",
                            Keep::Each(
                                &Keep::Members(
                                    &[
                                        ("id", Keep::Whole),
                                        (
                                            "owners",
                                            Keep::Kinds {
                                                item: &Keep::Members(&[("id", Keep::Whole)]),
                                                by: &[],
                                                each: 1usize,
                                            },
                                        ),
                                        ("tree", Keep::Whole),
                                    ],
                                ),
                                100usize,
                            ),
                        ),
                    ],
                );
                const ABOUT: About = About {
                    effect: Effect::Read,
                    kind: "object",
                    kestra_permission: None,
                    exists: &Exists::NEVER,
                };
                let sent = self.0.list_apps(&scope.ctx.tenant).await;
                answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
            }
            other => Err(Internal::NoStep(other).into()),
        }
    }
}
