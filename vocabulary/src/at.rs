//! A value and where it stands in its file.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The name of a newtype that asks a deserializer that knows places for `(place, value)`.
pub const PLACED: &str = "\u{0}placed";

/// A place in a file: line and column, from 1; both zero if unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value with its place; it dereferences to the value.
#[derive(Clone, Debug, Default)]
pub struct At<T> {
    /// Where it begins.
    pub place: Place,
    /// The value.
    pub node: T,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.node
    }
}

impl<T> DerefMut for At<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.node
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Placed<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Placed<T> {
            type Value = At<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<At<T>, D::Error> {
                let place = Place::default();
                T::deserialize(deserializer).map(|node| At { place, node })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<At<T>, A::Error> {
                let value = serde::de::value::MapAccessDeserializer::new(map);
                let place = Place::default();
                T::deserialize(value).map(|node| At { place, node })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<At<T>, A::Error> {
                let missing = || serde::de::Error::custom("a place comes with its value");
                let (line, column) = parts.next_element()?.ok_or_else(missing)?;
                let node = parts.next_element()?.ok_or_else(missing)?;
                Ok(At {
                    place: Place { line, column },
                    node,
                })
            }
        }

        deserializer.deserialize_newtype_struct(PLACED, Placed(PhantomData))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for At<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }
}
