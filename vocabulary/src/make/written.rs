//! Fields and what makes them, as they are written.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{BYTES, Field, Fields, Make};
#[cfg(feature = "schema")]
use crate::field::AskedTable;
use crate::{Asked, Class, Expr, Many, Permission, Type, When, Words};

/// The function that computes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MakeFunction"))]
#[serde(rename_all = "snake_case")]
enum Word {
    /// An instant, cut to seconds, in UTC.
    Time,
    /// From one instant to another.
    SecondsBetween,
    /// Whether a text is one of a set.
    InSet,
    /// Which lines of a text were requested, of how many.
    LineRange,
    /// Labels as an object, without those of the system.
    LabelMap,
    /// Whether none of several places holds true.
    NoneOf,
    /// The first line of a text.
    FirstLine,
    /// `id:TYPE` of flow inputs; optional ones end in `?`.
    InputSpec,
    /// Flow inputs as objects.
    InputList,
    /// The last words of class names in a list.
    ShortTypes,
    /// How many items.
    Count,
    /// How many items by a text of each.
    CountBy,
    /// Items of a list as objects.
    Pick,
    /// A value of the first item that meets `where`.
    First,
    /// A value of the object that is found by its key in a tree.
    Seek,
}

/// A field as it is written, where it is more than a reference.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
struct Table {
    /// The place of the value; of several places, the first that holds a value.
    at: Option<Many<Expr>>,
    /// The function that computes it; if omitted, the value is unchanged.
    make: Option<Word>,
    /// A constant.
    constant: Option<Value>,
    /// An object with fields of its own; `pick`: of each item.
    fields: Option<Fields>,
    /// The value is never cut: above this many bytes the call fails.
    whole: Option<usize>,
    /// `whole`, `line_range`: the requested lines.
    range: Option<Expr>,
    /// `whole`: the size in bytes above which the note says that a range of lines can be requested.
    large: Option<usize>,
    /// `seconds_between`.
    from: Option<Expr>,
    /// `seconds_between`.
    to: Option<Expr>,
    /// `in_set`: the texts.
    set: Option<Words>,
    /// `count_by`, `short_types`: where the text of an item stands.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    by: Option<String>,
    /// `count_by`: places that say how many there are in all.
    total: Option<Many<Expr>>,
    /// `count_by`: the members of a task under which tasks stand.
    nested: Option<Vec<String>>,
    /// `pick`, `first`: which items.
    #[serde(rename = "where")]
    only: Option<When>,
    /// `pick`: in reverse order.
    reverse: Option<bool>,
    /// `pick`: the maximum number of items; 100 if omitted.
    limit: Option<usize>,
    /// `first`, `seek`: the place in it.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    give: Option<String>,
    /// `seek`: the key by which the object is found.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    key: Option<String>,
    /// `seek`: the value of the key.
    equals: Option<Box<Make>>,
    /// `seek`: `input_list` shows it as flow inputs.
    inner: Option<Inner>,
    /// Left out unless this holds.
    when: Option<When>,
    /// Who wrote the text in it; `untrusted` if omitted.
    text: Option<Class>,
    /// Left out unless the caller has this permission.
    permission: Option<Permission>,
    /// The usual value, which is left out.
    omit: Option<Value>,
    /// Its JSON type, if `make` does not determine it.
    #[serde(rename = "type")]
    kind: Option<Type>,
    /// The limit of the value in bytes.
    bytes: Option<usize>,
    /// Another limit when the caller asked for it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<AskedTable>"))]
    asked: Option<Asked>,
}

/// As what `seek` shows what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Inner {
    /// Flow inputs as objects.
    InputList,
}

impl Table {
    /// What it is made of; every key that this does not take is a fault.
    fn make(&mut self) -> Result<Make, String> {
        let word = self.make.take();
        let mut keys = Keys(self);
        let make = match word {
            None => keys.plain()?,
            Some(Word::Time) => Make::Time { at: keys.at()? },
            Some(Word::SecondsBetween) => Make::SecondsBetween {
                from: keys.need("from", |t| t.from.take())?,
                to: keys.need("to", |t| t.to.take())?,
            },
            Some(Word::InSet) => Make::InSet {
                at: keys.at()?,
                set: keys.need("set", |t| t.set.take())?,
            },
            Some(Word::LineRange) => Make::LineRange {
                at: keys.at()?,
                range: keys.need("range", |t| t.range.take())?,
            },
            Some(Word::LabelMap) => Make::LabelMap { at: keys.at()? },
            Some(Word::NoneOf) => Make::NoneOf { at: keys.places()? },
            Some(Word::FirstLine) => Make::FirstLine { at: keys.at()? },
            Some(Word::InputSpec) => Make::InputSpec { at: keys.at()? },
            Some(Word::InputList) => Make::InputList { at: keys.at()? },
            Some(Word::ShortTypes) => Make::ShortTypes {
                at: keys.at()?,
                by: keys.need("by", |t| t.by.take())?,
            },
            Some(Word::Count) => Make::Count { at: keys.at()? },
            Some(Word::CountBy) => Make::CountBy {
                at: keys.at()?,
                by: keys.need("by", |t| t.by.take())?,
                total: keys.0.total.take().unwrap_or_default(),
                nested: keys.0.nested.take().unwrap_or_default(),
            },
            Some(Word::Pick) => Make::Pick {
                at: keys.places()?,
                only: keys.0.only.take().unwrap_or_default(),
                reverse: keys.0.reverse.take().unwrap_or_default(),
                limit: keys.0.limit.take().unwrap_or(100),
                fields: keys.0.fields.take().unwrap_or_default(),
            },
            Some(Word::First) => Make::First {
                at: keys.at()?,
                only: keys.0.only.take().unwrap_or_default(),
                give: keys.need("give", |t| t.give.take())?,
            },
            Some(Word::Seek) => Make::Seek {
                at: keys.at()?,
                key: keys.need("key", |t| t.key.take())?,
                equals: keys.need("equals", |t| t.equals.take())?,
                give: keys.need("give", |t| t.give.take())?,
                inputs: keys.0.inner.take().is_some(),
            },
        };
        keys.finish()?;
        Ok(make)
    }

    /// The key of a make that is still there.
    fn left(&self) -> Option<&'static str> {
        let left = [
            ("at", self.at.is_some()),
            ("constant", self.constant.is_some()),
            ("fields", self.fields.is_some()),
            ("whole", self.whole.is_some()),
            ("range", self.range.is_some()),
            ("large", self.large.is_some()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("set", self.set.is_some()),
            ("by", self.by.is_some()),
            ("total", self.total.is_some()),
            ("nested", self.nested.is_some()),
            ("where", self.only.is_some()),
            ("reverse", self.reverse.is_some()),
            ("limit", self.limit.is_some()),
            ("give", self.give.is_some()),
            ("key", self.key.is_some()),
            ("equals", self.equals.is_some()),
            ("inner", self.inner.is_some()),
        ];
        left.into_iter()
            .find_map(|(key, there)| there.then_some(key))
    }
}

/// Takes keys out of a table.
struct Keys<'t>(&'t mut Table);

impl Keys<'_> {
    fn need<T>(
        &mut self,
        key: &str,
        take: impl FnOnce(&mut Table) -> Option<T>,
    ) -> Result<T, String> {
        take(self.0).ok_or_else(|| format!("missing `{key}`"))
    }

    fn places(&mut self) -> Result<Many<Expr>, String> {
        self.need("at", |table| table.at.take())
    }

    fn at(&mut self) -> Result<Expr, String> {
        match <[Expr; 1]>::try_from(self.places()?.0) {
            Ok([at]) => Ok(at),
            Err(_) => Err("`at` takes one place here".to_owned()),
        }
    }

    fn plain(&mut self) -> Result<Make, String> {
        if let Some(fields) = self.0.fields.take() {
            return Ok(Make::Object { fields });
        }
        if let Some(constant) = self.0.constant.take() {
            return Ok(Make::Plain {
                at: Many(vec![Expr::Constant(constant)]),
            });
        }
        if let Some(most) = self.0.whole.take() {
            let lines = match self.0.range.take() {
                Some(range) => Some((range, self.need("large", |t| t.large.take())?)),
                None => None,
            };
            return Ok(Make::Whole {
                at: self.at()?,
                most,
                lines,
            });
        }
        // What this server answers itself has a type and no place.
        Ok(Make::Plain {
            at: self.0.at.take().unwrap_or_default(),
        })
    }

    fn finish(self) -> Result<(), String> {
        match self.0.left() {
            Some(key) => Err(format!("unknown key `{key}`: this `make` does not take it")),
            None => Ok(()),
        }
    }
}

impl TryFrom<Table> for Field {
    type Error = String;

    fn try_from(mut table: Table) -> Result<Self, String> {
        let make = table.make()?;
        let Table {
            when,
            text,
            permission,
            omit,
            kind,
            bytes,
            asked,
            ..
        } = table;
        Ok(Self {
            make,
            when: when.unwrap_or_default(),
            text,
            permission,
            omit,
            kind: kind.unwrap_or_default(),
            bytes: bytes.unwrap_or(BYTES),
            asked,
        })
    }
}

/// Reads a reference, a list of them where `list` takes them, or a table.
struct Written<T> {
    list: fn(Vec<Value>) -> Make,
    table: fn(Table) -> Result<T, String>,
}

impl<'de, T: From<Make>> Visitor<'de> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference, or a table with `at`")
    }

    crate::scalars!(|value: Value| T::from(Make::of(value)));

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        let items = serde::de::value::SeqAccessDeserializer::new(items);
        Vec::<Value>::deserialize(items).map(|items| T::from((self.list)(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let table = serde::de::value::MapAccessDeserializer::new(map);
        (self.table)(Table::deserialize(table)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A list here is itself the value.
        let list = |items| Make::of(Value::Array(items));
        deserializer.deserialize_any(Written {
            list,
            table: Self::try_from,
        })
    }
}

impl<'de> Deserialize<'de> for Make {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = |items: Vec<Value>| Self::Plain {
            at: Many(items.into_iter().map(Expr::from).collect()),
        };
        let table = |table| Field::try_from(table).map(|field| field.make);
        deserializer.deserialize_any(Written { list, table })
    }
}

#[cfg(feature = "schema")]
mod schema {
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Field, Make, Table};

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let table = Table::json_schema(generator);
        json_schema!({ "anyOf": [{ "not": { "type": "object" } }, table] })
    }

    impl JsonSchema for Field {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Field".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            schema(generator)
        }
    }

    impl JsonSchema for Make {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Make".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            schema(generator)
        }
    }
}
