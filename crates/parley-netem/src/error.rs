//! What can be wrong with a description of a network, or with putting it between two ends.

use std::{io, net::SocketAddr, path::PathBuf};

use thiserror::Error;

/// Every mistake this crate can name; all of them are the caller's own, none the far party's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetemError {
    /// No profile has this name.
    #[error("no profile is called {name:?}; the profiles are {known}")]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// The names there are, separated by commas.
        known: String,
    },
    /// A part of a profile text is not `KEY=VALUE` with a key there is.
    #[error("{part:?} is not a setting; the settings are {known}")]
    UnknownSetting {
        /// The part of the text that was not understood.
        part: String,
        /// The keys there are, separated by commas.
        known: String,
    },
    /// A value does not read as what its key wants.
    #[error("{key}={value:?} does not read as {wanted}")]
    BadValue {
        /// The key, as it was written.
        key: String,
        /// The value, as it was written.
        value: String,
        /// What would have been understood, with an example.
        wanted: &'static str,
    },
    /// A UDP wire could not listen.
    #[error("cannot listen on UDP {address}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A TUN wire could not enter a network namespace.
    #[error("cannot enter the network namespace {namespace}{}", hint(source))]
    Namespace {
        /// The file that stands for the namespace.
        namespace: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A TUN wire could not make a device.
    #[error("cannot make the TUN device {device}{}", hint(source))]
    Device {
        /// Its name.
        device: String,
        /// What the system said.
        source: io::Error,
    },
    /// The wire's thread could not be started.
    #[error("cannot start the wire")]
    Start {
        /// What the system said.
        #[from]
        source: io::Error,
    },
}

impl NetemError {
    /// Whether the same would work with more privileges (root, or `CAP_NET_ADMIN` and
    /// `CAP_SYS_ADMIN`).
    #[must_use]
    pub fn is_permission(&self) -> bool {
        match self {
            Self::Listen { source, .. }
            | Self::Namespace { source, .. }
            | Self::Device { source, .. }
            | Self::Start { source } => is_permission(source),
            Self::UnknownProfile { .. } | Self::UnknownSetting { .. } | Self::BadValue { .. } => {
                false
            }
        }
    }
}

fn is_permission(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

fn hint(error: &io::Error) -> &'static str {
    if is_permission(error) {
        "; a TUN wire needs root"
    } else {
        ""
    }
}
