//! Names of a type's values, as rows and answers write them.
//!
//! Promises: writing and reading are one table; a text that is no name is refused.

/// A text that names no value of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known names")]
pub struct UnknownName;

macro_rules! names {
    ($of:ty { $($value:path = $name:literal),* $(,)? }) => {
        impl $of {
            pub const fn as_str(self) -> &'static str {
                match self { $($value => $name),* }
            }
        }

        impl std::fmt::Display for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $of {
            type Err = $crate::domain::names::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($name => Ok($value),)* _ => Err($crate::domain::names::UnknownName) }
            }
        }
    };
}
pub(super) use names;
