//! Keycloak goes and comes back; a person goes for good.

use anyhow::{Context as _, ensure};
use rmcp::transport::auth::AuthError;
use serde_json::{Value, json};

use super::browser::Journey;
use super::checks::Checks;
use super::client::has_text;
use super::conversation::Connected;
use super::deployment::Deployment;
use super::roles::VIEWER;
use super::wait::until;

/// All of it.
pub(crate) async fn run(deployment: &mut Deployment, connected: Connected, checks: &mut Checks) {
    let Connected { ada, ben } = connected;
    checks
        .check("Keycloak stops", deployment.keycloak.stop())
        .await;
    let goes_on = async { ben.call("list_flows", json!({})).await?.good() };
    let name = "without Keycloak calls go on";
    checks.check(name, goes_on).await;
    let again = async {
        let answer = ben.refreshed().await?;
        let after = answer.headers().get("retry-after").cloned();
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        let said = status == 503 && has_text(&body, "error", "temporarily_unavailable");
        ensure!(said, "{status} {body}");
        let after = after.context("it does not say when")?;
        Ok(after.to_str()?.to_owned())
    };
    let name = "without Keycloak a refresh is answered with 503 and when to come again";
    if let Some(seconds) = checks.check(name, again).await {
        checks.log(&format!("       Retry-After: {seconds}"));
    }
    let folders = async {
        let error = ben.refresh().await.err().context("it refreshed")?;
        ensure!(matches!(error, AuthError::TokenRefreshFailed(_)), "{error}");
        ben.call("list_flows", json!({})).await?.good()
    };
    let name = "the client takes it for a passing fault, keeps its tokens and goes on";
    checks.check(name, folders).await;

    let back = deployment.keycloak.resume();
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
        deployment.keycloak.disable("ada").await?;
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
        let page = deployment.mapped.account_page();
        let journey = Journey::new("ben", &page, deployment.account("ben"));
        deployment
            .browser
            .visit(&journey)
            .await?
            .without_faults()?
            .on_page("Your account")?;
        deployment
            .browser
            .press("ben", "Disconnect", Some("9-disconnected"))
            .await?
            .without_faults()?;
        until(async || Ok(ben.status().await? == 401)).await
    };
    let name = "a client that is disconnected on the page is out";
    checks.check(name, disconnected).await;
    let signed_out = async {
        let seen = deployment
            .browser
            .press("ben", "Sign out everywhere", None)
            .await?;
        seen.without_faults()?.on_page("Signed out everywhere")
    };
    checks
        .check("a person signs out everywhere", signed_out)
        .await;
    for client in [ada, ben] {
        // Its connection may complain that it is over.
        let _ = client.end().await;
    }
}
