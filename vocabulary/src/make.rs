//! Fields of a result, and the small functions that make them. A new function is a variant of
//! [`Make`] here, with its row in [`Table`] and in [`Make::parts`], and an arm of the server.

use std::fmt;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::visit::Visit;
use crate::{At, Expr, Many, Permission, Sets, When, Words};

/// Fields by name, in order.
pub type Fields = IndexMap<String, At<Field>>;

/// Bytes of a field that states none.
const BYTES: usize = 4096;

/// One field of a result.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is made of.
    pub make: Make,
    /// Left out unless this holds.
    pub when: When,
    /// Who wrote the text in it.
    pub text: Option<Class>,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// The ordinary value, which is left out.
    pub omit: Option<Value>,
    /// The JSON type that the schema promises, where `make` does not say it.
    pub kind: Type,
    /// Bytes of the value.
    pub bytes: usize,
    /// Other bytes when it was asked for.
    pub asked: Option<Asked>,
}

/// Who wrote a text: what is told of it follows from that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// This server, or Kestra in a closed form: ids, states, times, addresses. It is searched for
    /// the credential alone.
    Ours,
    /// It repeats what people wrote or the call sent, such as labels. It is searched for every
    /// secret that the call knows.
    Repeats,
    /// People outside the caller's control: it stands under `untrusted`, names of members are
    /// searched too.
    #[default]
    Untrusted,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// A list.
    Array,
}

impl Type {
    /// As JSON Schema writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// Other bytes of a field when it was asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "AskedTable")]
pub struct Asked {
    /// An argument is a list with a word in it.
    pub when: When,
    /// The bytes then.
    pub bytes: usize,
}

/// Other bytes of a field when it was asked for, as they are written.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AskedTable {
    /// The argument: a list of words.
    arg: String,
    /// The word in it.
    contains: String,
    /// The bytes then.
    bytes: usize,
}

impl From<AskedTable> for Asked {
    fn from(table: AskedTable) -> Self {
        let AskedTable {
            arg,
            contains,
            bytes,
        } = table;
        Self {
            when: When::Contains(Expr::Argument(arg), contains),
            bytes,
        }
    }
}

/// What a field is made of.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "what each key is stands where it is read")]
pub enum Make {
    /// The first of several places that holds anything.
    Plain { at: Many<Expr> },
    /// A text that is never cut: an error above this many bytes.
    Whole {
        at: Expr,
        most: usize,
        /// The lines of it that were asked for, and from how many bytes on it is told that there
        /// are such.
        lines: Option<(Expr, usize)>,
    },
    /// Which lines of a text were asked for, of how many.
    LineRange { at: Expr, range: Expr },
    /// An instant.
    Time { at: Expr },
    /// From one instant to another.
    SecondsBetween { from: Expr, to: Expr },
    /// Whether a text is one of these.
    InSet { at: Expr, set: Words },
    /// Whether none of several places holds true.
    NoneOf { at: Many<Expr> },
    /// Labels as an object, without those of the system.
    LabelMap { at: Expr },
    /// The first line of a text.
    FirstLine { at: Expr },
    /// `id:TYPE` of flow inputs.
    InputSpec { at: Expr },
    /// Flow inputs as objects.
    InputList { at: Expr },
    /// The last words of class names in a list.
    ShortTypes { at: Expr, by: String },
    /// How many items.
    Count { at: Expr },
    /// How many items by a text of each, and in all: what the first of `total` says that holds
    /// anything, else how many items there are.
    CountBy {
        at: Expr,
        by: String,
        total: Many<Expr>,
        /// The members of a task under which tasks stand; `name/*` is a member whose own members
        /// hold them.
        nested: Vec<String>,
    },
    /// Fields of its own.
    Object { fields: Fields },
    /// Items of a list as objects.
    Pick {
        /// The lists, one after the other.
        at: Many<Expr>,
        only: When,
        /// Last first.
        reverse: bool,
        limit: usize,
        fields: Fields,
    },
    /// Something of the first item that fits.
    First { at: Expr, only: When, give: String },
    /// Something of the object that is found by its key in a tree.
    Seek {
        at: Expr,
        key: String,
        equals: Box<Make>,
        give: String,
        inputs: bool,
    },
}

/// The word for what a field is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Word {
    /// An instant, cut to seconds, in UTC.
    Time,
    /// From one instant to another.
    SecondsBetween,
    /// Whether a text is one of a set.
    InSet,
    /// Which lines of a text were asked for, of how many.
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
    /// Something of the first item that fits.
    First,
    /// Something of the object that is found by its key in a tree.
    Seek,
}

/// A field as it is written, where it is more than a reference.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
struct Table {
    /// Where it stands; of several places, the first that holds anything.
    at: Option<Many<Expr>>,
    /// What it is made by; a value as it is where this is left out.
    make: Option<Word>,
    /// A constant.
    constant: Option<Value>,
    /// An object with fields of its own; `pick`: of each item.
    fields: Option<Fields>,
    /// Never cut: an error above this many bytes.
    whole: Option<usize>,
    /// `whole`, `line_range`: the lines that were asked for.
    range: Option<Expr>,
    /// `whole`: from how many bytes on it is told that lines can be asked for.
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
    /// `pick`: the last first.
    reverse: Option<bool>,
    /// `pick`: how many at most, 100 where this is left out.
    limit: Option<usize>,
    /// `first`, `seek`: what of it.
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
    /// Who wrote the text in it; `untrusted` where a text does not say.
    text: Option<Class>,
    /// Left out for who does not hold it.
    permission: Option<Permission>,
    /// The ordinary value, which is left out.
    omit: Option<Value>,
    /// Its JSON type, where `make` does not say it.
    #[serde(rename = "type")]
    kind: Option<Type>,
    /// Bytes of the value.
    bytes: Option<usize>,
    /// Other bytes when it was asked for.
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

impl From<Make> for Field {
    fn from(make: Make) -> Self {
        Self {
            make,
            when: When::Always,
            text: None,
            permission: None,
            omit: None,
            kind: Type::String,
            bytes: BYTES,
            asked: None,
        }
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

/// What is used of a place by what is made of it.
#[derive(Clone, Debug)]
pub enum Use<'m> {
    /// Nothing of an answer: an argument.
    Argument,
    /// All of it.
    Whole,
    /// Labels.
    Labels,
    /// How many items it has, of tasks with those under these members.
    Tree(&'m [String]),
    /// Its items: those texts tell them apart, so many of a kind are shown, and of each this is used.
    Items {
        /// Where the texts stand by which items are counted and picked.
        by: Vec<&'m str>,
        /// How many of a kind are shown; none where they are only counted.
        each: usize,
        /// What is used of each besides.
        give: Option<&'m str>,
        /// Which items.
        only: Option<&'m When>,
        /// What is made of each.
        fields: Option<&'m Fields>,
    },
}

/// Rows of a page, and items of a list of which as many may be shown.
pub const ROWS: usize = 100;

impl Make {
    /// A value as it is.
    pub fn of(value: Value) -> Self {
        Self::Plain {
            at: Many(vec![value.into()]),
        }
    }

    /// The reference that this is, where it is no more.
    pub fn as_expr(&self) -> Option<&Expr> {
        match self {
            Self::Plain { at } => match &**at {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    }

    /// Every place that it is made of, and what it uses of it.
    pub fn parts(&self) -> Vec<(&Expr, Use<'_>)> {
        let items = |by: Vec<_>, each, give, only, fields| Use::Items {
            by,
            each,
            give,
            only,
            fields,
        };
        match self {
            Self::Plain { at } | Self::NoneOf { at } => {
                at.iter().map(|at| (at, Use::Whole)).collect()
            }
            Self::Whole { at, lines, .. } => {
                let lines = lines.iter().map(|(lines, _)| (lines, Use::Argument));
                std::iter::once((at, Use::Whole)).chain(lines).collect()
            }
            Self::LineRange { at, range } => vec![(at, Use::Whole), (range, Use::Argument)],
            Self::Time { at }
            | Self::InSet { at, .. }
            | Self::FirstLine { at }
            | Self::InputSpec { at }
            | Self::InputList { at } => {
                vec![(at, Use::Whole)]
            }
            Self::SecondsBetween { from, to } => vec![(from, Use::Whole), (to, Use::Whole)],
            Self::LabelMap { at } => vec![(at, Use::Labels)],
            Self::ShortTypes { at, by } => vec![(at, items(vec![by], ROWS, Some(by), None, None))],
            Self::Count { at } => vec![(at, items(Vec::new(), 0, None, None, None))],
            Self::CountBy {
                at,
                by,
                total,
                nested,
            } => {
                let total = total.iter().map(|total| (total, Use::Tree(nested)));
                std::iter::once((at, items(vec![by], 1, Some(by), None, None)))
                    .chain(total)
                    .collect()
            }
            Self::Object { .. } => Vec::new(),
            Self::Pick {
                at,
                only,
                fields,
                limit,
                ..
            } => {
                let by = told_by(only);
                at.iter()
                    .map(|at| {
                        (
                            at,
                            items(by.clone(), *limit, None, Some(only), Some(fields)),
                        )
                    })
                    .collect()
            }
            Self::First { at, only, give } => {
                vec![(at, items(told_by(only), 1, Some(give), Some(only), None))]
            }
            Self::Seek { at, .. } => vec![(at, Use::Whole)],
        }
    }

    /// Fields of its own that point into the same value as it does.
    pub const fn inner(&self) -> Option<&Fields> {
        match self {
            Self::Object { fields } => Some(fields),
            _ => None,
        }
    }

    /// The JSON type of what it makes; none where the manifest must say it.
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Plain { .. } | Self::First { .. } => return None,
            Self::Whole { .. }
            | Self::LineRange { .. }
            | Self::Time { .. }
            | Self::FirstLine { .. } => Type::String,
            Self::SecondsBetween { .. } => Type::Number,
            Self::InSet { .. } | Self::NoneOf { .. } => Type::Boolean,
            Self::Count { .. } => Type::Integer,
            Self::LabelMap { .. } | Self::CountBy { .. } | Self::Object { .. } => Type::Object,
            Self::InputSpec { .. }
            | Self::InputList { .. }
            | Self::ShortTypes { .. }
            | Self::Pick { .. }
            | Self::Seek { .. } => Type::Array,
        })
    }

    /// Whether only this server can have written what it makes.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Time { .. }
            | Self::SecondsBetween { .. }
            | Self::InSet { .. }
            | Self::NoneOf { .. }
            | Self::Count { .. }
            | Self::CountBy { .. }
            | Self::LineRange { .. } => true,
            Self::Plain { at } => {
                !at.is_empty() && at.iter().all(|at| matches!(at, Expr::Constant(_)))
            }
            _ => false,
        }
    }

    /// Looks up the names of sets.
    pub fn resolve(&mut self, sets: &Sets) {
        match self {
            Self::InSet { set, .. } => set.resolve(sets),
            Self::Object { fields } => resolve(fields, sets),
            Self::Pick { only, fields, .. } => {
                only.resolve(sets);
                resolve(fields, sets);
            }
            Self::First { only, .. } => only.resolve(sets),
            Self::Seek { equals, .. } => equals.resolve(sets),
            _ => {}
        }
    }
}

/// Looks up the names of sets in `fields`.
pub(crate) fn resolve(fields: &mut Fields, sets: &Sets) {
    for field in fields.values_mut() {
        field.when.resolve(sets);
        field.make.resolve(sets);
    }
}

/// The texts of an item on which `only` depends.
fn told_by(only: &When) -> Vec<&str> {
    let mut by = Vec::new();
    only.expressions(&mut |expr| {
        if let Expr::Row(pointer) = expr {
            by.push(pointer.as_str());
        }
    });
    by
}

impl Visit for Make {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for (expr, used) in self.parts() {
            visit(expr);
            if let Use::Items { only, fields, .. } = used {
                if let Some(only) = only {
                    only.expressions(visit);
                }
                if let Some(fields) = fields {
                    fields.expressions(visit);
                }
            }
        }
        self.inner()
            .into_iter()
            .for_each(|fields| fields.expressions(visit));
        if let Self::Seek { equals, .. } = self {
            equals.expressions(visit);
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        match self {
            Self::InSet { set, .. } => visit(set),
            Self::Object { fields } => fields.words(visit),
            Self::Pick { only, fields, .. } => {
                only.words(visit);
                fields.words(visit);
            }
            Self::First { only, .. } => only.words(visit),
            Self::Seek { equals, .. } => equals.words(visit),
            _ => {}
        }
    }
}

impl Visit for Fields {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.values().for_each(|field| field.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.values().for_each(|field| field.words(visit));
    }
}

impl Field {
    /// Who wrote the text in it; the strictest where the manifest does not say and it could be anybody.
    pub fn class(&self) -> Class {
        let no_text = !matches!(
            self.make.kind().unwrap_or(self.kind),
            Type::String | Type::Object | Type::Array
        );
        match self.text {
            Some(class) => class,
            // Its own fields say it.
            None if self.make.is_ours() || no_text || self.has_fields() => Class::Ours,
            None => Class::default(),
        }
    }

    /// Whether fields of its own say who wrote what.
    const fn has_fields(&self) -> bool {
        matches!(self.make, Make::Object { .. } | Make::Pick { .. })
    }

    /// The JSON type that the schema promises.
    pub fn kind(&self) -> Type {
        self.make.kind().unwrap_or(self.kind)
    }
}

impl Visit for Field {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.make.expressions(visit);
        self.asked
            .iter()
            .for_each(|asked| asked.when.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
        self.make.words(visit);
    }
}
