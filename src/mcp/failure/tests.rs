use std::path::PathBuf;

use super::*;
use crate::tool::Internal;
use crate::tool::error::Fault;

fn refusal() -> Refusal {
    Refusal {
        found: "it is wrong".into(),
        remedy: "set KESTRA_TENANT to main".into(),
    }
}

/// One of every reason whose words are put together.
fn failures() -> Vec<Failure> {
    let upstream = |status, message: &str| Error::Upstream {
        status,
        message: message.to_owned(),
        detail: String::new(),
    };
    let fields = |text: &str| Map::from_iter([("namespace".to_owned(), text.into())]);
    let errors = vec![
        Error::Invalid {
            faults: vec![
                Fault::new("labels", "keys without mcp."),
                Fault::no_argument("x", Some("y")),
            ],
            inputs: false,
        },
        Error::CredentialRefused,
        Error::Forbidden { permission: None },
        Error::Forbidden {
            permission: Some("FLOW READ"),
        },
        Error::Unreachable {
            address: "http://kestra".to_owned(),
            cause: "nothing listens there.".to_owned(),
        },
        Error::NotConfigured {
            variables: &["KESTRA_API_URL"],
        },
        Error::NotKestra {
            address: "http://kestra".to_owned(),
        },
        Error::Elsewhere {
            asked: fields("a.b"),
            answered: fields("a."),
        },
        upstream(409, ""),
        upstream(500, ""),
        Internal::NobodysToken.into(),
    ];
    let errors = errors.into_iter().map(Failure::Tool);
    let others = [
        Failure::NoTenant(refusal()),
        Failure::ConfiguredRefused {
            why: refusal(),
            places: vec![Place {
                name: "tenant".into(),
                file: Some(PathBuf::from("kestra.toml")),
            }],
        },
        Failure::SharedTooPowerful,
        Failure::CredentialOverdue,
        Failure::NotKept(NotStored::Chance),
    ];
    errors.chain(others).collect()
}

#[test]
fn what_is_put_together_is_sentences() {
    for failure in failures() {
        for audience in [Audience::Local, Audience::Remote] {
            let told = failure.message(audience, Some("a1-7"));
            let advised = failure.advice(audience);
            assert_eq!(
                told.replace(" (request a1-7)", "")
                    .replace(", request a1-7", ""),
                advised
            );
            for text in [told, advised] {
                assert!(text.ends_with('.'), "{text}");
                let odd = ["..", "none)", ": Ask", ". ask", " .", "  ", "()"];
                assert_eq!(odd.iter().find(|odd| text.contains(**odd)), None, "{text}");
            }
        }
    }
}

#[test]
fn who_cannot_mend_it_is_told_whom_to_ask_and_the_request_where_there_is_one() {
    let lost = || {
        Failure::Tool(Error::Unreachable {
            address: "http://kestra".to_owned(),
            cause: "x".to_owned(),
        })
    };
    let words = "Kestra cannot be reached now. Nothing was sent; try again later. If it lasts, ask the user to tell the operator of this server";
    assert_eq!(lost().advice(Audience::Remote), format!("{words}."));
    assert_eq!(
        lost().message(Audience::Remote, Some("a1-7")),
        format!("{words} (request a1-7).")
    );
}
