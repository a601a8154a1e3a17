//! What people do with the SDK's client for Rust: from the bare address to calls, and back out.

use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use tokio::time::Instant;

use super::account;
use super::application::{Application, Asking, says};
use super::browser::Visit;
use super::checks::Checks;
use super::deployment::World;
use super::keycloak::MAPPED;
use super::pages;
use super::roles::{EDITOR, SAVED, VIEWER, alike};

/// For so long after a sign-in the provider is not asked again.
const FRESH: Duration = Duration::from_secs(61);
/// The state of it.
pub(crate) struct Conversation<'a> {
    pub(crate) world: &'a World,
    pub(crate) checks: Checks,
}

/// Who is connected at the end of it.
pub(crate) struct Talked {
    /// Ada's second client, which has not refreshed since it was let in.
    pub(crate) ada: Application,
    /// Ben's client, likewise.
    pub(crate) ben: Application,
}

impl<'a> Conversation<'a> {
    /// Before its first word.
    pub(crate) const fn new(world: &'a World, checks: Checks) -> Self {
        Self { world, checks }
    }

    /// The counts.
    pub(crate) fn end(self) -> Checks {
        self.checks
    }

    /// All of it; none when it could not go on.
    pub(crate) async fn run(&mut self) -> Option<Talked> {
        pages::doors(self.world, &mut self.checks).await;
        let ada = self.connects().await?;
        account::registers(self.world, &mut self.checks, &ada).await?;
        self.works(&ada).await;
        let ben = self.looks().await?;
        let second = pages::popup(self.world, &mut self.checks).await?;
        let since = Instant::now();
        pages::refusals(self.world, &mut self.checks, &ada).await;
        tokio::time::sleep_until(since + FRESH).await;
        self.loses_a_role(&ada).await;
        account::leaves(self.world, &mut self.checks, ada).await;
        Some(Talked { ada: second, ben })
    }

    /// Ada's client finds its way.
    async fn connects(&mut self) -> Option<Application> {
        let world = self.world;
        let mcp = world.mapped.mcp();
        let asking = Asking::start(&mcp, "Ada's client", &world.secrets);
        let name = "from the bare address the client finds the authorization server and registers";
        let asking = self.checks.check(name, asking).await?;
        let visit = Visit {
            shot: Some("1-connect"),
            ..Visit::new("ada", &asking.url, world.account("ada"))
        };
        let walked = async {
            let seen = world.person.visit(&visit).await?.sound()?;
            let origin = world.mapped.origin();
            let [consent, provider, back] = seen.steps.as_slice() else {
                anyhow::bail!("{}", seen.steps.join(" → "));
            };
            ensure!(
                *consent == format!("{origin}/consent: Allow access to Kestra?")
                    && provider.starts_with(&world.keycloak.issuer())
                    && back.ends_with("/callback: Back at the client"),
                "{}",
                seen.steps.join(" → ")
            );
            Ok(())
        };
        let name = "the browser goes from our consent page to Keycloak and back to the client";
        self.checks.check(name, walked).await?;
        let name = "the client redeems its code and connects";
        let ada = self.checks.check(name, asking.enter()).await?;
        let listed = async {
            let (tools, mut wanted) = (ada.tools().await?, [&VIEWER[..], &EDITOR].concat());
            // Which edition Kestra is shows when somebody has a token.
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
    async fn works(&mut self, ada: &Application) {
        let saved = async {
            let saved = ada.call("create_or_update_flow", json!({ "source": SAVED }));
            let saved = saved.await?.good()?;
            ensure!(says(&saved, "outcome", "created"), "{saved}");
            let run =
                json!({ "namespace": "company.team", "flow_id": "saved", "wait_seconds": 30 });
            let run = ada.call("execute_flow", run).await?.good()?;
            ensure!(says(&run, "state", "SUCCESS"), "{run}");
            Ok(())
        };
        let name = "an editor saves a flow and runs it, as herself at Kestra";
        self.checks.check(name, saved).await;
    }

    /// Ben gets in by keyboard alone, and may look.
    async fn looks(&mut self) -> Option<Application> {
        let world = self.world;
        let mcp = world.mapped.mcp();
        let entered = async {
            let asking = Asking::start(&mcp, "Ben's client", &world.secrets).await?;
            let visit = Visit {
                keyboard: true,
                ..Visit::new("ben", &asking.url, world.account("ben"))
            };
            world.person.visit(&visit).await?.sound()?;
            asking.enter().await
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
        let hidden = async { alike(&ben).await };
        let name = "a tool that he may not use answers like one that does not exist";
        self.checks.check(name, hidden).await;
        let registered = async {
            let page = world.mapped.account_page();
            let visit = Visit::new("ben", &page, world.account("ben"));
            world
                .person
                .visit(&visit)
                .await?
                .sound()?
                .at("Your account")?;
            let [_, token] = &world.tokens;
            let seen = world.person.enter("ben", token, "5-saved-by-ben").await?;
            seen.sound()?.at("Saved")?;
            ben.call("list_flows", json!({})).await?.good()
        };
        let name = "he finds the account page by himself, enters his token, and looks";
        self.checks.check(name, registered).await?;
        Some(ben)
    }

    /// Keycloak no longer lets Ada edit.
    async fn loses_a_role(&mut self, ada: &Application) {
        let world = self.world;
        let lost = async {
            world.keycloak.remove_role("ada", MAPPED, "editor").await?;
            let (before, _) = ada.tokens().await?;
            ada.refresh().await?;
            ensure!(
                ada.tokens().await?.0 != before,
                "the access token is the old one"
            );
            let tools = ada.tools().await?;
            ensure!(tools == VIEWER, "{tools:?}");
            alike(ada).await?;
            ada.call("list_flows", json!({})).await?.good()
        };
        let name = "a role that is removed at Keycloak takes its tools away at the next refresh";
        self.checks.check(name, lost).await;
    }
}
