//! Passwords: argon2id, off the async threads.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::api::error::Error;

/// Characters a password has at least.
pub(crate) const SHORTEST: usize = 10;
/// Octets it has at most: hashing a longer one would cost us, not the attacker.
const LONGEST: usize = 1024;

/// Refuses what is too short or too long.
pub(crate) fn check_new(password: &str) -> Result<(), Error> {
    if password.chars().count() < SHORTEST {
        let message = format!("the password is too short: use {SHORTEST} characters or more");
        return Err(Error::invalid("password_too_short", "new", message));
    }
    if password.len() > LONGEST {
        return Err(Error::invalid(
            "password_too_long",
            "new",
            "the password is too long",
        ));
    }
    Ok(())
}

/// Its hash, as a PHC string.
pub(crate) async fn hash(password: String) -> Result<String, Error> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash: PasswordHash| hash.to_string())
    });
    hashed
        .await
        .map_err(Error::internal)?
        .map_err(|error| Error::internal(anyhow::anyhow!("argon2: {error}")))
}

/// Whether it is the right one. With no hash (no such user, or none set) it takes as long, and is not.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let verified = tokio::task::spawn_blocking(move || match hash {
        Some(hash) => matches(&password, &hash),
        None => {
            let spent: Result<PasswordHash, _> =
                Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
            drop(spent);
            false
        }
    });
    verified.await.map_err(Error::internal)
}

fn matches(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_its_hash() {
        let stored = hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(
            verify("correct horse".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(!verify("wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!verify("correct horse".into(), None).await.unwrap());
    }
}
