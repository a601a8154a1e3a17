//! Signs tokens, genuine or forged (RFC 7515 §7.1).

use std::io;

use serde_json::{Map, Value, json};

use super::super::{
    Client, Forgery,
    key::{Key, base64url, mac},
    state::State,
};

enum Signer<'k> {
    Key(&'k Key),
    Mac(Vec<u8>),
    Nobody,
}

/// A token with these claims and forgeries.
pub(super) fn token(
    state: &State,
    client: &Client,
    kind: &str,
    mut claims: Map<String, Value>,
    forgeries: &[&Forgery],
) -> io::Result<String> {
    let mut header: Map<String, Value> = [
        ("alg", state.key.algorithm().as_str()),
        ("typ", kind),
        ("kid", &state.key.kid),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect();
    let mut signer = Signer::Key(&state.key);
    let mut flip = false;
    for forgery in forgeries {
        match forgery {
            Forgery::Claim(name, value) => {
                claims.insert((*name).to_owned(), value.clone());
            }
            Forgery::Without(name) => {
                claims.remove(*name);
            }
            Forgery::Header(name, Some(value)) => {
                header.insert((*name).to_owned(), value.clone());
            }
            Forgery::Header(name, None) => {
                header.remove(*name);
            }
            Forgery::Signature => flip = true,
            Forgery::ForeignKey => signer = Signer::Key(&state.foreign),
            Forgery::UnknownKey => {
                header.insert("kid".to_owned(), json!(state.foreign.kid));
                signer = Signer::Key(&state.foreign);
            }
            Forgery::Unsigned => {
                header.insert("alg".to_owned(), json!("none"));
                signer = Signer::Nobody;
            }
            Forgery::HmacOfPublicKey => {
                header.insert("alg".to_owned(), json!("HS256"));
                signer = Signer::Mac(state.key.public().to_vec());
            }
            Forgery::HmacOfClientSecret => {
                header.insert("alg".to_owned(), json!("HS256"));
                header.remove("kid");
                let secret = client.secret.clone().unwrap_or_default();
                signer = Signer::Mac(secret.into_bytes());
            }
            Forgery::Garbage => return Ok("not.a.token".to_owned()),
        }
    }
    let header = base64url(Value::Object(header).to_string());
    let claims = base64url(Value::Object(claims).to_string());
    let message = format!("{header}.{claims}");
    let mut signature = match signer {
        Signer::Key(key) => key.sign(message.as_bytes())?,
        Signer::Mac(key) => mac(&key, message.as_bytes()),
        Signer::Nobody => Vec::new(),
    };
    if flip && let Some(byte) = signature.first_mut() {
        *byte ^= 1;
    }
    Ok(format!("{message}.{}", base64url(signature)))
}
