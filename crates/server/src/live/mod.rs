//! Live views: changes are pushed to viewers, in frames that all viewers of a thing share.
//!
//! Promises: a view is a function of what was committed; a viewer that falls behind or comes back
//! gets what it missed or a fresh snapshot, and never blocks anyone. Never: decides anything, or is
//! read by what decides.

pub mod bookings;
mod map;
pub mod own_bookings;
mod packed;
pub mod sales;
pub mod seat_maps;
pub mod shapes;
pub mod sse;
pub mod streams;

#[cfg(test)]
pub(crate) mod tests;

pub use seat_maps::SeatMaps;

/// A name for one run of a stream: ids of another run mean nothing in it.
fn new_epoch() -> u32 {
    let random = uuid::Uuid::new_v4();
    let bytes = random.as_bytes();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
