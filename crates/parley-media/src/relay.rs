//! The shard: its rooms, people and lines, and the calls that drive it.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex};
use slab::Slab;
use str0m::net::Protocol;

use crate::{
    capture::LocalClock,
    config::RelayConfig,
    connect::Identity,
    counters::RelayCounters,
    demux::{Demux, PacketKind},
    egress::{Path, Pool},
    error::{MediaError, OurMediaError},
    event::{LeaveReason, Packet, Refusal, RelayEvent, RelayOutput, VIDEO_SLOTS},
    line::Line,
    participant::{Drained, Participant, ParticipantQuality},
    room::Room,
    slot::Ask,
    timers::Timers,
    track::{Track, Viewer},
};

/// How often rooms, layers and lines are looked at as a whole. More reacts later to a viewer's
/// falling estimate; less spends time on rooms where nothing changes.
const TICK_US: i64 = 100_000;
/// Rooms are looked at in so many turns, each a while after the other, so that a shard with many rooms
/// never stands still for all of them. More than there are rooms changes nothing.
const TICK_PHASES: usize = 32;
/// A refusal is told at most so often; it is counted always.
const TELL_REFUSAL_EVERY: Duration = Duration::from_secs(1);

/// What a page gets for joining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The answer to the page's offer.
    pub answer: String,
    /// The browser's names for the lines of the video slots, by slot.
    pub video_mids: Vec<String>,
    /// The browser's names for the lines of the audio slots, by slot.
    pub audio_mids: Vec<String>,
}

/// What a page wants to see in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Which slot, 0 to 7.
    pub slot: u8,
    /// Whose picture.
    pub track: TrackId,
    /// How tall the page shows it, in device pixels.
    pub height_px: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Timer {
    Participant(usize),
    Egress(usize),
    Room(usize),
    Lines,
}

/// One media shard: rooms, the people of this node in them, and the lines that carry them.
///
/// A state machine without input or output, in the manner of `quinn_proto::Connection` and
/// `str0m::Rtc`. Three kinds of calls put something in: what people want (`join`, `watch`, ...),
/// what comes from browsers and lines (`handle_packet`, `handle_letter`, `handle_media`, `line_up`,
/// ...) and the passing of time (`handle_timeout`). After any number of them the caller takes
/// everything out with [`Relay::poll_output`] until it returns `None`, and then asks
/// [`Relay::poll_timeout`] when to call `handle_timeout`. `now` must never go backwards.
///
/// ```
/// use std::time::Instant;
/// use parley_media::{PartyId, Relay, RelayConfig, RelayOutput, RoomId};
///
/// let now = Instant::now();
/// let mut relay = Relay::new(RelayConfig::new(PartyId::from([1; 16]), 0), now);
/// relay.open_room(now, RoomId::from([2; 16]));
/// while let Some(output) = relay.poll_output(now) {
///     assert!(matches!(output, RelayOutput::Event(_)));
/// }
/// ```
pub struct Relay {
    pub(crate) config: RelayConfig,
    /// Made when the first person joins.
    identity: Option<Identity>,
    pub(crate) clock: LocalClock,
    pub(crate) rooms: Slab<Room>,
    pub(crate) room_keys: HashMap<RoomId, usize>,
    pub(crate) participants: Slab<Participant>,
    pub(crate) participant_keys: HashMap<ParticipantId, usize>,
    pub(crate) tracks: Slab<Track>,
    pub(crate) lines: BTreeMap<PartyId, Line>,
    /// Rooms a neighbour writes about before the line carries them, and since when.
    pub(crate) early: BTreeMap<(PartyId, RoomId), Instant>,
    pub(crate) demux: Demux,
    pub(crate) timers: Timers<Timer>,
    /// People whose engine has something to do.
    pub(crate) dirty: Vec<usize>,
    /// People for whose browser something is ready to be sent.
    pub(crate) sending: Vec<usize>,
    /// Viewers whose way is too full for the packet that is being forwarded.
    pub(crate) crowded: Vec<Viewer>,
    /// Buffers that have been sent.
    pub(crate) pool: Pool,
    /// Engines that broke, to be removed once nothing refers to them.
    pub(crate) faulted: Vec<usize>,
    pub(crate) outputs: VecDeque<RelayOutput>,
    pub(crate) counters: RelayCounters,
    refusals_told: HashMap<(Option<PartyId>, Refusal), Instant>,
}

impl Relay {
    /// A shard without rooms.
    #[must_use]
    pub fn new(config: RelayConfig, now: Instant) -> Self {
        Self {
            config,
            identity: None,
            clock: LocalClock::new(now),
            rooms: Slab::new(),
            room_keys: HashMap::new(),
            participants: Slab::new(),
            participant_keys: HashMap::new(),
            tracks: Slab::new(),
            lines: BTreeMap::new(),
            early: BTreeMap::new(),
            demux: Demux::default(),
            timers: Timers::new(),
            dirty: Vec::new(),
            sending: Vec::new(),
            crowded: Vec::new(),
            pool: Pool::default(),
            faulted: Vec::new(),
            outputs: VecDeque::new(),
            counters: RelayCounters::default(),
            refusals_told: HashMap::new(),
        }
    }

    /// Opens a room; nothing happens when it is open.
    pub fn open_room(&mut self, now: Instant, room: RoomId) {
        if !self.room_keys.contains_key(&room) {
            let key = self.rooms.insert(Room::new(room));
            self.room_keys.insert(room, key);
            self.timers.set(Timer::Room(key), self.next_tick(now, key));
            self.timers.set(Timer::Lines, self.next_tick(now, 0));
        }
    }

    /// Closes a room; everyone in it leaves.
    pub fn close_room(&mut self, now: Instant, room: RoomId) {
        let Some(&key) = self.room_keys.get(&room) else {
            return;
        };
        let people: Vec<usize> = self.rooms[key].local.values().copied().collect();
        for person in people {
            self.remove_participant(now, person, Some(LeaveReason::RoomClosed));
        }
        let parties: Vec<PartyId> = self.rooms[key].lines.keys().copied().collect();
        for party in parties {
            self.detach(now, room, party);
        }
        self.room_keys.remove(&room);
        self.timers.remove(Timer::Room(key));
        self.rooms.remove(key);
    }

    /// Lets a person in and answers their page's offer.
    ///
    /// A person who is in the room already takes their own place again: the connection they had is
    /// dropped and nobody else sees them leave.
    ///
    /// # Errors
    ///
    /// [`OurMediaError`] when the room is not open or the shard is full,
    /// [`crate::TheirMediaError`] when the offer is not what a page offers.
    pub fn join(
        &mut self,
        now: Instant,
        room: RoomId,
        participant: ParticipantId,
        label: Bytes,
        offer: &str,
    ) -> Result<Joined, MediaError> {
        let key = self.room_key(room)?;
        let replaced = self.participant_keys.get(&participant).copied();
        let participants_max = self.config.participants_max;
        if replaced.is_none() && self.participants.len() >= participants_max {
            return Err(OurMediaError::Full { participants_max }.into());
        }
        let person = (participant, key, label);
        let identity = self.identity.get_or_insert_with(Identity::new);
        let arrival = Participant::arrive(&self.config, identity, self.clock, now, person, offer)?;
        if let Some(replaced) = replaced {
            let is_elsewhere = self.participants[replaced].room != key;
            let reason = is_elsewhere.then_some(LeaveReason::Replaced);
            self.remove_participant(now, replaced, reason);
        }
        Ok(self.admit_participant(now, arrival))
    }

    /// Lets a person go.
    pub fn leave(&mut self, now: Instant, participant: ParticipantId) {
        if let Some(&key) = self.participant_keys.get(&participant) {
            self.remove_participant(now, key, Some(LeaveReason::Asked));
        }
    }

    /// Sets what a person's page shows, in full: slots that are not named show nothing.
    ///
    /// # Errors
    ///
    /// [`OurMediaError::ParticipantUnknown`].
    pub fn watch(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        watches: &[Watch],
    ) -> Result<(), MediaError> {
        let key = self.participant_key(participant)?;
        let mut asks = [None; VIDEO_SLOTS];
        for watch in watches {
            if let Some(ask) = asks.get_mut(usize::from(watch.slot))
                && !watch.track.index.is_audio()
            {
                *ask = Some(Ask {
                    track: watch.track,
                    height_px: watch.height_px,
                });
            }
        }
        for (slot, ask) in self.participants[key].video.iter_mut().zip(asks) {
            slot.ask = ask;
        }
        self.resolve_slots(now, key);
        self.evaluate_viewer(now, key);
        self.seat_voices(now, key);
        let room = self.participants[key].room;
        self.rooms[room].touch_lines();
        Ok(())
    }

    /// Switches one of a person's media off or on; while it is off nothing of it leaves the relay.
    ///
    /// # Errors
    ///
    /// [`OurMediaError::ParticipantUnknown`].
    pub fn set_muted(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        index: TrackIndex,
        is_muted: bool,
    ) -> Result<(), MediaError> {
        let key = self.participant_key(participant)?;
        let track = self.participants[key]
            .tracks
            .get(usize::from(index.0))
            .copied()
            .flatten();
        if let Some(track) = track {
            self.mute_track(now, track, is_muted);
        }
        Ok(())
    }

    /// Takes a packet that came from a browser.
    ///
    /// `destination` is the candidate address of [`RelayConfig`] it came to; over TCP `packet` is
    /// one RFC 4571 frame without its length.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        protocol: Protocol,
        source: SocketAddr,
        destination: SocketAddr,
        packet: &[u8],
    ) {
        self.take_packet(now, (protocol, source, destination), packet);
    }

    /// The room that a packet concerns which comes from a browser's address, where it is known.
    #[must_use]
    pub fn room_of(&self, protocol: Protocol, source: SocketAddr) -> Option<RoomId> {
        let key = self.demux.by_address(protocol, source)?;
        let participant = self.participants.get(key)?;
        Some(self.rooms.get(participant.room)?.id)
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Participant(key) => self.mark_dirty(key),
                Timer::Egress(key) => self.run_egress(now, key),
                Timer::Room(key) => {
                    self.tick_room(now, key);
                    self.timers.set(timer, self.next_tick(now, key));
                }
                Timer::Lines => {
                    self.tick_lines(now);
                    if !self.rooms.is_empty() {
                        self.timers.set(timer, self.next_tick(now, 0));
                    }
                }
            }
        }
    }

    /// When to call [`Relay::handle_timeout`], at the latest.
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        self.timers.next()
    }

    /// The next thing to do or to know; `None` when there is nothing until something is put in.
    pub fn poll_output(&mut self, now: Instant) -> Option<RelayOutput> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            self.remove_faulted(now);
            if let Some(key) = self.sending.pop() {
                self.push_bursts(key);
                continue;
            }
            if let Some(key) = self.dirty.pop() {
                self.drive_participant(now, key);
                continue;
            }
            if !self.tell_what_changed(now) {
                return None;
            }
        }
    }

    /// Takes the buffer of a [`Burst`](crate::Burst) back that has been sent.
    pub fn reuse(&mut self, bytes: Vec<u8>) {
        self.pool.give(bytes);
    }

    /// What the relay has done since it began.
    #[must_use]
    pub fn counters(&self) -> RelayCounters {
        RelayCounters {
            rooms: self.rooms.len() as u64,
            participants: self.participants.len() as u64,
            ..self.counters.clone()
        }
    }

    /// What is known of the way between a person's browser and this node.
    #[must_use]
    pub fn quality(&self, participant: ParticipantId) -> Option<ParticipantQuality> {
        let key = self.participant_keys.get(&participant)?;
        Some(self.participants.get(*key)?.quality)
    }

    /// Makes the engine of one person break, so that tests can see that nobody else notices.
    ///
    /// # Errors
    ///
    /// [`OurMediaError::ParticipantUnknown`].
    #[cfg(any(test, feature = "testing"))]
    pub fn break_engine(&mut self, participant: ParticipantId) -> Result<(), MediaError> {
        let key = self.participant_key(participant)?;
        if self.participants[key].break_engine().is_err() {
            self.faulted.push(key);
        }
        Ok(())
    }

    /// When a room is looked at next: at its own phase of the period, however late it was this time.
    fn next_tick(&self, now: Instant, key: usize) -> Instant {
        let step = TICK_US / i64::try_from(TICK_PHASES).unwrap_or(1);
        let phase = i64::try_from(key % TICK_PHASES).unwrap_or(0) * step;
        let periods = (self.clock.us(now) - phase).div_euclid(TICK_US) + 1;
        self.clock.instant(periods * TICK_US + phase)
    }

    pub(crate) fn room_key(&self, room: RoomId) -> Result<usize, MediaError> {
        self.room_keys
            .get(&room)
            .copied()
            .ok_or_else(|| OurMediaError::RoomUnknown.into())
    }

    fn participant_key(&self, participant: ParticipantId) -> Result<usize, MediaError> {
        let key = self.participant_keys.get(&participant).copied();
        key.ok_or_else(|| OurMediaError::ParticipantUnknown.into())
    }

    pub(crate) fn tell(&mut self, event: RelayEvent) {
        self.outputs.push_back(RelayOutput::Event(event));
    }

    /// Puts a person on the list of those whose engine has something to do, once.
    pub(crate) fn mark_dirty(&mut self, key: usize) {
        if let Some(participant) = self.participants.get_mut(key)
            && !std::mem::replace(&mut participant.is_queued, true)
        {
            self.dirty.push(key);
        }
    }

    /// Counts what was set aside, and tells it now and then.
    pub(crate) fn refuse(&mut self, now: Instant, from: Option<PartyId>, refusal: Refusal) {
        let total = self.counters.refusals.entry(refusal).or_default();
        *total += 1;
        let mut count = *total;
        if let Some(party) = from {
            let of_party = self
                .counters
                .refusals_by_party
                .entry((party, refusal))
                .or_default();
            *of_party += 1;
            count = *of_party;
        }
        let told = self.refusals_told.get(&(from, refusal));
        if told.is_none_or(|told| now.saturating_duration_since(*told) >= TELL_REFUSAL_EVERY) {
            self.refusals_told.insert((from, refusal), now);
            self.tell(RelayEvent::Refused {
                from,
                refusal,
                count,
            });
        }
    }

    /// Puts a person on the list of those for whose browser something is ready, once.
    pub(crate) fn queue_egress(&mut self, key: usize) {
        if let Some(participant) = self.participants.get_mut(key)
            && !std::mem::replace(&mut participant.egress.is_queued, true)
        {
            self.sending.push(key);
        }
    }

    /// Lets a person's egress send what it is time for.
    pub(crate) fn run_egress(&mut self, now: Instant, key: usize) {
        let Self {
            participants, pool, ..
        } = self;
        let Some(participant) = participants.get_mut(key) else {
            return;
        };
        match participant.pace(now, pool) {
            Ok(()) => self.queue_egress(key),
            Err(_) => self.faulted.push(key),
        }
    }

    fn push_bursts(&mut self, key: usize) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        let egress = &mut participant.egress;
        egress.is_queued = false;
        self.outputs.extend(egress.bursts().map(RelayOutput::Burst));
        if let Some(at) = egress.next_timeout() {
            self.timers.set(Timer::Egress(key), at);
        }
    }

    /// Passes on what the engine of a person sends.
    pub(crate) fn push_packets(&mut self, key: usize, drained: &mut Drained) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        let egress = &mut participant.egress;
        for transmit in drained.transmits.drain(..) {
            let path = Path {
                protocol: transmit.proto,
                source: transmit.source,
                destination: transmit.destination,
            };
            let is_stun = PacketKind::of(&transmit.contents) == Some(PacketKind::Stun);
            if egress.path().is_none() && !is_stun {
                egress.set_path(path);
            }
            if egress.may_leave(&transmit.contents) {
                self.outputs.push_back(RelayOutput::Packet(Packet {
                    protocol: path.protocol,
                    source: path.source,
                    destination: path.destination,
                    contents: transmit.contents,
                }));
            }
        }
    }
}
