//! Counts the tasks of a flow, nested ones too, without keeping them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::bounds::Bounds;
use super::skip::{scalars_are_nothing, skip_value};

/// Counts the objects that have an id and a type.
#[derive(Clone, Copy)]
pub(super) struct Tree<'b> {
    /// The members under which more of them stand.
    names: &'static [String],
    /// Whether every member holds some.
    any: bool,
    bounds: &'b Bounds<'b>,
}

impl<'b> Tree<'b> {
    pub(super) const fn of(names: &'static [String], bounds: &'b Bounds<'b>) -> Self {
        Self {
            names,
            any: false,
            bounds,
        }
    }
}

/// What a member of an object is.
enum Member {
    Id,
    Type,
    /// Tasks, or an object of which every member holds some.
    Tasks {
        any: bool,
    },
    Other,
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tasks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let bounds = self.bounds;
        let (mut id, mut kind, mut tasks) = (false, false, 0);
        loop {
            bounds.expect_name();
            let Some(member) = map.next_key_seed(self.name())? else {
                break;
            };
            match member {
                Member::Tasks { any } => {
                    bounds.expect_text();
                    tasks += number(&map.next_value_seed(Self { any, ..self })?);
                    continue;
                }
                Member::Id => id = true,
                Member::Type => kind = true,
                Member::Other => {}
            }
            skip_value(bounds, &mut map)?;
        }
        Ok(Value::from(tasks + u64::from(id && kind)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let item = Self { any: false, ..self };
        let mut tasks = 0;
        while let Some(inner) = self.bounds.item(|| items.next_element_seed(item))? {
            tasks += number(&inner);
        }
        Ok(Value::from(tasks))
    }

    scalars_are_nothing!();
}

impl Tree<'_> {
    const fn name(&self) -> Name {
        Name {
            names: self.names,
            any: self.any,
        }
    }
}

/// Knows a member by its name.
struct Name {
    names: &'static [String],
    any: bool,
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        if self.any {
            return Ok(Member::Tasks { any: false });
        }
        let of_all = |known: &String| known.strip_suffix("/*") == Some(name);
        Ok(match name {
            "id" => Member::Id,
            "type" => Member::Type,
            _ if self.names.iter().any(|known| known == name) => Member::Tasks { any: false },
            _ if self.names.iter().any(of_all) => Member::Tasks { any: true },
            _ => Member::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Keep, read};
    use std::sync::LazyLock;

    use super::*;
    use crate::secret::Redactor;

    static TASKS: LazyLock<Keep> = LazyLock::new(|| {
        let names = ["tasks", "task", "then", "else", "cases/*"].map(str::to_owned);
        Keep::Members(vec![("tasks".to_owned(), Keep::Tree(names.to_vec()))])
    });

    fn tasks(flow: &Value) -> Value {
        let secrets = Redactor::default();
        let body = flow.to_string();
        let bounds = Bounds::of(body.len(), &secrets);
        read(body.as_bytes(), &TASKS, &bounds).unwrap()["tasks"].clone()
    }

    #[test]
    fn tasks_are_counted_wherever_they_stand_and_what_only_looks_like_one_is_not() {
        use serde_json::json;
        let task = |id: &str| json!({ "id": id, "type": "io.kestra.plugin.core.log.Log" });
        let with = |member: &str, inner: Value| {
            let mut outer = task("outer");
            outer[member] = inner;
            outer
        };
        for (flow, count) in [
            (json!([]), 0),
            (json!([task("a"), task("b")]), 2),
            (
                json!([with(
                    "tasks",
                    json!([task("a"), with("tasks", json!([task("b")]))])
                )]),
                4,
            ),
            (
                json!([with(
                    "tasks",
                    json!([{ "task": task("a"), "dependsOn": ["b"] }, { "task": task("b") }])
                )]),
                3,
            ),
            (
                json!([
                    with("then", json!([task("a")])),
                    with("else", json!([task("b")]))
                ]),
                4,
            ),
            (
                json!([with(
                    "cases",
                    json!({ "tasks": [task("a")], "id": [task("b"), task("c")], "type": [] })
                )]),
                4,
            ),
            (
                json!([with(
                    "body",
                    json!({ "id": 1, "type": "data", "tasks": [task("a")] })
                )]),
                1,
            ),
            (
                json!([with("cases", json!("none")), 5, null, "text", { "id": "no type" }]),
                1,
            ),
        ] {
            assert_eq!(tasks(&json!({ "tasks": flow })), count, "{flow}");
        }
    }
}
