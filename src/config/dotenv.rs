//! Files of `VARIABLE=value` lines, as python-dotenv reads them without interpolation.
//!
//! No maintained crate reads a value with spaces and no quotes, which such files contain, and all of
//! them replace `$NAME` inside values.

use super::environment::Environment;

/// A line that cannot be read: its number, from 1, and what is wrong, without its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    pub(super) number: usize,
    /// The word it begins with, if that may be the name of a variable.
    pub(super) name: Option<String>,
    pub(super) problem: &'static str,
}

/// The variables of `text`, the last of those with the same name, and the lines that cannot be read.
pub(super) fn parse(text: &str) -> (Environment, Vec<BadLine>) {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let (mut variables, mut bad) = (Environment::new(), Vec::new());
    loop {
        reader.skip(char::is_whitespace);
        if reader.rest.is_empty() {
            return (variables, bad);
        }
        let (number, begin) = (reader.line, reader.rest);
        match reader.setting() {
            Ok(Some((name, value))) => {
                variables.insert(name, value);
            }
            Ok(None) => {}
            Err(problem) => {
                reader.skip(|c| c != '\n');
                bad.push(BadLine {
                    number,
                    name: name_of(begin),
                    problem,
                });
            }
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Reader<'t> {
    /// Passes over the characters that `skipped` holds for, and returns them.
    fn skip(&mut self, skipped: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !skipped(c)).unwrap_or(self.rest.len());
        let (start, rest) = self.rest.split_at(end);
        self.line += start.matches('\n').count();
        self.rest = rest;
        start
    }

    /// Passes over white space within the line; whether there was any.
    fn blanks(&mut self) -> bool {
        !self.skip(|c| c.is_whitespace() && c != '\n').is_empty()
    }

    /// One line: a variable, or none for a comment.
    fn setting(&mut self) -> Result<Option<(String, String)>, &'static str> {
        if self.rest.starts_with('#') {
            self.skip(|c| c != '\n');
            return Ok(None);
        }
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest;
            self.blanks();
        }
        let name = self.skip(|c| c != '=' && c != '#' && !c.is_whitespace());
        self.blanks();
        let Some(rest) = self.rest.strip_prefix('=').filter(|_| !name.is_empty()) else {
            return Err("it is not VARIABLE=value");
        };
        self.rest = rest;
        let blank = self.blanks();
        let value = match self.rest.chars().next() {
            Some('#') if blank => {
                self.skip(|c| c != '\n');
                String::new()
            }
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => without_comment(self.skip(|c| c != '\n')).to_owned(),
        };
        Ok(Some((name.to_owned(), value)))
    }

    /// A value in quotes, which may span lines; only a comment may follow it.
    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        let end = loop {
            match characters.next() {
                None => return Err("a quote is not closed"),
                Some((at, c)) if c == quote => break at,
                Some((_, '\\')) => match characters.next() {
                    Some((_, next)) => value.push_str(&unescaped(quote, next)),
                    None => return Err("a quote is not closed"),
                },
                Some((_, c)) => value.push(c),
            }
        };
        let (inside, rest) = self.rest.split_at(end + quote.len_utf8());
        self.line += inside.matches('\n').count();
        self.rest = rest;
        self.blanks();
        if self.rest.is_empty() || self.rest.starts_with(['\n', '#']) {
            self.skip(|c| c != '\n');
            Ok(value)
        } else {
            Err("something stands after the closing quote")
        }
    }
}

/// The variable that an unreadable line is about.
fn name_of(line: &str) -> Option<String> {
    let line = line.strip_prefix("export").map_or(line, str::trim_start);
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = line.split(|c| !is_of_name(c)).next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The text that a backslash and `next` stand for between such quotes.
fn unescaped(quote: char, next: char) -> String {
    let escape = match (quote, next) {
        (_, '\\' | '\'') | ('"', '"') => next,
        ('"', 'n') => '\n',
        ('"', 'r') => '\r',
        ('"', 't') => '\t',
        ('"', 'a') => '\u{7}',
        ('"', 'b') => '\u{8}',
        ('"', 'f') => '\u{c}',
        ('"', 'v') => '\u{b}',
        _ => return format!("\\{next}"),
    };
    escape.to_string()
}

/// A value up to the end of its line: a comment needs white space before it.
fn without_comment(text: &str) -> &str {
    let comment = text.char_indices().find(|(at, c)| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        *c == '#' && before.is_some_and(char::is_whitespace)
    });
    let (value, _) = text.split_at(comment.map_or(text.len(), |(at, _)| at));
    value.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        let (variables, bad) = parse(text);
        assert_eq!(bad, [], "{text:?}");
        variables.get("A").expect(text).to_owned()
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        for (text, value) in [
            ("A=openid profile", "openid profile"),
            ("A = b c \n", "b c"),
            ("export A=b\n", "b"),
            ("\u{feff}# head\n\n  A=b # comment\r\n", "b"),
            ("A=b#c", "b#c"),
            ("A=#c", "#c"),
            ("A= # c", ""),
            ("A=", ""),
            ("A=$HOME ${X}", "$HOME ${X}"),
            ("A='$x \"y\" # z' # c", "$x \"y\" # z"),
            ("A='it\\'s \\n'", "it's \\n"),
            ("A=\"a\\n\\\"b\\\" \\$c\"", "a\n\"b\" \\$c"),
            ("A=\"one\ntwo\"\nB=c", "one\ntwo"),
            ("A=1\nA=2", "2"),
            ("A=b=c==", "b=c=="),
        ] {
            assert_eq!(one(text), value, "{text:?}");
        }
    }

    #[test]
    fn unreadable_lines_are_reported_and_the_others_read() {
        let text = "A=1\nno setting\n=x\n'open\nB=\"open\nC=3\n";
        let (variables, bad) = parse(text);
        assert_eq!(variables.get("A").map(String::as_str), Some("1"));
        let lines: Vec<usize> = bad.iter().map(|bad| bad.number).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        let names: Vec<_> = bad.iter().map(|bad| bad.name.as_deref()).collect();
        assert_eq!(names, [Some("no"), None, None, Some("B")]);
        assert_eq!(variables.get("C").map(String::as_str), Some("3"));
        let (_, bad) = parse("A='b' c\n");
        assert_eq!(bad[0].problem, "something stands after the closing quote");
    }
}
