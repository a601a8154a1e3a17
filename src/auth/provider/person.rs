//! Who a person is and which roles they have, from the documents of a token response.

use std::sync::Arc;

use openidconnect::OAuth2TokenResponse;
use openidconnect::core::CoreTokenResponse;
use serde_json::Value;

use super::Provider;
use super::claims::Documents;
use super::discovered::Discovered;
use super::error::ProviderError;
use super::login::Login;
use super::roles::{self, Unmapped, Why};
use super::token::Expected;
use crate::config::http::{ClaimPath, ClaimSource, Userinfo};
use crate::secret::Secret;

impl Provider {
    /// Reads the documents of a token response. `before` is the subject of the original login.
    pub(super) async fn login(
        &self,
        known: &Arc<Discovered>,
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
            tracing::warn!(provider = config.id, "a refresh returned another person");
            return Err(ProviderError::OtherPerson);
        }
        for requirement in &config.require {
            if documents.of_person(&requirement.claim) != Some(&requirement.equals) {
                let claim = requirement.claim.to_string();
                tracing::warn!(
                    provider = config.id,
                    claim,
                    "a required claim does not have the required value"
                );
                return Err(ProviderError::Requirement { claim });
            }
        }
        let needed = config.rules.iter().map(|rule| &rule.path);
        if let Some(claim) = documents.elsewhere(needed, &config.sources) {
            tracing::warn!(
                provider = config.id,
                claim,
                "the provider left out a claim: it has too many values"
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
                rules = described(&mapped.unmapped),
                "no claim gives a role: add a role_rule for a claim that arrives, or map its values"
            );
        } else if let Some(odd) = mapped.unmapped.iter().find(|rule| rule.why == Why::Shape) {
            tracing::warn!(
                provider = config.id,
                claim = odd.path,
                "a claim does not have the shape that the rule expects"
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

    /// The documents that the configuration asks for, in its order.
    async fn gather(
        &self,
        known: &Arc<Discovered>,
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
        // Only the sources that count before userinfo: later ones must not decide whether it is
        // requested.
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

/// The rules that gave no role, for the log: names of claims only.
fn described(unmapped: &[Unmapped]) -> String {
    let words: Vec<String> = unmapped.iter().map(ToString::to_string).collect();
    words.join(", ")
}
