//! The Python binding of the engine: conversions only.
//!
//! The module is `parley._core`; its documentation is `src/parley/_core.pyi`. Nothing is decided
//! here: bytes and tuples become the engine's types, its events become classes, its errors become
//! `CoreError`. The interpreter's lock is released in every call that may wait.

mod engine;
mod errors;
mod events;
mod events_media;
mod ids;
mod line;
mod participant;
mod shown;
mod watchdog;
mod wire;

use pyo3::prelude::*;

#[pymodule(name = "_core")]
mod core_module {
    #[pymodule_export]
    use crate::{
        engine::Engine,
        errors::CoreError,
        events::{
            EventsLost, Fault, Letter, LetterDelivered, LineState, PathState, Refusal, RoomClosed,
        },
        events_media::{
            AudioSlots, Connected, JoinRefused, Joined, Left, Roster, RosterEntry, RosterTrack,
            Speakers, VideoSlot, VideoSlots, WantedLayers,
        },
        ids::{party_id, public_key},
        line::{LaneStatus, LinePath, LineStatus, PathStatus},
        participant::{ParticipantQuality, SyntheticParticipant},
        watchdog::Watchdog,
        wire::{TunWire, UdpWire, WireStats},
    };
}
