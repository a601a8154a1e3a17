//! `register_kestra_token` with the token as an argument, where the operator lets it be one: for
//! people whose clients cannot open a page. The token then passes through the model and its logs.

use std::sync::Arc;

use rmcp::model::Tool as Listed;
use serde_json::{Map, Value, json};

use super::result::Failure;
use super::{Mode, Server};
use crate::auth::NotRegistered;
use crate::config::http::CredentialMode;
use crate::principal::Principal;
use crate::secret::Secret;
use crate::tool::{Builtin, Error, Reply};

const TOKEN: &str = "token";
const DESCRIPTION: &str = "Registers the user's Kestra API token on this server. Without `token`: \
where the user registers it on a page, which is better, since nobody else sees it there.";
const ARGUMENT: &str = "An API token of the user's own, ordinary account in Kestra. Only if the \
user gave it for this.";

/// The tool as it is listed then.
pub(super) fn listed(mut tool: Listed) -> Listed {
    let mut schema = (*tool.input_schema).clone();
    let property = json!({ "type": "string", "description": ARGUMENT });
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(TOKEN.to_owned(), property);
    }
    tool.input_schema = Arc::new(schema);
    tool.description = Some(DESCRIPTION.into());
    tool.annotations = tool.annotations.map(|hints| hints.read_only(false));
    tool
}

impl Server {
    /// Whether the tool takes a token.
    pub(super) fn takes_token(&self) -> bool {
        let lets = matches!(&self.0.mode, Mode::Remote(remote) if remote.token_argument);
        lets && self.0.kestra.mode() == CredentialMode::PerUser
    }

    /// The token among the arguments of a call, which it is taken out of.
    pub(super) fn token_of(
        &self,
        builtin: Builtin,
        arguments: &mut Map<String, Value>,
    ) -> Result<Option<Secret>, Error> {
        if builtin != Builtin::Credential || !self.takes_token() {
            return Ok(None);
        }
        match arguments.remove(TOKEN) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) => Ok(Some(Secret::new(token))),
            Some(_) => Err(Error::invalid(TOKEN, "a string")),
        }
    }

    /// Keeps `token` for whoever calls, once Kestra has taken it.
    pub(super) async fn register(
        &self,
        principal: &Principal,
        token: &Secret,
    ) -> Result<Reply, Failure> {
        let (Mode::Remote(remote), Principal::Person(person)) = (&self.0.mode, principal) else {
            return Err(Error::Internal("a token of nobody".to_owned()).into());
        };
        match remote.gate.register(person, token).await {
            Ok(()) => {}
            Err(NotRegistered::Refused { why }) => {
                let message = why.to_owned();
                return Err(Error::Refused { message }.into());
            }
            Err(NotRegistered::Later { why }) => return Err(Failure::NotNow { why }),
            Err(NotRegistered::Failed(cause)) => {
                return Err(Error::Internal(format!("the credential: {cause}")).into());
            }
        }
        let asker = self.asker(principal.clone()).await?;
        Ok(Reply(self.credential(&asker).await))
    }
}
