//! How long a response may be cached (RFC 9111).

use chrono::DateTime;
use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderName};

/// Seconds that no response is cached beyond.
const LONGEST: u64 = 24 * 60 * 60;
/// Seconds for a response that does not say (RFC 9111 section 4.2.2).
const SILENT: u64 = 5 * 60;

/// Seconds for which a response with these headers may be cached.
pub(super) fn seconds(headers: &HeaderMap) -> u64 {
    let texts = |name: HeaderName| headers.get_all(name).into_iter().map(|text| text.to_str());
    let control = texts(CACHE_CONTROL)
        .map(|text| text.unwrap_or("no-store").to_ascii_lowercase())
        .collect::<Vec<_>>()
        .join(",");
    let directives: Vec<&str> = control.split(',').map(str::trim).collect();
    if directives.iter().any(|directive| {
        // With or without field names: none of it is cached.
        directive.starts_with("no-store") || directive.starts_with("no-cache")
    }) {
        return 0;
    }
    let number = |name: &str| {
        let value = directives
            .iter()
            .find_map(|directive| directive.strip_prefix(name)?.strip_prefix('='))?;
        // A value that cannot be read counts as stale.
        Some(value.trim_matches('"').parse::<u64>().unwrap_or(0))
    };
    let date = |name| DateTime::parse_from_rfc2822(headers.get(name)?.to_str().ok()?).ok();
    let life = number("max-age").or_else(|| {
        headers.contains_key(EXPIRES).then(|| {
            let life = date(EXPIRES).zip(date(DATE)).map(|(end, now)| end - now);
            life.and_then(|life| u64::try_from(life.num_seconds()).ok())
                .unwrap_or(0)
        })
    });
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.parse::<u64>().ok());
    life.unwrap_or(SILENT)
        .saturating_sub(age.unwrap_or(0))
        .min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_responses_are_cached_as_their_headers_say_for_a_day_at_most() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let later = "Sun, 06 Nov 1994 08:50:37 GMT";
        for (sent, kept) in [
            (vec![], SILENT),
            (vec![("cache-control", "max-age=60")], 60),
            (vec![("cache-control", "public, Max-Age=\"60\"")], 60),
            (vec![("cache-control", "max-age=60"), ("age", "20")], 40),
            (vec![("cache-control", "max-age=60"), ("age", "80")], 0),
            (vec![("cache-control", "max-age=60, no-cache")], 0),
            (
                vec![
                    ("cache-control", "max-age=60"),
                    ("cache-control", "no-store"),
                ],
                0,
            ),
            (
                vec![("cache-control", "no-cache=\"set-cookie\", max-age=9")],
                0,
            ),
            (vec![("cache-control", "max-age=a")], 0),
            (vec![("cache-control", "max-age=31536000")], LONGEST),
            (vec![("expires", later), ("date", date)], 60),
            (vec![("expires", date), ("date", later)], 0),
            (vec![("expires", "0")], 0),
            (
                vec![
                    ("expires", later),
                    ("date", date),
                    ("cache-control", "max-age=9"),
                ],
                9,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &sent {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(seconds(&headers), kept, "{sent:?}");
        }
    }
}
