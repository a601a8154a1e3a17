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
    pub(super) words: &'static str,
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
    pub(super) const fn choice<T: Words>() -> Self {
        Self::Choice {
            words: T::names,
            default: T::default_name,
        }
    }
}

impl Setting {
    const fn new(
        name: &'static str,
        variables: &'static [&'static str],
        kind: Kind,
        words: &'static str,
    ) -> Self {
        Self {
            name,
            variables,
            flag: None,
            kind,
            secret: false,
            used_by: UsedBy::Both,
            additive: false,
            required: None,
            words,
        }
    }

    /// A key of a nested table.
    pub(super) const fn of(kind: Kind, name: &'static str, words: &'static str) -> Self {
        Self::new(name, &[], kind, words)
    }

    pub(super) const fn text(
        name: &'static str,
        variables: &'static [&'static str],
        words: &'static str,
    ) -> Self {
        Self::new(name, variables, Kind::Text, words)
    }

    /// A secret has no key in the file; `file` names a file that holds it.
    pub(super) const fn secret(
        variables: &'static [&'static str; 1],
        file: &'static Self,
        words: &'static str,
    ) -> Self {
        let [name] = variables;
        Self::new(name, variables, Kind::Secret(file), words).hidden()
    }

    pub(super) const fn truth(
        name: &'static str,
        variables: &'static [&'static str],
        default: bool,
        safe: bool,
        words: &'static str,
    ) -> Self {
        Self::new(name, variables, Kind::Truth { default, safe }, words)
    }

    /// A whole number within `range`, both ends included.
    pub(super) const fn number(
        name: &'static str,
        variables: &'static [&'static str],
        (from, to): (u64, u64),
        default: u64,
        words: &'static str,
    ) -> Self {
        Self::new(name, variables, Kind::Number { from, to, default }, words)
    }

    pub(super) const fn list(
        name: &'static str,
        variables: &'static [&'static str],
        words: &'static str,
    ) -> Self {
        Self::new(name, variables, Kind::List, words)
    }

    pub(super) const fn choice<T: Words>(
        name: &'static str,
        variables: &'static [&'static str],
        words: &'static str,
    ) -> Self {
        Self::new(name, variables, Kind::choice::<T>(), words)
    }

    /// With an option of the command line; one without a `value` is a switch.
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
        if matches!(self.used_by, UsedBy::Both) {
            self.used_by = UsedBy::Http;
        }
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
