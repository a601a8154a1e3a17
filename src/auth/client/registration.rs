//! Client metadata (RFC 7591 section 2), whether a client registers it or a metadata document has it.

use serde::{Deserialize as _, Deserializer};

/// The grant types of this server.
pub const AUTHORIZATION_CODE: &str = "authorization_code";

/// See [`AUTHORIZATION_CODE`].
pub const REFRESH_TOKEN: &str = "refresh_token";

/// A name as far as it is kept: 200 characters.
pub fn short_name(name: &str) -> String {
    name.chars().take(200).collect()
}

/// A text of a client's metadata: some programs write an empty one for what they do not have.
///
/// # Errors
/// When it is not a string.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}
