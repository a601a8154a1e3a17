//! A Kestra token as an argument, where the operator allows it.

use serde_json::{Value, json};
use simulator::{Action, Auth, Fault, Holder};

use crate::stand::{ANN_TOKEN, Application, BEN_TOKEN, Stand, World};
use crate::traces::{Log, dump, holds};

const TOOL: &str = "register_kestra_token";
/// Of a person who may do everything in Kestra.
const ROOT_TOKEN: &str = "kestra-token-of-root-0123456789";
/// Of a person in another tenant.
const FAR_TOKEN: &str = "kestra-token-of-far-01234567890";

async fn allowed(change: impl FnOnce(&mut World)) -> Stand {
    Stand::with(|world| {
        world.file.push_str("[kestra]\ntoken_argument = true\n");
        if let Auth::People(people) = &mut world.kestra.auth {
            let mut root = Holder::new(ROOT_TOKEN, "root@example.com");
            root.administrator = true;
            let mut far = Holder::new(FAR_TOKEN, "far@example.com");
            far.tenants = vec!["far".to_owned()];
            people.extend([root, far]);
        }
        change(world);
    })
    .await
}

/// The answer of a tool, which must not contain a token.
async fn answered(stand: &Stand, access: &str, tool: &str, arguments: Value) -> Value {
    let answer = stand.call(access, tool, arguments).await;
    let text = answer.to_string();
    for token in [ANN_TOKEN, BEN_TOKEN, ROOT_TOKEN, FAR_TOKEN] {
        assert!(!text.contains(token), "{text}");
    }
    answer["result"]["structuredContent"].clone()
}

async fn register(stand: &Stand, access: &str, token: &str) -> Value {
    answered(stand, access, TOOL, json!({ "token": token })).await
}

/// The tool as it is listed.
async fn listed(stand: &Stand, access: &str) -> Value {
    let answer = stand.ask(access, "tools/list", json!({})).await;
    let answer: Value = answer.json().await.unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .find(|tool| tool["name"] == TOOL)
        .unwrap()
        .clone()
}

/// Makes Kestra answer once so at this path.
fn once(path: &str, status: u16, body: &str) -> Fault {
    Fault {
        method: None,
        path: path.to_owned(),
        times: Some(1),
        action: Action::Respond {
            status,
            content_type: "application/json".to_owned(),
            body: body.as_bytes().to_vec(),
            headers: Vec::new(),
        },
    }
}

/// The credentials of the requests to Kestra.
async fn account(stand: &Stand, access: &str) -> Value {
    answered(stand, access, TOOL, json!({})).await["account"].clone()
}

#[tokio::test]
async fn k1_a_token_is_an_argument_only_where_the_operator_says_so() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let tool = listed(&stand, &tokens.access).await;
    assert_eq!(tool["inputSchema"]["properties"], json!({}));
    assert_eq!(tool["annotations"]["readOnlyHint"], true);
    let error = register(&stand, &tokens.access, ANN_TOKEN).await["error"].clone();
    assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
    assert_eq!(error["faults"][0]["field"], "token");
    let asked = stand.simulator.requests();
    assert!(
        asked
            .iter()
            .all(|request| request.path.ends_with("/configs"))
    );

    let stand = allowed(|_| ()).await;
    let (_, tokens) = stand.connect("ann").await;
    let tool = listed(&stand, &tokens.access).await;
    let token = &tool["inputSchema"]["properties"]["token"];
    assert_eq!(token["type"], "string", "{tool}");
    assert_eq!(tool["inputSchema"].get("required"), None);
    assert_eq!(tool["annotations"]["readOnlyHint"], false);
    assert_eq!(tool["annotations"]["destructiveHint"], true);

    // With a shared credential there is nothing to register.
    let stand = Stand::with(|world| {
        world
            .file
            .push_str("[kestra]\ncredential = \"shared\"\ntoken_argument = true\n");
        world.set("KESTRA_API_TOKEN", BEN_TOKEN);
    })
    .await;
    let (_, tokens) = stand.connect("ann").await;
    let tool = listed(&stand, &tokens.access).await;
    assert_eq!(tool["inputSchema"]["properties"], json!({}));
    let error = register(&stand, &tokens.access, ANN_TOKEN).await["error"].clone();
    assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
}

#[tokio::test]
async fn k5_a_token_argument_is_checked_stored_and_never_shown() {
    let log = Log::of_all();
    let stand = allowed(|_| ()).await;
    let (_, tokens) = stand.connect("ann").await;
    let access = &tokens.access;
    let error = answered(&stand, access, "list_flows", json!({})).await["error"].clone();
    assert_eq!(error["code"], "CREDENTIAL_REQUIRED");
    let pasted = format!(" \u{feff}{ANN_TOKEN}\r\n");
    let kept = register(&stand, access, &pasted).await;
    assert_eq!(kept["registered"], true, "{kept}");
    assert_eq!(kept["account"], "ann@example.com");
    let flows = answered(&stand, access, "list_flows", json!({})).await;
    assert!(flows["items"].is_array(), "{flows}");
    // The page shows it, and removes it.
    let (browser, page) = stand.account_of("ann").await;
    assert!(page.text.contains("ann@example.com") && !page.text.contains(ANN_TOKEN));
    let removed = browser.act(&page, "remove", &[]).await;
    assert!(removed.moves(), "{}", removed.text);
    let error = answered(&stand, access, "list_flows", json!({})).await["error"].clone();
    assert_eq!(error["code"], "CREDENTIAL_REQUIRED");
    // Another one replaces it.
    register(&stand, access, ANN_TOKEN).await;
    let other = register(&stand, access, BEN_TOKEN).await;
    assert_eq!(other["account"], "ben@example.com");

    let (log, database) = (log.bytes(), dump(&stand));
    assert!(holds(&log, "a person saved a credential"));
    assert!(holds(&database, "ben@example.com"));
    for token in [ANN_TOKEN, BEN_TOKEN] {
        assert!(!holds(&log, token) && !holds(&database, token), "{token}");
    }
}

#[tokio::test]
async fn k6_an_invalid_token_changes_nothing() {
    let stand = allowed(|_| ()).await;
    let (_, tokens) = stand.connect("ann").await;
    let access = &tokens.access;
    register(&stand, access, ANN_TOKEN).await;
    let long = "x".repeat(4097);
    for bad in [
        "",
        " \t",
        "two words",
        "line\nbreak",
        "nul\u{0}",
        "ümlaut",
        &long,
    ] {
        let error = register(&stand, access, bad).await["error"].clone();
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{bad:?}");
        let fault = &error["faults"][0];
        assert_eq!(fault["field"], "token", "{error}");
        assert!(
            fault["expected"].as_str().unwrap().contains("4096"),
            "{error}"
        );
    }
    let error = answered(&stand, access, TOOL, json!({ "token": 7 })).await["error"].clone();
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    for (token, code) in [
        ("kestra-token-of-nobody-012345678", "CREDENTIAL_REFUSED"),
        (ROOT_TOKEN, "CREDENTIAL_TOO_POWERFUL"),
        (FAR_TOKEN, "INVALID_ARGUMENT"),
    ] {
        let error = register(&stand, access, token).await["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        assert_eq!(error["retryable"], false);
        assert!(!error.to_string().contains(token), "{error}");
    }
    stand.later(60);
    stand.simulator.fault(once("/api/v1/me", 503, ""));
    let error = register(&stand, access, BEN_TOKEN).await["error"].clone();
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("UNREACHABLE"), &json!(true))
    );
    assert_eq!(account(&stand, access).await, "ann@example.com");
    let flows = answered(&stand, access, "list_flows", json!({})).await;
    assert!(flows["items"].is_array(), "{flows}");
}

#[tokio::test]
async fn k7_attempts_by_page_and_by_tool_are_counted_together() {
    let stand = allowed(|_| ()).await;
    let (_, tokens) = stand.connect("ann").await;
    let (browser, mut page) = stand.account_of("ann").await;
    for nth in 0..5 {
        if nth % 2 == 0 {
            let error = register(&stand, &tokens.access, "no-token-of-kestra-at-all").await;
            assert_eq!(error["error"]["code"], "CREDENTIAL_REFUSED");
        } else {
            page = browser
                .save(&page, &[("token", "no-token-of-kestra-at-all")])
                .await;
            assert_eq!(page.status, 400);
        }
    }
    let error = register(&stand, &tokens.access, ANN_TOKEN).await["error"].clone();
    assert_eq!(error["code"], "BUDGET_EXCEEDED");
    assert_eq!(error["retry_after_s"], 60);
    stand.later(61);
    let kept = register(&stand, &tokens.access, ANN_TOKEN).await;
    assert_eq!(kept["registered"], true, "{kept}");
}

#[tokio::test]
async fn a_client_that_may_only_read_registers_nothing() {
    let stand = allowed(|_| ()).await;
    let mut application = Application::register(&stand).await;
    application.scope = Some("kestra:read".to_owned());
    let tokens = application.connect(&stand, &stand.browser_of("ann")).await;
    let error = register(&stand, &tokens.access, BEN_TOKEN).await["error"].clone();
    assert_eq!(error["code"], "POLICY_DENIED", "{error}");
    assert_eq!(stand.simulator.requests().len(), 0);
    let told = answered(&stand, &tokens.access, TOOL, json!({})).await;
    assert_eq!(told["registered"], false, "{told}");
    assert!(told["url"].is_string(), "{told}");
}

/// Whatever is wrong with the stored one, another can replace it.
#[tokio::test]
async fn a_token_replaces_one_that_has_become_too_powerful() {
    let stand = allowed(|_| ()).await;
    let (application, tokens) = stand.connect("ann").await;
    register(&stand, &tokens.access, ANN_TOKEN).await;
    let owner = json!({ "id": "1", "instanceOwner": true, "tenants": [{ "id": "main" }] });
    stand
        .simulator
        .fault(once("/api/v1/me", 200, &owner.to_string()));
    stand.later(601);
    let answer = application.refresh(&stand, &tokens.refresh).await;
    let answer: Value = answer.json().await.unwrap();
    let access = answer["access_token"].as_str().unwrap();
    let error = answered(&stand, access, "list_flows", json!({})).await["error"].clone();
    assert_eq!(error["code"], "CREDENTIAL_TOO_POWERFUL");
    let page = answered(&stand, access, TOOL, json!({})).await;
    assert!(page["url"].is_string(), "{page}");
    let kept = register(&stand, access, BEN_TOKEN).await;
    assert_eq!(kept["account"], "ben@example.com");
    let flows = answered(&stand, access, "list_flows", json!({})).await;
    assert!(flows["items"].is_array(), "{flows}");
}
