//! What is expected of a tool: data.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use simulator::Edition;

/// The cases of one tool; its file is named by it.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    file: File,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The edition that has the tool.
    #[serde(default)]
    edition: EditionName,
    case: Vec<Case>,
}

/// An edition as the server names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum EditionName {
    /// Open source.
    #[default]
    Oss,
    /// Enterprise.
    Ee,
}

impl EditionName {
    const fn is(self, edition: Edition) -> bool {
        matches!(
            (self, edition),
            (Self::Oss, Edition::OpenSource) | (Self::Ee, Edition::Enterprise)
        )
    }
}

/// One call, what is there before it, and what is to come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows.
    pub(crate) about: String,
    /// Where it is called, if that is not the edition of the tool.
    edition: Option<EditionName>,
    /// What is done before.
    #[serde(default)]
    pub(crate) given: Vec<Step>,
    /// The arguments.
    #[serde(default)]
    pub(crate) arguments: Map<String, Value>,
    /// What is answered, member by member.
    pub(crate) answer: Option<Value>,
    /// The error that is answered instead, with at least these members.
    pub(crate) error: Option<Map<String, Value>>,
    /// What is sent, in this order. Reads may come between, and nothing else; where there is nothing,
    /// nothing may be sent at all.
    #[serde(default)]
    pub(crate) sent: Value,
    /// What holds afterwards.
    #[serde(default)]
    pub(crate) then: Vec<Step>,
}

/// Something that is done beside the call.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    /// A flow of `e2e/growth/flows` is saved.
    Flow(Flow),
    /// It is saved and started.
    Run(Run),
    /// Kestra is asked.
    Ask(Ask),
}

/// A flow that is saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    /// Its file, and its id.
    pub(crate) flow: String,
}

/// A flow that is saved and started.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// Its file, and its id.
    #[serde(rename = "run")]
    pub(crate) flow: String,
    /// The state for which is waited.
    pub(crate) until: String,
    /// Labels, as `key:value`.
    #[serde(default)]
    pub(crate) labels: Vec<String>,
}

/// A request of another client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// Method and path.
    #[serde(rename = "ask")]
    pub(crate) request: Value,
    /// The media type of the body.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body: a text, or what is written as JSON.
    pub(crate) body: Option<Value>,
    /// The status of the answer.
    #[serde(default = "ok_status")]
    pub(crate) status: Value,
    /// The answer: JSON, or a text.
    pub(crate) answer: Option<Value>,
    /// The answer's bytes as Base64.
    pub(crate) base64: Option<String>,
    /// It is asked again until it answers so.
    #[serde(default)]
    pub(crate) until: bool,
    /// What is kept of the answer, by the name under which it stands in braces from then on.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
}

fn ok_status() -> Value {
    200.into()
}

impl Tool {
    /// Those of a folder, by their names.
    pub(crate) fn all(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let mut tools = Vec::new();
        for file in std::fs::read_dir(folder)? {
            let path = file?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let is_data = path.extension().is_some_and(|end| end == "toml");
            let Some(name) = name.filter(|_| is_data) else {
                continue;
            };
            let tool = Self::read(name, &std::fs::read_to_string(&path)?);
            tools.push(tool.with_context(|| path.display().to_string())?);
        }
        tools.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(tools)
    }

    fn read(name: &str, text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        for case in &file.case {
            ensure!(
                case.answer.is_some() != case.error.is_some(),
                "{}: it has an answer or an error",
                case.about
            );
        }
        for (what, there) in [
            (
                "answered",
                file.case.iter().any(|case| case.answer.is_some()),
            ),
            ("refused", file.case.iter().any(|case| case.error.is_some())),
        ] {
            ensure!(there, "no case is {what}");
        }
        Ok(Self {
            name: name.to_owned(),
            file,
        })
    }

    /// Whether Enterprise alone has it.
    pub(crate) fn enterprise(&self) -> bool {
        self.file.edition == EditionName::Ee
    }

    /// Those that are played on an edition.
    pub(crate) fn cases(&self, edition: Edition) -> impl Iterator<Item = &Case> {
        self.file
            .case
            .iter()
            .filter(move |case| case.edition.unwrap_or(self.file.edition).is(edition))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Edition, Tool};

    #[test]
    fn every_file_is_read_and_every_case_is_played_somewhere() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("growth");
        let tools = Tool::all(&folder).unwrap();
        assert_eq!(tools.len(), 16);
        for tool in tools {
            let outcome = |edition| tool.cases(edition).count();
            let all = outcome(Edition::OpenSource) + outcome(Edition::Enterprise);
            assert_eq!(all, tool.file.case.len(), "{}", tool.name);
        }
    }

    #[test]
    fn a_tool_that_is_never_refused_has_a_case_too_few() {
        let case = "[[case]]\nabout = \"it is\"\nanswer = {}\n";
        assert_eq!(
            Tool::read("t", case).unwrap_err().to_string(),
            "no case is refused"
        );
        let both = format!("{case}error = {{}}\n");
        assert_eq!(
            Tool::read("t", &both).unwrap_err().to_string(),
            "it is: it has an answer or an error"
        );
    }
}
