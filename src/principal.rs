//! Who calls.

use std::fmt;
use std::sync::Arc;

/// The one on whose behalf a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The person whose machine this process runs on: whoever owns its standard input.
    Local,
    /// A person who signed in, through one client.
    Person(Arc<Person>),
}

/// A person, as an access token and the grant behind it say on this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Our id of the person.
    pub user: Arc<str>,
    /// The identity provider, as it names itself.
    pub issuer: Arc<str>,
    /// The person's id there.
    pub subject: Arc<str>,
    /// For people to read: a name, else an e-mail address, else the subject.
    pub name: Arc<str>,
    /// The OAuth client that holds the token.
    pub client_id: Arc<str>,
    /// The grant that the token was issued under.
    pub grant: Arc<str>,
    /// The id of the access token (`jti`).
    pub token: Arc<str>,
    /// Roles as of the last login or refresh; what they allow is policy's to say.
    pub roles: Arc<[String]>,
    /// What the client asked for and was granted.
    pub scopes: Scopes,
}

/// What a client may do at most with a token; `write` includes `read`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scopes {
    /// Tools that change nothing.
    #[default]
    Read,
    /// All tools.
    Write,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Person(person) => write!(f, "{}#{}", person.issuer, person.subject),
        }
    }
}
