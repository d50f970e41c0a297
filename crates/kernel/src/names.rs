//! Names of a type's values, as rows, messages and answers write them.
//!
//! Promises: writing and reading are one table; a text that is no name is refused.

/// A text that names no value of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known names")]
pub struct UnknownName;

/// Gives an enum `ALL`, `as_str`, `Display` and `FromStr` from one table.
#[macro_export]
macro_rules! names {
    ($of:ident { $($value:ident = $name:literal),* $(,)? }) => {
        impl $of {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$value),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $name),* }
            }
        }

        impl std::fmt::Display for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $of {
            type Err = $crate::names::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($name => Ok(Self::$value),)* _ => Err($crate::names::UnknownName) }
            }
        }
    };
}
