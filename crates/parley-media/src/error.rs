//! What can go wrong at the relay's doors, and whose fault it was.
//!
//! ```text
//! MediaError
//! ├── Ours    the relay or the node that drives it
//! │   ├── RoomUnknown        the room was never opened here, or is closed
//! │   ├── ParticipantUnknown the person is not in a room of this relay
//! │   ├── Full               the relay holds as many people as it is configured for
//! │   └── Engine             the WebRTC engine refused what we asked, or broke
//! └── Theirs  the page, or the browser behind it
//!     ├── Offer              the offer cannot be read
//!     ├── Slots              the offer does not have the agreed media lines in their order
//!     └── Codec              the offer lacks a codec every room needs
//! ```

use thiserror::Error;

/// A call the relay refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The node asked for something that cannot be.
    #[error(transparent)]
    Ours(#[from] OurMediaError),
    /// The browser said something that cannot be used.
    #[error(transparent)]
    Theirs(#[from] TheirMediaError),
}

/// The relay, or the node that drives it, is at fault.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OurMediaError {
    /// The room was never opened here, or is closed.
    #[error("the room is not open on this relay")]
    RoomUnknown,
    /// The person is not in a room of this relay.
    #[error("the participant is not in a room of this relay")]
    ParticipantUnknown,
    /// The relay holds as many people as it is configured for.
    #[error("the relay is full: {participants_max} participants")]
    Full {
        /// The configured limit.
        participants_max: usize,
    },
    /// The WebRTC engine refused what we asked of it, or broke.
    #[error("the media engine failed: {reason}")]
    Engine {
        /// What it said; contains no address and no name.
        reason: String,
    },
}

/// The page, or the browser behind it, is at fault.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TheirMediaError {
    /// The offer is not a session description (RFC 8866) the relay can read.
    #[error("the offer cannot be read: {reason}")]
    Offer {
        /// Where reading stopped.
        reason: String,
    },
    /// The offer does not have the agreed media lines in the agreed order.
    #[error("media line {line} is not what it must be: {expected}")]
    Slots {
        /// Counted from 0.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// The offer lacks a codec that every room needs.
    #[error("the offer lacks {codec}")]
    Codec {
        /// Opus or VP8.
        codec: &'static str,
    },
}

impl MediaError {
    /// The stable name of the error in `protocol/errors.toml`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ours(OurMediaError::RoomUnknown) => "media.room_unknown",
            Self::Ours(OurMediaError::ParticipantUnknown) => "media.participant_unknown",
            Self::Ours(OurMediaError::Full { .. }) => "media.full",
            Self::Ours(OurMediaError::Engine { .. }) => "media.engine",
            Self::Theirs(TheirMediaError::Offer { .. }) => "media.offer",
            Self::Theirs(TheirMediaError::Slots { .. }) => "media.slots",
            Self::Theirs(TheirMediaError::Codec { .. }) => "media.codec",
        }
    }
}
