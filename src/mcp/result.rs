//! From what came of a call to what the client and our log are told, without secrets.

use std::borrow::Cow;

use rmcp::model::CallToolResult;
use serde_json::{Map, Value, json};

use super::failure::{Failure, Voice};
use crate::secret::Redactor;
use crate::tool::delivery::Started;
use crate::tool::{Error, Reply, Tool, cut};

/// Characters of what Kestra said that our log keeps.
const LOGGED: usize = 2000;

/// Bytes of the message of an error, as JSON.
const WORDS: usize = 20 << 10;
/// Bytes of its faults.
const FAULTS: usize = 28 << 10;
/// Bytes of any other member.
const MEMBER: usize = 4_096;

/// The result of a call that was answered.
pub(super) fn done(reply: Reply, secrets: &Redactor) -> CallToolResult {
    let mut told = reply.0;
    clean(&mut told, secrets, Place::Ours);
    CallToolResult::structured(told)
}

/// The result of a call that was not.
pub(super) fn failed(
    failure: &Failure,
    voice: Voice,
    id: &str,
    secrets: &Redactor,
    started: Option<&Started>,
) -> CallToolResult {
    let mut error = Map::new();
    let mut message = failure.message(voice, Some(id));
    // Whatever failed after that, to try again would start another.
    let retryable = failure.retryable() && started.is_none();
    if let Some(started) = started {
        message = format!("{message} But {started}");
    }
    error.insert("code".to_owned(), failure.code().as_str().into());
    error.insert("message".to_owned(), message.into());
    error.insert("retryable".to_owned(), retryable.into());
    error.extend(failure.fields(voice));
    if let Some(Started { name, id, .. }) = started {
        error.insert((*name).to_owned(), id.as_ref().into());
    }
    bound(&mut error, secrets);
    let mut told = json!({ "error": error });
    clean(&mut told, secrets, Place::Ours);
    CallToolResult::structured_error(told)
}

/// Takes hidden characters out of `error`, cuts what is long in it, and says so: what all of it may
/// take together is less than any answer may.
fn bound(error: &mut Map<String, Value>, secrets: &Redactor) {
    let mut bytes = 0;
    for (name, member) in error.iter_mut() {
        let most = match name.as_str() {
            "message" => WORDS,
            "faults" => FAULTS,
            _ => MEMBER,
        };
        let (kept, cut) = cut::value(member, most, secrets);
        if cut {
            bytes += member.to_string().len();
        }
        *member = kept;
    }
    if bytes > 0 {
        let hint = "what is long was cut";
        error.insert(
            "truncated".to_owned(),
            json!({ "bytes": bytes, "hint": hint }),
        );
    }
}

/// Tells our own log what the client is not told.
pub(super) fn log(failure: &Failure, tool: &Tool, voice: Voice, id: &str, secrets: &Redactor) {
    let code = failure.code().as_str();
    match failure {
        Failure::Tool(Error::Upstream { status, detail, .. }) => {
            let detail: String = secrets.clean(detail).chars().take(LOGGED).collect();
            tracing::warn!(
                request = id,
                tool = tool.name,
                code,
                status,
                detail,
                "call failed"
            );
        }
        Failure::Tool(Error::Elsewhere { asked, answered }) => {
            let words = |fields: &Map<String, Value>| {
                let text = Value::Object(fields.clone()).to_string();
                secrets
                    .clean(&text)
                    .chars()
                    .take(LOGGED)
                    .collect::<String>()
            };
            let (asked, answered) = (words(asked), words(answered));
            tracing::warn!(
                request = id,
                tool = tool.name,
                code,
                asked,
                answered,
                "Kestra answered a change for another object"
            );
        }
        Failure::Tool(Error::Internal(cause)) => {
            let cause: String = secrets.clean(cause).chars().take(LOGGED).collect();
            tracing::error!(request = id, tool = tool.name, code, cause, "call failed");
        }
        Failure::NotKept(fault) => {
            tracing::info!(request = id, tool = tool.name, code, %fault, "call failed");
        }
        Failure::NoTenant(why) if voice == Voice::Remote => {
            let (cause, remedy) = (&*why.found, &*why.remedy);
            tracing::warn!(
                request = id,
                tool = tool.name,
                code,
                cause,
                remedy,
                "call failed"
            );
        }
        // Only here is an address told of which people elsewhere hear nothing.
        Failure::Tool(
            error @ (Error::Unreachable { .. }
            | Error::NotKestra { .. }
            | Error::NotConfigured { .. }
            | Error::CredentialRefused),
        ) if voice == Voice::Remote => {
            let cause = error.to_string();
            let cause: String = secrets.clean(&cause).chars().take(LOGGED).collect();
            tracing::warn!(request = id, tool = tool.name, code, cause, "call failed");
        }
        _ => tracing::debug!(request = id, tool = tool.name, code, "call failed"),
    }
}

/// The fields of ours that repeat what others wrote.
const REPEATED: &[&str] = &[
    "labels", "inputs", "tags", "name", "note", "warnings", "diff", "message", "faults",
];

/// Who wrote what stands somewhere in a result.
#[derive(Clone, Copy)]
enum Place {
    /// We did: ids, states, times, addresses, numbers.
    Ours,
    /// A field of [`REPEATED`]. The names of members are ours.
    Repeated,
    /// Others did, names of members too.
    Untrusted,
}

impl Place {
    /// The place of a member called `name`.
    fn of(self, name: &str) -> Self {
        match self {
            _ if name == "untrusted" => Self::Untrusted,
            Self::Ours if REPEATED.contains(&name) => Self::Repeated,
            place => place,
        }
    }

    /// What may be told of `text`. Our own words are not searched for what calls sent: an id that
    /// is also a secret tells nothing of it. The credential stands nowhere.
    fn value<'t>(self, text: &'t str, secrets: &Redactor) -> Cow<'t, str> {
        match self {
            Self::Ours => secrets.guard(text),
            Self::Repeated => secrets.clean(text),
            Self::Untrusted => secrets.whole(text),
        }
    }

    fn name<'t>(self, text: &'t str, secrets: &Redactor) -> Cow<'t, str> {
        match self {
            Self::Ours | Self::Repeated => secrets.guard(text),
            Self::Untrusted => secrets.clean(text),
        }
    }
}

/// Takes secrets out of `value`, which stands at `place`: the one place where whole texts are
/// searched. What is cut before was searched before.
fn clean(value: &mut Value, secrets: &Redactor, place: Place) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(cleaned) = place.value(text, secrets) {
                *text = cleaned;
            }
        }
        Value::Array(items) => {
            for item in items {
                clean(item, secrets, place);
            }
        }
        Value::Object(members) => {
            let told = |name: &String| matches!(place.name(name, secrets), Cow::Owned(_));
            if members.keys().any(told) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, member)| (place.name(&name, secrets).into_owned(), member))
                    .collect();
            }
            for (name, member) in members {
                clean(member, secrets, place.of(name));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::error::Fault;

    fn error(failure: &Failure) -> Value {
        let result = failed(failure, Voice::Local, "a1-7", &Redactor::default(), None);
        assert_eq!(result.is_error, Some(true));
        result.structured_content.unwrap()["error"].clone()
    }

    fn upstream(status: u16, message: &str) -> Failure {
        let detail = "at io.kestra.Flow".to_owned();
        Error::Upstream {
            status,
            message: message.to_owned(),
            detail,
        }
        .into()
    }

    #[test]
    fn all_faults_of_the_arguments_are_in_the_message_and_in_the_fields() {
        let faults = vec![
            Fault::new("size", "1 to 100"),
            Fault::new("page", "at least 1"),
        ];
        let error = error(
            &Error::Invalid {
                faults,
                inputs: false,
            }
            .into(),
        );
        assert_eq!(error["code"], "INVALID_ARGUMENT");
        assert_eq!(
            error["message"],
            "size: expected 1 to 100. page: expected at least 1."
        );
        assert_eq!(error["faults"][1]["field"], "page");
    }

    #[test]
    fn an_error_after_something_was_started_names_it_and_is_not_tried_again() {
        let started = Started {
            name: "execution_id",
            id: "5abc".into(),
            next: "ask get_execution",
        };
        let secrets = Redactor::default();
        for failure in [
            upstream(503, ""),
            Error::Cancelled.into(),
            Error::NoRoom.into(),
        ] {
            let told = failed(&failure, Voice::Local, "a1-7", &secrets, Some(&started));
            let error = &told.structured_content.unwrap()["error"];
            assert_eq!(error["execution_id"], "5abc", "{error}");
            assert_eq!(error["retryable"], false, "{error}");
            let message = error["message"].as_str().unwrap();
            let end = " But execution_id 5abc was started: ask get_execution.";
            assert!(message.ends_with(end), "{message}");
        }
    }

    #[test]
    fn what_kestra_says_of_a_request_is_passed_on_and_what_it_says_of_itself_is_not() {
        assert_eq!(
            error(&upstream(422, "Unknown state"))["message"],
            "Unknown state"
        );
        assert_eq!(
            error(&upstream(500, "SELECT"))["message"],
            "Kestra failed (request a1-7)."
        );
        assert_eq!(
            error(&upstream(0, ""))["message"],
            "Kestra failed (request a1-7)."
        );
        let silent = error(&upstream(409, ""))["message"].clone();
        assert_eq!(silent, "Kestra refused the request (409, request a1-7).");
        for status in [0, 409, 422, 500] {
            assert!(
                !error(&upstream(status, "x"))
                    .to_string()
                    .contains("io.kestra")
            );
        }
        let internal = error(&Error::Internal("a path".to_owned()).into());
        assert_eq!(internal["message"], "Internal error (request a1-7).");
    }

    #[test]
    fn a_limit_says_when_to_try_again() {
        let error = error(&Failure::Busy { limit: 64 });
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("BUDGET_EXCEEDED"), &json!(true))
        );
        assert_eq!(error["retry_after_s"], 1);
    }

    #[test]
    fn secrets_leave_neither_in_results_nor_in_errors() {
        let secrets = Redactor::default();
        secrets.remember("Correct-Horse-1");
        let untrusted = json!({ "log": ["it is Correct-Horse-1"], "Correct-Horse-1": 1 });
        let reply = Reply(json!({ "state": "SUCCESS", "untrusted": untrusted }));
        let result = done(reply, &secrets);
        assert_eq!(result.is_error, Some(false));
        let shown = serde_json::to_string(&result).unwrap();
        assert!(
            !shown.contains("Horse") && shown.contains("SUCCESS"),
            "{shown}"
        );
        let refused = failed(
            &upstream(422, "no user Correct-Horse-1"),
            Voice::Local,
            "a1-7",
            &secrets,
            None,
        );
        let shown = serde_json::to_string(&refused).unwrap();
        assert!(
            !shown.contains("Horse") && shown.contains("[redacted:"),
            "{shown}"
        );
    }

    #[test]
    fn what_a_call_sent_is_taken_out_of_what_others_wrote_and_not_out_of_ids() {
        let secrets = Redactor::default();
        for value in [
            "company.team",
            "SUCCESS",
            "2026-01-02T03:04:05Z",
            "Correct-Horse-1",
        ] {
            secrets.remember(value);
        }
        let ours = json!({ "namespace": "company.team", "state": "SUCCESS", "started_at": "2026-01-02T03:04:05Z",
            "url": "http://kestra/ui/main/flows/edit/company.team/hello" });
        let mut told = ours.clone();
        let others = json!({ "labels": { "a": "company.team" }, "warnings": ["Correct-Horse-1"], "diff": "+ Correct-Horse-1",
            "note": "Correct-Horse-1", "inputs": [{ "default": "Correct-Horse-1" }], "tags": ["Correct-Horse-1"],
            "name": "Correct-Horse-1", "untrusted": { "source": "a: Correct-Horse-1\n", "outputs": { "a": [" SUCCESS\n", "SUCCESS!"] } } });
        told.as_object_mut()
            .unwrap()
            .extend(others.as_object().unwrap().clone());
        let page = Reply(json!({ "items": [told] }));
        let shown = done(page, &secrets).structured_content.unwrap()["items"][0].clone();
        for (name, value) in ours.as_object().unwrap() {
            assert_eq!(shown[name], *value, "{name}");
        }
        assert_eq!(shown["labels"]["a"], "[redacted:secret]");
        let outputs = json!(["[redacted:secret]", "SUCCESS!"]);
        assert_eq!(shown["untrusted"]["outputs"]["a"], outputs);
        assert_eq!(shown["inputs"][0]["default"], "[redacted:secret]");
        assert!(!shown.to_string().contains("Horse"), "{shown}");
    }

    #[test]
    fn of_an_error_only_the_words_are_searched() {
        let secrets = Redactor::default();
        secrets.remember("company.team");
        let near = vec![json!({ "namespace": "company.team", "flow_id": "hello" })];
        let missing = Error::NotFound { kind: "flow", near };
        let shown = failed(&missing.into(), Voice::Local, "a1-7", &secrets, None)
            .structured_content
            .unwrap();
        assert_eq!(shown["error"]["near"][0]["namespace"], "company.team");
        let conflict = Error::Conflict {
            message: "in company.team".to_owned(),
            revision: Some(1),
            diff: Some("+namespace: company.team".to_owned()),
        };
        let shown = failed(&conflict.into(), Voice::Local, "a1-7", &secrets, None)
            .structured_content
            .unwrap();
        assert!(!shown.to_string().contains("company"), "{shown}");
    }

    #[test]
    fn the_credential_stands_nowhere() {
        let secrets = Redactor::default();
        secrets.pin("credential-1");
        let reply =
            Reply(json!({ "execution_id": "credential-1", "labels": { "credential-1": "" } }));
        let shown = done(reply, &secrets)
            .structured_content
            .unwrap()
            .to_string();
        assert!(!shown.contains("credential"), "{shown}");
        let lost = Error::Unreachable {
            address: "http://credential-1".to_owned(),
            cause: String::new(),
        };
        let shown = failed(&lost.into(), Voice::Local, "a1-7", &secrets, None)
            .structured_content
            .unwrap()
            .to_string();
        assert!(!shown.contains("credential"), "{shown}");
    }

    #[test]
    fn our_log_keeps_no_secret_of_an_internal_cause() {
        #[derive(Clone, Default)]
        struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
        impl std::io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let secrets = Redactor::default();
        secrets.pin("credential-1");
        let written = Lines::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        let tool = &crate::generated::tools(crate::tool::Line::NEWEST)[0];
        tracing::subscriber::with_default(subscriber, || {
            let failure = Error::Internal("no header credential-1".to_owned()).into();
            log(&failure, tool, Voice::Local, "a1-7", &secrets);
        });
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("no header [redacted:secret]"), "{written}");
    }
}
