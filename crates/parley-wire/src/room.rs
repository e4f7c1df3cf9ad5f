//! What two relays say to each other about a room they share.
//!
//! Two kinds of bytes cross: a [`MediaFrame`] carries one RTP packet of one layer, best effort; a
//! [`RoomControl`] letter carries the state of the room, reliably and exactly once. Control is
//! always a full snapshot with a version, never a difference, so that whatever was lost with a
//! node that died is repaired by the next letter. The prose a stranger can implement from is
//! `protocol/room.md`.
//!
//! All bytes read here were written by another institution. Reading never panics, never allocates
//! more than the letter's own length times a small constant, and refuses rather than guesses.

mod control;
mod media_frame;
mod reader;

pub use control::{
    Codec, LayerRef, ROOM_LETTER_BYTES_MAX, Reason, RoomControl, Roster, RosterLayer,
    RosterParticipant, RosterTrack, Version, Want, Wants, Withheld, WithheldList, room_of,
};
pub use media_frame::{MEDIA_FRAME_OVERHEAD_MAX, MEDIA_PAYLOAD_BYTES_MAX, MediaFrame};

/// Why bytes from another relay were set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomFrameError {
    /// The bytes end before the frame does.
    #[error("the frame ends early")]
    Short,
    /// The first byte names a version this relay does not read.
    #[error("frame version {0} is not known")]
    Version(u8),
    /// A field holds a value the protocol does not give a meaning to.
    #[error("field {0} has a value without a meaning")]
    Field(&'static str),
    /// A list or a text is longer than the protocol allows.
    #[error("field {0} is longer than allowed")]
    TooLong(&'static str),
    /// The letter goes on after its last field.
    #[error("{0} bytes after the end")]
    Trailing(usize),
}
