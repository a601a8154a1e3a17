//! The signature algorithms of a provider's tokens.

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Value;

/// Algorithms whose key only the provider has. The library verifies all of these but ES512, which
/// is missing here.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The supported algorithms among those that a provider lists. Logs a warning if there is none.
pub(super) fn algorithms(
    issuer: &str,
    listed: &[CoreJwsSigningAlgorithm],
) -> Vec<CoreJwsSigningAlgorithm> {
    let taken = ALGORITHMS.iter().filter(|known| listed.contains(known));
    let taken: Vec<CoreJwsSigningAlgorithm> = taken.cloned().collect();
    if taken.is_empty() {
        let listed: Vec<String> = listed.iter().map(name).collect();
        tracing::warn!(
            issuer,
            listed = listed.join(" "),
            taken = ALGORITHMS.map(|one| name(&one)).join(" "),
            "the identity provider signs ID tokens with no algorithm that is supported (ES512 is \
             not), so nobody can sign in: make it use another"
        );
    }
    taken
}

/// The name in a JOSE header.
fn name(algorithm: &CoreJwsSigningAlgorithm) -> String {
    let name = serde_json::to_value(algorithm).ok();
    let name = name.as_ref().and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}
