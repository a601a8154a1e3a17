//! `kestra-mcp doctor`: seeded misconfigurations, and the line about each.

use std::any::Any;

use kestra_mcp::cli::Exit;
use serde_json::json;
use simulator::{
    Action, Auth, Clock, Dialect, Edition, Fault, PASSWORD, Settings, Simulator, USERNAME,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::stand::{Fake, Program, Says};
use crate::version::encrypted;

const TOKEN: &str = "tok-0123456789abcdef";
const WRONG: &str = "Wrong-Horse-1";

/// One misconfiguration.
struct Case {
    name: &'static str,
    variables: Vec<(&'static str, String)>,
    /// The start of its line.
    line: &'static str,
    found: &'static str,
    remedy: &'static str,
    /// What must live until doctor has finished.
    _world: Box<dyn Any>,
}

type World = (String, Box<dyn Any>);

async fn doctor(variables: &[(&'static str, String)]) -> (Exit, Vec<String>) {
    let pairs: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut program = Program::start(&["doctor"], &pairs);
    let lines = program.lines().await;
    (program.exit().await, lines)
}

fn at(url: &str) -> Vec<(&'static str, String)> {
    vec![("KESTRA_API_URL", url.to_owned())]
}

fn basic(url: &str) -> Vec<(&'static str, String)> {
    let credential = [
        ("KESTRA_USERNAME", USERNAME.to_owned()),
        ("KESTRA_PASSWORD", PASSWORD.to_owned()),
    ];
    at(url).into_iter().chain(credential).collect()
}

fn token(url: &str) -> Vec<(&'static str, String)> {
    let credential = [("KESTRA_API_TOKEN", TOKEN.to_owned())];
    at(url).into_iter().chain(credential).collect()
}

fn and(
    mut variables: Vec<(&'static str, String)>,
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    variables.retain(|(known, _)| *known != name);
    variables.push((name, value.to_owned()));
    variables
}

async fn simulated(dialect: Dialect, edition: Edition) -> Simulator {
    let mut settings = Settings {
        edition,
        clock: Clock::system(),
        ..Settings::new(dialect)
    };
    if edition == Edition::Enterprise {
        settings.auth = Auth::Bearer {
            token: TOKEN.to_owned(),
        };
    }
    Simulator::start(settings).await.unwrap()
}

async fn kestra(dialect: Dialect, edition: Edition) -> World {
    let simulator = simulated(dialect, edition).await;
    (simulator.url(), Box::new(simulator))
}

/// A Kestra that answers requests to `path` so.
async fn faulty(path: &str, status: u16, body: &str, headers: &[(&str, &str)]) -> World {
    let simulator = simulated(Dialect::V1_3, Edition::OpenSource).await;
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    simulator.fault(Fault {
        method: None,
        path: path.to_owned(),
        times: None,
        action: Action::Respond {
            status,
            content_type: "application/json".to_owned(),
            body: body.as_bytes().to_vec(),
            headers,
        },
    });
    (simulator.url(), Box::new(simulator))
}

async fn fake(configs: Says, more: &[(&str, Says)]) -> World {
    let (fake, url) = Fake::start(configs).await;
    for (path, says) in more {
        fake.say(path, says.clone());
    }
    (url, Box::new(fake))
}

/// A port that does not speak HTTP.
async fn shell() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await;
        }
    });
    (url, Box::new(()))
}

async fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn file(text: &str) -> (String, Box<dyn Any>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.toml");
    std::fs::write(&path, text).unwrap();
    (path.to_str().unwrap().to_owned(), Box::new(folder))
}

#[rustfmt::skip]
async fn settings() -> Vec<Case> {
    let (path, keep) = file("[kestra]\nurll = \"http://k\"\n");
    vec![
        Case { name: "a misspelt key of the file", variables: vec![("KESTRA_MCP_CONFIG", path)], _world: keep,
            line: "fail  settings", found: "kestra.urll: is not a setting", remedy: "did you mean url?" },
        Case { name: "an address without http", variables: basic("localhost:8080"), _world: Box::new(()),
            line: "fail  settings", found: "KESTRA_API_URL", remedy: "set it to a URL such as http://localhost:8080" },
        Case { name: "a user name without a password", _world: Box::new(()),
            variables: and(at("http://localhost:8080"), "KESTRA_USERNAME", USERNAME),
            line: "fail  settings", found: "KESTRA_USERNAME", remedy: "set KESTRA_PASSWORD" },
        Case { name: "no address", variables: vec![], _world: Box::new(()),
            line: "fail  address", found: "no address of Kestra is set", remedy: "set KESTRA_API_URL" },
        Case { name: "a token beside a user name", _world: Box::new(()),
            variables: and(basic(&closed().await), "KESTRA_API_TOKEN", TOKEN),
            line: "warn  credential", found: "the token is used", remedy: "leave out the one" },
        Case { name: "a credential in the clear", variables: token("http://no-such-host.invalid"), _world: Box::new(()),
            line: "warn  encryption", found: "in the clear", remedy: "use an https address" },
    ]
}

#[rustfmt::skip]
async fn connection() -> Vec<Case> {
    let (tls, _) = encrypted(json!({ "version": "1.3.19", "edition": "OSS" })).await;
    let (plain, kestra) = kestra(Dialect::V1_3, Edition::OpenSource).await;
    let (ssh, shell) = shell().await;
    let http = tls.replace("https:", "http:");
    vec![
        Case { name: "a host that does not exist", variables: basic("http://no-such-host.invalid"), _world: Box::new(()),
            line: "fail  name", found: "no-such-host.invalid does not resolve", remedy: "check the host in KESTRA_API_URL" },
        Case { name: "nothing listens", variables: basic(&closed().await), _world: Box::new(()),
            line: "fail  connection", found: "nothing listens on port", remedy: "start Kestra" },
        Case { name: "a certificate of an unknown authority", variables: basic(&tls), _world: Box::new(()),
            line: "fail  tls", found: "not trusted", remedy: "set KESTRA_CA_FILE" },
        Case { name: "certificates unchecked", variables: and(basic(&tls), "KESTRA_VERIFY_SSL", "false"), _world: Box::new(()),
            line: "warn  encryption", found: "not checked", remedy: "leave KESTRA_VERIFY_SSL out" },
        Case { name: "https where http is spoken", variables: basic(&plain.replace("http:", "https:")), _world: kestra,
            line: "fail  tls", found: "does not speak TLS", remedy: "write http" },
        Case { name: "http where https is spoken", variables: basic(&http), _world: Box::new(()),
            line: "fail  http", found: "does not speak HTTP", remedy: "write https if it speaks TLS" },
        Case { name: "another service on the port", variables: basic(&ssh), _world: shell,
            line: "fail  http", found: "does not speak HTTP", remedy: "mend the port" },
    ]
}

#[rustfmt::skip]
async fn server() -> Vec<Case> {
    let configs = "/api/v1/configs";
    let (page, page_world) = fake(Says::new(200, "<!doctype html><title>Kestra</title>"), &[]).await;
    let (path, path_world) = fake(Says::new(404, "{}"), &[]).await;
    let (old, old_world) = fake(Says::version("0.24.3", "OSS"), &[]).await;
    let (starting, starting_world) = fake(Says::new(503, ""), &[]).await;
    let (moved, moved_world) = faulty(configs, 302, "", &[("location", "https://login.example/?state=x")]).await;
    let body = json!({ "version": "1.3.19", "edition": "OSS" }).to_string();
    let (late, late_world) = faulty(configs, 200, &body, &[("date", "Thu, 01 Jan 2026 00:00:00 GMT")]).await;
    let (other, other_world) = kestra(Dialect::V1_3, Edition::OpenSource).await;
    vec![
        Case { name: "a web page", variables: basic(&page), _world: page_world,
            line: "fail  kestra", found: "a web page answers", remedy: "check host and port of KESTRA_API_URL" },
        Case { name: "a wrong path", variables: basic(&format!("{path}/kestro")), _world: path_world,
            line: "fail  kestra", found: "something else answers (404)", remedy: "the path under which Kestra runs" },
        Case { name: "a login page before it", variables: basic(&moved), _world: moved_world,
            line: "fail  kestra", found: "redirects to https://login.example/ ->", remedy: "set KESTRA_API_URL" },
        Case { name: "a Kestra that starts", variables: basic(&starting), _world: starting_world,
            line: "fail  kestra", found: "cannot answer now (503)", remedy: "wait until Kestra has started" },
        Case { name: "a version before 1.0", variables: basic(&old), _world: old_world,
            line: "fail  version", found: "0.24.3 is not supported", remedy: "upgrade Kestra to 1.3" },
        Case { name: "an override of another line", variables: and(basic(&other), "KESTRA_VERSION", "2.0"), _world: other_world,
            line: "fail  version", found: "says 2.0, and the server is 1.3.19", remedy: "leave KESTRA_VERSION" },
        Case { name: "clocks apart", variables: basic(&late), _world: late_world,
            line: "warn  clock", found: "min ahead of the server", remedy: "set the clock that is wrong" },
    ]
}

#[rustfmt::skip]
async fn account() -> Vec<Case> {
    use Edition::{Enterprise, OpenSource};
    let (open, open_world) = kestra(Dialect::V1_3, OpenSource).await;
    let (none, none_world) = kestra(Dialect::V1_3, OpenSource).await;
    let (wrong, wrong_world) = kestra(Dialect::V2_0, OpenSource).await;
    let (old_token, old_token_world) = kestra(Dialect::V1_3, OpenSource).await;
    let (new_token, new_token_world) = kestra(Dialect::V2_0, OpenSource).await;
    let (dev, dev_world) = kestra(Dialect::V2_0Dev, Enterprise).await;
    let (ga, ga_world) = kestra(Dialect::V2_0, Enterprise).await;
    let (tenant, tenant_world) = kestra(Dialect::V1_3, Enterprise).await;
    let (stale, stale_world) = kestra(Dialect::V1_3, Enterprise).await;
    let (forbidden, forbidden_world) = faulty("*/executions/search", 403, "{}", &[]).await;
    let rows = Says::new(200, json!({ "results": [], "total": 0 }));
    let owner = Says::new(200, json!({ "superAdmin": true, "tenants": [{ "id": "main" }] }));
    let answers = [("/api/v1/main/", rows), ("/api/v1/me", owner)];
    let (admin, admin_world) = fake(Says::version("1.3.19", "EE"), &answers).await;
    vec![
        Case { name: "no credential", variables: at(&none), _world: none_world,
            line: "fail  credential", found: "none is set", remedy: "set KESTRA_USERNAME and KESTRA_PASSWORD" },
        Case { name: "a wrong password", variables: and(basic(&wrong), "KESTRA_PASSWORD", WRONG), _world: wrong_world,
            line: "fail  login", found: "refuses the user name or the password", remedy: "check KESTRA_USERNAME and KESTRA_PASSWORD" },
        Case { name: "a wrong token", variables: and(token(&stale), "KESTRA_API_TOKEN", WRONG), _world: stale_world,
            line: "fail  login", found: "refuses the token", remedy: "make another one" },
        Case { name: "a token on open source 1.3", variables: token(&old_token), _world: old_token_world,
            line: "fail  login", found: "open source Kestra takes no API token", remedy: "set KESTRA_USERNAME and KESTRA_PASSWORD" },
        Case { name: "a token on open source 2.0", variables: token(&new_token), _world: new_token_world,
            line: "fail  login", found: "open source Kestra takes no API token", remedy: "set KESTRA_USERNAME and KESTRA_PASSWORD" },
        Case { name: "a password on Enterprise 2.x", variables: basic(&dev), _world: dev_world,
            line: "fail  login", found: "Enterprise 2.x takes no user name and password", remedy: "make an API token" },
        Case { name: "a password on Enterprise 2.0 that says nothing", variables: basic(&ga), _world: ga_world,
            line: "fail  login", found: "refuses the user name or the password", remedy: "Enterprise 2.x takes a token only" },
        Case { name: "a tenant of open source", variables: and(basic(&open), "KESTRA_TENANT", "team"), _world: open_world,
            line: "fail  tenant", found: "open source Kestra has main alone", remedy: "leave the tenant out" },
        Case { name: "another tenant of Enterprise", variables: and(token(&tenant), "KESTRA_TENANT", "team"), _world: tenant_world,
            line: "fail  tenant", found: "there is no tenant team", remedy: "set KESTRA_TENANT to one of: main" },
        Case { name: "an administrator", variables: token(&admin), _world: admin_world,
            line: "warn  account", found: "an administrator", remedy: "use the token of an account" },
        Case { name: "a permission is missing", variables: basic(&forbidden), _world: forbidden_world,
            line: "warn  rights", found: "may not read executions (403)", remedy: "give the account the permission EXECUTION READ" },
    ]
}

#[tokio::test]
async fn each_misconfiguration_is_found_and_comes_with_its_remedy() {
    let mut cases = settings().await;
    cases.extend(connection().await);
    cases.extend(server().await);
    cases.extend(account().await);
    for case in cases {
        let name = case.name;
        let (exit, lines) = doctor(&case.variables).await;
        let report = lines.join("\n");
        let found = lines.iter().any(|line| {
            let remedy = line.split_once(" -> ").map_or("", |(_, remedy)| remedy);
            line.starts_with(case.line) && line.contains(case.found) && remedy.contains(case.remedy)
        });
        assert!(found, "{name}:\n{report}");
        let failed = lines.iter().any(|line| line.starts_with("fail"));
        assert_eq!(exit == Exit::Failed, failed, "{name}:\n{report}");
        if case.line.starts_with("fail") {
            let failures = lines.iter().filter(|line| line.starts_with("fail"));
            let alone = failures.count() == 1 || case.variables.is_empty();
            assert!(alone, "{name}: one cause, one failure\n{report}");
        }
        for secret in [PASSWORD, WRONG, TOKEN] {
            assert!(!report.contains(secret), "{name}:\n{report}");
        }
        assert!(!report.contains('\u{1b}'), "{name}:\n{report}");
    }
}

#[tokio::test]
async fn when_all_is_well_every_line_says_ok_and_only_reads_are_sent() {
    for dialect in Dialect::ALL {
        for edition in [Edition::OpenSource, Edition::Enterprise] {
            let simulator = simulated(dialect, edition).await;
            let variables = match edition {
                Edition::OpenSource => basic(&simulator.url()),
                Edition::Enterprise => token(&simulator.url()),
            };
            let (exit, lines) = doctor(&and(variables, "KESTRA_MCP_READ_ONLY", "true")).await;
            let report = lines.join("\n");
            assert_eq!(exit, Exit::Done, "{dialect}:\n{report}");
            let (summary, checks) = lines.split_last().unwrap();
            let not_ok = checks
                .iter()
                .filter(|line| !line.is_empty() && !line.starts_with("ok"));
            assert_eq!(not_ok.count(), 0, "{dialect}:\n{report}");
            assert!(summary.ends_with("0 to look at, 0 failed"), "{report}");
            for expected in [
                "read-only    on",
                "may read flows, executions, triggers, namespaces",
            ] {
                assert!(report.contains(expected), "{dialect}:\n{report}");
            }
            assert!(
                simulator
                    .requests()
                    .iter()
                    .all(|request| request.method == "GET"),
                "{dialect}"
            );
        }
    }
}
