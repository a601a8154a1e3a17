//! The state of the provider: people, codes, tokens, sessions.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
};

use super::{
    Deceit, Person, Settings,
    key::{self, Key},
};

/// A validated authorization request.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    /// The PKCE challenge (S256).
    pub(super) challenge: String,
    /// Whether a refresh token is requested.
    pub(super) offline: bool,
}

/// A grant. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) request: AuthorizationRequest,
    pub(super) login: String,
    pub(super) signed_in: u64,
    /// Identifies all refresh tokens of one login.
    pub(super) family: String,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    base: String,
    pub(super) people: BTreeMap<String, Person>,
    pub(super) key: Key,
    /// A key that is never published.
    pub(super) foreign: Key,
    /// Each with the time it was issued; removed when redeemed.
    pub(super) codes: HashMap<String, (Grant, u64)>,
    pub(super) refresh_tokens: HashMap<String, Grant>,
    /// Rotated refresh tokens, with their family, which is revoked if one is used again.
    pub(super) rotated: HashMap<String, String>,
    pub(super) revoked: HashSet<String>,
    /// By access token: the login name, and the expiry in milliseconds since the epoch.
    pub(super) access_tokens: HashMap<String, (String, u64)>,
    /// By cookie: the login name, and the time of the sign-in.
    pub(super) sessions: HashMap<String, (String, u64)>,
    /// The session of every browser, if set.
    pub(super) signed_in: Option<(String, u64)>,
    pub(super) deceits: Vec<Deceit>,
}

impl State {
    pub(super) fn new(settings: Settings, base: String) -> io::Result<Self> {
        let people = settings
            .people
            .iter()
            .map(|person| (person.login.clone(), person.clone()))
            .collect();
        Ok(Self {
            key: Key::generate(settings.algorithm)?,
            foreign: Key::generate(settings.algorithm)?,
            settings,
            base,
            people,
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
            rotated: HashMap::new(),
            revoked: HashSet::new(),
            access_tokens: HashMap::new(),
            sessions: HashMap::new(),
            signed_in: None,
            deceits: Vec::new(),
        })
    }

    pub(super) fn now(&self) -> u64 {
        self.settings.clock.now_ms()
    }

    pub(super) fn issuer(&self) -> String {
        format!("{}{}", self.base, self.settings.path)
    }

    /// The path of the discovery document: appended to the issuer without its trailing slash
    /// (OpenID Connect Discovery 1.0 §4).
    pub(super) fn discovery_path(&self) -> String {
        let path = self.settings.path.trim_end_matches('/');
        format!("{path}/.well-known/openid-configuration")
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(super) fn rotate(&mut self) -> io::Result<()> {
        self.key = Key::generate(self.settings.algorithm)?;
        Ok(())
    }

    /// A person whose account is enabled.
    pub(super) fn person(&self, login: &str) -> Option<&Person> {
        self.people.get(login).filter(|person| !person.disabled)
    }

    /// Issues an authorization code for a new grant.
    pub(super) fn code(
        &mut self,
        request: AuthorizationRequest,
        login: &str,
        signed_in: u64,
    ) -> io::Result<String> {
        let grant = Grant {
            request,
            login: login.to_owned(),
            signed_in,
            family: key::random::<12>()?,
        };
        let code = key::random::<24>()?;
        let now = self.now();
        self.codes.insert(code.clone(), (grant, now));
        Ok(code)
    }
}
