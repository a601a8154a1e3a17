//! Times of the database.

/// Milliseconds since the epoch.
pub type Ms = i64;

/// A sign-in ends after this time without a page.
pub const IDLE: Ms = 30 * 60 * 1000;
/// That a credential or a grant was used is noted no more often than that.
pub const USED: Ms = 60 * 1000;
