//! What a browser must not let happen, and what people are told who get no further.

use anyhow::ensure;
use serde_json::{Value, json};

use super::browser::Journey;
use super::checks::Checks;
use super::client::{Client, PendingClient};
use super::deployment::Deployment;

/// A web page opens the way to consent in a window, which must be able to answer it.
pub(crate) async fn popup(deployment: &Deployment, checks: &mut Checks) -> Option<Client> {
    let mcp = deployment.mapped.mcp();
    let entered = async {
        let pending = PendingClient::start(&mcp, "Ada's web page", &deployment.secrets).await?;
        let journey = Journey {
            popup: true,
            ..Journey::new("ada-popup", &pending.url, deployment.account("ada"))
        };
        let seen = deployment.browser.visit(&journey).await?.without_faults()?;
        ensure!(
            seen.openers == [true, true, true],
            "{:?} on {}",
            seen.openers,
            seen.steps.join(" → ")
        );
        pending.connect().await
    };
    let name = "a window that a page opened still knows it on every step to the client";
    checks.check(name, entered).await
}

/// A person opens a URL of the server in a browser.
pub(crate) async fn doors(deployment: &Deployment, checks: &mut Checks) {
    let mcp = deployment.mapped.mcp();
    for (path, heading, screenshot) in [
        ("/", "Add Kestra to your client", "0-door"),
        ("/mcp", "Add Kestra to your client", "0-endpoint"),
        ("/nowhere", "There is nothing here", "0-nowhere"),
    ] {
        let opened = async {
            let url = format!("{}{path}", deployment.mapped.origin());
            let journey = Journey {
                screenshot: Some(screenshot),
                ..Journey::new("passer-by", &url, ("", ""))
            };
            let seen = deployment
                .browser
                .visit(&journey)
                .await?
                .without_faults()?
                .on_page(heading)?;
            ensure!(
                path == "/nowhere" || seen.text.contains(&mcp),
                "the page lacks the URL of MCP: {}",
                seen.text
            );
            Ok(())
        };
        let name = format!("a browser at {path} reads {heading:?}");
        checks.check(&name, opened).await;
    }
}

/// All that is refused.
pub(crate) async fn refusals(deployment: &Deployment, checks: &mut Checks, ada: &Client) {
    denied(deployment, checks).await;
    framed(deployment, checks).await;
    without_a_role(deployment, checks).await;
    another_person(deployment, checks, ada).await;
}

async fn denied(deployment: &Deployment, checks: &mut Checks) {
    let mcp = deployment.mapped.mcp();
    let answered = async {
        let mut pending = PendingClient::start(&mcp, "A client", &deployment.secrets).await?;
        let journey = Journey {
            decision: "Deny",
            ..Journey::new("ben", &pending.url, deployment.account("ben"))
        };
        let seen = deployment.browser.visit(&journey).await?.without_faults()?;
        ensure!(seen.steps.len() == 2, "{}", seen.steps.join(" → "));
        let arrived = pending.redirected().await?;
        ensure!(
            arrived.contains("error=access_denied") && arrived.contains("&iss="),
            "the client hears something else"
        );
        Ok(())
    };
    let name = "who denies is never asked to sign in, and the client hears it";
    checks.check(name, answered).await;
}

async fn framed(deployment: &Deployment, checks: &mut Checks) {
    let mcp = deployment.mapped.mcp();
    let framed = async {
        let pending = PendingClient::start(&mcp, "A client", &deployment.secrets).await?;
        ensure!(!deployment.browser.frames(&pending.url).await?, "it can");
        Ok(())
    };
    let name = "no page of another origin shows the consent page in a frame";
    checks.check(name, framed).await;
}

async fn without_a_role(deployment: &Deployment, checks: &mut Checks) {
    let mcp = deployment.mapped.mcp();
    let refused = async {
        let mut pending = PendingClient::start(&mcp, "Cleo's client", &deployment.secrets).await?;
        let journey = Journey {
            screenshot: Some("7-no-role"),
            ..Journey::new("cleo", &pending.url, deployment.account("cleo"))
        };
        let seen = deployment.browser.visit(&journey).await?.without_faults()?;
        for claim in ["preferred_username", "email"] {
            ensure!(seen.text.contains(claim), "no {claim}: {}", seen.text);
        }
        ensure!(!seen.text.contains("cleo@"), "a value: {}", seen.text);
        deployment
            .browser
            .press("cleo", "Return to your client", None)
            .await?;
        let arrived = pending.redirected().await?;
        ensure!(arrived.contains("error=access_denied"), "another error");
        Ok(())
    };
    let name = "who has no role is told which claims arrived, and the client hears it";
    checks.check(name, refused).await;
}

async fn another_person(deployment: &Deployment, checks: &mut Checks, ada: &Client) {
    let refused = async {
        let answer = ada.call("register_kestra_token", json!({})).await?;
        let found = find(&answer.content, "/account?");
        let link = found.ok_or_else(|| anyhow::anyhow!("no link: {}", answer.content))?;
        let journey = Journey {
            screenshot: Some("8-link-of-another"),
            ..Journey::new("ben", &link, deployment.account("ben"))
        };
        let seen = deployment.browser.visit(&journey).await?;
        ensure!(seen.heading != "Your account", "{}", seen.text);
        Ok(seen)
    };
    let name = "the link of one person opens nothing for another";
    if let Some(seen) = checks.check(name, refused).await {
        checks.log(&format!("       {}", seen.heading));
    }
}

/// A text in it that holds `part`.
fn find(value: &Value, part: &str) -> Option<String> {
    match value {
        Value::String(text) => {
            let mut words = text.split_whitespace();
            words.find(|word| word.contains(part)).map(str::to_owned)
        }
        Value::Array(all) => all.iter().find_map(|one| find(one, part)),
        Value::Object(all) => all.values().find_map(|one| find(one, part)),
        _ => None,
    }
}
