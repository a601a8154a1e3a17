//! Path arguments: one segment each, and never a way to another route.

use super::Error;

/// A value in a path.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'v> {
    /// The parameter of the description.
    pub parameter: &'v str,
    /// What the caller calls it.
    pub known: &'v str,
    /// What is to stand there.
    pub value: &'v str,
}

/// Refuses values that are no single segment, and values that would turn the path into another
/// route of the description: each of `collisions` is words of parameters that together do.
///
/// # Errors
/// [`Error::Invalid`] with a fault a parameter; nothing is sent.
pub fn check(values: &[Segment<'_>], collisions: &[Vec<(String, String)>]) -> Result<(), Error> {
    for Segment { known, value, .. } in values {
        let dots = matches!(*value, "" | "." | "..");
        let control = value
            .chars()
            .any(|c| c.is_control() || c == '\\' || c == '/');
        if dots || control {
            return Err(Error::invalid(*known, "one path segment"));
        }
    }
    for collision in collisions {
        let of = |name: &str| values.iter().find(|segment| segment.parameter == name);
        let all = collision
            .iter()
            .all(|(name, word)| of(name).is_some_and(|segment| segment.value == word));
        if let (true, Some((name, word))) = (all, collision.first()) {
            let known = of(name).map_or(name.as_str(), |segment| segment.known);
            let expected = format!("an id other than `{word}`, which Kestra's API reserves here");
            return Err(Error::invalid(known, expected));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Segment, check};

    fn segment<'v>(parameter: &'v str, value: &'v str) -> Segment<'v> {
        Segment {
            parameter,
            known: parameter,
            value,
        }
    }

    #[test]
    fn refuses_what_is_no_segment() {
        for value in ["", ".", "..", "a/b", "a\\b", "a\nb", "\u{0}"] {
            assert!(check(&[segment("id", value)], &[]).is_err(), "{value:?}");
        }
        assert!(check(&[segment("id", "a.b-c_d")], &[]).is_ok());
    }

    #[test]
    fn refuses_a_path_that_is_another_route() {
        let row = |words: &[(&str, &str)]| -> Vec<(String, String)> {
            let words = words.iter();
            words
                .map(|(name, word)| ((*name).to_owned(), (*word).to_owned()))
                .collect()
        };
        let collisions = [row(&[("id", "restart")]), row(&[("ns", "x"), ("id", "y")])];
        let refused = |ns, id| check(&[segment("ns", ns), segment("id", id)], &collisions).is_err();
        assert!(refused("a", "restart"));
        assert!(refused("x", "y"));
        assert!(!refused("x", "z"));
    }

    #[test]
    fn a_fault_names_what_the_caller_gave() {
        let given = Segment {
            known: "flow_id",
            ..segment("id", "restart")
        };
        let collisions = [vec![("id".to_owned(), "restart".to_owned())]];
        let Err(crate::tool::Error::Invalid { faults, .. }) = check(&[given], &collisions) else {
            panic!("it is another route");
        };
        assert_eq!(faults[0].field, "flow_id");
    }
}
