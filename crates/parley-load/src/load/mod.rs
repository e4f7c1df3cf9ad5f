//! Load for a relay: many connections on one thread, and what became of every packet.
//!
//! How can one core ask more of a relay than the relay's own core can give? By doing less per
//! packet. str0m makes each connection (`endpoint`); then its SRTP keys are taken (`keys`) and
//! media no longer passes through it. A watcher reads the clear RTP header, opens one packet in 32
//! to be sure of the content, and sends the receiver and congestion reports a browser would send.
//! A publisher seals ready payloads on an even beat. All endpoints share a few sockets, an address
//! each, so that one system call receives a batch.
//!
//! How is a delay known when the relay rewrites numbers? Every payload ends in a mark with its own
//! number; the opened packets tell how far the relay's numbering stands from it. The end of the
//! delay is the kernel's receive time, so a busy generator does not add to it.

mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod generator;
mod processor;
mod receiver;
mod rtcp;
mod sender;
mod sockets;
mod tally;
mod window;

pub use endpoint::EndpointPlan;
pub use generator::{Generator, GeneratorConfig};
pub use processor::busy_ns;
pub use window::{Window, WindowPlan};
