//! Why a synthetic participant or the generator stops short.
//!
//! ```text
//! LoadError
//! ├── ours    Address, Spent, Stopped, System, Command
//! └── theirs  Description, Silence
//! ```

use std::{io, net::SocketAddr};

use thiserror::Error;

/// What went wrong, with the blame in [`LoadError::is_theirs`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The local address cannot carry media.
    #[error("no media can be sent from {address}: {reason}")]
    Address {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
    /// A call was made twice or out of order: one offer, then one answer.
    #[error("{0} was expected only once, in its order")]
    Spent(&'static str),
    /// The participant left before.
    #[error("the participant has stopped")]
    Stopped,
    /// The system failed.
    #[error("the system failed: {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// How it failed.
        #[source]
        source: io::Error,
    },
    /// A command to the generator that it does not understand.
    #[error("the command cannot be carried out: {0}")]
    Command(String),
    /// The relay's session description cannot be used (RFC 8866, RFC 8829).
    #[error("the session description cannot be used: {0}")]
    Description(String),
    /// The relay did not answer in time.
    #[error("{missing} of {expected} did not connect in time")]
    Silence {
        /// How many are not connected.
        missing: usize,
        /// How many should be.
        expected: usize,
    },
}

impl LoadError {
    /// Whether the relay is to blame, rather than this machine or its caller.
    #[must_use]
    pub const fn is_theirs(&self) -> bool {
        matches!(self, Self::Description(_) | Self::Silence { .. })
    }
}
