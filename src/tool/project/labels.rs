//! Labels, which come as a list of objects or as a map.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::bounds::{Bounds, ITEM};
use super::skip::{scalars_are_nothing, skip_items, skip_value};
use super::whole::{MOST, Whole};

/// Labels: a list of objects with `key` and `value`, of which each becomes a list of the two, which
/// takes a fifth of the room. A map stays one.
#[derive(Clone, Copy)]
pub(super) struct Labels<'b> {
    pub(super) bounds: &'b Bounds<'b>,
}

impl<'de> Visitor<'de> for Labels<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let Self { bounds } = self;
        Whole { bounds }.visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let bounds = self.bounds;
        let mut kept = Vec::new();
        while bounds.has_room() && kept.len() < MOST {
            match bounds.item(|| items.next_element_seed(Label { bounds }))? {
                Some(Value::Null) => {}
                Some(label) => kept.push(label),
                None => return Ok(Value::Array(kept)),
            }
        }
        let lost = skip_items(bounds, &mut items)?;
        if lost > 0 {
            bounds.lose_items(lost);
        }
        Ok(Value::Array(kept))
    }

    scalars_are_nothing!();
}

/// One of them.
#[derive(Clone, Copy)]
struct Label<'b> {
    bounds: &'b Bounds<'b>,
}

impl<'de> DeserializeSeed<'de> for Label<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Label<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let bounds = self.bounds;
        let (mut key, mut value) = (Value::Null, Value::Null);
        loop {
            bounds.expect_name();
            let Some(name) = map.next_key_seed(Which)? else {
                break;
            };
            let place = match name {
                Some(Half::Key) => &mut key,
                Some(Half::Value) => &mut value,
                None => {
                    skip_value(bounds, &mut map)?;
                    continue;
                }
            };
            *place = bounds.item(|| map.next_value_seed(Whole { bounds }))?;
        }
        if !key.is_string() || value.is_null() {
            return Ok(Value::Null);
        }
        // Its place, and the two in it.
        bounds.charge(2 * ITEM);
        Ok(Value::Array(vec![key, value]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        skip_items(self.bounds, &mut items).map(|_| Value::Null)
    }

    scalars_are_nothing!();
}

/// Which half of a label a member is.
struct Which;

enum Half {
    Key,
    Value,
}

impl<'de> DeserializeSeed<'de> for Which {
    type Value = Option<Half>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Which {
    type Value = Option<Half>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(match name {
            "key" => Some(Half::Key),
            "value" => Some(Half::Value),
            _ => None,
        })
    }
}
