//! Ids and keys: bytes of a fixed length, checked on the way in.

use std::fmt;

use bytes::Bytes;
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex};
use pyo3::{Borrowed, prelude::*, types::PyBytes};

use crate::errors::{Error, Result};

/// An id of a party, a room or a participant: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) [u8; 16]);

/// A track: its participant and its index there.
pub(crate) type Track = (Id, u8);

/// Returns the id of the party that owns an Ed25519 public key of 32 bytes.
#[pyfunction]
pub(crate) fn party_id(public_key: &[u8]) -> Result<Id> {
    Ok(parley_line::party_id(&key(public_key, "public_key")?).into())
}

/// Returns the Ed25519 public key of 32 bytes that belongs to a secret seed of 32 bytes.
#[pyfunction]
pub(crate) fn public_key(key_seed: &[u8]) -> Result<[u8; 32]> {
    Ok(parley_line::public_key(&key(key_seed, "key_seed")?)?)
}

/// Takes 32 bytes.
pub(crate) fn key(bytes: &[u8], argument: &'static str) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::argument(argument))
}

pub(crate) fn track(track: TrackId) -> Track {
    (track.participant.into(), track.index.0)
}

pub(crate) fn track_id((participant, index): Track) -> TrackId {
    TrackId {
        participant: participant.into(),
        index: TrackIndex(index),
    }
}

macro_rules! is_an_id {
    ($($name:ident),*) => {$(
        impl From<$name> for Id {
            fn from(id: $name) -> Self {
                Self(*id.as_bytes())
            }
        }

        impl From<Id> for $name {
            fn from(id: Id) -> Self {
                Self::from(id.0)
            }
        }
    )*};
}

is_an_id!(ParticipantId, PartyId, RoomId);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RoomId::from(self.0).fmt(f)
    }
}

impl<'py> IntoPyObject<'py> for Id {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> std::result::Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}

impl FromPyObject<'_, '_> for Id {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let bytes = value.cast::<PyBytes>()?;
        let id = bytes
            .as_bytes()
            .try_into()
            .map_err(|_| Error::argument("id"))?;
        Ok(Self(id))
    }
}

/// Bytes of any length. Copied both ways, so that no engine thread holds a Python object.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Octets(pub(crate) Bytes);

impl<'py> IntoPyObject<'py> for Octets {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> std::result::Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}

impl FromPyObject<'_, '_> for Octets {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let bytes = value.cast::<PyBytes>()?;
        Ok(Self(Bytes::copy_from_slice(bytes.as_bytes())))
    }
}
