//! The HTTP mode on embedded parts: a simulated Kestra Enterprise, a development identity provider,
//! and this server between them.

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kestra_mcp::app::{self, http::Running};
use kestra_mcp::auth::Network;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Environment, Flags, Transport};
use serde_json::json;
use simulator::oidc::{self, CLIENT_ID, CLIENT_SECRET, Person};
use simulator::{Auth, Dialect, Edition, Holder, Settings, Simulator};
use tempfile::TempDir;

/// Who may do everything.
pub(crate) const ADA: &str = "ada";
/// Who may look.
pub(crate) const BEN: &str = "ben";

/// All of it, running.
pub(crate) struct Company {
    pub(crate) kestra: Simulator,
    pub(crate) provider: oidc::Provider,
    pub(crate) server: Running,
    /// Holds the database.
    _folder: TempDir,
}

/// A person's token at the simulated Kestra. It is made up, and printed.
pub(crate) fn kestra_token(login: &str) -> String {
    format!("demo-kestra-token-of-{login}")
}

impl Company {
    pub(crate) async fn start(dialect: Dialect) -> anyhow::Result<Self> {
        let clock = simulator::Clock::system();
        let people = [ADA, BEN]
            .map(|login| Holder::new(&kestra_token(login), &format!("{login}@example.com")));
        let kestra = Simulator::start(Settings {
            clock: clock.clone(),
            edition: Edition::Enterprise,
            auth: Auth::People(people.to_vec()),
            ..Settings::new(dialect)
        })
        .await?;
        let roles = [(ADA, "admin"), (BEN, "viewer")];
        let provider = oidc::Provider::start(oidc::Settings {
            people: roles
                .map(|(login, role)| Person::new(login).with(json!({ "roles": [role] })))
                .to_vec(),
            ..oidc::Settings::new(clock)
        })
        .await?;
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("kestra-mcp.db");
        let database = database.to_str().context("a folder with an odd name")?;
        let issuer = provider.issuer();
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let environment: Environment = [
            ("KESTRA_API_URL", kestra.url()),
            ("OIDC_ISSUER_URL", issuer),
            ("OIDC_CLIENT_ID", CLIENT_ID.to_owned()),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("ENCRYPTION_KEYS", STANDARD.encode(key)),
            ("KESTRA_TOKEN_STORE", database.to_owned()),
            ("KESTRA_MCP_PORT", "0".to_owned()),
            ("KESTRA_MCP_METRICS", "off".to_owned()),
            // Nothing is asked of the internet.
            ("KESTRA_MCP_CLIENT_DOCUMENTS", "on".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let setup = app::configure(&Flags::default(), &environment, Some(Transport::Http));
        let setup = setup.map_err(|faults| anyhow!("{:?}", faults.0))?;
        let server = app::http::start(&setup, Clock::System, Network::internet()).await?;
        Ok(Self {
            kestra,
            provider,
            server,
            _folder: folder,
        })
    }

    /// For the person who watches.
    pub(crate) fn introduction(&self) -> String {
        format!(
            "While this demo runs, there are\n  this server               {}\n  a development provider    \
             {}\n  a simulated Kestra        {}\n{ADA} and {BEN} may sign in, with any password.",
            self.server.issuer(),
            self.provider.issuer(),
            self.kestra.url(),
        )
    }

    /// For a client of that person.
    pub(crate) fn invitation(&self) -> String {
        format!(
            "Connect a client of your own to {}/mcp and sign in as {ADA} or {BEN}.\nKestra tokens: \
             {} and {}.\nCtrl-C ends it.",
            self.server.issuer(),
            kestra_token(ADA),
            kestra_token(BEN),
        )
    }
}
