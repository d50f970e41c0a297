//! Sections, their seats, and how seats are chosen. Knows no records, rows or messages, only the
//! values inside them.

pub mod best_available;
pub mod holders;
pub mod invariants;
pub mod manual;
pub mod outcomes;
pub mod row_bits;
pub mod run_index;
pub mod section;
pub mod state;
pub mod subsection;
