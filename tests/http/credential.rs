//! The Kestra credential of a person: how it is registered, for whom it is used, and how it is
//! removed.

use std::sync::Arc;

use kestra_mcp::config::http::RingKey;
use kestra_mcp::secret::Secret;
use kestra_mcp::store::Store as _;
use kestra_mcp::store::seal::kid;
use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::{Action, Auth, Dialect, Edition, Fault, Holder, PASSWORD, Settings, USERNAME};

use tokio::sync::Notify;

use crate::account::{code, flows};
use crate::stand::{ANN_TOKEN, BEN_TOKEN, Stand};
use crate::wire::jwt;

/// Waits until Kestra has been asked and has answered.
fn assert_done(result: &Value) {
    assert_ne!(result["isError"], true, "{result}");
}

/// Makes Kestra answer all these requests so.
fn always(path: &str, status: u16, body: &Value) -> Fault {
    Fault {
        method: None,
        path: path.to_owned(),
        times: None,
        action: Action::Respond {
            status,
            content_type: "application/json".to_owned(),
            body: body.to_string().into_bytes(),
            headers: Vec::new(),
        },
    }
}

/// A server with these accounts in Kestra, and this configuration.
async fn among(people: Vec<Holder>, dialect: Dialect, file: &str) -> Stand {
    let file = file.to_owned();
    Stand::with(|world| {
        world.file = file;
        world.kestra = Settings {
            clock: world.kestra.clock.clone(),
            edition: Edition::Enterprise,
            auth: Auth::People(people),
            ..Settings::new(dialect)
        };
    })
    .await
}

#[tokio::test]
async fn k5_a_token_is_checked_at_kestra_stored_and_never_shown() {
    let stand = Stand::start().await;
    let (_, tokens) = stand.connect("ann").await;
    let (browser, page) = stand.account_of("ann").await;
    let wrong = browser
        .save(&page, &[("token", "not-a-token-of-kestra")])
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("Kestra does not accept it."));
    assert!(!wrong.text.contains("not-a-token-of-kestra"));
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );

    stand.simulator.fault(always("/api/*", 503, &json!({})));
    let later = browser.save(&wrong, &[("token", ANN_TOKEN)]).await;
    assert_eq!(later.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(later.text.contains("Kestra does not answer now"));
    stand.simulator.clear_faults();
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );

    let saved = browser.save(&later, &[("token", ANN_TOKEN)]).await;
    let done = browser.follow(&saved).await;
    assert!(done.text.contains("it is saved"), "{}", done.text);
    let account = browser.walk(&stand.url("/account")).await;
    assert!(account.text.contains("ann@example.com"));
    for page in [&wrong, &later, &saved, &done, &account] {
        assert!(!page.text.contains(ANN_TOKEN));
        assert!(!format!("{:?}", page.headers).contains(ANN_TOKEN));
    }
    assert_done(&flows(&stand, &tokens.access).await);
}

#[tokio::test]
async fn k5_open_source_accepts_a_user_name_and_a_password() {
    let stand = Stand::with(|world| {
        world.kestra = Settings {
            clock: world.kestra.clock.clone(),
            ..Settings::new(Dialect::V2_0Dev)
        };
    });
    let stand = stand.await;
    let (_, tokens) = stand.connect("ann").await;
    let (browser, page) = stand.account_of("ann").await;
    let right = [("username", USERNAME), ("password", PASSWORD)];
    let token = browser.save(&page, &[("token", ANN_TOKEN)]).await;
    assert_eq!(token.status, StatusCode::BAD_REQUEST);
    let saved = browser.save(&token, &right).await;
    assert!(saved.moves(), "{}", saved.text);
    assert_done(&flows(&stand, &tokens.access).await);
    let account = browser.walk(&stand.url("/account")).await;
    assert!(account.text.contains("With it, clients may only read."));
    // The server has detected the version by now.
    let token = browser.save(&account, &[("token", ANN_TOKEN)]).await;
    assert!(token.text.contains("This is open-source Kestra"));
    assert!(!token.text.contains("id=\"token\""));
}

#[tokio::test]
async fn k5_a_wrong_password_is_reported_and_the_choice_stays() {
    let stand = Stand::with(|world| {
        world.kestra = Settings {
            clock: world.kestra.clock.clone(),
            ..Settings::new(Dialect::V1_3)
        };
    });
    let stand = stand.await;
    let (browser, page) = stand.account_of("ann").await;
    let wrong = [
        ("kind", "basic"),
        ("username", USERNAME),
        ("password", "Wrong-1"),
    ];
    let page = browser.save(&page, &wrong).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text
            .contains("Kestra does not accept this user name with this password."),
        "{}",
        page.text
    );
    assert!(!page.text.contains("expired") && !page.text.contains("Wrong-1"));
    assert!(page.text.contains("<a href=\"#password\">"));
    assert!(page.text.contains("id=\"password\"") && page.text.contains("aria-invalid=\"true\""));
}

#[tokio::test]
async fn k7_only_the_fields_of_the_chosen_kind_count() {
    let stand = Stand::start().await;
    let (browser, mut page) = stand.account_of("ann").await;
    stand.simulator.forget_requests();
    for (fields, told, chosen) in [
        (
            &[("kind", "token"), ("username", "a"), ("password", "b")][..],
            "Enter the token.",
            "kind-token",
        ),
        (
            &[("kind", "basic"), ("token", ANN_TOKEN)],
            "Enter the user name and the password.",
            "kind-basic",
        ),
        (
            &[("kind", "basic"), ("token", ANN_TOKEN), ("username", "a")],
            "Enter the password too.",
            "kind-basic",
        ),
        (
            &[("kind", "other"), ("token", ANN_TOKEN), ("username", "a")],
            "Enter a token, or a user name and a password.",
            "kind-token",
        ),
    ] {
        page = browser.save(&page, fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{fields:?}");
        assert!(page.text.contains(told), "{told}: {}", page.text);
        assert!(!page.text.contains(ANN_TOKEN));
        let radio = page.text.split(&format!("id=\"{chosen}\"")).nth(1).unwrap();
        let radio = radio.split('>').next().unwrap();
        assert!(radio.contains(" checked"), "{chosen}: {}", page.text);
    }
    assert!(stand.simulator.requests().is_empty());
    // Fields of the other kind that a browser filled in are not sent.
    let fields = [("kind", "token"), ("token", ANN_TOKEN), ("username", "a")];
    assert!(browser.save(&page, &fields).await.moves());
}

#[tokio::test]
async fn k5_a_tenant_that_open_source_lacks_is_for_the_operator_to_fix() {
    let stand = Stand::with(|world| {
        world.set("KESTRA_TENANT", "other");
        world.kestra = Settings {
            clock: world.kestra.clock.clone(),
            ..Settings::new(Dialect::V1_3)
        };
    });
    let stand = stand.await;
    let (browser, page) = stand.account_of("ann").await;
    let right = [("username", USERNAME), ("password", PASSWORD)];
    let page = browser.save(&page, &right).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.text.contains("a tenant that Kestra does not have"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn k6_administrators_and_accounts_outside_the_tenant_are_refused() {
    for dialect in [Dialect::V1_3, Dialect::V2_0Dev] {
        let admin = Holder {
            administrator: true,
            ..Holder::new(ANN_TOKEN, "ann@example.com")
        };
        let elsewhere = Holder {
            tenants: vec!["other".to_owned()],
            ..Holder::new(BEN_TOKEN, "ben@example.com")
        };
        let stand = among(vec![admin, elsewhere], dialect, "").await;
        let (browser, page) = stand.account_of("ann").await;
        let page = browser.save(&page, &[("token", ANN_TOKEN)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(
            page.text
                .contains("It belongs to an administrator of Kestra")
        );
        let page = browser.save(&page, &[("token", BEN_TOKEN)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains("not in the tenant"));
        let account = browser.walk(&stand.url("/account")).await;
        assert!(account.text.contains("No credential is saved"));
    }
}

#[tokio::test]
async fn k6_a_new_administrator_is_refused_unless_the_operator_accepts_them() {
    for (file, taken) in [("", false), ("[kestra]\nadministrator = \"warn\"\n", true)] {
        let people = vec![Holder::new(ANN_TOKEN, "ann@example.com")];
        let stand = among(people, Dialect::V2_0Dev, file).await;
        stand.keep_token("ann", ANN_TOKEN).await;
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        let me = json!({ "id": "1", "instanceOwner": true, "tenants": [{ "id": "main" }] });
        stand.simulator.fault(always("/api/v1/me", 200, &me));
        let result = flows(&stand, &tokens.access).await;
        let (browser, page) = stand.account_of("ann").await;
        let again = browser.save(&page, &[("token", ANN_TOKEN)]).await;
        if taken {
            assert_done(&result);
            assert!(again.moves());
        } else {
            assert_eq!(code(&result), "CREDENTIAL_TOO_POWERFUL");
            assert_eq!(again.status, StatusCode::BAD_REQUEST);
        }
    }
}

#[tokio::test]
async fn k6_an_account_is_ordinary_only_if_kestra_says_so() {
    let silent = json!({ "id": "1", "tenants": [{ "id": "main" }] });
    for (file, taken) in [("", false), ("[kestra]\nadministrator = \"warn\"\n", true)] {
        let people = vec![Holder::new(ANN_TOKEN, "ann@example.com")];
        let stand = among(people, Dialect::V2_0Dev, file).await;
        stand.keep_token("ann", ANN_TOKEN).await;
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        stand.simulator.fault(always("/api/v1/me", 200, &silent));
        stand.simulator.forget_requests();
        let result = flows(&stand, &tokens.access).await;
        let (browser, page) = stand.account_of("ann").await;
        let again = browser.save(&page, &[("token", ANN_TOKEN)]).await;
        if taken {
            assert_done(&result);
            assert!(again.moves());
            continue;
        }
        assert_eq!(code(&result), "CREDENTIAL_TOO_POWERFUL");
        assert!(result.to_string().contains("does not say whether"));
        let sent = stand.simulator.requests();
        assert!(sent.iter().all(|request| request.path == "/api/v1/me"));
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
        assert!(
            again
                .text
                .contains("Kestra does not say whether it belongs")
        );
        // Once Kestra says so again, the credential works again.
        stand.simulator.clear_faults();
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        assert_done(&flows(&stand, &tokens.access).await);
    }
}

/// Saves a flow as this person.
async fn save(stand: &Stand, access: &str, message: &str) -> Value {
    let source = format!(
        "id: saved-{message}\nnamespace: company.team\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"
    );
    let arguments = json!({ "source": source });
    let answer = stand.call(access, "create_or_update_flow", arguments).await;
    answer["result"].clone()
}

/// How many changes were sent to Kestra.
fn changes(stand: &Stand) -> usize {
    let sent = stand.simulator.requests();
    let writes = sent
        .iter()
        .filter(|request| request.method != "GET" && !request.path.ends_with("/flows/validate"));
    writes.count()
}

/// Holds that a change is refused and not sent.
fn assert_overdue(stand: &Stand, result: &Value) {
    assert_eq!(code(result), "UNREACHABLE", "{result}");
    let error = &result["structuredContent"]["error"];
    assert_eq!(error["retryable"], true, "{result}");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("Your account could not be checked"),
        "{message}"
    );
    assert_eq!(changes(stand), 0);
}

/// Makes Kestra not say whose a credential is.
fn silences() -> Vec<Action> {
    let answers = |status, body: &str| Action::Respond {
        status,
        content_type: "application/json".to_owned(),
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    };
    vec![
        answers(500, "{}"),
        answers(503, ""),
        answers(404, "{\"message\":\"Not Found\"}"),
        answers(200, "<html>"),
        answers(200, "[]"),
        Action::Disconnect,
    ]
}

fn silent(action: Action) -> Fault {
    Fault {
        method: None,
        path: "/api/v1/me".to_owned(),
        times: None,
        action,
    }
}

#[tokio::test]
async fn k6_a_token_changes_nothing_while_kestra_does_not_say_whose_it_is() {
    for action in silences() {
        let people = vec![Holder::new(ANN_TOKEN, "ann@example.com")];
        let mut stand = among(people, Dialect::V2_0Dev, "").await;
        stand.keep_token("ann", ANN_TOKEN).await;
        let (_, tokens) = stand.connect("ann").await;
        stand.simulator.fault(silent(action));
        // It was checked a moment ago.
        assert_done(&save(&stand, &tokens.access, "one").await);
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        stand.simulator.forget_requests();
        assert_overdue(&stand, &save(&stand, &tokens.access, "two").await);
        assert_done(&flows(&stand, &tokens.access).await);
        // Neither time nor another process makes it good.
        stand.later(31);
        assert_overdue(&stand, &save(&stand, &tokens.access, "two").await);
        stand.restart().await;
        assert_overdue(&stand, &save(&stand, &tokens.access, "two").await);
        assert_done(&flows(&stand, &tokens.access).await);
        let asked = stand.simulator.requests();
        let asked = asked.iter().filter(|request| request.path == "/api/v1/me");
        assert!(asked.count() <= 3, "it is not asked on every call");
        // Once Kestra says so again, the credential works again.
        stand.simulator.clear_faults();
        stand.later(31);
        assert_done(&save(&stand, &tokens.access, "two").await);
        assert_eq!(changes(&stand), 1);
    }
}

#[tokio::test]
async fn k6_an_account_that_became_an_administrator_is_refused_once_kestra_says_so() {
    let people = vec![Holder::new(ANN_TOKEN, "ann@example.com")];
    let stand = among(people, Dialect::V1_3, "").await;
    stand.keep_token("ann", ANN_TOKEN).await;
    stand.later(600);
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.fault(always("/api/v1/me", 500, &json!({})));
    stand.simulator.forget_requests();
    assert_overdue(&stand, &save(&stand, &tokens.access, "one").await);
    stand.simulator.clear_faults();
    let me = json!({ "id": "1", "superAdmin": true, "tenants": [{ "id": "main" }] });
    stand.simulator.fault(always("/api/v1/me", 200, &me));
    stand.later(31);
    let result = save(&stand, &tokens.access, "one").await;
    assert_eq!(code(&result), "CREDENTIAL_TOO_POWERFUL");
    assert_eq!(changes(&stand), 0);
}

#[tokio::test]
async fn k6_where_administrators_are_accepted_no_account_is_checked() {
    let people = vec![Holder::new(ANN_TOKEN, "ann@example.com")];
    let file = "[kestra]\nadministrator = \"warn\"\n";
    let stand = among(people, Dialect::V2_0Dev, file).await;
    stand.keep_token("ann", ANN_TOKEN).await;
    stand.later(600);
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.fault(always("/api/v1/me", 500, &json!({})));
    assert_done(&save(&stand, &tokens.access, "one").await);
}

#[tokio::test]
async fn k6_open_source_has_no_administrators_to_check_for() {
    let file = "[kestra]\nbasic_writes = true\n";
    for shared in [false, true] {
        let stand = Stand::with(|world| {
            world.file = file.to_owned();
            if shared {
                world.file.push_str("credential = \"shared\"\n");
                world.set("KESTRA_USERNAME", USERNAME);
                world.set("KESTRA_PASSWORD", PASSWORD);
            }
            world.kestra = Settings {
                clock: world.kestra.clock.clone(),
                ..Settings::new(Dialect::V1_3)
            };
        });
        let stand = stand.await;
        if !shared {
            let (browser, page) = stand.account_of("ann").await;
            let right = [("username", USERNAME), ("password", PASSWORD)];
            assert!(browser.save(&page, &right).await.moves());
        }
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        stand.simulator.forget_requests();
        assert_done(&save(&stand, &tokens.access, "one").await);
        let sent = stand.simulator.requests();
        assert!(sent.iter().all(|request| request.path != "/api/v1/me"));
    }
}

#[tokio::test]
async fn k6_the_shared_account_is_checked_too() {
    let shared = async |file: &str| {
        let file = format!("[kestra]\ncredential = \"shared\"\n{file}");
        Stand::with(|world| {
            world.file = file;
            world.set("KESTRA_API_TOKEN", ANN_TOKEN);
        })
        .await
    };
    let owner = json!({ "id": "1", "instanceOwner": true, "tenants": [{ "id": "main" }] });
    let unsaid = json!({ "id": "1", "tenants": [{ "id": "main" }] });
    let stand = shared("").await;
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.forget_requests();
    // An account that was never checked is not trusted.
    stand.simulator.fault(always("/api/v1/me", 500, &json!({})));
    assert_overdue(&stand, &save(&stand, &tokens.access, "one").await);
    assert_done(&flows(&stand, &tokens.access).await);
    stand.simulator.clear_faults();
    stand.later(31);
    assert_done(&save(&stand, &tokens.access, "one").await);
    // It is asked again after a while, not on every call.
    for me in [&owner, &unsaid] {
        stand.simulator.fault(always("/api/v1/me", 200, me));
        let (_, tokens) = stand.connect("ann").await;
        assert_done(&flows(&stand, &tokens.access).await);
        stand.later(300);
        let (_, tokens) = stand.connect("ann").await;
        assert_done(&flows(&stand, &tokens.access).await);
        stand.later(300);
        let (_, tokens) = stand.connect("ann").await;
        for result in [
            flows(&stand, &tokens.access).await,
            save(&stand, &tokens.access, "two").await,
        ] {
            assert_eq!(code(&result), "CREDENTIAL_TOO_POWERFUL");
            let text = result.to_string();
            assert!(
                text.contains("everybody shares") && text.contains("operator"),
                "{text}"
            );
        }
        // Once Kestra says so again, the credential works again.
        stand.simulator.clear_faults();
        stand.later(600);
        let (_, tokens) = stand.connect("ann").await;
        assert_done(&save(&stand, &tokens.access, "one").await);
    }
    // The operator may accept it as it is.
    let stand = shared("administrator = \"warn\"\n").await;
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.fault(always("/api/v1/me", 200, &owner));
    assert_done(&save(&stand, &tokens.access, "one").await);
}

#[tokio::test]
async fn k7_input_is_trimmed_bounded_and_rate_limited() {
    let stand = Stand::start().await;
    let (browser, mut page) = stand.account_of("ann").await;
    let (long, inner) = ("x".repeat(4097), format!("{ANN_TOKEN}\r\nX-Other: 1"));
    for (fields, told) in [
        (vec![("token", long.as_str())], "longer than 4096 bytes"),
        (vec![("token", &inner)], "control character"),
        (vec![("token", "with a space")], "a space or a letter"),
        (vec![("token", " \t ")], "Nothing was entered."),
        (vec![("username", "ann")], "Enter the password too."),
        (
            vec![("password", "hidden-word")],
            "Enter the user name too.",
        ),
        (
            vec![("username", "a:b"), ("password", "hidden-word")],
            "colon",
        ),
    ] {
        page = browser.save(&page, &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{told}");
        assert!(page.text.contains(told), "{told}: {}", page.text);
        assert!(!page.text.contains("hidden-word") && !page.text.contains(&long));
    }
    assert!(stand.simulator.requests().is_empty());
    for _ in 0..5 {
        page = browser.save(&page, &[("token", "another-token")]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }
    stand.simulator.forget_requests();
    page = browser.save(&page, &[("token", ANN_TOKEN)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(stand.simulator.requests().is_empty());
    stand.keep_token("ben", BEN_TOKEN).await;
    stand.later(60);
    let padded = format!(" \t{ANN_TOKEN}\u{a0}\n");
    let saved = browser.save(&page, &[("token", &padded)]).await;
    assert!(saved.moves(), "{}", saved.text);
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.forget_requests();
    assert_done(&flows(&stand, &tokens.access).await);
    let sent = stand.simulator.requests();
    let bearer = format!("Bearer {ANN_TOKEN}");
    assert_eq!(sent[0].header("authorization"), Some(&*bearer));
}

#[tokio::test]
async fn k8_a_credential_moved_to_another_person_sends_nothing() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, ann) = stand.connect("ann").await;
    let (_, ben) = stand.connect("ben").await;
    assert_done(&flows(&stand, &ann.access).await);
    let user = |access: &str| jwt(access).1["sub"].as_str().unwrap().to_owned();
    let (store, url) = (stand.store().await, stand.simulator.url());
    let found = store.credential(&user(&ann.access), &url, "main").await;
    let mut row = found.unwrap().unwrap();
    let bytes = ANN_TOKEN.as_bytes();
    assert!(!row.secret.windows(bytes.len()).any(|part| part == bytes));
    store
        .delete_credential(&row.user_id, &url, "main")
        .await
        .unwrap();
    row.user_id = user(&ben.access);
    store.put_credential(&row).await.unwrap();
    stand.later(2);
    stand.simulator.forget_requests();
    let closed = flows(&stand, &ben.access).await;
    assert_eq!(code(&closed), "UPSTREAM_ERROR");
    assert!(closed.to_string().contains("Internal error"), "{closed}");
    let none = flows(&stand, &ann.access).await;
    assert_eq!(code(&none), "CREDENTIAL_REQUIRED");
    assert!(stand.simulator.requests().is_empty());
}

#[tokio::test]
async fn k9_a_removed_credential_is_gone_on_the_next_call() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    assert_done(&flows(&stand, &tokens.access).await);
    let (browser, page) = stand.account_of("ann").await;
    let removed = browser.act(&page, "remove", &[]).await;
    let account = browser.follow(&removed).await;
    assert!(account.text.contains("No credential is saved"));
    stand.simulator.forget_requests();
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );
    assert!(stand.simulator.requests().is_empty());
}

#[tokio::test]
async fn k9_a_credential_removed_on_another_server_is_gone_within_two_seconds() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    assert_done(&flows(&stand, &tokens.access).await);
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let (store, url) = (stand.store().await, stand.simulator.url());
    store.delete_credential(&user, &url, "main").await.unwrap();
    assert_done(&flows(&stand, &tokens.access).await);
    stand.later(2);
    let gone = flows(&stand, &tokens.access).await;
    assert_eq!(code(&gone), "CREDENTIAL_REQUIRED");
}

#[tokio::test]
async fn k9_concurrent_changes_do_not_revive_a_refused_credential() {
    let stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    stand.later(600);
    let (_, ann) = stand.connect("ann").await;
    let (_, ben) = stand.connect("ben").await;
    let answer = Arc::new(Notify::new());
    stand.simulator.fault(Fault {
        method: None,
        path: "/api/v1/me".to_owned(),
        times: Some(1),
        action: Action::Held(Arc::clone(&answer)),
    });
    let refused = always("/api/*/flows/search", 401, &json!({}));
    stand.simulator.fault(refused);
    stand.simulator.forget_requests();
    // Kestra has been asked whose it is, and has not answered yet.
    let first = flows(&stand, &ann.access);
    let meanwhile = async {
        while stand.simulator.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        let none = flows(&stand, &ben.access).await;
        assert_eq!(code(&none), "CREDENTIAL_REQUIRED");
        answer.notify_one();
    };
    let (first, ()) = tokio::join!(first, meanwhile);
    assert_eq!(code(&first), "CREDENTIAL_REFUSED");
    stand.simulator.clear_faults();
    stand.simulator.forget_requests();
    let next = flows(&stand, &ann.access).await;
    assert_eq!(code(&next), "CREDENTIAL_REQUIRED");
    assert!(stand.simulator.requests().is_empty());
}

#[tokio::test]
async fn k9_a_late_refusal_concerns_only_the_credential_that_was_sent() {
    const NEWER: &str = "anns-newer-token-0123456789";
    let people = vec![
        Holder::new(ANN_TOKEN, "ann@example.com"),
        Holder::new(NEWER, "ann@example.com"),
    ];
    let stand = among(people, Dialect::V1_3, "").await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    assert_done(&flows(&stand, &tokens.access).await);
    let answer = Arc::new(Notify::new());
    stand.simulator.fault(Fault {
        method: None,
        path: "/api/*/flows/search".to_owned(),
        times: Some(1),
        action: Action::Held(Arc::clone(&answer)),
    });
    stand.simulator.forget_requests();
    let late = flows(&stand, &tokens.access);
    let meanwhile = async {
        while stand.simulator.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        stand.simulator.revoke(ANN_TOKEN);
        stand.keep_token("ann", NEWER).await;
        assert_done(&flows(&stand, &tokens.access).await);
        answer.notify_one();
    };
    let (late, ()) = tokio::join!(late, meanwhile);
    assert_eq!(code(&late), "CREDENTIAL_REFUSED");
    assert_done(&flows(&stand, &tokens.access).await);
}

#[tokio::test]
async fn k9_a_refused_credential_is_not_sent_again() {
    let mut stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    stand.simulator.fault(always("/api/*", 401, &json!({})));
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REFUSED"
    );
    stand.simulator.clear_faults();
    stand.simulator.forget_requests();
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );
    stand.restart().await;
    assert_eq!(
        code(&flows(&stand, &tokens.access).await),
        "CREDENTIAL_REQUIRED"
    );
    assert!(stand.simulator.requests().is_empty());
    let (browser, page) = stand.account_of("ann").await;
    assert!(page.text.contains("Kestra no longer accepts it."));
    let saved = browser.save(&page, &[("token", ANN_TOKEN)]).await;
    assert!(saved.moves());
    assert_done(&flows(&stand, &tokens.access).await);
}

#[tokio::test]
async fn a_credential_is_resealed_when_it_is_used() {
    let mut stand = Stand::start().await;
    stand.keep_token("ann", ANN_TOKEN).await;
    let (_, tokens) = stand.connect("ann").await;
    let user = jwt(&tokens.access).1["sub"].as_str().unwrap().to_owned();
    let url = stand.simulator.url();
    let http = Arc::make_mut(stand.setup.config.http.as_mut().unwrap());
    let newer = RingKey {
        id: Some("newer".to_owned()),
        key: Secret::new("ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="),
    };
    http.keys.insert(0, newer);
    stand.restart().await;
    let sealed_by = async || {
        let found = stand.store().await.credential(&user, &url, "main").await;
        kid(&found.unwrap().unwrap().secret).unwrap().to_owned()
    };
    assert_ne!(sealed_by().await, "newer");
    assert_done(&flows(&stand, &tokens.access).await);
    assert_eq!(sealed_by().await, "newer");
    assert_done(&flows(&stand, &tokens.access).await);
}
