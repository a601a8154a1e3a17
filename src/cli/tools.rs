//! The tools, for people and scripts: what each needs and does, and its requests to Kestra.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde_json::{Value, json};

use crate::generated;
use crate::tool::{Edition, Line, Route, Tool};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Options {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Only those of one release line of Kestra
    #[arg(long, value_parser = lines())]
    line: Option<Line>,
}

fn lines() -> impl clap::builder::TypedValueParser<Value = Line> {
    let names = Line::ALL.iter().map(|line| line.as_str());
    PossibleValuesParser::new(names)
        .try_map(|text| Line::of_version(&text).map_err(|_| "not a release line of Kestra"))
}

/// Each tool by name, with its form on each release line, in the order of the manifest.
fn collected(lines: &[Line]) -> Vec<(&'static str, Vec<(Line, &'static Tool)>)> {
    let mut all: Vec<(&'static str, Vec<(Line, &'static Tool)>)> = Vec::new();
    for line in lines {
        for tool in generated::tools(*line) {
            match all.iter_mut().find(|(name, _)| *name == tool.name) {
                Some((_, on)) => on.push((*line, tool)),
                None => all.push((&tool.name, vec![(*line, tool)])),
            }
        }
    }
    all
}

/// What `kestra-mcp tools` prints.
pub(super) fn text(options: Options) -> String {
    let one = options.line.map(|line| vec![line]);
    let tools = collected(one.as_deref().unwrap_or(Line::ALL));
    if options.json {
        let all: Vec<Value> = tools.iter().map(|(_, on)| entry(on)).collect();
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        return format!("{text}\n");
    }
    let mut rows = vec![
        [
            "TOOL",
            "PERMISSION",
            "EFFECT",
            "KESTRA",
            "OPERATION",
            "REQUEST",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (_, on) in &tools {
        rows.extend(rows_of(on));
    }
    aligned(&rows)
}

fn entry(on: &[(Line, &'static Tool)]) -> Value {
    let Some((_, tool)) = on.last() else {
        return Value::Null;
    };
    let operation = |route: &Route| json!({ "operation": route.operation, "method": route.method, "path": route.path });
    let kestra: serde_json::Map<String, Value> = on
        .iter()
        .map(|(line, tool)| {
            let operations: Vec<Value> = tool.routes.iter().map(operation).collect();
            let of_line = json!({ "permission": tool.kestra_permission, "operations": operations });
            (line.as_str().to_owned(), of_line)
        })
        .collect();
    json!({
        "name": tool.name,
        "title": tool.title,
        "permission": tool.permission.map(|permission| permission.0),
        "effect": tool.effect.as_str(),
        "edition": tool.needs.map(Edition::as_str),
        "destructive": tool.hints.destructive,
        "kestra": kestra,
    })
}

/// A row for each operation, with the release lines on which it is the same request.
fn rows_of(on: &[(Line, &'static Tool)]) -> Vec<Vec<String>> {
    let mut requests: Vec<(Vec<Line>, Option<&'static Route>)> = Vec::new();
    for (line, tool) in on {
        let routes: Vec<Option<&'static Route>> = if tool.routes.is_empty() {
            vec![None]
        } else {
            tool.routes.iter().map(Some).collect()
        };
        for route in routes {
            let request = |route: &'static Route| (route.operation, route.method, route.path);
            let same = |known: Option<&'static Route>| known.map(request) == route.map(request);
            match requests.iter_mut().find(|(_, known)| same(*known)) {
                Some((lines, _)) => lines.push(*line),
                None => requests.push((vec![*line], route)),
            }
        }
    }
    let Some((_, tool)) = on.last() else {
        return Vec::new();
    };
    let row = |(lines, route): &(Vec<Line>, Option<&'static Route>)| {
        let mut kestra: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        if tool.needs == Some(Edition::Enterprise) {
            kestra.push(Edition::Enterprise.as_str());
        }
        vec![
            tool.name.clone(),
            tool.permission
                .map_or("-", |permission| permission.0)
                .to_owned(),
            tool.effect.as_str().to_owned(),
            kestra.join(" "),
            route.map_or("-", |route| route.operation).to_owned(),
            route.map_or_else(
                || "-".to_owned(),
                |route| format!("{} {}", route.method, route.path),
            ),
        ]
    };
    requests.iter().map(row).collect()
}

/// Columns of one width each, two spaces apart.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
