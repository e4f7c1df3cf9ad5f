//! People who are not there: synthetic participants, and load for a relay.
//!
//! How does a drill put twenty people into a room without twenty browsers? With [`Participant`]:
//! one call for the offer, one for the answer, and from then on it sends VP8 simulcast and Opus as
//! a relay sees them, answers key-frame requests and resends, and counts what it gets. Every
//! payload ends in a [`Stamp`](stamp::Stamp) that no relay touches, so that a receiver knows who
//! made a packet, whether one is missing and how long it took.

mod error;
pub mod gaps;
pub mod load;
mod participant;
pub mod schedule;
pub mod spread;
pub mod stamp;
pub mod vp8;

pub use error::LoadError;
pub use participant::{
    CameraConfig, LayerConfig, MicrophoneConfig, Participant, ParticipantConfig,
    ParticipantCounters, ParticipantMachine, Received,
};
