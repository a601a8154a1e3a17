//! What Kestra makes of texts without quotes.
//!
//! Kestra reads a source into a map before it reads it into a flow, and takes ids and namespaces out
//! of that map in places: in its validation, in the answer of a POST. There a plain scalar is what
//! Jackson's reader of YAML says: a truth value, null, a number. The rules are Jackson's.

/// What the plain scalar `text` is in that map, as text; none where it stays itself.
pub(super) fn changed(text: &str) -> Option<String> {
    let read = match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some("null".into()),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => "true".into(),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => "false".into(),
        _ => number(text)?,
    };
    (read != text).then_some(read)
}

/// Whether the plain scalar `text` is a text in that map.
pub(super) fn is_text(text: &str) -> bool {
    changed(text).is_none() && !matches!(text, "true" | "false") && number(text).is_none()
}

/// The number that `text` is read as, as Java writes it.
fn number(text: &str) -> Option<String> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let mut digits = body.chars();
    if !digits
        .next()
        .is_some_and(|c| c.is_ascii_digit() || c == '.')
    {
        return None;
    }
    integer(sign, body).or_else(|| fraction(sign, body, body.len() < text.len()))
}

fn integer(sign: &str, body: &str) -> Option<String> {
    let whole = |digits: &str, radix: u32| {
        let digits: String = digits.chars().filter(|c| *c != '_').collect();
        let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        valid.then_some(digits)
    };
    let based = |digits: &str, radix: u32| {
        let digits = whole(digits, radix)?;
        // Longer ones are changed all the same; what they are read as is not worth their digits.
        let read = u128::from_str_radix(&digits, radix)
            .map_or_else(|_| "another number".into(), |number| number.to_string());
        Some(read)
    };
    let read = if let Some(digits) = body.strip_prefix("0x") {
        based(digits, 16)?
    } else if let Some(digits) = body.strip_prefix("0b") {
        based(digits, 2)?
    } else if body.len() > 1 && body.starts_with('0') {
        whole(body, 8).filter(|digits| digits.len() > 1)?;
        based(body, 8)?
    } else {
        whole(body, 10)?
    };
    Some(if read == "0" {
        read
    } else {
        format!("{sign}{read}")
    })
}

/// A number with a dot or an exponent; those of minutes and hours are an error to Jackson.
fn fraction(sign: &str, body: &str, signed: bool) -> Option<String> {
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(exponent) = exponent {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if power.is_empty() || !digits(power) {
            return None;
        }
    }
    let numeric = |c: char| c.is_ascii_digit() || c == '_';
    let (before, after) = match mantissa.split_once('.') {
        Some((before, after)) => (before, Some(after)),
        None => (mantissa, None),
    };
    if let (Some((hours, rest)), None) = (before.split_once(':'), exponent) {
        let below_60 = |part: &str| digits(part) && matches!(part.parse::<u8>(), Ok(0..=59));
        let time = hours.chars().all(numeric) && rest.split(':').all(below_60);
        return (time && after?.chars().all(numeric)).then(|| "an error".into());
    }
    let dotted = after.is_some_and(|after| {
        after.chars().all(numeric) && !(before.is_empty() && after.is_empty())
    });
    if !before.chars().all(numeric) || !(dotted || after.is_none() && exponent.is_some()) {
        if exponent.is_none() && before.is_empty() {
            let known = after.is_some_and(|word| {
                matches!(word, "inf" | "Inf" | "INF")
                    || matches!(word, "nan" | "NaN" | "NAN") && !signed
            });
            return known.then(|| "an error".into());
        }
        return None;
    }
    let plain: String = body.chars().filter(|c| *c != '_').collect();
    match plain.parse::<f64>() {
        Ok(number) => Some(format!("{sign}{}", java(number))),
        Err(_) => Some("an error".into()),
    }
}

/// A positive number as `Double.toString` writes it.
fn java(number: f64) -> String {
    if number.is_infinite() {
        return "Infinity".into();
    }
    if number == 0.0 || (1e-3..1e7).contains(&number) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, power)) if mantissa.contains('.') => format!("{mantissa}E{power}"),
        Some((mantissa, power)) => format!("{mantissa}.0E{power}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_kestra_showed_and_jackson_reads() {
        for (text, read) in [
            ("no", "false"),
            ("On", "true"),
            ("007", "7"),
            ("010", "8"),
            ("1e3", "1000.0"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("-0_7", "-7"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("+1", "1"),
            ("1e400", "Infinity"),
            ("12e20", "1.2E21"),
            ("~", "null"),
            ("", "null"),
            ("null", "null"),
            (".inf", "an error"),
            ("1:30.5", "an error"),
        ] {
            assert_eq!(changed(text).as_deref(), Some(read), "{text}");
            assert!(!is_text(text), "{text}");
        }
        for text in ["true", "1", "-1", "1.5"] {
            assert_eq!((changed(text), is_text(text)), (None, false), "{text}");
        }
        for text in [
            "y",
            "n",
            "nO",
            "1a",
            "1-1",
            "2dcafe",
            "2026-01-01",
            "12:30",
            "08",
            "0_",
            "0X1f",
            ".",
            "1.5.2",
            "<<",
            "=",
            "hello",
            "-.nan",
            "71:12_.",
            ".e3",
            "0o7",
        ] {
            assert_eq!((changed(text), is_text(text)), (None, true), "{text}");
        }
    }
}
