//! The commands about keys, next to a running server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kestra_mcp::cli::{self, Exit, Streams};
use kestra_mcp::clock::Clock;
use kestra_mcp::config::key::ring;
use kestra_mcp::secret::Secret;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::stand::{Application, KEY, Stand, Tokens};

/// 32 other bytes in base64.
const NEXT: &str = "8PHy8/T19vf4+fr7/P3+/+Dh4uPk5ebn6Onq6+zt7u8=";

/// The exit of a command, its output, and its errors.
struct Run {
    exit: Exit,
    output: String,
    errors: String,
}

async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let (output, mut read) = tokio::io::duplex(1 << 16);
    let mut errors = Vec::new();
    let streams = Streams {
        input: tokio::io::empty(),
        output,
        errors: &mut errors,
        log: |_, _| Ok(None),
    };
    let arguments = ["kestra-mcp", "keys"].iter().chain(arguments);
    let arguments = arguments.map(|text| (*text).to_owned());
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let exit = cli::run(arguments, &variables, streams).await;
    let mut output = String::new();
    read.read_to_string(&mut output).await.unwrap();
    let errors = String::from_utf8(errors).unwrap();
    for key in [KEY, NEXT] {
        assert!(!output.contains(key) && !errors.contains(key), "a key");
    }
    Run {
        exit,
        output,
        errors,
    }
}

impl Stand {
    /// A command on the database of this server, with these keys.
    async fn keys(&self, command: &str, keys: &str) -> Run {
        let database = self.database.to_str().unwrap();
        let variables = [("KESTRA_TOKEN_STORE", database), ("ENCRYPTION_KEYS", keys)];
        run(&[command], &variables).await
    }

    /// Starts it again with these keys.
    async fn restart_with(&mut self, keys: &str) {
        let http = Arc::make_mut(self.setup.config.http.as_mut().unwrap());
        http.keys = ring(&Secret::new(keys)).unwrap();
        self.restart().await;
    }

    /// With keys that have ids, and with the clock of the machine, which the commands use.
    async fn of_keys(keys: &str) -> Self {
        let stand = Self::with(|world| {
            world.environment.remove("ENCRYPTION_KEY");
            world.set("ENCRYPTION_KEYS", keys);
        })
        .await;
        stand.now.store(Clock::System.now_ms(), Ordering::SeqCst);
        stand
    }

    /// The ids of the published signing keys.
    async fn published(&self) -> Vec<String> {
        let url = self.url("/.well-known/jwks.json");
        let set: Value = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let keys = set["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn refreshed(stand: &Stand, application: &Application, tokens: &Tokens) -> Tokens {
    // The next refresh must send the provider the sealed token.
    stand.later(61);
    let answer = application.refresh(stand, &tokens.refresh).await;
    assert_eq!(answer.status(), 200);
    Tokens::of(answer.json().await.unwrap())
}

fn signed_by(tokens: &Tokens) -> String {
    let header = jsonwebtoken::decode_header(&tokens.access).unwrap();
    header.kid.unwrap()
}

#[tokio::test]
async fn a_generated_key_needs_no_settings_and_works() {
    // The command does not read other settings.
    let broken = [("KESTRA_MCP_CONFIG", "/nowhere"), ("ENCRYPTION_KEYS", "x")];
    let one = run(&["generate"], &broken).await;
    assert_eq!((one.exit, &*one.errors), (Exit::Done, ""));
    let key = one.output.strip_suffix('\n').unwrap();
    let read = ring(&Secret::new(key)).unwrap();
    assert_eq!(read.len(), 1);
    let id = read[0].id.clone().unwrap();
    assert_ne!(run(&["generate"], &[]).await.output, one.output);

    let stand = Stand::of_keys(key).await;
    let status = stand.keys("status", key).await;
    assert_eq!(status.exit, Exit::Done);
    assert!(
        status.output.contains(&format!("  {id}  1 value  seals\n")),
        "{}",
        status.output
    );
    let (_, secret) = key.split_once(':').unwrap();
    assert!(!status.output.contains(secret));
}

#[tokio::test]
async fn a_key_is_changed_while_people_are_connected() {
    let (old, both) = (format!("old:{KEY}"), format!("new:{NEXT},old:{KEY}"));
    let new = format!("new:{NEXT}");
    let mut stand = Stand::of_keys(&old).await;
    let (application, tokens) = stand.connect("ann").await;

    // The server could not open values sealed under a key that it lacks.
    for command in ["rewrap", "rotate-signing"] {
        let early = stand.keys(command, &both).await;
        assert_eq!((early.exit, &*early.output), (Exit::Failed, ""));
        assert!(
            early.errors.contains("restart every server"),
            "{}",
            early.errors
        );
    }
    let status = stand.keys("status", &both).await;
    assert_eq!(status.exit, Exit::Done);
    let rows = status.output.lines().collect::<Vec<_>>();
    assert_eq!(rows[1], "  new  0 values  not used yet", "{rows:?}");
    assert!(
        rows[2].starts_with("  old  ") && rows[2].ends_with("  opens"),
        "{rows:?}"
    );

    stand.restart_with(&both).await;
    let tokens = refreshed(&stand, &application, &tokens).await;
    let done = stand.keys("rewrap", &both).await;
    assert_eq!(
        (done.exit, &*done.errors),
        (Exit::Done, ""),
        "{}",
        done.output
    );
    assert!(
        done.output.contains("sealed anew under new"),
        "{}",
        done.output
    );
    assert!(
        done.output.ends_with("the others can be taken out.\n"),
        "{}",
        done.output
    );
    let tokens = refreshed(&stand, &application, &tokens).await;
    let again = stand.keys("rewrap", &both).await;
    assert!(
        again.output.starts_with("0 values sealed anew"),
        "{}",
        again.output
    );
    let status = stand.keys("status", &both).await;
    assert!(
        status.output.contains("  old  0 values  opens\n"),
        "{}",
        status.output
    );

    stand.restart_with(&new).await;
    refreshed(&stand, &application, &tokens).await;
    let status = stand.keys("status", &new).await;
    assert_eq!(status.exit, Exit::Done);
    assert!(!status.output.contains("old"), "{}", status.output);
    // A command with only the old key does no harm.
    let late = stand.keys("status", &old).await;
    assert_eq!(late.exit, Exit::Failed);
    assert!(late.output.contains("values  MISSING"), "{}", late.output);
    let late = stand.keys("rewrap", &old).await;
    assert_eq!(late.exit, Exit::Failed);
    assert!(
        late.errors.contains("the key new is not among"),
        "{}",
        late.errors
    );
}

#[tokio::test]
async fn another_key_under_a_known_id_seals_nothing() {
    let stand = Stand::of_keys(&format!("main:{KEY}")).await;
    let wrong = format!("main:{NEXT}");
    let status = stand.keys("status", &wrong).await;
    assert_eq!(status.exit, Exit::Failed);
    assert!(
        status.output.contains("  main  1 value  WRONG"),
        "{}",
        status.output
    );
    for command in ["rewrap", "rotate-signing"] {
        let refused = stand.keys(command, &wrong).await;
        assert_eq!((refused.exit, &*refused.output), (Exit::Failed, ""));
        assert!(
            refused.errors.contains("key main is not the key"),
            "{}",
            refused.errors
        );
    }
    assert_eq!(stand.published().await, ["k1"]);
}

#[tokio::test]
async fn t19_a_signing_key_is_changed_beside_a_server_without_a_failure() {
    let keys = format!("main:{KEY}");
    let stand = Stand::of_keys(&keys).await;
    let (application, first) = stand.connect("ann").await;
    assert_eq!(signed_by(&first), "k1");
    let done = stand.keys("rotate-signing", &keys).await;
    assert_eq!((done.exit, &*done.errors), (Exit::Done, ""));
    let told = done.output;
    assert!(told.starts_with("The key k2 is published."), "{told}");
    assert!(told.contains("  k1  signs, published until "), "{told}");
    assert!(told.contains("  k2  signs from "), "{told}");
    assert!(told.ends_with(&stand.keys("status", &keys).await.output));
    // A second one would begin to sign at the same time.
    let again = stand.keys("rotate-signing", &keys).await;
    assert_eq!((again.exit, &*again.output), (Exit::Failed, ""));
    let said = "the key k2 is published already, and signs from ";
    assert!(again.errors.contains(said), "{}", again.errors);

    // The server reads its keys twice a minute, clients those of the server every five.
    let before = refreshed(&stand, &application, &first).await;
    assert_eq!(stand.published().await, ["k1", "k2"]);
    assert_eq!(signed_by(&before), "k1");
    stand.later(240);
    let list = async |tokens: &Tokens| {
        let params = serde_json::json!({});
        stand
            .ask(&tokens.access, "tools/list", params)
            .await
            .status()
    };
    assert_eq!(list(&before).await, 200);
    let after = refreshed(&stand, &application, &before).await;
    assert_eq!(signed_by(&after), "k2");
    assert_eq!(list(&after).await, 200);
    stand.later(960);
    assert_eq!(stand.published().await, ["k2"]);
}

#[tokio::test]
async fn a_command_names_what_it_is_missing() {
    let wrong = run(&["status"], &[("ENCRYPTION_KEYS", "main:c2VjcmV0LXNob3J0")]).await;
    assert_eq!((wrong.exit, &*wrong.output), (Exit::Misused, ""));
    for name in ["ENCRYPTION_KEYS", "KESTRA_MCP_DATA_DIR"] {
        assert!(wrong.errors.contains(name), "{}", wrong.errors);
    }
    assert!(!wrong.errors.contains("c2VjcmV0LXNob3J0"));
    // It needs no more settings, neither of Kestra nor of a provider.
    for name in ["KESTRA_API_URL", "OIDC_ISSUER_URL"] {
        assert!(!wrong.errors.contains(name), "{}", wrong.errors);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent.db");
    let variables = [
        ("KESTRA_TOKEN_STORE", path.to_str().unwrap()),
        ("ENCRYPTION_KEYS", KEY),
    ];
    for command in ["status", "rewrap", "rotate-signing"] {
        let absent = run(&[command], &variables).await;
        assert_eq!((absent.exit, &*absent.output), (Exit::Failed, ""));
        let said = format!(
            "there is no database at {}: start kestra-mcp serve once, or name its folder in \
             KESTRA_MCP_DATA_DIR\n",
            path.display()
        );
        assert!(absent.errors.ends_with(&said), "{}", absent.errors);
        assert!(!path.exists());
    }
}
