//! Strict JSON, which has only one reading.
//!
//! A parser that takes the last of two equal keys, and one that takes the first, read two
//! different values in one text; so that text is refused.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Bytes of a message, whichever way it comes: a file of 1 MiB in base64, or as text in which most
/// characters are escaped, beside all else that a call may hold.
pub const LONGEST: usize = 4 << 20;
/// Objects and arrays inside each other in the value of an argument.
pub const DEEPEST: usize = 32;
/// Those round it: the message, its parameters, the arguments.
const ENVELOPE: usize = 3;
/// Values of a text, of which an object or array counts as [`CONTAINER`]: what is made of one
/// takes memory by its values more than by its bytes.
const VALUES: usize = 500_000;
const CONTAINER: usize = 20;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not JSON.
    Unreadable,
    /// A field appears twice in one object.
    Twice,
    /// It is nested deeper than [`DEEPEST`].
    TooDeep,
    /// It holds too many values.
    TooMany,
}

/// Checks a message without keeping it.
///
/// # Errors
/// See [`Fault`].
pub fn check(text: &str) -> Result<(), Fault> {
    walk(text, ENVELOPE + DEEPEST)
}

fn walk(text: &str, deepest: usize) -> Result<(), Fault> {
    let fault = Cell::new(Fault::Unreadable);
    let left = Cell::new(VALUES);
    let mut parser = serde_json::Deserializer::from_str(text);
    let strict = Strict {
        deeper: deepest,
        left: &left,
        fault: &fault,
    };
    let walked = strict.deserialize(&mut parser);
    walked.and_then(|()| parser.end()).map_err(|_| fault.get())
}

/// Checks the value of an argument that came as text by the same rules.
///
/// # Errors
/// See [`Fault`].
pub fn check_value(text: &str) -> Result<(), Fault> {
    walk(text, DEEPEST)
}

/// The value of a text that passes [`check_value`].
pub fn read(text: &str) -> Option<Value> {
    check_value(text).ok()?;
    serde_json::from_str(text).ok()
}

/// Walks the text and keeps nothing but the names of the objects that it is inside of.
#[derive(Clone, Copy)]
struct Strict<'a> {
    /// How much deeper it may go.
    deeper: usize,
    left: &'a Cell<usize>,
    fault: &'a Cell<Fault>,
}

impl Strict<'_> {
    fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        let Some(deeper) = self.deeper.checked_sub(1) else {
            return Err(self.refuse(Fault::TooDeep));
        };
        self.spend(CONTAINER)?;
        Ok(Self { deeper, ..*self })
    }

    fn spend<E: de::Error>(&self, values: usize) -> Result<(), E> {
        match self.left.get().checked_sub(values) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.refuse(Fault::TooMany)),
        }
    }

    fn refuse<E: de::Error>(&self, fault: Fault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let below = self.deeper()?;
        while items.next_element_seed(below)?.is_some() {
            self.spend(1)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let below = self.deeper()?;
        let mut names = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name) {
                return Err(self.refuse(Fault::Twice));
            }
            self.spend(1)?;
            fields.next_value_seed(below)?;
        }
        Ok(())
    }
}
