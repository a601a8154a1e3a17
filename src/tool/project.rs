//! Reads a JSON body and builds only what is named: a tree from the manifest's pointers drives a
//! serde visitor, everything else is skipped without being kept. What is kept is bounded too.

mod bounds;
mod labels;
mod tree;
mod whole;

use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::body::{Blocks, Mended};
use crate::secret::Redactor;
use labels::Labels;
use tree::Tree;
use whole::Whole;

pub use bounds::{Bounds, Loss, Lost};
pub use vocabulary::Keep;

/// The member of an item of a [`Keep::Kinds`] that says how many more are of its kind. No member
/// of an answer is kept under such a name.
const MORE: &str = "\u{0}more";
/// Kinds that are told apart; Kestra has some 20 states.
const KINDS: usize = 64;

/// For how many items of its list `item` stands.
pub fn weight(item: &Value) -> u64 {
    1 + item.get(MORE).and_then(Value::as_u64).unwrap_or_default()
}

/// How many items a list has, of which [`Keep::Count`], [`Keep::Tree`] or [`Keep::Kinds`] is kept.
pub fn count(list: &Value) -> Option<u64> {
    match list {
        Value::Array(items) => Some(items.iter().map(weight).sum()),
        Value::Number(count) => count.as_u64(),
        _ => None,
    }
}

/// `body` pruned to `keep`, within `bounds`.
///
/// # Errors
/// When the body is not JSON.
pub fn read(
    body: &[u8],
    keep: &'static Keep,
    bounds: &Bounds<'_>,
) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Seed { keep, bounds }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The same for a body of any length, whose blocks are freed as they are read; what is no Unicode
/// in it is replaced, and what lies too deep is left out.
///
/// # Errors
/// When the body is not JSON.
pub fn read_blocks(
    body: Blocks,
    keep: &'static Keep,
    bounds: &Bounds<'_>,
) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_reader(Mended::new(body, &bounds.guide));
    let value = Seed { keep, bounds }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The short `body` pruned to `keep`, whatever is in it; null when it is not JSON.
pub fn glance(body: &[u8], keep: &'static Keep, secrets: &Redactor) -> Value {
    let bounds = Bounds::of(body.len(), secrets);
    read_blocks(body.into(), keep, &bounds).unwrap_or_default()
}

/// The part of a visitor for values of another kind than it wants.
macro_rules! scalars_are_nothing {
    () => {
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
    };
}
use scalars_are_nothing;

/// What is to be read next.
#[derive(Clone, Copy)]
struct Seed<'b> {
    keep: &'static Keep,
    bounds: &'b Bounds<'b>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let bounds = self.bounds;
        match self.keep {
            Keep::Whole => bounds.part(|| deserializer.deserialize_any(Whole { bounds })),
            Keep::Tree(names) => deserializer.deserialize_any(Tree::of(names, bounds)),
            Keep::Labels => bounds.part(|| deserializer.deserialize_any(Labels { bounds })),
            Keep::Presence => IgnoredAny::deserialize(deserializer).map(|_| Value::Null),
            Keep::Members(_) | Keep::Each(..) | Keep::Count | Keep::Kinds { .. } => {
                deserializer.deserialize_any(Pruned(self))
            }
        }
    }
}

/// A value of another kind than the tree expects is left out, not an error: descriptions lie.
struct Pruned<'b>(Seed<'b>);

impl<'b> Pruned<'b> {
    fn seed(&self, keep: &'static Keep) -> Seed<'b> {
        Seed {
            keep,
            bounds: self.0.bounds,
        }
    }

    /// As many items as are wanted; each has its part of what may be kept, so that one does not
    /// leave another without.
    fn each<'de, A: SeqAccess<'de>>(
        &self,
        mut items: A,
        item: &'static Keep,
        limit: usize,
    ) -> Result<Value, A::Error> {
        let bounds = self.0.bounds;
        let mut kept = Vec::new();
        while kept.len() < limit {
            let aside = bounds.set_aside(limit - kept.len());
            let value = bounds.item(|| items.next_element_seed(self.seed(item)));
            bounds.put_back(aside);
            let Some(value) = value? else {
                return Ok(Value::Array(kept));
            };
            kept.push(value);
        }
        skip_items(bounds, &mut items)?;
        Ok(Value::Array(kept))
    }

    /// The first items of each kind.
    fn kinds<'de, A: SeqAccess<'de>>(
        &self,
        mut items: A,
        item: &'static Keep,
        by: &[String],
        each: usize,
    ) -> Result<Value, A::Error> {
        let bounds = self.0.bounds;
        let mut kept: Vec<Value> = Vec::new();
        let mut kinds: Vec<Kind> = Vec::new();
        let mut strange = 0_u64;
        let part = bounds.name();
        loop {
            let mark = bounds.mark();
            let Some(value) = bounds.item(|| items.next_element_seed(self.seed(item)))? else {
                break;
            };
            let full = kinds.len() == KINDS;
            match kinds.iter_mut().find(|kind| kind.is_of(&value, by)) {
                Some(kind) if kind.kept < each && bounds.has_room() => {
                    (kind.kept, kind.last) = (kind.kept + 1, kept.len());
                    kept.push(value);
                    continue;
                }
                Some(kind) => kind.more += 1,
                None if full => strange += 1,
                None => {
                    kinds.push(Kind {
                        name: by.iter().map(|at| value.pointer(at).cloned()).collect(),
                        kept: 1,
                        last: kept.len(),
                        more: 0,
                    });
                    kept.push(value);
                    continue;
                }
            }
            bounds.go_back(mark);
        }
        bounds.set_name(part);
        for kind in kinds.iter().filter(|kind| kind.more > 0) {
            if let Some(last) = kept.get_mut(kind.last) {
                mark(last, kind.more);
            }
        }
        if let Some(more) = strange.checked_sub(1) {
            // Counted in all, and of no kind.
            let mut all = Value::Null;
            mark(&mut all, more);
            kept.push(all);
            bounds.lose_items(usize::try_from(strange).unwrap_or(usize::MAX));
        }
        Ok(Value::Array(kept))
    }
}

/// Items that are alike.
struct Kind {
    name: Vec<Option<Value>>,
    kept: usize,
    /// Where the last that is kept stands.
    last: usize,
    more: u64,
}

impl Kind {
    fn is_of(&self, item: &Value, by: &[String]) -> bool {
        let texts = by.iter().map(|at| item.pointer(at));
        self.name.iter().map(Option::as_ref).eq(texts)
    }
}

/// Says that `more` items are of the kind of `item`.
fn mark(item: &mut Value, more: u64) {
    if !item.is_object() {
        *item = Value::Object(Map::new());
    }
    if let Some(members) = item.as_object_mut() {
        members.insert(MORE.to_owned(), more.into());
    }
}

/// Skips what is left of a list; how many items that are.
fn skip_items<'de, A: SeqAccess<'de>>(
    bounds: &Bounds<'_>,
    items: &mut A,
) -> Result<usize, A::Error> {
    let mut count = 0;
    loop {
        bounds.guide.skip.set(true);
        let item = items.next_element::<IgnoredAny>();
        bounds.guide.skip.set(false);
        if item?.is_none() {
            return Ok(count);
        }
        count += 1;
    }
}

/// Skips the value of a member.
fn skip_value<'de, A: MapAccess<'de>>(bounds: &Bounds<'_>, map: &mut A) -> Result<(), A::Error> {
    bounds.guide.skip.set(true);
    let value = map.next_value::<IgnoredAny>();
    bounds.guide.skip.set(false);
    value.map(|_| ())
}

impl<'de> Visitor<'de> for Pruned<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Seed { keep, bounds } = self.0;
        let members: &'static [_] = match keep {
            Keep::Members(members) => members,
            _ => &[],
        };
        let mut kept = Map::new();
        loop {
            bounds.expect_name();
            let Some(member) = map.next_key_seed(Name(members))? else {
                break;
            };
            match member {
                Some((_, Keep::Presence)) | None => skip_value(bounds, &mut map)?,
                Some((name, keep)) => {
                    bounds.expect_named(name, keep);
                    let value = map.next_value_seed(self.seed(keep))?;
                    if !value.is_null() {
                        kept.insert(name.to_owned(), value);
                    }
                }
            }
        }
        bounds.charge_members(kept.len());
        Ok(if matches!(keep, Keep::Members(_)) {
            Value::Object(kept)
        } else {
            Value::Null
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let bounds = self.0.bounds;
        match self.0.keep {
            Keep::Each(item, limit) => self.each(items, item, *limit),
            Keep::Kinds { item, by, each } => self.kinds(items, item, by, *each),
            Keep::Count => skip_items(bounds, &mut items).map(Value::from),
            _ => skip_items(bounds, &mut items).map(|_| Value::Null),
        }
    }

    scalars_are_nothing!();
}

/// Finds a member by name without building the name.
struct Name(&'static [(String, Keep)]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<(&'static str, &'static Keep)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<(&'static str, &'static Keep)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let mut members = self.0.iter();
        let member = members.find(|(known, _)| known == name);
        Ok(member.map(|(known, keep)| (known.as_str(), keep)))
    }
}

#[cfg(test)]
mod tests;
