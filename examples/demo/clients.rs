//! What to paste into a client.

use crate::show::strong;
use crate::stage::Stage;

/// What starts the server in each of them, but for the password.
const SERVER: &str = r#"      "command": "kestra-mcp",
      "args": ["stdio"],
      "env": {
        "KESTRA_API_URL": "{url}",
        "KESTRA_USERNAME": "you@example.com",
        "KESTRA_PASSWORD": "{password}"
      }"#;

/// Of Claude Desktop and Cursor.
const SERVERS: &str = r#"{
  "mcpServers": {
    "kestra": {
{server}
    }
  }
}"#;

/// Of VS Code, which asks for the password.
const ASKING: &str = r#"{
  "inputs": [
    { "id": "kestra-password", "type": "promptString", "description": "Password for Kestra", "password": true }
  ],
  "servers": {
    "kestra": {
      "type": "stdio",
{server}
    }
  }
}"#;

/// The settings of three clients, for the Kestra of `stage`.
pub(crate) fn settings(stage: &Stage) -> String {
    let url = stage.address().unwrap_or("http://localhost:8080");
    let filled = |whole: &str, password: &str| {
        let server = SERVER.replace("{url}", url).replace("{password}", password);
        whole.replace("{server}", &server)
    };
    format!(
        "\n{}\nInstall it with: cargo install --locked --path .\nWith Kestra Enterprise, set \
         KESTRA_API_TOKEN instead of user name and password.\n{}{}{}",
        strong("To use it yourself"),
        part(
            "Claude Desktop: claude_desktop_config.json",
            &filled(SERVERS, "your password")
        ),
        part(
            "VS Code: .vscode/mcp.json",
            &filled(ASKING, "${input:kestra-password}")
        ),
        part(
            "Cursor: ~/.cursor/mcp.json",
            &filled(SERVERS, "${env:KESTRA_PASSWORD}")
        ),
    )
}

fn part(title: &str, settings: &str) -> String {
    format!("\n{}\n{settings}\n", strong(title))
}
