//! What the engine tells whoever drains it.

use bytes::Bytes;
use parley_line::{LineState, PathState};
use parley_media::{LeaveReason, RosterEntry, VideoSlotState};
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex};

/// Something that happened, in the order it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// A line changed its state.
    LineState {
        /// The other party.
        party: PartyId,
        /// The state it is in.
        state: LineState,
    },
    /// A path of a line changed its state.
    PathState {
        /// The other party.
        party: PartyId,
        /// The path's name.
        path: String,
        /// The state it is in.
        state: PathState,
    },
    /// The other party's letter arrived, exactly once.
    Letter {
        /// Who sent it.
        party: PartyId,
        /// The lane it came on.
        lane: u8,
        /// What it is about.
        topic: u16,
        /// Its bytes.
        body: Bytes,
    },
    /// The other party's engine has a letter.
    LetterDelivered {
        /// The number that sending returned.
        letter: u64,
    },
    /// A participant's offer was answered.
    Joined {
        /// The number that joining returned.
        request: u64,
        /// Who.
        participant: ParticipantId,
        /// The SDP answer.
        answer: String,
        /// The `mid` of each video slot.
        video_mids: Vec<String>,
        /// The `mid` of each audio slot.
        audio_mids: Vec<String>,
    },
    /// A participant's offer was not answered.
    JoinRefused {
        /// The number that joining returned.
        request: u64,
        /// Who.
        participant: ParticipantId,
        /// Stable code.
        code: &'static str,
        /// What was wrong, for the log.
        reason: String,
    },
    /// Who is in a room, in full.
    Roster {
        /// The room.
        room: RoomId,
        /// Everyone in it.
        participants: Vec<RosterEntry>,
    },
    /// A participant's device and this node exchange media for the first time after a join.
    Connected {
        /// Who.
        participant: ParticipantId,
    },
    /// A local participant is no longer in the room.
    Left {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Whom a participant's audio slots carry.
    AudioSlots {
        /// Who listens.
        participant: ParticipantId,
        /// The track in each slot.
        tracks: Vec<Option<TrackId>>,
    },
    /// What a participant's video slots carry.
    VideoSlots {
        /// Who watches.
        participant: ParticipantId,
        /// Each slot that was named.
        slots: Vec<VideoSlotState>,
    },
    /// Who is being heard in a room, loudest first.
    Speakers {
        /// The room.
        room: RoomId,
        /// Their audio tracks.
        tracks: Vec<TrackId>,
    },
    /// Which layers of a participant's track anybody watches.
    WantedLayers {
        /// Whose page it concerns.
        participant: ParticipantId,
        /// Which of their tracks.
        index: TrackIndex,
        /// The layers, lowest first.
        layers: Vec<u8>,
    },
    /// A room ended without being asked to.
    RoomClosed {
        /// The room.
        room: RoomId,
        /// Why: `fault`.
        reason: &'static str,
    },
    /// Something from outside was set aside.
    Refusal {
        /// Which part set it aside.
        area: Area,
        /// Stable name of what was wrong.
        reason: &'static str,
        /// The party it came from, where proved.
        party: Option<PartyId>,
        /// The key that was presented and not taken, where one was.
        key: Option<[u8; 32]>,
        /// How many of this kind so far.
        count: u64,
    },
    /// A thread failed at one step, and goes on.
    Fault {
        /// `line`, `media-<n>` or `acceptor`.
        thread: String,
        /// What it said: an assertion or a system error of its own, without addresses or names.
        cause: String,
        /// Whether its state was thrown away.
        is_restarted: bool,
        /// How many faults it has had.
        count: u64,
    },
    /// Events were left out because nobody drained them.
    EventsLost {
        /// How many.
        count: u64,
    },
}

/// Which part of the engine set something aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// A line.
    Line,
    /// A room's relay.
    Relay,
    /// The sockets.
    Io,
}

impl Area {
    /// The name that Python sees.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Relay => "relay",
            Self::Io => "io",
        }
    }
}

/// Names the one thing whose latest state an event repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    LineState(PartyId),
    PathState(PartyId, String),
    Roster(RoomId),
    AudioSlots(ParticipantId),
    VideoSlots(ParticipantId),
    Speakers(RoomId),
    WantedLayers(ParticipantId, TrackIndex),
}

impl EngineEvent {
    /// What the event repeats the latest state of, if that is all it does.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match self {
            Self::LineState { party, .. } => Some(Subject::LineState(*party)),
            Self::PathState { party, path, .. } => Some(Subject::PathState(*party, path.clone())),
            Self::Roster { room, .. } => Some(Subject::Roster(*room)),
            Self::AudioSlots { participant, .. } => Some(Subject::AudioSlots(*participant)),
            Self::VideoSlots { participant, .. } => Some(Subject::VideoSlots(*participant)),
            Self::Speakers { room, .. } => Some(Subject::Speakers(*room)),
            Self::WantedLayers {
                participant, index, ..
            } => Some(Subject::WantedLayers(*participant, *index)),
            Self::Letter { .. }
            | Self::LetterDelivered { .. }
            | Self::Joined { .. }
            | Self::JoinRefused { .. }
            | Self::Connected { .. }
            | Self::Left { .. }
            | Self::RoomClosed { .. }
            | Self::Refusal { .. }
            | Self::Fault { .. }
            | Self::EventsLost { .. } => None,
        }
    }

    /// The bytes it keeps in memory, as far as they can be many.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Letter { body, .. } => body.len(),
            Self::Joined { answer, .. } => answer.len(),
            Self::LineState { .. }
            | Self::PathState { .. }
            | Self::LetterDelivered { .. }
            | Self::JoinRefused { .. }
            | Self::Roster { .. }
            | Self::Connected { .. }
            | Self::Left { .. }
            | Self::AudioSlots { .. }
            | Self::VideoSlots { .. }
            | Self::Speakers { .. }
            | Self::WantedLayers { .. }
            | Self::RoomClosed { .. }
            | Self::Refusal { .. }
            | Self::Fault { .. }
            | Self::EventsLost { .. } => 0,
        }
    }
}
