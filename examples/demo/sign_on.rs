//! How a client gets in: the whole OAuth conversation, by the client of the MCP SDK and a person at
//! a browser.

use anyhow::{Context as _, ensure};
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::transport::auth::{AuthClient, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{AuthorizationManager, StreamableHttpClientTransport};
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::company::{ADA, BEN, Company, kestra_token};
use crate::show::{line, outline, strong};

/// Where the client would listen for the browser; the demo looks at the address alone.
const CALLBACK: &str = "http://127.0.0.1:1/callback";
/// The flow that is there.
const FLOW: &str = "id: hello
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
";

type Client = RunningService<RoleClient, ()>;

/// All of it.
pub(crate) async fn show(company: &Company) -> anyhow::Result<()> {
    company.kestra.save_flow(FLOW)?;
    let mcp = format!("{}/mcp", company.server.issuer());

    title("A client knows one address, and nobody has signed in.");
    let plain = reqwest::Client::builder().no_proxy().build()?;
    line(format_args!("  → POST {mcp}"));
    let refused = plain.post(&mcp).body("{}").send().await?;
    line(format_args!("  ← {}", refused.status()));
    for value in refused.headers().get_all("www-authenticate") {
        line(format_args!("    WWW-Authenticate: {}", value.to_str()?));
    }

    title(&format!("{ADA} connects it: she has the role admin."));
    let mut browser = Browser::new()?;
    let ada = connect(&mcp, ADA, &mut browser).await?;
    tools(&ada).await?;

    title("It wants to see flows, and Kestra does not know her yet.");
    let (refused, answer) = call(&ada, "list_flows").await?;
    ensure!(refused, "there should be no credential yet");
    let page = answer.pointer("/error/url").and_then(Value::as_str);
    let page = page.context("an answer without the page")?;

    title("She opens that page and enters her Kestra token; the client never sees it.");
    let account = browser.open(page, CALLBACK).await?;
    let account = account_page(&mut browser, account).await?;
    let token = kestra_token(ADA);
    browser
        .send(&account, "for=\"token\"", &[("token", &token)], CALLBACK)
        .await?;
    let (refused, _) = call(&ada, "list_flows").await?;
    ensure!(!refused, "now there should be flows");

    title(&format!(
        "{BEN} connects a client, too: he has the role viewer."
    ));
    let ben = connect(&mcp, BEN, &mut Browser::new()?).await?;
    tools(&ben).await?;
    line("  What he may not do does not exist for him.");

    ada.cancel().await?;
    ben.cancel().await?;
    Ok(())
}

/// Signs `login` in where the account page asks for it.
async fn account_page(browser: &mut Browser, page: Page) -> anyhow::Result<Page> {
    let mut page = page;
    if page.text.contains("value=\"sign_in\"") {
        let button = "name=\"provider\" value=\"default\"";
        page = browser.send(&page, button, &[], CALLBACK).await?;
    }
    // The account page asks for a user name, too: that of Kestra.
    if page.url.path() != "/account" {
        return browser
            .send(
                &page,
                "Sign in",
                &[("username", ADA), ("password", "any")],
                CALLBACK,
            )
            .await;
    }
    Ok(page)
}

/// From the bare address to a connected client.
async fn connect(mcp: &str, login: &str, browser: &mut Browser) -> anyhow::Result<Client> {
    let manager = AuthorizationManager::new_allowing_private_addresses(mcp).await?;
    let mut state = OAuthState::Unauthorized(manager);
    let request = AuthorizationRequest::new(CALLBACK)
        .with_client_name("Demo client")
        .with_initial_scope_selection();
    state.start_authorization(request).await?;
    let url = state.get_authorization_url().await?;
    line(format_args!(
        "  The client found its way, registered itself, and opens a browser:\n  {url}"
    ));
    let question = browser.open(&url, CALLBACK).await?;
    line(format_args!(
        "  ← {}: is this what you want? Yes.",
        path(&question)
    ));
    let login_page = browser
        .send(
            &question,
            "name=\"provider\" value=\"default\"",
            &[],
            CALLBACK,
        )
        .await?;
    line(format_args!(
        "  ← {}: who are you? {login}.",
        path(&login_page)
    ));
    let fields = [("username", login), ("password", "any")];
    let back = browser
        .send(&login_page, "Sign in", &fields, CALLBACK)
        .await?;
    line("  ← back to the client, which redeems the code for tokens.");
    state.handle_callback_url(back.url.as_str()).await?;
    let manager = state.into_authorization_manager();
    let manager = manager.context("the client was not let in")?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let transport = StreamableHttpClientTransport::with_client(
        AuthClient::new(http, manager),
        StreamableHttpClientTransportConfig::with_uri(mcp),
    );
    Ok(().serve(transport).await?)
}

fn path(page: &Page) -> String {
    let url = &page.url;
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

async fn tools(client: &Client) -> anyhow::Result<()> {
    line("  → tools/list");
    let names: Vec<String> = client
        .list_all_tools()
        .await?
        .into_iter()
        .map(|tool| tool.name.into_owned())
        .collect();
    line(format_args!("  ← {}", names.join(", ")));
    Ok(())
}

/// Whether the call was refused, and the answer.
async fn call(client: &Client, tool: &'static str) -> anyhow::Result<(bool, Value)> {
    line(format_args!("  → {tool} {}", json!({})));
    let result = client.call_tool(CallToolRequestParams::new(tool)).await?;
    let answer = result
        .structured_content
        .context("an answer without content")?;
    line(format!("  ← {}", outline(&answer, 4).trim_start()).trim_end());
    Ok((result.is_error == Some(true), answer))
}

fn title(text: &str) {
    line(format_args!("\n{}", strong(text)));
}
