//! Reads a JSON body and builds only what is named: a tree from the manifest's pointers drives a
//! serde visitor, everything else is skipped without being kept.

use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What to keep of a value.
#[derive(Clone, Copy, Debug)]
pub enum Keep {
    /// Nothing but that it was there: null.
    Presence,
    /// All of it.
    Whole,
    /// These members of an object.
    Members(&'static [(&'static str, Keep)]),
    /// At most this many items of a list, each pruned.
    Each(&'static Keep, usize),
}

/// `body` pruned to `keep`.
///
/// # Errors
/// When the body is not JSON.
pub fn read(body: &[u8], keep: &'static Keep) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = keep.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

impl<'de> DeserializeSeed<'de> for &'static Keep {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self {
            Keep::Whole => Value::deserialize(deserializer),
            Keep::Presence => IgnoredAny::deserialize(deserializer).map(|_| Value::Null),
            Keep::Members(_) | Keep::Each(..) => deserializer.deserialize_any(Pruned(self)),
        }
    }
}

/// A value of another kind than the tree expects is left out, not an error: descriptions lie.
struct Pruned(&'static Keep);

impl<'de> Visitor<'de> for Pruned {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Keep::Members(members) = self.0 else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        };
        let mut kept = Map::new();
        while let Some(member) = map.next_key_seed(Name(members))? {
            match member {
                Some((name, keep)) => {
                    let value = map.next_value_seed(keep)?;
                    if !value.is_null() {
                        kept.insert((*name).to_owned(), value);
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        if let Keep::Each(item, limit) = self.0 {
            while kept.len() < *limit {
                let Some(value) = items.next_element_seed(*item)? else {
                    return Ok(Value::Array(kept));
                };
                kept.push(value);
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if matches!(self.0, Keep::Each(..)) {
            Value::Array(kept)
        } else {
            Value::Null
        })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

/// Finds a member by name without building the name.
struct Name(&'static [(&'static str, Keep)]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<(&'static &'static str, &'static Keep)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<(&'static &'static str, &'static Keep)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self
            .0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(known, keep)| (known, keep)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Keep, read};
    use serde_json::json;

    static ROW: Keep = Keep::Members(&[("id", Keep::Whole)]);
    static PAGE: Keep = Keep::Members(&[("results", Keep::Each(&ROW, 2)), ("total", Keep::Whole)]);

    #[test]
    fn keeps_what_is_named_and_no_more_rows_than_wanted() {
        let body = br#"{"x":[{"deep":[1,2]}],"results":[{"id":"a","y":1},{"id":null},{"id":"c"}],"total":3}"#;
        let kept = read(body, &PAGE).expect("JSON");
        assert_eq!(kept, json!({"results": [{"id": "a"}, {}], "total": 3}));
    }

    #[test]
    fn leaves_out_what_has_another_kind() {
        for body in ["[1,[2]]", "\"text\"", "12", "-1.5", "true", "null"] {
            assert_eq!(
                read(body.as_bytes(), &PAGE).expect(body),
                json!(null),
                "{body}"
            );
        }
        let odd = br#"{"results":{"id":"a"},"total":[1]}"#;
        assert_eq!(read(odd, &PAGE).expect("JSON"), json!({"total": [1]}));
    }

    #[test]
    fn refuses_what_is_no_json() {
        for body in ["", "<html>", "{\"a\":1} x", "{\"a\":"] {
            assert!(read(body.as_bytes(), &PAGE).is_err(), "{body}");
        }
    }
}
