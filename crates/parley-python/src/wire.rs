//! Emulated network paths, for drills and tests.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parley_io::parse_address;
use parley_netem::{Cause, Counters, Profile, TunEnd, UdpEnd, Way, Wire};
use pyo3::prelude::*;

use crate::{
    errors::{Error, Result},
    events::record,
    line::ms,
};

/// Where `ip netns` keeps what it names (ip-netns(8)).
const NAMESPACES: &str = "/run/netns";

/// Network of a TUN device whose address has none of its own.
const PREFIX_DEFAULT: u8 = 24;

/// Longest packet that a TUN device takes: that of Ethernet, so that a profile's smaller MTU bites.
const TUN_MTU: u16 = 1_500;

record! {
    /// What one direction of an emulated path did.
    WireStats {
        offered: u64,
        delivered: u64,
        duplicated: u64,
        lost: u64,
        queue_full: u64,
        too_long: u64,
        cut: u64,
        waiting: u64,
        bytes_offered: u64,
        bytes_delivered: u64,
        queue_ms: f64,
        queue_ms_max: f64,
    }
}

/// An emulated network path for UDP between two nodes, on a thread of its own.
#[pyclass(frozen, module = "parley._core")]
pub(crate) struct UdpWire {
    wire: Mutex<parley_netem::UdpWire>,
}

#[pymethods]
impl UdpWire {
    #[new]
    #[pyo3(signature = (
        *,
        profile,
        seed,
        near_target = None,
        far_target = None,
        near_listen = "127.0.0.1:0",
        far_listen = "127.0.0.1:0",
    ))]
    fn new(
        profile: &str,
        seed: u64,
        near_target: Option<&str>,
        far_target: Option<&str>,
        near_listen: &str,
        far_listen: &str,
    ) -> Result<Self> {
        let ends = [
            udp_end(near_listen, near_target)?,
            udp_end(far_listen, far_target)?,
        ];
        let wire = parley_netem::UdpWire::start(ends, &Profile::parse(profile)?, seed)?;
        Ok(Self {
            wire: Mutex::new(wire),
        })
    }

    #[getter]
    fn near_address(&self) -> String {
        self.lock().addresses()[0].to_string()
    }

    #[getter]
    fn far_address(&self) -> String {
        self.lock().addresses()[1].to_string()
    }

    fn stats(&self) -> (WireStats, WireStats) {
        stats(self.lock().wire())
    }

    #[pyo3(signature = (ms = None, way = "both"))]
    fn cut(&self, ms: Option<u64>, way: &str) -> Result<()> {
        cut(self.lock().wire(), ms, way)
    }

    fn restore(&self) {
        self.lock().wire().heal();
    }

    fn set_profile(&self, profile: &str) -> Result<()> {
        self.lock().wire().set_profile(&Profile::parse(profile)?);
        Ok(())
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.lock().stop());
    }
}

impl UdpWire {
    fn lock(&self) -> MutexGuard<'_, parley_netem::UdpWire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An emulated network path for whole machines: two TUN devices, one per network namespace.
#[pyclass(frozen, module = "parley._core")]
pub(crate) struct TunWire {
    wire: Mutex<parley_netem::TunWire>,
}

#[pymethods]
impl TunWire {
    #[new]
    #[pyo3(signature = (
        *,
        profile,
        seed,
        near_namespace,
        far_namespace,
        near_ip,
        far_ip,
        device = "parley0",
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        py: Python<'_>,
        profile: &str,
        seed: u64,
        near_namespace: Option<&str>,
        far_namespace: Option<&str>,
        near_ip: &str,
        far_ip: &str,
        device: &str,
    ) -> Result<Self> {
        let near = tun_end(near_namespace, device, near_ip, "near_ip")?;
        let far = tun_end(far_namespace, device, far_ip, "far_ip")?;
        let profile = Profile::parse(profile)?;
        let wire = py.detach(|| parley_netem::TunWire::start([near, far], &profile, seed))?;
        Ok(Self {
            wire: Mutex::new(wire),
        })
    }

    fn stats(&self) -> (WireStats, WireStats) {
        stats(self.lock().wire())
    }

    #[pyo3(signature = (ms = None, way = "both"))]
    fn cut(&self, ms: Option<u64>, way: &str) -> Result<()> {
        cut(self.lock().wire(), ms, way)
    }

    fn restore(&self) {
        self.lock().wire().heal();
    }

    fn set_profile(&self, profile: &str) -> Result<()> {
        self.lock().wire().set_profile(&Profile::parse(profile)?);
        Ok(())
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.lock().stop());
    }
}

impl TunWire {
    fn lock(&self) -> MutexGuard<'_, parley_netem::TunWire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn udp_end(listen: &str, target: Option<&str>) -> Result<UdpEnd> {
    let far = target.map(parse_address).transpose()?;
    Ok(UdpEnd {
        listen: parse_address(listen)?,
        far,
    })
}

/// A namespace is given by its name, or by the file that stands for it.
fn tun_end(
    namespace: Option<&str>,
    device: &str,
    ip: &str,
    argument: &'static str,
) -> Result<TunEnd> {
    let invalid = || Error::argument(argument);
    let (ip, prefix) = match ip.split_once('/') {
        Some((ip, prefix)) => (ip, prefix.parse().map_err(|_| invalid())?),
        None => (ip, PREFIX_DEFAULT),
    };
    let ip: IpAddr = ip.parse().map_err(|_| invalid())?;
    Ok(TunEnd {
        // Joining an absolute path leaves that path.
        namespace: namespace.map(|name| PathBuf::from(NAMESPACES).join(name)),
        device: device.to_owned(),
        address: (ip, prefix),
        mtu: TUN_MTU,
    })
}

fn stats(wire: &Wire) -> (WireStats, WireStats) {
    let counters = wire.counters();
    (one_way(&counters.out), one_way(&counters.back))
}

fn one_way(counters: &Counters) -> WireStats {
    WireStats {
        offered: counters.offered,
        delivered: counters.delivered,
        duplicated: counters.duplicated,
        lost: counters.dropped(Cause::Lost),
        queue_full: counters.dropped(Cause::QueueFull),
        too_long: counters.dropped(Cause::TooLong),
        cut: counters.dropped(Cause::Cut),
        waiting: counters.waiting,
        bytes_offered: counters.offered_bytes,
        bytes_delivered: counters.delivered_bytes,
        queue_ms: ms(counters.queue_delay),
        queue_ms_max: ms(counters.queue_delay_max),
    }
}

fn cut(wire: &Wire, ms: Option<u64>, way: &str) -> Result<()> {
    let ways: &[Way] = match way {
        "both" => &[Way::Out, Way::Back],
        "out" => &[Way::Out],
        "back" => &[Way::Back],
        _ => return Err(Error::argument("way")),
    };
    wire.cut(ways, ms.map(Duration::from_millis));
    Ok(())
}
