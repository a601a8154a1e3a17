//! What to paste into a client.

use serde_json::{Value, json};

use crate::show::strong;
use crate::stage::Stage;

/// The settings of three clients, for the Kestra of `stage`.
pub(crate) fn settings(stage: &Stage) -> String {
    let url = stage.address().unwrap_or("http://localhost:8080");
    let server = |password: &str| {
        json!({
            "command": "kestra-mcp",
            "args": ["stdio"],
            "env": {
                "KESTRA_API_URL": url,
                "KESTRA_USERNAME": "you@example.com",
                "KESTRA_PASSWORD": password,
            },
        })
    };
    let desktop = json!({ "mcpServers": { "kestra": server("your password") } });
    let mut code = server("${input:kestra-password}");
    if let Some(fields) = code.as_object_mut() {
        fields.insert("type".to_owned(), "stdio".into());
    }
    let code = json!({
        "inputs": [{
            "id": "kestra-password",
            "type": "promptString",
            "description": "Password for Kestra",
            "password": true,
        }],
        "servers": { "kestra": code },
    });
    let cursor = json!({ "mcpServers": { "kestra": server("${env:KESTRA_PASSWORD}") } });
    format!(
        "\n{}\nInstall it with: cargo install --path .\nWith Kestra Enterprise, set \
         KESTRA_API_TOKEN instead of user name and password.\n{}{}{}",
        strong("To use it yourself"),
        part("Claude Desktop: claude_desktop_config.json", &desktop),
        part("VS Code: .vscode/mcp.json", &code),
        part("Cursor: ~/.cursor/mcp.json", &cursor),
    )
}

fn part(title: &str, settings: &Value) -> String {
    format!("\n{}\n{settings:#}\n", strong(title))
}
