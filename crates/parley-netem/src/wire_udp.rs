//! A bad path between two UDP sockets, without privileges.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    os::fd::{AsFd, BorrowedFd},
};

use socket2::{Domain, Protocol, Socket, Type};

use crate::{
    error::NetemError,
    path::Way,
    profile::Profile,
    wire::{Ends, Wire},
};

/// What the kernel may hold for the wire while its thread is not scheduled. Less and a burst at
/// `lan`'s rate is lost uncounted after 20 ms; more is only memory, and the system caps it.
const RECEIVE_BUFFER_BYTES: usize = 4 << 20;

/// One end of a [`UdpWire`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UdpEnd {
    /// Where the wire listens for the party at this end; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where that party is. When not given it is learned: whoever was heard here last.
    pub far: Option<SocketAddr>,
}

/// A wire between two UDP endpoints.
///
/// Each endpoint takes the wire's socket at its own end for the other endpoint: what it sends
/// there arrives, if it does, at the other endpoint, from the wire's socket at that end. Rate,
/// queue and MTU go by the datagram with its IP and UDP headers. ECN marks are not carried.
///
/// ```
/// use std::net::UdpSocket;
/// use parley_netem::{Profile, UdpEnd, UdpWire};
///
/// let (here, there) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
/// let listen = "127.0.0.1:0".parse()?;
/// let ends = [
///     UdpEnd { listen, far: None },
///     UdpEnd { listen, far: Some(there.local_addr()?) },
/// ];
/// let wire = UdpWire::start(ends, &Profile::named("lan")?, 1)?;
/// here.send_to(b"hello", wire.addresses()[0])?;
/// let mut buffer = [0; 5];
/// let (length, from) = there.recv_from(&mut buffer)?;
/// assert_eq!((&buffer[..length], from), (&b"hello"[..], wire.addresses()[1]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct UdpWire {
    wire: Wire,
    addresses: [SocketAddr; 2],
}

impl UdpWire {
    /// Starts a wire; [`Way::Out`] is from the first end to the second.
    ///
    /// # Errors
    /// [`NetemError::Listen`] when an end cannot listen, [`NetemError::Start`] when there can be
    /// no thread.
    pub fn start(ends: [UdpEnd; 2], profile: &Profile, seed: u64) -> Result<Self, NetemError> {
        let [first, second] = ends;
        let ends = UdpEnds {
            ends: [End::listen(first)?, End::listen(second)?],
        };
        let addresses = [ends.ends[0].address, ends.ends[1].address];
        let wire = Wire::start("parley-wire-udp", ends, profile, seed)?;
        Ok(Self { wire, addresses })
    }

    /// Where the wire listens, first end first.
    #[must_use]
    pub fn addresses(&self) -> [SocketAddr; 2] {
        self.addresses
    }

    /// What runs: to count, cut, change and stop it.
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Stops it, see [`Wire::stop`].
    pub fn stop(&mut self) {
        self.wire.stop();
    }
}

struct UdpEnds {
    ends: [End; 2],
}

struct End {
    socket: UdpSocket,
    address: SocketAddr,
    far: Option<SocketAddr>,
    is_learning: bool,
}

impl End {
    fn listen(end: UdpEnd) -> Result<Self, NetemError> {
        let failed = |source| NetemError::Listen {
            address: end.listen,
            source,
        };
        let socket = bind(end.listen).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self {
            socket,
            address,
            far: end.far,
            is_learning: end.far.is_none(),
        })
    }
}

impl Ends for UdpEnds {
    fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.ends[0].socket.as_fd(), self.ends[1].socket.as_fd()]
    }

    fn read(&mut self, way: Way, buffer: &mut [u8]) -> io::Result<usize> {
        let end = &mut self.ends[way.index()];
        let (length, from) = end.socket.recv_from(buffer)?;
        if end.is_learning {
            end.far = Some(from);
        }
        Ok(length)
    }

    fn write(&mut self, way: Way, packet: &[u8]) -> io::Result<bool> {
        let end = &self.ends[way.reverse().index()];
        let Some(far) = end.far else { return Ok(false) };
        end.socket.send_to(packet, far)?;
        Ok(true)
    }

    fn headers(&self, way: Way) -> usize {
        crate::network::headers(self.ends[way.index()].address)
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.set_send_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
