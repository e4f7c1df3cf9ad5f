//! What a synthetic participant sends and asks for.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

/// One simulcast layer of the camera.
#[derive(Clone, Debug)]
pub struct LayerConfig {
    /// The layer's name in the offer (RFC 8851): q, h or f.
    pub rid: String,
    /// Width of the picture in pixels.
    pub width: u16,
    /// Height of the picture in pixels.
    pub height: u16,
    /// Payload rate in bit/s.
    pub rate_bps: u64,
    /// Frames a second.
    pub frames_per_second: u64,
}

/// Synthetic video, VP8 as far as a relay can tell.
#[derive(Clone, Debug)]
pub struct CameraConfig {
    /// Layers from the smallest to the largest; one layer means no simulcast.
    pub layers: Vec<LayerConfig>,
    /// A key frame comes at least this often, and whenever the relay asks.
    pub key_frame_every: Duration,
}

impl CameraConfig {
    /// Three layers as a browser sends them, together `rate_bps`: 320x180, 640x360, 1280x720.
    #[must_use]
    pub fn simulcast(rate_bps: u64) -> Self {
        // Shares as in libwebrtc's table for 720p: 150, 500 and 2,500 kbit/s.
        let layer = |rid: &str, width, height, share_per_mille| LayerConfig {
            rid: rid.to_owned(),
            width,
            height,
            rate_bps: rate_bps * share_per_mille / 1000,
            frames_per_second: 30,
        };
        Self {
            layers: vec![
                layer("q", 320, 180, 48),
                layer("h", 640, 360, 159),
                layer("f", 1280, 720, 793),
            ],
            key_frame_every: Duration::from_secs(10),
        }
    }
}

/// Synthetic sound: 50 packets a second, Opus as far as a relay can tell.
#[derive(Clone, Copy, Debug)]
pub struct MicrophoneConfig {
    /// Payload rate in bit/s.
    pub rate_bps: u64,
    /// Loudness in the header extension of RFC 6464: 0 (loudest) to -127 (silence), in dBov.
    pub level_dbov: i8,
}

impl Default for MicrophoneConfig {
    fn default() -> Self {
        Self {
            rate_bps: 32_000,
            level_dbov: -30,
        }
    }
}

/// A synthetic participant; the defaults offer what Parley's page offers.
#[derive(Clone, Debug)]
pub struct ParticipantConfig {
    /// The local address whose candidate is offered. No wildcard: it goes into the description.
    pub address: IpAddr,
    /// What the camera sends; nothing leaves its place in the offer empty.
    pub camera: Option<CameraConfig>,
    /// What the microphone sends; nothing leaves its place in the offer empty.
    pub microphone: Option<MicrophoneConfig>,
    /// Video streams it can receive at once.
    pub video_slots: usize,
    /// Audio streams it can receive at once.
    pub audio_slots: usize,
    /// Decides noise and marks; the receivers know a publisher by it.
    pub seed: u64,
}

impl Default for ParticipantConfig {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            camera: Some(CameraConfig::simulcast(1_500_000)),
            microphone: Some(MicrophoneConfig::default()),
            video_slots: 8,
            audio_slots: 3,
            seed: 0,
        }
    }
}
