//! Widespread clients: as docs/http.md registers them, and as doctor probes their documents.

use kestra_mcp::clock::Clock;
use kestra_mcp::config::Environment;
use kestra_mcp::doctor::{self, Report};

use super::web::{Says, Web, is_let_on, is_refused, opened};
use crate::stand::{Application, Stand, World};
use crate::wire::redeeming;

const DOCS: &str = include_str!("../../../docs/http.md");

/// The blocks of the documentation that register clients.
fn blocks() -> String {
    let blocks = DOCS.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    blocks
        .filter(|block| block.contains("[[client]]"))
        .collect()
}

/// Client id and redirect URI of each program.
const SENT: &[(&str, &str)] = &[
    (
        "https://claude.ai/oauth/claude-code-client-metadata",
        "http://localhost:3118/callback",
    ),
    (
        "https://claude.ai/oauth/claude-code-client-metadata",
        "http://127.0.0.1:54321/callback",
    ),
    (
        "https://chatgpt.com/oauth/codex/client.json",
        "http://127.0.0.1:1455/callback",
    ),
    (
        "https://vscode.dev/oauth/client-metadata.json",
        "http://127.0.0.1:33418/",
    ),
    (
        "https://vscode.dev/oauth/client-metadata.json",
        "http://127.0.0.1:59656/",
    ),
    (
        "https://vscode.dev/oauth/client-metadata.json",
        "https://vscode.dev/redirect",
    ),
    (
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        "https://claude.ai/api/mcp/auth_callback",
    ),
    ("cursor", "http://localhost:8787/callback"),
    ("cursor", "cursor://anysphere.cursor-mcp/oauth/callback"),
];

fn application(id: &str, redirect: &str) -> Application {
    Application {
        id: id.to_owned(),
        redirect: redirect.to_owned(),
        scope: None,
    }
}

/// Also C9.
#[tokio::test]
async fn c16_the_documented_clients_are_authorized_without_their_documents() {
    let web = Web::start().await;
    for mode in ["on", "off"] {
        let stand = Stand::with(|world| {
            world.outside = web.outside();
            world.set("KESTRA_MCP_CLIENT_DOCUMENTS", mode);
            world.file = blocks();
        })
        .await;
        for (id, redirect) in SENT {
            let client = application(id, redirect);
            let code = stand.code_for(&client, "ann").await;
            let tokens = stand.post("/token", &redeeming(&client, &code)).await;
            let tokens = tokens.tokens();
            assert_eq!(stand.mcp(&tokens.access).await, 200, "{id} {redirect}");
            stand.refreshed(&client, &tokens.refresh).await.tokens();
        }
        for (id, _) in SENT {
            let elsewhere = application(id, "http://127.0.0.1:54321/elsewhere");
            is_refused(&opened(&stand, &elsewhere).await, id);
        }
    }
    assert_eq!((web.connections(), web.looked_up().len()), (0, 0));
}

async fn examined(stand: &Stand, web: &Web) -> Report {
    let config = stand.setup.config.clone();
    let clock = Clock::Manual(stand.now.clone());
    doctor::examine(Ok(config), &Environment::new(), clock, &web.outside()).await
}

/// The lines of doctor about documents.
fn lines(report: &Report) -> Vec<String> {
    let lines = report.0.iter().filter(|one| one.check == "documents");
    lines.map(ToString::to_string).collect()
}

fn looks(world: &mut World, web: &Web, text: &str) {
    world.outside = web.outside();
    world.environment.remove("KESTRA_MCP_CLIENT_DOCUMENTS");
    world.file.push_str(text);
}

#[tokio::test]
async fn c7_doctor_reads_the_known_documents_and_reports_obstacles() {
    let web = Web::start().await;
    let good = web.publish("/good.json", &[]);
    let shut = web.id("other.example", "/shut.json");
    web.says("/shut.json", Says::Answer(403, Vec::new(), Vec::new()));
    let pinned = web.publish("/pinned.json", &[]);
    let away = web.id("nowhere.example", "/away.json");
    let text = format!(
        "[oauth]\nmetadata_probe = [{:?}, {shut:?}]\n\
         [[client]]\nid = {:?}\nname = \"Pinned\"\nredirect_uris = [\"http://127.0.0.1/other\"]\n\
         [[client]]\nid = {away:?}\nname = \"Away\"\nredirect_uris = [\"http://127.0.0.1/callback\"]\n",
        good.id, pinned.id
    );
    let stand = Stand::with(|world| looks(world, &web, &text)).await;
    let report = examined(&stand, &web).await;
    let lines = lines(&report);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for (verdict, parts) in [
        (
            "ok ",
            &["client.example: the document of Published client can be read"][..],
        ),
        (
            "warn",
            &["other.example: ", "the status 403", " -> ", "[[client]]"],
        ),
        (
            "warn",
            &[
                "client.example: Pinned is a [[client]] without",
                "http://127.0.0.1/callback",
                "redirect_uris",
            ],
        ),
        ("ok ", &["nowhere.example: Away is a [[client]]"]),
    ] {
        let fits = |line: &&String| {
            line.starts_with(verdict) && parts.iter().all(|part| line.contains(part))
        };
        assert_eq!(lines.iter().filter(fits).count(), 1, "{parts:?} {lines:#?}");
    }
    assert!(!report.failed(), "{report}");
}

#[tokio::test]
async fn c7_doctor_fails_where_nobody_could_sign_in() {
    let web = Web::start().await;
    let away = web.id("nowhere.example", "/away.json");
    for (more, failed, said) in [
        ("", false, "clients register themselves"),
        ("client_registration = false\n", true, "none can sign in"),
    ] {
        let text = format!("[oauth]\nmetadata_probe = [{away:?}]\n{more}");
        let stand = Stand::with(|world| looks(world, &web, &text)).await;
        let report = examined(&stand, &web).await;
        assert_eq!(report.failed(), failed, "{report}");
        let lines = lines(&report);
        assert!(lines.last().unwrap().contains(said), "{lines:#?}");
    }
    // With documents off, nothing is probed.
    let text = format!("[oauth]\nmetadata_probe = [{away:?}]\nclient_documents = \"off\"\n");
    let stand = Stand::with(|world| looks(world, &web, &text)).await;
    assert_eq!(lines(&examined(&stand, &web).await), [""; 0]);
}

#[tokio::test]
async fn c16_a_client_of_the_configuration_wins_over_its_document() {
    let web = Web::start().await;
    let published = web.publish("/client.json", &[]);
    let text = format!(
        "[[client]]\nid = {:?}\nredirect_uris = [\"http://127.0.0.1/other\"]\n",
        published.id
    );
    let stand = Stand::with(|world| {
        world.outside = web.outside();
        world.file = text;
    })
    .await;
    is_refused(&opened(&stand, &published).await, "as published");
    let pinned = application(&published.id, "http://127.0.0.1:1/other");
    is_let_on(&opened(&stand, &pinned).await);
    assert_eq!(web.connections(), 0);
}
