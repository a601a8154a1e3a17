//! What a setting is: its names, the values it takes, and what it means.

use super::words::Words;

/// A setting, declared once: everything that reads, checks, shows or documents it derives from this.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `table.key` of the file, or the variable if the file has no key for it. Of a nested table the key.
    pub(super) name: &'static str,
    pub(super) variables: &'static [&'static str],
    pub(super) flag: Option<Flag>,
    pub(super) kind: Kind,
    /// Its value must not be shown.
    pub(super) secret: bool,
    pub(super) used_by: UsedBy,
    /// Any source turns it on, and no other turns it off.
    pub(super) additive: bool,
    /// What to do if a table lacks it.
    pub(super) required: Option<&'static str>,
    words: &'static str,
}

/// The part of this program that uses a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UsedBy {
    /// Both transports.
    Both,
    /// The HTTP mode.
    Http,
    /// An identity provider of the HTTP mode, whose rows the report shows instead.
    Provider,
}

/// An option of the command line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    pub(super) long: &'static str,
    /// What stands for its value; none for a switch.
    pub(super) value: Option<&'static str>,
    pub(super) help: &'static str,
}

/// The values that a setting takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// A secret, and the setting that names a file to read it from.
    Secret(&'static Setting),
    /// `safe` is what holds while the value cannot be understood.
    Truth {
        default: bool,
        safe: bool,
    },
    Number {
        from: u64,
        to: u64,
        default: u64,
    },
    /// Texts; in a variable separated by commas.
    List,
    /// One of a few words.
    Choice {
        words: fn() -> Vec<&'static str>,
        default: fn() -> &'static str,
    },
    /// Some of a few words; only in nested tables, like all below.
    Choices(fn() -> Vec<&'static str>),
    /// A path to a claim.
    Claim,
    /// The shape of a claim.
    Shape,
    /// A text, a number or a truth.
    Scalar,
    /// A table of texts.
    Map,
    /// A list of tables with these keys.
    Tables(&'static [&'static Setting]),
}

impl Kind {
    /// What to write, with its article.
    pub(super) fn expected(&self) -> String {
        let expected = match self {
            Self::Text | Self::Secret(_) => "a text in quotes",
            Self::Truth { .. } => "true or false",
            Self::Number { .. } => "a whole number",
            Self::List => "a list of texts in quotes",
            Self::Choice { words, .. } => return format!("one of {}", words().join(", ")),
            Self::Choices(words) => return format!("a list of some of {}", words().join(", ")),
            Self::Claim => "a path to a claim, such as \"/roles\" or [\"realm_access\", \"roles\"]",
            Self::Shape => "one of auto, array, string, space, comma, keys, field:NAME",
            Self::Scalar => "a text, a number, true or false",
            Self::Map => "a table of texts, such as { \"kestra-ops\" = \"editor\" }",
            Self::Tables(_) => "a list of tables",
        };
        expected.to_owned()
    }
}

impl Setting {
    const fn new(name: &'static str, kind: Kind, words: &'static str) -> Self {
        Self {
            name,
            variables: &[],
            flag: None,
            kind,
            secret: false,
            used_by: UsedBy::Both,
            additive: false,
            required: None,
            words,
        }
    }

    pub(super) const fn of(kind: Kind, name: &'static str, words: &'static str) -> Self {
        Self::new(name, kind, words)
    }

    pub(super) const fn text(name: &'static str, words: &'static str) -> Self {
        Self::new(name, Kind::Text, words)
    }

    /// A secret has no key in the file; `file` names a file that holds it.
    pub(super) const fn secret(
        variables: &'static [&'static str; 1],
        file: &'static Self,
        words: &'static str,
    ) -> Self {
        let [name] = variables;
        Self::new(name, Kind::Secret(file), words)
            .env(variables)
            .hidden()
    }

    pub(super) const fn truth(
        name: &'static str,
        default: bool,
        safe: bool,
        words: &'static str,
    ) -> Self {
        Self::new(name, Kind::Truth { default, safe }, words)
    }

    /// A whole number within `range`, both ends included.
    pub(super) const fn number(
        name: &'static str,
        range: (u64, u64),
        default: u64,
        words: &'static str,
    ) -> Self {
        let (from, to) = range;
        Self::new(name, Kind::Number { from, to, default }, words)
    }

    pub(super) const fn list(name: &'static str, words: &'static str) -> Self {
        Self::new(name, Kind::List, words)
    }

    pub(super) const fn choice<T: Words>(name: &'static str, words: &'static str) -> Self {
        let kind = Kind::Choice {
            words: T::names,
            default: T::default_name,
        };
        Self::new(name, kind, words)
    }

    /// The variables that set it; all but the first are other names for the first.
    pub(super) const fn env(mut self, variables: &'static [&'static str]) -> Self {
        self.variables = variables;
        self
    }

    pub(super) const fn flag(
        mut self,
        long: &'static str,
        value: Option<&'static str>,
        help: &'static str,
    ) -> Self {
        self.flag = Some(Flag { long, value, help });
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) const fn over_http(mut self) -> Self {
        self.used_by = UsedBy::Http;
        self
    }

    pub(super) const fn of_provider(mut self) -> Self {
        self.used_by = UsedBy::Provider;
        self
    }

    pub(super) const fn additive(mut self) -> Self {
        self.additive = true;
        self
    }

    pub(super) const fn required(mut self, remedy: &'static str) -> Self {
        self.required = Some(remedy);
        self
    }
}

/// What people read of it.
impl Setting {
    /// The name people set it by, if not in the file: the first variable.
    pub(super) fn spoken(&self) -> &'static str {
        self.variables.first().copied().unwrap_or(self.name)
    }

    /// Its table and key in the file.
    pub fn key(&self) -> Option<(&'static str, &'static str)> {
        self.name.split_once('.')
    }

    /// The key in the file as `table.key`.
    pub fn file_key(&self) -> Option<&'static str> {
        self.key().map(|_| self.name)
    }

    /// Its variables, the preferred one first.
    pub const fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    /// Its option of the command line.
    pub fn option(&self) -> Option<String> {
        self.flag.map(|flag| format!("--{}", flag.long))
    }

    /// Whether only the HTTP mode uses it.
    pub const fn is_of_http(&self) -> bool {
        !matches!(self.used_by, UsedBy::Both)
    }

    /// What it means, with its range and its default, in Markdown.
    pub fn meaning(&self) -> String {
        let words = self.words;
        match self.kind {
            Kind::Number { from, to, default } => {
                let [from, to, default] = [from, to, default].map(figure);
                format!("{words}. {from} to {to}, default {default}")
            }
            Kind::Truth { default, .. } => format!("{words}. Default `{default}`"),
            Kind::Choice {
                words: all,
                default,
            } => {
                let all = all().into_iter().map(|word| {
                    let default = if word == default() { " (default)" } else { "" };
                    format!("`{word}`{default}")
                });
                format!("{words}. {}", all.collect::<Vec<_>>().join(", "))
            }
            _ => words.to_owned(),
        }
    }
}

/// A number, and what it is in a unit of bytes.
fn figure(number: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units
        .iter()
        .find(|(bits, _)| number > 0 && number.trailing_zeros() >= *bits);
    match unit {
        Some((bits, unit)) => format!("{number} ({} {unit})", number >> bits),
        None => number.to_string(),
    }
}
