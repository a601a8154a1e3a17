//! A tree as serde reads it: values come with their places, and keys that a table does not have are
//! told all at once.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use vocabulary::Place;
use vocabulary::at::PLACED;
use vocabulary::many::MANY;

use super::wrong::{Wrong, place, unknown};
use crate::tree::{Node, Tree};

/// Reads a tree.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t> {
    pub(super) tree: &'t Tree,
    /// Told of every key that its table does not have.
    pub(super) unknown: &'t dyn Fn(Place, String),
}

impl<'t> Reader<'t> {
    fn of(self, tree: &'t Tree) -> Self {
        Self { tree, ..self }
    }

    fn entries(
        self,
        entries: &'t [(String, Tree)],
        known: Option<&'static [&'static str]>,
    ) -> Entries<'t> {
        let is_known = |key: &str| known.is_none_or(|known| known.contains(&key));
        for (key, value) in entries.iter().filter(|(key, _)| !is_known(key)) {
            (self.unknown)(place(value), unknown(key, known.unwrap_or_default()));
        }
        let entries = entries
            .iter()
            .filter(move |(key, _)| is_known(key))
            .collect::<Vec<_>>();
        Entries {
            reader: self,
            rest: entries.into_iter(),
            value: None,
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match &self.tree.node {
            Node::Text(text) => visitor.visit_str(text),
            Node::Integer(number) => match u64::try_from(*number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(*number),
            },
            Node::Float(number) => visitor.visit_f64(*number),
            Node::Boolean(flag) => visitor.visit_bool(*flag),
            Node::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.iter().map(|item| self.of(item))))
            }
            Node::Table(entries) => visitor.visit_map(self.entries(entries, None)),
        };
        read.map_err(|wrong| wrong.at(self.tree))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if name == MANY {
            let items = self.tree.items().iter().map(|item| self.of(item));
            return visitor.visit_seq(SeqDeserializer::new(items));
        }
        if name != PLACED {
            return visitor.visit_newtype_struct(self);
        }
        let Place { line, column } = place(self.tree);
        visitor.visit_seq(Placed {
            place: Some((line, column)),
            value: Some(self),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match &self.tree.node {
            Node::Table(entries) => visitor
                .visit_map(self.entries(entries, Some(fields)))
                .map_err(|wrong| wrong.at(self.tree)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor
            .visit_enum(self)
            .map_err(|wrong| wrong.at(self.tree))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Wrong> for Reader<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A place, then the value that stands there.
struct Placed<'t> {
    place: Option<(u32, u32)>,
    value: Option<Reader<'t>>,
}

impl<'de> serde::de::SeqAccess<'de> for Placed<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Wrong> {
        if let Some((line, column)) = self.place.take() {
            let numbers = SeqDeserializer::new([line, column].into_iter());
            return seed.deserialize(numbers).map(Some);
        }
        self.value
            .take()
            .map(|value| seed.deserialize(value))
            .transpose()
    }
}

/// The entries of a table.
struct Entries<'t> {
    reader: Reader<'t>,
    rest: std::vec::IntoIter<&'t (String, Tree)>,
    value: Option<&'t Tree>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let key = StrDeserializer::<Wrong>::new(key);
        let wrong = match seed.deserialize(key) {
            Ok(key) => return Ok(Some(key)),
            Err(wrong) => wrong.at(value),
        };
        // This one is told as what is wrong, the others beside it.
        if let Some(known) = wrong.known {
            for (key, value) in self.rest.by_ref() {
                if !known.contains(&key.as_str()) {
                    (self.reader.unknown)(place(value), unknown(key, known));
                }
            }
        }
        Err(wrong)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let value = self
            .value
            .take()
            .ok_or_else(|| serde::de::Error::custom("a value comes after its key"))?;
        seed.deserialize(self.reader.of(value))
            .map_err(|wrong| wrong.at(value))
    }
}

/// An enum is a word.
impl<'de> EnumAccess<'de> for Reader<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        seed.deserialize(self).map(|word| (word, self))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        Err(serde::de::Error::custom("expected a word"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(serde::de::Error::custom("expected a word"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Wrong> {
        Err(serde::de::Error::custom("expected a word"))
    }
}
