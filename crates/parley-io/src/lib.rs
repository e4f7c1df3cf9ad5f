//! Sockets and threads: the only crate that does I/O for the engine.

mod address;
mod error;
mod framing;
mod histogram;
mod outgoing;
mod poller;
mod stream;
mod stun;
mod udp;

pub use address::parse_address;
pub use error::{EngineError, Param};
pub use histogram::Histogram;
pub use stun::receiver_fragment;
