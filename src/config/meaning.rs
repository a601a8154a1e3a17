//! What people read of a setting: its names, its values, and what it means.

use super::setting::{Kind, Setting, UsedBy};

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
        format!("{}{}", self.words, self.kind.default_in_words())
    }
}

impl Kind {
    /// The range, the words and the default, as they follow what a setting means.
    pub(super) fn default_in_words(&self) -> String {
        match self {
            Self::Number { from, to, default } => {
                let [from, to, default] = [from, to, default].map(|number| figure(*number));
                format!(". {from} to {to}, default {default}")
            }
            Self::Truth { default, .. } => format!(". Default `{default}`"),
            Self::Choice { words, default } => {
                let words = words().into_iter().map(|word| {
                    let default = if word == default() { " (default)" } else { "" };
                    format!("`{word}`{default}")
                });
                format!(". {}", words.collect::<Vec<_>>().join(", "))
            }
            _ => String::new(),
        }
    }

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
