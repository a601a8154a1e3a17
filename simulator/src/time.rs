//! Dates and durations as Kestra writes and reads them.

use chrono::{DateTime, SecondsFormat, Utc};

fn date(ms: u64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(i64::try_from(ms).unwrap_or(i64::MAX)).unwrap_or_default()
}

/// `2026-01-05T08:00:00.000000Z`.
pub(crate) fn iso(ms: u64) -> String {
    date(ms).to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// `2026-01-05T08:00:00Z`, with a fraction only when there is one.
pub(crate) fn iso_short(ms: u64) -> String {
    date(ms).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `PT1.685S`.
pub(crate) fn iso_duration(ms: u64) -> String {
    let (seconds, rest) = (ms / 1000, ms % 1000);
    if rest == 0 {
        return format!("PT{seconds}S");
    }
    let fraction = format!("{rest:03}");
    format!("PT{seconds}.{}S", fraction.trim_end_matches('0'))
}

/// A duration as `java.time.Duration` writes it: `PT2M`, `PT1H0.5S`.
pub(crate) fn java_text(ms: u64) -> String {
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let mut text = String::from("PT");
    for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
        if number > 0 {
            text.push_str(&number.to_string());
            text.push(unit);
        }
    }
    if rest > 0 || ms == 0 {
        let seconds = iso_duration(rest);
        text.push_str(seconds.trim_start_matches("PT"));
    }
    text
}

/// An instant with a zone, in milliseconds since the epoch (0 for dates before it).
pub(crate) fn parse_instant(text: &str) -> Option<u64> {
    let date = DateTime::parse_from_rfc3339(text).ok()?;
    Some(u64::try_from(date.timestamp_millis()).unwrap_or(0))
}

/// An ISO 8601 duration (weeks to seconds) in milliseconds.
pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('P')?;
    let mut in_time = false;
    let mut total = 0_f64;
    let mut any = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            in_time = true;
            rest = time;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let unit = after.chars().next()?;
        let seconds = match (unit, in_time) {
            ('W', false) => 604_800.0,
            ('D', false) => 86_400.0,
            ('H', true) => 3_600.0,
            ('M', true) => 60.0,
            ('S', true) => 1.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        any = true;
        rest = after.get(1..)?;
    }
    any.then_some(milliseconds(total))
}

/// Seconds as whole milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations of flows are small and not negative"
)]
pub(crate) fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Seconds of an ISO 8601 duration as `java.time.Duration` reads it: with signs, in either case,
/// without weeks, and with fractions of seconds alone.
pub(crate) fn java_duration(text: &str) -> Option<f64> {
    let text = text.to_ascii_uppercase();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    let mut rest = rest.strip_prefix('P')?;
    let mut units = [
        ("D", 86_400.0),
        ("T", 0.0),
        ("H", 3_600.0),
        ("M", 60.0),
        ("S", 1.0),
    ]
    .iter();
    let (mut total, mut read) = (0.0, false);
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_uppercase())?;
        let (number, after) = rest.split_at_checked(end)?;
        let (unit, seconds) = units.find(|(unit, _)| after.starts_with(unit))?;
        read = *unit != "T";
        if *unit == "T" && !number.is_empty() || number.contains(['.', ',']) && *unit != "S" {
            return None;
        }
        if read {
            total += number.replace(',', ".").parse::<f64>().ok()? * seconds;
        }
        rest = after.get(1..)?;
    }
    read.then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::{iso, iso_duration, java_text, parse_duration, parse_instant};

    #[test]
    fn durations_are_read_and_written() {
        assert_eq!(parse_duration("PT5M"), Some(300_000));
        assert_eq!(parse_duration("P1DT0.5S"), Some(86_400_500));
        assert_eq!(parse_duration("5 minutes"), None);
        assert_eq!(parse_duration("P"), None);
        assert_eq!(iso_duration(1_685), "PT1.685S");
        assert_eq!(iso_duration(2_000), "PT2S");
        assert_eq!(java_text(120_000), "PT2M");
        assert_eq!(java_text(3_600_500), "PT1H0.5S");
        assert_eq!(java_text(0), "PT0S");
    }

    #[test]
    fn instants_need_a_zone() {
        assert_eq!(parse_instant("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(parse_instant("1970-01-01T00:00:01"), None);
        assert_eq!(parse_instant("1970-01-01"), None);
        assert_eq!(iso(1000), "1970-01-01T00:00:01.000000Z");
    }
}
