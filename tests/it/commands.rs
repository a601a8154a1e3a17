//! The commands that people use: tools, settings, completions, the manual page.

use kestra_mcp::cli::Exit;
use kestra_mcp::generated;
use kestra_mcp::tool::Line;
use serde_json::Value;

use crate::stand::Program;

/// The list of every setting.
const SETTINGS: &str = include_str!("../../docs/configuration.md");

/// The exit, the output, and the errors.
async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, String, String) {
    let mut program = Program::start(arguments, variables);
    let output = program.lines().await.join("\n");
    let errors = program.errors.clone();
    (program.exit().await, output, errors.text())
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.file");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[tokio::test]
async fn tools_lists_permission_effect_and_requests_of_each() {
    // It does not read the configuration.
    let (exit, table, _) = run(&["tools"], &[("KESTRA_API_URL", "nonsense")]).await;
    assert_eq!(exit, Exit::Done);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|row| {
            row.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(
        rows[0],
        [
            "TOOL",
            "PERMISSION",
            "EFFECT",
            "KESTRA",
            "OPERATION",
            "REQUEST"
        ]
    );
    assert!(rows.iter().all(|row| row.len() == 6), "{table}");
    let get_flow = [
        "get_flow",
        "flows.read",
        "read",
        "1.3 2.0",
        "getFlow",
        "GET /api/v1/{tenant}/flows/{namespace}/{id}",
    ];
    assert!(rows.iter().any(|row| *row == get_flow), "{table}");
    for line in Line::ALL {
        for tool in generated::tools(*line) {
            let requests = tool.routes.len().max(1);
            let row = |row: &&Vec<&str>| row[0] == tool.name && row[3].contains(line.as_str());
            assert_eq!(rows.iter().filter(row).count(), requests, "{table}");
        }
    }
    let (_, one, _) = run(&["tools", "--line", "1.3"], &[]).await;
    assert!(one.contains(" 1.3 ") && !one.contains("2.0"), "{one}");
    assert_eq!(run(&["tools", "--line", "0.9"], &[]).await.0, Exit::Misused);
}

#[tokio::test]
async fn tools_as_json_can_be_read_by_a_script() {
    let (exit, text, _) = run(&["tools", "--json"], &[]).await;
    assert_eq!(exit, Exit::Done);
    let tools: Vec<Value> = serde_json::from_str(&text).unwrap();
    let execute = tools.iter().find(|tool| tool["name"] == "execute_flow");
    let execute = execute.unwrap();
    assert_eq!(
        (&execute["permission"], &execute["effect"]),
        (&"executions.run".into(), &"execute".into())
    );
    let operations = execute["kestra"]["2.0"]["operations"].as_array().unwrap();
    assert!(
        operations.iter().any(|one| one["method"] == "POST"),
        "{execute}"
    );
    for line in Line::ALL {
        for tool in generated::tools(*line) {
            let listed = tools.iter().find(|listed| listed["name"] == tool.name);
            let of_line = &listed.unwrap()["kestra"][line.as_str()];
            let operations = of_line["operations"].as_array().unwrap();
            assert_eq!(operations.len(), tool.routes.len(), "{}", tool.name);
        }
    }
}

#[tokio::test]
async fn config_check_shows_each_setting_with_its_source_and_no_secret() {
    let (_folder, config) = file("[kestra]\ntenant = \"team\"\n[mcp]\nread_only = true\n");
    let (_other, beside) = file("KESTRA_PASSWORD=Correct-Horse-1\n");
    let arguments = [
        "config",
        "check",
        "stdio",
        "--config",
        &config,
        "--env-file",
        &beside,
        "--url",
        "http://k:1",
    ];
    let variables = [("KESTRA_USERNAME", "me@example.com")];
    let (exit, text, errors) = run(&arguments, &variables).await;
    assert_eq!((exit, errors.as_str()), (Exit::Done, ""));
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for expected in [
        "kestra.url http://k:1/ (--url)".to_owned(),
        format!("kestra.tenant team ({config}: kestra.tenant)"),
        "kestra.username me@example.com (KESTRA_USERNAME)".to_owned(),
        format!("KESTRA_PASSWORD set ({beside}: KESTRA_PASSWORD)"),
        "kestra.verify_ssl true (default)".to_owned(),
        "kestra.version asked of the server (default)".to_owned(),
        format!("mcp.read_only true ({config}: mcp.read_only)"),
        "mcp.memory 268435456 (default)".to_owned(),
        "mcp.quiet_wait_seconds 50 (default)".to_owned(),
        "mcp.repeat_seconds 120 (default)".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected}\n{text}");
    }
    assert!(!text.contains("Horse"), "{text}");
}

#[tokio::test]
async fn config_check_shows_everything_that_is_wrong_at_once() {
    let variables = [
        ("KESTRA_API_URL", "nonsense"),
        ("KESTRA_USERNAME", "me@example.com"),
        ("KESTRA_MCP_READ_ONLY", "perhaps"),
        ("KESTRA_MCP_LOG", "a=b=c"),
    ];
    let (exit, output, errors) = run(&["config", "check", "stdio"], &variables).await;
    assert_eq!((exit, output.as_str()), (Exit::Misused, ""));
    assert!(
        errors.contains("the configuration has 4 faults:"),
        "{errors}"
    );
    for place in [
        "KESTRA_API_URL: ",
        "KESTRA_USERNAME: ",
        "KESTRA_MCP_READ_ONLY: ",
        "KESTRA_MCP_LOG: ",
    ] {
        let line = errors.lines().find(|line| line.contains(place));
        assert!(line.is_some_and(|line| line.contains("; ")), "{errors}");
    }
    assert_eq!(run(&["config"], &[]).await.0, Exit::Misused);
}

#[tokio::test]
async fn config_check_refuses_what_the_checked_command_would_refuse() {
    let url = [("KESTRA_API_URL", "http://localhost:8080")];
    let (serve, _, refused) = run(&["serve"], &url).await;
    assert_eq!(serve, Exit::Misused);
    let lines = |text: &str| -> Vec<String> {
        let faults = text.lines().filter(|line| line.starts_with("  "));
        faults.map(str::to_owned).collect()
    };
    for arguments in [&["config", "check"][..], &["config", "check", "serve"]] {
        let (exit, output, errors) = run(arguments, &url).await;
        assert_eq!((exit, output.as_str()), (Exit::Misused, ""), "{errors}");
        assert_eq!(lines(&errors), lines(&refused));
        let hint = errors.contains("kestra-mcp config check stdio");
        assert_eq!(hint, arguments.len() == 2, "{errors}");
    }
    let (exit, output, errors) = run(&["config", "check", "stdio"], &url).await;
    assert_eq!((exit, errors.as_str()), (Exit::Done, ""));
    assert!(output.starts_with("Checked for stdio: "), "{output}");
    // Without a command the configuration decides.
    let stdio = ("KESTRA_MCP_TRANSPORT", "stdio");
    let (exit, output, _) = run(&["config", "check"], &[url[0], stdio]).await;
    assert_eq!(exit, Exit::Done);
    assert!(output.starts_with("Checked for stdio: "), "{output}");
}

#[tokio::test]
async fn config_check_warns_apart_from_what_it_prints() {
    let (_folder, beside) = file("KESTRA_TENAND=team\nKESTRA_TENANT=team\n");
    let check = ["config", "check", "stdio", "--env-file", &beside];
    let (exit, output, errors) = run(&check, &[]).await;
    assert_eq!(exit, Exit::Done);
    let warning = "KESTRA_TENAND is not a setting; did you mean KESTRA_TENANT?";
    assert_eq!(errors, format!("warning: {beside}: {warning}\n"));
    assert!(!output.contains("TENAND"), "{output}");
}

#[tokio::test]
async fn help_of_a_command_lists_the_options_that_matter_to_it() {
    for command in [
        &["tools"][..],
        &["man"],
        &["completions"],
        &["keys", "generate"],
    ] {
        let (exit, help, _) = run(&[command, &["--help"]].concat(), &[]).await;
        assert_eq!(exit, Exit::Done);
        for option in ["--url", "--config", "--read-only", "--data-dir"] {
            assert!(!help.contains(option), "{command:?}: {option}\n{help}");
        }
    }
    let (_, help, _) = run(&["keys", "status", "--help"], &[]).await;
    assert!(
        help.contains("--data-dir") && help.contains("--env-file"),
        "{help}"
    );
    assert!(!help.contains("--url"), "{help}");
    let (_, help, _) = run(&["stdio", "--help"], &[]).await;
    assert!(
        help.contains("--url") && help.contains("--ca-file"),
        "{help}"
    );
    let (_, help, _) = run(&["--help"], &[]).await;
    assert!(help.contains("never from flags"), "{help}");
    assert!(!help.contains("environment only"), "{help}");
    let (exit, same, _) = run(&["help"], &[]).await;
    assert_eq!((exit, same), (Exit::Done, help));
    // An option that has no effect is still accepted.
    let flag = ["tools", "--url", "http://localhost:8080"];
    assert_eq!(run(&flag, &[]).await.0, Exit::Done);
}

#[tokio::test]
async fn completions_and_man_have_every_command_and_flag() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (exit, script, _) = run(&["completions", shell], &[]).await;
        assert_eq!(exit, Exit::Done);
        for word in ["doctor", "completions", "read-only", "env-file"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "cmd"], &[]).await.0, Exit::Misused);
    let (exit, page, _) = run(&["man"], &[]).await;
    assert_eq!(exit, Exit::Done);
    assert!(page.contains(".TH kestra"), "{page}");
    assert_eq!(page.matches("\n.TH ").count(), 1, "{page}");
    assert_eq!(
        page.matches(".ie \\n(.g").count(),
        1,
        "one preamble\n{page}"
    );
    let page = ["\\fB", "\\fI", "\\fR"]
        .iter()
        .fold(page.replace("\\-", "-"), |page, font| {
            page.replace(font, "")
        });
    for command in [
        "stdio",
        "tools",
        "doctor",
        "config check",
        "keys generate",
        "keys rotate-signing",
        "completions",
        "man",
    ] {
        let heading = format!(".SS \"kestra-mcp {command}\"");
        assert!(page.contains(&heading), "{heading}\n{page}");
    }
    let status = page.split_once(".SS \"kestra-mcp keys status\"").unwrap().1;
    let status = status.split_once(".SS").unwrap().0;
    assert!(
        status.contains("takes --config, --env-file and --data-dir"),
        "{status}"
    );
    assert!(!page.contains("\"kestra-mcp help"), "{page}");
    for word in ["--read-only", "--env-file", "--json", "--line", "<SHELL>"] {
        assert!(page.contains(word), "{word}\n{page}");
    }
    let environment = page.split_once(".SH ENVIRONMENT").unwrap().1;
    for variable in SETTINGS.lines().filter_map(|row| row.strip_prefix("| `")) {
        let variable = variable.split_once('`').unwrap().0;
        assert!(environment.contains(variable), "{variable}\n{page}");
    }
    for credential in ["KESTRA_API_TOKEN", "KESTRA_USERNAME", "KESTRA_PASSWORD"] {
        assert!(environment.contains(credential), "{credential}\n{page}");
    }
}

/// Flags, variables, and what the note says.
type Case<'a> = (Vec<&'a str>, Vec<(&'a str, &'a str)>, &'a str);

#[tokio::test]
async fn the_source_of_the_credential_is_shown_and_its_value_is_not() {
    let (_folder, secret) = file("tok-0123456789abcdef\n");
    let (_other, config) = file(&format!("[kestra]\ntoken_file = \"{secret}\"\n"));
    let (_third, beside) = file("KESTRA_API_TOKEN=tok-0123456789abcdef\n");
    let beside_place = format!("KESTRA_API_TOKEN in {beside}");
    let cases: Vec<Case> = vec![
        (vec![], vec![], "No credential is set"),
        (
            vec![],
            vec![("KESTRA_API_TOKEN", "tok-0123456789abcdef")],
            "a token, read at start from the environment variable KESTRA_API_TOKEN",
        ),
        (vec!["--env-file", &beside], vec![], &beside_place),
        (
            vec!["--config", &config],
            vec![],
            "the file that kestra.token_file in ",
        ),
        (
            vec![],
            vec![
                ("KESTRA_USERNAME", "me@example.com"),
                ("KESTRA_PASSWORD", "Correct-Horse-1"),
            ],
            "KESTRA_USERNAME and the environment variable KESTRA_PASSWORD",
        ),
    ];
    for (flags, variables, expected) in cases {
        let mut program =
            Program::started(&[&["stdio"], flags.as_slice()].concat(), &variables).await;
        let answer = program
            .call("register_kestra_token", serde_json::json!({}))
            .await;
        let content = &answer["structuredContent"];
        assert_eq!(content["registered"], false, "{answer}");
        let note = content["note"].as_str().unwrap();
        assert!(note.contains(expected), "{note}");
        assert!(note.contains("restarts this server"), "{note}");
        for value in ["tok-0123", "Horse", "me@example.com"] {
            assert!(!note.contains(value), "{note}");
        }
    }
}

/// An example copied from the documentation works as it is.
#[tokio::test]
async fn the_clients_of_the_documentation_pass_config_check() {
    const DOCS: &str = include_str!("../../docs/http.md");
    let blocks = DOCS.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<&str> = blocks
        .filter(|block| block.contains("[[client]]"))
        .collect();
    let (_folder, path) = file(&blocks.concat());
    let variables = [
        ("KESTRA_API_URL", "http://localhost:8080"),
        ("OIDC_ISSUER_URL", "https://id.example.com"),
        ("OIDC_CLIENT_ID", "kestra-mcp"),
        (
            "ENCRYPTION_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
        ("KESTRA_MCP_DATA_DIR", "/tmp"),
    ];
    let check = ["config", "check", "serve", "--config", &path];
    let (exit, output, errors) = run(&check, &variables).await;
    assert_eq!((exit, errors.as_str()), (Exit::Done, ""));
    for id in [
        "https://claude.ai/oauth/claude-code-client-metadata",
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        "https://chatgpt.com/oauth/codex/client.json",
        "https://vscode.dev/oauth/client-metadata.json",
        "cursor",
    ] {
        let row = format!("client.{id}.redirect_uris");
        assert!(output.contains(&row), "{row}\n{output}");
    }
    // Documents that are probed by default are listed there too.
    for id in [
        "claude-code-client-metadata",
        "vscode.dev/oauth/client-metadata.json",
    ] {
        assert!(
            output
                .lines()
                .any(|line| line.contains("oauth.metadata_probe") && line.contains(id)),
            "{output}"
        );
    }
}
