//! What Ada does on her account page.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::browser::Journey;
use super::checks::Checks;
use super::client::{Client, has_text};
use super::deployment::Deployment;
use super::roles::{EDITOR, VIEWER};
use super::wait::until;

/// She enters her Kestra token.
pub(crate) async fn registers(
    deployment: &Deployment,
    checks: &mut Checks,
    ada: &Client,
) -> Option<()> {
    let refused = async {
        let error = ada.call("list_flows", json!({})).await?;
        let error = error.error("CREDENTIAL_REQUIRED")?;
        let url = error.get("url").and_then(Value::as_str);
        let url = url.context("it does not say where")?;
        ensure!(url.starts_with(&deployment.mapped.account_page()), "{url}");
        Ok(url.to_owned())
    };
    let name = "a call without a Kestra token is refused and says where to enter one";
    let url = checks.check(name, refused).await?;
    let journey = Journey {
        screenshot: Some("2-account"),
        ..Journey::new("ada", &url, deployment.account("ada"))
    };
    let opened = async {
        let seen = deployment.browser.visit(&journey).await?;
        let seen = seen.without_faults()?.on_page("Your account")?;
        ensure!(
            seen.text.contains("No credential is saved"),
            "{}",
            seen.text
        );
        Ok(())
    };
    let name = "the link leads her to her account page";
    checks.check(name, opened).await?;
    let wrong = deployment.secrets.random("Kestra token of nobody").ok()?;
    let kept_out = async {
        let seen = deployment
            .browser
            .enter("ada", &wrong, "3-wrong-token")
            .await?;
        let seen = seen.without_faults()?;
        ensure!(seen.text.contains("Not saved."), "{}", seen.text);
        Ok(())
    };
    let name = "a token that Kestra refuses is not kept, and shown nowhere";
    checks.check(name, kept_out).await;
    let [token, _] = &deployment.tokens;
    let again = Journey {
        screenshot: None,
        ..journey
    };
    let page = deployment.mapped.account_page();
    let over = async {
        let seen = deployment.browser.visit(&again).await?.without_faults()?;
        seen.on_page("This link is over")?;
        let own = Journey {
            url: &page,
            ..again
        };
        deployment
            .browser
            .visit(&own)
            .await?
            .without_faults()?
            .on_page("Your account")
    };
    let name = "the link is over once it was opened, and her account is where it was";
    checks.check(name, over).await?;
    let name = "a good one is kept, and is in no page, field, address or step back";
    let saved = deployment.browser.enter("ada", token, "4-saved");
    let saved = async { saved.await?.without_faults()?.on_page("Saved") };
    checks.check(name, saved).await?;
    let called = async { ada.call("list_flows", json!({})).await?.good() };
    let found = checks.check("the same call works now", called).await?;
    checks.log(&format!("       {found}"));
    let listed = async {
        let (tools, mut wanted) = (ada.tools().await?, [&VIEWER[..], &EDITOR].concat());
        wanted.sort_unstable();
        ensure!(tools == wanted, "{tools:?}");
        Ok(())
    };
    let name = "the tools of Kestra Enterprise are there once it is known";
    checks.check(name, listed).await;
    Some(())
}

/// She takes her token away, and her client.
pub(crate) async fn leaves(deployment: &Deployment, checks: &mut Checks, ada: Client) {
    let page = deployment.mapped.account_page();
    let removed = async {
        let journey = Journey {
            screenshot: Some("6-account"),
            ..Journey::new("ada", &page, deployment.account("ada"))
        };
        deployment
            .browser
            .visit(&journey)
            .await?
            .without_faults()?
            .on_page("Your account")?;
        let seen = deployment.browser.press("ada", "Remove", None).await?;
        seen.without_faults()?;
        let refused = ada.call("list_flows", json!({})).await?;
        refused.error("CREDENTIAL_REQUIRED")
    };
    let name = "a token that is removed on the page is gone at the next call";
    checks.check(name, removed).await;
    let revoked = async {
        ensure!(ada.status().await? != 401, "it has no access already");
        ada.revoke().await?;
        until(async || Ok(ada.status().await? == 401)).await?;
        let answer = ada.refreshed().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        ensure!(
            status == 400 && has_text(&body, "error", "invalid_grant"),
            "{status} {body}"
        );
        Ok(())
    };
    let name = "a client that revokes its refresh token is out";
    checks.check(name, revoked).await;
    // Its connection may complain that it is over.
    let _ = ada.end().await;
}
