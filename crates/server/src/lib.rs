//! The `ticketing` program: everything that sees all services at once.

pub mod rush;
