//! Plays a case: what is there before, the call, what was sent, what holds afterwards.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Map, Value, json};
use simulator::{Auth, Dialect, Received, Simulator};
use tokio::time::Instant;

use super::case::{Ask, Case, Run, Step, Tool};
use super::pattern::{Names, difference, fill, glob, text_of};
use super::server::{Answer, Server};
use crate::simulated::Simulated;

/// For Kestra to come to what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// A server on a simulated Kestra, whom somebody else talks to as well.
pub(crate) struct Stage<'a> {
    flows: PathBuf,
    kestra: &'a Simulated,
    server: &'a Server,
    dialect: Dialect,
    http: reqwest::Client,
}

/// What a request was answered with.
struct Said {
    status: u16,
    bytes: Vec<u8>,
}

impl Said {
    /// JSON, else the text.
    fn value(&self) -> Value {
        let text = || Value::String(String::from_utf8_lossy(&self.bytes).into_owned());
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| text())
    }
}

impl<'a> Stage<'a> {
    /// Before its first case.
    pub(crate) fn new(
        root: &Path,
        kestra: &'a Simulated,
        server: &'a Server,
        dialect: Dialect,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            flows: root.join("e2e/growth/flows"),
            kestra,
            server,
            dialect,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()?,
        })
    }

    /// Plays one case in a namespace of its own.
    pub(crate) async fn play(&self, tool: &Tool, number: usize, case: &Case) -> anyhow::Result<()> {
        let mut names = Names::new();
        let namespace = format!("growth.{}.{number}", tool.name);
        let actions = if self.dialect.is_v2() { "/actions" } else { "" };
        for (name, value) in [
            ("ns", namespace.as_str()),
            ("api", "/api/v1/main"),
            ("actions", actions),
            ("url", &self.kestra.url()),
        ] {
            names.insert(name.to_owned(), value.to_owned());
        }
        for (number, step) in case.given.iter().enumerate() {
            let taken = self.take(step, &mut names).await;
            taken.with_context(|| format!("given {number}"))?;
        }
        self.simulator().forget_requests();
        let arguments = self.object(&case.arguments, &names);
        let answer = self.server.call(&tool.name, arguments).await?;
        let requests = self.simulator().requests();
        if let Some(difference) = self.answered(case, answer, &names) {
            bail!("the answer {difference}; sent: {}", shown(&requests));
        }
        self.sent(case, &requests, &names)?;
        for (number, step) in case.then.iter().enumerate() {
            let taken = self.take(step, &mut names).await;
            taken.with_context(|| format!("then {number}"))?;
        }
        Ok(())
    }

    fn simulator(&self) -> &Simulator {
        self.kestra.simulator()
    }

    fn object(&self, members: &Map<String, Value>, names: &Names) -> Map<String, Value> {
        let filled = members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), fill(value, self.dialect, names)?)));
        filled.collect()
    }

    /// Where the answer is another than is expected.
    fn answered(&self, case: &Case, answer: Answer, names: &Names) -> Option<String> {
        let difference = match (answer, &case.answer, &case.error) {
            (Answer::Good(found), Some(expected), _) => {
                let expected = fill(expected, self.dialect, names)?;
                difference(&expected, &found).map(|difference| format!("{difference} in {found}"))
            }
            (Answer::Refused(found), _, Some(expected)) => {
                let mut expected = self.object(expected, names);
                expected.insert("*".to_owned(), json!("*"));
                difference(&Value::Object(expected), &found)
                    .map(|difference| format!("{difference} in {found}"))
            }
            (Answer::Good(found), ..) => Some(format!("is no error: {found}")),
            (Answer::Refused(found), ..) => Some(format!("is an error: {found}")),
        };
        difference.map(|difference| format!("is not as expected: {difference}"))
    }

    /// Holds what was sent against what is expected.
    fn sent(&self, case: &Case, requests: &[Received], names: &Names) -> anyhow::Result<()> {
        let expected = fill(&case.sent, self.dialect, names).unwrap_or_default();
        let expected = expected.as_array().map_or(&[][..], Vec::as_slice);
        ensure!(
            !expected.is_empty() || requests.is_empty(),
            "something was sent: {}",
            shown(requests)
        );
        let mut rest = expected.iter().peekable();
        for request in requests {
            match rest.peek().map(|expected| fits(expected, request)) {
                Some(Ok(())) => {
                    rest.next();
                }
                _ if request.method == "GET" => {}
                Some(Err(why)) => bail!("{why}; sent: {}", shown(requests)),
                None => bail!("{} was sent as well", line(request)),
            }
        }
        match rest.next() {
            Some(expected) => bail!("{expected} was not sent, only {}", shown(requests)),
            None => Ok(()),
        }
    }

    async fn take(&self, step: &Step, names: &mut Names) -> anyhow::Result<()> {
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
        let said = loop {
            let said = self
                .request(method.clone(), path, &headers, body.clone())
                .await?;
            match self.otherwise(ask, &said, names) {
                None => break said,
                Some(_) if ask.until && since.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                Some(why) => bail!("{target}: {why}"),
            }
        };
        let answer = said.value();
        for (name, at) in &ask.keep {
            let kept = answer.pointer(at).and_then(Value::as_str);
            let kept = kept.with_context(|| format!("no {at} in {answer}"))?;
            names.insert(name.clone(), kept.to_owned());
        }
        Ok(())
    }

    /// How an answer is another than is expected.
    fn otherwise(&self, ask: &Ask, said: &Said, names: &Names) -> Option<String> {
        let status = fill(&ask.status, self.dialect, names)?;
        if status != said.status {
            return Some(format!("{} {}, not {status}", said.status, said.value()));
        }
        if let Some(base64) = &ask.base64 {
            let found = STANDARD.encode(&said.bytes);
            return (*base64 != found).then(|| format!("{found}, not {base64}"));
        }
        let expected = fill(ask.answer.as_ref()?, self.dialect, names)?;
        difference(&expected, &said.value())
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Said> {
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
        Ok(Said {
            status: answer.status().as_u16(),
            bytes: answer.bytes().await?.to_vec(),
        })
    }
}

/// Whether a request is as expected: a line, or a table with its `request`, `body` and `headers`.
fn fits(expected: &Value, request: &Received) -> Result<(), String> {
    let wanted = match expected {
        Value::String(line) => Some(line.as_str()),
        other => other.get("request").and_then(Value::as_str),
    };
    let wanted = wanted.ok_or_else(|| format!("{expected} is not a request"))?;
    if !glob(wanted, &line(request)) {
        return Err(format!("{} was sent, not {wanted}", line(request)));
    }
    if let Some(body) = expected.get("body") {
        let text = String::from_utf8_lossy(&request.body);
        let found = match body {
            Value::String(_) => Value::String(text.into_owned()),
            _ => serde_json::from_str(&text).map_err(|_| format!("{text:?} is not JSON"))?,
        };
        if let Some(difference) = difference(body, &found) {
            return Err(format!("the body of {wanted} {difference}"));
        }
    }
    let headers = expected.get("headers").and_then(Value::as_object);
    for (name, value) in headers.into_iter().flatten() {
        let found = request.header(name).map_or(Value::Null, Value::from);
        if let Some(difference) = difference(value, &found) {
            return Err(format!("the header {name} of {wanted} {difference}"));
        }
    }
    Ok(())
}

/// Method, path and query of a request.
fn line(request: &Received) -> String {
    let Received {
        method,
        path,
        query,
        ..
    } = request;
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{method} {path}{mark}{}", query.join("&"))
}

fn shown(requests: &[Received]) -> String {
    let lines: Vec<String> = requests
        .iter()
        .map(|request| format!("{} {}", line(request), request.status))
        .collect();
    format!("[{}]", lines.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use simulator::Received;

    use super::{fits, line};

    fn request() -> Received {
        Received {
            method: "POST".into(),
            path: "/x".into(),
            query: vec![("a".into(), "1".into()), ("b".into(), "c d".into())],
            headers: vec![("content-type".into(), "application/json".into())],
            body: br#"[{"key":"a"}]"#.to_vec(),
            status: 200,
        }
    }

    #[test]
    fn a_request_is_held_by_line_body_and_headers() {
        let request = request();
        assert_eq!(line(&request), "POST /x?a=1&b=c d");
        let wanted = "POST /x?a=1&b=c d";
        for expected in [
            json!(wanted),
            json!("POST /x?*"),
            json!({ "request": wanted, "body": [{ "key": "*" }], "headers": { "content-type": "*json" } }),
            json!({ "request": wanted, "body": "*key*" }),
        ] {
            assert_eq!(fits(&expected, &request), Ok(()), "{expected}");
        }
        for expected in [
            json!("GET /x?a=1&b=c d"),
            json!("POST /x"),
            json!({ "request": wanted, "body": [] }),
            json!({ "request": wanted, "headers": { "ttl": "PT1H" } }),
            json!({ "body": [] }),
        ] {
            assert!(fits(&expected, &request).is_err(), "{expected}");
        }
    }
}
