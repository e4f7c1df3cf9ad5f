//! Why a line does not do what was asked, and whose fault it is.
//!
//! ```text
//! LineError
//! ├── Our(OurError)      we asked for something that cannot be
//! └── Their(TheirError)  the other party, or the network to it, does not allow it now
//! ```

use parley_wire::line::Lane;
use thiserror::Error;

/// Why a call on [`Lines`](crate::Lines) was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineError {
    /// The request itself is wrong.
    #[error(transparent)]
    Our(#[from] OurError),
    /// The other party or the network stands in the way.
    #[error(transparent)]
    Their(#[from] TheirError),
}

/// A request that cannot be met whatever the other party does.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OurError {
    /// The seed is no Ed25519 key, or TLS would not take it.
    #[error("the party's key cannot be used: {0}")]
    Key(String),
    /// The remote key is our own.
    #[error("a line to our own key makes no sense")]
    OwnKey,
    /// There is already a line to this key.
    #[error("there is already a line to this party")]
    AlreadyOpen,
    /// There is no such line.
    #[error("there is no such line")]
    UnknownLine,
    /// A path names a socket that the node does not have, or the paths are too many or share a
    /// name.
    #[error("the paths of the line are not well formed")]
    Paths,
    /// The body is longer than a letter may be.
    #[error("the letter has {0} bytes, more than a letter may have")]
    LetterTooLong(usize),
    /// The unit is longer than media units may be.
    #[error("the media unit has {0} bytes, more than a unit may have")]
    UnitTooLong(usize),
    /// Letters do not travel in a media lane, nor media in a letter lane.
    #[error("the lane {0:?} does not carry this")]
    WrongLane(Lane),
}

/// What the other party or the network does not allow at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TheirError {
    /// Too much is waiting in the lane for the other party to take it.
    #[error("the lane {0:?} is full")]
    LaneFull(Lane),
    /// No path is up; media is not kept for later.
    #[error("no path of the line is up")]
    Cut,
}

impl LineError {
    /// Stable code of the error, the key of its translations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Our(OurError::Key(_)) => "line.key_unusable",
            Self::Our(OurError::OwnKey) => "line.own_key",
            Self::Our(OurError::AlreadyOpen) => "line.already_open",
            Self::Our(OurError::UnknownLine) => "line.unknown",
            Self::Our(OurError::Paths) => "line.paths_malformed",
            Self::Our(OurError::LetterTooLong(_)) => "line.letter_too_long",
            Self::Our(OurError::UnitTooLong(_)) => "line.unit_too_long",
            Self::Our(OurError::WrongLane(_)) => "line.wrong_lane",
            Self::Their(TheirError::LaneFull(_)) => "line.lane_full",
            Self::Their(TheirError::Cut) => "line.cut",
        }
    }
}
