//! What can be wrong with a description of a network.

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
}
