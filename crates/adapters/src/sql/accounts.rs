//! The accounts service's store on SQL.
//!
//! Promises what [`AccountStore`] asks. Never: a password or a token, only their hashes.

use accounts::{
    Account, Email, EndId, Session, TokenHash,
    ports::{AccountStore, AddOutcome, Outdated},
};
use async_trait::async_trait;
use kernel::{Fault, Principal, Timestamp, UserId, limits};
use tokio::{sync::Semaphore, time::timeout};

use super::{Argument, Database, Migration, SqlFault, args};

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

/// Accounts and sessions in SQL.
pub struct SqlAccounts {
    database: Database,
    look_ups: Semaphore,
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
        Self { database, look_ups: Semaphore::new(limits::SESSION_LOOK_UPS) }
    }

    async fn account<const N: usize>(
        &self,
        sql: &'static str,
        arguments: [Argument; N],
    ) -> Result<Option<(Account, String)>, Fault> {
        let row: Result<Option<AccountRow>, _> = self.database.optional(sql, arguments).await;
        row.and_then(|row| row.map(AccountRow::account).transpose()).map_err(|f| f.doing("read an account"))
    }
}

#[async_trait]
impl AccountStore for SqlAccounts {
    async fn add(&self, account: Account, password_hash: String) -> Result<AddOutcome, Fault> {
        let sql = "INSERT INTO account (id, email, name, role, password_hash, created_at_ms)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING";
        let Account { id, email, name, role, created_at } = account;
        let arguments = args![id, email.as_str(), name, role.as_str(), password_hash, created_at];
        let added = self.database.execute(sql, arguments).await.map_err(|f| f.doing("add an account"))?;
        Ok(if added == 1 { AddOutcome::Added } else { AddOutcome::EmailTaken })
    }

    async fn by_email(&self, email: &Email) -> Result<Option<(Account, String)>, Fault> {
        let sql = "SELECT id, email, name, role, password_hash, created_at_ms FROM account WHERE email = $1";
        self.account(sql, args![email.as_str()]).await
    }

    async fn by_id(&self, id: UserId) -> Result<Option<Account>, Fault> {
        let sql = "SELECT id, email, name, role, password_hash, created_at_ms FROM account WHERE id = $1";
        Ok(self.account(sql, args![id]).await?.map(|(account, _)| account))
    }

    async fn add_session(&self, token: TokenHash, session: Session) -> Result<(), Fault> {
        let sql = "INSERT INTO session (secret_hash, account_id, created_at_ms, seen_at_ms) VALUES ($1, $2, $3, $4)";
        let arguments =
            args![token.to_string(), session.principal.user_id, session.created_at, session.seen_at];
        self.database.execute(sql, arguments).await.map(drop).map_err(|f| f.doing("begin a session"))
    }

    async fn session(&self, token: TokenHash) -> Result<Option<Session>, Fault> {
        let Ok(Ok(_permit)) = timeout(limits::SESSION_LOOK_UP_WAIT, self.look_ups.acquire()).await else {
            return Err(Fault::new("read a session", "too many unknown tokens come at once"));
        };
        let row: Result<Option<SessionRow>, _> = self
            .database
            .optional(
                "SELECT session.account_id, account.role, session.created_at_ms, session.seen_at_ms
                 FROM session JOIN account ON account.id = session.account_id WHERE session.secret_hash = $1",
                args![token.to_string()],
            )
            .await;
        row.and_then(|row| row.map(SessionRow::session).transpose()).map_err(|f| f.doing("read a session"))
    }

    async fn seen(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        let sql = "UPDATE session SET seen_at_ms = $2 WHERE secret_hash = $1";
        let noted = self.database.execute(sql, args![token.to_string(), now]).await;
        noted.map(drop).map_err(|f| f.doing("store a session"))
    }

    async fn end_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        let ended = self.database.write((token.to_string(), now), |(token, now), tx| {
            Box::pin(async move {
                let ended = tx.execute("DELETE FROM session WHERE secret_hash = $1", args![token]).await?;
                if ended > 0 {
                    let sql = "INSERT INTO session_end (secret_hash, ended_at_ms) VALUES ($1, $2)";
                    tx.execute(sql, args![token, *now]).await?;
                }
                Ok(())
            })
        });
        ended.await.map_err(|f| f.doing("end a session"))
    }

    async fn latest_end(&self) -> Result<EndId, Fault> {
        let latest = self.database.one("SELECT COALESCE(MAX(id), 0) FROM session_end", []).await;
        latest.map(|(latest,)| EndId(latest)).map_err(|f| f.doing("read the latest end of a session"))
    }

    /// A database has one writer at a time, so ends are committed in the order of their ids.
    async fn ends_after(&self, last: EndId) -> Result<Vec<(EndId, TokenHash)>, Fault> {
        let sql = "SELECT id, secret_hash FROM session_end WHERE id > $1 ORDER BY id LIMIT $2";
        let rows: Result<Vec<(i64, String)>, _> =
            self.database.all(sql, args![last.0, limits::SESSION_ENDS_PER_POLL]).await;
        let read = |(id, token): (i64, String)| {
            let impossible = |_| SqlFault::impossible("session_end", &id.to_string(), "secret_hash");
            Ok((EndId(id), token.parse().map_err(impossible)?))
        };
        rows.and_then(|rows| rows.into_iter().map(read).collect()).map_err(|f| f.doing("read ended sessions"))
    }

    async fn remove(&self, outdated: Outdated) -> Result<(), Fault> {
        let removed = self.database.write(outdated, |outdated, tx| {
            Box::pin(async move {
                let sql = "DELETE FROM session_end WHERE ended_at_ms <= $1";
                tx.execute(sql, args![outdated.ended_at]).await?;
                let sql = "DELETE FROM session WHERE seen_at_ms <= $1 OR created_at_ms <= $2";
                tx.execute(sql, args![outdated.seen_at, outdated.created_at]).await
            })
        });
        removed.await.map(drop).map_err(|f| f.doing("remove outdated sessions"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::testing::{Engine, Home, on_both_engines};

    on_both_engines!(the_store_keeps_the_contract);

    async fn the_store_keeps_the_contract(engine: Engine) {
        accounts::testing::contract::store(|| async {
            let home = Home::new(engine).await;
            let database = Database::open(home.place(), &[ACCOUNTS_MIGRATIONS]).await.unwrap();
            // The store outlives this closure; the system clears its temporary folder.
            std::mem::forget(home);
            SqlAccounts::new(database)
        })
        .await;
    }
}
