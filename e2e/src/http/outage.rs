//! Keycloak goes and comes back; a person goes for good.

use anyhow::{Context as _, ensure};
use rmcp::transport::auth::AuthError;
use serde_json::{Value, json};

use super::application::says;
use super::browser::Visit;
use super::checks::Checks;
use super::conversation::Talked;
use super::deployment::World;
use super::roles::VIEWER;
use super::wait::until;

/// All of it.
pub(crate) async fn run(world: &mut World, talked: Talked, checks: &mut Checks) {
    let Talked { ada, ben } = talked;
    checks.check("Keycloak stops", world.keycloak.stop()).await;
    let goes_on = async { ben.call("list_flows", json!({})).await?.good() };
    let name = "without Keycloak calls go on";
    checks.check(name, goes_on).await;
    let again = async {
        let answer = ben.refreshed().await?;
        let after = answer.headers().get("retry-after").cloned();
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        let said = status == 503 && says(&body, "error", "temporarily_unavailable");
        ensure!(said, "{status} {body}");
        let after = after.context("it does not say when")?;
        Ok(after.to_str()?.to_owned())
    };
    let name = "without Keycloak a refresh is answered with 503 and when to come again";
    if let Some(seconds) = checks.check(name, again).await {
        checks.say(&format!("       Retry-After: {seconds}"));
    }
    let kept = async {
        let error = ben.refresh().await.err().context("it refreshed")?;
        ensure!(matches!(error, AuthError::TokenRefreshFailed(_)), "{error}");
        ben.call("list_flows", json!({})).await?.good()
    };
    let name = "the client takes it for a passing fault, keeps its tokens and goes on";
    checks.check(name, kept).await;

    let back = world.keycloak.resume();
    if checks.check("Keycloak comes back", back).await.is_none() {
        return;
    }
    let refreshed = async {
        let (_, before) = ben.tokens().await?;
        ben.refresh().await?;
        ensure!(
            ben.tokens().await?.1 != before,
            "the refresh token is the old one"
        );
        let tools = ben.tools().await?;
        ensure!(tools == VIEWER, "{tools:?}");
        ben.call("list_flows", json!({})).await?.good()
    };
    let name = "with Keycloak back the same refresh token works, and is rotated";
    checks.check(name, refreshed).await;

    let out = async {
        world.keycloak.disable("ada").await?;
        ensure!(ada.status().await? != 401, "she is out already");
        let error = ada.refresh().await.err().context("it refreshed")?;
        ensure!(
            matches!(error, AuthError::TokenRefreshRejected(_)),
            "{error}"
        );
        until(async || Ok(ada.status().await? == 401)).await
    };
    let name = "a person who is shut out at Keycloak is out at the next refresh";
    checks.check(name, out).await;

    let disconnected = async {
        let page = world.mapped.account_page();
        let visit = Visit::new("ben", &page, world.account("ben"));
        world
            .person
            .visit(&visit)
            .await?
            .sound()?
            .at("Your account")?;
        world
            .person
            .press("ben", "Disconnect", Some("9-disconnected"))
            .await?
            .sound()?;
        until(async || Ok(ben.status().await? == 401)).await
    };
    let name = "a client that is disconnected on the page is out";
    checks.check(name, disconnected).await;
    let signed_out = async {
        let seen = world
            .person
            .press("ben", "Sign out everywhere", None)
            .await?;
        seen.sound()?.at("Signed out everywhere")
    };
    checks
        .check("a person signs out everywhere", signed_out)
        .await;
    for application in [ada, ben] {
        // Its connection may complain that it is over.
        let _ = application.end().await;
    }
}
