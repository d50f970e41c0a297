//! Invalidates cached sessions that were ended at other processes.
//!
//! Promises: after a poll no session that ended before it is cached as alive. Without polls, each
//! request looks up its session after `limits::SESSION_CACHE_TRUSTED`.

use kernel::Fault;

use super::service::Accounts;

impl Accounts {
    /// Applies the ends since the last poll. Call it a few times a second.
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
