//! Accounts and sessions in SQL.
//!
//! Promises: an e-mail address has at most one account; a session that was ended is gone when the call answers. Never: a password or a session's
//! secret, only their hashes.

use std::time::Duration;

use accounts::{Account, Session};
use kernel::{Principal, Timestamp, UserId, limits};

use super::{Database, Migration, SqlFault, args};

/// The history of the accounts database.
pub const ACCOUNTS_MIGRATIONS: &[Migration] = &[
    Migration {
        version: 100,
        description: "accounts and sessions",
        sql: include_str!("../../migrations/accounts/0100_accounts.sql"),
    },
    Migration {
        version: 101,
        description: "sessions that were ended",
        sql: include_str!("../../migrations/accounts/0101_session_ends.sql"),
    },
];

/// How long it is kept that a session was ended. Who has not looked for so long must forget all sessions.
const ENDS_KEPT: Duration = Duration::from_hours(1);
/// Ends that one look tells.
const ENDS_AT_ONCE: u32 = 1_000;

/// The place of an end among all ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndId(i64);

/// What became of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    Done,
    EmailTaken,
}

/// The accounts database.
#[derive(Clone)]
pub struct SqlAccounts {
    database: Database,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: String,
    email: String,
    name: String,
    role: String,
    password_hash: String,
    created_at_ms: i64,
}

impl AccountRow {
    fn account(self) -> Result<(Account, String), SqlFault> {
        let impossible = |column| SqlFault::impossible("account", &self.id, column);
        let account = Account {
            id: self.id.parse().map_err(|_| impossible("id"))?,
            email: self.email.parse().map_err(|_| impossible("email"))?,
            role: self.role.parse().map_err(|_| impossible("role"))?,
            name: self.name,
            created_at: Timestamp::from_millis(self.created_at_ms),
        };
        Ok((account, self.password_hash))
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    account_id: String,
    role: String,
    created_at_ms: i64,
    seen_at_ms: i64,
}

impl SessionRow {
    fn session(self) -> Result<Session, SqlFault> {
        let impossible = |column| SqlFault::impossible("session", &self.account_id, column);
        let user_id = self.account_id.parse().map_err(|_| impossible("account_id"))?;
        let role = self.role.parse().map_err(|_| impossible("role"))?;
        Ok(Session {
            principal: Principal { user_id, role },
            created_at: Timestamp::from_millis(self.created_at_ms),
            seen_at: Timestamp::from_millis(self.seen_at_ms),
        })
    }
}

impl SqlAccounts {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Adds an account, unless its e-mail address has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, account: Account, password_hash: String) -> Result<Added, SqlFault> {
        let added = self.database.write((account, password_hash), |(account, hash), tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO account (id, email, name, role, password_hash, created_at_ms)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
                    args![
                        account.id,
                        account.email.as_str(),
                        account.name.as_str(),
                        account.role.as_str(),
                        hash,
                        account.created_at
                    ],
                )
                .await
            })
        });
        Ok(if added.await? == 1 { Added::Done } else { Added::EmailTaken })
    }

    /// The account with this address and its password's hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_email(&self, email: &str) -> Result<Option<(Account, String)>, SqlFault> {
        let row: Option<AccountRow> = self
            .database
            .optional(
                "SELECT id, email, name, role, password_hash, created_at_ms FROM account WHERE email = $1",
                args![email],
            )
            .await?;
        row.map(AccountRow::account).transpose()
    }

    /// # Errors
    /// When the database fails.
    pub async fn by_id(&self, id: UserId) -> Result<Option<Account>, SqlFault> {
        let row: Option<AccountRow> = self
            .database
            .optional(
                "SELECT id, email, name, role, password_hash, created_at_ms FROM account WHERE id = $1",
                args![id],
            )
            .await?;
        Ok(row.map(AccountRow::account).transpose()?.map(|(account, _)| account))
    }

    /// # Errors
    /// When the database fails.
    pub async fn add_session(&self, secret_hash: String, session: Session) -> Result<(), SqlFault> {
        let added = self.database.write((secret_hash, session), |(hash, session), tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO session (secret_hash, account_id, created_at_ms, seen_at_ms) VALUES ($1, $2, $3, $4)",
                    args![hash, session.principal.user_id, session.created_at, session.seen_at],
                )
                .await
            })
        });
        added.await.map(drop)
    }

    /// # Errors
    /// When the database fails.
    pub async fn session(&self, secret_hash: &str) -> Result<Option<Session>, SqlFault> {
        let row: Option<SessionRow> = self
            .database
            .optional(
                "SELECT session.account_id, account.role, session.created_at_ms, session.seen_at_ms
                 FROM session JOIN account ON account.id = session.account_id WHERE session.secret_hash = $1",
                args![secret_hash],
            )
            .await?;
        row.map(SessionRow::session).transpose()
    }

    /// Notes that the session was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen(&self, secret_hash: String, now: Timestamp) -> Result<(), SqlFault> {
        let noted = self.database.write((secret_hash, now), |(hash, now), tx| {
            Box::pin(async move {
                tx.execute("UPDATE session SET seen_at_ms = $2 WHERE secret_hash = $1", args![hash, *now])
                    .await
            })
        });
        noted.await.map(drop)
    }

    /// Ends a session, and keeps for other processes that it ended. Ending it twice is the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, secret_hash: String, now: Timestamp) -> Result<(), SqlFault> {
        let ended = self.database.write((secret_hash, now), |(hash, now), tx| {
            Box::pin(async move {
                let ended = tx.execute("DELETE FROM session WHERE secret_hash = $1", args![hash]).await?;
                if ended > 0 {
                    let sql = "INSERT INTO session_end (secret_hash, ended_at_ms) VALUES ($1, $2)";
                    tx.execute(sql, args![hash, *now]).await?;
                }
                Ok(())
            })
        });
        ended.await
    }

    /// The latest end so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_end(&self) -> Result<EndId, SqlFault> {
        let (latest,): (i64,) = self.database.one("SELECT COALESCE(MAX(id), 0) FROM session_end", []).await?;
        Ok(EndId(latest))
    }

    /// The hashes of sessions that were ended after that, the first ones first; empty when there are none. Ends are committed in the order of
    /// their ids, since a database has one writer at a time, so none comes late.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ends_after(&self, last: EndId) -> Result<Vec<(EndId, String)>, SqlFault> {
        let rows: Vec<(i64, String)> = self
            .database
            .all(
                "SELECT id, secret_hash FROM session_end WHERE id > $1 ORDER BY id LIMIT $2",
                args![last.0, ENDS_AT_ONCE],
            )
            .await?;
        Ok(rows.into_iter().map(|(id, hash)| (EndId(id), hash)).collect())
    }

    /// Removes the sessions that have ended by idleness or by age, and what was kept of ends long ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_ended(&self, now: Timestamp) -> Result<u64, SqlFault> {
        let before = (now - limits::SESSION_IDLE, now - limits::SESSION_LIFETIME, now - ENDS_KEPT);
        let forgotten = self.database.write(before, |(idle, old, told), tx| {
            Box::pin(async move {
                tx.execute("DELETE FROM session_end WHERE ended_at_ms <= $1", args![*told]).await?;
                let sql = "DELETE FROM session WHERE seen_at_ms <= $1 OR created_at_ms <= $2";
                tx.execute(sql, args![*idle, *old]).await
            })
        });
        forgotten.await
    }
}

#[cfg(test)]
mod tests {
    use kernel::Role;
    use uuid::Uuid;

    use super::*;
    use crate::sql::testing::{Engine, Home, on_both_engines};

    on_both_engines!(an_address_has_one_account, a_session_is_found_until_it_is_ended_or_forgotten);

    fn account(number: u128, email: &str) -> Account {
        Account {
            id: UserId::new(Uuid::from_u128(number)),
            email: email.parse().unwrap(),
            name: "Robin".to_owned(),
            role: Role::Seller,
            created_at: Timestamp::from_millis(7),
        }
    }

    async fn open(engine: Engine) -> (Home, SqlAccounts) {
        let home = Home::new(engine).await;
        let accounts = SqlAccounts::new(Database::open(home.place(), &[ACCOUNTS_MIGRATIONS]).await.unwrap());
        (home, accounts)
    }

    async fn an_address_has_one_account(engine: Engine) {
        let (_home, accounts) = open(engine).await;
        let robin = account(1, "robin@example.org");
        assert_eq!(accounts.add(robin.clone(), "h1".to_owned()).await.unwrap(), Added::Done);
        let again = account(2, "ROBIN@example.org");
        assert_eq!(accounts.add(again, "h2".to_owned()).await.unwrap(), Added::EmailTaken);
        let found = accounts.by_email("robin@example.org").await.unwrap();
        assert_eq!(found, Some((robin.clone(), "h1".to_owned())));
        assert_eq!(accounts.by_id(robin.id).await.unwrap(), Some(robin));
        assert_eq!(accounts.by_email("x@example.org").await.unwrap(), None);
    }

    async fn a_session_is_found_until_it_is_ended_or_forgotten(engine: Engine) {
        let (_home, accounts) = open(engine).await;
        let robin = account(1, "robin@example.org");
        accounts.add(robin.clone(), "h".to_owned()).await.unwrap();
        let principal = Principal { user_id: robin.id, role: robin.role };
        let begun = Timestamp::from_millis(1_000_000_000_000);
        for secret in ["one", "two", "three"] {
            accounts.add_session(secret.to_owned(), Session::new(principal, begun)).await.unwrap();
        }
        assert_eq!(accounts.session("one").await.unwrap().unwrap().principal, principal);
        let before = accounts.latest_end().await.unwrap();
        for _ in 0..2 {
            accounts.end_session("one".to_owned(), begun).await.unwrap();
        }
        assert_eq!(accounts.session("one").await.unwrap(), None);
        let ends = accounts.ends_after(before).await.unwrap();
        assert_eq!(ends.iter().map(|(_, hash)| hash.as_str()).collect::<Vec<_>>(), ["one"], "told once");
        assert_eq!(accounts.latest_end().await.unwrap(), ends[0].0);
        assert!(accounts.ends_after(ends[0].0).await.unwrap().is_empty());
        accounts.seen("two".to_owned(), begun + Duration::from_hours(20)).await.unwrap();
        assert_eq!(accounts.forget_ended(begun + limits::SESSION_IDLE).await.unwrap(), 1);
        assert!(accounts.session("two").await.unwrap().is_some());
        assert!(accounts.session("three").await.unwrap().is_none());
        assert!(accounts.ends_after(before).await.unwrap().is_empty(), "an end of long ago is forgotten");
    }
}
