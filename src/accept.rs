//! Which kinds of answers a client takes (RFC 9110 section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;
use mime::{APPLICATION_JSON, Mime, TEXT_EVENT_STREAM, TEXT_HTML};

/// A range of kinds with its weight. Its parameters say nothing of kinds that have none.
#[derive(Debug)]
struct Range {
    kind: Mime,
    weight: f32,
}

/// What the header says, in all its lines.
#[derive(Debug)]
pub struct Accepted(Vec<Range>);

/// The parts of a list at commas outside of quotes.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' => return !quoted,
            _ => {}
        }
        false
    })
}

fn range(text: &str) -> Option<Range> {
    let kind: Mime = text.trim().parse().ok()?;
    let weight = kind.get_param("q").and_then(|q| q.as_str().parse().ok());
    // A weight that is none excludes nothing.
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    Some(Range {
        weight: weight.unwrap_or(1.0),
        kind,
    })
}

impl Accepted {
    /// What cannot be read of it says nothing.
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        Self(lines.flat_map(parts).filter_map(range).collect())
    }

    /// How much of a kind a range says: all, its type, or nothing.
    fn precision(range: &Range, kind: &Mime) -> Option<u8> {
        let (main, sub) = (range.kind.type_(), range.kind.subtype());
        if range.kind.essence_str() == kind.essence_str() {
            Some(2)
        } else if sub == mime::STAR && main == kind.type_() {
            Some(1)
        } else if sub == mime::STAR && main == mime::STAR {
            Some(0)
        } else {
            None
        }
    }

    /// Whether `kind` is acceptable: the most precise range decides, and who says nothing takes all.
    fn takes(&self, kind: &Mime) -> bool {
        let ranges = self.0.iter();
        let of_kind =
            ranges.filter_map(|range| Some((Self::precision(range, kind)?, range.weight)));
        let best = of_kind.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.0.is_empty() || best.is_some_and(|(_, weight)| weight > 0.0)
    }

    fn names(&self, kind: &Mime) -> bool {
        let named = |range: &Range| Self::precision(range, kind) == Some(2) && range.weight > 0.0;
        self.0.iter().any(named)
    }

    /// Whether an answer may be JSON.
    pub fn json(&self) -> bool {
        self.takes(&APPLICATION_JSON)
    }

    /// Whether an answer may be a stream of events.
    pub fn events(&self) -> bool {
        self.takes(&TEXT_EVENT_STREAM)
    }

    /// Whether JSON is asked for by name.
    pub fn names_json(&self) -> bool {
        self.names(&APPLICATION_JSON)
    }

    /// Whether a page is asked for by name, as browsers do, and not programs that take whatever comes.
    pub fn names_html(&self) -> bool {
        self.names(&TEXT_HTML)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn accepted(lines: &[&str]) -> Accepted {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        Accepted::of(&headers)
    }

    #[test]
    fn ranges_weights_and_lines_count_as_the_standard_says() {
        for (lines, json, events) in [
            (&[][..], true, true),
            (&[""], true, true),
            (&["*/*"], true, true),
            (&[" */* ;q=0.1"], true, true),
            (&["application/json, text/event-stream"], true, true),
            (&["application/json", "text/event-stream"], true, true),
            (&["application/json"], true, false),
            (&["APPLICATION/JSON; charset=\"a,b\""], true, false),
            (&["application/*"], true, false),
            (&["text/event-stream"], false, true),
            (&["text/*;q=0.001"], false, true),
            (&["*/*, text/event-stream;q=0"], true, false),
            (&["*/*, application/*;q=0.0"], false, true),
            (&["text/event-stream;q=0, */*;q=0.5"], true, false),
            (&["*/*;q=0, application/json"], true, false),
            (&["*/*;q=0"], false, false),
            (&["*;q=0"], true, true),
            (&["text/html, image/gif, *; q=.2, */*; q=.2"], true, true),
            (&["text/html"], false, false),
            (
                &["application/json-seq, application/vnd.a+json"],
                false,
                false,
            ),
            (&["application/json;q=x"], true, false),
            (&["application/json;q=nan"], true, false),
            (&["application/json;q=0, application/json"], true, false),
            (&["nonsense, application/json"], true, false),
        ] {
            let accepted = accepted(lines);
            let told = (accepted.json(), accepted.events());
            assert_eq!(told, (json, events), "{lines:?}");
        }
    }

    #[test]
    fn who_takes_anything_names_nothing() {
        let browser = accepted(&["text/html,application/xhtml+xml,*/*;q=0.8"]);
        assert!(browser.names_html() && !browser.names_json());
        let any = accepted(&["*/*"]);
        assert!(!any.names_html() && !any.names_json());
        assert!(accepted(&["application/json"]).names_json());
        assert!(!accepted(&["text/html;q=0"]).names_html());
    }
}
