//! Path arguments: one segment each, and never a way to another route.

use super::Error;

/// Another route of the same method that a finished path would match when each of these
/// parameters has this value.
pub type Collision = &'static [(&'static str, &'static str)];

/// Refuses values that are no single segment, and values that would turn the path into another
/// route of the description.
///
/// # Errors
/// [`Error::Invalid`] with a fault a parameter; nothing is sent.
pub fn check(values: &[(&'static str, &str)], collisions: &[Collision]) -> Result<(), Error> {
    for (name, value) in values {
        let dots = matches!(*value, "" | "." | "..");
        let control = value
            .chars()
            .any(|c| c.is_control() || c == '\\' || c == '/');
        if dots || control {
            return Err(Error::invalid(*name, "one path segment"));
        }
    }
    for collision in collisions {
        let all = collision.iter().all(|(name, word)| {
            values
                .iter()
                .any(|(known, value)| known == name && value == word)
        });
        if let (true, Some((name, word))) = (all, collision.first()) {
            let expected = format!("an id other than `{word}`, which Kestra's API reserves here");
            return Err(Error::invalid(*name, expected));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn refuses_what_is_no_segment() {
        for value in ["", ".", "..", "a/b", "a\\b", "a\nb", "\u{0}"] {
            assert!(check(&[("id", value)], &[]).is_err(), "{value:?}");
        }
        assert!(check(&[("id", "a.b-c_d")], &[]).is_ok());
    }

    #[test]
    fn refuses_a_path_that_is_another_route() {
        let collisions: &[super::Collision] = &[&[("id", "restart")], &[("ns", "x"), ("id", "y")]];
        assert!(check(&[("ns", "a"), ("id", "restart")], collisions).is_err());
        assert!(check(&[("ns", "x"), ("id", "y")], collisions).is_err());
        assert!(check(&[("ns", "x"), ("id", "z")], collisions).is_ok());
    }
}
