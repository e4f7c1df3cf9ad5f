//! SRTP, RTP headers and RTCP for whoever sends or takes more packets than a whole stack can.
//!
//! *How does a packet leave without passing through the engine?* The engine (`str0m`) finds the way
//! (ICE) and agrees on keys (DTLS). [`keys`] takes the keys as they are handed up, [`srtp`] seals
//! packets with them in the buffer they are sent from, [`packet`] reads headers, and [`rtcp`] reads
//! and writes the reports. The relay's egress and the load generator stand on it; neither knows the
//! other.
//!
//! *And what if it is given nonsense?* Whatever comes from the network is read with bounds and
//! without panics, and what is opened is opened once ([`srtp::Srtp::open_rtcp`]).
//!
//! Nothing here opens a socket or reads a clock.

pub mod keys;
pub mod packet;
pub mod rtcp;
pub mod srtp;
pub mod transport;
pub mod window;
