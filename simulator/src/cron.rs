//! Cron expressions of five fields, in UTC.

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};

/// The first date after a moment, in milliseconds since the epoch; none within four years, or
/// for what is no expression.
pub(crate) fn next(expression: &str, after: u64) -> Option<u64> {
    let expression = match expression {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    };
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return None;
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

fn values(field: &str, low: u32, high: u32) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for piece in field.split(',') {
        let (range, step) = match piece.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (piece, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => {
                let from: u32 = range.parse().ok()?;
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
    use super::next;
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
}
