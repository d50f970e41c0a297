//! "As a signed-in user, I can sign out." The session ends here when the call answers, and at other
//! processes when they next [follow the ends](super::follow_ends).

use kernel::Fault;

use super::service::Accounts;
use crate::domain::token::Token;

impl Accounts {
    /// Ends a session. Twice is the same as once.
    ///
    /// # Errors
    /// When the store fails: then the session may still live.
    pub async fn sign_out(&self, token: &Token) -> Result<(), Fault> {
        let end = self.store.end_session(token.hash(), self.clock.now());
        let ended = kernel::sabotaged!("sessions.signed-out-goes-on", end.await, Ok(()));
        self.known().remove(token.hash());
        ended
    }
}
