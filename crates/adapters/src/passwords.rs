//! Password hashing with Argon2id (19 MiB, two passes), a few at a time, off the threads that serve
//! requests.
//!
//! Never: keeps or prints a password.

use std::sync::Arc;

use accounts::{Password, ports::Hasher};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use async_trait::async_trait;
use kernel::{Fault, limits};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Makes and checks hashes on a bounded pool of threads.
pub struct Passwords {
    free: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(limits::PASSWORD_HASHES_AT_ONCE)) }
    }
}

impl Passwords {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.map_err(|error| Fault::new("hash a password", error))?;
        let done = spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|error| Fault::new("hash a password", error))
    }
}

#[async_trait]
impl Hasher for Passwords {
    async fn hash(&self, password: Password) -> Result<String, Fault> {
        self.run(move || hash(password.expose())).await?
    }

    async fn verify(&self, password: String, stored: String) -> Result<bool, Fault> {
        self.run(move || verify(&password, &stored)).await?
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
    async fn the_hasher_keeps_the_contract() {
        accounts::testing::contract::hasher(&Passwords::default()).await;
    }

    #[tokio::test]
    async fn a_hash_names_its_strength() {
        let password = Password::new("correct horse battery".to_owned()).unwrap();
        let stored = Passwords::default().hash(password).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    }
}
