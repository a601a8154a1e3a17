//! How to add this server to each client. The README is generated from it.

use serde_json::Value;

/// How to add this server to one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSetup {
    /// The client.
    pub client: &'static str,
    /// Where to enter it.
    pub place: Place,
    /// What to enter.
    pub text: String,
    /// What starts the sign-in, if it does not start by itself.
    pub sign_in: Option<&'static str>,
}

/// Where to enter something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A command.
    Terminal,
    /// A file of that name.
    File(&'static str),
}

/// All clients that are known to work, for the server at `address`.
pub fn client_setups(address: &str) -> Vec<ClientSetup> {
    let (word, text) = (word(address), Value::from(address));
    let command = |client, text, sign_in| ClientSetup {
        client,
        place: Place::Terminal,
        text,
        sign_in,
    };
    let file = |client, name, text| ClientSetup {
        client,
        place: Place::File(name),
        text,
        sign_in: None,
    };
    vec![
        command(
            "Claude Code",
            format!("claude mcp add --transport http --scope user kestra {word}"),
            Some("/mcp"),
        ),
        command(
            "Codex",
            format!("codex mcp add kestra --url {word}"),
            Some("codex mcp login kestra"),
        ),
        command(
            "Gemini CLI",
            format!("gemini mcp add --transport http --scope user kestra {word}"),
            Some("/mcp auth kestra"),
        ),
        command(
            "opencode",
            format!("opencode mcp add kestra --url {word}"),
            None,
        ),
        file(
            "VS Code",
            ".vscode/mcp.json",
            format!(r#"{{ "servers": {{ "kestra": {{ "type": "http", "url": {text} }} }} }}"#),
        ),
        file(
            "Cursor",
            "~/.cursor/mcp.json",
            format!(r#"{{ "mcpServers": {{ "kestra": {{ "url": {text} }} }} }}"#),
        ),
        file(
            "Clients that support only stdio, through mcp-remote",
            "claude_desktop_config.json",
            format!(
                r#"{{ "mcpServers": {{ "kestra": {{ "command": "npx", "args": ["-y", "mcp-remote", {text}] }} }} }}"#
            ),
        ),
    ]
}

/// A URL as a word of a shell command: brackets and others need quotes.
fn word(address: &str) -> String {
    let is_plain = |next: char| next.is_ascii_alphanumeric() || "-._~:/%".contains(next);
    if address.chars().all(is_plain) {
        address.to_owned()
    } else {
        format!("'{}'", address.replace('\'', "%27"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_json_with_the_address_in_it() {
        let address = "https://mcp.example.com/a\"b/mcp";
        for setup in client_setups(address) {
            if setup.place == Place::Terminal {
                continue;
            }
            let file: Value = serde_json::from_str(&setup.text).unwrap();
            let server = file.pointer("/servers/kestra");
            let server = server.or_else(|| file.pointer("/mcpServers/kestra"));
            let server = server.unwrap();
            let found = server.get("url").or_else(|| server.pointer("/args/2"));
            assert_eq!(found, Some(&Value::from(address)), "{}", setup.client);
        }
    }

    #[test]
    fn an_address_is_one_word_of_a_command() {
        assert_eq!(
            word("https://mcp.example.com:8443/mcp"),
            "https://mcp.example.com:8443/mcp"
        );
        assert_eq!(word("http://[::1]:8081/mcp"), "'http://[::1]:8081/mcp'");
        assert_eq!(word("https://e/it's;x"), "'https://e/it%27s;x'");
    }
}
