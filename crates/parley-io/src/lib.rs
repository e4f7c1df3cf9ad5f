//! Sockets and threads: the only crate that does I/O for the engine.

mod acceptor;
mod address;
mod arrivals;
mod commands;
mod counters;
mod crossing;
mod directory;
mod engine;
mod error;
mod event;
mod framing;
mod histogram;
mod line_report;
mod line_streams;
mod line_thread;
mod media_thread;
mod open_lines;
mod outbox;
mod outgoing;
mod poller;
mod rooms;
mod setup;
mod stream;
mod streams;
mod stun;
mod turning;
mod udp;
mod watchdog;

pub use address::parse_address;
pub use counters::Counters;
pub use engine::{Engine, EngineConfig};
pub use error::{EngineError, Param};
pub use event::{Area, EngineEvent};
pub use histogram::Histogram;
pub use stun::receiver_fragment;
pub use watchdog::Watchdog;
