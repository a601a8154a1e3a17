//! The importer: keeps facts, drops prose, writes the same bytes, refuses what it cannot read.

#![expect(clippy::expect_used, reason = "what helps a test is part of it")]

use std::path::{Path, PathBuf};

use codegen::document::{Document, Method};
use codegen::import::{self, Error, Imported};
use codegen::sources::{self, Sources};
use serde_json::{Value, json};

const PROSE: &str = r"
openapi: 3.0.1
info:
  title: Kestra
  version: 2.0.9
  description: Prose.
tags: [{name: Flows, description: Prose.}]
servers: [{url: http://localhost}]
security: [{basic: []}]
x-vendor: Prose.
paths:
  /api/v1/{tenant}/flows/{id}:
    summary: Prose.
    parameters:
      - {name: tenant, in: path, required: true, description: Prose., schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string, description: Prose.}}
    put:
      tags: [Flows]
      summary: Prose.
      description: Prose.
      operationId: updateFlow
      deprecated: true
      security: [{basic: []}]
      x-vendor: Prose.
      externalDocs: {url: http://prose}
      parameters:
        - {name: id, in: path, required: true, example: Prose., schema: {type: string, maxLength: 9}}
        - {name: zulu, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: alpha, in: query, schema: {type: integer, default: 1, example: 2}}
      requestBody:
        description: Prose.
        required: true
        content:
          application/x-yaml:
            schema: {type: string}
            example: Prose.
      responses:
        200:
          description: Prose.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Flow'}}
components:
  securitySchemes: {basic: {type: http, description: Prose.}}
  examples: {one: {value: Prose.}}
  schemas:
    Flow:
      title: Prose.
      description: Prose.
      type: object
      x-vendor: Prose.
      required: [title, id]
      properties:
        id: {type: string, pattern: '^[a-z]+$', example: Prose.}
        title: {type: string, title: Prose., description: Prose.}
        description: {type: string, enum: [short, long], x-enum-descriptions: [Prose., Prose.]}
        summary: {type: string}
        example: {type: boolean}
        x-foo: {type: integer, format: int64, maximum: 9223372036854775807}
        nested:
          type: object
          additionalProperties: {type: object, description: Prose., properties: {tags: {type: string}}}
        any:
          oneOf:
            - {type: string, description: Prose.}
            - {$ref: '#/components/schemas/Flow'}
";

fn imported(text: &str) -> Imported {
    import::import("kestra.yml", text, Some("2.0")).expect("the fixture is a description")
}

fn refused(text: &str) -> Error {
    import::import("kestra.yml", text, Some("2.0")).expect_err("the fixture is at fault")
}

/// Kestra's own files, which are no part of the project.
fn descriptions() -> Vec<PathBuf> {
    let folder = std::env::var_os("KESTRA_DESCRIPTIONS").expect("KESTRA_DESCRIPTIONS");
    let entries = Path::new(&folder).read_dir().expect("a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "yml"))
        .collect()
}

fn vendored() -> impl Iterator<Item = (&'static str, usize, Document, String)> {
    [("1.3", 276), ("2.0", 567)]
        .into_iter()
        .map(|(line, operations)| {
            let path = openapi().join(import::file_name(line));
            let text = std::fs::read_to_string(&path).expect("the vendored file");
            (
                line,
                operations,
                Document::read(&path).expect("the vendored file"),
                text,
            )
        })
}

fn openapi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

#[test]
fn drops_every_sentence() {
    assert!(!imported(PROSE).text.contains("rose"));
}

#[test]
fn keeps_a_property_whatever_its_name() {
    let json = imported(PROSE).document.json;
    let properties = json
        .pointer("/components/schemas/Flow/properties")
        .expect("properties");
    assert_eq!(
        properties,
        &json!({
            "id": { "type": "string", "pattern": "^[a-z]+$" },
            "title": { "type": "string" },
            "description": { "type": "string", "enum": ["short", "long"] },
            "summary": { "type": "string" },
            "example": { "type": "boolean" },
            "x-foo": { "type": "integer", "format": "int64", "maximum": 9_223_372_036_854_775_807_i64 },
            "nested": {
                "type": "object",
                "additionalProperties": {
                    "type": "object", "properties": { "tags": { "type": "string" } }
                },
            },
            "any": { "oneOf": [{ "type": "string" }, { "$ref": "#/components/schemas/Flow" }] },
        })
    );
}

#[test]
fn keeps_the_facts_of_an_operation_and_the_order_of_its_parameters() {
    let document = imported(PROSE).document;
    let operations: Vec<_> = document.operations().collect();
    assert_eq!(operations.len(), 1);
    let operation = &operations[0];
    assert_eq!(
        (operation.id.as_str(), operation.method),
        ("updateFlow", Method::Put)
    );
    assert_eq!(operation.path, "/api/v1/{tenant}/flows/{id}");
    assert_eq!(
        operation.value,
        &json!({
            "operationId": "updateFlow",
            "deprecated": true,
            "parameters": [
                { "name": "id", "in": "path", "required": true,
                  "schema": { "type": "string", "maxLength": 9 } },
                { "name": "zulu", "in": "query", "explode": false,
                  "schema": { "type": "array", "items": { "type": "string" } } },
                { "name": "alpha", "in": "query", "schema": { "type": "integer", "default": 1 } },
                { "name": "tenant", "in": "path", "required": true, "schema": { "type": "string" } },
            ],
            "requestBody": {
                "required": true,
                "content": { "application/x-yaml": { "schema": { "type": "string" } } },
            },
            "responses": { "200": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Flow" }
            } } } },
        })
    );
    assert!(document.json.get("servers").is_none() && document.json.get("security").is_none());
    assert_eq!(
        document
            .json
            .get("components")
            .and_then(Value::as_object)
            .map(serde_json::Map::len),
        Some(1)
    );
}

#[test]
fn writes_one_line_per_operation_and_per_schema() {
    let text = "
openapi: 3.0.1
info: {title: t, version: v}
paths:
  /b:
    put: {operationId: putB}
    get: {operationId: getB, deprecated: false}
  /a: {get: {operationId: getA}}
components: {schemas: {Z: {type: string}, A: {type: object, properties: {b: {}, a: {}}}}}
";
    let expected = r#"{
"components":{"schemas":{
"A":{"properties":{"a":{},"b":{}},"type":"object"},
"Z":{"type":"string"}
}},
"info":{"title":"t","version":"v"},
"openapi":"3.0.1",
"paths":{
"/a":{"get":{"operationId":"getA"}},
"/b":{"get":{"deprecated":false,"operationId":"getB"},
"put":{"operationId":"putB"}}
}
}
"#;
    assert_eq!(imported(text).text, expected);
}

#[test]
fn writes_the_same_bytes_from_yaml_from_json_and_from_its_own_text() {
    let first = imported(PROSE);
    assert_eq!(first.text, imported(PROSE).text);
    assert_eq!(first.text, imported(&first.text).text);
    let read: Value = serde_json::from_str(&first.text).expect("what is written is JSON");
    assert_eq!(read, first.document.json);
    assert_eq!(
        first.text,
        imported(&serde_json::to_string_pretty(&read).expect("JSON")).text
    );
}

#[test]
#[ignore = "takes Kestra's own descriptions, *.yml in the folder KESTRA_DESCRIPTIONS"]
fn imports_every_description_of_kestra() {
    let files = descriptions();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a description");
        let name = file.display().to_string();
        let imported = import::import(&name, &text, None).expect("a description");
        let written = text
            .lines()
            .filter(|line| line.trim_start().starts_with("operationId: "));
        assert_eq!(
            imported.document.operations().count(),
            written.count(),
            "{name}"
        );
        assert_eq!(
            prose(&imported.document.json, Kind::Other),
            Vec::<String>::new(),
            "{name}"
        );
        assert_eq!(
            imported.text,
            import::import(&name, &text, None).expect("again").text
        );
    }
}

#[test]
fn vendors_every_operation_of_each_line_without_prose() {
    for (line, operations, document, _) in vendored() {
        assert_eq!(document.line.as_deref(), Some(line));
        assert_eq!(document.operations().count(), operations, "{line}");
        assert_eq!(
            prose(&document.json, Kind::Other),
            Vec::<String>::new(),
            "{line}"
        );
    }
}

#[test]
fn vendors_what_the_importer_writes_and_lists_its_hash() {
    let sources = Sources::read(&openapi().join("sources.toml")).expect("sources.toml");
    for (line, _, document, text) in vendored() {
        let again = import::import("vendored", &text, Some(line)).expect("a description");
        assert_eq!(again.text, text, "{line}");
        let source = sources.of(line).expect("an entry for the line");
        assert_eq!(source.sha256, sources::sha256(text.as_bytes()), "{line}");
        assert_eq!(Some(source.version.as_str()), document.version());
        assert_eq!(source.file, format!("openapi/kestra-{line}.json"));
    }
    let text = std::fs::read_to_string(openapi().join("sources.toml")).expect("sources.toml");
    assert_eq!(sources.to_string(), text);
}

/// Id, media type of the body, route in 1.3, and in 2.0 where it is another.
const DEPENDED_ON: [(&str, &str, &str, Option<&str>); 15] = [
    ("searchFlows", "", "GET …/flows/search", None),
    ("getFlow", "", "GET …/flows/{namespace}/{id}", None),
    ("createFlow", "application/x-yaml", "POST …/flows", None),
    (
        "updateFlow",
        "application/x-yaml",
        "PUT …/flows/{namespace}/{id}",
        None,
    ),
    (
        "validateFlows",
        "application/x-yaml",
        "POST …/flows/validate",
        None,
    ),
    (
        "createExecution",
        "multipart/form-data",
        "POST …/executions/{namespace}/{id}",
        None,
    ),
    ("getExecution", "", "GET …/executions/{executionId}", None),
    ("searchExecutions", "", "GET …/executions/search", None),
    (
        "killExecution",
        "",
        "DELETE …/executions/{executionId}/kill",
        Some("DELETE …/executions/{executionId}/actions/kill"),
    ),
    ("searchLogs", "", "GET …/logs/search", None),
    ("searchTriggers", "", "GET …/triggers/search", None),
    ("searchNamespaces", "", "GET …/namespaces/search", None),
    ("searchApps", "", "GET …/apps/search", None),
    ("getApp", "", "GET …/apps/{uid}", None),
    ("createApp", "application/x-yaml", "POST …/apps", None),
];

#[test]
fn vendors_the_requests_that_tools_depend_on() {
    for (line, _, document, _) in vendored() {
        for (id, media_type, first, later) in DEPENDED_ON {
            let found = document
                .operations()
                .find(|operation| operation.id == id)
                .expect(id);
            let route = found.route().replace("/api/v1/{tenant}", "…");
            assert_eq!(
                route,
                if line == "1.3" {
                    first
                } else {
                    later.unwrap_or(first)
                },
                "{id}"
            );
            let content = found
                .value
                .pointer("/requestBody/content")
                .and_then(Value::as_object);
            let media_types: Vec<_> = content
                .into_iter()
                .flatten()
                .map(|(name, _)| name)
                .collect();
            assert_eq!(
                media_types.first().map_or("", |name| name.as_str()),
                media_type,
                "{id}"
            );
            assert!(media_types.len() < 2, "{id}");
        }
    }
}

#[test]
fn refuses_a_fault_in_yaml_with_its_line() {
    let message = refused("openapi: 3.0.1\npaths:\n  /a: [\n  /b: }\n").to_string();
    assert!(message.starts_with("kestra.yml:4:"), "{message}");
    assert!(message.contains("not YAML"), "{message}");
}

#[test]
fn refuses_a_key_that_stands_twice() {
    let message = refused("openapi: 3.0.1\npaths:\n  /a: {}\n  /a: {}\n").to_string();
    assert!(message.starts_with("kestra.yml:4:"), "{message}");
}

#[test]
fn refuses_a_fault_in_json_with_its_line() {
    let message = refused("{\n\"openapi\": \"3.0.1\",\n\"paths\": }\n").to_string();
    assert!(message.starts_with("kestra.yml:3:"), "{message}");
    assert!(message.contains("not JSON"), "{message}");
}

#[test]
fn refuses_with_file_and_place() {
    let openapi = "openapi: 3.0.1\n";
    let operation = "{get: {operationId: a}}";
    let cases = [
        (
            String::new(),
            "kestra.yml: 0 YAML documents; a description is one",
        ),
        (
            "---\na: 1\n---\nb: 2\n".to_owned(),
            "kestra.yml: 2 YAML documents; a description is one",
        ),
        (
            "hello".to_owned(),
            "kestra.yml: top level: not OpenAPI: no \"openapi\" there",
        ),
        (
            "{\"a\": 1}".to_owned(),
            "kestra.yml: top level: not OpenAPI: no \"openapi\" there",
        ),
        (
            "swagger: '2.0'\npaths: {}\n".to_owned(),
            "kestra.yml: top level: Swagger 2.0; only OpenAPI 3 is read: convert it first",
        ),
        (
            "openapi: 4.0.0\n".to_owned(),
            "kestra.yml: top level: OpenAPI 4.0.0; only OpenAPI 3 is read: convert it first",
        ),
        (
            openapi.to_owned(),
            "kestra.yml: paths: an object of paths has to stand here",
        ),
        (
            format!("{openapi}paths: {{}}"),
            "kestra.yml: paths: an object of paths has to stand here",
        ),
        (
            format!("{openapi}paths: {{a: {operation}}}"),
            "kestra.yml: paths a: a path has to begin with a slash",
        ),
        (
            format!("{openapi}paths: {{/a: {{get: {{}}}}}}"),
            "kestra.yml: paths /a get: an operationId has to stand here",
        ),
        (
            format!("{openapi}paths: {{/a: {{$ref: other.yml}}}}"),
            "kestra.yml: paths /a: a path item by $ref is not read: write it out",
        ),
        (
            format!(
                "{openapi}paths: {{/a: {{get: {{operationId: a, parameters: [{{in: query}}]}}}}}}"
            ),
            "kestra.yml: paths /a get parameters 0: a parameter needs name and in",
        ),
        (
            format!("{openapi}paths: {{/a: {operation}, /b: {operation}}}"),
            "kestra.yml: GET /b: operationId \"a\" is also of GET /a",
        ),
        (
            format!("{openapi}paths: {{/a: {operation}}}\ncomponents: {{schemas: {{A: 1}}}}"),
            "kestra.yml: components schemas A: an object has to stand here",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refused(&text).to_string(), message);
    }
}

#[test]
fn refuses_a_package_of_another_line() {
    let text = "
openapi: 3.0.3
info: {title: kestrapy, version: 1.3.1, x-sdist-sha256: 00ff}
paths: {/a: {get: {operationId: a}}}
";
    assert_eq!(
        refused(text).to_string(),
        "kestra.yml: info: version 1.3.1 is not of line 2.0"
    );
    let own = import::import("kestra.yml", text, Some("1.3")).expect("of its own line");
    assert_eq!(own.origin.package, "kestrapy");
    assert_eq!(own.origin.version, "1.3.1");
    assert_eq!(own.origin.sdist_sha256.as_deref(), Some("00ff"));
    assert!(!own.text.contains("00ff"));
}

#[test]
fn writes_the_file_and_its_entry_in_place_of_the_older_ones() {
    let root = std::env::temp_dir().join(format!("codegen-import-{}", std::process::id()));
    std::fs::create_dir_all(root.join("openapi")).expect("a folder");
    let one = imported("openapi: 3.0.1\npaths: {/a: {get: {operationId: a}}}\n");
    let two = imported(PROSE);
    for (line, imported) in [("2.0", &one), ("1.3", &one), ("2.0", &two)] {
        import::vendor(&root, line, imported).expect("written");
    }
    let sources = Sources::read(&root.join("openapi/sources.toml")).expect("sources");
    let lines: Vec<_> = sources
        .source
        .iter()
        .map(|source| source.line.as_str())
        .collect();
    assert_eq!(lines, ["1.3", "2.0"]);
    let text = std::fs::read_to_string(root.join("openapi/kestra-2.0.json")).expect("the file");
    assert_eq!(text, two.text);
    assert_eq!(sources.source[1].sha256, sources::sha256(text.as_bytes()));
    assert_eq!(sources.source[1].version, "2.0.9");
    std::fs::remove_dir_all(root).expect("removed");
}

#[test]
fn takes_the_exact_version_from_its_caller() {
    let told = imported(PROSE).of_version("2.0.12");
    assert_eq!(told.document.version(), Some("2.0.12"));
    assert_eq!(told.origin.version, "2.0.12");
    assert!(told.text.contains(r#""version":"2.0.12""#));
}

#[test]
fn hashes_as_everyone_does() {
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sources::sha256(b"abc"), known);
}

#[derive(Clone, Copy)]
enum Kind {
    /// Keys are names that the API gives: properties, schemas, paths.
    Names,
    /// Values of the API: an enum, a default.
    Values,
    Other,
}

/// Places where a key of prose stands in a position of prose.
fn prose(value: &Value, kind: Kind) -> Vec<String> {
    let of = |key: &str| match (kind, key) {
        (Kind::Names, _) => Kind::Other,
        (_, "properties" | "schemas" | "paths" | "content" | "responses" | "mapping") => {
            Kind::Names
        }
        (_, "enum" | "default") => Kind::Values,
        _ => Kind::Other,
    };
    match (value, kind) {
        (_, Kind::Values) => Vec::new(),
        (Value::Array(items), _) => items.iter().flat_map(|item| prose(item, kind)).collect(),
        (Value::Object(entries), _) => entries
            .iter()
            .filter(|(key, _)| *key != "info")
            .flat_map(|(key, inner)| {
                let known = [
                    "description",
                    "summary",
                    "title",
                    "example",
                    "examples",
                    "tags",
                ];
                let names_prose = known.contains(&key.as_str()) || key.starts_with("x-");
                let here = names_prose && !matches!(kind, Kind::Names);
                here.then(|| key.clone())
                    .into_iter()
                    .chain(prose(inner, of(key)))
            })
            .collect(),
        _ => Vec::new(),
    }
}
