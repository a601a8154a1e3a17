//! How many bytes ordinary answers take: tokens are what a model pays with.

#![expect(
    clippy::print_stdout,
    reason = "the figure is what a person wants to see"
)]

use serde_json::json;

use super::simulated;
use crate::contract::world::World;

simulated![fifty_flows_take_8_kib, twenty_five_executions_take_6_kib,];

fn plain(id: &str) -> String {
    format!(
        "id: {id}\nnamespace: {{ns}}\ndescription: Loads the day's orders and checks them.\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
    )
}

async fn fifty_flows_take_8_kib(world: &mut World) {
    for number in 0..50 {
        world.save(&plain(&format!("load-orders-{number}"))).await;
    }
    let page = world
        .call(
            "list_flows",
            json!({ "namespace": world.namespace, "size": 50 }),
        )
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    let bytes = page.to_string().len();
    println!("list_flows of 50: {bytes} bytes");
    assert!(bytes <= 8 << 10, "{bytes} bytes");
}

async fn twenty_five_executions_take_6_kib(world: &mut World) {
    world.save(&plain("load-orders")).await;
    for _ in 0..25 {
        world.run("load-orders").await;
    }
    let page = world
        .call("list_executions", json!({ "namespace": world.namespace }))
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 25);
    let bytes = page.to_string().len();
    println!("list_executions of 25: {bytes} bytes");
    assert!(bytes <= 6 << 10, "{bytes} bytes");
}
