//! What a section's seats are and how they are chosen. Knows no record, no row, no message but the
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
