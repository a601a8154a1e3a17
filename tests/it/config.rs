//! Settings: what is understood, what wins, what is refused.

use std::path::PathBuf;

use kestra_mcp::config::{Config, Credential, Faults, Flags, Transport, Trust};
use kestra_mcp::tool::Line;

use crate::stand::environment;

fn load(pairs: &[(&str, &str)]) -> Result<Config, Faults> {
    Config::load(&Flags::default(), &environment(pairs))
}

fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    load(pairs)
        .unwrap_err()
        .0
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.file");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn an_address_is_taken_with_or_without_the_path_of_the_api() {
    for (text, base, tenant) in [
        ("http://localhost:8080", "http://localhost:8080/", "main"),
        ("http://localhost:8080///", "http://localhost:8080/", "main"),
        (
            " https://k.example/kestra/ ",
            "https://k.example/kestra",
            "main",
        ),
        ("https://k.example/api/v1", "https://k.example/", "main"),
        ("https://k.example/api/v1/", "https://k.example/", "main"),
        (
            "https://k.example/base/api/v1/team-a/",
            "https://k.example/base",
            "team-a",
        ),
    ] {
        let kestra = load(&[("KESTRA_API_URL", text)]).unwrap().kestra;
        assert_eq!(kestra.base.unwrap().as_str(), base, "{text}");
        assert_eq!(&*kestra.tenant, tenant, "{text}");
    }
    let kestra = load(&[("KESTRA_BASE_URL", "http://k"), ("KESTRA_TENANT_ID", "t1")])
        .unwrap()
        .kestra;
    assert_eq!(kestra.base.unwrap().as_str(), "http://k/");
    assert_eq!(&*kestra.tenant, "t1");
}

#[test]
fn an_address_that_could_mislead_is_refused() {
    for text in [
        "localhost:8080",
        "ftp://k",
        "http://user:secret-word@k",
        "http://k/?a=b",
        "http://k/#a",
        "http://k/api/v1/a%2Fb",
        "kestra",
    ] {
        let all = faults(&[("KESTRA_API_URL", text)]);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        assert!(all[0].starts_with("KESTRA_API_URL: "), "{all:?}");
        assert!(!all[0].contains("secret-word"), "{all:?}");
    }
    for tenant in ["a/b", "..", ".a", "a..b", "ä", "a b"] {
        assert_eq!(faults(&[("KESTRA_TENANT", tenant)]).len(), 1, "{tenant}");
    }
}

#[test]
fn two_settings_that_disagree_are_refused() {
    let url = ("KESTRA_API_URL", "http://k/api/v1/a");
    assert!(load(&[url, ("KESTRA_TENANT", "a")]).is_ok());
    assert_eq!(faults(&[url, ("KESTRA_TENANT", "b")]).len(), 1);
    assert_eq!(faults(&[url, ("KESTRA_BASE_URL", "http://other")]).len(), 1);
    assert!(load(&[url, ("KESTRA_BASE_URL", url.1)]).is_ok());
}

#[test]
fn all_faults_come_in_one_report_with_a_remedy_each() {
    let all = faults(&[
        ("KESTRA_API_URL", "nonsense"),
        ("KESTRA_TENANT", "a/b"),
        ("KESTRA_USERNAME", "me@example.com"),
        ("KESTRA_VERIFY_SSL", "perhaps"),
        ("KESTRA_CA_FILE", "/no/such/file"),
        ("KESTRA_VERSION", "0.24"),
        ("KESTRA_MCP_TRANSPORT", "smoke"),
    ]);
    assert_eq!(all.len(), 7, "{all:#?}");
    assert!(all.iter().all(|fault| fault.contains("; ")), "{all:#?}");
    assert!(
        all.iter()
            .any(|fault| fault.contains("set KESTRA_PASSWORD")),
        "{all:#?}"
    );
}

#[test]
fn nothing_and_blank_texts_are_no_settings() {
    let config = load(&[]).unwrap();
    assert!(config.kestra.base.is_none());
    assert!(config.transport.is_none());
    assert!(matches!(config.kestra.credential, Credential::None));
    let blank = load(&[
        ("KESTRA_API_URL", ""),
        ("KESTRA_TENANT", " "),
        ("KESTRA_API_TOKEN", ""),
        ("KESTRA_USERNAME", ""),
        ("KESTRA_PASSWORD", ""),
        ("KESTRA_VERSION", ""),
        ("KESTRA_VERIFY_SSL", ""),
        ("KESTRA_MCP_CONFIG", ""),
        ("KESTRA_MCP_TRANSPORT", ""),
    ]);
    assert_eq!(&*blank.unwrap().kestra.tenant, "main");
}

#[test]
fn the_memory_for_answers_has_a_default_and_bounds() {
    let memory = |text: &str| load(&[("KESTRA_MCP_MEMORY", text)]);
    assert_eq!(load(&[]).unwrap().kestra.memory, 256 << 20);
    for (text, bytes) in [("4194304", 4 << 20), (" 1073741824 ", 1 << 30)] {
        assert_eq!(memory(text).unwrap().kestra.memory, bytes);
    }
    for text in ["0", "4194303", "64GiB", "-1", "68719476737"] {
        let faults = memory(text).unwrap_err().to_string();
        assert!(faults.contains("1 fault"), "{text}: {faults}");
    }
}

#[test]
fn the_waits_without_progress_and_for_a_repetition_have_defaults_and_bounds() {
    use std::time::Duration;
    let (wait, repeat) = ("KESTRA_MCP_QUIET_WAIT_SECONDS", "KESTRA_MCP_REPEAT_SECONDS");
    let plain = load(&[]).unwrap().kestra;
    let seconds = |kestra: &kestra_mcp::config::Kestra| (kestra.quiet_wait, kestra.repeat);
    assert_eq!(
        seconds(&plain),
        (Duration::from_secs(50), Duration::from_mins(2))
    );
    let off = load(&[(wait, "0"), (repeat, " 0 ")]).unwrap().kestra;
    assert_eq!(seconds(&off), (Duration::ZERO, Duration::ZERO));
    let most = load(&[(wait, "300"), (repeat, "3600")]).unwrap().kestra;
    assert_eq!(
        seconds(&most),
        (Duration::from_mins(5), Duration::from_hours(1))
    );
    for (name, text) in [
        (wait, "301"),
        (repeat, "3601"),
        (wait, "-1"),
        (repeat, "2m"),
    ] {
        let faults = load(&[(name, text)]).unwrap_err().to_string();
        assert!(faults.contains("1 fault"), "{name} {text}: {faults}");
    }
}

#[test]
fn a_token_wins_over_a_user_name_and_neither_can_be_printed() {
    let name = ("KESTRA_USERNAME", "me@example.com");
    let password = ("KESTRA_PASSWORD", "Correct-Horse-1");
    let basic = load(&[name, password]).unwrap();
    assert_eq!(basic.kestra.credential.as_str(), "basic");
    let both = load(&[name, password, ("KESTRA_API_TOKEN", " tok-123456 \n")]).unwrap();
    let Credential::Token { token, over_basic } = &both.kestra.credential else {
        panic!()
    };
    assert_eq!(token.expose(), "tok-123456");
    assert!(over_basic);
    for config in [&basic, &both] {
        let printed = format!("{config:?}");
        assert!(
            !printed.contains("Horse") && !printed.contains("tok-123456"),
            "{printed}"
        );
    }
    assert_eq!(faults(&[("KESTRA_API_TOKEN", "Bearer abc")]).len(), 1);
    assert_eq!(faults(&[password]).len(), 1);
}

#[test]
fn flags_win_over_the_environment_and_that_over_files() {
    let (_folder, config) = file(
        "[kestra]\nurl = \"http://from-file\"\ntenant = \"file\"\nverify_ssl = false\n\
         version = \"1.3\"\n[mcp]\ntransport = \"stdio\"\n",
    );
    let (_other, beside) = file("export KESTRA_TENANT=beside\nKESTRA_API_URL='http://beside'\n");
    let mut flags = Flags {
        config: Some(config),
        ..Flags::default()
    };
    let none = environment(&[]);
    let loaded = Config::load(&flags, &none).unwrap();
    assert_eq!(loaded.kestra.base.unwrap().as_str(), "http://from-file/");
    assert_eq!(loaded.kestra.line, Some(Line::V1_3));
    assert_eq!(loaded.kestra.trust, Trust::Anyone);
    assert_eq!(loaded.transport, Some(Transport::Stdio));
    flags.env_file = Some(beside);
    assert_eq!(
        &*Config::load(&flags, &none).unwrap().kestra.tenant,
        "beside"
    );
    let variables = environment(&[("KESTRA_TENANT", "variable"), ("KESTRA_VERSION", "2.0.1")]);
    let loaded = Config::load(&flags, &variables).unwrap();
    assert_eq!(&*loaded.kestra.tenant, "variable");
    assert_eq!(loaded.kestra.base.unwrap().as_str(), "http://beside/");
    assert_eq!(loaded.kestra.line, Some(Line::V2_0));
    let flags = flags.with("tenant", "flag");
    assert_eq!(
        &*Config::load(&flags, &variables).unwrap().kestra.tenant,
        "flag"
    );
}

#[test]
fn a_file_is_read_only_when_it_is_named() {
    let (_folder, path) = file("[kestra]\ntenant = \"named\"\n");
    let named = environment(&[("KESTRA_MCP_CONFIG", path.to_str().unwrap())]);
    assert_eq!(
        &*Config::load(&Flags::default(), &named)
            .unwrap()
            .kestra
            .tenant,
        "named"
    );
    assert_eq!(faults(&[("KESTRA_MCP_CONFIG", "/no/such/file")]).len(), 1);
    let flags = Flags {
        env_file: Some("/no/such/file".into()),
        ..Flags::default()
    };
    assert_eq!(
        Config::load(&flags, &environment(&[])).unwrap_err().0.len(),
        1
    );
}

#[test]
fn unknown_keys_of_a_file_are_refused_with_the_nearest_name() {
    let (_folder, path) = file(
        "[kestra]\ntenand = \"a\"\ntoken = \"secret-word\"\nversion = 2\n[kestro]\nurl = \"x\"\n",
    );
    let named = [("KESTRA_MCP_CONFIG", path.to_str().unwrap())];
    let all = faults(&named);
    assert_eq!(all.len(), 4, "{all:#?}");
    let report = all.join("\n");
    for remedy in [
        "did you mean tenant?",
        "did you mean token_file?",
        "did you mean kestra?",
    ] {
        assert!(report.contains(remedy), "{remedy}: {report}");
    }
    assert!(!report.contains("secret-word"), "{report}");
    let (_folder, path) = file("[kestra]\nurl = \n");
    let all = faults(&[("KESTRA_MCP_CONFIG", path.to_str().unwrap())]);
    assert!(all[0].contains(":2: not TOML"), "{all:?}");
}

#[test]
fn an_env_file_is_read_as_people_write_them_and_its_faults_name_their_lines() {
    let (_folder, path) = file(
        "# of another program\nexport KESTRA_API_URL=http://127.0.0.1:8080 # ours\n\
         OIDC_SCOPES=openid profile\nKESTRA_USERNAME='ann'\nKESTRA_PASSWORD=\"pa$$ word\"\n",
    );
    let flags = |path: &std::path::Path| Flags {
        env_file: Some(path.into()),
        ..Flags::default()
    };
    let config = Config::load(&flags(&path), &environment(&[])).unwrap();
    assert_eq!(
        config.kestra.base.unwrap().as_str(),
        "http://127.0.0.1:8080/"
    );
    let Credential::Basic { username, password } = config.kestra.credential else {
        panic!("no account");
    };
    assert_eq!((username.as_str(), password.expose()), ("ann", "pa$$ word"));
    let (_folder, path) = file("KESTRA_TENANT=a\nthis is secret-word\nKESTRA_PASSWORD='secret\n");
    let told = Config::load(&flags(&path), &environment(&[])).unwrap_err();
    let told: Vec<String> = told.0.iter().map(ToString::to_string).collect();
    for (at, problem) in [
        (2, "it is not VARIABLE=value"),
        (3, "a quote is not closed"),
    ] {
        let line = format!("{}:{at}: {problem}", path.display());
        assert!(told.iter().any(|fault| fault.contains(&line)), "{told:?}");
    }
    assert!(!told.concat().contains("secret"), "{told:?}");
    assert_eq!(told.len(), 2, "{told:?}");
}

/// What stands in a line that cannot be read is not missing besides.
#[test]
fn what_follows_from_a_line_that_cannot_be_read_is_left_out() {
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let lines = [
        "KESTRA_API_URL=http://k.example",
        "OIDC_ISSUER_URL=https://id.example",
        "OIDC_CLIENT_ID=kestra-mcp",
        "OIDC_CLIENT_SECRET=secret-word",
        &format!("ENCRYPTION_KEYS={KEY}"),
        "KESTRA_MCP_DATA_DIR=/data",
        "KESTRA_MCP_HOST=0.0.0.0",
        "KESTRA_MCP_PUBLIC_URL=https://mcp.example",
    ];
    let told = |text: &str| {
        let (_folder, path) = file(text);
        let flags = Flags {
            env_file: Some(path),
            ..Flags::default()
        };
        let (_, faults) = Config::read(&flags, &environment(&[]), Some(Transport::Http));
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        told
    };
    assert_eq!(told(&lines.join("\n")), [""; 0]);
    for broken in 0..lines.len() {
        let (name, value) = lines[broken].split_once('=').unwrap();
        for line in [
            format!("{name}: {value}"),
            format!("{name}='{value}"),
            format!("export {name} {value}"),
            format!("set -x \u{fc} {value}"),
        ] {
            let mut lines = lines.map(str::to_owned);
            lines[broken] = line;
            let told = told(&lines.join("\n"));
            assert_eq!(told.len(), 1, "{}: {told:#?}", lines[broken]);
            assert!(told[0].contains(&format!(":{}: ", broken + 1)), "{told:?}");
        }
    }
    // What another line would have to say is missing all the same.
    let two = told("KESTRA_API_URL: http://k.example\nOIDC_CLIENT_ID=kestra-mcp\n");
    for missing in [
        "OIDC_CLIENT_ID: comes without a provider",
        "ENCRYPTION_KEYS: is not set",
    ] {
        assert!(
            two.iter().any(|told| told.starts_with(missing)),
            "{missing}: {two:#?}"
        );
    }
    let (_folder, path) = file("");
    std::fs::write(&path, b"KESTRA_USERNAME=ada\xff\n").unwrap();
    for env_file in [path, "/no/such/file".into()] {
        let flags = Flags {
            env_file: Some(env_file),
            ..Flags::default()
        };
        let (_, faults) = Config::read(&flags, &environment(&[]), Some(Transport::Http));
        assert_eq!(faults.len(), 1, "{faults:#?}");
    }
}

#[test]
fn a_misspelt_variable_of_a_file_is_warned_of_and_one_that_is_anothers_is_not() {
    let (_folder, path) = file(
        "KESTRA_API_TOKE=secret-word\nKESTRA_MCP_REDONLY=true\nKESTRA_TENANT=a\nPATH=/bin\n\
         KESTRA_PORTAL_SECRET=0123456789abcdef\n",
    );
    let (_other, config) = file(
        "[[client]]\nid = \"portal\"\nsecret_env = \"KESTRA_PORTAL_SECRET\"\n\
         redirect_uris = [\"https://portal.example/callback\"]\n",
    );
    let flags = Flags {
        env_file: Some(path.clone()),
        config: Some(config),
        ..Flags::default()
    };
    let warnings = Config::load(&flags, &environment(&[])).unwrap().warnings;
    let file = path.display();
    assert_eq!(
        warnings,
        [
            format!("{file}: KESTRA_API_TOKE is not a setting; did you mean KESTRA_API_TOKEN?"),
            format!(
                "{file}: KESTRA_MCP_REDONLY is not a setting; did you mean KESTRA_MCP_READ_ONLY?"
            ),
        ]
    );
}

#[test]
fn what_is_wrong_is_said_in_whole_sentences() {
    let all = faults(&[
        ("KESTRA_CA_FILE", "/no/such/file"),
        ("KESTRA_VERIFY_SSL", "perhaps"),
    ]);
    let all = all.join("\n");
    assert!(
        all.contains("cannot read /no/such/file: no such file;"),
        "{all}"
    );
    let words = "KESTRA_VERIFY_SSL: is neither true nor false; write true (or yes, on, 1) or false";
    assert!(all.contains(words), "{all}");
    let folder = std::env::temp_dir();
    let all = faults(&[("KESTRA_CA_FILE", folder.to_str().unwrap())]);
    assert!(all[0].contains("it is a folder"), "{all:?}");
}

#[test]
fn secrets_come_from_files_too() {
    let (_folder, secret) = file("Correct-Horse-1\n");
    let text = format!(
        "[kestra]\nusername = \"me@example.com\"\npassword_file = \"{}\"\n",
        secret.display()
    );
    let (_other, path) = file(&text);
    let config = load(&[("KESTRA_MCP_CONFIG", path.to_str().unwrap())]).unwrap();
    let Credential::Basic { username, password } = config.kestra.credential else {
        panic!()
    };
    assert_eq!(
        (username.as_str(), password.expose()),
        ("me@example.com", "Correct-Horse-1")
    );
}
