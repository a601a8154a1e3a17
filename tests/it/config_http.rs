//! Settings of the HTTP mode: what is enough, what is refused, all in one report.

use std::path::PathBuf;
use std::time::Duration;

use kestra_mcp::app;
use kestra_mcp::config::documents::{ClientDocuments, DocumentMode};
use kestra_mcp::config::http::{ClaimSource, CredentialMode, Match, Shape};
use kestra_mcp::config::{Config, Environment, Flags, Transport};

use crate::stand::environment;

/// 32 bytes in base64.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The least that is needed.
const LEAST: &[(&str, &str)] = &[
    ("KESTRA_API_URL", "http://localhost:8080"),
    ("OIDC_ISSUER_URL", "https://id.example.com"),
    ("OIDC_CLIENT_ID", "kestra-mcp"),
    ("OIDC_CLIENT_SECRET", "not-shown-anywhere"),
    ("ENCRYPTION_KEY", KEY),
    ("HOME", "/home/someone"),
];

fn with(more: &[(&str, &str)]) -> Environment {
    let mut all = environment(LEAST);
    all.extend(environment(more));
    all
}

fn read(environment: &Environment) -> (Config, Vec<String>) {
    let (config, faults) = Config::read(&Flags::default(), environment, Some(Transport::Http));
    (config, faults.iter().map(ToString::to_string).collect())
}

/// Reads with a configuration file.
fn read_file(text: &str, environment: &Environment) -> (Config, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let (config, faults) = Config::read(&flags, environment, Some(Transport::Http));
    let shown = format!("{}/", folder.path().display());
    let faults = faults
        .iter()
        .map(|fault| fault.to_string().replace(&shown, ""))
        .collect();
    (config, faults)
}

#[test]
fn five_variables_are_enough() {
    let (config, faults) = read(&with(&[]));
    assert!(faults.is_empty(), "{faults:#?}");
    let http = config.http.unwrap();
    assert_eq!(http.listen.bind.to_string(), "127.0.0.1:8081");
    let public = http.listen.public("127.0.0.1:8081".parse().unwrap());
    assert_eq!(&*public.issuer, "http://127.0.0.1:8081");
    assert_eq!(public.resource(), "http://127.0.0.1:8081/mcp");
    let path = PathBuf::from("/home/someone/.local/share/kestra-mcp/kestra-mcp.db");
    assert_eq!(http.store, path);
    assert_eq!(http.credentials.mode, CredentialMode::PerUser);
    assert_eq!(http.authorization.access_ttl, Duration::from_mins(15));
    assert_eq!(http.authorization.callback, "/auth/callback");
    let provider = &http.providers[0];
    assert_eq!(
        provider.scopes,
        ["openid", "profile", "email", "offline_access"]
    );
    assert_eq!(provider.rules[0].path.0, ["roles"]);
}

#[test]
fn people_call_this_kestra_by_a_name_or_by_the_host_that_they_know() {
    let public = [("KESTRA_MCP_PUBLIC_URL", "https://mcp.example.com")];
    for (more, name) in [
        (&[][..], "mcp.example.com"),
        (
            &[("KESTRA_NAME", " Production of \u{e9}t\u{e9} ")],
            "Production of \u{e9}t\u{e9}",
        ),
        (&[("KESTRA_NAME", " ")], "mcp.example.com"),
    ] {
        let environment = with(&[&public, more].concat());
        let (config, faults) = read(&environment);
        assert!(faults.is_empty(), "{faults:#?}");
        let http = config.http.unwrap();
        let address = http.listen.public(http.listen.bind);
        assert_eq!(http.kestra_name(&address), name);
        let shown = config
            .effective
            .iter()
            .find(|row| row.name == "kestra.name");
        assert_eq!(shown.unwrap().value, name);
    }
    let (config, faults) = read_file("[kestra]\nname = \"Tests\"\n", &with(&public));
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(config.http.unwrap().kestra_name.as_deref(), Some("Tests"));
    for (name, problem) in [
        ("x".repeat(81), "is longer than 80 characters"),
        ("a\nb".to_owned(), "has a character that cannot be seen"),
        (
            "a\u{202e}b".to_owned(),
            "has a character that cannot be seen",
        ),
    ] {
        let (_, faults) = read(&with(&[("KESTRA_NAME", &name)]));
        let [fault] = &faults[..] else {
            panic!("{faults:#?}");
        };
        assert!(
            fault.starts_with(&format!("KESTRA_NAME: {problem}; ")),
            "{fault}"
        );
    }
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let (_, faults) = read(&environment(&[]));
    let wanted = [
        "KESTRA_API_URL: is not set",
        "OIDC_ISSUER_URL: is not set",
        "ENCRYPTION_KEYS: is not set",
        "KESTRA_MCP_DATA_DIR: is not set",
    ];
    assert_eq!(faults.len(), wanted.len(), "{faults:#?}");
    for text in wanted {
        assert!(
            faults.iter().any(|fault| fault.starts_with(text)),
            "{text}: {faults:#?}"
        );
    }
    // None of that concerns one person on standard input and output.
    assert!(Config::load(&Flags::default(), &environment(&[])).is_ok());
}

#[test]
fn a_key_that_cannot_be_read_is_named_and_not_shown() {
    for (name, text, problem) in [
        ("ENCRYPTION_KEY", "c2hvcnQ", "key 1 has 5 bytes, not 32"),
        (
            "ENCRYPTION_KEYS",
            "new:c2hvcnQ",
            "key new has 5 bytes, not 32",
        ),
        (
            "ENCRYPTION_KEYS",
            "new:correct horse",
            "key new is not in base64",
        ),
    ] {
        let (_, faults) = read(&with(&[(name, text)]));
        assert_eq!(faults.len(), 1, "{faults:#?}");
        let wanted = format!("{name}: {problem}; use what kestra-mcp keys generate prints");
        assert_eq!(faults[0], wanted);
    }
}

/// A placeholder within an address is a host to browsers, and to nobody who connects.
#[test]
fn no_address_has_a_host_that_nobody_can_connect_to() {
    for host in ["{host}", "${host}", "`host`", "a\"b"] {
        for name in [
            "KESTRA_API_URL",
            "KESTRA_UI_URL",
            "KESTRA_MCP_PUBLIC_URL",
            "KESTRA_MCP_METADATA_PROXY",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OIDC_ISSUER_URL",
        ] {
            let (_, faults) = read(&with(&[(name, &format!("https://{host}:8443"))]));
            assert_eq!(faults.len(), 1, "{name} {host}: {faults:#?}");
            assert!(faults[0].starts_with(name), "{host}: {faults:#?}");
        }
    }
}

#[test]
fn d12_a_public_address_must_be_https_unless_it_is_loopback() {
    for (text, issuer) in [
        ("https://mcp.example.com", "https://mcp.example.com"),
        ("https://mcp.example.com/", "https://mcp.example.com"),
        (
            "https://mcp.example.com:8443",
            "https://mcp.example.com:8443",
        ),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        (
            "https://example.org/kestra/mcp-server/",
            "https://example.org/kestra/mcp-server",
        ),
        ("https://example.org/k.1_2", "https://example.org/k.1_2"),
        ("http://localhost:9000/k", "http://localhost:9000/k"),
    ] {
        for name in ["AUTH_SERVER_ISSUER_URL", "KESTRA_MCP_PUBLIC_URL"] {
            let (config, faults) = read(&with(&[(name, text)]));
            assert!(faults.is_empty(), "{text}: {faults:#?}");
            let public = config.http.unwrap().listen.public.clone().unwrap();
            assert_eq!(&*public.issuer, issuer);
        }
    }
    for text in [
        "http://mcp.example.com",
        "https://mcp.example.com//",
        "https://mcp.example.com/base//",
        "https://mcp.example.com/a//b",
        "https://mcp.example.com/a/../b",
        "https://mcp.example.com/.well-known",
        "https://mcp.example.com/a b",
        "https://mcp.example.com/a%2fb",
        "https://mcp.example.com/{a}",
        "https://mcp.example.com/mcp",
        "https://mcp.example.com/a/mcp",
        "https://mcp.example.com/a/mcp/",
        "https://mcp.example.com/auth/x",
        "https://mcp.example.com/token",
        "https://mcp.example.com/base?x",
        "https://mcp.example.com/base#x",
        "https://MCP.example.com",
        "https://mcp.example.com:443",
        "https://user@mcp.example.com",
        "https://mcp.example.com?x",
        "ftp://mcp.example.com",
        "mcp.example.com",
    ] {
        let (_, faults) = read(&with(&[("AUTH_SERVER_ISSUER_URL", text)]));
        assert_eq!(faults.len(), 1, "{text}: {faults:#?}");
    }
    for host in ["0.0.0.0", "192.0.2.1", "::"] {
        let (_, faults) = read(&with(&[("KESTRA_MCP_HOST", host)]));
        assert_eq!(faults.len(), 1, "{host}: {faults:#?}");
        let public = ("KESTRA_MCP_PUBLIC_URL", "https://mcp.example.com");
        let (_, faults) = read(&with(&[("KESTRA_MCP_HOST", host), public]));
        assert!(faults.is_empty(), "{host}: {faults:#?}");
        let loopback = ("KESTRA_MCP_PUBLIC_URL", "http://127.0.0.1:8081");
        let (_, faults) = read(&with(&[("KESTRA_MCP_HOST", host), loopback]));
        assert_eq!(faults.len(), 1, "{host}: {faults:#?}");
    }
}

#[test]
fn the_variables_of_the_predecessor_work_or_say_why_they_are_not_needed() {
    let (config, faults) = read(&with(&[
        ("OIDC_AUTHORITY", "https://id.example.com"),
        ("OIDC_JWKS_URI", "https://id.example.com/keys"),
        ("OIDC_ISSUER", "https://id.example.com"),
        ("OIDC_SCOPES", "email"),
        ("OIDC_REDIRECT_URI", "https://mcp.example.com/callback"),
        ("AUTH_SERVER_ISSUER_URL", "https://mcp.example.com/"),
        ("ACCESS_TOKEN_TTL_SECONDS", "3600"),
        ("KESTRA_TOKEN_STORE", "/data/tokens.json"),
        ("KESTRA_MCP_TRANSPORT", "sse"),
        ("KESTRA_API_TOKEN", "not-used-over-http"),
    ]));
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(config.transport, Some(Transport::Http));
    let http = config.http.unwrap();
    assert_eq!(http.authorization.access_ttl, Duration::from_mins(15));
    assert_eq!(http.authorization.callback, "/callback");
    assert_eq!(http.store, PathBuf::from("/data/tokens.db"));
    assert_eq!(http.providers[0].scopes, ["openid", "email"]);
    for word in [
        "OIDC_AUTHORITY",
        "OIDC_JWKS_URI",
        "offline_access",
        "ACCESS_TOKEN_TTL_SECONDS",
        "KESTRA_TOKEN_STORE",
        "KESTRA_MCP_TRANSPORT",
        "Kestra credential is not used",
    ] {
        let warned = config.warnings.iter().any(|warning| warning.contains(word));
        assert!(warned, "{word}: {:#?}", config.warnings);
    }
    let (_, faults) = read(&with(&[("OIDC_ISSUER", "https://other.example.com")]));
    assert_eq!(faults.len(), 1, "{faults:#?}");
}

#[test]
fn a_tenant_of_entra_stands_for_a_whole_provider() {
    let tenant = "00000000-1111-2222-3333-444444444444";
    let mut variables = environment(&[
        ("ENTRA_TENANT_ID", tenant),
        ("ENTRA_CLIENT_ID", "app"),
        ("ENTRA_CLIENT_SECRET", "secret-of-app"),
    ]);
    for (name, text) in LEAST.iter().filter(|(name, _)| !name.starts_with("OIDC")) {
        variables.insert((*name).to_owned(), (*text).to_owned());
    }
    let (config, faults) = read(&variables);
    assert!(faults.is_empty(), "{faults:#?}");
    let http = config.http.unwrap();
    let provider = &http.providers[0];
    assert_eq!(
        provider.issuer,
        format!("https://login.microsoftonline.com/{tenant}/v2.0")
    );
    assert_eq!(provider.subject.0, ["oid"]);
    assert_eq!(provider.require[0].claim.0, ["tid"]);
    assert_eq!(provider.require[0].equals, tenant);
    variables.insert("ENTRA_TENANT_ID".to_owned(), "common".to_owned());
    assert_eq!(read(&variables).1.len(), 1);
}

#[test]
fn a_provider_of_the_file_may_name_the_usual_variable_for_its_secret() {
    let text = r#"
[[identity_provider]]
issuer = "https://id.example.com/realms/main"
client_id = "kestra-mcp"
client_secret_env = "OIDC_CLIENT_SECRET"
"#;
    let mut variables = with(&[]);
    variables.retain(|name, _| !name.starts_with("OIDC"));
    variables.insert("OIDC_CLIENT_SECRET".to_owned(), "not-shown".to_owned());
    let (config, faults) = read_file(text, &variables);
    assert!(faults.is_empty(), "{faults:#?}");
    let http = config.http.unwrap();
    let secret = http.providers[0].client_secret.as_ref().unwrap();
    assert_eq!((http.providers.len(), secret.expose()), (1, "not-shown"));
}

#[test]
fn providers_roles_and_clients_are_read_from_the_file() {
    let text = r#"
[[identity_provider]]
id = "keycloak"
issuer = "https://id.example.com/realms/main"
client_id = "kestra-mcp"
client_secret_env = "PROVIDER_SECRET"
scopes = ["profile"]
trusted_audiences = ["portal"]
sources = ["id_token", "access_token_jwt"]
require = [{ claim = "/email_verified", equals = true }]
role_rule = [
  { path = ["resource_access", "kestra-mcp", "roles"], map = { editor = "editor" } },
  { path = "/groups~1a~0b", match = "prefix", shape = "comma", map = { "ops-" = "data" } },
  { path = "/team", match = "regex", shape = "field:name", map = { "k.+" = "viewer" } },
]

[role.data]
inherits = ["viewer"]
allow = ["executions.run"]
deny = ["kill_execution"]

[[client]]
id = "desktop"
redirect_uris = ["http://127.0.0.1/callback"]

[http]
port = 9000
allowed_origins = ["https://app.example.com"]
trusted_proxies = ["10.0.0.7", "2001:db8::/32"]
metrics = "off"

[oauth]
client_registration = false
grant_days = 7
"#;
    let mut variables = with(&[("PROVIDER_SECRET", "not-shown")]);
    variables.retain(|name, _| !name.starts_with("OIDC"));
    let (config, faults) = read_file(text, &variables);
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(config.roles["data"].deny, ["kill_execution"]);
    let http = config.http.unwrap();
    assert_eq!(http.listen.bind.port(), 9000);
    assert_eq!(http.listen.metrics, None);
    let proxies = http.listen.trusted_proxies.iter();
    let proxies: Vec<_> = proxies.map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.7/32", "2001:db8::/32"]);
    assert!(!http.authorization.registration);
    assert_eq!(http.authorization.grant_ttl, Duration::from_hours(7 * 24));
    assert_eq!(http.authorization.clients[0].id, "desktop");
    let provider = &http.providers[0];
    assert_eq!(
        provider.client_secret.as_ref().unwrap().expose(),
        "not-shown"
    );
    assert_eq!(provider.scopes, ["openid", "profile"]);
    assert_eq!(provider.trusted_audiences, ["portal"]);
    assert_eq!(
        provider.sources,
        [ClaimSource::IdToken, ClaimSource::AccessTokenJwt]
    );
    assert_eq!(provider.rules[1].path.0, ["groups/a~b"]);
    assert_eq!(provider.rules[1].shape, Shape::Comma);
    assert_eq!(provider.rules[2].shape, Shape::Field("name".to_owned()));
    let map = provider.rules[2].map.as_ref().unwrap();
    let Match::Pattern(pattern) = &map[0].0 else {
        panic!("{map:?}")
    };
    assert!(pattern.is_match("kx") && !pattern.is_match("akx") && !pattern.is_match("kx\n"));
}

#[test]
fn all_faults_of_a_file_come_in_one_report() {
    let text = r#"
[[identity_provider]]
issuer = "http://id.example.com"
client_secret_env = "NOT_THERE"
role_rules = []
role_rule = [{ path = "roles", match = "glob" }]

[role.data]
alow = ["flows.read"]
inherits = "viewer"

[[client]]
id = "x"

[http]
port = 99999
prot = 1
trusted_proxies = ["10.0.0.7", "proxy.internal", "::/0"]

[oauth]
client_registration = "maybe"
"#;
    let mut variables = with(&[]);
    variables.retain(|name, _| !name.starts_with("OIDC"));
    let (_, faults) = read_file(text, &variables);
    let wanted = [
        "kestra-mcp.toml: identity_provider[0].issuer: is not https",
        "kestra-mcp.toml: identity_provider[0].client_id: is missing",
        "kestra-mcp.toml: identity_provider[0].client_secret_env: names NOT_THERE",
        "kestra-mcp.toml: identity_provider[0].role_rules: is not a setting; did you mean role_rule?",
        "kestra-mcp.toml: identity_provider[0].role_rule[0].path: ",
        "kestra-mcp.toml: identity_provider[0].role_rule[0].match: ",
        "kestra-mcp.toml: role.data.alow: is not a setting; did you mean allow?",
        "kestra-mcp.toml: role.data.inherits: ",
        "kestra-mcp.toml: client[0].redirect_uris: is missing",
        "kestra-mcp.toml: http.port: is out of range",
        "kestra-mcp.toml: http.prot: is not a setting; did you mean port?",
        "kestra-mcp.toml: http.trusted_proxies: proxy.internal is neither an address nor a network",
        "kestra-mcp.toml: http.trusted_proxies: ::/0 is everybody",
        "kestra-mcp.toml: oauth.client_registration: is neither true nor false",
    ];
    for text in wanted {
        assert!(
            faults.iter().any(|fault| fault.starts_with(text)),
            "{text}: {faults:#?}"
        );
    }
    assert!(
        faults.iter().all(|fault| fault.contains("; ")),
        "{faults:#?}"
    );
}

/// What `configure` finds wrong with a file, without the folder in which it stands.
fn refused(text: &str, environment: &Environment) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let shown = format!("{}/", folder.path().display());
    let faults = app::configure(&flags, environment, Some(Transport::Http)).unwrap_err();
    let faults = faults
        .0
        .iter()
        .map(|fault| fault.to_string().replace(&shown, ""));
    faults.collect()
}

#[test]
fn every_fault_is_said_at_once_and_once() {
    let text = r#"
[kestra]
url = 5
credential = "both"
administrator = "ask"

[[identity_provider]]
issuer = 7
client_id = "kestra-mcp"
scopes = "openid"
role_rule = [
  { path = "groups", map = { a = "nobody" } },
  { path = "/groups", match = "regex", map = { "(" = "viewer" } },
]
require = [{ claim = "/tid" }]

[role.data]
allow = ["flows.reed"]

[[client]]
id = "portal"
redirect_uris = ["http://portal.example/callback"]

[http]
encryption_keys_file = 1
store = 2
"#;
    let variables = environment(&[]);
    let faults = refused(text, &variables);
    let mut wanted = vec![
        "kestra-mcp.toml: kestra.url: is of type integer; write a text in quotes",
        "kestra-mcp.toml: kestra.credential: is neither per_user nor shared; set one of them",
        "kestra-mcp.toml: kestra.administrator: is neither refuse nor warn; set one of them",
        "kestra-mcp.toml: identity_provider[0].issuer: is not a text in quotes; write a text in \
         quotes",
        "kestra-mcp.toml: identity_provider[0].scopes: is not a list of texts in quotes; write a \
         list of texts in quotes",
        "kestra-mcp.toml: identity_provider[0].role_rule[0].path: is not a path to a claim, such as \
         \"/roles\" or [\"realm_access\", \"roles\"]; write a path to a claim, such as \"/roles\" or \
         [\"realm_access\", \"roles\"]",
        "kestra-mcp.toml: identity_provider[0].role_rule[0].map: gives the role nobody, which does \
         not exist; write [role.nobody], or use one of admin, data, editor, kestra.flow.execute, \
         kestra.flow.read, kestra.flow.write, viewer",
        "kestra-mcp.toml: identity_provider[0].role_rule[1].map: \"(\" is not a regular expression; \
         write one, such as \"team-.*\", or leave match out",
        "kestra-mcp.toml: identity_provider[0].require[0].equals: is missing; write the value that \
         it must have",
        "kestra-mcp.toml: role.data.allow: flows.reed is no permission or tool; did you mean \
         flows.read?",
        "kestra-mcp.toml: client portal: redirect_uris: http://portal.example/callback: A redirect \
         URI with http must lead to 127.0.0.1, [::1] or localhost; write https, http on \
         loopback, or the scheme of an app",
        "kestra-mcp.toml: http.encryption_keys_file: is of type integer; write a text in quotes",
        "kestra-mcp.toml: http.store: is of type integer; write a text in quotes",
    ];
    let mut found: Vec<&str> = faults.iter().map(String::as_str).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn a_secret_and_the_file_of_it_that_differ_are_a_fault_and_the_stronger_source_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let file = path.to_str().unwrap();
    for (name, other) in [
        (
            "ENCRYPTION_KEYS",
            "k2:8PHy8/T19vf4+fr7/P3+/+Dh4uPk5ebn6Onq6+zt7u8=",
        ),
        ("OIDC_CLIENT_SECRET", "another-secret"),
    ] {
        let names = format!("{name}_FILE");
        let own = if name == "ENCRYPTION_KEYS" {
            KEY
        } else {
            "not-shown-anywhere"
        };
        std::fs::write(&path, other).unwrap();
        let (_, faults) = read(&with(&[(name, own), (&names, file)]));
        let place = format!("{names}: names another secret than {name}, which means the same; ");
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert!(faults[0].starts_with(&place), "{faults:#?}");
        assert!(!faults[0].contains(other) && !faults[0].contains(own));
        std::fs::write(&path, format!("{own}\n")).unwrap();
        let (_, faults) = read(&with(&[(name, own), (&names, file)]));
        assert!(faults.is_empty(), "{faults:#?}");
    }
    // The environment wins over a file of variables, whichever of the two names it uses.
    let beside = folder.path().join("beside.env");
    std::fs::write(&beside, "OIDC_CLIENT_SECRET=of-the-file-beside\n").unwrap();
    let flags = Flags {
        env_file: Some(beside),
        ..Flags::default()
    };
    let mut variables = with(&[("OIDC_CLIENT_SECRET_FILE", file)]);
    variables.remove("OIDC_CLIENT_SECRET");
    let (config, faults) = Config::read(&flags, &variables, Some(Transport::Http));
    assert!(faults.is_empty(), "{faults:#?}");
    let http = config.http.unwrap();
    let secret = http.providers[0].client_secret.as_ref().unwrap();
    assert_eq!(secret.expose(), "not-shown-anywhere");
}

#[test]
fn names_of_entra_that_are_not_used_are_warned_of() {
    let (config, faults) = read(&with(&[
        ("ENTRA_TENANT_ID", "00000000-1111-2222-3333-444444444444"),
        ("ENTRA_CLIENT_ID", "app"),
        ("ENTRA_CLIENT_SECRET", "secret-of-app"),
    ]));
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(
        config.warnings,
        [
            "ENTRA_TENANT_ID is not used, because OIDC_ISSUER_URL is set",
            "ENTRA_CLIENT_ID is not used, because OIDC_CLIENT_ID is set",
            "ENTRA_CLIENT_SECRET is not used, because OIDC_CLIENT_SECRET is set",
        ]
    );
}

/// A row of `config check`, as `name value (source)`.
fn rows(config: &Config) -> Vec<String> {
    let rows = config.effective.iter();
    rows.map(|row| format!("{} {} ({})", row.name, row.value, row.source))
        .collect()
}

#[test]
fn every_setting_that_holds_over_http_is_shown_with_its_source_and_defaults_as_such() {
    let (config, _) = read(&with(&[
        ("ACCESS_TOKEN_TTL_SECONDS", "3600"),
        ("KESTRA_MCP_CLIENT_REGISTRATION", "no"),
    ]));
    let shown = rows(&config);
    for wanted in [
        "mcp.transport http (default)",
        "mcp.memory 268435456 (default)",
        "mcp.quiet_wait_seconds 50 (default)",
        "mcp.repeat_seconds 120 (default)",
        "http.host 127.0.0.1 (default)",
        "http.port 8081 (default)",
        "http.public_url http://127.0.0.1:8081 (default)",
        "http.metrics 127.0.0.1:9464 (default)",
        "http.max_body 4194304 (default)",
        "http.store /home/someone/.local/share/kestra-mcp/kestra-mcp.db (default)",
        "kestra.credential per_user (default)",
        "kestra.recheck_seconds 600 (default)",
        "oauth.access_token_seconds 900, lowered from 3600 (ACCESS_TOKEN_TTL_SECONDS)",
        "oauth.client_registration false (KESTRA_MCP_CLIENT_REGISTRATION)",
        "oauth.grant_days 30 (default)",
        "oauth.refresh_reuse end (default)",
        "oauth.client_documents probed (default)",
        "oauth.client_metadata_hosts all (default)",
        "oauth.metadata_proxy none (default)",
        "oauth.redirect_schemes claude, cursor, raycast, vscode, vscode-insiders, warp (default)",
        "oauth.callback_url http://127.0.0.1:8081/auth/callback (default)",
        "ENCRYPTION_KEY set (ENCRYPTION_KEY)",
        "identity_provider.default.issuer https://id.example.com (OIDC_ISSUER_URL)",
        "identity_provider.default.client_id kestra-mcp (OIDC_CLIENT_ID)",
        "identity_provider.default.client_secret set (OIDC_CLIENT_SECRET)",
        "identity_provider.default.scopes openid profile email offline_access (default)",
        "identity_provider.default.subject /sub (default)",
        "identity_provider.default.callback_url http://127.0.0.1:8081/auth/callback (default)",
        "identity_provider.default.role_rule[0] /roles: a value that is the name of a role (default)",
        "identity_provider.default.userinfo when_missing (default)",
    ] {
        assert!(shown.contains(&wanted.to_owned()), "{wanted}\n{shown:#?}");
    }
    for secret in [KEY, "not-shown-anywhere"] {
        assert!(!shown.join("\n").contains(secret));
    }
}

#[test]
fn providers_roles_and_clients_are_shown_key_by_key() {
    let text = r#"
[[identity_provider]]
id = "keycloak"
issuer = "https://id.example.com/realms/main"
client_id = "kestra-mcp"
client_secret_env = "PROVIDER_SECRET"
role_rule = [{ path = "/team", match = "regex", shape = "comma", map = { "k.+" = "viewer" } }]

[role.data]
inherits = ["viewer"]
deny = ["kill_execution"]

[[client]]
id = "portal"
secret_env = "PORTAL_SECRET"
redirect_uris = ["https://portal.example/callback"]
"#;
    let secrets = [
        ("PROVIDER_SECRET", "not-shown"),
        ("PORTAL_SECRET", "0123456789abcdef"),
    ];
    let mut variables = with(&secrets);
    variables.retain(|name, _| !name.starts_with("OIDC"));
    let (config, faults) = read_file(text, &variables);
    assert!(faults.is_empty(), "{faults:#?}");
    let file = config.file.clone().unwrap();
    let file = file.display();
    let shown = rows(&config);
    for (row, key) in [
        (
            "identity_provider.keycloak.issuer https://id.example.com/realms/main",
            "identity_provider[0].issuer",
        ),
        (
            "identity_provider.keycloak.client_secret set",
            "identity_provider[0].client_secret_env",
        ),
        (
            "identity_provider.keycloak.role_rule[0] /team (comma): /k.+/ -> viewer",
            "identity_provider[0].role_rule",
        ),
        ("role.data.inherits viewer", "role.data.inherits"),
        ("role.data.deny kill_execution", "role.data.deny"),
        ("client.portal.secret set", "client[0].secret_env"),
        (
            "client.portal.redirect_uris https://portal.example/callback",
            "client[0].redirect_uris",
        ),
    ] {
        let wanted = format!("{row} ({file}: {key})");
        assert!(shown.contains(&wanted), "{wanted}\n{shown:#?}");
    }
    let default = "client.portal.name portal (default)".to_owned();
    assert!(shown.contains(&default), "{shown:#?}");
    for (_, secret) in secrets {
        assert!(!shown.join("\n").contains(secret));
    }
}

#[test]
fn no_secret_is_shown_in_a_fault_or_a_setting() {
    let secrets = [KEY, "not-shown-anywhere", "also-hidden-token"];
    let (config, faults) = read(&with(&[
        ("KESTRA_MCP_REGISTRATION_TOKEN", "also-hidden-token"),
        ("KESTRA_MCP_PORT", "no"),
    ]));
    let shown = format!("{faults:?} {config:?}");
    assert_eq!(faults.len(), 1);
    for secret in secrets {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn a_shared_credential_must_be_there_and_is_warned_of() {
    let shared = ("KESTRA_MCP_CREDENTIAL", "shared");
    assert_eq!(read(&with(&[shared])).1.len(), 1);
    let (config, faults) = read(&with(&[shared, ("KESTRA_API_TOKEN", "of-a-service")]));
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("shared"))
    );
    assert_eq!(
        config.http.unwrap().credentials.mode,
        CredentialMode::Shared
    );
}

/// c12, for clients that the operator registers.
/// Also B16.
#[test]
fn a_configured_client_comes_back_where_a_registered_one_might() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    let faults = |uri: &str| {
        let text = format!("[[client]]\nid = \"tool\"\nredirect_uris = [\"{uri}\"]\n");
        std::fs::write(&path, text).unwrap();
        let flags = Flags {
            config: Some(path.clone()),
            ..Flags::default()
        };
        match app::configure(&flags, &with(&[]), Some(Transport::Http)) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
        }
    };
    for uri in [
        "http://127.0.0.1/callback",
        "https://portal.example/callback",
        "tool://callback",
    ] {
        assert!(faults(uri).is_empty(), "{uri}");
    }
    for uri in [
        "javascript:alert(1)",
        "ms-settings:privacy",
        "microsoft-edge:https://portal.example/callback",
        "rdp:portal.example",
        "http://portal.example/callback",
        "https://portal.example/callback#here",
        "https://ana@portal.example/callback",
        "callback",
    ] {
        let faults = faults(uri);
        assert_eq!(faults.len(), 1, "{uri}: {faults:#?}");
        let place = format!("{}: client tool: redirect_uris: ", path.display());
        assert!(faults[0].starts_with(&place), "{faults:#?}");
        assert!(!faults[0].contains(".;"), "{faults:#?}");
    }
}

/// c12
#[test]
fn schemes_of_apps_are_added_to_those_that_are_known_or_take_their_place() {
    let known = [
        "claude",
        "cursor",
        "raycast",
        "vscode",
        "vscode-insiders",
        "warp",
    ];
    let and_more = [&known[..], &["tool", "zed-preview"]].concat();
    for (said, holds) in [
        ("+tool, +zed-preview, +cursor", Some(&and_more[..])),
        ("tool", Some(&["tool"])),
        ("tool,cursor,tool", Some(&["tool", "cursor"])),
        ("+tool,cursor", None),
        ("Tool", None),
        ("1tool", None),
        ("tool:", None),
        ("+", None),
        ("https", None),
        ("+javascript", None),
        ("+ms-settings", None),
        ("+microsoft-edge", None),
        ("+rdp", None),
    ] {
        let environment = with(&[("KESTRA_MCP_REDIRECT_SCHEMES", said)]);
        match app::configure(&Flags::default(), &environment, Some(Transport::Http)) {
            Ok(setup) => {
                let all = &setup.config.http.unwrap().authorization.redirect_schemes;
                assert_eq!(
                    Some(&all.iter().map(String::as_str).collect::<Vec<_>>()[..]),
                    holds
                );
            }
            Err(faults) => {
                assert_eq!(holds, None, "{said}: {faults:#?}");
                let fault = faults.0.first().unwrap().to_string();
                assert!(
                    fault.starts_with("KESTRA_MCP_REDIRECT_SCHEMES: "),
                    "{fault}"
                );
            }
        }
    }
}

#[test]
fn a_role_in_the_place_of_a_built_in_one_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    let text = "[role.viewer]\nallow = [\"flows.read\"]\n[role.own]\nallow = [\"flows.read\"]\n";
    std::fs::write(&path, text).unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let setup = app::configure(&flags, &with(&[]), Some(Transport::Http)).unwrap();
    let warnings = setup.config.warnings;
    let about = |name: &str| warnings.iter().filter(|text| text.contains(name)).count();
    assert_eq!(
        about("[role.viewer] replaces the built-in role"),
        1,
        "{warnings:?}"
    );
    assert_eq!(about("role.own"), 0, "{warnings:?}");
}

/// What is set about documents of clients.
fn documents(file: &str, more: &[(&str, &str)]) -> (ClientDocuments, Vec<String>) {
    let (config, faults) = read_file(file, &with(more));
    (config.http.unwrap().authorization.documents.clone(), faults)
}

#[test]
fn documents_of_clients_are_looked_at_unless_the_operator_knows() {
    let (found, faults) = documents("", &[]);
    assert!(faults.is_empty(), "{faults:#?}");
    let known = [
        "https://claude.ai/oauth/claude-code-client-metadata",
        "https://vscode.dev/oauth/client-metadata.json",
    ];
    assert_eq!(
        (found.mode, &found.probe[..]),
        (DocumentMode::Probed, &known.map(str::to_owned)[..])
    );
    assert!(found.are_probed() && found.proxy.is_none());
    for (file, probe, looked_at) in [
        (
            "client_metadata_hosts = [\"vscode.dev\"]",
            &known[1..],
            true,
        ),
        ("client_metadata_hosts = [\"other.example\"]", &[], false),
        ("metadata_probe = []", &[], false),
        (
            "metadata_probe = [\"https://a.example/b\"]",
            &["https://a.example/b"],
            true,
        ),
        ("client_documents = \"on\"", &known[..], false),
        ("client_documents = \"off\"", &known[..], false),
        ("client_documents = \"probed\"", &known[..], true),
    ] {
        let (found, faults) = documents(&format!("[oauth]\n{file}\n"), &[]);
        assert!(faults.is_empty(), "{faults:#?}");
        assert_eq!(found.probe, probe, "{file}");
        assert_eq!(found.are_probed(), looked_at, "{file}");
    }
    for (file, fault) in [
        ("client_documents = \"yes\"", "none of on, off and probed"),
        ("client_documents = true", "type boolean"),
        ("metadata_probe = \"https://a.example/b\"", "type string"),
        (
            "metadata_proxy = \"proxy.example:3128\"",
            "neither http nor https",
        ),
        (
            "metadata_proxy = \"socks5://proxy.example\"",
            "neither http nor https",
        ),
        ("metadata_proxy = \"proxy\"", "not a URL"),
        (
            "metadata_proxy = \"http://proxy.example/path\"",
            "more than a host",
        ),
        (
            "metadata_proxy = \"http://proxy.example/?a\"",
            "more than a host",
        ),
        // Of these the library that connects makes no proxy: documents would be fetched past it.
        (
            "metadata_proxy = \"http://${PROXY_HOST}:3128\"",
            "characters in its host",
        ),
        (
            "metadata_proxy = \"http://{proxy}:3128\"",
            "characters in its host",
        ),
        (
            "metadata_proxy = \"http://`proxy`:3128\"",
            "characters in its host",
        ),
        ("refresh_reuse = \"keep\"", "neither end nor refuse"),
    ] {
        let (_, faults) = documents(&format!("[oauth]\n{file}\n"), &[]);
        assert_eq!(faults.len(), 1, "{file}: {faults:#?}");
        assert!(faults[0].contains(fault), "{file}: {faults:#?}");
    }
    let many: Vec<String> = (0..17)
        .map(|nth| format!("https://a.example/{nth}"))
        .collect();
    let (_, faults) = documents(&format!("[oauth]\nmetadata_probe = {many:?}\n"), &[]);
    assert_eq!(faults.len(), 1, "{faults:#?}");
}

#[test]
fn a_document_to_look_at_must_be_one_that_could_be_read() {
    for (file, problem) in [
        ("metadata_probe = [\"http://a.example/b\"]", "not https"),
        ("metadata_probe = [\"https://127.0.0.1/b\"]", "address"),
        ("metadata_probe = [\"https://a.example/\"]", "no path"),
        ("metadata_probe = [\"claude\"]", "cannot be read"),
        (
            "metadata_probe = [\"https://a.example/b\"]\nclient_metadata_hosts = [\"b.example\"]",
            "not allowed",
        ),
    ] {
        let faults = refused(&format!("[oauth]\n{file}\n"), &with(&[]));
        assert_eq!(faults.len(), 1, "{file}: {faults:#?}");
        let fault = &faults[0];
        assert!(
            fault.contains("oauth.metadata_probe: ") && fault.contains(problem),
            "{fault}"
        );
    }
}

#[test]
fn the_login_of_a_proxy_is_shown_nowhere() {
    let proxy = "http://robot:hidden-word@proxy.example:3128";
    let variable = ("KESTRA_MCP_METADATA_PROXY", proxy);
    let file = format!("[oauth]\nmetadata_proxy = {proxy:?}\n");
    for (file, more) in [(&*file, &[][..]), ("", &[variable])] {
        let (config, faults) = read_file(file, &with(more));
        assert!(faults.is_empty(), "{faults:#?}");
        let shown = rows(&config).join("\n");
        let row = "oauth.metadata_proxy http://proxy.example:3128/, with a login";
        assert!(shown.contains(row), "{shown}");
        assert!(!format!("{shown} {config:?}").contains("hidden-word"));
    }
    // Nor where it is of no use, or wrong.
    let (config, _) = Config::read(
        &Flags::default(),
        &with(&[variable]),
        Some(Transport::Stdio),
    );
    assert!(!rows(&config).join("\n").contains("hidden-word"));
    for wrong in [
        "ftp://robot:hidden-word@proxy.example",
        "http://robot:hidden-word@",
        "http://robot:hidden-word@{proxy}:3128",
        "hidden-word",
    ] {
        let (_, faults) = read(&with(&[("KESTRA_MCP_METADATA_PROXY", wrong)]));
        assert_eq!(faults.len(), 1, "{wrong}: {faults:#?}");
        assert!(!faults[0].contains("hidden-word"), "{faults:#?}");
    }
}
