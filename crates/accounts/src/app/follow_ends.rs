//! Sessions that were ended at other processes end here.
//!
//! Promises: after a look no session that ended before it is known alive. Without looks, sessions
//! are asked for at every request after [`TRUSTED`](crate::domain::known_sessions::TRUSTED).

use kernel::Fault;

use super::service::Accounts;

impl Accounts {
    /// Takes in the ends since the last look. To be called a few times a second.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn follow_ends(&self) -> Result<(), Fault> {
        let began = self.clock.now();
        let last = self.known().last_end(began);
        let Some(mut last) = last else {
            let latest = self.store.latest_end().await?;
            self.known().restart(began, latest);
            return Ok(());
        };
        loop {
            let ends = self.store.ends_after(last).await?;
            last = ends.last().map_or(last, |(end, _)| *end);
            let tokens: Vec<_> = ends.into_iter().map(|(_, token)| token).collect();
            self.known().looked(began, last, &tokens);
            if tokens.is_empty() {
                return Ok(());
            }
        }
    }
}
