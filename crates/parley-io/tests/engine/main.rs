//! Whole engines on loopback: real sockets, real threads, no browser.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind of event among all"
)]

mod common;
mod lines;
mod media_over_tcp;
mod rooms;
