//! Error responses of Kestra's API.

use serde_json::Value;

use crate::settings::Dialect;

mod body;

/// An error response, independent of how a line formats it.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    /// The prefix of the message in HATEOAS bodies (`Illegal argument`); may be empty.
    prefix: &'static str,
    pub(crate) message: String,
    /// The last segment of `type` in problem documents.
    slug: &'static str,
    /// `(message, path)` of each embedded error.
    pub(crate) errors: Vec<(String, String)>,
    /// The body of the few responses that do not have the form of errors.
    body: Option<Value>,
    /// Whether a route matched: in 2.0, the headers of a 404 say so.
    matched: bool,
}

impl ApiError {
    fn new(
        status: u16,
        prefix: &'static str,
        slug: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let (message, errors) = (message.into(), Vec::new());
        Self {
            status,
            prefix,
            message,
            slug,
            errors,
            body: None,
            matched: true,
        }
    }

    /// 404 for an object that does not exist.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "", "not-found", "Not Found")
    }

    /// 404 with a reason.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(404, "Not Found", "not-found", message)
    }

    /// 404 for a route that does not exist.
    pub(crate) fn no_route() -> Self {
        Self {
            matched: false,
            ..Self::not_found()
        }
    }

    /// 403 (1.3: 401), with which Enterprise answers requests whose route or `Accept` does not
    /// match.
    pub(crate) fn forbidden(dialect: Dialect) -> Self {
        let error = if dialect == Dialect::V1_3 {
            Self::unauthorized("")
        } else {
            Self::new(403, "", "forbidden", "Forbidden")
        };
        Self {
            matched: false,
            ..error
        }
    }

    /// 401.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "Unauthorized", "unauthenticated", message)
    }

    /// 422 for a well-formed value that is not acceptable.
    pub(crate) fn illegal_argument(message: impl Into<String>) -> Self {
        Self::new(422, "Illegal argument", "invalid-argument", message)
    }

    /// 422 for a malformed parameter.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(422, "Unprocessable Entity", "invalid-argument", message)
    }

    /// 422 for an entity that violates constraints.
    pub(crate) fn invalid_entity(
        message: impl Into<String>,
        errors: Vec<(String, String)>,
    ) -> Self {
        Self {
            errors,
            ..Self::new(422, "Invalid entity", "invalid-entity", message)
        }
    }

    /// 422 for a parameter that cannot be converted; the odd prefix is Kestra's.
    pub(crate) fn unconvertible(argument: &str, value: &str, cause: &str) -> Self {
        let message =
            format!("Failed to convert argument [{argument}] for value [{value}] due to: {cause}");
        Self::new(422, "Internal server error", "invalid-argument", message)
    }

    /// 422 for a missing body.
    pub(crate) fn missing_body(name: &str) -> Self {
        let message = format!("Required Body [{name}] not specified");
        Self::new(422, "Invalid route params", "invalid-request-body", message)
    }

    /// 409 as 1.3 words it.
    pub(crate) fn illegal_state(message: impl Into<String>) -> Self {
        Self::new(409, "Illegal state", "conflict", message)
    }

    /// 409 as 2.0 words it.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "Conflict", "conflict", message)
    }

    /// 409 for a flow that already exists (2.0 GA).
    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(409, "Conflict", "entity-already-exists", message)
    }

    /// 400.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", "bad-request", message)
    }

    /// 400 for filters that a resource does not support.
    pub(crate) fn invalid_filters(message: impl Into<String>) -> Self {
        let message = format!("Provided query filters are invalid: {}", message.into());
        Self::new(
            400,
            "Invalid query filters",
            "invalid-query-filters",
            message,
        )
    }

    /// 410.
    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Resource has expired", "resource-expired", message)
    }

    /// 500.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "Internal server error", "internal-error", message)
    }

    /// 405.
    pub(crate) fn method_not_allowed(method: &str, path: &str, allowed: &[&str]) -> Self {
        let allowed = allowed.join(", ");
        let message =
            format!("Method [{method}] not allowed for URI [{path}]. Allowed methods: [{allowed}]");
        Self {
            matched: false,
            ..Self::new(405, "Method Not Allowed", "bad-request", message)
        }
    }

    /// 403 for a tenant that the user is not a member of.
    pub(crate) fn forbidden_tenant(tenant: &str) -> Self {
        Self::new(
            403,
            "Forbidden",
            "forbidden",
            format!("No access to tenant '{tenant}'"),
        )
    }

    /// 504 for an action that was not confirmed in time.
    pub(crate) fn timeout() -> Self {
        Self::new(
            504,
            "Gateway Timeout",
            "timeout",
            "The operation was not confirmed in time",
        )
    }

    /// 415.
    pub(crate) fn unsupported_media_type(given: &str, allowed: &str) -> Self {
        let message = format!("Content Type [{given}] not allowed. Allowed types: [{allowed}]");
        Self::new(415, "Unsupported Media Type", "bad-request", message)
    }

    /// 406.
    pub(crate) fn not_acceptable(given: &str, offered: &str) -> Self {
        let message =
            format!("Specified Accept Types [{given}] not supported. Supported types: [{offered}]");
        Self::new(406, "Not Acceptable", "bad-request", message)
    }

    /// An error with a body of its own.
    pub(crate) fn with_body(status: u16, slug: &'static str, message: &str, body: Value) -> Self {
        Self {
            body: Some(body),
            ..Self::new(status, "", slug, message)
        }
    }
}
