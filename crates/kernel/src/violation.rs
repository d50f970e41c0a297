//! Violations of a request's rules: where (a JSON pointer), which rule (a stable code) and a
//! sentence.
//!
//! Promises: pointers are RFC 6901. Never: says which HTTP status it becomes; that is the server's.

use std::fmt::{self, Write as _};

/// The stable codes of single violations.
pub mod code {
    pub const WRONG_TYPE: &str = "wrong-type";
    pub const UNKNOWN_FIELD: &str = "unknown-field";
    pub const MISSING_FIELD: &str = "missing-field";
    pub const OUT_OF_RANGE: &str = "out-of-range";
    pub const INVALID_FORMAT: &str = "invalid-format";
    pub const NOT_IN_PLAN: &str = "not-in-plan";
    pub const DUPLICATE: &str = "duplicate";
    pub const UNKNOWN_SECTION: &str = "unknown-section";
    pub const UNKNOWN_SUBSECTION: &str = "unknown-subsection";
    pub const TOO_MANY: &str = "too-many";
    pub const EMPTY: &str = "empty";
}

/// One broken rule of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// RFC 6901: `/seating/sections/3/name`.
    pub pointer: String,
    /// One of [`code`].
    pub code: &'static str,
    /// A sentence for a person.
    pub detail: String,
}

impl Violation {
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.pointer, self.detail, self.code)
    }
}

/// A place in a request that is being read; it grows by a name or an index and costs nothing until
/// a violation is written down.
#[derive(Debug, Clone, Copy)]
pub struct Pointer<'a> {
    parent: Option<&'a Pointer<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl Pointer<'static> {
    /// The whole document.
    pub const ROOT: Self = Self { parent: None, step: Step::Root };
}

impl Pointer<'_> {
    pub fn field<'b>(&'b self, name: &'b str) -> Pointer<'b> {
        Pointer { parent: Some(self), step: Step::Field(name) }
    }

    pub fn index(&self, index: usize) -> Pointer<'_> {
        Pointer { parent: Some(self), step: Step::Index(index) }
    }

    pub fn violation(&self, code: &'static str, detail: impl Into<String>) -> Violation {
        Violation::new(self.to_string(), code, detail)
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            fmt::Display::fmt(parent, f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Index(index) => write!(f, "/{index}"),
            Step::Field(name) => {
                f.write_char('/')?;
                name.chars().try_for_each(|c| match c {
                    '~' => f.write_str("~0"),
                    '/' => f.write_str("~1"),
                    c => f.write_char(c),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_rfc_6901() {
        let root = Pointer::ROOT;
        assert_eq!(root.to_string(), "");
        let sections = root.field("sections");
        assert_eq!(sections.index(3).field("a/b~c").to_string(), "/sections/3/a~1b~0c");
    }
}
