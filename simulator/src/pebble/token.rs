//! Splits expressions into tokens.

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(String),
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '"' | '\'' => {
                tokens.push(Token::Text(
                    chars.by_ref().take_while(|next| *next != c).collect(),
                ));
            }
            c if c.is_ascii_digit() => {
                let mut word = String::from(c);
                while let Some(next) = chars.next_if(|n| n.is_ascii_digit() || *n == '.') {
                    word.push(next);
                }
                tokens.push(Token::Number(word.parse().unwrap_or(0.0)));
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(next) =
                    chars.next_if(|n| n.is_alphanumeric() || matches!(n, '_' | '-'))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
            c => {
                let mut sign = String::from(c);
                if let Some(next) = chars
                    .next_if(|next| matches!((c, next), ('?', '?') | ('=' | '!' | '<' | '>', '=')))
                {
                    sign.push(next);
                }
                tokens.push(Token::Sign(sign));
            }
        }
    }
    tokens
}
