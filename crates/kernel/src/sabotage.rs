//! Mutation testing: faults planted on purpose, one at a time, to see that the tests notice them.
//! To plant one, name it in `tests/sabotage/catalogue.txt` and ask for it beside the line that it
//! breaks.
//!
//! Promises: without the feature `sabotage` every fault is off at compile time. With it, the
//! variable `TICKETING_SABOTAGE` chooses one fault of the catalogue; it is read once, and an
//! unknown name ends the process. `scripts/place` refuses a program that carries the mark.
//! Never: is asked by a test.

/// Whether the fault of this name is planted.
#[cfg(not(feature = "sabotage"))]
pub const fn planted(_name: &str) -> bool {
    false
}

/// Whether the fault of this name is planted.
#[cfg(feature = "sabotage")]
pub fn planted(name: &str) -> bool {
    CHOSEN.as_deref() == Some(name)
}

/// The second value where the fault of this name is planted, else the first. Only one is computed.
#[macro_export]
macro_rules! sabotaged {
    ($name:literal, $right:expr, $wrong:expr) => {
        if $crate::planted($name) { $wrong } else { $right }
    };
}

#[cfg(feature = "sabotage")]
static CHOSEN: std::sync::LazyLock<Option<String>> = std::sync::LazyLock::new(|| {
    let chosen = std::env::var("TICKETING_SABOTAGE").ok()?;
    // The mark by which `scripts/place` knows such a program.
    eprintln!("this build carries faults planted on purpose: {chosen}");
    let catalogue = include_str!("../../../tests/sabotage/catalogue.txt");
    let known = catalogue.lines().any(|line| line.split(" | ").next() == Some(&chosen));
    if !known {
        eprintln!("the catalogue has no fault of this name");
        std::process::exit(70);
    }
    Some(chosen)
});
