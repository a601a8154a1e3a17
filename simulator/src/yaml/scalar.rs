//! Resolves plain scalars as Jackson does when it reads a map.

use serde_json::{Number, Value};

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The value of a plain scalar. Numbers that JSON does not have stay strings.
pub(super) fn read(text: &str) -> Value {
    match text {
        _ if is_null(text) => Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        _ => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let negative = text.starts_with('-');
    integer(body, negative).or_else(|| fraction(body, negative))
}

fn integer(body: &str, negative: bool) -> Option<Value> {
    let (digits, radix) = if let Some(digits) = body.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = body.strip_prefix("0b") {
        (digits, 2)
    } else if body.len() > 1 && body.starts_with('0') {
        (body.get(1..)?, 8)
    } else {
        (body, 10)
    };
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let Ok(number) = i128::from_str_radix(&digits, radix) else {
        return Some(Value::String(digits));
    };
    let number = if negative { -number } else { number };
    let whole = i64::try_from(number).map(Value::from);
    Some(whole.unwrap_or_else(|_| Value::String(number.to_string())))
}

/// A number with a dot or an exponent.
fn fraction(body: &str, negative: bool) -> Option<Value> {
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let powers = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    if powers.is_some_and(|powers| powers.is_empty() || !powers.chars().all(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let numeric = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '_');
    let good = match mantissa.split_once('.') {
        Some((before, after)) => {
            numeric(before) && numeric(after) && !(before.is_empty() && after.is_empty())
        }
        None => exponent.is_some() && numeric(mantissa),
    };
    if !good {
        return None;
    }
    let number: f64 = body.replace('_', "").parse().ok()?;
    let number = if negative { -number } else { number };
    let read = Number::from_f64(number).map(Value::Number);
    Some(read.unwrap_or_else(|| Value::String("Infinity".to_owned())))
}

/// A number as Java formats it.
pub(super) fn java(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    if float == 0.0 || (1e-3..1e7).contains(&float.abs()) {
        return format!("{float:?}");
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((mantissa, power)) if mantissa.contains('.') => format!("{mantissa}E{power}"),
        Some((mantissa, power)) => format!("{mantissa}.0E{power}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::node::as_text;

    #[test]
    fn plain_scalars_are_read_as_by_jackson() {
        for (text, value) in [
            ("no", json!(false)),
            ("On", json!(true)),
            ("~", json!(null)),
            ("007", json!(7)),
            ("-0_7", json!(-7)),
            ("08", json!("08")),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("+1", json!(1)),
            ("1.50", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("y", json!("y")),
            ("nO", json!("nO")),
            ("12:30", json!("12:30")),
            ("2026-01-01", json!("2026-01-01")),
            ("1.5.2", json!("1.5.2")),
            ("1-1", json!("1-1")),
            ("2dcafe", json!("2dcafe")),
            (".", json!(".")),
            ("0", json!(0)),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
    }

    #[test]
    fn numbers_become_text_as_java_writes_them() {
        for (text, written) in [("1e3", "1000.0"), ("12e20", "1.2E21"), ("1e-4", "1.0E-4")] {
            assert_eq!(as_text(&read(text)).as_deref(), Some(written));
        }
    }
}
