//! A development provider, this server as its client, and a browser.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kestra_mcp::auth::provider::{Answer, Begin, Begun, Limits, Login, Provider, ProviderError};
use kestra_mcp::clock::Clock;
use kestra_mcp::config::Trust;
use kestra_mcp::config::http::{
    self as config, ClaimPath, ClaimSource, Match, Requirement, RoleRule, Shape, Userinfo,
};
use kestra_mcp::kestra::http_client;
use kestra_mcp::policy::role::Vocabulary;
use kestra_mcp::policy::{Policy, Roles};
use kestra_mcp::secret::Secret;
use kestra_mcp::tool::Access;
use serde_json::Value;
use simulator::oidc::{self, CLIENT_ID, CLIENT_SECRET, Person, Settings};
use simulator::{Action, Fault};
use url::Url;

/// 2026-01-05, 08:00 UTC.
const START: u64 = 1_767_600_000_000;
pub(crate) const CALLBACK: &str = "http://127.0.0.1:1/auth/callback";

pub(crate) struct Stage {
    pub(crate) idp: oidc::Provider,
    pub(crate) provider: Provider,
    pub(crate) now: Arc<AtomicU64>,
    browser: reqwest::Client,
}

/// The parameters of the callback.
#[derive(Clone)]
pub(crate) struct Back {
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) begun: Begun,
}

pub(crate) fn path(pointer: &str) -> ClaimPath {
    ClaimPath(pointer[1..].split('/').map(str::to_owned).collect())
}

/// A rule for a claim whose values are names of roles.
pub(crate) fn named(pointer: &str) -> RoleRule {
    RoleRule {
        path: path(pointer),
        shape: Shape::Auto,
        map: None,
    }
}

pub(crate) fn mapped(pointer: &str, pairs: &[(&str, &str)]) -> RoleRule {
    let exact =
        |(text, role): &(&str, &str)| (Match::Exact((*text).to_owned()), (*role).to_owned());
    RoleRule {
        map: Some(pairs.iter().map(exact).collect()),
        ..named(pointer)
    }
}

pub(crate) fn required(pointer: &str, equals: Value) -> Requirement {
    Requirement {
        claim: path(pointer),
        equals,
    }
}

/// Settings of a provider for one person with the role `viewer`.
pub(crate) fn plain(issuer: String) -> config::Provider {
    config::Provider {
        id: "test".to_owned(),
        issuer,
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        trusted_audiences: Vec::new(),
        scopes: ["openid", "profile", "offline_access"]
            .map(str::to_owned)
            .to_vec(),
        authorize_params: BTreeMap::new(),
        subject: path("/sub"),
        require: Vec::new(),
        rules: vec![named("/roles")],
        sources: vec![ClaimSource::IdToken, ClaimSource::Userinfo],
        userinfo: Userinfo::WhenMissing,
    }
}

pub(crate) fn viewer() -> Person {
    Person::new("ana").with(serde_json::json!({ "roles": ["viewer"] }))
}

impl Stage {
    /// With `ana`, who is a `viewer` and signed in.
    pub(crate) async fn new() -> Self {
        Self::with(viewer(), |_| {}, |_| {}).await
    }

    /// With this person, signed in, and these changes to settings of provider and product.
    pub(crate) async fn with(
        person: Person,
        settings: impl FnOnce(&mut Settings),
        config: impl FnOnce(&mut config::Provider),
    ) -> Self {
        let now = Arc::new(AtomicU64::new(START));
        let mut all = Settings::new(simulator::Clock::shared(Arc::clone(&now)));
        let login = person.login.clone();
        all.people = vec![person];
        settings(&mut all);
        let idp = oidc::Provider::start(all).await.unwrap();
        idp.sign_in(&login);
        let mut own = plain(idp.issuer());
        config(&mut own);
        Self {
            provider: provider(own, &now),
            idp,
            now,
            browser: http_client(None).unwrap(),
        }
    }

    pub(crate) fn with_limits(self, limits: Limits) -> Self {
        Self {
            provider: self.provider.with_limits(limits),
            ..self
        }
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) async fn begin(&self) -> Result<Begun, ProviderError> {
        let ask = Begin {
            redirect_uri: CALLBACK,
            state: &Secret::new("the-state"),
            max_age: None,
        };
        self.provider.begin(&ask).await
    }

    /// Goes to the provider, where the person is signed in, and back.
    pub(crate) async fn browse(&self, begun: Begun) -> Back {
        let answer = self.browser.get(begun.url.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(CALLBACK), "{location}");
        let query = Url::parse(location)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        Back { query, begun }
    }

    pub(crate) async fn finish(&self, back: &Back) -> Result<Login, ProviderError> {
        let answer = Answer {
            redirect_uri: CALLBACK,
            code: &Secret::new(back.query["code"].as_str()),
            iss: back.query.get("iss").map(String::as_str),
            nonce: &back.begun.nonce,
            verifier: &back.begun.verifier,
        };
        self.provider.finish(&answer).await
    }

    /// The whole login.
    pub(crate) async fn login(&self) -> Result<Login, ProviderError> {
        let begun = self.begin().await?;
        let back = self.browse(begun).await;
        self.finish(&back).await
    }

    pub(crate) async fn refresh(&self, login: &Login) -> Result<Login, ProviderError> {
        let token = login.refresh_token.as_ref().expect("a refresh token");
        self.provider.refresh(token, &login.subject).await
    }

    /// How many requests of this path the provider got.
    pub(crate) fn heard(&self, path: &str) -> usize {
        let requests = self.idp.requests();
        requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    }
}

pub(crate) fn provider(config: config::Provider, now: &Arc<AtomicU64>) -> Provider {
    let words = Vocabulary {
        permissions: kestra_mcp::generated::permissions(),
        tools: &[],
    };
    let mut faults = Vec::new();
    let roles = Roles::resolve(&BTreeMap::new(), words, &mut faults);
    assert_eq!(faults, []);
    let policy = Policy::new(Access::Full, roles);
    let clock = Clock::Manual(Arc::clone(now));
    Provider::new(Arc::new(config), policy, clock, &Trust::System).unwrap()
}

/// Answers every request of this path so.
pub(crate) fn always(path: &str, action: Action) -> Fault {
    Fault {
        method: None,
        path: path.to_owned(),
        times: None,
        action,
    }
}

pub(crate) fn status(status: u16, headers: &[(&str, &str)]) -> Action {
    Action::Respond {
        status,
        content_type: "text/html".to_owned(),
        body: b"<h1>no</h1>".to_vec(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

pub(crate) fn short() -> Limits {
    Limits {
        time: Duration::from_millis(50),
        ..Limits::default()
    }
}
