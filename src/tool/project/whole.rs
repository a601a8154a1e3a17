//! Values that are kept whole, as far as there is room.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::bounds::{Bounds, ITEM};
use super::skip::{skip_items, skip_value};

/// Items of a list, and members of an object. The 16 KiB that a tool shows of a value hold fewer.
pub(super) const MOST: usize = 10_000;
/// Members that an object has whatever room is left, once it is begun: one that is told by its
/// type must not be kept without it.
const TOGETHER: usize = 16;

/// A value within `bounds`.
#[derive(Clone, Copy)]
pub(super) struct Whole<'b> {
    pub(super) bounds: &'b Bounds<'b>,
}

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let bounds = self.bounds;
        let begun = bounds.has_room();
        let mut kept = Map::new();
        let mut lost = 0_usize;
        loop {
            bounds.expect_name();
            let Some(name) = map.next_key_seed(Text { bounds })? else {
                break;
            };
            let fits = kept.len() < TOGETHER || (bounds.has_room() && kept.len() < MOST);
            if !begun || !fits {
                lost += 1;
                skip_value(bounds, &mut map)?;
                continue;
            }
            bounds.charge_member(kept.len());
            let value = bounds.item(|| map.next_value_seed(self))?;
            kept.insert(name, value);
        }
        if lost > 0 {
            bounds.lose_items(lost);
        }
        Ok(Value::Object(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let bounds = self.bounds;
        let mut kept = Vec::new();
        while bounds.has_room() && kept.len() < MOST {
            match bounds.item(|| items.next_element_seed(self))? {
                Some(item) => kept.push(item),
                None => return Ok(Value::Array(kept)),
            }
            bounds.charge(ITEM);
        }
        let lost = skip_items(bounds, &mut items)?;
        if lost > 0 {
            bounds.lose_items(lost);
        }
        Ok(Value::Array(kept))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(self.bounds.text(text).into())
    }
}

/// A text, such as the name of a member.
struct Text<'b> {
    bounds: &'b Bounds<'b>,
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(self.bounds.text(text))
    }
}
