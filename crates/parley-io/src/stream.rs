//! One TCP stream of framed packets, for a browser behind a firewall or for the line.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    time::Instant,
};

use bytes::Bytes;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::{
    error::EngineError,
    framing::{FrameReader, FrameWriter, Written},
    udp::canonical,
};

/// Bytes the kernel may hold unsent. More makes packets late behind each other; less lets the
/// stream run dry between two turns of a thread.
const UNSENT_BYTES: u32 = 32 * 1024;

/// Reads taken from one stream in one turn: one that never pauses must not keep others waiting.
const READS_MAX: usize = 4;

/// Connections the kernel holds that were not taken yet. More only hides that we are too slow.
const BACKLOG: i32 = 64;

/// A stream and what was read from and written to it in part.
pub(crate) struct FramedStream {
    stream: TcpStream,
    reader: FrameReader,
    writer: FrameWriter,
    local: SocketAddr,
    remote: SocketAddr,
    /// When a whole packet came last; the start when none did.
    pub(crate) last_packet_at: Instant,
    /// Whether a whole packet ever came.
    pub(crate) has_spoken: bool,
}

impl FramedStream {
    /// Takes over a stream; keeps back at most `pending_max` bytes before it drops packets.
    ///
    /// It may still be dialling: until it is there, packets are kept back as if it were behind.
    pub(crate) fn new(
        stream: TcpStream,
        remote: SocketAddr,
        pending_max: usize,
        now: Instant,
    ) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES)?;
        let local = canonical(stream.local_addr()?);
        let remote = canonical(remote);
        let (reader, writer) = (FrameReader::default(), FrameWriter::new(pending_max));
        Ok(Self {
            stream,
            reader,
            writer,
            local,
            remote,
            last_packet_at: now,
            has_spoken: false,
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Reads what has come into `packets`; `Ok(false)` when the far end closed.
    pub(crate) fn read(&mut self, now: Instant, packets: &mut Vec<Bytes>) -> io::Result<bool> {
        for _ in 0..READS_MAX {
            match self.reader.fill(&mut self.stream) {
                Ok(true) => self.take_packets(now, packets),
                Ok(false) => return Ok(false),
                Err(error) if crate::framing::would_block(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Takes out packets that were read already.
    pub(crate) fn take_packets(&mut self, now: Instant, packets: &mut Vec<Bytes>) {
        while let Some(packet) = self.reader.next_packet() {
            self.last_packet_at = now;
            self.has_spoken = true;
            packets.push(packet);
        }
    }

    pub(crate) fn write(&mut self, packet: &[u8]) -> io::Result<Written> {
        self.writer.push(&mut self.stream, packet)
    }

    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        self.writer.flush(&mut self.stream)
    }

    /// Whether the stream wants to know when it can be written again.
    pub(crate) fn is_behind(&self) -> bool {
        self.writer.is_behind()
    }
}

impl AsFd for FramedStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Listens for TCP.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, EngineError> {
    let open = || {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        // A node that starts again must not wait for streams of its former life to expire.
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(TcpListener::from(socket))
    };
    open().map_err(|error| EngineError::binding(address, error))
}

/// Begins to dial; the stream becomes writable when it is there or has failed.
pub(crate) fn dial(from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if !from.is_unspecified() {
        socket.bind(&SocketAddr::new(from, 0).into())?;
    }
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(error)
            if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
        Err(error) => return Err(error),
    }
    Ok(socket.into())
}
