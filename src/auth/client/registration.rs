//! Client metadata (RFC 7591 section 2), registered or in a metadata document.

use serde::{Deserialize as _, Deserializer};

/// The grant types that this server supports.
pub const AUTHORIZATION_CODE: &str = "authorization_code";

/// See [`AUTHORIZATION_CODE`].
pub const REFRESH_TOKEN: &str = "refresh_token";

/// A name, cut to the 200 characters that are stored.
pub fn short_name(name: &str) -> String {
    name.chars().take(200).collect()
}

/// A text in client metadata. Some programs write an empty one for what they do not have.
///
/// # Errors
/// When it is not a string.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}
