//! A participant without a browser.

mod config;
mod counters;
mod machine;
mod publisher;
mod shell;

pub use config::{CameraConfig, LayerConfig, MicrophoneConfig, ParticipantConfig};
pub use counters::{ParticipantCounters, Received};
pub use machine::ParticipantMachine;
pub use shell::Participant;
