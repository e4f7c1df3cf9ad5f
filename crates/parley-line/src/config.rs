//! What an operator decides about a node's lines.

use std::{net::SocketAddr, time::Duration};

/// What carries a path's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Carrier {
    /// One UDP datagram per packet.
    Udp,
    /// The same packets on one TCP connection, each after its length (two bytes, big-endian).
    Tcp,
}

impl Carrier {
    pub(crate) const ALL: [Self; 2] = [Self::Udp, Self::Tcp];
}

/// What all lines of a node have in common.
#[derive(Clone)]
pub struct LinesConfig {
    /// Seed of the party's Ed25519 key (RFC 8032 §5.1.5): the node's identity on every line.
    pub key_seed: [u8; 32],
    /// Number of local UDP sockets; a path names one by its index.
    pub sockets: usize,
    /// Random bytes of this start of the node. Two starts must not share them: the other party
    /// tells a restart from a reconnection by them. Tests pass a seed.
    pub entropy: [u8; 32],
}

/// One line: the other party and the ways to it.
#[derive(Clone)]
pub struct LineConfig {
    /// The other party's Ed25519 public key. No other key is accepted, nothing else is checked.
    pub remote_key: [u8; 32],
    /// The network paths, best first when nothing else tells them apart. At most [`PATHS_MAX`].
    pub paths: Vec<PathConfig>,
}

/// Most paths of one line. More costs a copy of every alert; institutions have two or three.
pub const PATHS_MAX: usize = 8;

/// One network path of a line.
#[derive(Clone)]
pub struct PathConfig {
    /// Its name, told to the other party so that both call it the same; at most 64 bytes.
    pub name: String,
    /// Index of the local socket.
    pub socket: usize,
    /// The far end; `None` when only the other party can dial.
    pub remote: Option<SocketAddr>,
    /// What carries it.
    pub carrier: Carrier,
    /// Rate below which congestion control never goes, bit/s. Less lets a lossy path starve the
    /// audio; more floods a path that really is that narrow. See [`FLOOR_BPS_DEFAULT`].
    pub floor_bps: u64,
    /// Rate above which congestion control never goes, bit/s.
    pub ceiling_bps: u64,
}

/// Floor for a path that nobody has measured, bit/s: three voices and the alerts.
pub const FLOOR_BPS_DEFAULT: u64 = 128_000;

/// Ceiling for a path that nobody has limited, bit/s.
pub const CEILING_BPS_DEFAULT: u64 = 100_000_000;

/// First pause before dialling again. Less hammers a node that is starting; more delays the
/// return of a call after a restart.
pub(crate) const DIAL_PAUSE_MIN: Duration = Duration::from_millis(200);

/// Longest pause before dialling again. More delays the return after a long outage; less costs a
/// dead path about 2.5 kB per try.
pub(crate) const DIAL_PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long one attempt may go without an answer. A handshake needs two round trips and, at 30 %
/// loss, some repetitions; less gives up on a path that would have answered, more delays the next
/// try.
pub(crate) const DIAL_PATIENCE: Duration = Duration::from_secs(6);

/// Round trip assumed when dialling a path on which a dial was answered too slowly: a packet is
/// repeated after three times this. More waits longer for one that was lost; less fills a path of
/// 8 kbit/s with what only seemed to be.
pub(crate) const DIAL_TRIP_SLOW: Duration = Duration::from_secs(2);

/// How long the party with the larger key then leaves the path to the dial of the other. More delays
/// the dial of the one that may be the only one to get through; less has two in each other's way.
pub(crate) const DIAL_TURN: Duration = Duration::from_secs(30);

/// How long one attempt may take while answers come. Over 8 kbit/s the four packets of a handshake
/// and what is repeated of them take half of it; more lets a stranger that answers without end keep
/// a path from being dialled anew.
pub(crate) const DIAL_PATIENCE_MAX: Duration = Duration::from_mins(1);
