//! How a provider may sign its tokens.

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Value;

/// Signatures that prove something: those whose key only the provider has. Of these the library checks
/// all but ES512.
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

/// Of the algorithms that a provider lists those that are taken here; says so if there is none.
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
            "the identity provider signs ID tokens in no way that is supported here (ES512 is not), \
             and nobody can sign in: have it sign in another"
        );
    }
    taken
}

/// As headers name it.
fn name(algorithm: &CoreJwsSigningAlgorithm) -> String {
    let name = serde_json::to_value(algorithm).ok();
    let name = name.as_ref().and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}
