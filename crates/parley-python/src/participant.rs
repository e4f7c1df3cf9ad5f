//! Participants: how one does, and one without a browser.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parley_load::{CameraConfig, MicrophoneConfig, Participant, ParticipantConfig};
use pyo3::prelude::*;

use crate::{
    errors::{Error, Result},
    events::record,
};

record! {
    /// How the hop between one device and this node does.
    ParticipantQuality {
        rtt_ms: Option<f64>,
        loss_in: Option<f64>,
        loss_out: Option<f64>,
        estimate_bps: Option<u64>,
        receiving_bps: u64,
        sending_bps: u64,
        is_tcp: bool,
    }
}

pub(crate) fn quality(quality: &parley_media::ParticipantQuality) -> ParticipantQuality {
    ParticipantQuality {
        rtt_ms: quality.rtt_ms.map(f64::from),
        loss_in: quality.loss_in.map(f64::from),
        loss_out: quality.loss_out.map(f64::from),
        estimate_bps: Some(quality.estimate_bps),
        receiving_bps: quality.received_bps,
        sending_bps: quality.sent_bps,
        is_tcp: quality.is_tcp,
    }
}

/// A participant without a browser: sends synthetic media, counts what it receives.
#[pyclass(frozen, module = "parley._core")]
pub(crate) struct SyntheticParticipant {
    participant: Mutex<Participant>,
}

#[pymethods]
impl SyntheticParticipant {
    #[new]
    #[pyo3(signature = (
        *,
        sends_audio = true,
        sends_video = true,
        video_bps = 1_500_000,
        audio_bps = 32_000,
        seed = 0,
        address = "127.0.0.1",
    ))]
    fn new(
        sends_audio: bool,
        sends_video: bool,
        video_bps: u64,
        audio_bps: u64,
        seed: u64,
        address: &str,
    ) -> Result<Self> {
        let microphone = MicrophoneConfig {
            rate_bps: audio_bps,
            ..MicrophoneConfig::default()
        };
        let config = ParticipantConfig {
            address: address
                .parse::<IpAddr>()
                .map_err(|_| Error::argument("address"))?,
            camera: sends_video.then(|| CameraConfig::simulcast(video_bps)),
            microphone: sends_audio.then_some(microphone),
            seed,
            ..ParticipantConfig::default()
        };
        Ok(Self {
            participant: Mutex::new(Participant::new(&config)?),
        })
    }

    fn offer(&self) -> Result<String> {
        Ok(self.lock().offer()?)
    }

    fn accept(&self, py: Python<'_>, answer: &str) -> Result<()> {
        py.detach(|| self.lock().accept(answer))?;
        Ok(())
    }

    fn counters(&self, py: Python<'_>) -> BTreeMap<String, f64> {
        py.detach(|| self.lock().counters().entries())
            .into_iter()
            .collect()
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.lock().stop());
    }
}

impl SyntheticParticipant {
    fn lock(&self) -> MutexGuard<'_, Participant> {
        self.participant
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
