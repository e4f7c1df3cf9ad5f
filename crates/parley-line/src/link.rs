//! One QUIC connection: what is written into it, packet by packet, and what comes out.
//!
//! QUIC decides nothing about order here. A packet's worth of the most urgent thing is written,
//! one packet is taken out, and so on; what QUIC itself wants to repeat passes when the pacer
//! allows a packet and nothing live is waiting.

use crate::{
    config::{DIAL_PATIENCE, DIAL_PATIENCE_MAX},
    control::Control,
    event::LineId,
    letters_out::Outbox,
    pacer::Pacer,
    transport::{DATAGRAM_BUFFER, STREAMS_MAX},
};
use bytes::{Buf, Bytes, BytesMut};
use parley_wire::line::{FrameError, LETTER_BYTES_MAX, Lane, LetterHead, Prelude, parse_prelude};
use quinn_proto::{
    Connection, ConnectionHandle, Dir, ReadError, SendDatagramError, StreamId, VarInt, WriteError,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

/// Most datagrams that wait although they are urgent. The path is not sending at all when this is
/// reached; the oldest are worth least.
const URGENT_MAX: usize = 128;

/// Bytes of a letter written at a time: about what one packet takes.
const LETTER_PIECE: usize = 1_150;

/// Why we close a connection (QUIC application error codes, `protocol/line.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Farewell {
    Closed = 0,
    Replaced = 1,
    Duplicate = 2,
    Version = 3,
    KeyInUseTwice = 4,
    UnknownPath = 5,
    NotAgreed = 6,
    /// Another node of yours holds the line; it is being asked whether it is still there.
    NotYet = 7,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Keys are being proven.
    Handshake,
    /// Keys are proven; the other side has not introduced itself.
    Greeting,
    /// It carries lanes.
    Ready,
    /// It is over; QUIC keeps it a little to answer stragglers.
    Over,
}

/// What a stream brought.
#[derive(Debug)]
pub(crate) enum StreamItem {
    Hello {
        version: u8,
        incarnation: u64,
        path: String,
    },
    Letter {
        head: LetterHead,
        body: Bytes,
    },
    Malformed,
    Flood,
}

#[derive(Debug)]
struct StreamOut {
    id: StreamId,
    /// The letter being written and what is left of it.
    current: Option<(u64, VecDeque<Bytes>)>,
    is_blocked: bool,
}

#[derive(Debug, Default)]
struct StreamIn {
    buffer: BytesMut,
    letter: Option<(LetterHead, usize)>,
}

/// One connection of a node.
pub(crate) struct Link {
    pub(crate) endpoint: usize,
    pub(crate) handle: ConnectionHandle,
    pub(crate) connection: Connection,
    pub(crate) control: Arc<Control>,
    pub(crate) pacer: Pacer,
    pub(crate) is_dialled_by_us: bool,
    pub(crate) phase: Phase,
    pub(crate) line: Option<LineId>,
    pub(crate) path: usize,
    pub(crate) established: Option<Instant>,
    pub(crate) opened: Instant,
    /// When anything of the other side came last.
    pub(crate) heard: Instant,
    urgent: VecDeque<(Lane, Bytes)>,
    streams_out: [Option<StreamOut>; 4],
    streams_in: BTreeMap<StreamId, StreamIn>,
    /// Acknowledgements already taken note of.
    pub(crate) acks_seen: u64,
    /// When the oldest unanswered packet left, and how many did since.
    pub(crate) unanswered: Option<(Instant, u32)>,
    has_written: bool,
    turn: u32,
    pub(crate) timer: Option<Instant>,
    pub(crate) is_dirty: bool,
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
    pub(crate) lane_bytes: [u64; 6],
}

impl Link {
    pub(crate) fn new(
        now: Instant,
        at: (usize, ConnectionHandle),
        connection: Connection,
        control: Arc<Control>,
        is_dialled_by_us: bool,
    ) -> Self {
        Self {
            endpoint: at.0,
            handle: at.1,
            connection,
            control,
            pacer: Pacer::new(now),
            is_dialled_by_us,
            phase: Phase::Handshake,
            line: None,
            path: 0,
            established: None,
            opened: now,
            heard: now,
            urgent: VecDeque::new(),
            streams_out: [None, None, None, None],
            streams_in: BTreeMap::new(),
            acks_seen: 0,
            unanswered: None,
            has_written: false,
            turn: 0,
            timer: None,
            is_dirty: false,
            bytes_sent: 0,
            bytes_received: 0,
            lane_bytes: [0; 6],
        }
    }

    /// Introduces us: the first stream, alone.
    pub(crate) fn greet(&mut self, version: u8, incarnation: u64, path: &str) {
        let Some(id) = self.connection.streams().open(Dir::Uni) else {
            return;
        };
        let mut bytes = Vec::new();
        Prelude::Hello {
            version,
            incarnation,
            path: path.to_owned(),
        }
        .write(&mut bytes);
        let mut stream = self.connection.send_stream(id);
        // A fresh stream of a fresh connection takes a hundred bytes.
        let written = stream.write(&bytes).is_ok() && stream.finish().is_ok();
        debug_assert!(written, "a fresh stream takes the greeting");
        let _ = stream.set_priority(8);
    }

    /// When a dial that is still in progress is given up.
    pub(crate) fn dial_ends(&self) -> Instant {
        (self.heard + DIAL_PATIENCE).min(self.opened + DIAL_PATIENCE_MAX)
    }

    /// Ends the connection and tells the other side why.
    pub(crate) fn part(&mut self, now: Instant, farewell: Farewell) {
        if self.phase != Phase::Over {
            self.phase = Phase::Over;
            self.connection
                .close(now, VarInt::from_u32(farewell as u32), Bytes::new());
        }
    }

    /// Queues a datagram that does not wait for the pacer.
    pub(crate) fn push_urgent(&mut self, lane: Lane, bytes: Bytes) {
        if self.urgent.len() >= URGENT_MAX {
            self.urgent.pop_front();
        }
        self.urgent.push_back((lane, bytes));
    }

    /// Hands urgent datagrams to QUIC as far as it takes them.
    pub(crate) fn write_urgent(&mut self) {
        while let Some((lane, bytes)) = self.urgent.pop_front() {
            let length = bytes.len() as u64;
            match self.connection.datagrams().send(bytes, false) {
                Ok(()) => {
                    self.has_written = true;
                    self.lane_bytes[usize::from(lane.number())] += length;
                }
                Err(SendDatagramError::Blocked(bytes)) => {
                    self.urgent.push_front((lane, bytes));
                    return;
                }
                // The path became narrower than it was when the datagram was made.
                Err(
                    SendDatagramError::TooLarge
                    | SendDatagramError::UnsupportedByPeer
                    | SendDatagramError::Disabled,
                ) => {}
            }
        }
    }

    /// Hands one paced datagram to QUIC. A datagram that no longer fits the path is dropped.
    pub(crate) fn write_datagram(&mut self, lane: Lane, bytes: Bytes) {
        let length = bytes.len() as u64;
        if self.connection.datagrams().send(bytes, true).is_ok() {
            self.has_written = true;
            self.lane_bytes[usize::from(lane.number())] += length;
        }
    }

    /// Hands a packet of nothing to QUIC; no lane is charged for it.
    pub(crate) fn write_padding(&mut self, bytes: Bytes) -> bool {
        self.has_written = self.connection.datagrams().send(bytes, true).is_ok();
        self.has_written
    }

    /// Whether QUIC holds datagrams that it has not yet sent.
    pub(crate) fn has_datagrams(&mut self) -> bool {
        self.connection.datagrams().send_buffer_space() < DATAGRAM_BUFFER
    }

    /// Longest datagram the path takes at the moment.
    pub(crate) fn datagram_bytes(&mut self) -> Option<usize> {
        self.connection.datagrams().max_size()
    }

    /// Counts turns of the scheduler; every `every`th is the guard's.
    pub(crate) const fn is_guard_turn(&mut self, every: u32) -> bool {
        self.turn = self.turn.wrapping_add(1);
        self.turn.is_multiple_of(every)
    }

    /// Whether a packet of letters may go now: the pacer allows it, and so does a narrow path.
    pub(crate) fn may_send(&self) -> bool {
        self.pacer.is_ready() && !self.control.rate().is_full()
    }

    /// Takes the packet just sent into account.
    pub(crate) fn on_sent(&mut self, now: Instant, bytes: usize) {
        self.pacer.charge(bytes);
        self.bytes_sent += bytes as u64;
        if std::mem::take(&mut self.has_written) {
            let (since, count) = self.unanswered.unwrap_or((now, 0));
            self.unanswered = Some((since, count.saturating_add(1)));
        }
    }

    /// Writes about a packet's worth of the letters of a lane; whether there was anything.
    pub(crate) fn write_letters(&mut self, lane: Lane, outbox: &mut Outbox, link: usize) -> bool {
        let Some(index) = lane.letter_index() else {
            return false;
        };
        let mut budget = LETTER_PIECE;
        while budget > 0 && self.ensure_stream(index, lane, outbox, link) {
            match self.write_piece(index, budget) {
                Ok(written) => {
                    budget -= written;
                    self.lane_bytes[usize::from(lane.number())] += written as u64;
                }
                Err(WriteError::Blocked) => break,
                Err(WriteError::Stopped(_) | WriteError::ClosedStream) => {
                    self.streams_out[index] = None;
                    outbox.give_back_lane(lane, link);
                    break;
                }
            }
        }
        let has_written = budget < LETTER_PIECE;
        self.has_written |= has_written;
        has_written
    }

    /// Writes up to `budget` bytes of the current letter of a stream.
    fn write_piece(&mut self, index: usize, budget: usize) -> Result<usize, WriteError> {
        let stream = self.streams_out[index]
            .as_mut()
            .ok_or(WriteError::ClosedStream)?;
        let (_, pieces) = stream.current.as_mut().ok_or(WriteError::ClosedStream)?;
        let Some(piece) = pieces.front_mut() else {
            stream.current = None;
            return Ok(0);
        };
        let length = piece.len().min(budget);
        let outcome = self
            .connection
            .send_stream(stream.id)
            .write(&piece[..length]);
        stream.is_blocked = matches!(outcome, Err(WriteError::Blocked));
        let written = outcome?;
        piece.advance(written);
        if piece.is_empty() {
            pieces.pop_front();
        }
        if pieces.is_empty() {
            stream.current = None;
        }
        Ok(written)
    }

    /// Makes sure that the lane has a stream with a letter on it.
    fn ensure_stream(
        &mut self,
        index: usize,
        lane: Lane,
        outbox: &mut Outbox,
        link: usize,
    ) -> bool {
        match &self.streams_out[index] {
            Some(stream) if stream.is_blocked => return false,
            Some(stream) if stream.current.is_some() => return true,
            Some(_) | None => {}
        }
        if !outbox.has_waiting(lane) {
            return false;
        }
        if self.streams_out[index].is_none() {
            let Some(id) = self.connection.streams().open(Dir::Uni) else {
                return false;
            };
            let priority = 4 - i32::from(lane.number());
            let _ = self.connection.send_stream(id).set_priority(priority);
            self.streams_out[index] = Some(StreamOut {
                id,
                current: None,
                is_blocked: false,
            });
        }
        let Some((head, body)) = outbox.take(lane, link) else {
            return false;
        };
        let mut bytes = Vec::with_capacity(32);
        Prelude::Letter {
            head,
            length: body.len(),
        }
        .write(&mut bytes);
        if let Some(stream) = &mut self.streams_out[index] {
            let pieces = [Bytes::from(bytes), body];
            let pieces = pieces
                .into_iter()
                .filter(|piece| !piece.is_empty())
                .collect();
            stream.current = Some((head.sequence, pieces));
        }
        true
    }

    /// Gives up the stream of a lane with all that is on it.
    pub(crate) fn abandon_stream(&mut self, lane: Lane) {
        if let Some(index) = lane.letter_index()
            && let Some(stream) = self.streams_out[index].take()
        {
            let _ = self
                .connection
                .send_stream(stream.id)
                .reset(VarInt::from_u32(0));
        }
    }

    /// Gives up all lanes' streams.
    pub(crate) fn abandon_streams(&mut self) {
        for lane in Lane::LETTERS {
            self.abandon_stream(lane);
        }
    }

    /// Whether the stream of a lane is in the middle of a letter.
    pub(crate) fn is_writing(&self, lane: Lane, sequence: u64) -> bool {
        lane.letter_index()
            .and_then(|index| self.streams_out[index].as_ref())
            .and_then(|stream| stream.current.as_ref())
            .is_some_and(|(current, _)| *current == sequence)
    }

    /// A blocked stream may be written again.
    pub(crate) fn unblock(&mut self, id: StreamId) {
        for stream in self.streams_out.iter_mut().flatten() {
            if stream.id == id {
                stream.is_blocked = false;
            }
        }
    }

    /// The other side does not want a stream; its lane, if it is one of ours.
    pub(crate) fn stopped(&mut self, id: StreamId) -> Option<Lane> {
        let index = self
            .streams_out
            .iter()
            .position(|stream| stream.as_ref().is_some_and(|stream| stream.id == id))?;
        self.streams_out[index] = None;
        Lane::LETTERS.get(index).copied()
    }

    /// Takes in the streams that the other side opened.
    pub(crate) fn accept_streams(&mut self, items: &mut Vec<StreamItem>) {
        while let Some(id) = self.connection.streams().accept(Dir::Uni) {
            if self.streams_in.len() >= STREAMS_MAX as usize {
                let _ = self.connection.recv_stream(id).stop(VarInt::from_u32(0));
                items.push(StreamItem::Flood);
                continue;
            }
            self.streams_in.insert(id, StreamIn::default());
            self.read_stream(id, items);
        }
    }

    /// Reads what all streams have brought.
    pub(crate) fn read_streams(&mut self, items: &mut Vec<StreamItem>) {
        let streams: Vec<StreamId> = self.streams_in.keys().copied().collect();
        for id in streams {
            self.read_stream(id, items);
        }
    }

    /// Reads what a stream has brought.
    ///
    /// Before the greeting, which is alone on the first stream, nobody knows whose letters the others
    /// carry. They wait in QUIC, no more than its window lets come: what is read there is acknowledged
    /// and would never be sent again.
    pub(crate) fn read_stream(&mut self, id: StreamId, items: &mut Vec<StreamItem>) {
        let is_greeted = !matches!(self.phase, Phase::Handshake | Phase::Greeting);
        if !is_greeted && id.index() > 0 {
            return;
        }
        let Some(stream) = self.streams_in.get_mut(&id) else {
            return;
        };
        let mut receiver = self.connection.recv_stream(id);
        let Ok(mut chunks) = receiver.read(true) else {
            self.streams_in.remove(&id);
            return;
        };
        let mut is_over = false;
        let mut outcome = Ok(());
        loop {
            match chunks.next(usize::MAX) {
                Ok(Some(chunk)) => {
                    self.bytes_received += chunk.bytes.len() as u64;
                    stream.buffer.extend_from_slice(&chunk.bytes);
                    outcome = stream.parse(items);
                }
                Ok(None) | Err(ReadError::Reset(_)) => is_over = true,
                Err(ReadError::Blocked) => break,
            }
            if is_over || outcome.is_err() {
                break;
            }
        }
        let _ = chunks.finalize();
        if outcome.is_err() {
            let _ = self.connection.recv_stream(id).stop(VarInt::from_u32(0));
            items.push(StreamItem::Malformed);
            is_over = true;
        }
        if is_over {
            self.streams_in.remove(&id);
        }
    }
}

impl StreamIn {
    fn parse(&mut self, items: &mut Vec<StreamItem>) -> Result<(), FrameError> {
        loop {
            if let Some((head, length)) = self.letter {
                if self.buffer.len() < length {
                    return Ok(());
                }
                let body = self.buffer.split_to(length).freeze();
                self.letter = None;
                items.push(StreamItem::Letter { head, body });
            }
            if self.buffer.is_empty() {
                return Ok(());
            }
            let Some((prelude, used)) = parse_prelude(&self.buffer)? else {
                return Ok(());
            };
            self.buffer.advance(used);
            match prelude {
                Prelude::Hello {
                    version,
                    incarnation,
                    path,
                } => {
                    items.push(StreamItem::Hello {
                        version,
                        incarnation,
                        path,
                    });
                    self.buffer.clear();
                }
                Prelude::Letter { head, length } => {
                    debug_assert!(length <= LETTER_BYTES_MAX, "the parser bounds the length");
                    self.letter = Some((head, length));
                    self.buffer
                        .reserve(length.saturating_sub(self.buffer.len()).min(64 << 10));
                }
            }
        }
    }
}
