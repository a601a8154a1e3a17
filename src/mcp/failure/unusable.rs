//! One message for each kind of unusable answer.

use crate::tool::Unusable;

/// The message for a model.
pub(super) fn message(why: &Unusable) -> String {
    match why {
        Unusable::OtherObject { .. } => {
            "Kestra answered about another object than the one asked for.".to_owned()
        }
        Unusable::TooLong { most } => {
            let most = most >> 20;
            format!("Kestra's answer is larger than {most} MiB. Ask for less.")
        }
        Unusable::Incomplete { .. } => {
            "Kestra closed the connection before its answer was complete.".to_owned()
        }
        Unusable::NotJson { media, .. } => {
            format!("Kestra's address answered {media} that is not JSON. Is the address right?")
        }
        Unusable::APage { .. } => {
            "Kestra's address answered a page where text was expected. Is the address right?"
                .to_owned()
        }
        Unusable::Redirect { status, media, .. } => format!(
            "The address redirects ({status}, {media}) instead of answering. Is it Kestra's own?"
        ),
        Unusable::NotAPage => {
            "The answer is not a page of results of Kestra. Ask the user whether \
             the address is right."
                .to_owned()
        }
        Unusable::Lacking { parameter } => {
            format!("Kestra's answer lacks the value for `{parameter}`.")
        }
        Unusable::NoVerdict => {
            "Kestra's validation said nothing of this source; nothing was saved.".to_owned()
        }
    }
}
