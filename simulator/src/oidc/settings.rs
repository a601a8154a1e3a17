//! The settings of the provider.

use crate::clock::Clock;

use super::{Algorithm, Person};

/// The settings of a [`Provider`](super::Provider).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The clock by which codes and tokens expire.
    pub clock: Clock,
    /// The TCP port on 127.0.0.1; `None` lets the kernel choose one.
    pub port: Option<u16>,
    /// The path of the issuer URL: empty, `/`, or something like `/realms/main`.
    pub path: String,
    /// The signature algorithm of tokens.
    pub algorithm: Algorithm,
    /// The registered clients.
    pub clients: Vec<Client>,
    /// The people who can log in.
    pub people: Vec<Person>,
    /// The client authentication methods in the discovery document.
    pub auth_methods: Vec<String>,
    /// Whether authorization responses carry `iss` (RFC 9207), as the discovery document then says.
    pub response_issuer: bool,
    /// Whether there is a userinfo endpoint.
    pub userinfo: bool,
    /// The lifetime of access and ID tokens, in seconds.
    pub token_seconds: u64,
}

/// An OAuth client.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`
    pub id: String,
    /// `None` for a public client.
    pub secret: Option<String>,
    /// Compared byte for byte; if empty, every loopback URL is allowed.
    pub redirect_uris: Vec<String>,
}

/// The `client_id` of the default client.
pub const CLIENT_ID: &str = "kestra-mcp";
/// The secret of the default client.
pub const CLIENT_SECRET: &str = "development-client-secret";

impl Settings {
    /// One confidential client, no people, ES256, and tokens that expire after five minutes.
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
