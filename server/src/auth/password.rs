//! Passwords: argon2id, off the async threads, as many at once as there are cores: each takes 19 MiB.

use std::{
    sync::{Arc, LazyLock},
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::error::Error;

/// Characters a password has at least.
pub(crate) const SHORTEST: usize = 10;
/// Octets it has at most: hashing a longer one would cost us, not the attacker.
const LONGEST: usize = 1024;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(
        available_parallelism().map_or(1, usize::from),
    ))
});

/// To be held by the thread that computes: it goes on when nobody waits for it any more.
async fn turn() -> Result<OwnedSemaphorePermit, Error> {
    let turn = Arc::clone(&TURNS).acquire_owned();
    match tokio::time::timeout(PATIENCE, turn).await {
        Ok(turn) => turn.map_err(Error::internal),
        Err(_) => Err(Error::Unavailable(
            "too many people sign in at this moment; try again",
        )),
    }
}

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
    let turn = turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        let _turn = turn;
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
    let turn = turn().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        match hash {
            Some(hash) => matches(&password, &hash),
            None => {
                let spent: Result<PasswordHash, _> =
                    Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
                drop(spent);
                false
            }
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
