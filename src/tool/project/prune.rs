//! A serde visitor that keeps what a [`Keep`] names and skips everything else.

use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use vocabulary::Keep;

use super::bounds::Bounds;
use super::kinds::{KINDS, Kind, mark};
use super::labels::Labels;
use super::skip::{scalars_are_nothing, skip_items, skip_value};
use super::tree::Tree;
use super::whole::Whole;

/// What is to be read next.
#[derive(Clone, Copy)]
pub(super) struct Seed<'b> {
    pub(super) keep: &'static Keep,
    pub(super) bounds: &'b Bounds<'b>,
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

/// A value of another kind than expected is left out, not an error: the API description may be wrong.
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
