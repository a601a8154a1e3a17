//! Identity providers (OpenID Connect Core 1.0): who a person is, and which roles they have.
//!
//! This server is a client of the provider, by authorization code with `state`, `nonce` and PKCE.

mod answer;
mod claims;
mod discovery;
mod error;
mod http;
mod probe;
mod roles;
mod sent;
mod token;

use std::borrow::Cow;
use std::sync::Arc;

use openidconnect::core::{CoreAuthenticationFlow, CoreTokenResponse};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, TokenResponse,
};
use serde_json::Value;
use url::Url;

use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http::{self as config, ClaimPath, ClaimSource, Userinfo};
use crate::policy::Policy;
use crate::secret::Secret;

use crate::auth::random;
use crate::auth::server::scope::OFFLINE;
use claims::Documents;
use discovery::{Discovery, Known};
use token::Expected;

pub use error::{ProviderError, SetupError};
pub use http::Limits;
pub use probe::ProbeError;
pub use roles::{Unmapped, Why};
pub use sent::{Sent, code_of};

/// One identity provider, as it was configured. Nothing is asked before the first use.
#[derive(Debug)]
pub struct Provider {
    config: Arc<config::Provider>,
    policy: Policy,
    clock: Clock,
    http: http::Http,
    discovery: Discovery,
}

/// A login that begins.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// Where the provider sends the browser back to: our callback.
    pub redirect_uri: &'a str,
    /// Comes back with the browser; the caller makes it, keeps it, and spends it.
    pub state: &'a Secret,
    /// Seconds since the person last proved who they are; more, and the provider asks again.
    pub max_age: Option<u64>,
}

/// Where the browser goes, and what must be kept for [`Provider::finish`].
#[derive(Clone, Debug)]
pub struct Begun {
    /// The authorization endpoint with the request in its query.
    pub url: Url,
    /// Will stand in the ID token.
    pub nonce: Secret,
    /// Proves that who redeems the code is who asked for it (RFC 7636).
    pub verifier: Secret,
}

/// What the browser brought back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The same as in [`Begin`].
    pub redirect_uri: &'a str,
    /// `code`
    pub code: &'a Secret,
    /// `iss` (RFC 9207)
    pub iss: Option<&'a str>,
    /// Of [`Begun`].
    pub nonce: &'a Secret,
    /// Of [`Begun`].
    pub verifier: &'a Secret,
}

/// What the provider says of a person.
#[derive(Clone, Debug)]
pub struct Login {
    /// The person's id at the provider, from the configured claim.
    pub subject: String,
    /// For people to read; not unique, and not checked by anybody.
    pub name: Option<String>,
    /// Roles that this server knows; none means that the person may not come in.
    pub roles: Vec<String>,
    /// Names of the claims that arrived, sorted; never values.
    pub claims: Vec<String>,
    /// Role rules that gave nothing, and why.
    pub unmapped: Vec<Unmapped>,
    /// To ask again with; none from [`Provider::refresh`] keeps the old one.
    pub refresh_token: Option<Secret>,
    /// When the person proved who they are, in seconds since the epoch.
    pub auth_time: Option<i64>,
}

/// Parameters of the authorization request that are ours to set.
const OURS: &[&str] = &[
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Provider {
    /// For the provider of `config`; `policy` says which roles there are.
    ///
    /// # Errors
    /// When the issuer is not a URL, a parameter of the authorization request is ours to set, or
    /// the certificates of this machine cannot be read.
    pub fn new(
        config: Arc<config::Provider>,
        policy: Policy,
        clock: Clock,
        trust: &Trust,
    ) -> Result<Self, SetupError> {
        let issuer =
            IssuerUrl::new(config.issuer.clone()).map_err(|source| SetupError::Issuer {
                issuer: config.issuer.clone(),
                source,
            })?;
        let ours = |name: &&String| OURS.contains(&name.as_str());
        if let Some(name) = config.authorize_params.keys().find(ours) {
            return Err(SetupError::Parameter { name: name.clone() });
        }
        let secret = config.client_secret.as_ref();
        Ok(Self {
            http: http::Http::to(issuer.url(), trust)?,
            discovery: Discovery::new(
                issuer,
                ClientId::new(config.client_id.clone()),
                secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
                clock.clone(),
            ),
            config,
            policy,
            clock,
        })
    }

    /// The same provider, with other limits of its answers.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.http.limits = limits;
        self
    }

    /// As it was configured.
    pub fn config(&self) -> &config::Provider {
        &self.config
    }

    /// Begins a login.
    ///
    /// # Errors
    /// When the provider cannot be reached, or its discovery document is not to be believed.
    pub async fn begin(&self, ask: &Begin<'_>) -> Result<Begun, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        let nonce = random::secret()?;
        let verifier = random::secret()?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
            verifier.expose().to_owned(),
        ));
        let state = CsrfToken::new(ask.state.expose().to_owned());
        let sent = Nonce::new(nonce.expose().to_owned());
        let mut request = known
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || sent)
            .set_pkce_challenge(challenge)
            .set_redirect_uri(Cow::Owned(redirect(ask.redirect_uri)?))
            // A form post would come without our cookies, which are SameSite=Lax.
            .add_extra_param("response_mode", "query");
        // The library asks for the first itself; the second may be unknown there.
        let asks = |scope: &&String| *scope != "openid" && (known.offline || *scope != OFFLINE);
        for scope in self.config.scopes.iter().filter(asks) {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for (name, value) in &self.config.authorize_params {
            request = request.add_extra_param(name, value);
        }
        if let Some(seconds) = ask.max_age {
            request = request.set_max_age(std::time::Duration::from_secs(seconds));
        }
        let (url, _, _) = request.url();
        Ok(Begun {
            url,
            nonce,
            verifier,
        })
    }

    /// Ends a login: redeems the code and checks everything that comes for it.
    ///
    /// # Errors
    /// When the provider cannot be reached, a check fails, or a requirement does not hold.
    pub async fn finish(&self, answer: &Answer<'_>) -> Result<Login, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        self.compare(&known, answer.iss)?;
        let code = AuthorizationCode::new(answer.code.expose().to_owned());
        let verifier = PkceCodeVerifier::new(answer.verifier.expose().to_owned());
        let response = known
            .client
            .exchange_code(code)
            .map_err(|_| self.wrong("discovery document"))?
            .set_pkce_verifier(verifier)
            .set_redirect_uri(Cow::Owned(redirect(answer.redirect_uri)?))
            .request_async(&self.http)
            .await
            .map_err(
                |fault| match ProviderError::of_token_endpoint(&self.config.id, fault) {
                    // Of a code it says no more than that the code is worth nothing.
                    ProviderError::Ended => self.wrong("code"),
                    other => other,
                },
            )?;
        let token = response.id_token().ok_or_else(|| self.wrong("id_token"))?;
        let nonce = Nonce::new(answer.nonce.expose().to_owned());
        let expected = Expected::Id(Some(&nonce));
        let claims = self.claims_of(&known, token, expected).await?;
        self.login(&known, &response, Some(claims), None).await
    }

    /// Asks again about the person `subject`, with the refresh token of their login.
    ///
    /// # Errors
    /// [`ProviderError::Ended`] when the provider takes the token no more; otherwise as
    /// [`Provider::finish`]. [`ProviderError::is_final`] tells whether asking later may help.
    pub async fn refresh(&self, token: &Secret, subject: &str) -> Result<Login, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        let token = RefreshToken::new(token.expose().to_owned());
        let response: CoreTokenResponse = known
            .client
            .exchange_refresh_token(&token)
            .map_err(|_| self.wrong("discovery document"))?
            .request_async(&self.http)
            .await
            .map_err(|fault| ProviderError::of_token_endpoint(&self.config.id, fault))?;
        let claims = match response.id_token() {
            // Core 12.2: a nonce need not be there, and we no longer know it.
            Some(token) => Some(self.claims_of(&known, token, Expected::Id(None)).await?),
            None => None,
        };
        self.login(&known, &response, claims, Some(subject)).await
    }

    /// Says in the log which check failed.
    fn wrong(&self, what: &'static str) -> ProviderError {
        tracing::warn!(
            provider = self.config.id,
            what,
            "an answer of the provider is wrong"
        );
        ProviderError::Wrong { what }
    }

    /// What the operator needs to know of a token that is refused.
    fn tell(&self, fault: token::Fault, token: &openidconnect::core::CoreIdToken) {
        let provider = &self.config.id;
        match fault {
            token::Fault::Audience | token::Fault::Party => tracing::warn!(
                provider,
                audiences = token::audiences_of(token),
                "a token is not for this server alone: if its azp is this server, name the other \
                 audiences in trusted_audiences of the [[identity_provider]]"
            ),
            token::Fault::Algorithm => tracing::warn!(
                provider,
                algorithm = token::algorithm_of(token),
                "a token is signed in a way that is not supported (as ES512), or that the discovery \
                 document does not list (id_token_signing_alg_values_supported): have the provider \
                 sign in another"
            ),
            _ => {}
        }
    }

    /// The claims of a token that is checked; with newer keys if its key is not known.
    async fn claims_of(
        &self,
        known: &Arc<Known>,
        token: &openidconnect::core::CoreIdToken,
        expected: Expected<'_>,
    ) -> Result<Value, ProviderError> {
        let now = self.clock.now();
        let trusted = &self.config.trusted_audiences;
        let mut checked = token::check(known, token, expected, trusted, now);
        if checked == Err(token::Fault::UnknownKey)
            && let Some(newer) = self.discovery.newer(&self.http, known).await
        {
            checked = token::check(&newer, token, expected, trusted, now);
        }
        checked.map_err(|fault| {
            self.tell(fault, token);
            self.wrong(fault.what(expected))
        })
    }

    /// What the documents of an answer say. `before` is who the person was at their login.
    async fn login(
        &self,
        known: &Arc<Known>,
        response: &CoreTokenResponse,
        id_token: Option<Value>,
        before: Option<&str>,
    ) -> Result<Login, ProviderError> {
        let config = &self.config;
        let documents = self.gather(known, response, id_token, before).await?;
        if documents.is_empty() {
            return Err(self.wrong("refresh without claims"));
        }
        let subject = documents
            .subject(&config.subject)
            .ok_or_else(|| self.wrong("claim of the subject"))?;
        if before.is_some_and(|before| before != subject) {
            tracing::warn!(provider = config.id, "a refresh brought another person");
            return Err(ProviderError::OtherPerson);
        }
        for requirement in &config.require {
            if documents.of_person(&requirement.claim) != Some(&requirement.equals) {
                let claim = requirement.claim.to_string();
                tracing::warn!(
                    provider = config.id,
                    claim,
                    "a required claim is not as required"
                );
                return Err(ProviderError::Requirement { claim });
            }
        }
        let needed = config.rules.iter().map(|rule| &rule.path);
        if let Some(claim) = documents.elsewhere(needed, &config.sources) {
            tracing::warn!(
                provider = config.id,
                claim,
                "the provider left out a claim: too many"
            );
            return Err(ProviderError::Overage { claim });
        }
        let mapped = roles::map(&config.rules, self.policy.roles(), |path| {
            documents.find(path, &config.sources)
        });
        let claims = documents.names();
        if mapped.roles.is_empty() {
            tracing::warn!(
                provider = config.id,
                ?claims,
                rules = told(&mapped.unmapped),
                "no claim gives a role: add a role_rule for a claim that arrives, or map its values"
            );
        } else if let Some(odd) = mapped.unmapped.iter().find(|rule| rule.why == Why::Shape) {
            tracing::warn!(
                provider = config.id,
                claim = odd.path,
                "a claim has another shape"
            );
        }
        Ok(Login {
            subject: subject.to_owned(),
            name: documents.name(),
            roles: mapped.roles,
            claims,
            unmapped: mapped.unmapped,
            refresh_token: response
                .refresh_token()
                .map(|token| Secret::new(token.secret())),
            auth_time: documents.auth_time(),
        })
    }

    /// The documents that the configuration wants, in its order.
    async fn gather(
        &self,
        known: &Arc<Known>,
        response: &CoreTokenResponse,
        id_token: Option<Value>,
        before: Option<&str>,
    ) -> Result<Documents, ProviderError> {
        let config = &self.config;
        let mut documents = Documents {
            id_token,
            ..Documents::default()
        };
        let is_sub = config.subject.0 == ["sub"];
        let stored = before.filter(|_| is_sub).map(str::to_owned);
        for source in &config.sources {
            let subject = documents
                .sub()
                .map(str::to_owned)
                .or_else(|| stored.clone());
            match source {
                ClaimSource::IdToken => {}
                ClaimSource::AccessTokenJwt => {
                    let text = response.access_token().secret();
                    let token = text.parse().map_err(|_| self.wrong("access token"))?;
                    let claims = self.claims_of(known, &token, Expected::Access).await?;
                    let about = claims.get("sub").and_then(Value::as_str);
                    if subject.is_some() && subject.as_deref() != about {
                        return Err(self.wrong("sub of the access token"));
                    }
                    documents.access_token = Some(claims);
                }
                ClaimSource::Userinfo => {
                    if !self.wants_userinfo(&documents) {
                        continue;
                    }
                    let token = response.access_token().clone();
                    documents.userinfo = known
                        .userinfo(&self.http, token, subject)
                        .await
                        .map_err(|fault| ProviderError::of_userinfo(&config.id, fault))?;
                }
            }
        }
        Ok(documents)
    }

    fn wants_userinfo(&self, documents: &Documents) -> bool {
        let config = &self.config;
        let absent = |path: &ClaimPath| documents.of_person(path).is_none();
        // Those that count before it: what comes later must not decide whether it is asked.
        let mut parts = config.sources.split(|one| *one == ClaimSource::Userinfo);
        let before = parts.next().unwrap_or_default();
        match config.userinfo {
            Userinfo::Never => false,
            Userinfo::Always => true,
            Userinfo::WhenMissing => {
                documents.id_token.is_none()
                    || config.require.iter().any(|rule| absent(&rule.claim))
                    || config
                        .rules
                        .iter()
                        .any(|rule| documents.find(&rule.path, before).is_none())
            }
        }
    }
}

/// What gave no role, for the log; names of claims alone.
fn told(unmapped: &[Unmapped]) -> String {
    let words: Vec<String> = unmapped.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn redirect(uri: &str) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(uri.to_owned()).map_err(|_| ProviderError::Wrong {
        what: "our own redirect_uri",
    })
}
