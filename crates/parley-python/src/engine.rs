//! The engine's calls.

use std::net::IpAddr;

use bytes::Bytes;
use parley_io::{EngineConfig, EngineError, parse_address};
use parley_line::{Lane, LineConfig};
use parley_media::Watch;
use parley_wire::ids::{PartyId, TrackIndex};
use pyo3::prelude::*;

use crate::{
    errors::{Error, Result},
    events::event,
    ids::{Id, key, track_id},
    line::{LinePath, LineStatus, line_status},
    participant::{ParticipantQuality, quality},
};

/// A node's lines and rooms.
#[pyclass(frozen, module = "parley._core")]
pub(crate) struct Engine {
    engine: parley_io::Engine,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        *,
        key_seed,
        line_listen,
        media_udp,
        media_tcp = None,
        media_advertise = None,
        media_threads = None,
    ))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a list cannot be borrowed from Python"
    )]
    fn new(
        py: Python<'_>,
        key_seed: &[u8],
        line_listen: Vec<String>,
        media_udp: &str,
        media_tcp: Option<&str>,
        media_advertise: Option<Vec<String>>,
        media_threads: Option<usize>,
    ) -> Result<Self> {
        let addresses: std::result::Result<_, EngineError> = line_listen
            .iter()
            .map(|address| parse_address(address))
            .collect();
        let config = EngineConfig {
            key_seed: key(key_seed, "key_seed")?,
            line_listen: addresses?,
            media_udp: parse_address(media_udp)?,
            media_tcp: media_tcp.map(parse_address).transpose()?,
            media_advertise: media_advertise.map(|ips| parse_ips(&ips)).transpose()?,
            media_threads,
        };
        let engine = py.detach(|| parley_io::Engine::start(&config))?;
        Ok(Self { engine })
    }

    #[getter]
    fn party(&self) -> Id {
        self.engine.party().into()
    }

    #[getter]
    fn event_fd(&self) -> i32 {
        self.engine.event_fd()
    }

    #[getter]
    fn line_addresses(&self) -> Vec<String> {
        self.engine
            .line_addresses()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[getter]
    fn media_addresses(&self) -> Vec<String> {
        self.engine
            .media_addresses()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[getter]
    fn media_tcp_addresses(&self) -> Vec<String> {
        self.engine
            .media_tcp_addresses()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn drain(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let events = py.detach(|| self.engine.drain());
        events
            .into_iter()
            .map(|happened| event(py, happened))
            .collect()
    }

    #[pyo3(signature = (*, remote_key, paths))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a list cannot be borrowed from Python"
    )]
    fn open_line(&self, py: Python<'_>, remote_key: &[u8], paths: Vec<LinePath>) -> Result<Id> {
        let config = LineConfig {
            remote_key: key(remote_key, "remote_key")?,
            paths: paths.iter().map(LinePath::config).collect::<Result<_>>()?,
        };
        Ok(py.detach(|| self.engine.open_line(config))?.into())
    }

    fn close_line(&self, py: Python<'_>, party: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.close_line(party.into()))?)
    }

    fn line_status(&self, py: Python<'_>, party: Id) -> Result<LineStatus> {
        let party = PartyId::from(party);
        Ok(line_status(
            party,
            py.detach(|| self.engine.line_status(party))?,
        ))
    }

    fn send(&self, py: Python<'_>, party: Id, lane: u8, topic: u16, body: &[u8]) -> Result<u64> {
        let lane = Lane::try_from(lane).map_err(|_| Error::argument("lane"))?;
        let body = Bytes::copy_from_slice(body);
        Ok(py.detach(|| self.engine.send(party.into(), lane, topic, body))?)
    }

    fn cancel(&self, py: Python<'_>, letter: u64) -> Result<bool> {
        Ok(py.detach(|| self.engine.cancel(letter))?)
    }

    fn open_room(&self, py: Python<'_>, room: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.open_room(room.into()))?)
    }

    fn close_room(&self, py: Python<'_>, room: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.close_room(room.into()))?)
    }

    fn attach(&self, py: Python<'_>, room: Id, party: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.attach(room.into(), party.into()))?)
    }

    fn detach(&self, py: Python<'_>, room: Id, party: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.detach(room.into(), party.into()))?)
    }

    fn set_aside(&self, py: Python<'_>, room: Id, participant: Id, label: &[u8]) -> Result<()> {
        let label = Bytes::copy_from_slice(label);
        Ok(py.detach(|| {
            self.engine
                .set_aside(room.into(), participant.into(), label)
        })?)
    }

    fn join(
        &self,
        py: Python<'_>,
        room: Id,
        participant: Id,
        label: &[u8],
        offer: String,
        muted: [bool; TrackIndex::COUNT],
    ) -> Result<u64> {
        let label = Bytes::copy_from_slice(label);
        Ok(py.detach(|| {
            self.engine
                .join(room.into(), participant.into(), label, offer, muted)
        })?)
    }

    fn leave(&self, py: Python<'_>, participant: Id) -> Result<()> {
        Ok(py.detach(|| self.engine.leave(participant.into()))?)
    }

    fn watch(&self, py: Python<'_>, participant: Id, slots: Vec<(u8, Id, u8, u16)>) -> Result<()> {
        let watches = slots.into_iter().map(|(slot, of, index, height_px)| Watch {
            slot,
            track: track_id((of, index)),
            height_px,
        });
        let watches = watches.collect();
        Ok(py.detach(|| self.engine.watch(participant.into(), watches))?)
    }

    fn set_muted(&self, py: Python<'_>, participant: Id, track: u8, muted: bool) -> Result<()> {
        let track = TrackIndex(track);
        Ok(py.detach(|| self.engine.set_muted(participant.into(), track, muted))?)
    }

    fn participant_quality(&self, py: Python<'_>, participant: Id) -> Result<ParticipantQuality> {
        let found = py.detach(|| self.engine.participant_quality(participant.into()))?;
        Ok(quality(&found))
    }

    fn counters(&self, py: Python<'_>) -> parley_io::Counters {
        py.detach(|| self.engine.counters())
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.engine.stop());
    }
}

fn parse_ips(ips: &[String]) -> Result<Vec<IpAddr>> {
    ips.iter()
        .map(|ip| ip.parse().map_err(|_| Error::argument("media_advertise")))
        .collect()
}
