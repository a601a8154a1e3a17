//! Placeholders that nothing replaced: a client, a shell or a deployment that does not know `${NAME}`
//! passes it on as it is, and it would reach Kestra as a password.

use super::fault::Fault;
use super::place::Found;
use super::setting::Kind;
use super::setting::Setting;

/// The form of the placeholder that `text` is as a whole, if it is one.
pub(super) fn form(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_matches(['"', '\'']);
    let inside = |open: &str, close: &str| text.strip_prefix(open)?.strip_suffix(close);
    let is_plain = |inner: &str| !inner.is_empty() && !inner.contains(['{', '}', '\n']);
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    // A password that begins with a dollar sign is rarely all in capitals; a variable mostly is.
    let is_loud = |name: &str| is_name(name) && name.len() > 1 && name == name.to_ascii_uppercase();
    let names_source = |inner: &str| {
        let source = inner.split_once(':').map(|(source, _)| source);
        source.is_some_and(|source| ["env", "file", "input", "secret"].contains(&source))
    };
    if inside("${{", "}}")
        .or_else(|| inside("{{", "}}"))
        .is_some_and(is_plain)
    {
        Some("{{…}}")
    } else if inside("${", "}").is_some_and(is_plain) {
        Some("${…}")
    } else if inside("#{", "}").is_some_and(is_plain) {
        Some("#{…}")
    } else if inside("$(", ")").is_some_and(|inner| !inner.is_empty()) {
        Some("$(…)")
    } else if inside("{", "}").is_some_and(|inner| is_plain(inner) && names_source(inner)) {
        Some("{env:…}")
    } else if inside("%", "%").is_some_and(is_name) {
        Some("%…%")
    } else if text
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("$env:"))
        || text.strip_prefix('$').is_some_and(is_loud)
    {
        Some("$…")
    } else {
        None
    }
}

/// What is wrong with a value of that form; it may be a secret, so it is not shown.
pub(super) fn problem(form: &str) -> String {
    format!("is a placeholder, {form}, that nothing replaced")
}

/// The fault of `setting` if its text is a placeholder.
pub(super) fn fault(setting: &Setting, found: &Found) -> Option<Fault> {
    let form = form(&found.text)?;
    let remedy = "set the value itself where your client or shell does not fill it in";
    let remedy = match setting.kind {
        Kind::Secret(file) => format!(
            "{remedy}; a secret that looks like that goes into a file that {} names",
            file.spoken()
        ),
        _ => remedy.to_owned(),
    };
    Some(Fault::new(&found.place, problem(form), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_text_that_is_a_placeholder_is_recognised() {
        for text in [
            "${KESTRA_PASSWORD}",
            " ${env:KESTRA_PASSWORD} ",
            "${input:kestra-password}",
            "${user_config.password}",
            "${KESTRA_PASSWORD:-none}",
            "\"${KESTRA_PASSWORD}\"",
            "$KESTRA_PASSWORD",
            "$env:KestraPassword",
            "%KESTRA_PASSWORD%",
            "%AppData%",
            "{{ kestra_password }}",
            "${{ secrets.KESTRA_PASSWORD }}",
            "{env:KESTRA_PASSWORD}",
            "#{KESTRA_PASSWORD}",
            "$(KESTRA_PASSWORD)",
            "$(pass show kestra)",
        ] {
            assert!(form(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_text_that_merely_contains_such_characters_is_a_value() {
        for text in [
            "",
            "$",
            "$1",
            "$ecret",
            "$ecret-${X}",
            "a${X}",
            "${X}b",
            "${X}${Y}",
            "${}",
            "#{}",
            "#1{a}",
            "pa$$WORD",
            "$A",
            "%",
            "%%",
            "50%",
            "%41%20%",
            "{}",
            "{a}",
            "{a:b}",
            "{\"a\":1}",
            "{{}}",
            "$()",
            "http://localhost:8080",
            "<your password>",
        ] {
            assert_eq!(form(text), None, "{text}");
        }
    }
}
