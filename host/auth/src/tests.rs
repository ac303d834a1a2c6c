//! Tokens as their readers see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tempfile::TempDir;

use super::*;

const START: u64 = 1_700_000_000;
const HOUR: u64 = 60 * 60;

fn auth(folder: &TempDir, now: &Arc<AtomicU64>) -> Auth {
    let now = Arc::clone(now);
    let clock = Arc::new(move || now.load(Ordering::Relaxed));
    Auth::open(&folder.path().join("auth-keys.json"), "http://127.0.0.1:7007/", clock)
}

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

#[test]
fn a_token_is_backstages_and_says_who_and_until_when() {
    let (folder, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(START)));
    let auth = auth(&folder, &now);
    let signed_in = auth.sign_in_guest().unwrap();
    let (header, claims) = (part(&signed_in.token, 0), part(&signed_in.token, 1));
    assert_eq!((&header["typ"], &header["alg"]), (&"vnd.backstage.user".into(), &"ES256".into()));
    assert_eq!(claims["iss"], "http://127.0.0.1:7007/api/auth");
    assert_eq!((&claims["sub"], &claims["aud"]), (&GUEST.into(), &"backstage".into()));
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(START), Some(START + HOUR)));
    assert_eq!(auth.verify(&signed_in.token), Ok(Bearer { user: GUEST.into(), expires: START + HOUR }));
    let keys = auth.public_keys();
    let key = &keys["keys"][0];
    assert_eq!((&key["kid"], &key["kty"], &key["crv"]), (&header["kid"], &"EC".into(), &"P-256".into()));
    assert_eq!((key["x"].as_str().map(str::len), key["y"].as_str().map(str::len)), (Some(43), Some(43)));

    let limited = auth.limited(&signed_in.token).unwrap();
    assert_eq!(part(&limited.token, 0)["typ"], "vnd.backstage.limited-user");
    assert_eq!((limited.expires, limited.expires_in), (START + HOUR, HOUR));
    let verified = token::verify(&limited.token, LIMITED_USER, |kid| auth.keys().verifier(kid, START));
    assert_eq!(verified.unwrap().0["sub"], GUEST, "its signature holds");
    assert_eq!(auth.verify(&limited.token), Err(TokenError::Unknown), "it is no token of a person");

    now.store(START + HOUR, Ordering::Relaxed);
    assert_eq!(auth.verify(&signed_in.token), Err(TokenError::Expired));
}

#[test]
fn what_was_not_signed_here_is_not_taken() {
    let (folder, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(START)));
    let auth = auth(&folder, &now);
    let token = auth.sign_in_guest().unwrap().token;
    let [header, claims, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let other = claims.replace(&claims[10..14], "AAAA");
    let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"vnd.backstage.user","alg":"none"}"#);
    let stranger = tempfile::tempdir().unwrap();
    let strange = self::auth(&stranger, &now).sign_in_guest().unwrap().token;
    for bad in [
        format!("{header}.{other}.{signature}"),
        format!("{none}.{claims}."),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        strange,
        String::new(),
        "a.b.c".to_owned(),
        "é".repeat(20_000),
    ] {
        assert_eq!(auth.verify(&bad), Err(TokenError::Unknown), "{}", bad.chars().take(40).collect::<String>());
    }
}

#[test]
fn keys_are_kept_for_their_owner_and_renewed() {
    let (folder, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(START)));
    let file = folder.path().join("auth-keys.json");
    let first = auth(&folder, &now).sign_in_guest().unwrap().token;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = auth(&folder, &now);
    assert!(again.verify(&first).is_ok(), "after a restart");
    assert_eq!(part(&again.sign_in_guest().unwrap().token, 0), part(&first, 0), "the same key");

    now.store(START + 7 * 24 * HOUR - 1, Ordering::Relaxed);
    let last = again.sign_in_guest().unwrap().token;
    now.store(START + 7 * 24 * HOUR + 1, Ordering::Relaxed);
    let next = again.sign_in_guest().unwrap().token;
    assert_ne!(part(&next, 0), part(&last, 0), "another key");
    assert!(again.verify(&last).is_ok(), "what the old one signed is still taken");
    assert_eq!(again.public_keys()["keys"].as_array().unwrap().len(), 2);
    now.store(START + 14 * 24 * HOUR + 10, Ordering::Relaxed);
    assert_eq!(again.public_keys()["keys"].as_array().unwrap().len(), 2, "the oldest is gone");

    std::fs::write(&file, "not what was written").unwrap();
    let new = auth(&folder, &now);
    assert_eq!(new.verify(&again.sign_in_guest().unwrap().token), Err(TokenError::Unknown));
    assert!(new.sign_in_guest().is_some());
}
