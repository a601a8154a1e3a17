//! `kestra-mcp doctor` for the HTTP mode: what the settings of docs/http.md lead to.

use std::path::Path;

use kestra_mcp::cli::Exit;
use simulator::oidc::{self, CLIENT_ID, CLIENT_SECRET};
use simulator::{Auth, Clock, Dialect, Edition, Holder, PASSWORD, Settings, Simulator, USERNAME};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::stand::Program;

/// 32 bytes in base64.
const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// 32 other bytes in base64.
const OTHER: &str = "8PHy8/T19vf4+fr7/P3+/+Dh4uPk5ebn6Onq6+zt7u8=";

/// A Kestra, a provider, and the variables that name them.
struct Company {
    variables: Vec<(String, String)>,
    folder: TempDir,
    kestra: Simulator,
    provider: oidc::Provider,
}

impl Company {
    async fn start() -> Self {
        let kestra = Simulator::start(Settings {
            edition: Edition::Enterprise,
            auth: Auth::People(vec![Holder::new("token-of-ann", "ann@example.com")]),
            clock: Clock::system(),
            ..Settings::new(Dialect::V2_0)
        });
        let kestra = kestra.await.unwrap();
        let provider = oidc::Provider::start(oidc::Settings::new(Clock::system()));
        let provider = provider.await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut company = Self {
            variables: Vec::new(),
            folder,
            kestra,
            provider,
        };
        for (name, value) in [
            ("KESTRA_API_URL", company.kestra.url()),
            ("OIDC_ISSUER_URL", company.provider.issuer()),
            ("OIDC_CLIENT_ID", CLIENT_ID.to_owned()),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("ENCRYPTION_KEYS", KEY.to_owned()),
            ("KESTRA_MCP_PORT", "0".to_owned()),
            ("KESTRA_MCP_METRICS", "off".to_owned()),
            // Nothing is requested from the internet.
            ("KESTRA_MCP_CLIENT_DOCUMENTS", "off".to_owned()),
        ] {
            company.set(name, &value);
        }
        let data = company.folder.path().join("data");
        company.set("KESTRA_MCP_DATA_DIR", data.to_str().unwrap());
        company
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("data/kestra-mcp.db")
    }

    async fn doctor(&self) -> (Exit, String) {
        let pairs: Vec<(&str, &str)> = self
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut program = Program::start(&["doctor"], &pairs);
        let report = program.lines().await.join("\n");
        assert!(!report.contains(CLIENT_SECRET) && !report.contains(&KEY[3..]));
        (program.exit().await, report)
    }

    /// One change of the settings, and the start of its line, the finding, and the remedy.
    async fn says(&self, line: &str, found: &str, remedy: &str) {
        let (exit, report) = self.doctor().await;
        let said = report.lines().any(|one| {
            let message = one.split_once(" -> ").map_or("", |(_, remedy)| remedy);
            one.starts_with(line) && one.contains(found) && message.contains(remedy)
        });
        assert!(said, "{line} {found} -> {remedy}\n{report}");
        assert_eq!(exit == Exit::Failed, line.starts_with("fail"), "{report}");
    }
}

/// Creates the database, as the first start does.
async fn started(path: &Path, keys: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let store = kestra_mcp::store::sqlite::open(path).await.unwrap();
    let keys = kestra_mcp::config::key::ring(&kestra_mcp::secret::Secret::new(keys)).unwrap();
    let ring = kestra_mcp::store::KeyRing::new(&keys).unwrap();
    kestra_mcp::store::check_ring(&store, &ring).await.unwrap();
    kestra_mcp::store::Store::close(&store).await;
}

#[tokio::test]
async fn a_correct_http_setup_is_ok_line_by_line_and_no_file_is_created() {
    let mut company = Company::start().await;
    let (exit, report) = company.doctor().await;
    assert_eq!(exit, Exit::Done, "{report}");
    let issuer = company.provider.issuer();
    for line in [
        "ok    transport    http".to_owned(),
        "ok    credential   each person brings their own".to_owned(),
        format!("ok    provider     default: {issuer} answers"),
        "to register there, alone, is http://127.0.0.1:0/auth/callback".to_owned(),
        "ok    keys         k1 will seal".to_owned(),
        format!(
            "ok    database     {} is not there: it will be made",
            company.database().display()
        ),
        "ok    listen       a free port of 127.0.0.1".to_owned(),
    ] {
        assert!(report.contains(&line), "{line}\n{report}");
    }
    assert!(report.ends_with("0 to look at, 0 failed"), "{report}");
    assert!(!company.folder.path().join("data").exists());
    started(&company.database(), KEY).await;
    let (exit, report) = company.doctor().await;
    assert_eq!(exit, Exit::Done, "{report}");
    assert!(report.contains("ok    keys         k1 seals"), "{report}");
    assert!(report.contains("can be read, 0 sealed values"), "{report}");
    // An unused credential is reported as such, and not tried.
    company.set("KESTRA_API_TOKEN", "wrong-token");
    let not_used = "configured Kestra credential is not used over HTTP";
    company.says("warn  settings", not_used, "").await;
}

#[tokio::test]
async fn each_fault_of_provider_keys_database_and_address_has_its_remedy() {
    let mut company = Company::start().await;
    let issuer = company.provider.issuer();
    company.set("OIDC_ISSUER_URL", &format!("{issuer}/"));
    let named = format!("its discovery document names the issuer {issuer}");
    company
        .says("fail  provider", &named, &format!("to {issuer},"))
        .await;
    company.set("OIDC_ISSUER_URL", &format!("{issuer}/realms/none"));
    let before = "before /.well-known/openid-configuration";
    company
        .says(
            "fail  provider",
            "no discovery document there (404)",
            before,
        )
        .await;
    company.set("OIDC_ISSUER_URL", "http://127.0.0.1:9");
    company
        .says("fail  provider", "nothing listens there", "OIDC_ISSUER_URL")
        .await;
    company.set("OIDC_ISSUER_URL", &issuer);

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    company.set("KESTRA_MCP_PORT", &port);
    let used = format!("127.0.0.1:{port} is in use");
    company.says("fail  listen", &used, "KESTRA_MCP_PORT").await;
    company.set("KESTRA_MCP_PORT", "0");
    company.set("KESTRA_MCP_METRICS", &format!("127.0.0.1:{port}"));
    company
        .says("fail  metrics", &used, "KESTRA_MCP_METRICS")
        .await;
    company.set("KESTRA_MCP_METRICS", "off");

    started(&company.database(), KEY).await;
    company.set("ENCRYPTION_KEYS", &format!("k1:{OTHER}"));
    company
        .says(
            "fail  keys",
            "k1 is not the key that was used",
            "put the key back",
        )
        .await;
    company.set("ENCRYPTION_KEYS", KEY);
    std::fs::write(company.database(), "nothing that SQLite knows").unwrap();
    company.says("fail  database", "kestra-mcp.db", "").await;
    company.set("KESTRA_MCP_DATA_DIR", company.database().to_str().unwrap());
    company.says("fail  database", "kestra-mcp.db", "").await;
}

#[tokio::test]
async fn an_address_in_use_by_the_running_server_is_ok() {
    let mut company = Company::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    company.set("KESTRA_MCP_PORT", &port);
    started(&company.database(), KEY).await;
    let store = kestra_mcp::store::sqlite::open(&company.database())
        .await
        .unwrap();
    company.says("ok    listen", "the server runs", "").await;
    kestra_mcp::store::Store::close(&store).await;
}

#[tokio::test]
async fn read_only_is_reported_as_it_applies() {
    let mut company = Company::start().await;
    company.set("KESTRA_MCP_CREDENTIAL", "shared");
    company.set("KESTRA_USERNAME", USERNAME);
    company.set("KESTRA_PASSWORD", PASSWORD);
    let (_, report) = company.doctor().await;
    let line = report.lines().find(|line| line.contains("  read-only  "));
    assert!(
        line.unwrap().contains("kestra.basic_writes = true"),
        "{report}"
    );
    assert!(
        line.unwrap().starts_with("ok    read-only    on"),
        "{report}"
    );
}
