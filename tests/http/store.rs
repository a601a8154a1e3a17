//! The store: what is stored, and how it is sealed.

mod ends;
mod file;
mod grants;
mod rekey;
mod seal;
mod spend;
mod sweep;

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use kestra_mcp::config::key::ring;
use kestra_mcp::secret::Secret;
use kestra_mcp::store::sqlite::{self, Sqlite};
use kestra_mcp::store::{
    AuthMethod, Client, ClientKind, Code, CodeClaim, Credential, FormToken, Grant, Hash, KeyRing,
    Ms, Purpose, RefreshToken, Rotation, Store, StoreError, Target, Ticket, Transaction,
    UpstreamState, User, WebLogin,
};
use tempfile::TempDir;

const NOW: Ms = 1_800_000_000_000;
const MINUTE: Ms = 60_000;
const HOUR: Ms = 60 * MINUTE;
const DAY: Ms = 24 * HOUR;

/// A database in a folder of its own, with two people: `ana` and `bob`.
struct Stand {
    folder: TempDir,
    store: Arc<Sqlite>,
}

impl Stand {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite::open(&folder.path().join("data/kestra-mcp.db")).await;
        let store = Arc::new(store.unwrap());
        for id in ["ana", "bob"] {
            assert_eq!(store.upsert_user(&user(id)).await.unwrap(), user(id));
        }
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data/kestra-mcp.db")
    }

    /// A grant of a person with its code, both named by `id`.
    async fn put_grant(&self, id: &str, person: &str) -> Result<(), StoreError> {
        self.store.put_grant(&grant(id, person), &code(id)).await
    }

    /// With a grant of `ana` and its code, both named by `id`.
    async fn with_grant(id: &str) -> Self {
        let stand = Self::new().await;
        stand.put_grant(id, "ana").await.unwrap();
        stand
    }
}

fn key(fill: u8) -> String {
    URL_SAFE.encode([fill; 32])
}

/// As `ENCRYPTION_KEYS` says.
fn ring_of(list: &str) -> KeyRing {
    KeyRing::new(&ring(&Secret::new(list)).unwrap()).unwrap()
}

fn user(id: &str) -> User {
    User {
        id: id.to_owned(),
        issuer: "https://id.example.com".to_owned(),
        subject: format!("subject of {id}"),
        name: format!("name of {id}"),
        disabled_at: None,
    }
}

fn client(id: &str) -> Client {
    Client {
        id: id.to_owned(),
        kind: ClientKind::Registered,
        name: "A \"client\" <b>".to_owned(),
        auth_method: AuthMethod::Post,
        secret: Some(Hash::of("client secret")),
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned(), "app://é".to_owned()],
        application_type: "native".to_owned(),
        grant_types: vec!["authorization_code".to_owned()],
        scope: None,
        created: NOW,
        last_used: None,
    }
}

fn transaction(id: &str) -> Transaction {
    Transaction {
        id: Hash::of(id),
        client: client("c1"),
        redirect_uri: "http://127.0.0.1:7/cb".to_owned(),
        scopes: "kestra:read".to_owned(),
        resource: "https://mcp.example.com/mcp".to_owned(),
        challenge: "challenge".to_owned(),
        client_state: Some("state \u{0} of the client".to_owned()),
        expires: NOW + 10 * MINUTE,
    }
}

fn form(value: &str) -> FormToken {
    FormToken {
        value: Hash::of(value),
        purpose: Purpose::Account,
        owner: Hash::of("sign-in"),
        cookie: Hash::of("cookie"),
        expires: NOW + 10 * MINUTE,
    }
}

fn upstream(state: &str) -> UpstreamState {
    UpstreamState {
        state: Hash::of(state),
        provider: "default".to_owned(),
        target: Target::Authorization(Box::new(transaction("t1"))),
        browser: Hash::of("browser"),
        nonce: b"sealed nonce".to_vec(),
        verifier: b"sealed verifier".to_vec(),
        expires: NOW + 10 * MINUTE,
    }
}

fn grant(id: &str, user_id: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        user_id: user_id.to_owned(),
        client_id: "c1".to_owned(),
        client_name: "A client".to_owned(),
        provider: "default".to_owned(),
        scopes: "kestra:read".to_owned(),
        resource: "https://mcp.example.com/mcp".to_owned(),
        roles: vec!["editor".to_owned(), "of, all".to_owned()],
        checked_at: NOW,
        idp_refresh: Some(b"sealed".to_vec()),
        created: NOW,
        expires: NOW + 30 * DAY,
        revoked_at: None,
        last_used: None,
    }
}

fn code(grant_id: &str) -> Code {
    Code {
        code: Hash::of(&format!("code of {grant_id}")),
        grant_id: grant_id.to_owned(),
        client_id: "c1".to_owned(),
        redirect_uri: "http://127.0.0.1:7/cb".to_owned(),
        challenge: "challenge".to_owned(),
        resource: "https://mcp.example.com/mcp".to_owned(),
        expires: NOW + MINUTE,
    }
}

/// The proof of the right client.
fn claim(code: &Code) -> CodeClaim<'_> {
    CodeClaim {
        code: code.code,
        client_id: &code.client_id,
        redirect_uri: Some(&code.redirect_uri),
        challenge: &code.challenge,
        resource: &code.resource,
    }
}

fn refresh(token: &str, grant_id: &str) -> RefreshToken {
    RefreshToken {
        token: Hash::of(token),
        grant_id: grant_id.to_owned(),
        expires: NOW + 30 * DAY,
    }
}

/// A rotation from one token to the next, with a grace of a minute.
fn rotation(from: &str, to: &str, grant_id: &str) -> Rotation {
    Rotation {
        token: Hash::of(from),
        successor: refresh(to, grant_id),
        successor_box: format!("{to} under {from}").into_bytes(),
        grace_until: NOW + MINUTE,
        checked: None,
    }
}

fn login(id: &str, user_id: &str) -> WebLogin {
    WebLogin {
        id: Hash::of(id),
        user_id: user_id.to_owned(),
        provider: "default".to_owned(),
        roles: vec!["viewer".to_owned()],
        auth_time: NOW,
        last_seen: NOW,
        expires: NOW + 8 * HOUR,
    }
}

fn ticket(id: &str) -> Ticket {
    Ticket {
        id: Hash::of(id),
        user_id: "ana".to_owned(),
        expires: NOW + 10 * MINUTE,
    }
}

fn credential(id: &str, user_id: &str) -> Credential {
    Credential {
        id: id.to_owned(),
        user_id: user_id.to_owned(),
        kestra_url: "https://kestra.example.com".to_owned(),
        tenant: "main".to_owned(),
        kind: "token".to_owned(),
        secret: b"sealed".to_vec(),
        kestra_user: Some("ana@example.com".to_owned()),
        checked_at: NOW,
        last_used: None,
    }
}
