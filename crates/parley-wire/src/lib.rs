//! Frames that cross the border: parsing and writing, nothing else.
//!
//! Everything here meets bytes from a party that may be hostile: a parser returns a frame or an
//! error, never panics, never allocates more than it was given, and never reads a clock.

pub mod ids;
pub mod line;
pub mod room;
pub mod varint;
