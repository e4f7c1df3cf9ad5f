//! A bad path between two network namespaces, for everything that IP carries.

use std::{
    fs::File,
    io,
    net::IpAddr,
    os::fd::{AsFd, BorrowedFd},
    path::PathBuf,
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tun_rs::{DeviceBuilder, SyncDevice};

use crate::{
    error::NetemError,
    path::Way,
    profile::Profile,
    wire::{Ends, Wire},
};

/// Packets the kernel holds for the wire while its thread is not scheduled; beyond it they are
/// lost uncounted. 1,000 is what an Ethernet card has; the 500 of a TUN device is 6 ms of `lan`.
const TRANSMIT_QUEUE_PACKETS: u32 = 1_000;

/// One end of a [`TunWire`]: a TUN device to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TunEnd {
    /// The file that stands for the namespace, such as `/run/netns/NAME` or `/proc/PID/ns/net`;
    /// without one, the namespace of the caller.
    pub namespace: Option<PathBuf>,
    /// Name of the device, at most 15 bytes; there must be none of that name in the namespace.
    pub device: String,
    /// Address of the device and length of its network's prefix.
    pub address: (IpAddr, u8),
    /// The longest packet the system sends by it. Larger than the profile's MTU and what is in
    /// between vanishes, as behind a firewall that eats "packet too big".
    pub mtu: u16,
}

/// A wire between two network namespaces.
///
/// Each end is a TUN device that is up and has an address; what its namespace routes there comes
/// out of the other, if it does. The devices vanish with the wire. Checksums and lengths are those
/// of ordinary packets: nothing is segmented or joined on the way.
#[derive(Debug)]
pub struct TunWire {
    wire: Wire,
}

impl TunWire {
    /// Starts a wire; [`Way::Out`] is from the first end to the second.
    ///
    /// # Errors
    /// [`NetemError::Namespace`] and [`NetemError::Device`] when an end cannot be made, which
    /// without root is always ([`NetemError::is_permission`]); [`NetemError::Start`] when there
    /// can be no thread.
    pub fn start(ends: [TunEnd; 2], profile: &Profile, seed: u64) -> Result<Self, NetemError> {
        let [first, second] = ends;
        let ends = TunEnds {
            devices: [open(first)?, open(second)?],
        };
        Ok(Self {
            wire: Wire::start("parley-wire-tun", ends, profile, seed)?,
        })
    }

    /// What runs: to count, cut, change and stop it.
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Stops it, see [`Wire::stop`]. The devices are gone when it returns.
    pub fn stop(&mut self) {
        self.wire.stop();
    }
}

struct TunEnds {
    devices: [SyncDevice; 2],
}

impl Ends for TunEnds {
    fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.devices[0].as_fd(), self.devices[1].as_fd()]
    }

    fn read(&mut self, way: Way, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.devices[way.index()], buffer)?)
    }

    fn write(&mut self, way: Way, packet: &[u8]) -> io::Result<bool> {
        rustix::io::write(&self.devices[way.reverse().index()], packet)?;
        Ok(true)
    }

    fn headers(&self, _way: Way) -> usize {
        0
    }
}

/// Makes the device from a thread of its own, because a namespace is entered by a thread and the
/// caller's must stay where it is. The open device stays in the namespace it was made in.
fn open(end: TunEnd) -> Result<SyncDevice, NetemError> {
    let opening = thread::Builder::new()
        .name("parley-wire-open".to_owned())
        .spawn(move || {
            if let Some(namespace) = &end.namespace {
                enter(namespace).map_err(|source| NetemError::Namespace {
                    namespace: namespace.clone(),
                    source,
                })?;
            }
            make(&end).map_err(|source| NetemError::Device {
                device: end.device,
                source,
            })
        })?;
    opening
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the opening thread panicked").into()))
}

fn enter(namespace: &PathBuf) -> io::Result<()> {
    let file = File::open(namespace)?;
    Ok(move_into_link_name_space(
        file.as_fd(),
        Some(LinkNameSpaceType::Network),
    )?)
}

fn make(end: &TunEnd) -> io::Result<SyncDevice> {
    let builder = DeviceBuilder::new().name(end.device.as_str()).mtu(end.mtu);
    let builder = match end.address {
        (IpAddr::V4(address), prefix) => builder.ipv4(address, prefix, None),
        (IpAddr::V6(address), prefix) => builder.ipv6(address, prefix),
    };
    let device = builder.tx_queue_len(TRANSMIT_QUEUE_PACKETS).build_sync()?;
    rustix::io::ioctl_fionbio(&device, true)?;
    Ok(device)
}
