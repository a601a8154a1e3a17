//! What people do with the SDK's client for Rust: from the bare address to calls, and back out.

use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use tokio::time::Instant;

use super::account;
use super::browser::Journey;
use super::checks::Checks;
use super::client::{Client, PendingClient, has_text};
use super::deployment::Deployment;
use super::keycloak::MAPPED;
use super::pages;
use super::roles::{EDITOR, SAVED, VIEWER, check_hidden};

/// For so long after a sign-in the provider is not asked again.
const FRESH: Duration = Duration::from_secs(61);
/// The state of it.
pub(crate) struct Conversation<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) checks: Checks,
}

/// Who is connected at the end of it.
pub(crate) struct Connected {
    /// Ada's second client, which has not refreshed since it was let in.
    pub(crate) ada: Client,
    /// Ben's client, likewise.
    pub(crate) ben: Client,
}

impl<'a> Conversation<'a> {
    /// Before its first word.
    pub(crate) const fn new(deployment: &'a Deployment, checks: Checks) -> Self {
        Self { deployment, checks }
    }

    /// The counts.
    pub(crate) fn end(self) -> Checks {
        self.checks
    }

    /// All of it; none when it could not go on.
    pub(crate) async fn run(&mut self) -> Option<Connected> {
        pages::doors(self.deployment, &mut self.checks).await;
        let ada = self.connects().await?;
        account::registers(self.deployment, &mut self.checks, &ada).await?;
        self.works(&ada).await;
        let ben = self.looks().await?;
        let second = pages::popup(self.deployment, &mut self.checks).await?;
        let since = Instant::now();
        pages::refusals(self.deployment, &mut self.checks, &ada).await;
        tokio::time::sleep_until(since + FRESH).await;
        self.loses_a_role(&ada).await;
        account::leaves(self.deployment, &mut self.checks, ada).await;
        Some(Connected { ada: second, ben })
    }

    /// Ada's client finds its way.
    async fn connects(&mut self) -> Option<Client> {
        let deployment = self.deployment;
        let mcp = deployment.mapped.mcp();
        let pending = PendingClient::start(&mcp, "Ada's client", &deployment.secrets);
        let name = "from the bare address the client finds the authorization server and registers";
        let pending = self.checks.check(name, pending).await?;
        let journey = Journey {
            screenshot: Some("1-connect"),
            ..Journey::new("ada", &pending.url, deployment.account("ada"))
        };
        let walked = async {
            let seen = deployment.browser.visit(&journey).await?.without_faults()?;
            let origin = deployment.mapped.origin();
            let [consent, provider, back] = seen.steps.as_slice() else {
                anyhow::bail!("{}", seen.steps.join(" → "));
            };
            ensure!(
                *consent == format!("{origin}/consent: Allow access to Kestra?")
                    && provider.starts_with(&deployment.keycloak.issuer())
                    && back.ends_with("/callback: Back at the client"),
                "{}",
                seen.steps.join(" → ")
            );
            Ok(())
        };
        let name = "the browser goes from our consent page to Keycloak and back to the client";
        self.checks.check(name, walked).await?;
        let name = "the client redeems its code and connects";
        let ada = self.checks.check(name, pending.connect()).await?;
        let listed = async {
            let (tools, mut wanted) = (ada.tools().await?, [&VIEWER[..], &EDITOR].concat());
            // The edition of Kestra is known once a person has a token.
            wanted.retain(|tool| !tool.contains("_app"));
            wanted.sort_unstable();
            ensure!(tools == wanted, "{tools:?}");
            Ok(())
        };
        let name = "roles that Keycloak puts into the ID token open all tools to an editor";
        self.checks.check(name, listed).await;
        Some(ada)
    }

    /// She saves a flow and runs it.
    async fn works(&mut self, ada: &Client) {
        let saved = async {
            let saved = ada.call("create_or_update_flow", json!({ "source": SAVED }));
            let saved = saved.await?.good()?;
            ensure!(has_text(&saved, "outcome", "created"), "{saved}");
            let run =
                json!({ "namespace": "company.team", "flow_id": "saved", "wait_seconds": 30 });
            let run = ada.call("execute_flow", run).await?.good()?;
            ensure!(has_text(&run, "state", "SUCCESS"), "{run}");
            Ok(())
        };
        let name = "an editor saves a flow and runs it, as herself at Kestra";
        self.checks.check(name, saved).await;
    }

    /// Ben gets in by keyboard alone, and may look.
    async fn looks(&mut self) -> Option<Client> {
        let deployment = self.deployment;
        let mcp = deployment.mapped.mcp();
        let entered = async {
            let pending = PendingClient::start(&mcp, "Ben's client", &deployment.secrets).await?;
            let journey = Journey {
                keyboard: true,
                ..Journey::new("ben", &pending.url, deployment.account("ben"))
            };
            deployment.browser.visit(&journey).await?.without_faults()?;
            pending.connect().await
        };
        let name = "consent and sign-in work by keyboard alone, with the focus in sight";
        let ben = self.checks.check(name, entered).await?;
        let listed = async {
            let tools = ben.tools().await?;
            ensure!(tools == VIEWER, "{tools:?}");
            Ok(())
        };
        let name = "a viewer is offered what reads, and nothing else";
        self.checks.check(name, listed).await;
        let hidden = async { check_hidden(&ben).await };
        let name = "a tool that he may not use answers like one that does not exist";
        self.checks.check(name, hidden).await;
        let registered = async {
            let page = deployment.mapped.account_page();
            let journey = Journey::new("ben", &page, deployment.account("ben"));
            deployment
                .browser
                .visit(&journey)
                .await?
                .without_faults()?
                .on_page("Your account")?;
            let [_, token] = &deployment.tokens;
            let seen = deployment
                .browser
                .enter("ben", token, "5-saved-by-ben")
                .await?;
            seen.without_faults()?.on_page("Saved")?;
            ben.call("list_flows", json!({})).await?.good()
        };
        let name = "he finds the account page by himself, enters his token, and looks";
        self.checks.check(name, registered).await?;
        Some(ben)
    }

    /// Keycloak no longer lets Ada edit.
    async fn loses_a_role(&mut self, ada: &Client) {
        let deployment = self.deployment;
        let lost = async {
            deployment
                .keycloak
                .remove_role("ada", MAPPED, "editor")
                .await?;
            let (before, _) = ada.tokens().await?;
            ada.refresh().await?;
            ensure!(
                ada.tokens().await?.0 != before,
                "the access token is the old one"
            );
            let tools = ada.tools().await?;
            ensure!(tools == VIEWER, "{tools:?}");
            check_hidden(ada).await?;
            ada.call("list_flows", json!({})).await?.good()
        };
        let name = "a role that is removed at Keycloak takes its tools away at the next refresh";
        self.checks.check(name, lost).await;
    }
}
