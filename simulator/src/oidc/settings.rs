//! How a provider behaves.

use crate::clock::Clock;

use super::{Algorithm, Person};

/// How a [`Provider`](super::Provider) behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the time comes from.
    pub clock: Clock,
    /// TCP port on 127.0.0.1; `None`: chosen by the kernel.
    pub port: Option<u16>,
    /// What follows host and port in the issuer: nothing, `/`, or such as `/realms/main`.
    pub path: String,
    /// What tokens are signed with.
    pub algorithm: Algorithm,
    /// Who may ask for logins.
    pub clients: Vec<Client>,
    /// Who may log in.
    pub people: Vec<Person>,
    /// How clients may authenticate, as the discovery document says it.
    pub auth_methods: Vec<String>,
    /// Whether answers carry `iss` (RFC 9207), and the discovery document says so.
    pub response_issuer: bool,
    /// Whether there is a userinfo endpoint.
    pub userinfo: bool,
    /// Life of access and ID tokens, in seconds.
    pub token_seconds: u64,
}

/// A client of the provider.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`
    pub id: String,
    /// None is a public client.
    pub secret: Option<String>,
    /// Byte for byte; empty allows every address on loopback.
    pub redirect_uris: Vec<String>,
}

/// `client_id` of the client that there is unless told otherwise.
pub const CLIENT_ID: &str = "kestra-mcp";
/// Its secret.
pub const CLIENT_SECRET: &str = "development-client-secret";

impl Settings {
    /// One confidential client, nobody who may log in, ES256, tokens that live five minutes.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            port: None,
            path: String::new(),
            algorithm: Algorithm::Es256,
            clients: vec![Client {
                id: CLIENT_ID.to_owned(),
                secret: Some(CLIENT_SECRET.to_owned()),
                redirect_uris: Vec::new(),
            }],
            people: Vec::new(),
            auth_methods: ["client_secret_basic", "client_secret_post", "none"]
                .map(str::to_owned)
                .to_vec(),
            response_issuer: true,
            userinfo: true,
            token_seconds: 300,
        }
    }
}
