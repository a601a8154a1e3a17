//! The callback, to which the identity provider redirects.

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::oidc::{CLIENT_SECRET, Deceit, Forgery, Person};

use crate::stand::{ANN_TOKEN, Application, Back, Browser, Page, Stand};
use crate::{traces, wire};

/// Approves, logs in at the provider, and comes back to this server.
async fn come_back(stand: &Stand, application: &Application, browser: &Browser) -> Page {
    let question = application.ask(stand, browser).await;
    let left = browser.press(&question, ("provider", "default"), &[]).await;
    let callback = browser.follow(&left).await;
    browser.follow(&callback).await
}

/// Holds that the page reports the error, and links to the client with `error`. The client
/// registered itself, so the response does not redirect.
fn assert_reported(page: &Page, error: &str, why: &str) {
    let is_error = page.status.is_client_error() || page.status.is_server_error();
    assert!(is_error, "{why}: {} {}", page.status, page.text);
    assert_answer(&Back(page.client_link()), error, why);
}

/// Holds that a client of the operator gets the error by a redirect.
fn assert_sent(page: &Page, error: &str, why: &str) {
    assert!(page.moves(), "{why}: {} {}", page.status, page.text);
    assert_answer(&Back(page.location()), error, why);
}

/// Holds that the client gets `error` and no code.
fn assert_answer(back: &Back, error: &str, why: &str) {
    assert_eq!(back.get("error"), error, "{why}");
    assert_eq!(back.get("state"), "state-of-the-client", "{why}");
    assert_eq!(back.all("iss").len(), 1, "{why}");
    assert!(back.all("code").is_empty(), "{why}");
}

#[tokio::test]
async fn a15_a_lying_provider_signs_nobody_in() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let claim = |name, value: Value| Deceit::IdToken(Forgery::Claim(name, value));
    let later = 1_781_784_000 - 3600;
    for deceit in [
        Deceit::IdToken(Forgery::Signature),
        Deceit::IdToken(Forgery::ForeignKey),
        Deceit::IdToken(Forgery::UnknownKey),
        Deceit::IdToken(Forgery::Unsigned),
        Deceit::IdToken(Forgery::HmacOfPublicKey),
        Deceit::IdToken(Forgery::HmacOfClientSecret),
        Deceit::IdToken(Forgery::Garbage),
        Deceit::IdToken(Forgery::Without("nonce")),
        claim("iss", json!("https://evil.example")),
        claim("aud", json!("another-client")),
        claim("exp", json!(later)),
        claim("nonce", json!("another-nonce")),
        claim("nbf", json!(later + 3600 + 31)),
        Deceit::NoIdToken,
    ] {
        let why = format!("{deceit:?}");
        stand.idp.deceive(deceit);
        let page = come_back(&stand, &application, &browser).await;
        assert_reported(&page, "server_error", &why);
        stand.idp.clear();
    }
    let back = come_back(&stand, &application, &browser).await;
    assert_eq!(Back(back.location()).all("code").len(), 1);
}

/// Also B8.
#[tokio::test]
async fn a15_each_authentication_request_has_its_own_state_nonce_and_challenge() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    for _ in 0..2 {
        come_back(&stand, &application, &browser).await;
    }
    let requests = stand.idp.requests();
    let legs: Vec<_> = requests
        .iter()
        .filter(|request| request.path == "/authorize")
        .collect();
    let [first, second] = legs.as_slice() else {
        panic!("{legs:?}");
    };
    for name in ["state", "nonce", "code_challenge"] {
        let (one, other) = (
            first.parameter(name).unwrap(),
            second.parameter(name).unwrap(),
        );
        assert!(one.len() >= 43 && one != other, "{name}");
        assert_ne!(one, "state-of-the-client");
    }
    assert_eq!(first.parameter("code_challenge_method"), Some("S256"));
    assert_eq!(first.parameter("response_mode"), Some("query"));
}

#[tokio::test]
async fn a15_a_response_without_iss_is_reported_to_the_person_first() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    for iss in [Some("https://evil.example".to_owned()), None] {
        stand.idp.deceive(Deceit::ResponseIssuer(iss));
        let page = come_back(&stand, &application, &browser).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("The answer of another provider"));
        assert!(page.text.contains("error=server_error") && !page.text.contains("code="));
        stand.idp.clear();
    }
    let requests = stand.idp.requests();
    assert!(requests.iter().all(|request| request.path != "/token"));
}

/// After a 307 or 308 a browser repeats method and body; every redirect here is a 303, after which
/// it does not.
#[tokio::test]
async fn b7_a_posted_form_is_redirected_without_its_body() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let asked = browser.get(&application.authorize(&stand)).await;
    let question = browser.follow(&asked).await;
    let denied = browser.press(&question, ("decision", "deny"), &[]).await;
    let question = application.ask(&stand, &browser).await;
    let approved = browser.press(&question, ("provider", "default"), &[]).await;
    let back = browser.follow(&approved).await;
    let coded = browser.follow(&back).await;
    let page = browser.get(&stand.url("/account")).await;
    let left = browser.press(&page, ("provider", "default"), &[]).await;
    let back = browser.follow(&left).await;
    let landed = browser.follow(&back).await;
    let account = browser.follow(&landed).await;
    let saved = browser.save(&account, &[("token", ANN_TOKEN)]).await;
    let account = browser.get(&stand.url("/account")).await;
    let removed = browser.act(&account, "remove", &[]).await;
    let fields = application.request(&stand);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let posted = browser.post(&stand.url("/authorize"), &fields).await;
    for page in [
        asked, denied, approved, coded, left, landed, saved, removed, posted,
    ] {
        let to = page.location();
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{} to {to}", page.url);
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert!(!to.as_str().contains(ANN_TOKEN));
    }
}

#[tokio::test]
async fn a16_a_provider_error_is_reported_in_our_own_words() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    for (error, told) in [
        ("access_denied", "access_denied"),
        ("login_required", "access_denied"),
        ("invalid_scope", "server_error"),
        ("<script>alert(1)</script>", "server_error"),
        ("temporarily_unavailable", "temporarily_unavailable"),
    ] {
        stand.idp.deceive(Deceit::AuthorizeError {
            error: error.to_owned(),
            description: "<b>bold</b>".to_owned(),
        });
        let page = come_back(&stand, &application, &browser).await;
        assert_reported(&page, told, error);
        let to = page.client_link();
        assert!(
            !to.as_str().contains("bold") && !to.as_str().contains("alert"),
            "{to}"
        );
        // On our own pages there is no client to tell.
        let page = browser.walk(&stand.url("/account")).await;
        assert!(page.status.is_client_error() || page.status.is_server_error());
        assert!(!page.text.contains("bold") && !page.text.contains("alert(1)"));
        stand.idp.clear();
    }
    stand.idp.deceive(Deceit::TokenError {
        error: "invalid_client".to_owned(),
        description: "<b>bold</b>".to_owned(),
    });
    let page = come_back(&stand, &application, &browser).await;
    assert_reported(&page, "server_error", "token endpoint");
}

#[tokio::test]
async fn a16_a_provider_error_is_a_code_in_the_log_and_a_sentence_on_the_page() {
    let log = traces::Log::of_all();
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    for (error, logged, sentence) in [
        ("invalid_scope", "invalid_scope", "does not give a scope"),
        (
            "unauthorized_client",
            "unauthorized_client",
            "does not let this server sign people in",
        ),
        (
            "invalid_request",
            "invalid_request",
            "does not take the request",
        ),
        (
            "server_error",
            "server_error",
            "The identity provider failed",
        ),
        (
            "odd-code.7",
            "odd-code.7",
            "only the log of this server names",
        ),
        (
            "<i>no code</i>",
            "(not a code)",
            "only the log of this server names",
        ),
    ] {
        stand.idp.deceive(Deceit::AuthorizeError {
            error: error.to_owned(),
            description: "words-of-the-provider".to_owned(),
        });
        let before = log.text().len();
        let page = come_back(&stand, &application, &browser).await;
        let lines = log.text().split_off(before);
        let line = lines
            .lines()
            .find(|line| line.contains("sent an error back"));
        let line = line.unwrap_or_else(|| panic!("{lines}"));
        assert!(line.contains(logged), "{line}");
        assert_eq!(error == "invalid_scope", line.contains("OIDC_SCOPES"));
        let told = Back(page.client_link()).get("error_description");
        for text in [&page.text, &told] {
            assert!(text.contains(sentence), "{error}: {text}");
            assert!(!text.contains("This server failed"), "{error}: {text}");
        }
        assert!(!page.text.contains("words-of-the-provider"));
        assert!(!page.text.contains("no code") && !lines.contains("<i>"));
        stand.idp.clear();
    }
    stand.idp.deceive(Deceit::TokenError {
        error: "odd-code.8".to_owned(),
        description: "words-of-the-provider".to_owned(),
    });
    come_back(&stand, &application, &browser).await;
    assert!(log.text().contains("odd-code.8"), "{}", log.text());
}

/// RFC 9700 section 4.11.2: an answer of a provider is not a click of the person.
#[tokio::test]
async fn b21_no_provider_response_redirects_a_browser_to_an_untrusted_client() {
    let (stand, desk) = Stand::with_desk().await;
    let evil = Application {
        redirect: "https://evil.example/landing?campaign=1".to_owned(),
        ..desk.clone()
    };
    let mut metadata = wire::metadata();
    metadata["redirect_uris"] = json!([evil.redirect]);
    let (registered, _) = stand.registered(&metadata).await;
    let evil = Application {
        id: registered.id,
        ..evil
    };
    let browser = stand.browser_of("ann");
    for (deceit, error) in [
        (
            Deceit::AuthorizeError {
                error: "access_denied".to_owned(),
                description: "no".to_owned(),
            },
            "access_denied",
        ),
        (
            Deceit::AuthorizeError {
                error: "temporarily_unavailable".to_owned(),
                description: "later".to_owned(),
            },
            "temporarily_unavailable",
        ),
        (Deceit::NoIdToken, "server_error"),
        (
            Deceit::TokenError {
                error: "invalid_client".to_owned(),
                description: "no".to_owned(),
            },
            "server_error",
        ),
    ] {
        let why = format!("{deceit:?}");
        stand.idp.deceive(deceit);
        let page = come_back(&stand, &evil, &browser).await;
        assert_reported(&page, error, &why);
        assert!(page.text.contains(&format!(">{}<", evil.redirect)), "{why}");
        assert!(page.client_link().as_str().starts_with(&evil.redirect));
        let page = come_back(&stand, &desk, &browser).await;
        assert_sent(&page, error, &why);
        assert!(page.location().as_str().starts_with(&desk.redirect));
        stand.idp.clear();
    }
    // A person without a role, or who misses a requirement, reads so whatever the client is.
    let cat = stand.browser_of("cat");
    for client in [&evil, &desk] {
        let page = come_back(&stand, client, &cat).await;
        assert_reported(&page, "access_denied", &client.id);
        assert!(page.text.contains(&format!(">{}<", client.redirect)));
    }
}

#[tokio::test]
async fn a16_a_provider_that_is_down_is_not_the_persons_fault() {
    let mut stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    stand.idp.stop().await;
    let page = browser.press(&question, ("provider", "default"), &[]).await;
    assert_reported(&page, "temporarily_unavailable", "before");
    // The request is decided all the same.
    let again = browser.get(question.url.as_str()).await;
    assert_eq!(again.status, StatusCode::GONE);
    let page = browser.sign_in(&stand.url("/account")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a17_a_person_without_a_role_reads_why_and_the_client_learns_it() {
    let log = traces::Log::start();
    let stand = Stand::start().await;
    let secret = "a-value-that-nobody-shows";
    let cat = Person::new("cat").with(json!({ "groups": [secret], "roles": ["nothing"] }));
    stand.idp.put(cat);
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("cat");
    let page = come_back(&stand, &application, &browser).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("You have no role here"));
    assert!(page.text.contains("<code>groups</code>") && page.text.contains("role_rule"));
    assert!(
        page.text
            .contains("<code>/roles</code> has no value that is mapped to a role")
    );
    let link = page
        .text
        .split("href=\"")
        .find(|part| part.contains("error="));
    let link = link
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&");
    let back = Back(link.parse().unwrap());
    assert!(back.0.as_str().starts_with(&application.redirect));
    assert_eq!(back.get("error"), "access_denied");
    assert_eq!(back.get("state"), "state-of-the-client");

    // They have no account page either.
    let page = browser.walk(&stand.url("/account")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let log = log.text();
    let said = log
        .lines()
        .find(|line| line.contains("no claim gives a role"));
    let said = said.unwrap_or_else(|| panic!("{log}"));
    assert!(said.contains("groups") && said.contains("/roles") && said.contains("role_rule"));
    assert!(!log.contains(secret) && !page.text.contains(secret));
}

#[tokio::test]
async fn a17_a_person_who_misses_a_requirement_is_not_signed_in() {
    let stand = Stand::with(|world| {
        world.environment.remove("OIDC_CLIENT_ID");
        world.environment.remove("OIDC_CLIENT_SECRET");
        world.set("OIDC_SECRET", simulator::oidc::CLIENT_SECRET);
        world.set("OIDC_ISSUER_URL", "");
        world.file = format!(
            "[[identity_provider]]\nid = \"default\"\nissuer = \"{{issuer}}\"\n\
             client_id = \"{}\"\nclient_secret_env = \"OIDC_SECRET\"\n\
             require = [{{ claim = \"/team\", equals = \"data\" }}]\n\
             role_rule = [{{ path = \"/roles\" }}]\n",
            simulator::oidc::CLIENT_ID
        );
    });
    let stand = stand.await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let page = come_back(&stand, &application, &browser).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("access_denied") && page.text.contains("You may not come in"));
    stand.idp.change("ann", |ann| {
        *ann = ann.clone().with(json!({ "team": "data" }));
    });
    let page = come_back(&stand, &application, &browser).await;
    assert_eq!(Back(page.location()).all("code").len(), 1);
}

#[tokio::test]
async fn a_refusal_by_the_provider_names_the_settings_to_check() {
    let log = traces::Log::of_all();
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    stand.idp.deceive(Deceit::TokenError {
        error: "invalid_client".to_owned(),
        description: "who are you".to_owned(),
    });
    let page = come_back(&stand, &application, &browser).await;
    let told = Back(page.client_link()).get("error_description");
    let page = browser.walk(&stand.url("/account")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    for text in [told, page.text, log.text()] {
        assert!(text.contains("refuses this server"), "{text}");
        assert!(text.contains("OIDC_CLIENT_SECRET"), "{text}");
        assert!(!text.contains(CLIENT_SECRET), "{text}");
    }
}
