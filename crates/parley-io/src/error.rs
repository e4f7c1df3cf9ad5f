//! Why the engine refuses a call.
//!
//! ```text
//! EngineError
//! ├── ours         PortTaken, AddressUnusable, PermissionDenied, ArgumentInvalid, Overloaded,
//! │                Stalled, Stopped, System
//! └── as they say  Line, Media
//! ```

use std::{fmt, io, net::SocketAddr};

use parley_line::{LineError, OurError, TheirError};
use parley_media::MediaError;
use thiserror::Error;

/// A call that the engine did not carry out, with a stable code and what its wording needs.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Another program, or another node, has the port.
    #[error("the address {address} is taken")]
    PortTaken {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The machine has no such address, or it is of the wrong kind.
    #[error("the address {address} cannot be used")]
    AddressUnusable {
        /// The address as it was given.
        address: String,
    },
    /// The system forbids it to this process.
    #[error("the system does not permit: {what}")]
    PermissionDenied {
        /// What was tried.
        what: String,
    },
    /// A value that cannot be.
    #[error("the argument {argument} is invalid")]
    ArgumentInvalid {
        /// The argument's name.
        argument: &'static str,
    },
    /// A line refused it.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A relay refused it.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A command queue is full: the thread behind it cannot keep up.
    #[error("the engine is overloaded")]
    Overloaded,
    /// A thread gave no answer in time.
    #[error("the engine gave no answer in time")]
    Stalled,
    /// The engine was stopped before.
    #[error("the engine is stopped")]
    Stopped,
    /// The system failed in a way that has no name here.
    #[error("the system failed: {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// How it failed.
        #[source]
        source: io::Error,
    },
}

/// One value that the wording of an error needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

impl EngineError {
    /// Returns the stable code, a key of `protocol/errors.toml`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => "engine.port_taken",
            Self::AddressUnusable { .. } => "engine.address_unusable",
            Self::PermissionDenied { .. } => "engine.permission_denied",
            Self::ArgumentInvalid { .. } => "engine.argument_invalid",
            Self::Line(error) => error.code(),
            Self::Media(error) => error.code(),
            Self::Overloaded => "engine.overloaded",
            Self::Stalled => "engine.stalled",
            Self::Stopped => "engine.stopped",
            Self::System { .. } => "engine.system",
        }
    }

    /// Returns what the wording of the code needs: no name, key or letter is ever among it.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, Param)> {
        match self {
            Self::PortTaken { address } => vec![("address", text(address))],
            Self::AddressUnusable { address } => vec![("address", text(address))],
            Self::PermissionDenied { what } => vec![("what", text(what))],
            Self::ArgumentInvalid { argument } => vec![("argument", text(argument))],
            Self::System { what, source } => vec![
                ("what", text(what)),
                (
                    "errno",
                    Param::Number(source.raw_os_error().unwrap_or(0).into()),
                ),
            ],
            Self::Line(LineError::Our(
                OurError::LetterTooLong(bytes) | OurError::UnitTooLong(bytes),
            )) => {
                vec![("bytes", number(*bytes))]
            }
            Self::Line(
                LineError::Our(OurError::WrongLane(lane))
                | LineError::Their(TheirError::LaneFull(lane)),
            ) => {
                vec![("lane", Param::Number(lane.number().into()))]
            }
            Self::Line(_) | Self::Media(_) | Self::Overloaded | Self::Stalled | Self::Stopped => {
                Vec::new()
            }
        }
    }

    /// Says whether somebody else's input caused it, rather than this node.
    #[must_use]
    pub fn is_theirs(&self) -> bool {
        matches!(
            self,
            Self::Line(LineError::Their(_)) | Self::Media(MediaError::Theirs(_))
        )
    }

    /// Names a failure to open a socket at an address.
    pub(crate) fn binding(address: SocketAddr, source: io::Error) -> Self {
        let is = |kind| source.kind() == kind;
        if is(io::ErrorKind::AddrInUse) {
            Self::PortTaken { address }
        } else if is(io::ErrorKind::AddrNotAvailable) || is(io::ErrorKind::Unsupported) {
            Self::AddressUnusable {
                address: address.to_string(),
            }
        } else if is(io::ErrorKind::PermissionDenied) {
            Self::PermissionDenied {
                what: format!("listening on {address}"),
            }
        } else {
            Self::System {
                what: "bind",
                source,
            }
        }
    }

    /// Wraps a failure of the system that needs no name of its own.
    pub(crate) fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}

fn text(value: impl fmt::Display) -> Param {
    Param::Text(value.to_string())
}

fn number(value: usize) -> Param {
    Param::Number(i64::try_from(value).unwrap_or(i64::MAX))
}
