//! What a relay gives back: packets, letters, media for lines, and news for the node.

use std::net::SocketAddr;

use bytes::Bytes;
use parley_wire::{
    ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex},
    room::Codec,
};
use str0m::net::{DatagramSend, Protocol};

pub use parley_wire::room::Reason;

/// How many loudest speakers each person hears.
pub const AUDIO_SLOTS: usize = 3;
/// How many pictures each person can watch at once.
pub const VIDEO_SLOTS: usize = 8;

/// One thing the caller has to do or to know.
#[derive(Debug)]
pub enum RelayOutput {
    /// Send this packet to a browser.
    Packet(Packet),
    /// Send these packets to a browser, in one call where the system can; then give the buffer back
    /// with [`Relay::reuse`](crate::Relay::reuse).
    Burst(Burst),
    /// Send this letter, reliably, on the line to a party (topic 1).
    Letter {
        /// The party at the other end of the line.
        to: PartyId,
        /// A `RoomControl` letter.
        body: Bytes,
    },
    /// Send this media unit, best effort, on the line to a party.
    Media(LineMedia),
    /// News.
    Event(RelayEvent),
}

/// One packet for a browser.
#[derive(Debug)]
pub struct Packet {
    /// UDP, or one RFC 4571 frame of the TCP connection from `destination`.
    pub protocol: Protocol,
    /// Which of our addresses it leaves from.
    pub source: SocketAddr,
    /// The browser's address.
    pub destination: SocketAddr,
    /// What to send.
    pub contents: DatagramSend,
}

/// Packets for one browser, one behind the other.
#[derive(Debug)]
pub struct Burst {
    /// UDP, or RFC 4571 frames of the TCP connection from `destination`.
    pub protocol: Protocol,
    /// Which of our addresses they leave from.
    pub source: SocketAddr,
    /// The browser's address.
    pub destination: SocketAddr,
    /// Length of each packet but the last, which may be shorter; never 0.
    pub segment_bytes: usize,
    /// The packets.
    pub bytes: Vec<u8>,
}

impl Burst {
    /// The packets, in order.
    pub fn packets(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.segment_bytes.max(1))
    }
}

/// One RTP packet for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMedia {
    /// The party at the other end of the line.
    pub to: PartyId,
    /// How urgent it is.
    pub lane: MediaLane,
    /// Names the layer on this line: alias in the upper bits, layer in the low eight.
    pub flow: u32,
    /// Counts frames of the flow.
    pub frame: u32,
    /// First packet of its frame.
    pub is_first: bool,
    /// Last packet of its frame.
    pub is_last: bool,
    /// A `MediaFrame`.
    pub payload: Bytes,
}

/// The urgency classes media travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaLane {
    /// Sound.
    Audio,
    /// The smallest picture, without which a tile is black.
    Base,
    /// Better pictures.
    Upper,
}

/// News for the node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelayEvent {
    /// Who is in a room, in full.
    Roster {
        /// Where.
        room: RoomId,
        /// Everyone, sorted by id.
        participants: Vec<RosterEntry>,
    },
    /// A person's browser has its media path: ICE and DTLS are done.
    Connected {
        /// Who.
        participant: ParticipantId,
    },
    /// The engine broke while serving a person, who is removed; somebody should look.
    Fault {
        /// Who.
        participant: ParticipantId,
        /// What the engine said: an assertion of its own, without addresses or names.
        cause: String,
    },
    /// A person of this node is gone from their room.
    Left {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Whom a person hears, by audio slot.
    AudioSlots {
        /// Who hears.
        participant: ParticipantId,
        /// The microphone in each slot.
        slots: [Option<TrackId>; AUDIO_SLOTS],
    },
    /// What a person sees, by video slot.
    VideoSlots {
        /// Who watches.
        participant: ParticipantId,
        /// Every slot that is asked for.
        slots: Vec<VideoSlotState>,
    },
    /// The loudest speakers of a room, loudest first.
    Speakers {
        /// Where.
        room: RoomId,
        /// Their microphones.
        tracks: Vec<TrackId>,
    },
    /// Which layers of a person's tracks anybody watches; the page may stop sending the others.
    WantedLayers {
        /// Whose page it concerns.
        participant: ParticipantId,
        /// Which of their tracks.
        index: TrackIndex,
        /// Bit n stands for layer n.
        layers: u8,
    },
    /// Something was set aside; one event per reason and party at most every second.
    Refused {
        /// The party it came from, where it came over a line.
        from: Option<PartyId>,
        /// Why.
        refusal: Refusal,
        /// How many so far.
        count: u64,
    },
}

/// One person of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who.
    pub participant: ParticipantId,
    /// The party whose node they are connected to.
    pub origin: PartyId,
    /// The parties their media passes to reach us, their own first; empty for our own people.
    pub route: Vec<PartyId>,
    /// What their node says about them.
    pub label: Bytes,
    /// What they send.
    pub tracks: Vec<RosterTrackEntry>,
    /// Whether they are connected to this node.
    pub is_local: bool,
}

/// One medium of one person of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterTrackEntry {
    /// Microphone, camera or screen.
    pub index: TrackIndex,
    /// How it is encoded.
    pub codec: Codec,
    /// Switched off by the person.
    pub is_muted: bool,
    /// The qualities on offer, lowest first.
    pub layers: Vec<u8>,
}

/// What one video slot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoSlotState {
    /// Which slot, 0 to 7.
    pub slot: u8,
    /// What was asked for.
    pub track: TrackId,
    /// The layer that flows, where one does.
    pub layer: Option<u8>,
    /// Why none, or a smaller one than asked for, flows.
    pub withheld: Option<LayerShortfall>,
}

/// Why a slot shows less than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LayerShortfall {
    /// It does not get as far as this relay: a line or its publisher keeps it back.
    Source(Reason),
    /// The way from this relay to the viewer has no room for it.
    OwnWay,
}

/// Why a person left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LeaveReason {
    /// The node asked for it.
    Asked,
    /// The same person joined again.
    Replaced,
    /// The room was closed.
    RoomClosed,
    /// The browser ended the connection.
    Closed,
    /// Nothing was heard from the browser for too long.
    TimedOut,
    /// The engine broke while serving them; only they are affected.
    Fault,
}

/// Why something was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Refusal {
    /// A packet that is neither STUN, DTLS nor RTP, or is broken.
    PacketMalformed,
    /// A packet from an address that belongs to nobody.
    PacketUnknown,
    /// A packet for an address that is not ours.
    PacketMisrouted,
    /// Media with a payload that does not match its codec.
    PayloadMalformed,
    /// A media frame that cannot be read.
    FrameMalformed,
    /// A media frame with an alias the line's rosters do not name.
    AliasUnknown,
    /// A media frame of a layer we did not ask for.
    Unwanted,
    /// A line or a browser brought more than its cap.
    RateExceeded,
    /// A letter that cannot be read.
    LetterMalformed,
    /// A letter about a room the line does not carry.
    RoomNotCarried,
    /// An older snapshot than one already here.
    SnapshotStale,
    /// A route whose last hop is not the neighbour, that repeats a party, or that runs through us.
    RouteFalse,
    /// A neighbour claims a person whose node is ours, or who came from another party.
    ParticipantClaimed,
    /// An alias used for two tracks, or outside the group of its room.
    AliasFalse,
    /// A roster beyond what one neighbour may bring into a room.
    RosterTooLarge,
    /// A media frame of a person the node has set aside.
    SetAside,
}

impl Refusal {
    /// Every reason, in the order of the counters.
    pub const ALL: [Self; 16] = [
        Self::PacketMalformed,
        Self::PacketUnknown,
        Self::PacketMisrouted,
        Self::PayloadMalformed,
        Self::FrameMalformed,
        Self::AliasUnknown,
        Self::Unwanted,
        Self::RateExceeded,
        Self::LetterMalformed,
        Self::RoomNotCarried,
        Self::SnapshotStale,
        Self::RouteFalse,
        Self::ParticipantClaimed,
        Self::AliasFalse,
        Self::RosterTooLarge,
        Self::SetAside,
    ];

    /// The reason's name in counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PacketMalformed => "packet_malformed",
            Self::PacketUnknown => "packet_unknown",
            Self::PacketMisrouted => "packet_misrouted",
            Self::PayloadMalformed => "payload_malformed",
            Self::FrameMalformed => "frame_malformed",
            Self::AliasUnknown => "alias_unknown",
            Self::Unwanted => "unwanted",
            Self::RateExceeded => "rate_exceeded",
            Self::LetterMalformed => "letter_malformed",
            Self::RoomNotCarried => "room_not_carried",
            Self::SnapshotStale => "snapshot_stale",
            Self::RouteFalse => "route_false",
            Self::ParticipantClaimed => "participant_claimed",
            Self::AliasFalse => "alias_false",
            Self::RosterTooLarge => "roster_too_large",
            Self::SetAside => "set_aside",
        }
    }
}
