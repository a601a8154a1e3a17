//! Cron expressions of five fields, or six with seconds, in UTC.

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};

/// The fields of an expression and their units; seconds only where they are enabled.
const PARTS: [(u32, u32); 6] = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];

/// Why a text is not an expression, in the words of Kestra's parser as far as they are recorded.
pub(crate) fn check(expression: &str, seconds: bool) -> Result<(), String> {
    if shorthand(expression).is_some() {
        return Ok(());
    }
    let wanted = if seconds { 6 } else { 5 };
    let fields: Vec<&str> = expression.split_whitespace().collect();
    if fields.len() != wanted {
        return Err(format!(
            "Cron expression contains {} parts but we expect one of [{wanted}]",
            fields.len()
        ));
    }
    let parts = PARTS.iter().skip(PARTS.len() - wanted);
    for (field, (low, high)) in fields.iter().zip(parts) {
        if values(field, *low, *high).is_none_or(|values| values.is_empty()) {
            return Err(format!(
                "Failed to parse '{expression}'. Value {field} not in range [{low}, {high}]"
            ));
        }
    }
    Ok(())
}

fn shorthand(expression: &str) -> Option<&'static str> {
    Some(match expression {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        _ => return None,
    })
}

/// The first date after a given one, in milliseconds since the epoch. `None` if there is none within
/// four years or the text is not an expression.
pub(crate) fn next(expression: &str, after: u64) -> Option<u64> {
    let expression = shorthand(expression).unwrap_or(expression);
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return with_seconds(&fields, after);
    };
    let start = DateTime::<Utc>::from_timestamp_millis(i64::try_from(after).ok()?)?;
    let start = start.with_second(0)?.with_nanosecond(0)? + Duration::minutes(1);
    let (minutes, hours) = (values(minute, 0, 59)?, values(hour, 0, 23)?);
    let (days, months, weekdays) = (
        values(day, 1, 31)?,
        values(month, 1, 12)?,
        values(weekday, 0, 7)?,
    );
    for offset in 0..1461 {
        let date = start.date_naive() + Duration::days(offset);
        let weekday = date.weekday().num_days_from_sunday();
        let right_day = days.contains(&date.day())
            && months.contains(&date.month())
            && (weekdays.contains(&weekday) || (weekday == 0 && weekdays.contains(&7)));
        if !right_day {
            continue;
        }
        for hour in &hours {
            for minute in &minutes {
                let moment = date.and_hms_opt(*hour, *minute, 0)?.and_utc();
                if moment >= start {
                    return u64::try_from(moment.timestamp_millis()).ok();
                }
            }
        }
    }
    None
}

/// In this minute if a matching second is left, else in the next matching minute.
fn with_seconds(fields: &[&str], after: u64) -> Option<u64> {
    let (second, rest) = fields.split_first().filter(|(_, rest)| rest.len() == 5)?;
    let (seconds, rest) = (values(second, 0, 59)?, rest.join(" "));
    let moments = |minute: u64| {
        let seconds = seconds.iter();
        seconds.map(move |second| minute + u64::from(*second) * 1_000)
    };
    let minute = after - after % 60_000;
    let now = (next(&rest, minute.saturating_sub(60_000)) == Some(minute))
        .then(|| moments(minute).filter(|moment| *moment > after).min());
    now.flatten().or_else(|| moments(next(&rest, after)?).min())
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A number in the range of a field, or a name of months and days.
fn value(text: &str, low: u32, high: u32) -> Option<u32> {
    let named = |names: &[&str], first: u32| {
        let mut names = names.iter().zip(first..);
        let found = names.find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, number)| number)
    };
    let number = match text.parse() {
        Ok(number) => Some(number),
        Err(_) if high == 12 => named(&MONTHS, 1),
        Err(_) if high == 7 => named(&DAYS, 0),
        Err(_) => None,
    };
    number.filter(|number| (low..=high).contains(number))
}

fn values(field: &str, low: u32, high: u32) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for piece in field.split(',') {
        let (range, step) = match piece.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (piece, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (value(from, low, high)?, value(to, low, high)?),
            None => {
                let from = value(range, low, high)?;
                (from, if piece.contains('/') { high } else { from })
            }
        };
        all.extend(
            (from..=to)
                .step_by(step)
                .filter(|value| (low..=high).contains(value)),
        );
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::{check, next};
    use crate::time::{iso_short, parse_instant};

    #[test]
    fn finds_the_next_date() {
        let after = parse_instant("2026-11-21T07:13:21Z").unwrap();
        let cases = [
            ("0 3 * * *", "2026-11-22T03:00:00Z"),
            ("*/15 * * * *", "2026-11-21T07:15:00Z"),
            ("0 0 1 * *", "2026-12-01T00:00:00Z"),
            ("30 8 * * 1-5", "2026-11-23T08:30:00Z"),
        ];
        for (expression, expected) in cases {
            assert_eq!(
                next(expression, after).map(iso_short).as_deref(),
                Some(expected)
            );
        }
        assert_eq!(next("never", after), None);
    }

    #[test]
    fn says_what_is_no_expression() {
        for expression in ["@daily", "*/5 1-3,7 * JAN mon-fri", "0 0 31 2 *"] {
            assert_eq!(check(expression, false), Ok(()), "{expression}");
        }
        assert_eq!(check("*/2 * * * * *", true), Ok(()));
        let parts = |count: usize, wanted: usize| {
            Err(format!(
                "Cron expression contains {count} parts but we expect one of [{wanted}]"
            ))
        };
        assert_eq!(check("often", false), parts(1, 5));
        assert_eq!(check("0 0 5 * * 1", false), parts(6, 5));
        assert_eq!(check("0 5 * * 1", true), parts(5, 6));
        for expression in [
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "x * * * *",
            "*/0 * * * *",
        ] {
            assert!(check(expression, false).is_err(), "{expression}");
        }
    }
}
