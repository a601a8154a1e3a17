//! The page that says how to add this server to a client.

use kestra_mcp::pages::door::{Door, client_setups};

const MCP: &str = "https://mcp.example.com/mcp";

#[test]
fn the_first_page_says_for_each_client_what_to_write_where() {
    let page = Door {
        mcp: MCP,
        account: "https://mcp.example.com/account",
    };
    let page = page.page();
    let html = page.html().replace("&quot;", "\"");
    for words in [
        "<h2>Claude Code</h2><p>In a terminal:</p><pre><code>claude mcp add --transport http \
         --scope user kestra https://mcp.example.com/mcp</code></pre>",
        "sign in with <code>/mcp</code>",
        "codex mcp add kestra --url https://mcp.example.com/mcp",
        "gemini mcp add --transport http --scope user kestra https://mcp.example.com/mcp",
        "<h2>VS Code</h2><p>In the file <code>.vscode/mcp.json</code>:</p><pre><code>{ \"servers\"",
        "<h2>Cursor</h2><p>In the file <code>~/.cursor/mcp.json</code>:</p>",
        "\"args\": [\"-y\", \"mcp-remote\", \"https://mcp.example.com/mcp\"]",
        "<a href=\"https://mcp.example.com/account\">",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    for setup in client_setups(MCP) {
        assert!(html.contains(&setup.text), "{}", setup.client);
        assert!(setup.text.contains(MCP) && !setup.text.contains('\n'));
    }
}
