//! What clients and Kestra see of the tools, in reviewed files: `UPDATE_GOLDENS=1 cargo test
//! --workspace --test it goldens` writes them, and their diff describes a change. Also what holds
//! for every tool.

mod order;
mod roles;
mod subsets;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use kestra_mcp::generated;
use kestra_mcp::tool::context::Limits;
use kestra_mcp::tool::{Effect, Line, Tool};
use serde_json::{Map, Value, json};
use simulator::{Dialect, Edition, Received, Settings};

use crate::contract::world::World;
use crate::reviewed::Update;
use order::{Seen, name_of, seen};

const LINES: [(Line, Dialect); 2] = [(Line::V1_3, Dialect::V1_3), (Line::V2_0, Dialect::V2_0)];
const FLOW: &str = "id: hello\nnamespace: company.team\ninputs:\n  - id: who\n    type: STRING\ntasks:\n  \
                    - id: rest\n    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT1H\n";
/// The id in samples that stands for an execution that exists.
const SOME: &str = "3nosuchid00000000000000";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden")
}

const UPDATE: Update = Update {
    variable: "UPDATE_GOLDENS",
    command: "cargo test --workspace --test it goldens",
};

fn hold(name: &str, text: &str) {
    UPDATE.hold(&folder().join(name), text);
}

/// A world with every tool there is.
async fn world(dialect: Dialect) -> World {
    edition(dialect, Edition::Enterprise).await
}

async fn edition(dialect: Dialect, edition: Edition) -> World {
    let settings = Settings {
        edition,
        ..Settings::new(dialect)
    };
    World::with(settings, Limits::default(), &[]).await
}

/// The tools as a client lists them.
async fn listed(mut world: World) -> Vec<Value> {
    // Makes the server ask for the version first.
    world.call("auth_status", json!({})).await;
    let answer = world.ask("tools/list", json!({})).await;
    answer["result"]["tools"].as_array().unwrap().clone()
}

/// What a tool's schema, title and description look like on each line.
#[tokio::test]
async fn a_client_sees_the_reviewed_tools() {
    let mut tools: BTreeMap<String, BTreeMap<&str, Seen>> = BTreeMap::new();
    for (line, dialect) in LINES {
        for tool in seen(world(dialect).await).await {
            let lines = tools.entry(name_of(&tool)).or_default();
            lines.insert(line.as_str(), tool);
        }
    }
    for (name, lines) in &tools {
        let text = serde_json::to_string_pretty(lines).unwrap();
        hold(&format!("tools/{name}.json"), &format!("{text}\n"));
    }
    for entry in fs::read_dir(folder().join("tools")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(
            tools.contains_key(name.as_ref()),
            "{} is superfluous",
            path.display()
        );
    }
}

/// A tool as a setting of the operator changes it, the same on every line.
#[test]
fn a_setting_changes_a_tool_as_reviewed() {
    let tools = generated::tools(Line::NEWEST).iter();
    for (setting, other) in tools.flat_map(|tool| &tool.under) {
        let schema: Seen = serde_json::from_str(other.input_schema).unwrap();
        let hints = other.hints;
        let hints = json!({
            "readOnlyHint": hints.read_only,
            "destructiveHint": hints.destructive,
            "idempotentHint": hints.idempotent,
            "openWorldHint": hints.open_world,
        });
        let seen = IndexMap::from([
            ("effect", Seen::Other(other.effect.as_str().into())),
            (
                "description",
                Seen::Other(other.description.as_str().into()),
            ),
            ("inputSchema", schema),
            ("annotations", Seen::Other(hints)),
        ]);
        let text = serde_json::to_string_pretty(&seen).unwrap();
        hold(
            &format!("under/{setting:?}/{}.json", other.name),
            &format!("{text}\n"),
        );
    }
}

/// The bytes that fourteen tools may take in the list, output schemas aside.
const LIST: usize = 11 << 10;
/// The bytes that each further tool may add.
const MORE: usize = LIST / 14;

#[tokio::test]
async fn a_list_of_tools_is_small() {
    for (_, dialect) in LINES {
        for of in [Edition::OpenSource, Edition::Enterprise] {
            let mut tools = listed(edition(dialect, of).await).await;
            for tool in &mut tools {
                tool.as_object_mut().unwrap().remove("outputSchema");
            }
            let limit = LIST + tools.len().saturating_sub(14) * MORE;
            let bytes = Value::Array(tools).to_string().len();
            assert!(bytes <= limit, "{bytes} bytes, not {limit}");
        }
    }
}

/// One request as text, with names in place of what differs from run to run.
fn request(request: &Received, run: Option<&str>) -> String {
    let decoded = |text: &str| {
        let path = text.replace('+', "%2B");
        let pair = url::form_urlencoded::parse(path.as_bytes()).next();
        pair.map(|(key, _)| key.into_owned()).unwrap_or_default()
    };
    let mut text = format!("{} {}\n", request.method, decoded(&request.path));
    let mut query = request.query.clone();
    // The order of the values of one key matters, and is kept.
    query.sort_by(|one, other| one.0.cmp(&other.0));
    for (key, value) in query {
        writeln!(text, "  {key}={value}").unwrap();
    }
    for name in ["accept", "content-type"] {
        if let Some(value) = request.header(name) {
            writeln!(text, "  {name}: {value}").unwrap();
        }
    }
    let body = String::from_utf8_lossy(&request.body);
    for line in body.lines() {
        writeln!(text, "{}", format!("  | {line}").trim_end()).unwrap();
    }
    let boundary = request
        .header("content-type")
        .and_then(|kind| kind.split_once("boundary="));
    if let Some((_, boundary)) = boundary {
        text = text.replace(boundary, "BOUNDARY");
    }
    match run {
        Some(run) => text.replace(run, "EXECUTION"),
        None => text,
    }
}

#[tokio::test]
async fn each_sample_sends_the_reviewed_requests() {
    for (line, dialect) in LINES {
        let mut text = String::new();
        for tool in generated::tools(line) {
            let mut world = world(dialect).await;
            let mut run = None;
            // A flow that the sample creates must not exist.
            if !matches!(tool.effect, Effect::Create | Effect::Overwrite) {
                world.kestra().save_flow(FLOW).unwrap();
            }
            let sample = Value::Object(tool.sample.clone());
            let typical = sample.to_string();
            if typical.contains(SOME) {
                let flow = json!({ "namespace": "company.team", "flow_id": "hello", "inputs": { "who": "Ada" } });
                let started = world.call("execute_flow", flow).await;
                run = started["execution_id"].as_str().map(str::to_owned);
            }
            world.call("auth_status", json!({})).await;
            world.forget();
            let arguments = typical.replace(SOME, run.as_deref().unwrap_or(SOME));
            let arguments: Value = serde_json::from_str(&arguments).unwrap();
            let params = json!({ "name": tool.name, "arguments": arguments });
            let answer = world.ask("tools/call", params).await;
            let content = &answer["result"]["structuredContent"];
            let code = content["error"]["code"].as_str();
            assert_ne!(code, Some("INVALID_ARGUMENT"), "{}: {content}", tool.name);
            let run = run.as_deref().or(content["execution_id"].as_str());
            writeln!(text, "# {} {sample}", tool.name).unwrap();
            for sent in world.requests() {
                text.push_str(&request(&sent, run));
            }
            text.push('\n');
        }
        let text = format!("{}\n", text.trim_end());
        hold(&format!("requests-{}.txt", line.as_str()), &text);
    }
}

#[test]
fn the_unused_operations_are_known() {
    for (line, _) in LINES {
        let routes = generated::tools(line).iter().flat_map(|tool| &tool.routes);
        let probes = generated::probes(line)
            .iter()
            .map(|probe| ("GET", probe.route));
        let routes = routes.map(|route| (route.method, route.path));
        let used: BTreeSet<(&str, &str)> = routes.chain(probes).collect();
        let file = format!("openapi/kestra-{}.json", line.as_str());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let description: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let mut rows = BTreeSet::new();
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_ascii_uppercase();
                if !used.contains(&(method.as_str(), path.as_str())) {
                    let id = operation["operationId"].as_str().unwrap_or_default();
                    rows.insert(format!("{path} {method} {id}\n"));
                }
            }
        }
        let text: String = rows.into_iter().collect();
        hold(&format!("uncovered-{}.txt", line.as_str()), &text);
    }
}

/// Every tool of every line, with its sample.
fn all() -> impl Iterator<Item = (Line, Dialect, &'static Tool, Map<String, Value>)> {
    LINES.into_iter().flat_map(|(line, dialect)| {
        let tools = generated::tools(line).iter();
        tools.map(move |tool| (line, dialect, tool, tool.sample.clone()))
    })
}

#[tokio::test]
async fn every_tool_refuses_unknown_and_missing_arguments() {
    for (line, dialect) in LINES {
        let mut world = world(dialect).await;
        world.call("auth_status", json!({})).await;
        world.forget();
        for (_, _, tool, sample) in all().filter(|(of, ..)| *of == line) {
            let mut wrong = vec![("no_such_argument", sample.clone())];
            wrong[0].1.insert("no_such_argument".into(), json!(1));
            for argument in tool.arguments.iter().filter(|argument| argument.required) {
                let mut less = sample.clone();
                less.remove(argument.name);
                wrong.push((argument.name, less));
            }
            for (name, arguments) in wrong {
                let error = world.refused(&tool.name, Value::Object(arguments)).await;
                assert_eq!(
                    error["code"], "INVALID_ARGUMENT",
                    "{} {name}: {error}",
                    tool.name
                );
                assert_eq!(error["faults"][0]["field"], name, "{}: {error}", tool.name);
            }
        }
        assert_eq!(world.sent(), Vec::<String>::new());
    }
}

#[test]
fn every_tool_has_the_hints_of_its_effect() {
    for (_, _, tool, _) in all() {
        let (hints, effect) = (tool.hints, tool.effect);
        assert_eq!(hints.read_only, effect == Effect::Read, "{}", tool.name);
        let destroys = matches!(effect, Effect::Overwrite | Effect::Kill | Effect::Delete);
        assert!(hints.destructive || !destroys, "{}", tool.name);
        assert!(!(hints.destructive && hints.read_only), "{}", tool.name);
        assert!(hints.idempotent || !hints.read_only, "{}", tool.name);
    }
}

#[test]
fn every_read_only_tool_uses_reading_routes() {
    for (_, _, tool, _) in all().filter(|(_, _, tool, _)| tool.effect == Effect::Read) {
        for route in &tool.routes {
            let reads = route.method == "GET" || route.path.ends_with("/validate");
            assert!(reads, "{}: {} {}", tool.name, route.method, route.path);
        }
    }
}

/// Words such as `get_flow`.
fn snake(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.trim_matches('_').contains('_'))
}

#[test]
fn every_tool_is_described_in_words_that_exist() {
    for (line, _) in LINES {
        let mut known: BTreeSet<String> = BTreeSet::new();
        for tool in generated::tools(line) {
            known.insert(tool.name.clone());
            for schema in [tool.input_schema, tool.output_schema] {
                names(&serde_json::from_str(schema).unwrap(), &mut known);
            }
        }
        for tool in generated::tools(line) {
            assert!(!tool.title.trim().is_empty(), "{}", tool.name);
            assert!(!tool.description.trim().is_empty(), "{}", tool.name);
            let expected = tool
                .arguments
                .iter()
                .map(|argument| argument.format.expected.as_str());
            for text in expected.chain([tool.description.as_str(), tool.input_schema]) {
                for word in snake(text) {
                    assert!(known.contains(word), "{} speaks of {word}", tool.name);
                }
            }
        }
    }
}

/// Names of properties and words of enumerations.
fn names(schema: &Value, known: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                known.extend(properties.keys().cloned());
            }
            let words = members.get("enum").and_then(Value::as_array);
            known.extend(
                words
                    .into_iter()
                    .flatten()
                    .filter_map(|word| word.as_str().map(str::to_owned)),
            );
            members.values().for_each(|inner| names(inner, known));
        }
        Value::Array(items) => items.iter().for_each(|inner| names(inner, known)),
        _ => {}
    }
}
