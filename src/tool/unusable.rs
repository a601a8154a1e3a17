//! What comes in the place of an answer.

use thiserror::Error;

/// Why what came is not the answer to what was asked. Nothing of what others wrote stands in the
/// text of it.
#[derive(Debug, Error)]
pub enum Unusable {
    /// It is about another object than the one that was asked for.
    #[error("the answer to the step {step} is about another object")]
    OtherObject {
        /// The step of the tool that asked.
        step: &'static str,
    },
    /// It is longer than what is read of one.
    #[error("more than {most} bytes")]
    TooLong {
        /// The limit in bytes.
        most: usize,
    },
    /// The connection ended in the middle of it.
    #[error("the answer ended early")]
    Incomplete {
        /// In words.
        cause: String,
    },
    /// It succeeds, and is not JSON.
    #[error("not JSON")]
    NotJson {
        /// Its media type.
        media: String,
        /// Its beginning for our log, without secrets; empty when it is long.
        body: String,
    },
    /// It succeeds, and is a page for people where text was expected.
    #[error("an HTML page")]
    APage {
        /// Its beginning for our log, without secrets; empty when it is long.
        body: String,
    },
    /// It leads elsewhere, where no credential follows.
    #[error("a redirect ({status})")]
    Redirect {
        /// HTTP status.
        status: u16,
        /// Its media type.
        media: String,
        /// Its beginning for our log, without secrets.
        body: String,
    },
    /// It answers a search and holds no list.
    #[error("not a page of results")]
    NotAPage,
    /// It lacks what a later request needs.
    #[error("no value for {parameter}")]
    Lacking {
        /// The parameter of that request.
        parameter: &'static str,
    },
    /// It answers a validation and holds no verdict.
    #[error("no verdict on the source")]
    NoVerdict,
}

impl Unusable {
    /// What our log keeps besides; not for the model.
    pub fn detail(&self) -> String {
        match self {
            Self::Incomplete { cause } => cause.clone(),
            Self::NotJson { media, body } | Self::Redirect { media, body, .. } => {
                format!("{media}: {body}")
            }
            Self::APage { body } => body.clone(),
            Self::OtherObject { .. }
            | Self::TooLong { .. }
            | Self::NotAPage
            | Self::Lacking { .. }
            | Self::NoVerdict => String::new(),
        }
    }
}
