//! The mix-up attack (RFC 9700 section 4.4): an evil provider wants the codes of an honest one, and
//! redirects the browsers that come to it there, with the request that it got.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use reqwest::StatusCode;
use serde_json::json;
use simulator::oidc::{self, CLIENT_ID, CLIENT_SECRET, Deceit, Person};
use simulator::{Action, Fault};
use url::Url;

use crate::stand::{Application, Browser, Page, Stand};
use crate::traces::Log;

/// The clock of the stand when it starts.
const START: u64 = 1_781_784_000_000;

/// Whether the honest provider sends `iss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Itself,
    Nobody,
}

/// Which redirect URIs of ours the honest provider accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Only the registered one.
    Registered,
    /// Any.
    All,
}

struct Rig {
    stand: Stand,
    evil: oidc::Provider,
}

impl Rig {
    /// This server with the providers of `order`, `honest` and `evil`.
    async fn start(order: [&str; 2], names: Names, takes: Takes) -> Self {
        let clock = simulator::Clock::shared(Arc::new(AtomicU64::new(START)));
        let mut settings = oidc::Settings::new(clock);
        settings.people = vec![Person::new("mallory").with(json!({ "roles": ["viewer"] }))];
        // It avoids everything that would reveal it.
        settings.response_issuer = false;
        let evil = oidc::Provider::start(settings).await.unwrap();
        let stand = Stand::with(|world| {
            for name in ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] {
                world.environment.remove(name);
            }
            world.set("OIDC_ISSUER_URL", "");
            world.set("PROVIDER_SECRET", CLIENT_SECRET);
            world.file = order
                .map(|id| {
                    let honest = "{issuer}".to_owned();
                    let issuer = if id == "honest" {
                        honest
                    } else {
                        evil.issuer()
                    };
                    format!(
                        "[[identity_provider]]\nid = \"{id}\"\nissuer = \"{issuer}\"\n\
                         client_id = \"{CLIENT_ID}\"\nclient_secret_env = \"PROVIDER_SECRET\"\n\
                         role_rule = [{{ path = \"/roles\" }}]\n"
                    )
                })
                .concat();
            world.oidc.response_issuer = names == Names::Itself;
            if takes == Takes::Registered {
                let origin = format!("http://127.0.0.1:{}", world.environment["KESTRA_MCP_PORT"]);
                world.oidc.clients[0].redirect_uris = vec![callback(&origin, order, "honest")];
            }
        });
        let stand = stand.await;
        Self { stand, evil }
    }

    /// Makes the evil provider redirect the next browser to the honest one, with the parameters
    /// that it got itself and this `redirect_uri`.
    fn relay(&self, left: &Page, redirect_uri: &str) {
        let mut onward = Url::parse(&format!("{}/authorize", self.stand.idp.issuer())).unwrap();
        let asked = left.location();
        assert!(
            asked.as_str().starts_with(&self.evil.issuer()),
            "{asked} is not the evil one"
        );
        for (name, value) in asked.query_pairs() {
            let is_ours = name == "redirect_uri";
            let value = if is_ours { redirect_uri } else { &*value };
            onward.query_pairs_mut().append_pair(&name, value);
        }
        self.evil.fault(Fault {
            method: None,
            path: "/authorize".to_owned(),
            times: None,
            action: Action::Respond {
                status: 303,
                content_type: "text/plain".to_owned(),
                body: Vec::new(),
                headers: vec![("location".to_owned(), onward.into())],
            },
        });
    }

    /// How often each of the two was asked to redeem a code.
    fn redeemed(&self) -> [usize; 2] {
        [&self.stand.idp, &self.evil].map(|idp| {
            let requests = idp.requests();
            let tokens = requests.iter().filter(|request| request.path == "/token");
            tokens.count()
        })
    }

    /// Follows a browser from the evil provider over the honest one to our answer.
    async fn lured(&self, browser: &Browser, left: &Page) -> Page {
        let mut page = browser.follow(left).await;
        while page.moves() && !page.url.as_str().starts_with(self.stand.issuer()) {
            page = browser.follow(&page).await;
        }
        page
    }

    /// Begins a sign-in at the evil provider on the account page.
    async fn leave(&self, browser: &Browser) -> Page {
        let page = browser.get(&self.stand.url("/account")).await;
        browser.press(&page, ("provider", "evil"), &[]).await
    }
}

fn callback(origin: &str, order: [&str; 2], id: &str) -> String {
    if order[0] == id {
        format!("{origin}/auth/callback")
    } else {
        format!("{origin}/auth/callback/{id}")
    }
}

/// Holds that nobody is signed in, and that the page says why.
fn is_mixed_up(page: &Page, what: &str) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}: {}", page.text);
    assert!(!page.moves(), "{what}");
    let text = &page.text;
    assert!(
        text.contains("The answer of another provider"),
        "{what}: {text}"
    );
    assert!(text.contains("Nothing was allowed"), "{what}: {text}");
    assert!(!text.contains("code="), "{what}: {text}");
    assert!(!page.headers.contains_key("set-cookie"), "{what}");
}

/// Also B4.
#[tokio::test]
async fn b6_a_code_from_one_provider_does_not_complete_a_login_at_another() {
    for order in [["honest", "evil"], ["evil", "honest"]] {
        for names in [Names::Nobody, Names::Itself] {
            let what = format!("{order:?} {names:?}");
            let log = Log::of_all();
            let rig = Rig::start(order, names, Takes::Registered).await;
            let stand = &rig.stand;
            let browser = stand.browser_of("ann");
            let left = rig.leave(&browser).await;
            rig.relay(&left, &callback(stand.issuer(), order, "honest"));
            let page = rig.lured(&browser, &left).await;
            let code = page.url.query_pairs().find(|(name, _)| name == "code");
            let code = code.unwrap().1.into_owned();
            is_mixed_up(&page, &what);
            assert_eq!(rig.redeemed(), [0, 0], "{what}");
            let log = log.text();
            let line = log
                .lines()
                .find(|line| line.contains("came to the callback of another"));
            let line = line.unwrap_or_else(|| panic!("{what}: {log}"));
            assert!(
                line.contains("WARN") && line.contains("provider=\"evil http"),
                "{line}"
            );
            assert!(line.contains("callback=\"honest http"), "{line}");
            assert!(!log.contains(&code), "{what}");

            // Nothing was spent: the person's own login can still complete.
            rig.evil.clear();
            rig.evil.sign_in("mallory");
            let back = browser.follow(&left).await;
            let landed = browser.follow(&back).await;
            assert_eq!(landed.location().as_str(), stand.url("/account"), "{what}");
            assert_eq!(rig.redeemed(), [0, 1], "{what}");
        }
    }
}

#[tokio::test]
async fn b6_a_mixed_up_login_gives_the_client_no_code() {
    for order in [["honest", "evil"], ["evil", "honest"]] {
        let rig = Rig::start(order, Names::Nobody, Takes::Registered).await;
        let stand = &rig.stand;
        let application = Application::register(stand).await;
        let browser = stand.browser_of("ann");
        let question = application.ask(stand, &browser).await;
        let left = browser.press(&question, ("provider", "evil"), &[]).await;
        rig.relay(&left, &callback(stand.issuer(), order, "honest"));
        let page = rig.lured(&browser, &left).await;
        is_mixed_up(&page, &format!("{order:?}"));
        assert_eq!(rig.redeemed(), [0, 0]);
    }
}

#[tokio::test]
async fn b6_a_provider_does_not_redirect_to_an_unregistered_callback() {
    // Here only the honest provider protects, so the documentation asks for exact registration.
    let order = ["honest", "evil"];
    let rig = Rig::start(order, Names::Nobody, Takes::Registered).await;
    let browser = rig.stand.browser_of("ann");
    let left = rig.leave(&browser).await;
    rig.relay(&left, &callback(rig.stand.issuer(), order, "evil"));
    let page = rig.lured(&browser, &left).await;
    assert!(page.url.as_str().starts_with(&rig.stand.idp.issuer()));
    assert!(page.text.contains("redirect_uri"), "{}", page.text);
    assert_eq!(rig.redeemed(), [0, 0]);
}

#[tokio::test]
async fn b5_a_code_with_the_iss_of_another_provider_is_redeemed_nowhere() {
    for order in [["honest", "evil"], ["evil", "honest"]] {
        let what = format!("{order:?}");
        let log = Log::of_all();
        let rig = Rig::start(order, Names::Itself, Takes::All).await;
        let stand = &rig.stand;
        let browser = stand.browser_of("ann");
        let left = rig.leave(&browser).await;
        rig.relay(&left, &callback(stand.issuer(), order, "evil"));
        let page = rig.lured(&browser, &left).await;
        assert!(page.url.query().unwrap().contains("code="), "{what}");
        is_mixed_up(&page, &what);
        assert_eq!(rig.redeemed(), [0, 0], "{what}");
        let log = log.text();
        let said = log
            .lines()
            .any(|line| line.contains("provider=\"evil\"") && line.contains("iss names another"));
        assert!(said, "{log}");

        // The client learns of the failure by the person's click.
        rig.evil.clear();
        let application = Application::register(stand).await;
        let question = application.ask(stand, &browser).await;
        let left = browser.press(&question, ("provider", "evil"), &[]).await;
        rig.relay(&left, &callback(stand.issuer(), order, "evil"));
        let page = rig.lured(&browser, &left).await;
        is_mixed_up(&page, &what);
        assert!(page.text.contains("error=server_error"), "{}", page.text);
        assert_eq!(rig.redeemed(), [0, 0], "{what}");
    }
}

#[tokio::test]
async fn b5_an_error_must_come_from_the_provider_that_was_asked_too() {
    let log = Log::of_all();
    let stand = Stand::start().await;
    let browser = stand.browser_of("ann");
    let application = Application::register(&stand).await;
    for (iss, missing) in [(Some("https://id.example".to_owned()), false), (None, true)] {
        for error in ["access_denied", "temporarily_unavailable", "invalid_scope"] {
            let what = format!("{error} {iss:?}");
            stand.idp.deceive(Deceit::ResponseIssuer(iss.clone()));
            stand.idp.deceive(Deceit::AuthorizeError {
                error: error.to_owned(),
                description: "not mine".to_owned(),
            });
            let page = browser.walk(&stand.url("/account")).await;
            is_mixed_up(&page, &what);
            let question = application.ask(&stand, &browser).await;
            let left = browser.press(&question, ("provider", "default"), &[]).await;
            let page = browser.follow(&left).await;
            let page = browser.follow(&page).await;
            is_mixed_up(&page, &what);
            let log = log.text();
            let last = log
                .lines()
                .rfind(|line| line.contains("an answer in the browser"));
            let last = last.unwrap_or_else(|| panic!("{log}"));
            assert!(last.contains("provider=\"default\""), "{last}");
            assert_eq!(last.contains("iss is missing"), missing, "{last}");
            stand.idp.clear();
        }
    }
    // A provider that does not announce `iss` need not send it.
    let silent = Stand::with(|world| world.oidc.response_issuer = false).await;
    silent.idp.deceive(Deceit::AuthorizeError {
        error: "access_denied".to_owned(),
        description: String::new(),
    });
    let page = silent.browser_of("ann").walk(&silent.url("/account")).await;
    assert!(page.text.contains("Not signed in"), "{}", page.text);
    silent.idp.clear();
    silent.account_of("ann").await;
}

#[tokio::test]
async fn b6_each_provider_has_its_own_callback_url() {
    for order in [["honest", "evil"], ["evil", "honest"]] {
        let rig = Rig::start(order, Names::Itself, Takes::Registered).await;
        let stand = &rig.stand;
        for (id, login, idp) in [
            ("honest", "ann", &stand.idp),
            ("evil", "mallory", &rig.evil),
        ] {
            idp.sign_in(login);
            let browser = Browser::new(stand.http.clone());
            let page = browser.get(&stand.url("/account")).await;
            let left = browser.press(&page, ("provider", id), &[]).await;
            let back = browser.follow(&left).await.location();
            let path = callback("", order, id);
            assert_eq!(back.path(), path, "{order:?}");
            let landed = browser.get(back.as_str()).await;
            assert_eq!(landed.location().as_str(), stand.url("/account"));
            let requests = idp.requests();
            let exchange = requests.iter().rfind(|request| request.path == "/token");
            let sent = exchange.unwrap().body.clone();
            let sent = url::form_urlencoded::parse(&sent).into_owned();
            let sent: Vec<_> = sent.filter(|(name, _)| name == "redirect_uri").collect();
            let told = ("redirect_uri".to_owned(), stand.url(&path));
            assert_eq!(sent, [told], "{order:?}");
        }
    }
}

#[tokio::test]
async fn b4_a_response_from_one_issuer_is_not_used_at_another_of_the_same_id() {
    let mut rig = Rig::start(["honest", "evil"], Names::Nobody, Takes::Registered).await;
    let browser = rig.stand.browser_of("ann");
    let page = browser.get(&rig.stand.url("/account")).await;
    let left = browser.press(&page, ("provider", "honest"), &[]).await;
    let back = browser.follow(&left).await;
    // The operator has configured another provider under that id by the time the person comes back.
    let issuer = rig.evil.issuer();
    let http = Arc::make_mut(rig.stand.setup.config.http.as_mut().unwrap());
    http.providers.truncate(1);
    Arc::make_mut(&mut http.providers[0]).issuer = issuer;
    rig.stand.restart().await;
    let page = browser.follow(&back).await;
    is_mixed_up(&page, "another issuer");
    assert_eq!(rig.redeemed(), [0, 0]);
}

#[tokio::test]
async fn b5_a_response_with_two_iss_parameters_is_refused() {
    let rig = Rig::start(["honest", "evil"], Names::Itself, Takes::Registered).await;
    let browser = rig.stand.browser_of("ann");
    let page = browser.get(&rig.stand.url("/account")).await;
    let left = browser.press(&page, ("provider", "honest"), &[]).await;
    let back = browser.follow(&left).await.location();
    let twice = browser
        .get(&format!("{back}&iss=https%3A%2F%2Fid.example"))
        .await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert_eq!(rig.redeemed(), [0, 0]);
}

#[tokio::test]
async fn b6_no_other_callback_url_exists() {
    let rig = Rig::start(["honest", "evil"], Names::Itself, Takes::Registered).await;
    let stand = &rig.stand;
    let browser = stand.browser_of("ann");
    let page = browser.get(&stand.url("/account")).await;
    let left = browser.press(&page, ("provider", "honest"), &[]).await;
    let back = browser.follow(&left).await.location();
    let query = back.query().unwrap();
    for path in [
        "/auth/callback/nobody",
        // The first has the callback above.
        "/auth/callback/honest",
        "/auth/callback/EVIL",
        "/auth/callback/%65vil",
        "/auth/callback/evil%2F",
        "/auth/callback/..",
        "/auth/callback/",
        "/auth/callback/evil/",
        "/auth/callback/evil/more",
    ] {
        let page = browser.get(&stand.url(&format!("{path}?{query}"))).await;
        let is_root = path.ends_with("..");
        let status = page.status;
        assert!(
            status == StatusCode::NOT_FOUND || is_root,
            "{path}: {status}"
        );
        assert!(!page.headers.contains_key("set-cookie"), "{path}");
    }
    assert_eq!(rig.redeemed(), [0, 0]);
    let landed = browser.get(back.as_str()).await;
    assert_eq!(landed.location().as_str(), stand.url("/account"));
}
