//! The client of the MCP SDK for Rust, which knows one address.

use anyhow::{Context as _, ensure};
use reqwest::Response;
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::transport::auth::{
    AuthClient, AuthError, AuthorizationRequest, CredentialStore as _, InMemoryCredentialStore,
    OAuthState,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{AuthorizationManager, StreamableHttpClientTransport};
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::{Map, Value, json};

use super::listener::Callback;
use super::loopback::http_client;
use super::secrets::Secrets;

/// One that has asked for access and waits.
pub(crate) struct PendingClient {
    mcp: String,
    state: OAuthState,
    store: InMemoryCredentialStore,
    callback: Callback,
    secrets: Secrets,
    /// Where it sends the browser.
    pub(crate) url: String,
}

/// One that was let in.
pub(crate) struct Client {
    mcp: String,
    auth: AuthClient<reqwest::Client>,
    store: InMemoryCredentialStore,
    service: RunningService<RoleClient, ()>,
    http: reqwest::Client,
    secrets: Secrets,
}

/// What a tool answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whether it is an error.
    pub(crate) refused: bool,
    /// Its content.
    pub(crate) content: Value,
}

impl PendingClient {
    /// Finds its way from the address alone: metadata, registration, where to send the browser.
    pub(crate) async fn start(mcp: &str, name: &str, secrets: &Secrets) -> anyhow::Result<Self> {
        let callback = Callback::listen().await?;
        let mut manager = AuthorizationManager::new(mcp).await?;
        let store = InMemoryCredentialStore::new();
        manager.set_credential_store(store.clone());
        let mut state = OAuthState::Unauthorized(manager);
        let request = AuthorizationRequest::new(callback.address())
            .with_client_name(name)
            .with_initial_scope_selection();
        Box::pin(state.start_authorization(request)).await?;
        let url = state.get_authorization_url().await?;
        Ok(Self {
            mcp: mcp.to_owned(),
            state,
            store,
            callback,
            secrets: secrets.clone(),
            url,
        })
    }

    /// What the browser came back with.
    pub(crate) async fn redirected(&mut self) -> anyhow::Result<String> {
        self.callback.redirected().await
    }

    /// Redeems the code that the browser came back with, and connects.
    pub(crate) async fn connect(mut self) -> anyhow::Result<Client> {
        let arrived = self.callback.redirected().await?;
        Box::pin(self.state.handle_callback_url(&arrived)).await?;
        let manager = self.state.into_authorization_manager();
        let manager = manager.context("it was not let in")?;
        let http = http_client()?;
        let auth = AuthClient::new(http.clone(), manager);
        let transport = StreamableHttpClientTransport::with_client(
            auth.clone(),
            StreamableHttpClientTransportConfig::with_uri(self.mcp.as_str()),
        );
        let client = Client {
            service: Box::pin(().serve(transport)).await?,
            mcp: self.mcp,
            auth,
            store: self.store,
            http,
            secrets: self.secrets,
        };
        client.tokens().await?;
        Ok(client)
    }
}

impl Client {
    /// The names of the tools that are offered.
    pub(crate) async fn tools(&self) -> anyhow::Result<Vec<String>> {
        let mut names: Vec<String> = self
            .service
            .list_all_tools()
            .await?
            .into_iter()
            .map(|tool| tool.name.into_owned())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Calls a tool.
    pub(crate) async fn call(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> anyhow::Result<Answer> {
        let arguments: Map<String, Value> = serde_json::from_value(arguments)?;
        let call = CallToolRequestParams::new(tool).with_arguments(arguments);
        let result = self.service.call_tool(call).await?;
        Ok(Answer {
            refused: result.is_error == Some(true),
            content: result.structured_content.context("no content")?,
        })
    }

    /// Has the client refresh its tokens now.
    pub(crate) async fn refresh(&self) -> Result<(), AuthError> {
        let manager = self.auth.auth_manager.lock().await;
        Box::pin(manager.refresh_token()).await.map(drop)
    }

    /// The access and refresh token; the search for secrets covers them.
    pub(crate) async fn tokens(&self) -> anyhow::Result<(String, String)> {
        let folders = self.store.load().await?.context("it keeps no tokens")?;
        let folders = serde_json::to_value(folders)?;
        let token = |name: &str| {
            let found = folders.pointer(&format!("/token_response/{name}"));
            let found = found.and_then(Value::as_str);
            found.with_context(|| format!("it keeps no {name}"))
        };
        let (access, refresh) = (token("access_token")?, token("refresh_token")?);
        self.secrets.add("access token", access);
        self.secrets.add("refresh token", refresh);
        Ok((access.to_owned(), refresh.to_owned()))
    }

    /// The answer to its refresh token, which the client's own words do not show whole.
    pub(crate) async fn refreshed(&self) -> anyhow::Result<Response> {
        let (_, refresh) = self.tokens().await?;
        let client = self.client_id().await?;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", &client),
        ];
        let address = self.mcp.replace("/mcp", "/token");
        Ok(self.http.post(address).form(&form).send().await?)
    }

    /// Revokes its refresh token (RFC 7009), which the client itself cannot.
    pub(crate) async fn revoke(&self) -> anyhow::Result<()> {
        let (_, refresh) = self.tokens().await?;
        let client = self.client_id().await?;
        let form = [("token", refresh.as_str()), ("client_id", &client)];
        let address = self.mcp.replace("/mcp", "/revoke");
        let answer = self.http.post(address).form(&form).send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(())
    }

    /// The status of a bare request with its access token.
    pub(crate) async fn status(&self) -> anyhow::Result<u16> {
        let (access, _) = self.tokens().await?;
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let post = self.http.post(&self.mcp).bearer_auth(access).json(&ping);
        let answer = post
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .send()
            .await?;
        Ok(answer.status().as_u16())
    }

    async fn client_id(&self) -> anyhow::Result<String> {
        let folders = self.store.load().await?.context("it keeps no tokens")?;
        Ok(folders.client_id)
    }

    /// Ends the connection.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.service.cancel().await?;
        Ok(())
    }
}

impl Answer {
    /// The content, if it is no error.
    pub(crate) fn good(self) -> anyhow::Result<Value> {
        ensure!(!self.refused, "{}", self.content);
        Ok(self.content)
    }

    /// The error, if it is that one.
    pub(crate) fn error(self, code: &str) -> anyhow::Result<Value> {
        let error = self.content.pointer("/error").cloned();
        let error = error.with_context(|| format!("no error: {}", self.content))?;
        let found = error.pointer("/code").and_then(Value::as_str);
        ensure!(self.refused && found == Some(code), "{error}");
        Ok(error)
    }
}

/// Whether the field of the object holds that text.
pub(crate) fn has_text(object: &Value, field: &str, text: &str) -> bool {
    object.get(field).and_then(Value::as_str) == Some(text)
}
