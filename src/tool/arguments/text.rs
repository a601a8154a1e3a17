//! Arguments whose text has a form: Base64, and what a pattern matches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vocabulary::Run;

/// Base64 (RFC 4648) of at most `most` bytes, padded and without the line breaks and the other alphabet
/// that some encoders write.
pub(super) fn base64(text: &str, most: usize) -> Option<String> {
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

/// White space, or the byte order mark at the start of some files.
pub(super) fn is_space(next: char) -> bool {
    next.is_whitespace() || next == '\u{feff}'
}

pub(super) fn matches(runs: &[Run], text: &str) -> bool {
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
