//! What the engine tells of rooms, as classes.

use parley_io::EngineEvent;
use parley_media::{LayerShortfall, LeaveReason, Reason, RosterEntry as Entry, VideoSlotState};
use pyo3::prelude::*;

use crate::{
    events::{object, record},
    ids::{Id, Octets, Track, track},
};

record! {
    /// A participant's offer was answered.
    Joined {
        request: u64,
        participant: Id,
        answer: String,
        video_mids: Vec<String>,
        audio_mids: Vec<String>,
    }
}
record! {
    /// A participant's offer was not answered, and the participant is not in the room.
    JoinRefused { request: u64, participant: Id, code: String, reason: String }
}
record! {
    /// One track of a participant, as the roster announces it.
    RosterTrack { index: u8, kind: String, muted: bool, layers: Layers }
}
record! {
    /// One participant of a room, near or far.
    RosterEntry {
        participant: Id,
        origin: Id,
        route: Vec<Id>,
        label: Octets,
        tracks: Vec<RosterTrack>,
        is_local: bool,
    }
}
record! {
    /// Who is in a room, in full, whenever that changes.
    Roster { room: Id, participants: Vec<RosterEntry> }
}
record! {
    /// A participant's device and this node exchange media for the first time after a join.
    Connected { participant: Id }
}
record! {
    /// A local participant is no longer in the room.
    Left { participant: Id, reason: String }
}
record! {
    /// Whom a participant's audio slots carry.
    AudioSlots { participant: Id, tracks: Vec<Option<Track>> }
}
record! {
    /// What one video slot of a participant carries.
    VideoSlot { slot: u8, track: Option<Track>, layer: Option<u8>, withheld: Option<String> }
}
record! {
    /// What a participant's video slots carry, in full.
    VideoSlots { participant: Id, slots: Vec<VideoSlot> }
}
record! {
    /// Who is being heard in a room, loudest first.
    Speakers { room: Id, tracks: Vec<Track> }
}
record! {
    /// Which layers of a local participant's track anybody watches.
    WantedLayers { participant: Id, index: u8, layers: Layers }
}

/// Layer numbers. Wider than they are, because a list of single bytes would become `bytes`.
type Layers = Vec<u16>;

/// Turns an event of a room into its class.
#[expect(
    clippy::too_many_lines,
    reason = "one short arm for each kind of event"
)]
pub(crate) fn event(py: Python<'_>, event: EngineEvent) -> PyResult<Py<PyAny>> {
    match event {
        EngineEvent::Joined {
            request,
            participant,
            answer,
            video_mids,
            audio_mids,
        } => {
            let participant = participant.into();
            object(
                py,
                Joined {
                    request,
                    participant,
                    answer,
                    video_mids,
                    audio_mids,
                },
            )
        }
        EngineEvent::JoinRefused {
            request,
            participant,
            code,
            reason,
        } => {
            let (participant, code) = (participant.into(), code.to_owned());
            object(
                py,
                JoinRefused {
                    request,
                    participant,
                    code,
                    reason,
                },
            )
        }
        EngineEvent::Roster { room, participants } => {
            let participants = participants.into_iter().map(entry).collect();
            object(
                py,
                Roster {
                    room: room.into(),
                    participants,
                },
            )
        }
        EngineEvent::Connected { participant } => object(
            py,
            Connected {
                participant: participant.into(),
            },
        ),
        EngineEvent::Left {
            participant,
            reason,
        } => {
            let reason = leave_reason(reason).to_owned();
            object(
                py,
                Left {
                    participant: participant.into(),
                    reason,
                },
            )
        }
        EngineEvent::AudioSlots {
            participant,
            tracks,
        } => {
            let tracks = tracks.into_iter().map(|slot| slot.map(track)).collect();
            object(
                py,
                AudioSlots {
                    participant: participant.into(),
                    tracks,
                },
            )
        }
        EngineEvent::VideoSlots { participant, slots } => {
            let slots = slots.into_iter().map(video_slot).collect();
            object(
                py,
                VideoSlots {
                    participant: participant.into(),
                    slots,
                },
            )
        }
        EngineEvent::Speakers { room, tracks } => {
            let tracks = tracks.into_iter().map(track).collect();
            object(
                py,
                Speakers {
                    room: room.into(),
                    tracks,
                },
            )
        }
        EngineEvent::WantedLayers {
            participant,
            index,
            layers,
        } => {
            let layers = layers.into_iter().map(u16::from).collect();
            object(
                py,
                WantedLayers {
                    participant: participant.into(),
                    index: index.0,
                    layers,
                },
            )
        }
        EngineEvent::LineState { .. }
        | EngineEvent::PathState { .. }
        | EngineEvent::Letter { .. }
        | EngineEvent::LetterDelivered { .. }
        | EngineEvent::RoomClosed { .. }
        | EngineEvent::Refusal { .. }
        | EngineEvent::Fault { .. }
        | EngineEvent::EventsLost { .. } => crate::events::event(py, event),
    }
}

fn entry(entry: Entry) -> RosterEntry {
    let tracks = entry.tracks.into_iter().map(|track| RosterTrack {
        index: track.index.0,
        kind: if track.index.is_audio() {
            "audio"
        } else {
            "video"
        }
        .to_owned(),
        muted: track.is_muted,
        layers: track.layers.into_iter().map(u16::from).collect(),
    });
    RosterEntry {
        participant: entry.participant.into(),
        origin: entry.origin.into(),
        route: entry.route.into_iter().map(Id::from).collect(),
        label: Octets(entry.label),
        tracks: tracks.collect(),
        is_local: entry.is_local,
    }
}

fn video_slot(state: VideoSlotState) -> VideoSlot {
    VideoSlot {
        slot: state.slot,
        track: Some(track(state.track)),
        layer: state.layer,
        withheld: state.withheld.map(|reason| withheld(reason).to_owned()),
    }
}

fn withheld(why: LayerShortfall) -> &'static str {
    match why {
        LayerShortfall::Source(Reason::Rate) => "rate",
        LayerShortfall::Source(Reason::Paused) => "paused",
        LayerShortfall::Source(Reason::Muted) => "muted",
        LayerShortfall::OwnWay => "own_way",
    }
}

fn leave_reason(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::Asked => "left",
        LeaveReason::Replaced => "replaced",
        LeaveReason::RoomClosed => "room_closed",
        LeaveReason::Closed => "closed",
        LeaveReason::TimedOut => "silent",
        // A reason that is added and has no name here is one of the engine's own.
        LeaveReason::Fault | _ => "fault",
    }
}
