//! Random values, from the operating system.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::secret::Secret;

fn text<const BYTES: usize>() -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// A secret: 256 bits in 43 characters of base64url, to be stored as a [`crate::store::Hash`].
pub fn secret() -> Result<Secret, getrandom::Error> {
    text::<32>().map(|text| Secret::new(text.as_str()))
}

/// An identifier, which is not a secret: 128 bits in 22 characters.
pub fn id() -> Result<String, getrandom::Error> {
    text::<16>().map(|text| text.to_string())
}
