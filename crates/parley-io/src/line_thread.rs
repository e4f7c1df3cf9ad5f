//! The line thread: all lines of a node, their sockets, and the rings to the media threads.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use crossbeam_channel::Receiver;
use parley_line::{Carrier, Transmit};

use crate::{
    commands::{Beat, LineCommand, answer},
    counters::LineCounters,
    crossing::Crossings,
    error::EngineError,
    framing::Written,
    line_report::{LineReport, count_lines},
    line_streams::LineStreams,
    open_lines::OpenLines,
    outbox::Outbox,
    poller::{Poller, Ready, Token, Waker},
    turning::{Next, Turning},
    udp::{ReceiveBuffer, UdpEnd},
};

const WAKER: Token = Token(0);
const FIRST_END: u64 = 1;

/// Packets sent in a turn before the sockets are read again: a line that has much to send must not
/// keep what comes in waiting.
const TRANSMITS_TURN_MAX: usize = 1_024;

/// Commands taken in a turn, for the same reason.
const COMMANDS_TURN_MAX: usize = 64;

/// When to look again for room in a ring that was full.
const CROSSING_RETRY: Duration = Duration::from_millis(2);

/// Faults after which the lines are made anew instead of going on with them: a fault that comes
/// back with every turn would otherwise end all lines for good. Fewer throws away letters sooner.
const FAULTS_MAX: u32 = 3;

/// What a line thread is made of.
pub(crate) struct LineParts {
    pub(crate) lines: OpenLines,
    pub(crate) ends: Vec<UdpEnd>,
    pub(crate) streams: LineStreams,
    pub(crate) commands: Receiver<LineCommand>,
    pub(crate) crossings: Crossings,
    pub(crate) waker: Waker,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) counters: Arc<LineCounters>,
    pub(crate) stop: Arc<AtomicBool>,
}

/// The line thread.
pub(crate) struct LineThread {
    parts: LineParts,
    report: LineReport,
    poller: Poller,
    ready: Vec<Ready>,
    receive: ReceiveBuffer,
    transmit: Vec<u8>,
    packets: Vec<Bytes>,
    beat: Beat,
    /// Faults since the last whole second without one.
    faults: u32,
    /// The token of the first listener; those of streams come after the listeners'.
    first_listener: u64,
}

impl LineThread {
    pub(crate) fn new(parts: LineParts, now: Instant) -> io::Result<Self> {
        let poller = Poller::new()?;
        poller.add(parts.waker.descriptor(), WAKER)?;
        let first_listener = first_listener(parts.ends.len());
        for (token, end) in (FIRST_END..).zip(&parts.ends) {
            poller.add(end, Token(token))?;
        }
        for (token, listener) in (first_listener..).zip(parts.streams.listeners()) {
            poller.add(listener, Token(token))?;
        }
        Ok(Self {
            report: LineReport::new(parts.outbox.clone()),
            parts,
            poller,
            ready: Vec::new(),
            receive: ReceiveBuffer::default(),
            transmit: Vec::new(),
            packets: Vec::new(),
            beat: Beat::new(now),
            faults: 0,
            first_listener,
        })
    }

    fn deadline(&mut self) -> Instant {
        let retry = || Instant::now() + CROSSING_RETRY;
        [
            self.parts.lines.lines.poll_timeout(),
            self.parts.crossings.is_behind().then(retry),
        ]
        .into_iter()
        .flatten()
        .fold(self.beat.next_at(), Instant::min)
    }

    fn attend(&mut self, now: Instant, ready: Ready) -> io::Result<()> {
        let Token(token) = ready.token;
        if ready.token == WAKER {
            self.parts.waker.acknowledge();
        } else if token < self.first_listener {
            self.read_end(now, index(token - FIRST_END))?;
        } else if token < self.first_listener + self.parts.ends.len() as u64 {
            let socket = index(token - self.first_listener);
            self.parts.streams.accept(&self.poller, socket, now);
        } else {
            if ready.is_writable {
                self.parts.streams.flush(&self.poller, ready.token);
            }
            if ready.is_readable {
                self.read_stream(now, ready.token);
            }
        }
        Ok(())
    }

    fn read_end(&mut self, now: Instant, socket: usize) -> io::Result<()> {
        let Self { parts, receive, .. } = self;
        if !parts.ends[socket].receive(receive)? {
            return Ok(());
        }
        for datagram in receive.datagrams() {
            parts.counters.sockets.received(datagram.bytes.len());
            let ecn = datagram
                .ecn
                .and_then(|ecn| parley_line::EcnCodepoint::from_bits(ecn as u8));
            let bytes = BytesMut::from(datagram.bytes);
            let lines = &mut parts.lines.lines;
            lines.handle_datagram(now, socket, Carrier::Udp, datagram.from, ecn, bytes);
        }
        Ok(())
    }

    fn read_stream(&mut self, now: Instant, token: Token) {
        let Self { parts, packets, .. } = self;
        packets.clear();
        let Some((socket, from)) = parts.streams.read(now, token, packets) else {
            return;
        };
        for packet in packets.drain(..) {
            parts.counters.sockets.received(packet.len());
            let bytes = BytesMut::from(packet);
            parts
                .lines
                .lines
                .handle_datagram(now, socket, Carrier::Tcp, from, None, bytes);
        }
    }

    fn take_commands(&mut self, now: Instant) {
        for _ in 0..COMMANDS_TURN_MAX {
            match self.parts.commands.try_recv() {
                Ok(command) => self.carry_out(now, command),
                Err(_) => return,
            }
        }
        // There may be more: come back without waiting.
        self.parts.waker.wake();
    }

    fn carry_out(&mut self, now: Instant, command: LineCommand) {
        match command {
            LineCommand::Open { config, reply } => answer(&reply, self.open(now, *config)),
            LineCommand::Close { party, reply } => answer(&reply, self.close(now, party)),
            LineCommand::Send {
                party,
                lane,
                topic,
                body,
                reply,
            } => {
                answer(&reply, self.parts.lines.send(now, party, lane, topic, body));
            }
            LineCommand::Cancel { letter, reply } => {
                answer(&reply, Ok(self.parts.lines.cancel(now, letter)));
            }
            LineCommand::Status { party, reply } => {
                answer(&reply, self.parts.lines.status(now, party));
            }
        }
    }

    fn open(
        &mut self,
        now: Instant,
        config: parley_line::LineConfig,
    ) -> Result<parley_wire::ids::PartyId, EngineError> {
        let party = self.parts.lines.open(now, config)?;
        self.parts.streams.set_dialled(self.parts.lines.dialled());
        Ok(party)
    }

    fn close(&mut self, now: Instant, party: parley_wire::ids::PartyId) -> Result<(), EngineError> {
        self.parts.lines.close(now, party)?;
        self.parts.streams.set_dialled(self.parts.lines.dialled());
        self.report.forget(party, &mut self.parts.crossings);
        Ok(())
    }

    /// Sends what the lines want sent; returns whether they have more.
    fn transmit(&mut self, now: Instant) -> bool {
        for _ in 0..TRANSMITS_TURN_MAX {
            self.transmit.clear();
            let Some(transmit) = self
                .parts
                .lines
                .lines
                .poll_transmit(now, &mut self.transmit)
            else {
                return false;
            };
            self.send(now, transmit);
        }
        true
    }

    fn send(&mut self, now: Instant, transmit: Transmit) {
        let Self {
            parts,
            poller,
            transmit: buffer,
            ..
        } = self;
        let bytes = &buffer[..transmit.size];
        let segment = transmit.segment_size.unwrap_or(bytes.len()).max(1);
        let counters = &parts.counters.sockets;
        match transmit.carrier {
            Carrier::Udp => {
                let ecn = transmit
                    .ecn
                    .and_then(|ecn| quinn_udp::EcnCodepoint::from_bits(ecn as u8));
                let end = &parts.ends[transmit.socket];
                counters.sent(end.send_batch(transmit.to, None, ecn, bytes, segment));
            }
            Carrier::Tcp => {
                let far_end = (transmit.socket, transmit.to);
                for packet in bytes.chunks(segment) {
                    match parts.streams.write(poller, now, far_end, packet) {
                        Written::Taken => counters.sent_one(packet.len()),
                        Written::Dropped => counters.dropped_stream.add(1),
                    }
                }
            }
        }
    }

    fn every_second(&mut self, now: Instant) {
        if !self.beat.is_due(now) {
            return;
        }
        self.faults = 0;
        self.parts.streams.expire(now);
        self.parts
            .counters
            .sockets
            .streams
            .set(self.parts.streams.len() as u64);
        self.parts.crossings.forget_senders();
        let LineParts {
            lines,
            streams,
            counters,
            ..
        } = &self.parts;
        count_lines(now, lines, streams, counters);
    }

    /// Says goodbye to the other parties, so that they need not wait to notice.
    fn finish(&mut self, now: Instant) {
        let LineParts {
            lines,
            streams,
            counters,
            ..
        } = &self.parts;
        count_lines(now, lines, streams, counters);
        let parties: Vec<_> = self.parts.lines.parties().map(|(party, _)| party).collect();
        for party in parties {
            // The line is known: it was just listed.
            let _ = self.parts.lines.close(now, party);
        }
        self.transmit(now);
    }
}

impl Turning for LineThread {
    fn turn(&mut self) -> io::Result<Next> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        let deadline = self.deadline();
        self.poller
            .wait(Instant::now(), Some(deadline), &mut ready)?;
        let now = Instant::now();
        if self.parts.stop.load(Ordering::SeqCst) {
            self.finish(now);
            return Ok(Next::Stop);
        }
        self.parts.counters.sockets.turns.add(1);
        for event in &ready {
            self.attend(now, *event)?;
        }
        self.ready = ready;
        self.take_commands(now);
        let Self { parts, report, .. } = self;
        let LineParts {
            lines,
            crossings,
            counters,
            ..
        } = parts;
        let has_more = crossings.take(|thing| report.pass_on(now, lines, counters, thing));
        lines.lines.handle_timeout(now);
        if self.transmit(now) || has_more {
            self.parts.waker.wake();
        }
        let LineParts {
            lines,
            crossings,
            counters,
            ..
        } = &mut self.parts;
        self.report.tell(now, lines, crossings, counters);
        self.every_second(now);
        self.parts.crossings.flush();
        Ok(Next::Turn)
    }

    fn recover(&mut self) -> bool {
        self.faults += 1;
        if self.faults < FAULTS_MAX {
            return false;
        }
        self.faults = 0;
        let is_rebuilt = self.parts.lines.rebuild(Instant::now()).is_ok();
        self.report.forget_all(&mut self.parts.crossings);
        is_rebuilt
    }
}

/// The token after those of the UDP ends.
pub(crate) fn first_listener(ends: usize) -> u64 {
    FIRST_END + ends as u64
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
