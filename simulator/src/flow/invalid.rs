//! Why a source is not a valid flow, as Kestra words it.

use crate::error::ApiError;

/// Why a source is not a valid flow.
#[derive(Clone, Debug)]
pub(crate) enum Invalid {
    /// It cannot be deserialized: the name of the class, and the parser's message.
    Source { what: &'static str, text: String },
    /// It has an unknown property or type: a message, and `(message, path)` of each embedded error.
    Unknown {
        message: String,
        errors: Vec<(String, String)>,
    },
    /// It violates constraints: `(path, message)` of each.
    Constraints(Vec<(String, String)>),
    /// Kestra fails with an internal error.
    Broken(String),
}

impl Invalid {
    /// The message of a validation response.
    pub(crate) fn validation_message(&self) -> String {
        match self {
            Self::Broken(text) => format!("Unable to validate the flow: {text}"),
            _ => format!("Validation error: {}", self.message("")),
        }
    }

    /// The message without its prefix; `none` stands for the path of violations that have none.
    fn message(&self, none: &str) -> String {
        match self {
            Self::Source { what, text } => format!("Illegal {what} source: {text}"),
            Self::Unknown { message, .. } => message.clone(),
            Self::Broken(text) => text.clone(),
            Self::Constraints(list) => list.iter().fold(String::new(), |text, (path, message)| {
                let path = if path.is_empty() {
                    none.to_owned()
                } else {
                    format!("{path}:")
                };
                format!("{text}{path} {message}\n")
            }),
        }
    }

    /// The message outside of API responses.
    pub(crate) fn text(&self) -> String {
        self.message(":")
    }

    /// The error response to a create or update.
    pub(crate) fn to_error(&self) -> ApiError {
        let errors = match self {
            Self::Source { text, .. } => vec![(text.clone(), "yaml".to_owned())],
            Self::Unknown { errors, .. } => errors.clone(),
            Self::Constraints(list) => list
                .iter()
                .map(|(path, message)| (message.clone(), path.clone()))
                .collect(),
            Self::Broken(text) => return ApiError::internal(text.clone()),
        };
        ApiError::invalid_entity(self.text(), errors)
    }

    /// A property that the class does not have.
    pub(super) fn unknown_property(name: &str, class: &str, path: &str, known: &[&str]) -> Self {
        let list: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
        let message = format!(
            "Unrecognized field \"{name}\" (class {class}), not marked as ignorable ({} known \
             properties: {})",
            list.len(),
            list.join(", ")
        );
        Self::Unknown {
            errors: vec![(message.clone(), path.to_owned())],
            message,
        }
    }

    /// A type that does not exist; `long` is Jackson's message.
    pub(super) fn unknown_type(name: &str, long: String, path: &str) -> Self {
        let message = format!("Invalid type: {name}");
        let errors = vec![(long, path.to_owned()), (message.clone(), path.to_owned())];
        Self::Unknown { message, errors }
    }
}
