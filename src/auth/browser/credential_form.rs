//! The form in which a person enters a Kestra credential.

use crate::auth::server::form::Form;
use crate::config::Credential;
use crate::pages::account::{Field, KIND, Kind, Problem};
use crate::secret::Secret;

/// Bytes of a field.
const LONGEST: usize = 4096;

fn problem(field: Field, text: &'static str) -> Problem {
    Problem {
        field: Some(field),
        text,
    }
}

/// The text without white space at its ends, which is often copied by mistake.
fn tidied(text: &str, field: Field) -> Result<Option<&str>, Problem> {
    let text = text.trim_matches(|next: char| next.is_whitespace() || next == '\u{feff}');
    if text.len() > LONGEST {
        return Err(problem(field, "It is longer than 4096 bytes."));
    }
    if text.chars().any(char::is_control) {
        return Err(problem(
            field,
            "It contains a line break or another control character.",
        ));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

const NOTHING: Problem = Problem {
    field: None,
    text: "Nothing was entered.",
};

/// A token.
pub(in crate::auth) fn token(text: &str) -> Result<Credential, Problem> {
    let token = tidied(text, Field::Token)?.ok_or(NOTHING)?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let text = "It contains a space or a letter that Kestra tokens do not have.";
        return Err(problem(Field::Token, text));
    }
    Ok(Credential::Token {
        token: Secret::new(token),
        over_basic: false,
    })
}

/// The kind that the person chose, if any.
pub(in crate::auth) fn kind(form: &Form) -> Option<Kind> {
    form.get(KIND).and_then(Kind::named)
}

/// The credential in a form. Fields of the other kind are ignored: a browser may have filled them
/// in.
pub(in crate::auth) fn credential(form: &Form) -> Result<Credential, Problem> {
    let chosen = kind(form);
    let field = |field: Field, of: Kind| {
        if chosen.is_some_and(|chosen| chosen != of) {
            return Ok(None);
        }
        tidied(form.get(field.as_str()).unwrap_or_default(), field)
    };
    let entered = field(Field::Token, Kind::Token)?;
    let username = field(Field::Username, Kind::Basic)?;
    let password = field(Field::Password, Kind::Basic)?;
    match (entered, username, password) {
        (Some(entered), None, None) => token(entered),
        (None, Some(username), Some(password)) => {
            // RFC 7617: what follows the first colon would be read as the password.
            if username.contains(':') {
                return Err(problem(Field::Username, "It contains a colon."));
            }
            Ok(Credential::Basic {
                username: username.to_owned(),
                password: Secret::new(password),
            })
        }
        (None, Some(_), None) => Err(problem(Field::Password, "Enter the password too.")),
        (None, None, Some(_)) => Err(problem(Field::Username, "Enter the user name too.")),
        (None, None, None) => Err(match chosen {
            None => NOTHING,
            Some(Kind::Token) => problem(Field::Token, "Enter the token."),
            Some(Kind::Basic) => problem(Field::Username, "Enter the user name and the password."),
        }),
        (Some(_), _, _) => Err(problem(
            Field::Token,
            "Enter a token, or a user name and a password.",
        )),
    }
}
