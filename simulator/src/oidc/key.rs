//! Signing keys.

use std::{fmt, io};

use aws_lc_rs::{
    hmac,
    rand::{SecureRandom, SystemRandom},
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A signature algorithm (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// 2048-bit RSA, PKCS #1 v1.5.
    Rs256,
    /// The same, with SHA-384.
    Rs384,
    /// The same, with SHA-512.
    Rs512,
    /// 2048-bit RSA, PSS.
    Ps256,
    /// The same, with SHA-384.
    Ps384,
    /// The same, with SHA-512.
    Ps512,
    /// ECDSA with P-256.
    Es256,
    /// ECDSA with P-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

enum Pair {
    Rsa(Box<rsa::KeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key pair with its id.
pub(super) struct Key {
    pub(super) kid: String,
    algorithm: Algorithm,
    pair: Pair,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn failed<E>(_: E) -> io::Error {
    io::Error::other("no key could be made or used")
}

/// `N` random bytes, in base64url.
pub(super) fn random<const N: usize>() -> io::Result<String> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    pub(super) fn generate(algorithm: Algorithm) -> io::Result<Self> {
        let pair = match algorithm {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(failed)?;
                Pair::Rsa(Box::new(pair))
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Pair::Ec(pair.map_err(failed)?)
            }
            Algorithm::Es384 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING);
                Pair::Ec(pair.map_err(failed)?)
            }
            Algorithm::EdDsa => Pair::Ed(Ed25519KeyPair::generate().map_err(failed)?),
        };
        Ok(Self {
            kid: random::<9>()?,
            algorithm,
            pair,
        })
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key as the crypto library encodes it.
    pub(super) fn public(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ec(pair) => pair.public_key().as_ref(),
            Pair::Ed(pair) => pair.public_key().as_ref(),
        }
    }

    /// The public key as a JWK (RFC 7517).
    pub(super) fn jwk(&self) -> Value {
        let public = self.public();
        let part = |range: std::ops::Range<usize>| base64url(public.get(range).unwrap_or_default());
        let mut jwk = match &self.pair {
            // RSAPublicKey (RFC 8017 A.1.1) of 2048 bits: the modulus starts at byte 9, after its
            // sign; the exponent is always 65537.
            Pair::Rsa(_) => json!({ "kty": "RSA", "n": part(9..265), "e": "AQAB" }),
            // An uncompressed point (SEC 1 2.3.3).
            Pair::Ec(_) if self.algorithm == Algorithm::Es384 => {
                json!({ "kty": "EC", "crv": "P-384", "x": part(1..49), "y": part(49..97) })
            }
            Pair::Ec(_) => {
                json!({ "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65) })
            }
            Pair::Ed(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": part(0..32) }),
        };
        if let Value::Object(jwk) = &mut jwk {
            jwk.insert("use".to_owned(), json!("sig"));
            jwk.insert("kid".to_owned(), json!(self.kid));
            jwk.insert("alg".to_owned(), json!(self.algorithm.as_str()));
        }
        jwk
    }

    pub(super) fn sign(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding: &dyn aws_lc_rs::signature::RsaEncoding = match self.algorithm {
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    Algorithm::Ps384 => &RSA_PSS_SHA384,
                    Algorithm::Ps512 => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// An HS256 signature.
pub(super) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, message).as_ref().to_vec()
}
