//! Texts of a source that name an object.

/// How many characters a name may have, and whether capitals are among them.
const LENGTHS: [(&str, usize, bool); 2] = [("id", 100, true), ("namespace", 150, false)];

/// What the text under the top-level `key`, which becomes a path segment, must be when it is not.
pub fn misnamed(key: &str, text: Option<&str>) -> Option<String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Some(format!("a text under the top-level key `{key}`"));
    };
    let (_, most, capitals) = LENGTHS.into_iter().find(|(name, ..)| *name == key)?;
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || (capitals && c.is_ascii_uppercase())
    };
    let fits = text.len() <= most
        && text.starts_with(plain)
        && text
            .chars()
            .all(|c| plain(c) || matches!(c, '.' | '_' | '-'))
        && !text.contains("..")
        && !text.ends_with('.');
    let letters = if capitals {
        "letters"
    } else {
        "lower-case letters"
    };
    (!fits).then(|| {
        format!(
            "under `{key}` at most {most} {letters}, digits, dots, hyphens or underscores, a letter or digit first, without '..' or a final dot"
        )
    })
}
