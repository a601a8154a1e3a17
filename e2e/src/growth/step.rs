//! What is done at Kestra beside the call of a tool.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::Value;
use simulator::{Auth, Dialect, Simulator};
use tokio::time::Instant;

use super::case::{Ask, Run, Step};
use super::pattern::{Names, difference, fill, text_of};
use crate::simulated::Simulated;

/// For Kestra to come to what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Takes the steps of a case.
pub(crate) struct Steps<'a> {
    flows: PathBuf,
    pub(crate) kestra: &'a Simulated,
    pub(crate) dialect: Dialect,
    http: reqwest::Client,
}

/// What a request was answered with.
struct Reply {
    status: u16,
    bytes: Vec<u8>,
}

impl Reply {
    /// JSON, else the text.
    fn value(&self) -> Value {
        let text = || Value::String(String::from_utf8_lossy(&self.bytes).into_owned());
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| text())
    }
}

impl<'a> Steps<'a> {
    /// At this Kestra.
    pub(crate) fn new(
        root: &Path,
        kestra: &'a Simulated,
        dialect: Dialect,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            flows: root.join("e2e/growth/flows"),
            kestra,
            dialect,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()?,
        })
    }

    pub(crate) fn simulator(&self) -> &Simulator {
        self.kestra.simulator()
    }

    pub(crate) async fn perform(&self, step: &Step, names: &mut Names) -> anyhow::Result<()> {
        match step {
            Step::Flow(flow) => self.save(&flow.flow, names),
            Step::Run(run) => self.run(run, names).await,
            Step::Ask(ask) => self.ask(ask, names).await,
        }
    }

    /// Saves a flow in the namespace of the case.
    fn save(&self, flow: &str, names: &Names) -> anyhow::Result<()> {
        let rest = std::fs::read_to_string(self.flows.join(format!("{flow}.yaml")));
        let rest = rest.context(flow.to_owned())?;
        let head = text_of(&format!("id: {flow}\nnamespace: {{ns}}\n"), names);
        self.simulator().save_flow(&format!("{head}{rest}"))?;
        Ok(())
    }

    /// Starts a flow, and waits until it is in a state; it is `{id}` then.
    async fn run(&self, run: &Run, names: &mut Names) -> anyhow::Result<()> {
        self.save(&run.flow, names)?;
        let mut path = text_of(&format!("{{api}}/executions/{{ns}}/{}", run.flow), names);
        for (number, label) in run.labels.iter().enumerate() {
            let mark = if number == 0 { '?' } else { '&' };
            path = format!("{path}{mark}labels={label}");
        }
        let started = self.request(Method::POST, &path, &[], Vec::new()).await?;
        let started = started.value();
        let id = started.pointer("/id").and_then(Value::as_str);
        let id = id.with_context(|| started.to_string())?.to_owned();
        let path = text_of(&format!("{{api}}/executions/{id}"), names);
        names.insert("id".to_owned(), id);
        let since = Instant::now();
        loop {
            let read = self.request(Method::GET, &path, &[], Vec::new()).await?;
            let read = read.value();
            let state = read.pointer("/state/current").and_then(Value::as_str);
            if state == Some(run.until.as_str()) {
                return Ok(());
            }
            ensure!(since.elapsed() < PATIENCE, "{} is {state:?}", run.flow);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks Kestra, and holds its answer against what is expected.
    async fn ask(&self, ask: &Ask, names: &mut Names) -> anyhow::Result<()> {
        let target = fill(&ask.request, self.dialect, names);
        // What is not asked on this line.
        let Some(Value::String(target)) = target else {
            return Ok(());
        };
        let (method, path) = target.split_once(' ').context("a method and a path")?;
        let method: Method = method.parse()?;
        let body = ask.body.as_ref();
        let body = match body.and_then(|body| fill(body, self.dialect, names)) {
            None => Vec::new(),
            Some(Value::String(text)) => text.into_bytes(),
            Some(other) => other.to_string().into_bytes(),
        };
        let kind = ask.kind.iter().map(|kind| ("content-type", kind.as_str()));
        let further = ask
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<(&str, &str)> = kind.chain(further).collect();
        let since = Instant::now();
        let reply = loop {
            let reply = self
                .request(method.clone(), path, &headers, body.clone())
                .await?;
            match self.mismatch(ask, &reply, names) {
                None => break reply,
                Some(_) if ask.until && since.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                Some(why) => bail!("{target}: {why}"),
            }
        };
        let answer = reply.value();
        for (name, at) in &ask.keep {
            let kept = answer.pointer(at).and_then(Value::as_str);
            let kept = kept.with_context(|| format!("no {at} in {answer}"))?;
            names.insert(name.clone(), kept.to_owned());
        }
        Ok(())
    }

    /// How an answer is another than is expected.
    fn mismatch(&self, ask: &Ask, reply: &Reply, names: &Names) -> Option<String> {
        let status = fill(&ask.status, self.dialect, names)?;
        if status != reply.status {
            return Some(format!("{} {}, not {status}", reply.status, reply.value()));
        }
        if let Some(base64) = &ask.base64 {
            let found = STANDARD.encode(&reply.bytes);
            return (*base64 != found).then(|| format!("{found}, not {base64}"));
        }
        let expected = fill(ask.answer.as_ref()?, self.dialect, names)?;
        difference(&expected, &reply.value())
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Reply> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.kestra.url()));
        request = match self.kestra.auth() {
            Auth::Basic { username, password } => request.basic_auth(username, Some(password)),
            Auth::Bearer { token } => request.bearer_auth(token),
            Auth::People(_) => request,
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(body).send().await?;
        Ok(Reply {
            status: answer.status().as_u16(),
            bytes: answer.bytes().await?.to_vec(),
        })
    }
}
