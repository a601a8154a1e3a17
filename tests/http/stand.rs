//! The whole HTTP mode: this server, a simulated Kestra, a development provider, and one clock for
//! all of them.

#[path = "stand/application.rs"]
mod application;
#[path = "stand/browser.rs"]
mod browser;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use kestra_mcp::app::{self, Setup, http::Running};
use kestra_mcp::auth::Outside;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Flags, Transport};
use kestra_mcp::kestra::http_client;
use serde_json::json;
use simulator::oidc::{self, CLIENT_ID, CLIENT_SECRET, Person};
use simulator::{Auth, Dialect, Edition, Holder, Settings, Simulator};
use tempfile::TempDir;

pub(crate) use application::{Application, Back, Tokens, VERIFIER, address, challenge};
pub(crate) use browser::{Browser, Page};

/// Noon of a day in 2026.
const NOON_MS: u64 = 1_781_784_000_000;
/// 32 bytes in base64.
pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Ann's token at Kestra.
pub(crate) const ANN_TOKEN: &str = "kestra-token-of-ann-0123456789";
/// Ben's.
pub(crate) const BEN_TOKEN: &str = "kestra-token-of-ben-0123456789";

/// What a test may change before the start.
pub(crate) struct World {
    /// The environment of the server.
    pub(crate) environment: BTreeMap<String, String>,
    /// The configuration file.
    pub(crate) file: String,
    /// The provider.
    pub(crate) oidc: oidc::Settings,
    /// Kestra.
    pub(crate) kestra: Settings,
    /// The world that client metadata documents come from.
    pub(crate) outside: Outside,
}

impl World {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }
}

/// The running parts.
pub(crate) struct Stand {
    pub(crate) idp: oidc::Provider,
    pub(crate) simulator: Simulator,
    pub(crate) now: Arc<AtomicU64>,
    pub(crate) http: reqwest::Client,
    pub(crate) database: PathBuf,
    pub(crate) setup: Setup,
    outside: Outside,
    running: Option<Running>,
    _folder: TempDir,
}

impl Stand {
    /// Ann may do everything, Ben may only read, Cat has no role; Kestra is the Enterprise edition
    /// and knows Ann and Ben.
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With a client that the operator registered.
    pub(crate) async fn with_desk() -> (Self, Application) {
        let redirect = "https://desk.example:8443/callback";
        let stand = Self::with(|world| {
            world.file = format!(
                "[[client]]\nid = \"desk\"\nname = \"Desk\"\nredirect_uris = [\"{redirect}\"]\n"
            );
        });
        let desk = Application {
            id: "desk".to_owned(),
            redirect: redirect.to_owned(),
            scope: Some("kestra:read".to_owned()),
        };
        (stand.await, desk)
    }

    pub(crate) async fn with(change: impl FnOnce(&mut World)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicU64::new(NOON_MS));
        let clock = simulator::Clock::shared(Arc::clone(&now));
        let mut oidc = oidc::Settings::new(clock.clone());
        oidc.people = [("ann", &["admin"][..]), ("ben", &["viewer"]), ("cat", &[])]
            .map(|(login, roles)| Person::new(login).with(json!({ "roles": roles })))
            .to_vec();
        let mut world = World {
            environment: BTreeMap::new(),
            file: String::new(),
            oidc,
            kestra: Settings {
                clock,
                edition: Edition::Enterprise,
                auth: Auth::People(vec![
                    Holder::new(ANN_TOKEN, "ann@example.com"),
                    Holder::new(BEN_TOKEN, "ben@example.com"),
                ]),
                ..Settings::new(Dialect::V2_0Dev)
            },
            outside: Outside::internet(),
        };
        let database = folder.path().join("kestra-mcp.db");
        let port = free_port();
        for (name, value) in [
            ("OIDC_CLIENT_ID", CLIENT_ID),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
            ("ENCRYPTION_KEY", KEY),
            ("KESTRA_TOKEN_STORE", database.to_str().unwrap()),
            ("KESTRA_MCP_PORT", &port.to_string()),
            ("KESTRA_MCP_METRICS", "off"),
            // No documents are probed.
            ("KESTRA_MCP_CLIENT_DOCUMENTS", "on"),
        ] {
            world.set(name, value);
        }
        change(&mut world);
        let idp = oidc::Provider::start(world.oidc).await.unwrap();
        let simulator = Simulator::start(world.kestra).await.unwrap();
        let mut environment = world.environment;
        let file = folder.path().join("kestra-mcp.toml");
        std::fs::write(&file, world.file.replace("{issuer}", &idp.issuer())).unwrap();
        environment
            .entry("OIDC_ISSUER_URL".to_owned())
            .or_insert_with(|| idp.issuer());
        environment
            .entry("KESTRA_API_URL".to_owned())
            .or_insert_with(|| simulator.url());
        let flags = Flags {
            config: Some(file),
            ..Flags::default()
        };
        let setup = app::configure(&flags, &environment, Some(Transport::Http));
        let setup = setup.unwrap_or_else(|faults| panic!("{:#?}", faults.0));
        let mut stand = Self {
            idp,
            simulator,
            now,
            http: http_client(None).unwrap(),
            database,
            setup,
            outside: world.outside,
            running: None,
            _folder: folder,
        };
        stand.resume().await;
        stand
    }

    /// Starts the server again on the same database.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.resume().await;
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    async fn resume(&mut self) {
        let clock = Clock::Manual(Arc::clone(&self.now));
        let running = app::http::start(&self.setup, clock, self.outside.clone()).await;
        self.running = Some(running.unwrap());
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn issuer(&self) -> &str {
        self.running().issuer()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().address())
    }

    /// Lets time pass.
    pub(crate) fn later(&self, seconds: u64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// A browser in which `login` is signed in at the provider, so that it asks nothing.
    pub(crate) fn browser_of(&self, login: &str) -> Browser {
        self.idp.sign_in(login);
        Browser::new(self.http.clone())
    }

    /// A client that has registered itself, connected for `login` with all scopes.
    pub(crate) async fn connect(&self, login: &str) -> (Application, Tokens) {
        let application = Application::register(self).await;
        let browser = self.browser_of(login);
        let tokens = application.connect(self, &browser).await;
        (application, tokens)
    }

    /// A browser of `login` that shows the account, signed in.
    pub(crate) async fn account_of(&self, login: &str) -> (Browser, Page) {
        let browser = self.browser_of(login);
        let page = browser.walk(&self.url("/account")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        (browser, page)
    }

    /// Registers a Kestra token for `login` on the page.
    pub(crate) async fn keep_token(&self, login: &str, token: &str) {
        let (browser, page) = self.account_of(login).await;
        let saved = browser.save(&page, &[("token", token)]).await;
        assert!(saved.moves(), "{}", saved.text);
    }

    /// A request to `/mcp` in the lifecycle of 2025-11-25.
    pub(crate) async fn ask(
        &self,
        access: &str,
        method: &str,
        params: serde_json::Value,
    ) -> reqwest::Response {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let post = self.http.post(self.url("/mcp")).bearer_auth(access);
        post.header("mcp-protocol-version", "2025-11-25")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(request.to_string())
            .send()
            .await
            .unwrap()
    }

    /// The result of a tool.
    pub(crate) async fn call(
        &self,
        access: &str,
        tool: &str,
        arguments: serde_json::Value,
    ) -> serde_json::Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = self.ask(access, "tools/call", params).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }
}

/// A port for a server that restarts on the same one: outside the range that the kernel hands out,
/// and never used twice.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() % 100 * 200;
    loop {
        let nth = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(12_000 + (first + nth) % 20_000).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
