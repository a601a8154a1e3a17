//! What a browser must not let happen, and what people are told who get no further.

use anyhow::ensure;
use serde_json::{Value, json};

use super::application::{Application, Asking};
use super::browser::Visit;
use super::checks::Checks;
use super::deployment::World;

/// A web page opens the way to consent in a window, which must be able to answer it.
pub(crate) async fn popup(world: &World, checks: &mut Checks) -> Option<Application> {
    let mcp = world.mapped.mcp();
    let entered = async {
        let asking = Asking::start(&mcp, "Ada's web page", &world.secrets).await?;
        let visit = Visit {
            popup: true,
            ..Visit::new("ada-popup", &asking.url, world.account("ada"))
        };
        let seen = world.person.visit(&visit).await?.sound()?;
        ensure!(
            seen.openers == [true, true, true],
            "{:?} on {}",
            seen.openers,
            seen.steps.join(" → ")
        );
        asking.enter().await
    };
    let name = "a window that a page opened still knows it on every step to the client";
    checks.check(name, entered).await
}

/// Whoever opens an address of the server in a browser.
pub(crate) async fn doors(world: &World, checks: &mut Checks) {
    let mcp = world.mapped.mcp();
    for (path, heading, shot) in [
        ("/", "Add Kestra to your client", "0-door"),
        ("/mcp", "Add Kestra to your client", "0-endpoint"),
        ("/nowhere", "There is nothing here", "0-nowhere"),
    ] {
        let opened = async {
            let url = format!("{}{path}", world.mapped.origin());
            let visit = Visit {
                shot: Some(shot),
                ..Visit::new("passer-by", &url, ("", ""))
            };
            let seen = world.person.visit(&visit).await?.sound()?.at(heading)?;
            ensure!(
                path == "/nowhere" || seen.text.contains(&mcp),
                "no address: {}",
                seen.text
            );
            Ok(())
        };
        let name = format!("a browser at {path} reads {heading:?}");
        checks.check(&name, opened).await;
    }
}

/// All that is refused.
pub(crate) async fn refusals(world: &World, checks: &mut Checks, ada: &Application) {
    denied(world, checks).await;
    framed(world, checks).await;
    without_a_role(world, checks).await;
    another_person(world, checks, ada).await;
}

async fn denied(world: &World, checks: &mut Checks) {
    let mcp = world.mapped.mcp();
    let answered = async {
        let mut asking = Asking::start(&mcp, "A client", &world.secrets).await?;
        let visit = Visit {
            decision: "Deny",
            ..Visit::new("ben", &asking.url, world.account("ben"))
        };
        let seen = world.person.visit(&visit).await?.sound()?;
        ensure!(seen.steps.len() == 2, "{}", seen.steps.join(" → "));
        let arrived = asking.arrived().await?;
        ensure!(
            arrived.contains("error=access_denied") && arrived.contains("&iss="),
            "the client hears something else"
        );
        Ok(())
    };
    let name = "who denies is never asked to sign in, and the client hears it";
    checks.check(name, answered).await;
}

async fn framed(world: &World, checks: &mut Checks) {
    let mcp = world.mapped.mcp();
    let framed = async {
        let asking = Asking::start(&mcp, "A client", &world.secrets).await?;
        ensure!(!world.person.frames(&asking.url).await?, "it can");
        Ok(())
    };
    let name = "no page of another origin shows the consent page in a frame";
    checks.check(name, framed).await;
}

async fn without_a_role(world: &World, checks: &mut Checks) {
    let mcp = world.mapped.mcp();
    let refused = async {
        let mut asking = Asking::start(&mcp, "Cleo's client", &world.secrets).await?;
        let visit = Visit {
            shot: Some("7-no-role"),
            ..Visit::new("cleo", &asking.url, world.account("cleo"))
        };
        let seen = world.person.visit(&visit).await?.sound()?;
        for claim in ["preferred_username", "email"] {
            ensure!(seen.text.contains(claim), "no {claim}: {}", seen.text);
        }
        ensure!(!seen.text.contains("cleo@"), "a value: {}", seen.text);
        world
            .person
            .press("cleo", "Return to your client", None)
            .await?;
        let arrived = asking.arrived().await?;
        ensure!(arrived.contains("error=access_denied"), "another error");
        Ok(())
    };
    let name = "who has no role is told which claims arrived, and the client hears it";
    checks.check(name, refused).await;
}

async fn another_person(world: &World, checks: &mut Checks, ada: &Application) {
    let refused = async {
        let answer = ada.call("register_kestra_token", json!({})).await?;
        let found = find(&answer.content, "/account?");
        let link = found.ok_or_else(|| anyhow::anyhow!("no link: {}", answer.content))?;
        let visit = Visit {
            shot: Some("8-link-of-another"),
            ..Visit::new("ben", &link, world.account("ben"))
        };
        let seen = world.person.visit(&visit).await?;
        ensure!(seen.heading != "Your account", "{}", seen.text);
        Ok(seen)
    };
    let name = "the link of one person opens nothing for another";
    if let Some(seen) = checks.check(name, refused).await {
        checks.say(&format!("       {}", seen.heading));
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
