use super::*;
use crate::tool::error::Fault;
use crate::tool::{Internal, Unusable};

fn error(failure: &Failure) -> Value {
    let result = failed(failure, Audience::Local, "a1-7", &Redactor::default(), None);
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
        let told = failed(&failure, Audience::Local, "a1-7", &secrets, Some(&started));
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
    let silent = error(&upstream(409, ""))["message"].clone();
    assert_eq!(silent, "Kestra refused the request (409, request a1-7).");
    for status in [409, 422, 500] {
        assert!(
            !error(&upstream(status, "x"))
                .to_string()
                .contains("io.kestra")
        );
    }
    let internal = error(&Error::from(Internal::NotSent("a path".to_owned())).into());
    let whole = json!({ "code": "UPSTREAM_ERROR", "message": "Internal error (request a1-7).", "retryable": false });
    assert_eq!(internal, whole);
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

/// A tool of the newest line.
fn tool(name: &str) -> &'static Tool {
    let mut tools = crate::generated::tools(crate::tool::Line::NEWEST).iter();
    tools.find(|tool| tool.name == name).unwrap()
}

#[test]
fn secrets_leave_neither_in_results_nor_in_errors() {
    let secrets = Redactor::default();
    secrets.remember("Correct-Horse-1");
    let untrusted = json!({ "log": ["it is Correct-Horse-1"], "Correct-Horse-1": 1 });
    let reply = Reply(json!({ "state": "SUCCESS", "untrusted": untrusted }));
    let result = done(reply, tool("get_execution"), &secrets);
    assert_eq!(result.is_error, Some(false));
    let shown = serde_json::to_string(&result).unwrap();
    assert!(
        !shown.contains("Horse") && shown.contains("SUCCESS"),
        "{shown}"
    );
    let refused = failed(
        &upstream(422, "no user Correct-Horse-1"),
        Audience::Local,
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
    let horse = "Correct-Horse-1";
    let shown = |name: &str, result: &Value| {
        let told = done(Reply(result.clone()), tool(name), &secrets);
        told.structured_content.unwrap()
    };
    let ours = json!({ "namespace": "company.team", "state": "SUCCESS", "started_at": "2026-01-02T03:04:05Z",
        "url": "http://kestra/ui/main/flows/edit/company.team/hello", "trigger": { "id": "company.team" } });
    assert_eq!(shown("get_execution", &ours), ours);

    // What repeats others says so in its field, in those inside it and in the rows of a list.
    for (name, result) in [
        (
            "get_flow",
            json!({ "labels": { "a": horse }, "inputs": [{ "default": horse }] }),
        ),
        ("get_flow", json!({ "note": horse })),
        (
            "get_execution",
            json!({ "waiting": { "inputs": [{ "default": horse }] } }),
        ),
        (
            "list_apps",
            json!({ "items": [{ "name": horse, "tags": [horse] }], "note": horse }),
        ),
        (
            "create_or_update_flow",
            json!({ "warnings": [horse], "diff": horse, "note": horse }),
        ),
        (
            "auth_status",
            json!({ "person": { "name": horse }, "note": horse }),
        ),
    ] {
        let shown = shown(name, &result).to_string();
        assert!(!shown.contains("Horse"), "{name}: {shown}");
    }
    let theirs = json!({ "failed": [{ "task_id": "company.team", "untrusted": { "value": horse } }],
        "untrusted": { "logs": [{ "message": horse }], "outputs": { "a": [" SUCCESS\n", "SUCCESS!"] } } });
    let shown = shown("get_execution", &theirs);
    assert_eq!(shown["failed"][0]["task_id"], "company.team");
    let outputs = json!(["[redacted:secret]", "SUCCESS!"]);
    assert_eq!(shown["untrusted"]["outputs"]["a"], outputs);
    assert!(!shown.to_string().contains("Horse"), "{shown}");
}

#[test]
fn of_an_error_only_the_words_are_searched() {
    let secrets = Redactor::default();
    secrets.remember("company.team");
    let near = vec![json!({ "namespace": "company.team", "flow_id": "hello" })];
    let missing = Error::NotFound { kind: "flow", near };
    let shown = failed(&missing.into(), Audience::Local, "a1-7", &secrets, None)
        .structured_content
        .unwrap();
    assert_eq!(shown["error"]["near"][0]["namespace"], "company.team");
    let conflict = Error::Conflict {
        message: "in company.team".to_owned(),
        revision: Some(1),
        diff: Some("+namespace: company.team".to_owned()),
    };
    let shown = failed(&conflict.into(), Audience::Local, "a1-7", &secrets, None)
        .structured_content
        .unwrap();
    assert!(!shown.to_string().contains("company"), "{shown}");
}

#[test]
fn the_credential_stands_nowhere() {
    let secrets = Redactor::default();
    secrets.pin("credential-1");
    let reply = Reply(json!({ "execution_id": "credential-1", "labels": { "credential-1": "" } }));
    let shown = done(reply, tool("get_execution"), &secrets)
        .structured_content
        .unwrap()
        .to_string();
    assert!(!shown.contains("credential"), "{shown}");
    let lost = Error::Unreachable {
        address: "http://credential-1".to_owned(),
        cause: String::new(),
    };
    let shown = failed(&lost.into(), Audience::Local, "a1-7", &secrets, None)
        .structured_content
        .unwrap()
        .to_string();
    assert!(!shown.contains("credential"), "{shown}");
}

/// What our log says of `failure`.
fn logged(failure: &Failure, secrets: &Redactor) -> String {
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
    let written = Lines::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let tool = &crate::generated::tools(crate::tool::Line::NEWEST)[0];
    tracing::subscriber::with_default(subscriber, || {
        log(failure, tool, Audience::Local, "a1-7", secrets);
    });
    let written = written.0.lock().unwrap().clone();
    String::from_utf8(written).unwrap()
}

#[test]
fn our_log_keeps_no_secret_of_an_internal_cause() {
    let secrets = Redactor::default();
    secrets.pin("credential-1");
    let failure = Error::from(Internal::NotSent("no header credential-1".to_owned())).into();
    let written = logged(&failure, &secrets);
    assert!(written.contains("no header [redacted:secret]"), "{written}");
}

#[test]
fn what_came_in_the_place_of_an_answer_is_told_in_words_and_logged_with_what_it_was() {
    let secrets = Redactor::default();
    secrets.pin("credential-1");
    let page = || ("text/html".to_owned(), "<p>credential-1</p>".to_owned());
    let ((media, body), (page, text)) = (page(), page());
    for (why, told, kept) in [
        (
            Unusable::OtherObject { step: "latest" },
            "Kestra answered about another object than the one asked for.",
            "the answer to the step latest is about another object",
        ),
        (
            Unusable::TooLong { most: 16 << 20 },
            "Kestra's answer is larger than 16 MiB. Ask for less.",
            "more than 16777216 bytes",
        ),
        (
            Unusable::Incomplete {
                cause: "reset by credential-1".to_owned(),
            },
            "Kestra closed the connection before its answer was complete.",
            "reset by [redacted:secret]",
        ),
        (
            Unusable::NotJson { media, body },
            "Kestra's address answered text/html that is not JSON. Is the address right?",
            "text/html: <p>[redacted:secret]</p>",
        ),
        (
            Unusable::Redirect {
                status: 302,
                media: page,
                body: text,
            },
            "The address redirects (302, text/html) instead of answering. Is it Kestra's own?",
            "text/html: <p>[redacted:secret]</p>",
        ),
        (
            Unusable::NotAPage,
            "The answer is not a page of results of Kestra. Ask the user whether the address is right.",
            "not a page of results",
        ),
        (
            Unusable::Lacking {
                parameter: "executionId",
            },
            "Kestra's answer lacks the value for `executionId`.",
            "no value for executionId",
        ),
        (
            Unusable::NoVerdict,
            "Kestra's validation said nothing of this source; nothing was saved.",
            "no verdict on the source",
        ),
    ] {
        let failure = Error::from(why).into();
        let whole = json!({ "code": "UPSTREAM_ERROR", "message": told, "retryable": false });
        assert_eq!(error(&failure), whole);
        let written = logged(&failure, &secrets);
        assert!(
            written.contains("WARN") && written.contains(kept),
            "{written}"
        );
        assert!(!written.contains("credential-1"), "{written}");
    }
}
