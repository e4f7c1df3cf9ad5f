//! What a node's lines tell, and what they can be asked.

use crate::{
    config::Carrier,
    refusal::Refusal,
    state::{LineState, PathState},
};
use bytes::Bytes;
use parley_wire::line::Lane;
use quinn_proto::EcnCodepoint;
use std::{net::SocketAddr, time::Duration};

/// One line of this node; never used again after the line is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(pub(crate) u32);

impl LineId {
    /// The id as a number, for languages without such types: lines are counted from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The id back from its number; a number that never was an id names no line.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// One letter accepted for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LetterId(u64);

impl LetterId {
    pub(crate) const fn new(line: LineId, lane: Lane, sequence: u64) -> Self {
        Self((line.0 as u64) << 44 | (lane.number() as u64) << 41 | (sequence & ((1 << 41) - 1)))
    }

    pub(crate) fn parts(self) -> Option<(LineId, Lane, u64)> {
        let line = u32::try_from(self.0 >> 44).ok()?;
        let lane = Lane::try_from(u8::try_from(self.0 >> 41 & 7).ok()?).ok()?;
        Some((LineId(line), lane, self.0 & ((1 << 41) - 1)))
    }

    /// The id as a number, for languages without such types.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The id back from its number; a number that never was an id names no letter.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// A piece of media that is worth something only now: one RTP packet, usually.
#[derive(Debug, Clone)]
pub struct MediaUnit {
    /// [`Lane::Audio`], [`Lane::Base`] or [`Lane::Upper`].
    pub lane: Lane,
    /// Which track and layer: units of one flow are protected and dropped together.
    pub flow: u32,
    /// The video frame it belongs to; ignored for audio.
    pub frame: u32,
    /// Whether it is the first unit of its frame.
    pub first: bool,
    /// Whether it is the last unit of its frame.
    pub last: bool,
    /// The bytes, opaque to the line; at most [`UNIT_BYTES_MAX`].
    pub payload: Bytes,
}

/// Longest media unit, bytes: any UDP datagram a browser sends. Longer than the path's datagram
/// is cut in parts and joined again.
pub const UNIT_BYTES_MAX: usize = 4096;

/// Something that happened on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineEvent {
    /// The state of the line changed.
    State {
        /// The line.
        line: LineId,
        /// Its state from here on.
        state: LineState,
    },
    /// The state of a path changed.
    Path {
        /// The line.
        line: LineId,
        /// Index of the path in the line's settings.
        path: usize,
        /// Its state from here on.
        state: PathState,
    },
    /// A letter arrived, for the only time.
    Letter {
        /// The line.
        line: LineId,
        /// The lane it came in.
        lane: Lane,
        /// Who it is for.
        topic: u16,
        /// What it says.
        body: Bytes,
    },
    /// The other party's node holds the letter in memory.
    Delivered {
        /// The letter.
        letter: LetterId,
    },
    /// A media unit arrived, for the only time.
    Media {
        /// The line.
        line: LineId,
        /// The lane it came in.
        lane: Lane,
        /// The bytes that were sent.
        payload: Bytes,
    },
    /// What the line can carry of media changed.
    Rate {
        /// The line.
        line: LineId,
        /// Room for video after audio and protection, bit/s.
        bps: u64,
    },
    /// Something alarming was refused.
    Refused {
        /// The line, where one is concerned.
        line: Option<LineId>,
        /// Why.
        reason: Refusal,
        /// The key that was presented, where one was.
        key: Option<[u8; 32]>,
    },
}

/// A packet to put on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmit {
    /// Index of the local socket.
    pub socket: usize,
    /// What carries it.
    pub carrier: Carrier,
    /// Where to.
    pub to: SocketAddr,
    /// Explicit congestion notification codepoint to set.
    pub ecn: Option<EcnCodepoint>,
    /// Number of bytes, all of the buffer.
    pub size: usize,
    /// Set when the bytes are several datagrams of this size (the last may be shorter).
    pub segment_size: Option<usize>,
}

/// A line as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct LineStatus {
    /// Its state.
    pub state: LineState,
    /// How long ago the other party last proved that it hears us.
    pub last_proof_age: Option<Duration>,
    /// Room for video after audio and protection, bit/s.
    pub media_bps: u64,
    /// Its paths, in the order of the settings.
    pub paths: Vec<PathStatus>,
    /// Its lanes, most urgent first.
    pub lanes: [LaneStatus; 6],
    /// Counted happenings.
    pub counters: LineCounters,
}

/// A path as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStatus {
    /// Its name.
    pub name: String,
    /// What carries it.
    pub carrier: Carrier,
    /// Its state.
    pub state: PathState,
    /// Whether media goes this way at the moment.
    pub is_best: bool,
    /// Smoothed round-trip time.
    pub rtt: Option<Duration>,
    /// Share of the other party's packets that do not reach us, 0 to 1, as it reports it.
    pub loss_in: Option<f32>,
    /// Share of our packets that do not reach the other party, 0 to 1.
    pub loss_out: Option<f32>,
    /// What congestion control lets us send, bit/s.
    pub rate_bps: Option<u64>,
    /// Delay of the queue that we share in, above the path's own delay.
    pub queue: Option<Duration>,
    /// How long ago the other party last proved on this path that it hears us.
    pub last_proof_age: Option<Duration>,
    /// Bytes put on the network, headers of QUIC included.
    pub bytes_sent: u64,
    /// Bytes of application frames received.
    pub bytes_received: u64,
}

/// A lane as it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaneStatus {
    /// Bytes handed to the network, repeats, copies and parity included.
    pub bytes_sent: u64,
    /// Bytes that came, copies included.
    pub bytes_received: u64,
    /// Bytes waiting or not yet acknowledged.
    pub queued: u64,
}

/// Happenings on a line since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCounters {
    /// Letters the other party acknowledged.
    pub letters_delivered: u64,
    /// Letters received for the first time.
    pub letters_received: u64,
    /// Letters received again and absorbed.
    pub letters_repeated: u64,
    /// Media units received for the first time.
    pub units_received: u64,
    /// Media units or shards received again and absorbed.
    pub units_repeated: u64,
    /// Media units rebuilt from copies or parity.
    pub units_recovered: u64,
    /// Video units not sent because their frame had become late.
    pub units_dropped_late: u64,
    /// Parity shards sent.
    pub parity_sent: u64,
    /// Dials that reached the other party.
    pub reconnections: u64,
    /// Changes of the path that media takes.
    pub failovers: u64,
}
