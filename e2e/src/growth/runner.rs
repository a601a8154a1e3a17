//! Plays a case: what is there before, the call, what was sent, what holds afterwards.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value, json};
use simulator::{Dialect, Received};

use super::case::{Case, Tool};
use super::pattern::{Names, difference, fill};
use super::request::{fits, line, shown};
use super::server::{Answer, Server};
use super::step::Steps;
use crate::simulated::Simulated;

/// A server on a simulated Kestra that another client also uses.
pub(crate) struct Runner<'a> {
    steps: Steps<'a>,
    server: &'a Server,
}

impl<'a> Runner<'a> {
    /// Before its first case.
    pub(crate) fn new(
        root: &Path,
        kestra: &'a Simulated,
        server: &'a Server,
        dialect: Dialect,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            steps: Steps::new(root, kestra, dialect)?,
            server,
        })
    }

    /// Plays one case in a namespace of its own.
    pub(crate) async fn run(&self, tool: &Tool, number: usize, case: &Case) -> anyhow::Result<()> {
        let mut names = Names::new();
        let namespace = format!("growth.{}.{number}", tool.name);
        let actions = if self.steps.dialect.is_v2() {
            "/actions"
        } else {
            ""
        };
        for (name, value) in [
            ("ns", namespace.as_str()),
            ("api", "/api/v1/main"),
            ("actions", actions),
            ("url", &self.steps.kestra.url()),
        ] {
            names.insert(name.to_owned(), value.to_owned());
        }
        for (number, step) in case.given.iter().enumerate() {
            let performed = self.steps.perform(step, &mut names).await;
            performed.with_context(|| format!("given {number}"))?;
        }
        self.steps.simulator().forget_requests();
        let arguments = self.object(&case.arguments, &names);
        let answer = self.server.call(&tool.name, arguments).await?;
        let requests = self.steps.simulator().requests();
        if let Some(difference) = self.answered(case, answer, &names) {
            bail!("the answer {difference}; sent: {}", shown(&requests));
        }
        self.sent(case, &requests, &names)?;
        for (number, step) in case.then.iter().enumerate() {
            let performed = self.steps.perform(step, &mut names).await;
            performed.with_context(|| format!("then {number}"))?;
        }
        Ok(())
    }

    fn object(&self, members: &Map<String, Value>, names: &Names) -> Map<String, Value> {
        let filled = members.iter().filter_map(|(name, value)| {
            Some((name.clone(), fill(value, self.steps.dialect, names)?))
        });
        filled.collect()
    }

    /// Where the answer is another than is expected.
    fn answered(&self, case: &Case, answer: Answer, names: &Names) -> Option<String> {
        let difference = match (answer, &case.answer, &case.error) {
            (Answer::Success(found), Some(expected), _) => {
                let expected = fill(expected, self.steps.dialect, names)?;
                difference(&expected, &found).map(|difference| format!("{difference} in {found}"))
            }
            (Answer::Error(found), _, Some(expected)) => {
                let mut expected = self.object(expected, names);
                expected.insert("*".to_owned(), json!("*"));
                difference(&Value::Object(expected), &found)
                    .map(|difference| format!("{difference} in {found}"))
            }
            (Answer::Success(found), ..) => Some(format!("is no error: {found}")),
            (Answer::Error(found), ..) => Some(format!("is an error: {found}")),
        };
        difference.map(|difference| format!("is not as expected: {difference}"))
    }

    /// Holds what was sent against what is expected.
    fn sent(&self, case: &Case, requests: &[Received], names: &Names) -> anyhow::Result<()> {
        let expected = fill(&case.sent, self.steps.dialect, names).unwrap_or_default();
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
}
