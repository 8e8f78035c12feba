//! Secrets: tokens, and what must be readable again (lines' passwords) sealed with
//! XChaCha20-Poly1305 under a key that lies in the data folder, readable by the owner only.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

const KEY_OCTETS: usize = 32;
const NONCE_OCTETS: usize = 24;

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Vault(XChaCha20Poly1305);

/// Why a sealed value could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file.
    #[error("the key file cannot be used: {0}")]
    File(#[from] io::Error),
    /// The key file is not 32 octets.
    #[error(
        "the key file is damaged: it must hold 32 octets. Restore it from a backup, or delete it and enter the lines' passwords again"
    )]
    KeyLength,
    /// The value was sealed under another key, or changed.
    #[error("a sealed value cannot be opened: it was sealed with another key")]
    Sealed,
    /// No random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

impl Vault {
    /// Reads the key, or makes one on the first start.
    pub(crate) fn open(file: &Path) -> Result<Self, VaultError> {
        let key = match fs::read(file) {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(file)?,
            Err(error) => return Err(error.into()),
        };
        XChaCha20Poly1305::new_from_slice(&key)
            .map(Self)
            .map_err(|_| VaultError::KeyLength)
    }

    /// Seals `plain`; it opens only for the same `purpose` (`line:<id>`).
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = random::<NONCE_OCTETS>()?;
        let payload = Payload {
            msg: plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Self::seal`] made.
    pub(crate) fn open_sealed(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_OCTETS>()
            .ok_or(VaultError::Sealed)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        self.0
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| VaultError::Sealed)
    }
}

fn make_key(file: &Path) -> Result<Vec<u8>, VaultError> {
    let key = random::<KEY_OCTETS>()?;
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(&key)?;
    out.sync_all()?;
    Ok(key.to_vec())
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).map_err(|error| VaultError::Random(error.to_string()))?;
    Ok(octets)
}

/// A token of 256 random bits, safe in URLs and cookies.
pub(crate) fn token() -> Result<String, VaultError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// A short random name of 80 bits.
pub(crate) fn short_token() -> Result<String, VaultError> {
    Ok(hex::encode(random::<10>()?))
}

/// What is stored of a token.
pub(crate) fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_for_its_purpose_and_with_its_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("key")).unwrap();
        let sealed = vault.seal("line:1", b"secret").unwrap();
        assert_eq!(vault.open_sealed("line:1", &sealed).unwrap(), b"secret");
        assert!(vault.open_sealed("line:2", &sealed).is_err());
        let again = Vault::open(&folder.path().join("key")).unwrap();
        assert_eq!(again.open_sealed("line:1", &sealed).unwrap(), b"secret");
        let other = Vault::open(&folder.path().join("other")).unwrap();
        assert!(other.open_sealed("line:1", &sealed).is_err());
        assert!(vault.open_sealed("line:1", b"short").is_err());
    }

    #[test]
    fn the_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let _ = Vault::open(&file).unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
