//! The order of members on the wire, which a `serde_json` map does not show.

use indexmap::IndexMap;
use kestra_mcp::generated;
use kestra_mcp::tool::context::Limits;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Edition, Settings};

use super::LINES;
use crate::contract::world::{Transport, World};

/// JSON in the order of the wire.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Seen {
    Members(IndexMap<String, Seen>),
    Items(Vec<Seen>),
    Other(Value),
}

impl Seen {
    pub(super) fn at(&self, pointer: &str) -> &Self {
        pointer
            .split('/')
            .skip(1)
            .fold(self, |seen, name| match seen {
                Self::Members(members) => &members[name],
                other => panic!("no {name} in {other:?}"),
            })
    }

    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Members(members) => members.keys().map(String::as_str).collect(),
            other => panic!("no members: {other:?}"),
        }
    }
}

/// The tools as a client lists them, members in order.
pub(super) async fn seen(mut world: World) -> Vec<Seen> {
    world.call("auth_status", json!({})).await;
    world.ask("tools/list", json!({})).await;
    let answer: Seen = serde_json::from_str(&world.raw).unwrap();
    match answer.at("/result/tools") {
        Seen::Items(tools) => tools.clone(),
        other => panic!("no list: {other:?}"),
    }
}

pub(super) fn name_of(tool: &Seen) -> String {
    match tool.at("/name") {
        Seen::Other(Value::String(name)) => name.clone(),
        other => panic!("no name: {other:?}"),
    }
}

/// Forms that clients build from a schema, and models, begin with the first property.
#[tokio::test]
async fn properties_have_the_order_of_the_manifest_over_every_transport() {
    for transport in [Transport::Stdio, Transport::Http] {
        for (line, dialect) in LINES {
            let settings = Settings {
                edition: Edition::Enterprise,
                ..Settings::new(dialect)
            };
            let world = World::over(transport, settings, Limits::default(), &[]).await;
            let tools = seen(world).await;
            assert_eq!(tools.len(), generated::tools(line).len());
            for tool in tools {
                let name = name_of(&tool);
                let known = generated::tools(line)
                    .iter()
                    .find(|known| known.name == name);
                let known = known.unwrap();
                let arguments: Vec<&str> = known.arguments.iter().map(|known| known.name).collect();
                let schema = tool.at("/inputSchema");
                assert_eq!(schema.at("/properties").names(), arguments, "{name}");
                assert_eq!(schema.names()[..2], ["type", "properties"], "{name}");
                let result = tool.at("/outputSchema");
                let text = serde_json::to_string(result).unwrap();
                assert_eq!(text, known.output_schema, "{name}");
                assert_eq!(
                    result.at("/properties").names().last(),
                    Some(&"error"),
                    "{name}"
                );
            }
        }
    }
}
