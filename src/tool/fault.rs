//! Faults of arguments, within bounds: a mistake that is made a thousand times is not reported a
//! thousand times.

use std::borrow::Cow;
use std::fmt;

use super::cut::MORE;
use super::sentence::ended;

/// How many faults are listed; the others are counted.
pub const FAULTS: usize = 20;
/// Bytes of the name of an argument. A longer one is left out rather than cut: a part of
/// a secret would not be found later.
const FIELD: usize = 200;
/// Bytes of the expectation, in the same way.
const EXPECTED: usize = 1_000;

/// A fault of one argument or input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the argument, such as `inputs.limit`.
    pub field: String,
    /// What is expected; the value itself is never repeated.
    pub expected: String,
    says: Says,
}

/// What a fault reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// That something else was expected.
    Expected,
    /// That the tool has no such argument.
    NoArgument,
    /// How many more faults it counts.
    More(usize),
}

impl Fault {
    /// A fault at `field`.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        let short = |text: String, most, instead: &str| {
            if text.len() > most {
                instead.to_owned()
            } else {
                text
            }
        };
        Self {
            field: short(field.into(), FIELD, MORE),
            expected: short(
                expected.into(),
                EXPECTED,
                "something that is too long to show",
            ),
            says: Says::Expected,
        }
    }

    /// The tool has no argument `field`, but perhaps one with a similar name.
    pub fn no_argument(field: impl Into<String>, near: Option<&str>) -> Self {
        let instead = near.map_or_else(String::new, |near| format!(", or write `{near}`"));
        Self {
            says: Says::NoArgument,
            ..Self::new(field, format!("leave it out{instead}"))
        }
    }

    /// The same at `field`.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        if self.others() == 0 {
            field.clone_into(&mut self.field);
        }
        self
    }

    /// Stands for `more` faults that are not told.
    fn more(more: usize) -> Self {
        Self {
            field: MORE.to_owned(),
            expected: and_more(more),
            says: Says::More(more),
        }
    }

    /// How many more faults it counts.
    const fn others(&self) -> usize {
        match self.says {
            Says::Expected | Says::NoArgument => 0,
            Says::More(more) => more,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field, expected, ..
        } = self;
        let expected = ended(expected);
        match self.says {
            Says::Expected => write!(f, "{field}: expected {expected}"),
            Says::NoArgument if field.is_empty() => {
                write!(f, "This tool has no such argument: {expected}")
            }
            Says::NoArgument => write!(f, "This tool has no argument {field}: {expected}"),
            Says::More(_) => write!(f, "{expected}"),
        }
    }
}

/// The text for the rest of a list.
pub fn and_more(more: usize) -> String {
    format!("and {more} more")
}

/// Collects faults; only those that are listed take memory.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// One more.
    pub fn push(&mut self, fault: Fault) {
        if fault.others() > 0 {
            self.more += fault.others();
        } else if self.told.len() < FAULTS {
            self.told.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// One of each of `found`; those that are not told are not made.
    pub fn each<T>(&mut self, found: impl Iterator<Item = T>, mut fault: impl FnMut(T) -> Fault) {
        for one in found {
            if self.told.len() < FAULTS {
                self.told.push(fault(one));
            } else {
                self.more += 1;
            }
        }
    }

    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.told.is_empty() && self.more == 0
    }

    /// The listed faults, and one that counts the others.
    pub fn into_vec(mut self) -> Vec<Fault> {
        if self.more > 0 {
            self.told.push(Fault::more(self.more));
        }
        self.told
    }
}

impl Extend<Fault> for Faults {
    fn extend<I: IntoIterator<Item = Fault>>(&mut self, faults: I) {
        for fault in faults {
            self.push(fault);
        }
    }
}

/// `faults` within bounds.
pub fn told(faults: &[Fault]) -> Cow<'_, [Fault]> {
    let bounded = match faults {
        [one @ .., last] if last.others() > 0 => one.len() <= FAULTS,
        all => all.len() <= FAULTS,
    };
    if bounded {
        return Cow::Borrowed(faults);
    }
    let mut bounded = Faults::default();
    bounded.extend(faults.iter().cloned());
    Cow::Owned(bounded.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_faults_are_told_and_the_others_counted() {
        let many = |count: usize| -> Vec<Fault> {
            let fault = |number| Fault::new(format!("f{number}"), "x");
            (0..count).map(fault).collect()
        };
        assert_eq!(told(&many(20)).len(), 20);
        let all = told(&many(25)).into_owned();
        assert_eq!(
            (all.len(), all[20].to_string().as_str()),
            (21, "and 5 more.")
        );
        assert_eq!(told(&all).into_owned(), all);
        let mut faults = Faults::default();
        faults.extend(many(3));
        faults.extend(all);
        faults.each(0..10, |_| Fault::new("g", "x"));
        let all = faults.into_vec();
        assert_eq!(
            (all.len(), all[20].to_string().as_str()),
            (21, "and 18 more.")
        );
    }

    #[test]
    fn a_fault_is_one_sentence() {
        for (fault, sentence) in [
            (Fault::new("size", "1 to 100"), "size: expected 1 to 100."),
            (Fault::new("a", "not mcp."), "a: expected not mcp."),
            (
                Fault::no_argument("x", None),
                "This tool has no argument x: leave it out.",
            ),
            (
                Fault::no_argument("flowId", Some("flow_id")),
                "This tool has no argument flowId: leave it out, or write `flow_id`.",
            ),
            (
                Fault::no_argument("", None),
                "This tool has no such argument: leave it out.",
            ),
        ] {
            assert_eq!(fault.to_string(), sentence);
        }
    }

    #[test]
    fn what_is_too_long_to_be_told_is_left_out_and_not_cut() {
        let fault = Fault::new("f".repeat(201), "secret ".repeat(200));
        assert_eq!(fault.field, "…");
        assert!(!fault.expected.contains("secret"), "{fault}");
    }
}
