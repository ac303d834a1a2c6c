//! Signing in, as guests: tokens in Backstage's form, and the keys that they are signed with.
//!
//! A token says who its bearer is and until when, and everybody can check that with the public half of its key. Until
//! sign-in is configured there is one such person, the guest, whose token gives no right that a request without one would
//! not have. This crate knows nothing of HTTP and of what people may do.

mod keys;
mod token;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use keys::Keys;
use token::{LIMITED_USER, USER};

/// The guest, as Backstage names it.
pub const GUEST: &str = "user:development/guest";
/// How long a token is good for, in seconds.
const LIFE: u64 = 60 * 60;
/// Longer tokens are none of ours.
const LONGEST: usize = 32_768;

/// Tells the time in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("this token is not known here")]
    Unknown,
    #[error("this token has expired; sign in again")]
    Expired,
}

/// A token with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub token: String,
    /// Who signed in, as a reference.
    pub user: String,
    /// How many seconds it is good for.
    pub expires_in: u64,
}

/// A token that says no more than who somebody is, for places where tokens are less safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    pub token: String,
    /// When it expires, in seconds since 1970.
    pub expires: u64,
    /// How many seconds it is good for.
    pub expires_in: u64,
}

/// Who a token says that its bearer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// A reference.
    pub user: String,
    /// Until when, in seconds since 1970.
    pub expires: u64,
}

/// Makes tokens and checks them.
pub struct Auth {
    issuer: String,
    keys: Mutex<Keys>,
    clock: Clock,
}

impl Auth {
    /// Tokens of the issuer `{base_url}/api/auth`, signed with keys that are kept in a file. Where the file cannot be read or
    /// written, they last as long as the process.
    pub fn open(file: &Path, base_url: &str, clock: Clock) -> Self {
        let keys = Mutex::new(Keys::open(file, clock()));
        Self { issuer: format!("{}/api/auth", base_url.trim_end_matches('/')), keys, clock }
    }

    /// The name that tokens give as their issuer, which is where its addresses begin.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Signs the guest in. None when no key can be made.
    pub fn sign_in_guest(&self) -> Option<SignedIn> {
        let now = (self.clock)();
        let mut keys = self.keys();
        let key = keys.current(now)?;
        let limited = token::signature(key, LIMITED_USER, &limited_claims(GUEST, now, now + LIFE))?;
        let claims = json!({
            "iss": self.issuer, "sub": GUEST, "aud": "backstage", "iat": now, "exp": now + LIFE,
            // What turns it into a limited token.
            "uip": limited,
        });
        let token = token::sign(key, USER, &claims)?;
        Some(SignedIn { token, user: GUEST.to_owned(), expires_in: LIFE })
    }

    /// Who bears a token.
    ///
    /// # Errors
    /// When it is none that was made here, or too old.
    pub fn verify(&self, token: &str) -> Result<Bearer, TokenError> {
        let (claims, _) = self.claims(token)?;
        let user = claims["sub"].as_str().ok_or(TokenError::Unknown)?.to_owned();
        Ok(Bearer { user, expires: claims["exp"].as_u64().unwrap_or_default() })
    }

    /// The limited token that belongs to a token.
    ///
    /// # Errors
    /// When the token is none that was made here, or too old.
    pub fn limited(&self, token: &str) -> Result<Limited, TokenError> {
        let (claims, key) = self.claims(token)?;
        let text = |name: &str| claims[name].as_str().ok_or(TokenError::Unknown);
        let number = |name: &str| claims[name].as_u64().ok_or(TokenError::Unknown);
        let (issued, expires) = (number("iat")?, number("exp")?);
        let limited = limited_claims(text("sub")?, issued, expires);
        let token = format!("{}.{}", token::message(&key, LIMITED_USER, &limited), text("uip")?);
        Ok(Limited { token, expires, expires_in: expires.saturating_sub((self.clock)()) })
    }

    /// The public halves of the keys, as a JSON Web Key Set.
    pub fn public_keys(&self) -> Value {
        let now = (self.clock)();
        let mut keys = self.keys();
        keys.current(now);
        json!({ "keys": keys.public(now) })
    }

    /// What a token says, and the name of its key.
    fn claims(&self, token: &str) -> Result<(Value, String), TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Unknown);
        }
        let now = (self.clock)();
        let (claims, key) =
            token::verify(token, USER, |kid| self.keys().verifier(kid, now)).ok_or(TokenError::Unknown)?;
        if claims["exp"].as_u64().is_none_or(|expires| expires <= now) {
            return Err(TokenError::Expired);
        }
        Ok((claims, key))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn limited_claims(user: &str, issued: u64, expires: u64) -> Value {
    json!({ "sub": user, "iat": issued, "exp": expires })
}

#[cfg(test)]
mod tests;
