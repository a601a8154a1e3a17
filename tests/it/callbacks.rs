//! Callback URLs: each identity provider has its own (RFC 9700 section 4.4.2.2), and the settings
//! show them.

use std::fmt::Write as _;

use kestra_mcp::config::{Config, Environment, Flags, Transport};

/// The settings that all tests share.
const LEAST: &[(&str, &str)] = &[
    ("KESTRA_API_URL", "https://kestra.example"),
    (
        "ENCRYPTION_KEY",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ),
    ("HOME", "/home/someone"),
    ("PROVIDER_SECRET", "not-shown"),
    ("KESTRA_MCP_PUBLIC_URL", "https://mcp.example.com"),
];

/// Providers with these ids, as TOML.
fn file(ids: &[&str]) -> String {
    let mut text = String::new();
    for id in ids {
        writeln!(
            text,
            "[[identity_provider]]\nid = {id}\nissuer = \"https://id.example.com\"\n\
             client_id = \"kestra-mcp\"\nclient_secret_env = \"PROVIDER_SECRET\""
        )
        .unwrap();
    }
    text
}

fn read(ids: &[&str], more: &[(&str, &str)]) -> (Config, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    std::fs::write(&path, file(ids)).unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let pairs = LEAST.iter().chain(more);
    let environment: Environment = pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let (config, faults) = Config::read(&flags, &environment, Some(Transport::Http));
    (config, faults.iter().map(ToString::to_string).collect())
}

fn callbacks(config: &Config) -> Vec<String> {
    let rows = config.effective.iter();
    rows.filter(|row| row.name.ends_with("callback_url"))
        .map(|row| format!("{} {} ({})", row.name, row.value, row.source))
        .collect()
}

#[test]
fn b6_config_check_says_what_to_register_at_each_provider() {
    let ids = ["\"main\"", "\"partner.eu-1\""];
    let (config, faults) = read(&ids, &[]);
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(
        callbacks(&config),
        [
            "oauth.callback_url https://mcp.example.com/auth/callback (default)",
            "identity_provider.main.callback_url https://mcp.example.com/auth/callback (default)",
            "identity_provider.partner.eu-1.callback_url \
             https://mcp.example.com/auth/callback/partner.eu-1 (default)",
        ]
    );
    let named = ("OIDC_REDIRECT_URI", "https://mcp.example.com/oidc/back");
    let (config, faults) = read(&ids, &[named]);
    assert!(faults.is_empty(), "{faults:#?}");
    let shown = callbacks(&config);
    assert_eq!(
        shown[1..],
        [
            "identity_provider.main.callback_url https://mcp.example.com/oidc/back \
             (OIDC_REDIRECT_URI)",
            "identity_provider.partner.eu-1.callback_url \
             https://mcp.example.com/auth/callback/partner.eu-1 (default)",
        ]
    );
}

#[test]
fn b6_no_two_providers_share_a_callback() {
    let ids = ["\"main\"", "\"partner\""];
    let at = |path: &str| format!("https://mcp.example.com{path}");
    let (_, faults) = read(
        &ids,
        &[("OIDC_REDIRECT_URI", &at("/auth/callback/partner"))],
    );
    let [fault] = &*faults else {
        panic!("{faults:#?}")
    };
    assert!(
        fault.contains("is the callback of the provider partner"),
        "{fault}"
    );
    // Below the others is not among them.
    for path in [
        "/auth/callback/main",
        "/auth/callback/old",
        "/auth/callback/partner/x",
    ] {
        let (_, faults) = read(&ids, &[("OIDC_REDIRECT_URI", &at(path))]);
        assert!(faults.is_empty(), "{path}: {faults:#?}");
    }
    let (_, faults) = read(&["\"same\"", "\"same\""], &[]);
    assert!(
        faults[0].contains("is the id of another provider too"),
        "{faults:#?}"
    );
}

#[test]
fn b6_the_id_of_a_provider_can_be_part_of_a_url() {
    for id in ["a", "Z9", "entra-id_2.eu", &"a".repeat(100)] {
        let (_, faults) = read(&[&format!("\"{id}\"")], &[]);
        assert!(faults.is_empty(), "{id}: {faults:#?}");
    }
    let long = "a".repeat(101);
    for id in [
        "my provider",
        "a/b",
        "..",
        ".",
        ".hidden",
        "-a",
        "a..b",
        "a%2fb",
        "a?b",
        "a#b",
        "{id}",
        "*",
        "é",
        "a\\\\b",
        "a\\nb",
        "\\u202ea",
        &long,
    ] {
        let (_, faults) = read(&[&format!("\"{id}\"")], &[]);
        let [fault] = &*faults else {
            panic!("{id}: {faults:#?}")
        };
        assert!(
            fault.contains("identity_provider[0].id: cannot be part of a URL"),
            "{id}: {fault}"
        );
        assert!(
            fault.contains("letters, digits") && fault.contains("/auth/callback/ID"),
            "{fault}"
        );
    }
}
