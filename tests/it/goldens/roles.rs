//! Which role may call which tool.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use kestra_mcp::config::http::Role;
use kestra_mcp::config::{Config, Environment, Fault, Flags};
use kestra_mcp::generated;
use kestra_mcp::policy::role::Vocabulary;
use kestra_mcp::policy::{Policy, Roles};
use kestra_mcp::principal::{Person, Principal, Scopes};
use kestra_mcp::tool::{Access, Line};

use super::hold;

/// Roles that replace built-in ones, that inherit, that add a single tool, and that deny something.
const EXAMPLE: &str = r#"
[role.viewer]
allow = ["flows.read", "executions.read"]
[role.editor]
inherits = ["viewer"]
allow = ["flows.write", "executions.run"]
[role.operator]
inherits = ["kestra.flow.execute"]
deny = ["executions.data"]
[role.starter]
inherits = ["viewer"]
allow = ["execute_flow"]
[role.no-apps]
deny = ["apps.write", "get_app"]
[role.nothing]
"#;

fn person(roles: &[&str]) -> Principal {
    let text = |text: &str| Arc::from(text);
    Principal::Person(Arc::new(Person {
        user: text("1"),
        issuer: text("https://id.example.com"),
        subject: text("ana"),
        name: text("Ana"),
        client_id: text("client"),
        grant: text("1"),
        token: text("1"),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        scopes: Scopes::Write,
    }))
}

fn resolve(configured: &BTreeMap<String, Role>) -> (Roles, Vec<Fault>) {
    let tools: Vec<&str> = Line::ALL
        .iter()
        .flat_map(|line| generated::tools(*line))
        .map(|tool| tool.name.as_str())
        .collect();
    let words = Vocabulary {
        permissions: generated::permissions(),
        tools: &tools,
    };
    let mut faults = Vec::new();
    (Roles::resolve(configured, words, &mut faults), faults)
}

/// A line for each tool, then one for each permission, and a column for each set of roles.
fn matrix(policy: &Policy, people: &[&[&str]]) -> String {
    let heads: Vec<String> = people
        .iter()
        .map(|roles| match roles {
            [] => "(none)".to_owned(),
            roles => roles.join("+"),
        })
        .collect();
    let mut text = format!("{:32}{}\n", "", heads.join("  "));
    let mut row = |name: &str, has: &dyn Fn(&Principal) -> bool| {
        let cells = people.iter().zip(&heads).map(|(roles, head)| {
            let mark = if has(&person(roles)) { "x" } else { "." };
            format!("{mark:width$}", width = head.len() + 2)
        });
        let cells: String = cells.collect();
        writeln!(text, "{name:32}{}", cells.trim_end()).unwrap();
    };
    for tool in generated::tools(Line::NEWEST) {
        row(&tool.name, &|person| policy.offers(person, tool));
    }
    for permission in generated::permissions() {
        let name = format!("  {}", permission.0);
        row(&name, &|person| {
            policy.permissions(person).unwrap().contains(permission)
        });
    }
    text
}

#[test]
fn every_role_allows_the_reviewed_tools() {
    let (roles, faults) = resolve(&BTreeMap::new());
    assert_eq!(faults, []);
    let each: Vec<Vec<&str>> = roles.names().map(|name| vec![name]).collect();
    let mut people: Vec<&[&str]> = vec![&[], &["unknown"]];
    people.extend(each.iter().map(Vec::as_slice));
    let mut text = "A server that may change things\n\n".to_owned();
    text += &matrix(&Policy::new(Access::Full, roles.clone()), &people);
    text += "\nA server that changes nothing\n\n";
    text += &matrix(&Policy::new(Access::ReadOnly, roles.clone()), &people);
    hold("roles-built-in.txt", &text);
}

#[test]
fn configured_roles_allow_the_reviewed_tools() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kestra-mcp.toml");
    std::fs::write(&file, EXAMPLE).unwrap();
    let flags = Flags {
        config: Some(file),
        ..Flags::default()
    };
    let config = Config::load(&flags, &Environment::new()).unwrap();
    let (roles, faults) = resolve(&config.roles);
    assert_eq!(faults, []);
    let people: &[&[&str]] = &[
        &["viewer"],
        &["editor"],
        &["operator"],
        &["starter"],
        &["no-apps"],
        &["nothing"],
        &["admin", "no-apps"],
        &["operator", "admin"],
        &["viewer", "kestra.flow.write"],
    ];
    let text = matrix(&Policy::new(Access::Full, roles), people);
    hold("roles-configured.txt", &format!("{EXAMPLE}\n{text}"));
}

/// Deny beats allow, whatever other roles a person has.
#[test]
fn a_tool_denied_by_one_role_is_given_by_no_other() {
    let (roles, _) = resolve(&BTreeMap::new());
    let all: Vec<String> = roles.names().map(str::to_owned).collect();
    for tool in generated::tools(Line::NEWEST) {
        let role = Role {
            deny: vec![tool.name.clone()],
            ..Role::default()
        };
        let (roles, faults) = resolve(&BTreeMap::from([("guard".to_owned(), role)]));
        assert_eq!(faults, []);
        let policy = Policy::new(Access::Full, roles);
        let mut held: Vec<&str> = all.iter().map(String::as_str).collect();
        assert!(policy.offers(&person(&held), tool), "{}", tool.name);
        held.push("guard");
        assert!(!policy.offers(&person(&held), tool), "{}", tool.name);
    }
}
