//! Arguments: their formats, all faults in one answer, and one form for what follows.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, Duration, SecondsFormat, Timelike as _, Utc};
use regex::Regex;
use serde_json::{Map, Value};
use vocabulary::{Edge, Expr, Format, Keys, Kind, Run};

use super::error::{Error, Fault};
use super::fault::Faults;
use super::{Reserved, Tool, bindings, coerce, java, lines, source};
use crate::clock::Clock;

/// How many names a wrong one is compared with.
const COMPARED: usize = 1_000;
/// Characters of the key of a label.
const KEY: usize = 100;
/// At most this many labels.
const LABELS: usize = 50;

/// `arguments` checked whole, with defaults filled in, instants in UTC and labels as text.
///
/// # Errors
/// [`Error::Invalid`] with every fault; values are never repeated.
pub fn check(
    tool: &Tool,
    arguments: &Map<String, Value>,
    clock: &Clock,
) -> Result<Map<String, Value>, Error> {
    let mut faults = Faults::default();
    let mut checked = Map::new();
    let mut document = None;
    let strange = |name: &&String| {
        let name = name.as_str();
        let mut taken = tool.arguments.iter();
        !taken.any(|argument| argument.name == name) && !tool.dropped.contains(&name)
    };
    faults.each(arguments.keys().filter(strange), |name| {
        unknown(tool, name, arguments)
    });
    for argument in &tool.arguments {
        let kind = &argument.format.kind;
        let given = arguments
            .get(argument.name)
            .filter(|value| !value.is_null())
            .map(|value| coerce::read(kind, value));
        let given = given.as_deref();
        let value = match given {
            Some(given) => normal(kind, given, clock),
            None if argument.required => None,
            None => match default(kind) {
                Some(default) => Some(default),
                None => continue,
            },
        };
        if let Some(value) = value {
            checked.insert(argument.name.to_owned(), value);
        } else {
            let expected = given.and_then(|given| coerce::expected(kind, given));
            let expected = expected.unwrap_or_else(|| said(argument.format));
            faults.push(Fault::new(argument.name, expected));
        }
        match (kind, given) {
            (Kind::Yaml(names), Some(Value::String(source))) => {
                match source::examine(source, names) {
                    Ok(read) => document = read.map(|read| (argument.name, read.names)),
                    Err(found) => {
                        faults.extend(found.into_iter().map(|fault| fault.at(argument.name)));
                    }
                }
            }
            (Kind::Document(names), Some(object @ Value::Object(_))) => {
                let unfit = source::unfit(object, names).into_iter();
                faults.extend(unfit.map(|expected| Fault::new(argument.name, expected)));
            }
            _ => {}
        }
    }
    let given = tool.exactly_one.iter().filter(|name| {
        arguments
            .get(name.as_str())
            .is_some_and(|value| !value.is_null())
    });
    // One that is given and wrong is a fault of its own.
    if !tool.exactly_one.is_empty() && given.count() != 1 {
        let names = tool.exactly_one.join(" or ");
        faults.push(Fault::new(names.clone(), format!("exactly one of {names}")));
    }
    let words = tool.reserved.iter();
    faults.extend(words.filter_map(|words| taken(words, &checked, document.as_ref())));
    if faults.is_empty() {
        Ok(checked)
    } else {
        Err(Error::Invalid {
            faults: faults.into_vec(),
            inputs: false,
        })
    }
}

/// What would be right, with the words of a list.
fn said(format: &Format) -> String {
    match format.words() {
        Some(words) => format!("{} {}", format.expected, words.list.join(", ")),
        None => format.expected.clone(),
    }
}

/// What is wrong when each of `words` stands in its place.
fn taken(
    words: &Reserved,
    checked: &Map<String, Value>,
    document: Option<&(&'static str, Value)>,
) -> Option<Fault> {
    let stands = |(place, word): &(Expr, String)| {
        let found = match place {
            Expr::Argument(name) => checked.get(name),
            Expr::Document(pointer) => document.and_then(|(_, top)| top.pointer(pointer)),
            Expr::Step(..) | Expr::Row(_) | Expr::Constant(_) => None,
        };
        found.and_then(Value::as_str) == Some(word)
    };
    let (place, word) = words.first().filter(|_| words.iter().all(stands))?;
    let expected = format!("an id other than `{word}`, which Kestra's API reserves here");
    Some(match (place, document) {
        (Expr::Document(pointer), Some((argument, _))) => {
            let key = pointer.trim_start_matches('/');
            Fault::new(*argument, format!("under `{key}` {expected}"))
        }
        (Expr::Argument(name), _) => Fault::new(name, expected),
        _ => return None,
    })
}

fn unknown(tool: &Tool, name: &str, given: &Map<String, Value>) -> Fault {
    let names = tool.arguments.iter().map(|argument| argument.name);
    // What is given under its own name is not what was meant.
    let near = nearest(name, names.filter(|name| !given.contains_key(*name)));
    // The name is the client's text: only as much of it as can be a name.
    let shown: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '_')
        .take(64)
        .collect();
    Fault::no_argument(shown, near)
}

/// The candidate most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short: a long text is not a misspelt one.
    if word.len() > 100 {
        return None;
    }
    candidates
        .take(COMPARED)
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn default(kind: &Kind) -> Option<Value> {
    match kind {
        Kind::Integer { default, .. } => default.map(Value::from),
        Kind::Boolean { default } => default.map(Value::from),
        _ => None,
    }
}

/// The value in its one form; none when it is not of the kind.
fn normal(kind: &Kind, value: &Value, clock: &Clock) -> Option<Value> {
    match kind {
        Kind::Pattern { pattern, id } => {
            let text = value.as_str()?;
            let bad_id = *id && (text.contains("..") || text.ends_with('.'));
            (!bad_id && matches(&pattern.runs, text)).then(|| value.clone())
        }
        Kind::Line(most) => {
            let text = value.as_str()?;
            let fits = !text.trim().is_empty() && text.chars().count() <= *most;
            (fits && !text.chars().any(char::is_control)).then(|| value.clone())
        }
        Kind::Text(most) => (value.as_str()?.len() <= *most).then(|| value.clone()),
        // White space around it is dropped.
        Kind::Secret(most) => {
            let text = value.as_str()?.trim_matches(is_space);
            let fits = !text.is_empty() && text.len() <= *most;
            (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.into())
        }
        Kind::Base64(most) => base64(value.as_str()?, *most).map(Value::String),
        Kind::Integer {
            minimum, maximum, ..
        } => {
            let number = value.as_i64()?;
            (minimum..=maximum)
                .contains(&&number)
                .then(|| Value::from(number))
        }
        Kind::Boolean { .. } => value.is_boolean().then(|| value.clone()),
        Kind::Labels(keys) => labels(value.as_object()?, *keys),
        Kind::Instant(edge) => instant(value.as_str()?, *edge, clock).map(Value::String),
        Kind::Set(words) => {
            let items = value.as_array()?;
            let known = |item: &Value| item.as_str().is_some_and(|text| words.contains(text));
            items.iter().all(known).then(|| {
                let mut once: Vec<Value> = Vec::new();
                for item in items {
                    if !once.contains(item) {
                        once.push(item.clone());
                    }
                }
                Value::Array(once)
            })
        }
        Kind::Word(words) => {
            let known = |text: &str| words.contains(text);
            value.as_str().is_some_and(known).then(|| value.clone())
        }
        Kind::Lines => lines::Range::parse(value.as_str()?).map(|range| range.to_string().into()),
        Kind::Object | Kind::Document(_) => value.is_object().then(|| value.clone()),
        Kind::Json => (!value.is_null()).then(|| value.clone()),
        Kind::Yaml(_) => value.is_string().then(|| value.clone()),
    }
}

/// Base64 (RFC 4648) of at most `most` bytes, padded and without the line breaks and the other alphabet
/// that some encoders write.
fn base64(text: &str, most: usize) -> Option<String> {
    // What takes four characters for three bytes, and a break in each line of 64.
    if text.len() > most.saturating_mul(3) / 2 + 4 {
        return None;
    }
    let mut plain: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    while !plain.len().is_multiple_of(4) && plain.is_ascii() {
        plain.push('=');
    }
    let bytes = STANDARD.decode(&plain).ok()?;
    (bytes.len() <= most).then_some(plain)
}

/// White space, and what stands invisibly at the begin of some files.
fn is_space(next: char) -> bool {
    next.is_whitespace() || next == '\u{feff}'
}

fn matches(runs: &[Run], text: &str) -> bool {
    let mut rest = text.chars().peekable();
    for run in runs {
        let mut count = 0;
        while count < run.most
            && rest
                .next_if(|c| run.ranges.iter().any(|(low, high)| low <= c && c <= high))
                .is_some()
        {
            count += 1;
        }
        if count < run.least {
            return false;
        }
    }
    rest.peek().is_none()
}

fn labels(given: &Map<String, Value>, keys: Keys) -> Option<Value> {
    let mut labels = Map::new();
    for (key, value) in given {
        let text = match value {
            Value::String(_) | Value::Number(_) | Value::Bool(_) => bindings::plain(value),
            _ => return None,
        };
        let fits = match keys {
            Keys::New => is_new(key),
            // Brackets would end the key in a query: `filters[labels][EQUALS][key]`.
            Keys::Any => !key.is_empty() && !key.contains(['[', ']']),
        };
        let control = |text: &str| text.chars().any(char::is_control);
        let long = key.chars().count() > KEY;
        if !fits || long || control(key) || text.trim().is_empty() || control(&text) {
            return None;
        }
        labels.insert(key.clone(), Value::String(text.into_owned()));
    }
    (labels.len() <= LABELS).then_some(Value::Object(labels))
}

/// What Kestra takes as the key of a label: `[\p{Ll}][\p{L}0-9._-]*`.
static NEW: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A\p{Ll}[\p{L}0-9._-]*\z").ok());

fn is_new(key: &str) -> bool {
    let reserved = key.starts_with("system.") || key.starts_with("mcp.");
    !reserved && NEW.as_ref().is_some_and(|regex| regex.is_match(key))
}

fn instant(text: &str, edge: Edge, clock: &Clock) -> Option<String> {
    let now = clock.now();
    let found = if let (Some(back), Edge::Start) = (text.strip_prefix('-'), edge) {
        now.checked_sub_signed(parse_duration(back)?)?
    } else if let Some(date) = java::date(text) {
        match edge {
            Edge::Start => date.and_hms_opt(0, 0, 0)?.and_utc(),
            Edge::End => date.and_hms_milli_opt(23, 59, 59, 999)?.and_utc(),
            Edge::Future => return None,
        }
    } else {
        parse_instant(text)?
    };
    let fits = plain_instant(found) && (edge != Edge::Future || found > now);
    fits.then(|| utc(found))
}

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

fn plain_instant(instant: DateTime<Utc>) -> bool {
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

#[cfg(test)]
mod tests;
