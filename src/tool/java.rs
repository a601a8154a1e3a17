//! Dates, times and durations by the grammar of `java.time`, by which Kestra reads inputs.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

/// As `Duration.parse` reads it, in either case: no weeks, and fractions of seconds alone.
static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = "([-+]?[0-9]+)";
    let time = format!("T(?:{number}H)?(?:{number}M)?(?:{number}(?:[.,][0-9]{{0,9}})?S)?");
    Regex::new(&format!(r"(?i-u)\A[-+]?P(?:{number}D)?({time})?\z")).ok()
});

/// The groups of [`DURATION`] that hold numbers, by how many seconds each counts.
const UNITS: [(usize, i64); 4] = [(1, 86_400), (3, 3_600), (4, 60), (5, 1)];

/// Whether `Duration.parse` takes it.
pub fn is_duration(text: &str) -> bool {
    let Some(found) = DURATION.as_ref().and_then(|regex| regex.captures(text)) else {
        return false;
    };
    let mut total = None;
    for (group, seconds) in UNITS {
        let Some(number) = found.get(group) else {
            continue;
        };
        let number = number.as_str().parse::<i64>().ok();
        let part = number.and_then(|number| number.checked_mul(seconds));
        total = part.and_then(|part| part.checked_add(total.unwrap_or_default()));
        if total.is_none() {
            return false;
        }
    }
    let nothing_after_t = found.get(2).is_some_and(|time| time.len() == 1);
    total.is_some() && !nothing_after_t
}

/// A date of `LocalDate.parse`: four digits, two and two.
pub fn date(text: &str) -> Option<NaiveDate> {
    shaped(text, "0000-00-00").then(|| text.parse().ok())?
}

/// Whether `LocalTime.parse` takes it: hours and minutes of two digits, seconds and their fraction
/// as wanted.
pub fn is_time(text: &str) -> bool {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let long = shaped(clock, "00:00:00");
    let digits =
        |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let shape = long || shaped(clock, "00:00") && fraction.is_none();
    let mut parts = clock.split(':').map(str::parse::<u8>);
    let mut below = |most: u8| parts.next().is_none_or(|part| part.is_ok_and(|n| n < most));
    shape && fraction.is_none_or(digits) && below(24) && below(60) && below(60)
}

/// Whether the digits and signs of `text` stand where those of `shape` do.
fn shaped(text: &str, shape: &str) -> bool {
    let fits = |(next, sign): (u8, u8)| match sign {
        b'0' => next.is_ascii_digit(),
        sign => next == sign,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_java() {
        for good in [
            "PT5M",
            "pt5m",
            "-PT5M",
            "+PT5M",
            "PT-5M",
            "P1D",
            "p1dt2h3m4s",
            "P1DT1H",
            "PT1.5S",
            "PT1,5S",
            "PT1.S",
            "PT0S",
            "PT100000H",
        ] {
            assert!(is_duration(good), "{good}");
        }
        for bad in [
            "",
            "P",
            "PT",
            "P1DT",
            "P2W",
            "P1Y",
            "P1M",
            "PT0.5H",
            "PT1M1H",
            "1H",
            "PT1",
            "PT.5S",
            "PT1.0123456789S",
            "PT5M ",
            "PT5M\n",
            "PT1\u{17f}",
            "PT99999999999999999999S",
            "PT9223372036854775807H",
            "5 minutes",
        ] {
            assert!(!is_duration(bad), "{bad}");
        }
    }

    #[test]
    fn dates_and_times_have_all_their_digits() {
        assert!(date("2026-01-02").is_some());
        for bad in [
            "2026-1-2",
            "2026-02-30",
            "26-01-02",
            "2026-01-02 ",
            "2026/01/02",
            " 026-01-02",
        ] {
            assert!(date(bad).is_none(), "{bad}");
        }
        for good in ["08:30", "08:30:00", "23:59:59.123456789"] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "8:30",
            "25:00",
            "23:60",
            "23:59:60",
            "08:30.5",
            "08:30:00.",
            "08:30:00.0123456789",
            "08:30:00Z",
            "0830",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
