//! A room: who is in it, here and elsewhere, and which lines carry it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use bytes::Bytes;
use parley_wire::{
    ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex},
    room::RosterTrack,
};

use crate::{attachment::Attachment, capture::PersonClock, event::RosterEntry, speakers::Speakers};

/// A person of another node.
#[derive(Debug)]
pub(crate) struct FarPerson {
    /// The party whose node they are connected to; whoever claims them with another is refused.
    pub(crate) origin: PartyId,
    /// What each neighbour says about them.
    pub(crate) ways: BTreeMap<PartyId, Way>,
    /// The neighbour their media comes through at present.
    pub(crate) via: Option<PartyId>,
    pub(crate) tracks: [Option<usize>; TrackIndex::COUNT],
    pub(crate) clock: PersonClock,
    /// Since when no line leads to them.
    pub(crate) lost_since: Option<Instant>,
}

/// What one neighbour says about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) route: Vec<PartyId>,
    pub(crate) label: Bytes,
    pub(crate) tracks: Vec<RosterTrack>,
    /// Whether the node has set the person aside under this label.
    pub(crate) is_aside: bool,
}

impl Way {
    /// Whether both say that the same party brings the person under the same label.
    pub(crate) fn claims_as(&self, other: &Self) -> bool {
        self.label == other.label && self.route.first() == other.route.first()
    }
}

impl FarPerson {
    /// Whether every way to the person is one they were set aside on.
    pub(crate) fn is_aside(&self) -> bool {
        self.ways.values().all(|way| way.is_aside)
    }
}

/// One room on this shard.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    /// People of this node, by key.
    pub(crate) local: BTreeMap<ParticipantId, usize>,
    pub(crate) far: BTreeMap<ParticipantId, FarPerson>,
    pub(crate) lines: BTreeMap<PartyId, Attachment>,
    /// Every track, by its name.
    pub(crate) tracks: BTreeMap<TrackId, usize>,
    pub(crate) speakers: Speakers,
    /// Microphones by loudness, as of the last tick.
    pub(crate) ranking: Vec<usize>,
    pub(crate) told_speakers: Vec<TrackId>,
    pub(crate) told_roster: Option<Vec<RosterEntry>>,
    /// Set when people, tracks or ways have changed.
    pub(crate) is_roster_stale: bool,
    /// Parties whose lines have to be told something.
    pub(crate) stale_lines: BTreeSet<PartyId>,
}

impl Room {
    pub(crate) fn new(id: RoomId) -> Self {
        Self {
            id,
            local: BTreeMap::new(),
            far: BTreeMap::new(),
            lines: BTreeMap::new(),
            tracks: BTreeMap::new(),
            speakers: Speakers::default(),
            ranking: Vec::new(),
            told_speakers: Vec::new(),
            told_roster: None,
            is_roster_stale: true,
            stale_lines: BTreeSet::new(),
        }
    }

    /// People or tracks have changed: everyone has to be told.
    pub(crate) fn touch(&mut self) {
        self.is_roster_stale = true;
        self.touch_lines();
    }

    /// Wants or routes have changed: the lines have to be told.
    pub(crate) fn touch_lines(&mut self) {
        self.stale_lines.extend(self.lines.keys());
    }
}
