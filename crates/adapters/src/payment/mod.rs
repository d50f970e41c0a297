//! Payment providers behind booking's port. Never decides whether a booking is paid; booking does.

pub mod sandbox;
