//! Where a service's database is: a file of this process, or a server's.
//!
//! Never: prints a password.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;

/// The address of a database.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// SQLite; the file is made when it is absent.
    File(PathBuf),
    /// PostgreSQL; the database must be there.
    Server(Box<PgConnectOptions>),
}

/// A text that names no PostgreSQL database. It does not repeat the text, which may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a PostgreSQL URL such as postgres://user:password@host:5432/database")]
pub struct BadUrl;

impl DatabaseUrl {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`. What the URL does not say
    /// comes from the usual `PG…` variables and the password file.
    ///
    /// # Errors
    /// When the text is no such URL.
    pub fn server(url: &str) -> Result<Self, BadUrl> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(BadUrl);
        }
        url.parse().map(|options| Self::Server(Box::new(options))).map_err(|_| BadUrl)
    }
}

impl From<&Path> for DatabaseUrl {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for DatabaseUrl {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&DatabaseUrl> for DatabaseUrl {
    fn from(place: &DatabaseUrl) -> Self {
        place.clone()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(options) => write!(
                f,
                "postgres://{}@{}:{}/{}",
                options.get_username(),
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or(options.get_username())
            ),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_url_and_the_password_never_shows() {
        let place = DatabaseUrl::server("postgres://booking:hush@db.example:5433/booking").unwrap();
        assert_eq!(place.to_string(), "postgres://booking@db.example:5433/booking");
        assert!(!format!("{place:?}").contains("hush"));
        for bad in ["", "booking.sqlite", "mysql://x@y/z", "postgres://host:not-a-port/x"] {
            assert_eq!(DatabaseUrl::server(bad).map(drop), Err(BadUrl), "{bad}");
        }
    }
}
