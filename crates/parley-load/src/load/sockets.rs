//! A few UDP sockets that are many places: each endpoint has an address of its own, all of them on
//! one machine, and a socket receives for many addresses at once.
//!
//! A socket per endpoint would cost a system call per packet. Here one call takes up to a batch.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::fd::AsFd,
    time::Duration,
};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::sockopt::{set_socket_recv_buffer_size_force, set_socket_send_buffer_size_force},
};
use socket2::{Domain, Socket, Type};

use crate::error::LoadError;

/// What the kernel may hold for us before it drops. More hides a slow generator, less makes it
/// look like a relay that loses packets; drops are counted apart either way.
const RECEIVE_BUFFER_BYTES: usize = 32 << 20;
/// What we may hand to the kernel at once.
const SEND_BUFFER_BYTES: usize = 8 << 20;
/// One datagram, or several that the kernel has put together.
const SLOT_BYTES: usize = 65_536;

/// The sockets and the addresses they stand for.
#[derive(Debug)]
pub(super) struct Sockets {
    sockets: Vec<(Socket, UdpSocketState, u16)>,
    first: u32,
}

/// One received datagram.
pub(super) struct Datagram<'a> {
    /// Which address it came to, counted from the first.
    pub(super) place: usize,
    pub(super) source: SocketAddr,
    /// The kernel's time of receipt, Unix time in nanoseconds.
    pub(super) arrived_ns: u64,
    pub(super) bytes: &'a [u8],
}

/// Room for one batch.
#[derive(Debug)]
pub(super) struct Batch {
    buffers: Vec<Vec<u8>>,
    meta: Vec<RecvMeta>,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            buffers: vec![vec![0; SLOT_BYTES]; BATCH_SIZE],
            meta: vec![RecvMeta::default(); BATCH_SIZE],
        }
    }
}

impl Sockets {
    /// Opens `count` sockets that stand for the addresses from `first` upwards, all of which must
    /// be local.
    pub(super) fn open(count: usize, first: Ipv4Addr) -> Result<Self, LoadError> {
        let sockets = (0..count.max(1)).map(|_| open()).collect::<io::Result<_>>();
        let sockets = sockets.map_err(|source| LoadError::System {
            what: "open a socket",
            source,
        })?;
        Ok(Self {
            sockets,
            first: first.to_bits(),
        })
    }

    pub(super) const fn len(&self) -> usize {
        self.sockets.len()
    }

    /// The address of a place, and the socket that it belongs to.
    pub(super) fn place(&self, place: usize) -> (SocketAddr, usize) {
        let socket = place % self.sockets.len();
        let step = u32::try_from(place).unwrap_or(u32::MAX);
        let address = Ipv4Addr::from_bits(self.first.saturating_add(step));
        (SocketAddr::from((address, self.sockets[socket].2)), socket)
    }

    /// Sends one datagram from a place; false when the system does not take it.
    pub(super) fn send(
        &self,
        socket: usize,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
    ) -> bool {
        let (socket, state, _) = &self.sockets[socket];
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size: None,
            src_ip: Some(source.ip()),
        };
        state.try_send(UdpSockRef::from(socket), &transmit).is_ok()
    }

    /// Receives one batch from one socket, and returns whether there may be more.
    pub(super) fn receive(
        &self,
        socket: usize,
        batch: &mut Batch,
        mut take: impl FnMut(Datagram<'_>),
    ) -> bool {
        let (socket, state, _) = &self.sockets[socket];
        let mut slices: Vec<IoSliceMut<'_>> = batch
            .buffers
            .iter_mut()
            .map(|buffer| IoSliceMut::new(buffer))
            .collect();
        let Ok(count) = state.recv(UdpSockRef::from(socket), &mut slices, &mut batch.meta) else {
            return false;
        };
        for (buffer, meta) in batch.buffers.iter().zip(&batch.meta).take(count) {
            let arrived = meta.timestamp.unwrap_or(Duration::ZERO).as_nanos();
            let Some(place) = self.place_of(meta.dst_ip) else {
                continue;
            };
            for bytes in buffer[..meta.len].chunks(meta.stride.max(1)) {
                let arrived_ns = u64::try_from(arrived).unwrap_or(0);
                take(Datagram {
                    place,
                    source: meta.addr,
                    arrived_ns,
                    bytes,
                });
            }
        }
        count == BATCH_SIZE
    }

    /// Waits until something arrives, at most `nap`.
    pub(super) fn wait(&self, nap: Duration) {
        let mut waiting: Vec<PollFd<'_>> = self
            .sockets
            .iter()
            .map(|(socket, _, _)| PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN))
            .collect();
        let nap = Timespec {
            tv_sec: i64::try_from(nap.as_secs()).unwrap_or(0),
            tv_nsec: i64::from(nap.subsec_nanos()),
        };
        // An interrupted wait is a short one.
        let _ = poll(&mut waiting, Some(&nap));
    }

    /// The local ports, for whoever reads the system's counters.
    pub(super) fn ports(&self) -> Vec<u16> {
        self.sockets.iter().map(|(_, _, port)| *port).collect()
    }

    fn place_of(&self, address: Option<IpAddr>) -> Option<usize> {
        let Some(IpAddr::V4(address)) = address else {
            return None;
        };
        usize::try_from(address.to_bits().checked_sub(self.first)?).ok()
    }
}

fn open() -> io::Result<(Socket, UdpSocketState, u16)> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into())?;
    // Beyond the system's limit only for root; otherwise as much as it allows.
    if set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER_BYTES).is_err() {
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    }
    if set_socket_send_buffer_size_force(&socket, SEND_BUFFER_BYTES).is_err() {
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    }
    let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
    let port = socket
        .local_addr()?
        .as_socket()
        .map_or(0, |address| address.port());
    Ok((socket, state, port))
}
