//! A media thread: one relay shard, its UDP socket and TCP streams, and its ring to the lines.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use crossbeam_channel::Receiver;
use parley_media::{Burst, Packet, Protocol, RelayOutput};
use rtrb::Consumer;

use crate::{
    address::Candidates,
    arrivals::{Arrival, Arrivals},
    commands::{Beat, MediaCommand},
    counters::MediaCounters,
    crossing::{Crossed, Sender, ToLine, ToMedia},
    framing::Written,
    outgoing::Outgoing,
    poller::{Poller, Ready, Token, Waker},
    rooms::Rooms,
    streams::Streams,
    turning::{Next, Turning},
    udp::{ReceiveBuffer, Sent, UdpEnd},
};

const WAKER: Token = Token(0);
const END: Token = Token(1);
const FIRST_STREAM: u64 = 2;

/// Commands taken in a turn: a burst of them must not keep packets waiting.
const COMMANDS_TURN_MAX: usize = 64;

/// Batches read from the socket in a turn, for the same reason; each is up to 32 buffers.
const BATCHES_TURN_MAX: usize = 4;

/// Calls that send before the socket is looked at again: what arrives meanwhile waits that long to be
/// put behind its room's packets. More saves calls that find nothing, less lets packets of rooms that
/// are due wait behind fewer of others.
const SENDS_TURN_MAX: u64 = 32;

/// Things taken from the lines in a turn, for the same reason: each may leave for a whole room.
const CROSSINGS_TURN_MAX: usize = 64;

/// When to look again for room in a ring that was full.
const CROSSING_RETRY: Duration = Duration::from_millis(2);

/// A stream on which nothing came for so long is closed: a browser checks its path (RFC 7675)
/// every 5 s.
const STREAM_IDLE_MAX: Duration = Duration::from_secs(30);

/// What a media thread is made of.
pub(crate) struct MediaParts {
    pub(crate) rooms: Rooms,
    pub(crate) end: UdpEnd,
    pub(crate) udp: Candidates,
    /// What browsers are told of the acceptor's port, if there is one.
    pub(crate) tcp: Option<Candidates>,
    pub(crate) commands: Receiver<MediaCommand>,
    pub(crate) to_line: Sender<ToLine>,
    pub(crate) from_line: Consumer<ToMedia>,
    pub(crate) waker: Waker,
    pub(crate) counters: Arc<MediaCounters>,
    pub(crate) stop: Arc<AtomicBool>,
}

/// A media thread.
pub(crate) struct MediaThread {
    parts: MediaParts,
    streams: Streams,
    poller: Poller,
    ready: Vec<Ready>,
    receive: ReceiveBuffer,
    arrivals: Arrivals,
    served: Vec<Arrival>,
    outgoing: Outgoing,
    packets: Vec<Bytes>,
    /// What became of the bursts of this turn.
    sent: Sent,
    beat: Beat,
    /// When the oldest packet that is being served was received; None when none is.
    received_at: Option<Instant>,
}

impl MediaThread {
    pub(crate) fn new(parts: MediaParts, now: Instant) -> io::Result<Self> {
        let poller = Poller::new()?;
        poller.add(parts.waker.descriptor(), WAKER)?;
        poller.add(&parts.end, END)?;
        Ok(Self {
            parts,
            streams: Streams::new(FIRST_STREAM),
            poller,
            ready: Vec::new(),
            receive: ReceiveBuffer::default(),
            arrivals: Arrivals::default(),
            served: Vec::new(),
            outgoing: Outgoing::default(),
            packets: Vec::new(),
            sent: Sent::default(),
            beat: Beat::new(now),
            received_at: None,
        })
    }

    /// When to turn again even if nothing comes.
    fn deadline(&mut self, now: Instant) -> Instant {
        if !self.arrivals.is_empty() {
            return now;
        }
        let retry = || now + CROSSING_RETRY;
        [
            self.parts.rooms.relay.poll_timeout(),
            self.parts.to_line.is_behind().then(retry),
        ]
        .into_iter()
        .flatten()
        .fold(self.beat.next_at(), Instant::min)
    }

    fn attend(&mut self, now: Instant, ready: Ready) -> io::Result<()> {
        match ready.token {
            WAKER => self.parts.waker.acknowledge(),
            END => self.read_end(now)?,
            token => {
                if ready.is_writable {
                    self.streams.flush(&self.poller, token);
                }
                if ready.is_readable {
                    self.read_stream(now, token);
                }
            }
        }
        Ok(())
    }

    fn read_end(&mut self, now: Instant) -> io::Result<()> {
        let Self {
            parts,
            receive,
            arrivals,
            ..
        } = self;
        for _ in 0..BATCHES_TURN_MAX {
            if !arrivals.has_room() || !parts.end.receive(receive)? {
                break;
            }
            for datagram in receive.datagrams() {
                parts.counters.sockets.received(datagram.bytes.len());
                let to = parts.udp.arrived_at(datagram.to, datagram.from);
                let relay = &parts.rooms.relay;
                let room = relay.room_of(Protocol::Udp, datagram.from);
                arrivals.push(room, (datagram.from, to), now, datagram.bytes);
            }
            if receive.is_last() {
                break;
            }
        }
        Ok(())
    }

    /// Serves what has arrived, room by room, until enough has been sent to look for more.
    fn serve(&mut self) {
        let mut sends = 0;
        while sends < SENDS_TURN_MAX && !self.arrivals.is_empty() {
            let mut served = std::mem::take(&mut self.served);
            self.arrivals.take(&mut served);
            let now = Instant::now();
            self.received_at = served.iter().map(|arrival| arrival.at).min();
            for Arrival {
                from, to, bytes, ..
            } in &served
            {
                let relay = &mut self.parts.rooms.relay;
                relay.handle_packet(now, Protocol::Udp, *from, *to, bytes);
            }
            self.arrivals.reuse(&mut served);
            self.served = served;
            sends += self.give_out(now).calls;
        }
    }

    fn read_stream(&mut self, now: Instant, token: Token) {
        self.packets.clear();
        let Some(heard) = self.streams.read(now, token, &mut self.packets) else {
            return;
        };
        let (_, remote) = heard.far_end;
        let packets = std::mem::take(&mut self.packets);
        self.take_stream_packets(now, heard.local, remote, &packets);
        self.packets = packets;
    }

    fn take_stream_packets(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        packets: &[Bytes],
    ) {
        let Some(tcp) = &self.parts.tcp else { return };
        let to = tcp.arrived_at(Some(local.ip()), remote);
        for packet in packets {
            self.received_at = Some(now);
            self.parts.counters.sockets.received(packet.len());
            self.parts
                .rooms
                .relay
                .handle_packet(now, Protocol::Tcp, remote, to, packet);
        }
    }

    fn take_commands(&mut self, now: Instant) {
        for _ in 0..COMMANDS_TURN_MAX {
            match self.parts.commands.try_recv() {
                Ok(MediaCommand::Stream { stream, packets }) => {
                    let (local, remote) = (stream.local(), stream.remote());
                    // What the poller does not take is dropped, and so closed.
                    if self.streams.add(&self.poller, 0, *stream).is_ok() {
                        self.take_stream_packets(now, local, remote, &packets);
                    }
                }
                Ok(command) => self.parts.rooms.carry_out(now, command),
                Err(_) => return,
            }
        }
        // There may be more: come back without waiting.
        self.parts.waker.wake();
    }

    fn take_from_line(&mut self, now: Instant) {
        let waiting = self.parts.from_line.slots();
        for _ in 0..waiting.min(CROSSINGS_TURN_MAX) {
            let Ok(thing) = self.parts.from_line.pop() else {
                return;
            };
            if matches!(thing, ToMedia::Media { .. }) {
                self.received_at = Some(now);
            }
            self.parts.rooms.take_from_line(now, thing);
        }
        if waiting > CROSSINGS_TURN_MAX {
            self.parts.waker.wake();
        }
    }

    /// Carries out what the relay wants done; says what was sent over UDP.
    fn give_out(&mut self, now: Instant) -> Sent {
        while let Some(output) = self.parts.rooms.relay.poll_output(now) {
            match output {
                RelayOutput::Packet(packet) => self.send(&packet),
                RelayOutput::Burst(burst) => {
                    self.send_burst(&burst);
                    self.parts.rooms.relay.reuse(burst.bytes);
                }
                RelayOutput::Letter { to: party, body } => {
                    self.parts.to_line.send(ToLine::Letter { party, body });
                }
                RelayOutput::Media(media) => {
                    let crossed = self.parts.to_line.send_media(ToLine::Media(media));
                    let counters = &self.parts.counters.sockets;
                    counters
                        .dropped_crossing
                        .add(u64::from(crossed == Crossed::LeftOut));
                }
                RelayOutput::Event(event) => self.parts.rooms.tell(event),
            }
        }
        self.parts.rooms.tell_answers();
        self.flush()
    }

    fn send(&mut self, packet: &Packet) {
        let MediaParts {
            end, udp, counters, ..
        } = &self.parts;
        match packet.protocol {
            Protocol::Udp => {
                let from = udp.leaves_from(packet.source);
                self.outgoing
                    .push(end, packet.destination, from, &packet.contents);
            }
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => {
                let far_end = (0, packet.destination);
                match self.streams.write(&self.poller, far_end, &packet.contents) {
                    Some(Written::Taken) => counters.sockets.sent_one(packet.contents.len()),
                    Some(Written::Dropped) | None => counters.sockets.dropped_stream.add(1),
                }
            }
        }
    }

    fn send_burst(&mut self, burst: &Burst) {
        let MediaParts {
            end, udp, counters, ..
        } = &self.parts;
        match burst.protocol {
            Protocol::Udp => {
                let from = udp.leaves_from(burst.source);
                self.sent +=
                    end.send_burst(burst.destination, from, &burst.bytes, burst.segment_bytes);
            }
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => {
                let far_end = (0, burst.destination);
                for packet in burst.packets() {
                    match self.streams.write(&self.poller, far_end, packet) {
                        Some(Written::Taken) => counters.sockets.sent_one(packet.len()),
                        Some(Written::Dropped) | None => counters.sockets.dropped_stream.add(1),
                    }
                }
            }
        }
    }

    fn flush(&mut self) -> Sent {
        let mut sent = std::mem::take(&mut self.sent);
        sent += self.outgoing.flush(&self.parts.end);
        self.parts.counters.sockets.sent(sent);
        if let Some(received_at) = self.received_at.take() {
            self.parts
                .counters
                .residence
                .record(received_at.elapsed(), sent.datagrams);
        }
        self.parts.to_line.flush();
        sent
    }

    fn every_second(&mut self, now: Instant) {
        if self.beat.is_due(now) {
            self.streams.expire(now, STREAM_IDLE_MAX);
            self.parts
                .counters
                .sockets
                .streams
                .set(self.streams.len() as u64);
            self.parts.rooms.count(&self.parts.counters);
        }
    }
}

impl Turning for MediaThread {
    fn turn(&mut self) -> io::Result<Next> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        let begun = Instant::now();
        let deadline = self.deadline(begun);
        self.poller.wait(begun, Some(deadline), &mut ready)?;
        if self.parts.stop.load(Ordering::SeqCst) {
            self.parts.rooms.count(&self.parts.counters);
            return Ok(Next::Stop);
        }
        let now = Instant::now();
        self.parts.counters.sockets.turns.add(1);
        for event in &ready {
            self.attend(now, *event)?;
        }
        self.ready = ready;
        self.take_commands(now);
        self.take_from_line(now);
        self.parts.rooms.relay.handle_timeout(now);
        self.give_out(now);
        self.serve();
        self.every_second(now);
        Ok(Next::Turn)
    }

    fn recover(&mut self) -> bool {
        self.streams = Streams::new(FIRST_STREAM);
        self.outgoing = Outgoing::default();
        self.arrivals = Arrivals::default();
        self.served = Vec::new();
        self.received_at = None;
        self.parts.rooms.restart();
        true
    }
}
