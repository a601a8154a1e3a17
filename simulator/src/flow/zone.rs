//! Time zone ids that Java accepts.

use std::sync::LazyLock;

use regex::Regex;

/// The regions of the time zone database.
const REGIONS: &str = include_str!("zones.txt");

/// Offsets, with or without a prefix such as `UTC`.
static OFFSET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let hours = r"[+-](?:\d|(?:0\d|1[0-7])(?::?[0-5]\d(?::?[0-5]\d)?)?|18(?::?00(?::?00)?)?)";
    Regex::new(&format!("^(?:Z|(?:UTC|GMT|UT)?(?:{hours})|UTC|GMT|UT)$")).ok()
});

/// Whether Java accepts this time zone id.
pub(super) fn is_known(name: &str) -> bool {
    REGIONS.lines().any(|region| region == name)
        || OFFSET.as_ref().is_some_and(|offset| offset.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn regions_and_offsets_are_known() {
        for name in ["Europe/Berlin", "UTC", "Z", "+02:00", "GMT+2", "-18:00"] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "Mars/Base",
            "Europe/Berlinn",
            "europe/berlin",
            "+19:00",
            "",
            "CEST",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
