//! A person at a browser: `e2e/node/browser.mjs` drives Chromium on commands from here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::process::Process;
use super::secrets::Secrets;
use crate::node::Node;
use crate::workspace::Workspace;

/// What Debian and others call it.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];
/// For one request: pages of several hosts, each loaded, checked and saved.
const PATIENCE: Duration = Duration::from_mins(3);

/// A browser with any number of profiles.
#[derive(Debug)]
pub(crate) struct Browser {
    address: String,
    http: reqwest::Client,
    process: Process,
}

/// A route through pages.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Journey<'a> {
    /// The profile.
    pub(crate) browser: &'a str,
    /// Where it begins.
    pub(crate) url: &'a str,
    /// Who signs in at the provider.
    pub(crate) user: &'a str,
    /// Theirs.
    pub(crate) password: &'a str,
    /// The button on the consent page.
    pub(crate) decision: &'a str,
    /// Whether there is no mouse.
    pub(crate) keyboard: bool,
    /// Whether a page opens it in a window.
    pub(crate) popup: bool,
    /// The name of screenshots; without one, none are taken.
    pub(crate) screenshot: Option<&'a str>,
}

/// What was seen.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Outcome {
    /// Address and heading of each page, without queries.
    pub(crate) steps: Vec<String>,
    /// What is wrong with pages of ours.
    pub(crate) faults: Vec<String>,
    /// Whether the window still knew its opener, for each page of a popup.
    pub(crate) openers: Vec<bool>,
    /// The heading of the last page.
    pub(crate) heading: String,
    /// Its text.
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Framed {
    framed: bool,
}

#[derive(Deserialize)]
struct Known {
    /// To each, a name.
    secrets: BTreeMap<String, String>,
}

impl Browser {
    /// The browser of this machine.
    pub(crate) fn find() -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let all = BROWSERS
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        all.into_iter().find(|program| program.is_file())
    }

    /// Starts it.
    pub(crate) async fn start(
        workspace: &Workspace,
        node: &Node,
        browser: &Path,
        screenshots: &Path,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(node.program()?);
        command
            .arg(workspace.root().join("e2e/node/browser.mjs"))
            .env("KESTRA_E2E_MODULES", node.modules())
            .env("KESTRA_E2E_CHROMIUM", browser)
            .env("KESTRA_E2E_SHOTS", screenshots)
            // It ends with us: then this pipe is closed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command, log)?;
        let output = process.child.stdout.take().context("it has no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let address = address.context("the browser does not start")??;
        let address = address.context("the browser does not start: see its log")?;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        Ok(Self {
            address,
            http: http.build()?,
            process,
        })
    }

    /// Where scripts find it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Follows a journey to its end.
    pub(crate) async fn visit(&self, journey: &Journey<'_>) -> anyhow::Result<Outcome> {
        self.ask("visit", journey).await
    }

    /// Enters a Kestra token on the account page that is open.
    pub(crate) async fn enter(
        &self,
        browser: &str,
        token: &str,
        screenshot: &str,
    ) -> anyhow::Result<Outcome> {
        let entry = serde_json::json!({
            "browser": browser, "field": "#token", "text": token, "button": "Save", "shot": screenshot,
        });
        self.ask("enter", &entry).await
    }

    /// Presses a button of the page that is open.
    pub(crate) async fn press(
        &self,
        browser: &str,
        button: &str,
        screenshot: Option<&str>,
    ) -> anyhow::Result<Outcome> {
        let press = serde_json::json!({ "browser": browser, "button": button, "shot": screenshot });
        self.ask("press", &press).await
    }

    /// Whether another origin can show the page in a frame.
    pub(crate) async fn frames(&self, url: &str) -> anyhow::Result<bool> {
        let frame = serde_json::json!({ "url": url, "origin": self.address });
        Ok(self.ask::<Framed>("frame", &frame).await?.framed)
    }

    /// Reports the secrets seen in pages and cookies, and ends.
    pub(crate) async fn end(self, secrets: &Secrets) -> anyhow::Result<()> {
        let known: Known = self.ask("secrets", &serde_json::json!({})).await?;
        for (secret, name) in &known.secrets {
            secrets.add(name, secret);
        }
        self.process.stop().await?;
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        what: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let post = self.http.post(format!("{}/{what}", self.address));
        let answer = post.json(body).send().await?;
        if !answer.status().is_success() {
            bail!("the browser: {}", answer.text().await?);
        }
        Ok(answer.json().await?)
    }
}

impl<'a> Journey<'a> {
    /// Approves by mouse, and keeps no screenshots.
    pub(crate) const fn new(
        browser: &'a str,
        url: &'a str,
        (user, password): (&'a str, &'a str),
    ) -> Self {
        Self {
            browser,
            url,
            user,
            password,
            decision: "Approve",
            keyboard: false,
            popup: false,
            screenshot: None,
        }
    }
}

impl Outcome {
    /// Itself, if nothing is wrong with the pages.
    pub(crate) fn without_faults(self) -> anyhow::Result<Self> {
        ensure!(self.faults.is_empty(), "{}", self.faults.join("; "));
        Ok(self)
    }

    /// Itself, if it ended on the page with that heading.
    pub(crate) fn on_page(self, heading: &str) -> anyhow::Result<Self> {
        ensure!(
            self.heading == heading,
            "at {:?}: {}",
            self.heading,
            self.text
        );
        Ok(self)
    }
}
