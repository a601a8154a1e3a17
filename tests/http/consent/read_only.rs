//! A person grants a client read-only access.

use kestra_mcp::store::Store as _;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stand::{ANN_TOKEN, Application, Browser, Page, Stand, Tokens};
use crate::wire::jwt;

const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT5S\n";

/// The person chooses `access`, signs in, and the client redeems its code.
async fn connected(
    stand: &Stand,
    application: &Application,
    browser: &Browser,
    access: &str,
) -> Tokens {
    let question = application.ask(stand, browser).await;
    let mut page = chosen(browser, &question, access).await;
    while !page.location().as_str().starts_with(&application.redirect) {
        page = browser.follow(&page).await;
    }
    let to = page.location();
    let (_, code) = to.query_pairs().find(|(name, _)| name == "code").unwrap();
    let answer = application.redeem(stand, &code).await;
    assert_eq!(answer.status(), 200);
    Tokens::of(answer.json().await.unwrap())
}

async fn chosen(browser: &Browser, question: &Page, access: &str) -> Page {
    let fields = [("access", access)];
    browser
        .press(question, ("provider", "default"), &fields)
        .await
}

/// Saves a flow, as a client does.
async fn save(stand: &Stand, access: &str) -> reqwest::Response {
    let call = json!({ "name": "create_or_update_flow", "arguments": { "source": FLOW } });
    stand.ask(access, "tools/call", call).await
}

#[tokio::test]
async fn a20_a_read_only_grant_gives_no_more_by_any_token() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let mut tokens = connected(&stand, &application, &browser, "read").await;
    stand.simulator.forget_requests();
    for turn in 0..3 {
        let scope = &tokens.all["scope"];
        assert_eq!(scope, "kestra:read offline_access", "{turn}");
        assert_eq!(jwt(&tokens.access).1["scope"], "kestra:read", "{turn}");
        let refused = save(&stand, &tokens.access).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{turn}");
        let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("insufficient_scope"), "{challenge}");
        // A wider scope is refused, and spends nothing.
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.refresh),
            ("client_id", &application.id),
            ("scope", "kestra:write"),
        ];
        let wider = application.token(&stand, &fields).await;
        assert_eq!(wider.status(), StatusCode::BAD_REQUEST);
        let wider: Value = wider.json().await.unwrap();
        assert_eq!(wider["error"], "invalid_scope");
        stand.later(120);
        let refreshed = application.refresh(&stand, &tokens.refresh).await;
        assert_eq!(refreshed.status(), 200, "{turn}");
        tokens = Tokens::of(refreshed.json().await.unwrap());
    }
    assert!(stand.simulator.requests().is_empty());
    let seen = stand.call(&tokens.access, "list_flows", json!({})).await;
    assert_ne!(seen["result"]["isError"], true, "{seen}");
    let (_, page) = stand.account_of("ann").await;
    assert!(page.text.contains("May read, and change nothing."));
    assert!(!page.text.contains("May read and change."));
}

#[tokio::test]
async fn a20_a_read_only_grant_leaves_others_alone_and_asks_again() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (application, before) = stand.connect("ann").await;
    let browser = stand.browser_of("ann");
    let reader = connected(&stand, &application, &browser, "read").await;
    let store = stand.store().await;
    for (tokens, scopes) in [
        (&before, "kestra:read kestra:write offline_access"),
        (&reader, "kestra:read offline_access"),
    ] {
        let id = jwt(&tokens.access).1["sid"].as_str().unwrap().to_owned();
        let of = store.grant(&id).await.unwrap().unwrap();
        assert_eq!(of.grant.scopes, scopes);
    }
    assert_eq!(save(&stand, &before.access).await.status(), 200);
    // It asks for more after the challenge (MCP, scope challenges), and the person approves.
    let question = application.ask(&stand, &browser).await;
    assert!(question.text.contains("Start and stop executions"));
    let back = application.approved(&browser, question).await;
    let answer = application.redeem(&stand, &back.get("code")).await;
    let wider = Tokens::of(answer.json().await.unwrap());
    assert_eq!(
        wider.all["scope"],
        "kestra:read kestra:write offline_access"
    );
}

#[tokio::test]
async fn a20_read_only_is_the_only_choice_and_absent_where_nothing_is_written() {
    let (stand, desk) = Stand::with_desk().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    assert!(question.text.contains("name=\"access\" value=\"read\""));
    for access in ["write", "READ", "read write", "1"] {
        let refused = chosen(&browser, &question, access).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{access}");
        assert!(!refused.moves(), "{access}");
    }
    assert!(stand.idp.requests().is_empty());
    assert!(chosen(&browser, &question, "read").await.moves());
    let question = desk.ask(&stand, &browser).await;
    assert!(!question.text.contains("name=\"access\""));
}
