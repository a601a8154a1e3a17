//! Instants and durations as texts.

use chrono::{DateTime, Datelike as _, Duration, SecondsFormat, Timelike as _, Utc};

/// RFC 3339 in UTC, as Kestra takes it everywhere.
pub fn utc(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An instant with its offset, by RFC 3339; no leap second and no year of five digits, which
/// Kestra cannot read and then takes for no date at all.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    plain_instant(instant).then_some(instant)
}

pub(super) fn plain_instant(instant: DateTime<Utc>) -> bool {
    instant.nanosecond() < 1_000_000_000 && (0..=9999).contains(&instant.year())
}

/// An ISO 8601 duration of weeks, days, hours, minutes and seconds, such as `P1DT2H` or `PT1.5S`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.to_ascii_uppercase();
    let rest = text.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let date = units(days, &[('W', 604_800.0), ('D', 86_400.0)])?;
    let time = units(time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)])?;
    let ms = (date + time) * 1000.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
    (ms < 1e15).then(|| Duration::milliseconds(ms as i64))
}

/// Seconds of a row of numbers with their units, in the order of `table`.
fn units(text: &str, table: &[(char, f64)]) -> Option<f64> {
    let mut seconds = 0.0;
    let mut number = String::new();
    let mut table = table.iter();
    for c in text.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
        } else {
            let (_, factor) = table.find(|(unit, _)| *unit == c)?;
            seconds += number.parse::<f64>().ok()? * factor;
            number.clear();
        }
    }
    number.is_empty().then_some(seconds)
}
