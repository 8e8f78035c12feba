//! Where the tables are.

use std::{fmt, str::FromStr};

/// A database of PostgreSQL, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Never written to logs.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address with its password.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = ["postgres://", "postgresql://"];
        let Some(rest) = known.iter().find_map(|scheme| text.strip_prefix(scheme)) else {
            return Err("only PostgreSQL can be named: postgres://USER:PASSWORD@HOST/DATABASE; without it the tables lie in the data folder (SQLite)".to_owned());
        };
        let database = rest.split_once('/').map_or("", |(_, path)| path);
        if database.split('?').next().unwrap_or_default().is_empty() {
            return Err("it names no database: postgres://USER:PASSWORD@HOST/DATABASE".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a PostgreSQL database)")
    }
}
