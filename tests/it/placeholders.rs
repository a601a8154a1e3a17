//! Placeholders that an operator has not replaced are reported as such, wherever they appear.

use kestra_mcp::app;
use kestra_mcp::cli::Exit;
use kestra_mcp::config::{Config, Flags, Transport};
use serde_json::json;

use crate::stand::{Program, environment};

/// The exit of the program, and its output and errors.
async fn ended(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, String) {
    let mut program = Program::start(arguments, variables);
    program.end();
    let output = program.lines().await.join("\n");
    let errors = program.errors.clone();
    (program.exit().await, output + &errors.text())
}

fn faults(pairs: &[(&str, &str)], transport: Transport) -> Vec<String> {
    let (_, faults) = Config::read(&Flags::default(), &environment(pairs), Some(transport));
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_placeholder_is_one_fault_and_causes_no_others() {
    for text in [
        "${KESTRA_PASSWORD}",
        "$KESTRA_PASSWORD",
        "%KESTRA_PASSWORD%",
        "${input:x}",
        "{{ x }}",
    ] {
        for name in [
            "KESTRA_API_URL",
            "KESTRA_USERNAME",
            "KESTRA_PASSWORD",
            "KESTRA_API_TOKEN",
            "KESTRA_TENANT",
            "KESTRA_VERIFY_SSL",
            "KESTRA_CA_FILE",
            "KESTRA_VERSION",
            "KESTRA_MCP_READ_ONLY",
            "KESTRA_MCP_MEMORY",
        ] {
            let mut pairs = vec![
                ("KESTRA_API_URL", "http://k.example"),
                ("KESTRA_USERNAME", "ada@example.com"),
                ("KESTRA_PASSWORD", "secret-word"),
            ];
            pairs.retain(|(known, _)| *known != name);
            pairs.push((name, text));
            let message = faults(&pairs, Transport::Stdio);
            assert_eq!(message.len(), 1, "{name}={text}: {message:#?}");
            assert!(
                message[0].starts_with(&format!("{name}: is a placeholder, ")),
                "{message:?}"
            );
            assert!(!message[0].contains("secret-word"), "{message:?}");
        }
    }
    let message = faults(
        &[("KESTRA_USERNAME", "ada"), ("KESTRA_PASSWORD", "$PASSWORD")],
        Transport::Stdio,
    );
    assert!(
        message[0].contains("a file that KESTRA_PASSWORD_FILE names"),
        "{message:?}"
    );
    assert!(!message[0].contains("$PASSWORD"), "{message:?}");
}

#[test]
fn over_http_each_is_reported_once_and_over_stdio_http_settings_are_ignored() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let whole = [
        ("KESTRA_API_URL", "http://k.example"),
        ("OIDC_ISSUER_URL", "https://id.example"),
        ("OIDC_CLIENT_ID", "kestra-mcp"),
        ("OIDC_CLIENT_SECRET", "secret-word"),
        ("ENCRYPTION_KEYS", key),
        ("KESTRA_MCP_DATA_DIR", "/data"),
    ];
    assert_eq!(faults(&whole, Transport::Http), [""; 0]);
    for (name, _) in whole {
        let mut pairs = whole.to_vec();
        pairs.retain(|(known, _)| *known != name);
        pairs.push((name, "${SOMETHING}"));
        let message = faults(&pairs, Transport::Http);
        assert_eq!(message.len(), 1, "{name}: {message:#?}");
        assert!(
            message[0].starts_with(&format!("{name}: is a placeholder, ${{…}}, ")),
            "{message:?}"
        );
    }
    let kestra = ("KESTRA_API_URL", "http://k.example");
    let others = [
        kestra,
        ("OIDC_ISSUER_URL", "${X}"),
        ("ENCRYPTION_KEYS", "$KEYS"),
    ];
    assert_eq!(faults(&others, Transport::Stdio), [""; 0]);
}

#[test]
fn placeholders_in_files_are_found_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kestra-mcp.toml");
    let text = "[kestra]\nurl = \"${KESTRA_URL}\"\n[[identity_provider]]\nissuer = \"https://id.example\"\n\
                client_id = \"{{ client }}\"\nclient_secret_env = \"SECRET\"\n\
                [[client]]\nid = \"desk\"\nsecret_env = \"DESK\"\nredirect_uris = [\"https://desk.example/cb\"]\n";
    std::fs::write(&file, text).unwrap();
    let beside = folder.path().join("settings.env");
    std::fs::write(
        &beside,
        "SECRET=%SECRET%\nDESK=${env:DESK_SECRET_OF_32_CHARACTERS}\nKESTRA_MCP_DATA_DIR=/data\n\
        ENCRYPTION_KEYS=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    )
    .unwrap();
    let flags = Flags {
        config: Some(file),
        env_file: Some(beside),
        ..Flags::default()
    };
    let (_, faults) = Config::read(&flags, &environment(&[]), Some(Transport::Http));
    let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 4, "{messages:#?}");
    for place in ["kestra.url", "client_id", "client_secret_env", "secret_env"] {
        assert!(
            messages
                .iter()
                .any(|messages| messages.contains(place) && messages.contains("placeholder")),
            "{place}: {messages:#?}"
        );
    }
}

/// A password that looks like a placeholder can be given in a file.
#[test]
fn the_content_of_a_secret_file_may_be_anything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "${PASSWORD}\n").unwrap();
    let file = file.to_str().unwrap();
    for (name, user) in [
        ("KESTRA_PASSWORD_FILE", Some(("KESTRA_USERNAME", "ada"))),
        ("KESTRA_API_TOKEN_FILE", None),
    ] {
        let pairs: Vec<_> = user
            .into_iter()
            .chain([("KESTRA_API_URL", "http://k.example"), (name, file)])
            .collect();
        assert_eq!(faults(&pairs, Transport::Stdio), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn over_stdio_a_placeholder_is_reported_in_the_conversation_and_nothing_is_sent() {
    let simulator = simulator::Simulator::start(simulator::Settings::new(simulator::Dialect::V1_3))
        .await
        .unwrap();
    let url = simulator.url();
    for variables in [
        [
            ("KESTRA_API_URL", &*url),
            ("KESTRA_USERNAME", "ada"),
            ("KESTRA_PASSWORD", "${KESTRA_PASSWORD}"),
        ],
        [
            ("KESTRA_API_URL", &*url),
            ("KESTRA_API_TOKEN", "token"),
            ("KESTRA_TENANT", "$TENANT"),
        ],
        [
            ("KESTRA_API_URL", &*url),
            ("KESTRA_API_TOKEN", "token"),
            ("KESTRA_MCP_READ_ONLY", "%RO%"),
        ],
    ] {
        let name = variables[2].0;
        let mut program = Program::greeted(&variables).await;
        assert!(!program.tools().await.is_empty());
        let status = program
            .ask("tools/call", json!({ "name": "auth_status" }))
            .await;
        let status = &status["result"]["structuredContent"];
        let note = status["note"].as_str().unwrap();
        assert!(
            note.contains(&format!("{name}: is a placeholder")),
            "{status}"
        );
        assert_eq!(status["kestra"]["reachable"], false, "{status}");
        let call = program
            .ask("tools/call", json!({ "name": "list_flows" }))
            .await;
        let error = &call["result"]["structuredContent"]["error"];
        assert_eq!(error["code"], "NOT_CONFIGURED", "{call}");
        assert!(error["message"].as_str().unwrap().contains(name), "{call}");
        assert_eq!(error["variables"], json!([name]), "{call}");
    }
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn config_check_reports_placeholders_and_other_faults_end_the_program() {
    let password = [
        ("KESTRA_API_URL", "http://127.0.0.1:9"),
        ("KESTRA_USERNAME", "ada"),
        ("KESTRA_PASSWORD", "${P}"),
    ];
    for command in [&["config", "check", "stdio"][..], &["doctor"]] {
        let (exit, message) = ended(command, &password).await;
        assert_ne!(exit, Exit::Done);
        assert!(
            message.contains("KESTRA_PASSWORD: is a placeholder, ${…}"),
            "{message}"
        );
    }
    let both = [password[0], password[2], ("KESTRA_MCP_LOG", "a=b=c")];
    let (exit, errors) = ended(&["stdio"], &both).await;
    assert_eq!(exit, Exit::Misused);
    assert!(
        errors.contains("placeholder") && errors.contains("KESTRA_MCP_LOG"),
        "{errors}"
    );
    let setup = app::configure(
        &Flags::default(),
        &environment(&password),
        Some(Transport::Stdio),
    );
    assert_eq!(setup.unwrap_err().0.len(), 1);
}
