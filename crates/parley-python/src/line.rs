//! Lines: what is declared of them and what is known of them.

use std::{collections::BTreeMap, time::Duration};

use parley_io::parse_address;
use parley_line::{Carrier, LineCounters, PathConfig};
use parley_wire::ids::PartyId;
use pyo3::prelude::*;

use crate::{
    errors::{Error, Result},
    events::record,
    ids::Id,
};

/// One network route of a line, as the operator declared it.
#[pyclass(frozen, eq, get_all, from_py_object, module = "parley._core")]
#[derive(Clone, PartialEq)]
pub(crate) struct LinePath {
    name: String,
    socket: usize,
    remote: Option<String>,
    carrier: String,
    floor_bps: u64,
    ceiling_bps: u64,
}

// The signature below shows the defaults to Python as numbers.
const _: () = assert!(parley_line::FLOOR_BPS_DEFAULT == 128_000);
const _: () = assert!(parley_line::CEILING_BPS_DEFAULT == 100_000_000);

#[pymethods]
impl LinePath {
    #[new]
    #[pyo3(signature = (
        *,
        name,
        socket = 0,
        remote = None,
        carrier = "udp",
        floor_bps = 128_000,
        ceiling_bps = 100_000_000,
    ))]
    fn new(
        name: String,
        socket: usize,
        remote: Option<String>,
        carrier: &str,
        floor_bps: u64,
        ceiling_bps: u64,
    ) -> Result<Self> {
        let path = Self {
            name,
            socket,
            remote,
            carrier: carrier.to_owned(),
            floor_bps,
            ceiling_bps,
        };
        path.config()?;
        Ok(path)
    }

    fn __repr__(&self) -> String {
        format!("LinePath(name={:?}, carrier={:?})", self.name, self.carrier)
    }
}

impl LinePath {
    pub(crate) fn config(&self) -> Result<PathConfig> {
        if self.floor_bps > self.ceiling_bps {
            return Err(Error::argument("floor_bps"));
        }
        Ok(PathConfig {
            name: self.name.clone(),
            socket: self.socket,
            remote: self.remote.as_deref().map(parse_address).transpose()?,
            carrier: match self.carrier.as_str() {
                "udp" => Carrier::Udp,
                "tcp" => Carrier::Tcp,
                _ => return Err(Error::argument("carrier")),
            },
            floor_bps: self.floor_bps,
            ceiling_bps: self.ceiling_bps,
        })
    }
}

record! {
    /// What is known about one path, and nothing that is not proved.
    PathStatus {
        name: String,
        carrier: String,
        state: String,
        is_best: bool,
        rtt_ms: Option<f64>,
        loss_in: Option<f64>,
        loss_out: Option<f64>,
        rate_bps: Option<u64>,
        queue_ms: Option<f64>,
        proof_age_ms: Option<u64>,
        bytes_sent: u64,
        bytes_received: u64,
    }
}
record! {
    /// What one lane of a line has carried.
    LaneStatus { lane: u8, bytes_sent: u64, bytes_received: u64, queued: u64 }
}
record! {
    /// What is known about one line.
    LineStatus {
        party: Id,
        state: String,
        rate_bps: u64,
        media_bps: u64,
        proof_age_ms: Option<u64>,
        paths: Vec<PathStatus>,
        lanes: Vec<LaneStatus>,
        counters: Counts,
    }
}

type Counts = BTreeMap<String, u64>;

pub(crate) fn line_status(party: PartyId, status: parley_line::LineStatus) -> LineStatus {
    LineStatus {
        party: party.into(),
        state: status.state.word().to_owned(),
        rate_bps: status.paths.iter().filter_map(|path| path.rate_bps).sum(),
        media_bps: status.media_bps,
        proof_age_ms: status.last_proof_age.map(whole_ms),
        lanes: (0..)
            .zip(status.lanes)
            .map(|(lane, status)| lane_status(lane, status))
            .collect(),
        counters: counts(&status.counters),
        paths: status.paths.into_iter().map(path_status).collect(),
    }
}

fn path_status(status: parley_line::PathStatus) -> PathStatus {
    PathStatus {
        name: status.name,
        carrier: match status.carrier {
            Carrier::Udp => "udp",
            Carrier::Tcp => "tcp",
        }
        .to_owned(),
        state: status.state.word().to_owned(),
        is_best: status.is_best,
        rtt_ms: status.rtt.map(ms),
        loss_in: status.loss_in.map(f64::from),
        loss_out: status.loss_out.map(f64::from),
        rate_bps: status.rate_bps,
        queue_ms: status.queue.map(ms),
        proof_age_ms: status.last_proof_age.map(whole_ms),
        bytes_sent: status.bytes_sent,
        bytes_received: status.bytes_received,
    }
}

fn lane_status(lane: u8, status: parley_line::LaneStatus) -> LaneStatus {
    let parley_line::LaneStatus {
        bytes_sent,
        bytes_received,
        queued,
    } = status;
    LaneStatus {
        lane,
        bytes_sent,
        bytes_received,
        queued,
    }
}

fn counts(counters: &LineCounters) -> Counts {
    [
        ("letters_delivered", counters.letters_delivered),
        ("letters_received", counters.letters_received),
        ("letters_repeated", counters.letters_repeated),
        ("units_received", counters.units_received),
        ("units_repeated", counters.units_repeated),
        ("units_recovered", counters.units_recovered),
        ("units_dropped_late", counters.units_dropped_late),
        ("parity_sent", counters.parity_sent),
        ("reconnections", counters.reconnections),
        ("failovers", counters.failovers),
    ]
    .map(|(name, count)| (name.to_owned(), count))
    .into()
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
