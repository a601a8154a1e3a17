//! Roles: from names that a login gives to what they allow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::Fault;
use crate::config::http::Role;
use crate::tool::{Permission, Tool};

/// The roles that need no configuration.
const BUILT_IN: &[(&str, &[&str], &[&str])] = &[
    (
        "kestra.flow.read",
        &[],
        &[
            "namespaces.read",
            "flows.read",
            "executions.read",
            "executions.data",
            "triggers.read",
            "apps.read",
        ],
    ),
    (
        "kestra.flow.execute",
        &["kestra.flow.read"],
        &["executions.run", "executions.kill"],
    ),
    (
        "kestra.flow.write",
        &["kestra.flow.read"],
        &["flows.write", "apps.write"],
    ),
    ("viewer", &["kestra.flow.read"], &[]),
    ("editor", &["kestra.flow.execute", "kestra.flow.write"], &[]),
    ("admin", &["kestra.flow.execute", "kestra.flow.write"], &[]),
];

/// The permissions and tools that one role names.
#[derive(Clone, Debug, Default)]
struct Rights {
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
}

impl Rights {
    fn names(set: &BTreeSet<String>, tool: &Tool) -> bool {
        set.contains(&*tool.name)
            || tool
                .permission
                .is_some_and(|permission| set.contains(permission.0))
    }
}

/// What a role says: permissions in the order of the vocabulary, then tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown<'r> {
    /// What it gives.
    pub allows: Vec<&'r str>,
    /// What it takes away, from other roles too.
    pub denies: Vec<&'r str>,
}

/// All roles, resolved.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    rights: BTreeMap<String, Rights>,
    /// The names of tools that a role may use.
    tools: Vec<&'static str>,
    /// The closed vocabulary, in its order.
    permissions: &'static [Permission],
}

/// The words that a role may use.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// All permissions.
    pub permissions: &'static [Permission],
    /// All tools.
    pub tools: &'a [&'static str],
}

impl Roles {
    /// The built-in roles and those of the file; one of the same name takes a built-in one's place.
    /// Unknown words and circles are added to `faults`, at `place`.`role.NAME`.
    pub fn resolve(
        configured: &BTreeMap<String, Role>,
        words: Vocabulary<'_>,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut all: BTreeMap<String, Role> = BUILT_IN
            .iter()
            .map(|(name, inherits, allow)| {
                let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
                let role = Role {
                    inherits: own(inherits),
                    allow: own(allow),
                    deny: Vec::new(),
                };
                ((*name).to_owned(), role)
            })
            .collect();
        all.extend(
            configured
                .iter()
                .map(|(name, role)| (name.clone(), role.clone())),
        );
        for (name, role) in configured {
            check(name, role, &all, words, faults);
        }
        let rights = all
            .keys()
            .map(|name| {
                let mut rights = Rights::default();
                let circle = collect(name, &all, &mut Vec::new(), &mut rights);
                if circle && configured.contains_key(name) {
                    faults.push(Fault {
                        place: format!("role.{name}.inherits"),
                        problem: "leads back to itself".to_owned(),
                        remedy: "break the circle".to_owned(),
                    });
                }
                (name.clone(), rights)
            })
            .collect();
        Self {
            rights,
            tools: words.tools.to_vec(),
            permissions: words.permissions,
        }
    }

    /// The names of `configured` roles that take the place of a built-in one.
    pub fn replaced(
        configured: &BTreeMap<String, Role>,
    ) -> impl Iterator<Item = &'static str> + use<'_> {
        BUILT_IN
            .iter()
            .map(|(name, _, _)| *name)
            .filter(|name| configured.contains_key(*name))
    }

    /// The names of all roles.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rights.keys().map(String::as_str)
    }

    /// Whether there is a role of that name.
    pub fn knows(&self, name: &str) -> bool {
        self.rights.contains_key(name)
    }

    /// The permissions and tools of the role `name`, to show to a person.
    pub fn shown(&self, name: &str) -> Shown<'_> {
        let Some(rights) = self.rights.get(name) else {
            return Shown::default();
        };
        let permissions = || self.permissions.iter().map(|permission| permission.0);
        let words = |set: &'_ BTreeSet<String>| -> Vec<&str> {
            let tools = self.tools.iter().copied();
            permissions()
                .chain(tools)
                .filter(|word| set.contains(*word))
                .collect()
        };
        let mut allows = words(&rights.allow);
        allows.retain(|word| !rights.deny.contains(*word));
        Shown {
            allows,
            denies: words(&rights.deny),
        }
    }

    fn of<'r>(&'r self, held: &'r [String]) -> impl Iterator<Item = &'r Rights> {
        held.iter().filter_map(|name| self.rights.get(name))
    }

    /// Whether one of the `held` roles allows `tool` and none denies it. A tool without permission is
    /// for everybody.
    pub fn allow(&self, held: &[String], tool: &Tool) -> bool {
        let denied = self
            .of(held)
            .any(|rights| Rights::names(&rights.deny, tool));
        let allowed = tool.permission.is_none()
            || self
                .of(held)
                .any(|rights| Rights::names(&rights.allow, tool));
        allowed && !denied
    }

    /// The permissions of the `held` roles, in the order of the vocabulary.
    pub fn permissions(&self, held: &[String]) -> Arc<[Permission]> {
        let has = |name: &str, set: fn(&Rights) -> &BTreeSet<String>| {
            self.of(held).any(|rights| set(rights).contains(name))
        };
        self.permissions
            .iter()
            .filter(|permission| {
                has(permission.0, |rights| &rights.allow)
                    && !has(permission.0, |rights| &rights.deny)
            })
            .copied()
            .collect()
    }
}

/// Adds what `name` and the roles below it say; whether the way leads back to a role on it.
fn collect<'a>(
    name: &'a str,
    all: &'a BTreeMap<String, Role>,
    way: &mut Vec<&'a str>,
    rights: &mut Rights,
) -> bool {
    if way.contains(&name) {
        return true;
    }
    let Some(role) = all.get(name) else {
        return false;
    };
    rights.allow.extend(role.allow.iter().cloned());
    rights.deny.extend(role.deny.iter().cloned());
    way.push(name);
    let mut circle = false;
    for below in &role.inherits {
        circle |= collect(below, all, way, rights);
    }
    way.pop();
    circle
}

fn check(
    name: &str,
    role: &Role,
    all: &BTreeMap<String, Role>,
    words: Vocabulary<'_>,
    faults: &mut Vec<Fault>,
) {
    let mut refuse = |key: &str, word: &str, known: Vec<&str>, kind: &str| {
        let nearest = known
            .iter()
            .map(|known| (strsim::jaro_winkler(word, known), *known))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(score, _)| *score > 0.7);
        faults.push(Fault {
            place: format!("role.{name}.{key}"),
            problem: format!("{word} is no {kind}"),
            remedy: nearest.map_or_else(
                || format!("known: {}", known.join(", ")),
                |(_, nearest)| format!("did you mean {nearest}?"),
            ),
        });
    };
    for (key, list) in [("allow", &role.allow), ("deny", &role.deny)] {
        for word in list {
            let known: Vec<&str> = words
                .permissions
                .iter()
                .map(|permission| permission.0)
                .chain(words.tools.iter().copied())
                .collect();
            if !known.contains(&word.as_str()) {
                refuse(key, word, known, "permission or tool");
            }
        }
    }
    for word in &role.inherits {
        if !all.contains_key(word) {
            refuse(
                "inherits",
                word,
                all.keys().map(String::as_str).collect(),
                "role",
            );
        }
    }
}
