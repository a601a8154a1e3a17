//! Signing keys, and sealed values of any table.

use crate::store::time::Ms;

/// A key that signs access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid`
    pub kid: String,
    /// The public key as a JWK (JSON).
    pub public: String,
    /// PKCS#8 v1, sealed.
    pub private: Vec<u8>,
    /// It signs from then on.
    pub activate_at: Ms,
    /// When it is no longer published; none means never.
    pub drop_at: Option<Ms>,
}

/// A sealed value and its place, for key rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row.
    pub row: String,
    /// The value.
    pub value: Vec<u8>,
}
