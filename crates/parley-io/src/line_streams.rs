//! The line's TCP carrier: dials, accepts and redials streams of framed QUIC packets.

use std::{
    collections::{HashMap, HashSet},
    net::TcpListener,
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{
    framing::Written,
    poller::{Poller, Token},
    stream::{FramedStream, dial},
    streams::{Closed, FarEnd, Streams},
};

/// Streams of a node's lines. Far more than parties have lines; a flood of strangers stops there
/// until the idle ones expire.
const STREAMS_MAX: usize = 128;

/// What a line's stream may keep back: the packets of a handshake while the stream is dialled.
/// More makes packets late that QUIC has given up; less loses the first flight of a dial.
const PENDING_MAX: usize = 16 * 1024;

/// A stream on which nothing came for so long is closed: a line probes every 2 s.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Pause before dialling again after the first failure, doubled up to the longest.
const REDIAL_MIN: Duration = Duration::from_millis(200);

/// The longest pause before dialling again. More delays the return of a line, less hammers a
/// gateway that is down.
const REDIAL_MAX: Duration = Duration::from_secs(5);

/// All TCP streams of all lines.
pub(crate) struct LineStreams {
    listeners: Vec<TcpListener>,
    streams: Streams,
    /// Far ends that lines named; nothing else is ever dialled.
    dialled: HashSet<FarEnd>,
    waits: HashMap<FarEnd, Wait>,
    /// Streams closed because they were too many.
    pub(crate) refused_flood: u64,
}

/// When a far end that failed is dialled again.
struct Wait {
    pause: Duration,
    until: Instant,
}

impl LineStreams {
    /// Streams of the listeners, one per local end; tokens from `first_token` on are theirs.
    pub(crate) fn new(listeners: Vec<TcpListener>, first_token: u64) -> Self {
        let streams = Streams::new(first_token + listeners.len() as u64);
        let (dialled, waits) = (HashSet::new(), HashMap::new());
        Self {
            listeners,
            streams,
            dialled,
            waits,
            refused_flood: 0,
        }
    }

    pub(crate) fn listeners(&self) -> &[TcpListener] {
        &self.listeners
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Says which far ends may be dialled: those that lines name.
    pub(crate) fn set_dialled(&mut self, far_ends: impl Iterator<Item = FarEnd>) {
        self.dialled = far_ends.collect();
        self.waits
            .retain(|far_end, _| self.dialled.contains(far_end));
    }

    /// Takes all streams that wait at a listener.
    pub(crate) fn accept(&mut self, poller: &Poller, socket: usize, now: Instant) {
        // An error concerns the stream that is gone by now (accept(2)), or passes by itself.
        while let Ok((stream, remote)) = self.listeners[socket].accept() {
            if self.streams.len() >= STREAMS_MAX {
                self.refused_flood += 1;
                continue;
            }
            let Ok(stream) = FramedStream::new(stream, remote, PENDING_MAX, now) else {
                continue;
            };
            // What the poller does not take is dropped, and so closed.
            let _ = self.streams.add(poller, socket, stream);
        }
    }

    /// Reads what came on a stream; returns where from.
    pub(crate) fn read(
        &mut self,
        now: Instant,
        token: Token,
        packets: &mut Vec<Bytes>,
    ) -> Option<FarEnd> {
        let heard = self.streams.read(now, token, packets)?;
        if !packets.is_empty() {
            self.waits.remove(&heard.far_end);
        }
        if let Some(closed) = heard.closed {
            self.note_close(now, heard.far_end, closed);
        }
        Some(heard.far_end)
    }

    pub(crate) fn flush(&mut self, poller: &Poller, token: Token) {
        self.streams.flush(poller, token);
    }

    /// Sends a packet, dialling if need be; what cannot be sent now is dropped.
    pub(crate) fn write(
        &mut self,
        poller: &Poller,
        now: Instant,
        far_end: FarEnd,
        packet: &[u8],
    ) -> Written {
        if let Some(written) = self.streams.write(poller, far_end, packet) {
            return written;
        }
        if !self.dial(poller, now, far_end) {
            return Written::Dropped;
        }
        self.streams
            .write(poller, far_end, packet)
            .unwrap_or_else(|| {
                self.note_close(now, far_end, Closed { has_spoken: false });
                Written::Dropped
            })
    }

    /// Closes streams that nobody speaks on.
    pub(crate) fn expire(&mut self, now: Instant) {
        for far_end in self.streams.expire(now, IDLE_MAX) {
            self.note_close(now, far_end, Closed { has_spoken: false });
        }
    }

    fn dial(&mut self, poller: &Poller, now: Instant, far_end: FarEnd) -> bool {
        let (socket, remote) = far_end;
        let waits = self
            .waits
            .get(&far_end)
            .is_some_and(|wait| now < wait.until);
        if waits || !self.dialled.contains(&far_end) {
            return false;
        }
        let from = self.listeners[socket]
            .local_addr()
            .map(|address| address.ip());
        let added = from
            .and_then(|from| dial(from, remote))
            .and_then(|stream| FramedStream::new(stream, remote, PENDING_MAX, now))
            .and_then(|stream| self.streams.add(poller, socket, stream));
        if added.is_err() {
            self.note_close(now, far_end, Closed { has_spoken: false });
        }
        added.is_ok()
    }

    fn note_close(&mut self, now: Instant, far_end: FarEnd, closed: Closed) {
        if !self.dialled.contains(&far_end) {
            return;
        }
        let before = self.waits.get(&far_end).filter(|_| !closed.has_spoken);
        let pause = before.map_or(REDIAL_MIN, |wait| (wait.pause * 2).min(REDIAL_MAX));
        self.waits.insert(
            far_end,
            Wait {
                pause,
                until: now + pause,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::{poller::Ready, stream::listen};

    const FIRST_TOKEN: u64 = 10;

    #[test]
    fn a_packet_to_a_far_end_that_a_line_named_is_dialled_and_answered() {
        let (mut near, mut far) = (Side::new(), Side::new());
        let there = (0, far.address());
        near.streams.set_dialled([there].into_iter());
        assert_eq!(near.write(there, b"ask"), Written::Taken);
        let (here, packets) = far.hear();
        assert_eq!(packets, [b"ask".as_slice()]);
        assert_eq!(far.write(here, b"answer"), Written::Taken);
        assert_eq!(near.hear(), (there, vec![Bytes::from_static(b"answer")]));
    }

    #[test]
    fn a_far_end_that_no_line_named_is_never_dialled() {
        let (mut near, far) = (Side::new(), Side::new());
        assert_eq!(near.write((0, far.address()), b"ask"), Written::Dropped);
        assert_eq!(near.streams.len(), 0);
    }

    #[test]
    fn a_far_end_that_refuses_is_dialled_again_after_a_pause_that_doubles() {
        let mut near = Side::new();
        let there = (0, Side::new().address());
        near.streams.set_dialled([there].into_iter());
        let pauses: Vec<Duration> = [REDIAL_MIN / 2, REDIAL_MIN / 2, REDIAL_MIN, REDIAL_MIN]
            .into_iter()
            .map(|later| {
                near.fail(there);
                let pause = near.streams.waits[&there].pause;
                near.now += later;
                pause
            })
            .collect();
        let doubled = REDIAL_MIN * 2;
        assert_eq!(pauses, [REDIAL_MIN, REDIAL_MIN, doubled, doubled]);
    }

    #[test]
    fn a_silent_stream_is_closed() {
        let (mut near, far) = (Side::new(), Side::new());
        near.streams.set_dialled([(0, far.address())].into_iter());
        near.write((0, far.address()), b"ask");
        near.streams.expire(near.now + IDLE_MAX);
        assert_eq!(near.streams.len(), 0);
    }

    /// One node's streams on loopback, with time that only moves when told.
    struct Side {
        streams: LineStreams,
        poller: Poller,
        now: Instant,
    }

    impl Side {
        fn new() -> Self {
            let any = "127.0.0.1:0".parse().expect("an address");
            let streams = LineStreams::new(vec![listen(any).expect("listens")], FIRST_TOKEN);
            let poller = Poller::new().expect("a poller");
            poller
                .add(&streams.listeners()[0], Token(FIRST_TOKEN))
                .expect("added");
            Self {
                streams,
                poller,
                now: Instant::now(),
            }
        }

        fn address(&self) -> SocketAddr {
            self.streams.listeners()[0]
                .local_addr()
                .expect("an address")
        }

        fn write(&mut self, far_end: FarEnd, packet: &[u8]) -> Written {
            self.streams.write(&self.poller, self.now, far_end, packet)
        }

        /// Writes to a far end that refuses; the system may say so at once or a little later.
        fn fail(&mut self, far_end: FarEnd) {
            if self.write(far_end, b"lost") == Written::Taken {
                self.hear();
            }
        }

        /// Waits until a stream was read.
        fn hear(&mut self) -> (FarEnd, Vec<Bytes>) {
            loop {
                let mut ready = Vec::new();
                self.poller.wait(self.now, None, &mut ready).expect("waits");
                for Ready {
                    token,
                    is_readable,
                    is_writable,
                } in ready
                {
                    if token == Token(FIRST_TOKEN) {
                        self.streams.accept(&self.poller, 0, self.now);
                        continue;
                    }
                    if is_writable {
                        self.streams.flush(&self.poller, token);
                    }
                    let mut packets = Vec::new();
                    if is_readable
                        && let Some(far_end) = self.streams.read(self.now, token, &mut packets)
                    {
                        return (far_end, packets);
                    }
                }
            }
        }
    }
}
