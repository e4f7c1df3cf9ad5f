//! A bad network path, the same one every time.
//!
//! How does a packet get across? [`Direction`] is the whole model: a packet is pushed at an
//! instant, waits its turn behind the rate in a bounded queue, meets loss, delay, jitter,
//! reordering and duplication in that order, and is polled out when it is due. Nothing here opens
//! a socket or reads a clock to do so: `now` is an argument, every random choice comes from a
//! seed, and the result does not depend on how often anybody polls.
//!
//! Two directions make a [`Path`], which need not be alike. A [`Profile`] says what a path is like
//! and how that changes over time; five have names ([`Profile::named`]) and any can be varied in
//! one line of text ([`Profile::parse`]): `border,loss=5%,out.rate=2mbit,outage=10s+2s`.
//!
//! The model has three users. Tests join sans-I/O endpoints by a [`Network`] in virtual time.
//! [`UdpWire`] stands between two real UDP sockets without privileges.
//! [`TunWire`] stands between two network namespaces and carries whatever IP
//! carries. All three lose the same packets for the same seed and the same traffic.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use parley_netem::{Path, Profile, Way};
//!
//! let start = Instant::now();
//! let mut path = Path::new(&Profile::named("satellite")?, 7, start);
//! path.push(start, Way::Out, vec![0_u8; 100]);
//! assert_eq!(path.poll(start), None);
//! let due = path.next_timeout().expect("one packet is on its way");
//! assert!(due >= start + Duration::from_millis(300));
//! # Ok::<(), parley_netem::NetemError>(())
//! ```

mod conditions;
mod counters;
mod dice;
mod direction;
mod error;
mod network;
mod path;
mod profile;
mod schedule;
mod spec;
mod wire;
mod wire_tun;
mod wire_udp;

pub use conditions::{Bursts, Conditions, Loss, Probability, QueueBound, Reorder};
pub use counters::{Cause, Counters};
pub use direction::Direction;
pub use error::NetemError;
pub use network::{Network, Parcel, Place};
pub use path::{Path, Way};
pub use profile::Profile;
pub use schedule::{Outage, Schedule, Step};
pub use wire::{Wire, WireCounters};
pub use wire_tun::{TunEnd, TunWire};
pub use wire_udp::{UdpEnd, UdpWire};
