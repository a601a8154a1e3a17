//! The codes of errors: what clients tell failures apart by. A code never changes its meaning.

use std::fmt;

/// Declares [`Code`], each with its word: so that no list of them can lack one.
macro_rules! codes {
    ($($(#[$meaning:meta])* $name:ident = $word:literal,)*) => {
        /// The code of an error, see the table in docs/errors.md.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$meaning])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As clients read it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// Arguments that are refused; nothing was sent.
    InvalidArgument = "INVALID_ARGUMENT",
    /// Kestra has no such object.
    NotFound = "NOT_FOUND",
    /// Kestra's validation refuses the source.
    ValidationFailed = "VALIDATION_FAILED",
    /// Something else is stored than the caller knows of.
    Conflict = "CONFLICT",
    /// This server changes nothing.
    ReadOnly = "READ_ONLY",
    /// The person keeps no Kestra credential here.
    CredentialRequired = "CREDENTIAL_REQUIRED",
    /// Kestra answers 401.
    CredentialRefused = "CREDENTIAL_REFUSED",
    /// The credential belongs to an administrator of Kestra.
    CredentialTooPowerful = "CREDENTIAL_TOO_POWERFUL",
    /// Kestra answers 403.
    KestraForbidden = "KESTRA_FORBIDDEN",
    /// The version of Kestra is outside the lines of this build.
    Edition = "EDITION",
    /// No address or no credential.
    NotConfigured = "NOT_CONFIGURED",
    /// No connection.
    Unreachable = "UNREACHABLE",
    /// A read had no answer in time.
    Timeout = "TIMEOUT",
    /// A change was sent and its answer never came.
    OutcomeUnknown = "OUTCOME_UNKNOWN",
    /// Kestra refused for another reason, failed, or sent something that is no answer.
    UpstreamError = "UPSTREAM_ERROR",
    /// Too much at once.
    BudgetExceeded = "BUDGET_EXCEEDED",
    /// No role of the caller, or not the token, allows it.
    PolicyDenied = "POLICY_DENIED",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
