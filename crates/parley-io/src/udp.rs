//! UDP in batches: many datagrams per system call, both ways.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket},
    ops::AddAssign,
    os::fd::{AsFd, BorrowedFd},
};

use quinn_udp::{BATCH_SIZE, EcnCodepoint, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::EngineError;

/// What the kernel may hold for one socket each way. 4 MiB is 30 ms at 1 Gbit/s, longer than a
/// thread is ever kept from its socket by one turn; more would only make packets old before they
/// are read, less loses packets when a thread is late. The kernel caps it at
/// `net.core.rmem_max`/`wmem_max` (208 KiB by default), which `parley doctor` reports.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Room for what one received buffer holds: 64 segments joined by the kernel (GRO).
const RECEIVE_BYTES: usize = 64 * 1024;

/// One bound UDP socket.
pub(crate) struct UdpEnd {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
}

/// What became of datagrams that were to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    pub(crate) calls: u64,
    /// Datagrams the kernel had no room for.
    pub(crate) full: u64,
    /// Datagrams the kernel refused for another reason (no route, too long).
    pub(crate) failed: u64,
}

impl AddAssign for Sent {
    fn add_assign(&mut self, other: Self) {
        self.datagrams += other.datagrams;
        self.bytes += other.bytes;
        self.calls += other.calls;
        self.full += other.full;
        self.failed += other.failed;
    }
}

/// One received datagram.
pub(crate) struct Datagram<'a> {
    pub(crate) from: SocketAddr,
    /// The address of this machine at which it arrived.
    pub(crate) to: Option<IpAddr>,
    pub(crate) ecn: Option<EcnCodepoint>,
    pub(crate) bytes: &'a [u8],
}

/// Where received datagrams lie until they are read; one per thread.
pub(crate) struct ReceiveBuffer {
    storage: Vec<u8>,
    metas: [RecvMeta; BATCH_SIZE],
    filled: usize,
}

impl UdpEnd {
    pub(crate) fn bind(address: SocketAddr) -> Result<Self, EngineError> {
        Self::try_bind(address).map_err(|error| EngineError::binding(address, error))
    }

    fn try_bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        // A smaller buffer than asked for is no reason not to start.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
        socket.bind(&address.into())?;
        let socket = UdpSocket::from(socket);
        let state = UdpSocketState::new((&socket).into())?;
        let local = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            local,
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// How many datagrams of one size the kernel takes in one go.
    pub(crate) fn segments_max(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Receives a batch; `Ok(false)` when there is none.
    pub(crate) fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<bool> {
        buffer.filled = 0;
        let mut chunks = buffer.storage.chunks_exact_mut(RECEIVE_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        match self
            .state
            .recv((&self.socket).into(), &mut slices, &mut buffer.metas)
        {
            Ok(filled) => buffer.filled = filled,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(buffer.filled > 0)
    }

    /// Sends `bytes`, cut into datagrams of `segment` bytes each (the last may be shorter).
    fn send(
        &self,
        to: SocketAddr,
        from: Option<IpAddr>,
        ecn: Option<EcnCodepoint>,
        bytes: &[u8],
        segment: usize,
    ) -> io::Result<()> {
        let transmit = Transmit {
            destination: self.written(to),
            ecn,
            contents: bytes,
            segment_size: (segment < bytes.len()).then_some(segment),
            src_ip: from,
        };
        self.state.try_send((&self.socket).into(), &transmit)
    }

    /// Sends like [`send`](Self::send) and says what became of the datagrams.
    pub(crate) fn send_batch(
        &self,
        to: SocketAddr,
        from: Option<IpAddr>,
        ecn: Option<EcnCodepoint>,
        bytes: &[u8],
        segment: usize,
    ) -> Sent {
        let count = bytes.len().div_ceil(segment.max(1)) as u64;
        let calls = Sent {
            calls: 1,
            ..Sent::default()
        };
        match self.send(to, from, ecn, bytes, segment) {
            Ok(()) => Sent {
                datagrams: count,
                bytes: bytes.len() as u64,
                ..calls
            },
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sent {
                full: count,
                ..calls
            },
            Err(_) => Sent {
                failed: count,
                ..calls
            },
        }
    }

    /// Sends like [`send_batch`](Self::send_batch), in as few calls as this kernel can.
    pub(crate) fn send_burst(
        &self,
        to: SocketAddr,
        from: Option<IpAddr>,
        bytes: &[u8],
        segment: usize,
    ) -> Sent {
        let bytes_max = segment.max(1) * self.segments_max();
        let mut sent = Sent::default();
        for part in bytes.chunks(bytes_max) {
            sent += self.send_batch(to, from, None, part, segment);
        }
        sent
    }

    /// An IPv6 socket writes IPv4 addresses as mapped ones.
    fn written(&self, to: SocketAddr) -> SocketAddr {
        match to {
            SocketAddr::V4(v4) if self.local.is_ipv6() => {
                SocketAddr::from((v4.ip().to_ipv6_mapped(), v4.port()))
            }
            SocketAddr::V4(_) | SocketAddr::V6(_) => to,
        }
    }
}

impl AsFd for UdpEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Default for ReceiveBuffer {
    fn default() -> Self {
        let metas = [RecvMeta::default(); BATCH_SIZE];
        Self {
            storage: vec![0; BATCH_SIZE * RECEIVE_BYTES],
            metas,
            filled: 0,
        }
    }
}

impl ReceiveBuffer {
    /// Whether the last batch was not full, so that nothing was left behind it.
    pub(crate) fn is_last(&self) -> bool {
        self.filled < BATCH_SIZE
    }

    /// The datagrams of the last batch, in the order they arrived.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        let chunks = self.storage.chunks_exact(RECEIVE_BYTES);
        self.metas[..self.filled]
            .iter()
            .zip(chunks)
            .flat_map(|(meta, chunk)| {
                let from = canonical(meta.addr);
                let to = meta.dst_ip.map(|ip| ip.to_canonical());
                // A stride of zero would never end; the kernel gives none for datagrams with bytes.
                chunk[..meta.len]
                    .chunks(meta.stride.max(1))
                    .map(move |bytes| Datagram {
                        from,
                        to,
                        ecn: meta.ecn,
                        bytes,
                    })
            })
    }
}

/// Writes an IPv4 address that an IPv6 socket saw as what it is.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match Ipv6Addr::to_ipv4_mapped(v6.ip()) {
            Some(v4) => SocketAddr::from((v4, v6.port())),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}
