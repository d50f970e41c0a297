//! Password hashing with Argon2id (19 MiB, two passes), a few at a time, off the threads that serve requests.
//!
//! Promises: checking an address without an account takes as long as one with a wrong password. Never: keeps or prints a password.

use std::sync::Arc;

use accounts::Password;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::Fault;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Hashes at once; each needs 19 MiB and a core.
const AT_ONCE: usize = 2;

/// Makes and checks hashes. Clones share the limit.
#[derive(Clone)]
pub struct Passwords {
    free: Arc<Semaphore>,
    /// The hash of no password that anyone has.
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// When the system gives no chance, or hashing does not work at all.
    pub async fn new() -> Result<Self, Fault> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Fault::new("draw a secret", error))?;
        let nobody = spawn_blocking(move || hash(&hex::encode(secret))).await;
        let nobody = nobody.map_err(|error| Fault::new("hash a password", error))??;
        Ok(Self { free: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The hash to store, with its own salt.
    ///
    /// # Errors
    /// When the system gives no chance.
    pub async fn hash(&self, password: Password) -> Result<String, Fault> {
        self.run(move || hash(password.expose())).await?
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long and is not.
    ///
    /// # Errors
    /// When the stored hash cannot be understood.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Fault> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let matches = self.run(move || verify(&password, &stored)).await??;
        Ok(matches && exists)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let away = |error: &'static str| Fault::new("hash a password", error);
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| away("hashing has ended"))?;
        let done = spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|error| Fault::new("hash a password", error))
    }
}

fn hash(password: &str) -> Result<String, Fault> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| Fault::new("hash a password", error.to_string()))
}

fn verify(password: &str, stored: &str) -> Result<bool, Fault> {
    let parsed =
        PasswordHash::new(stored).map_err(|error| Fault::new("read a password's hash", error.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_hash_and_no_other_does() {
        let passwords = Passwords::new().await.unwrap();
        let good = "correct horse battery".to_owned();
        let stored = passwords.hash(Password::new(good.clone()).unwrap()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify(good.clone(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse batterz".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify(good.clone(), None).await.unwrap());
        let again = passwords.hash(Password::new(good).unwrap()).await.unwrap();
        assert_ne!(stored, again, "each hash has a salt of its own");
    }
}
