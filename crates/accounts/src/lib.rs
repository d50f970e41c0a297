//! Accounts of sellers and buyers: what a valid registration is, how long a session lives, who must wait before signing in again.
//!
//! Promises: an account that exists keeps all rules; a session that has ended never lives again. Never: I/O, a clock, chance, a password
//! hash; adapters bring those.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

mod email;
mod password;
mod register;
mod session;
mod throttle;

pub use email::{Email, InvalidEmail};
pub use password::{InvalidPassword, Password};
pub use register::{Account, Registration, read_registration};
pub use session::{Session, SessionState};
pub use throttle::{Throttle, Wait};
