//! The account page: the links that lead to it, and what a person ends there.

use kestra_mcp::store::Store as _;
use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::oidc::{CLIENT_ID, CLIENT_SECRET, Person};
use simulator::{Dialect, PASSWORD, Settings, USERNAME};

use crate::stand::{ANN_TOKEN, Application, Browser, Stand, World};
use crate::traces::{Log, dump, holds};
use crate::wire::jwt;

/// Kestra itself, read by a person.
pub(crate) async fn flows(stand: &Stand, access: &str) -> Value {
    let answer = stand.call(access, "list_flows", json!({})).await;
    answer["result"].clone()
}

/// The code of an error of a tool.
pub(crate) fn code(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    result["structuredContent"]["error"]["code"]
        .as_str()
        .unwrap()
}

/// The link to the page where a person registers a credential.
async fn link(stand: &Stand, access: &str) -> String {
    let answer = stand.call(access, "register_kestra_token", json!({})).await;
    let url = answer["result"]["structuredContent"]["url"].as_str();
    url.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn k1_no_tool_takes_a_secret() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let answer = stand.ask(&tokens.access, "tools/list", json!({})).await;
    let answer: Value = answer.json().await.unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert!(
        tools
            .iter()
            .any(|tool| tool["name"] == "register_kestra_token")
    );
    let mut seen = 0;
    for tool in tools {
        let fields = tool["inputSchema"]["properties"].as_object();
        for name in fields.into_iter().flat_map(|fields| fields.keys()) {
            seen += 1;
            let name = name.to_lowercase();
            for word in ["token", "password", "secret", "credential", "api_key"] {
                assert!(!name.contains(word), "{}: {name}", tool["name"]);
            }
        }
    }
    assert!(seen > 10);
    let given = json!({ "token": ANN_TOKEN });
    let refused = stand
        .call(&tokens.access, "register_kestra_token", given)
        .await;
    assert!(refused["error"].is_object() || refused["result"]["isError"] == true);
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );
}

#[tokio::test]
async fn k2_a_link_alone_opens_nothing_and_reveals_nothing() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let link = link(&stand, &tokens.access).await;
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let (page, value) = link.split_once("?t=").unwrap();
    assert_eq!(page, format!("{}/account", stand.issuer()));
    assert!(value.len() >= 43 && !value.contains("ann") && !value.contains(&user));
    stand.idp.sign_out();
    let stranger = Browser::new(stand.http.clone());
    let login = stranger.walk(&link).await;
    assert!(login.url.as_str().starts_with(&stand.idp.issuer()));
    assert!(login.text.contains("password"), "{}", login.text);
    // It still works for the person it was made for, after a sign-in, and once.
    let ann = stand.browser_of("ann");
    let account = ann.walk(&link).await;
    assert_eq!(account.status, StatusCode::OK);
    assert!(account.text.contains("Signed in as"));
    assert_eq!(ann.walk(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn k3_a_link_is_for_the_person_who_asked_for_it() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let link = link(&stand, &tokens.access).await;
    let ben = stand.browser_of("ben");
    // First he has to sign in, then he is signed in.
    for turn in 0..2 {
        let page = ben.walk(&link).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{turn}");
        assert!(page.text.contains("This link is not yours"));
        assert!(!page.text.contains("<form"));
    }
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );
    let store = stand.store().await;
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let url = stand.simulator.url();
    assert_eq!(store.credential(&user, &url, "main").await.unwrap(), None);
    let account = stand.browser_of("ann").walk(&link).await;
    assert_eq!(account.status, StatusCode::OK);
}

#[tokio::test]
async fn k4_a_client_without_elicitation_gets_the_url() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let result = flows(&stand, &tokens.access).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(code(&result), "CREDENTIAL_REQUIRED");
    assert!(
        text.contains(&format!("{}/account?t=", stand.issuer())),
        "{text}"
    );
    let answer = stand
        .call(&tokens.access, "register_kestra_token", json!({}))
        .await;
    let url = answer["result"]["structuredContent"]["url"]
        .as_str()
        .unwrap();
    assert!(url.starts_with(&format!("{}/account?t=", stand.issuer())));
}

#[tokio::test]
async fn k10_a_secret_in_the_url_is_refused_and_stored_nowhere() {
    let log = Log::of_all();
    let stand = Stand::start().await;
    let (browser, _) = stand.account_of("ann").await;
    let nobody = Browser::new(stand.http.clone());
    let asked = stand.simulator.requests().len();
    for name in [
        "token",
        "api_token",
        "Api-Token",
        "apiToken",
        "kestra%5Ftoken",
        "access_token",
        "password",
        "PASSWORD",
        "client_secret",
        "apikey",
    ] {
        let url = stand.url(&format!("/account?saved=1&{name}={ANN_TOKEN}"));
        let form = [("action", "save"), ("token", ANN_TOKEN)];
        for page in [
            browser.get(&url).await,
            nobody.get(&url).await,
            browser.post(&url, &form).await,
        ] {
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}");
            assert!(
                page.text.contains("Never put a secret into an address"),
                "{}",
                page.text
            );
            assert!(!page.text.contains(ANN_TOKEN) && !page.moves(), "{name}");
            assert_eq!(page.headers["referrer-policy"], "no-referrer");
            assert_eq!(page.headers["cache-control"], "no-store");
        }
    }
    assert_eq!(stand.simulator.requests().len(), asked);
    assert!(!holds(&dump(&stand), ANN_TOKEN));
    assert!(!holds(&log.bytes(), ANN_TOKEN), "in the log");
    let account = browser.get(&stand.url("/account")).await;
    assert_eq!(account.status, StatusCode::OK);
    assert!(!account.text.contains("Remove"), "{}", account.text);
}

#[tokio::test]
async fn a_person_disconnects_one_client_and_leaves_the_others() {
    let stand = Stand::start().await;
    let (_, first) = stand.connect("ann").await;
    let (_, second) = stand.connect("ann").await;
    let (_, of_ben) = stand.connect("ben").await;
    let grant = |access: &str| jwt(access).1["sid"].as_str().unwrap().to_owned();
    let (browser, page) = stand.account_of("ann").await;
    assert_eq!(page.text.matches(">Disconnect<").count(), 2);
    let foreign = grant(&of_ben.access);
    let refused = browser
        .act(&page, "disconnect", &[("grant", &foreign)])
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let (browser, page) = stand.account_of("ann").await;
    let done = browser
        .act(&page, "disconnect", &[("grant", &grant(&first.access))])
        .await;
    let account = browser.follow(&done).await;
    assert_eq!(account.text.matches(">Disconnect<").count(), 1);
    assert_eq!(stand.mcp(&first.access).await, 401);
    for other in [&second, &of_ben] {
        assert_eq!(stand.mcp(&other.access).await, 200);
    }
}

#[tokio::test]
async fn a_person_sees_when_each_client_was_last_used() {
    let stand = Stand::start().await;
    let (_, first) = stand.connect("ann").await;
    // They are listed in the order in which they connected.
    stand.later(1);
    let (second, tokens) = stand.connect("ann").await;
    let lines = async || {
        let (_, page) = stand.account_of("ann").await;
        let parts = page.text.split("<li class=\"box\">").skip(1);
        let lines: Vec<String> = parts
            .map(|part| {
                let (_, rest) = part.split_once("change. ").unwrap();
                rest.split(". Connected").next().unwrap().to_owned()
            })
            .collect();
        lines
    };
    assert_eq!(lines().await, ["Not used yet"; 2]);
    assert_eq!(stand.mcp(&first.access).await, 200);
    let at = |exact: &str, read: &str| {
        format!(
            "Last used <time datetime=\"{exact}\">{}</time>",
            read.replace(' ', "\u{a0}")
        )
    };
    let noon = at("2026-06-18T12:00:01Z", "18 Jun 2026, 12:00 UTC");
    assert_eq!(lines().await, [&*noon, "Not used yet"]);
    // It is noted once a minute, and a refresh alone does not count.
    stand.later(59);
    assert_eq!(stand.mcp(&first.access).await, 200);
    assert_eq!(lines().await, [&*noon, "Not used yet"]);
    stand.later(121);
    assert_eq!(stand.mcp(&first.access).await, 200);
    let refreshed = second.refresh(&stand, &tokens.refresh).await;
    assert_eq!(refreshed.status(), 200);
    let later = at("2026-06-18T12:03:01Z", "18 Jun 2026, 12:03 UTC");
    assert_eq!(lines().await, [&*later, "Not used yet"]);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_client_and_every_browser() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    let (one, page) = stand.account_of("ann").await;
    let (other, _) = stand.account_of("ann").await;
    let out = one.act(&page, "sign_out_everywhere", &[]).await;
    assert!(out.text.contains("Signed out everywhere"));
    assert!(one.get(&stand.url("/account")).await.asks_to_sign_in());
    assert!(other.get(&stand.url("/account")).await.asks_to_sign_in());
    assert_eq!(stand.mcp(&tokens.access).await, 401);
    // The credential belongs to the person, not to a client.
    let (_, page) = stand.account_of("ann").await;
    assert!(page.text.contains("ann@example.com"));
}

#[tokio::test]
async fn an_account_form_is_good_once() {
    let stand = Stand::start().await;
    let (browser, page) = stand.account_of("ann").await;
    let (other, _) = stand.account_of("ann").await;
    let refused = other.act(&page, "sign_out", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let removed = browser.act(&page, "remove", &[]).await;
    assert!(removed.moves());
    let again = browser.act(&page, "remove", &[]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn with_several_providers_a_person_chooses_one_and_the_link_survives() {
    let stand = Stand::with(|world| {
        world.environment.remove("OIDC_CLIENT_ID");
        world.environment.remove("OIDC_CLIENT_SECRET");
        world.set("OIDC_SECRET", CLIENT_SECRET);
        world.set("OIDC_ISSUER_URL", "");
        world.file = ["first", "second"]
            .map(|id| {
                format!(
                    "[[identity_provider]]\nid = \"{id}\"\nissuer = \"{{issuer}}\"\n\
                     client_id = \"{CLIENT_ID}\"\nclient_secret_env = \"OIDC_SECRET\"\n\
                     role_rule = [{{ path = \"/roles\" }}]\n"
                )
            })
            .concat();
    });
    let stand = stand.await;
    let browser = stand.browser_of("ann");
    let choice = browser.get(&stand.url("/account?t=some-ticket")).await;
    assert_eq!(choice.status, StatusCode::OK);
    for id in ["first", "second"] {
        let button = format!("name=\"provider\" value=\"{id}\"");
        assert!(choice.text.contains(&button), "{}", choice.text);
    }
    assert_eq!(choice.hidden("t"), "some-ticket");
    let named = browser.get(&stand.url("/account?provider=second")).await;
    assert!(!named.text.contains("value=\"first\""), "{}", named.text);
    let page = browser.walk(&stand.url("/account?provider=second")).await;
    assert!(page.text.contains("Signed in as"));
    let application = Application::register(&stand).await;
    let question = application.ask(&stand, &browser).await;
    assert_eq!(question.text.matches("Approve, sign in at").count(), 2);
    let left = browser.press(&question, ("provider", "second"), &[]).await;
    assert!(left.location().as_str().starts_with(&stand.idp.issuer()));
}

const BY_NAME: &str = "[role.runner]
inherits = [\"viewer\"]
allow = [\"executions.run\", \"kill_execution\"]
deny = [\"executions.data\", \"get_flow\"]
";

/// Ann, who may run flows, and end runs by the name of a tool.
async fn runner(change: impl FnOnce(&mut World)) -> Stand {
    Stand::with(|world| {
        BY_NAME.clone_into(&mut world.file);
        world.oidc.people = vec![Person::new("ann").with(json!({ "roles": ["runner"] }))];
        change(world);
    })
    .await
}

/// What `auth_status` says.
async fn status(stand: &Stand, access: &str) -> Value {
    let answer = stand.call(access, "auth_status", json!({})).await;
    answer["result"]["structuredContent"].clone()
}

#[tokio::test]
async fn permissions_by_tool_name_are_shown() {
    let stand = runner(|_| ()).await;
    let (_, tokens) = stand.connect("ann").await;
    let told = status(&stand, &tokens.access).await;
    assert_eq!(told["tools"], json!(["kill_execution"]), "{told}");
    let permissions = told["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("executions.run")));
    assert!(!permissions.contains(&json!("executions.data")));
    let (_, page) = stand.account_of("ann").await;
    let all = "start executions, see triggers, see apps and use \u{201c}Kill an execution\u{201d}. You may \
               not see inputs, outputs and logs of executions or use \u{201c}Get a flow\u{201d}, whatever";
    assert!(page.text.contains(all), "{}", page.text);
    assert!(page.text.contains("May read and change."));
}

#[tokio::test]
async fn a_read_only_server_offers_no_change() {
    let shared = "[kestra]\ncredential = \"shared\"\n";
    let read_only = |world: &mut World| world.set("KESTRA_MCP_READ_ONLY", "1");
    let basic = |world: &mut World| {
        world.file.insert_str(0, shared);
        world.kestra = Settings {
            clock: world.kestra.clock.clone(),
            ..Settings::new(Dialect::V1_3)
        };
        world.set("KESTRA_USERNAME", USERNAME);
        world.set("KESTRA_PASSWORD", PASSWORD);
    };
    for stand in [runner(read_only).await, runner(basic).await] {
        let (_, tokens) = stand.connect("ann").await;
        let told = status(&stand, &tokens.access).await;
        assert_eq!(told["read_only"], true, "{told}");
        assert_eq!(told.get("tools"), None, "{told}");
        let permissions = told["permissions"].as_array().unwrap();
        assert!(permissions.contains(&json!("executions.read")));
        assert!(!permissions.contains(&json!("executions.run")));
        let url = stand.url("/.well-known/oauth-protected-resource/mcp");
        let known: Value = stand
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let scopes = known["scopes_supported"].as_array().unwrap();
        assert!(
            !scopes.is_empty() && !scopes.contains(&json!("kestra:write")),
            "{known}"
        );
        let (_, page) = stand.account_of("ann").await;
        assert!(!page.text.contains("May read and change."));
        assert!(
            page.text.contains("nothing can be changed"),
            "{}",
            page.text
        );
    }
}
