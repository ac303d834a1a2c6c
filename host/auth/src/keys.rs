//! The keys that tokens are signed with: made at the first start, kept in a file of their owner's, renewed every week.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a key signs, in seconds.
const SIGNS: u64 = 7 * 24 * 60 * 60;
/// How long what it signed is taken after that.
const LINGERS: u64 = 24 * 60 * 60;
/// The longest file that is read.
const LONGEST_FILE: u64 = 1024 * 1024;

/// A key.
pub(crate) struct Key {
    kept: Kept,
    pair: EcdsaKeyPair,
}

/// A key as the file holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    id: String,
    created_at: u64,
    /// The private key in base64.
    pkcs8: String,
}

impl Key {
    fn new(now: u64) -> Option<Self> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
        let id = uuid::Uuid::new_v4().to_string();
        Self::read(Kept { id, created_at: now, pkcs8: STANDARD.encode(pkcs8) })
    }

    fn read(kept: Kept) -> Option<Self> {
        let pkcs8 = STANDARD.decode(&kept.pkcs8).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).ok()?;
        Some(Self { kept, pair })
    }

    pub(crate) fn id(&self) -> &str {
        &self.kept.id
    }

    pub(crate) fn pair(&self) -> &EcdsaKeyPair {
        &self.pair
    }

    /// A clock that was set back makes no key unusable.
    fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.kept.created_at)
    }

    fn public(&self) -> Value {
        // An uncompressed point: a sign, and two numbers of 32 bytes.
        let point = self.pair.public_key().as_ref();
        let number = |from: usize| URL_SAFE_NO_PAD.encode(point.get(from..from + 32).unwrap_or_default());
        json!({ "kty": "EC", "x": number(1), "y": number(33), "crv": "P-256", "kid": self.id(), "alg": "ES256" })
    }
}

/// All keys that are still good for something, oldest first.
pub(crate) struct Keys {
    file: PathBuf,
    keys: Vec<Key>,
}

impl Keys {
    /// The keys of a file; a first one is made where there is none.
    pub(crate) fn open(file: &Path, now: u64) -> Self {
        let kept = match read(file) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "keys for tokens could not be read; new ones are made, and who is signed in signs in again");
                Vec::new()
            }
        };
        let mut keys = Self { file: file.to_owned(), keys: kept.into_iter().filter_map(Key::read).collect() };
        keys.current(now);
        keys
    }

    /// The key to sign with. None only where the system gives no random numbers.
    pub(crate) fn current(&mut self, now: u64) -> Option<&Key> {
        if self.keys.last().is_none_or(|key| key.age(now) >= SIGNS) {
            self.keys.retain(|key| key.age(now) < SIGNS + LINGERS);
            self.keys.extend(Key::new(now));
            if let Err(error) = self.write() {
                tracing::warn!(file = %self.file.display(), %error, "keys for tokens could not be kept; after a restart people sign in again");
            }
        }
        self.keys.last()
    }

    /// The public half of the key with this name, as a point.
    pub(crate) fn verifier(&self, id: &str, now: u64) -> Option<Vec<u8>> {
        let key = self.keys.iter().find(|key| key.id() == id)?;
        (key.age(now) < SIGNS + LINGERS).then(|| key.pair.public_key().as_ref().to_vec())
    }

    /// The public halves as JSON Web Keys.
    pub(crate) fn public(&self, now: u64) -> Vec<Value> {
        self.keys.iter().filter(|key| key.age(now) < SIGNS + LINGERS).map(Key::public).collect()
    }

    fn write(&self) -> io::Result<()> {
        let kept: Vec<&Kept> = self.keys.iter().map(|key| &key.kept).collect();
        let text = serde_json::to_string_pretty(&kept)?;
        // Under another name first, so that a full disk leaves the old file as it is.
        let part = self.file.with_extension("part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        std::fs::rename(&part, &self.file)
    }
}

fn read(path: &Path) -> io::Result<Vec<Kept>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text)?;
    // What the parser says could repeat what it read, which is secret.
    serde_json::from_str(&text).map_err(|_| io::Error::other("it is not what was written"))
}
