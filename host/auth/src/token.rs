//! Tokens as JSON Web Signatures of the algorithm ES256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::keys::Key;

/// What a person's token says that it is.
pub(crate) const USER: &str = "vnd.backstage.user";
/// What a limited token says that it is.
pub(crate) const LIMITED_USER: &str = "vnd.backstage.limited-user";

/// A whole token.
pub(crate) fn sign(key: &Key, kind: &str, claims: &Value) -> Option<String> {
    let message = message(key.id(), kind, claims);
    let signature = key.pair().sign(&SystemRandom::new(), message.as_bytes()).ok()?;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// A token's signature alone.
pub(crate) fn signature(key: &Key, kind: &str, claims: &Value) -> Option<String> {
    sign(key, kind, claims)?.rsplit_once('.').map(|(_, signature)| signature.to_owned())
}

/// What is signed: header and claims.
pub(crate) fn message(key: &str, kind: &str, claims: &Value) -> String {
    let header = json!({ "typ": kind, "alg": "ES256", "kid": key });
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The claims of a token of a kind whose signature holds, with the name of its key.
pub(crate) fn verify(
    token: &str,
    kind: &str,
    public_key: impl FnOnce(&str) -> Option<Vec<u8>>,
) -> Option<(Value, String)> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let header = json(header)?;
    if header["alg"] != "ES256" || header["typ"] != kind {
        return None;
    }
    let key = header["kid"].as_str()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key(key)?);
    verifier.verify(message.as_bytes(), &signature).ok()?;
    Some((json(claims)?, key.to_owned()))
}
