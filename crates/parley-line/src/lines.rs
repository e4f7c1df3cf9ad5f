//! All lines of one node: the public interface.

use crate::{
    config::{Carrier, LineConfig, LinesConfig, PATHS_MAX},
    control::Control,
    error::{LineError, OurError, TheirError},
    event::{
        LaneStatus, LetterId, LineCounters, LineEvent, LineId, LineStatus, MediaUnit, PathStatus,
        Transmit,
    },
    keys::Identity,
    letters_out::Cancelled,
    line::{Line, Path},
    link::{Farewell, Link},
    rate::Profile,
    refusal::{Refusal, Refusals},
    state::PathState,
    transport::{self, LineTime},
};
use bytes::{Bytes, BytesMut};
use parley_wire::line::{Lane, PATH_NAME_BYTES_MAX, VERSION};
use quinn_proto::{ConnectionHandle, DatagramEvent, EcnCodepoint, Endpoint, ServerConfig};
use slab::Slab;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

/// Answers to strangers that wait to be sent; further ones are not worth memory.
const ANSWERS_MAX: usize = 64;

/// What a deadline belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Link(usize),
    Line(LineId),
}

/// All lines of one node, without I/O.
///
/// It is driven by four kinds of calls, on one thread:
///
/// - *commands*: [`open`](Self::open), [`close`](Self::close), [`send`](Self::send),
///   [`cancel`](Self::cancel), [`send_media`](Self::send_media);
/// - *the network and the clock*: [`handle_datagram`](Self::handle_datagram) for every packet,
///   [`handle_timeout`](Self::handle_timeout) when [`poll_timeout`](Self::poll_timeout) says so;
/// - *output*, after any of these: [`poll_transmit`](Self::poll_transmit) until `None`, then
///   [`poll_event`](Self::poll_event) until `None`, then `poll_timeout`;
/// - *questions*, at any time: [`status`](Self::status), [`refusals`](Self::refusals).
///
/// `now` must not go backwards. The same calls with the same arguments give the same packets (but
/// for the bytes that cryptography draws at random).
pub struct Lines {
    pub(crate) identity: Identity,
    pub(crate) incarnation: u64,
    pub(crate) version: u8,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) server: ServerConfig,
    pub(crate) time: Arc<LineTime>,
    pub(crate) started: Instant,
    pub(crate) open: BTreeMap<LineId, Line>,
    pub(crate) by_key: HashMap<[u8; 32], LineId>,
    pub(crate) links: Slab<Link>,
    pub(crate) by_handle: HashMap<(usize, ConnectionHandle), usize>,
    pub(crate) dirty: VecDeque<usize>,
    pub(crate) timers: BTreeSet<(Instant, Owner)>,
    pub(crate) answers: VecDeque<(Transmit, Vec<u8>)>,
    pub(crate) events: VecDeque<LineEvent>,
    pub(crate) refusals: Refusals,
    pub(crate) dials_in: usize,
    next_line: u32,
}

impl Lines {
    /// Starts a node's lines; none is open yet.
    ///
    /// # Errors
    /// [`OurError::Key`] if the seed is no usable key.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the settings hold a secret: no copy of them is to stay behind"
    )]
    pub fn new(config: LinesConfig, now: Instant) -> Result<Self, LineError> {
        let LinesConfig {
            key_seed,
            sockets,
            entropy: start,
        } = config;
        let identity = Identity::new(&key_seed)?;
        let time = Arc::new(LineTime::default());
        let server = transport::dialled(&identity, Arc::clone(&time))?;
        let mut entropy = start;
        let endpoints = (0..sockets * Carrier::ALL.len())
            .map(|index| {
                entropy[31] ^= u8::try_from(index & 0xff).unwrap_or(0).wrapping_add(1);
                let endpoint = transport::endpoint(&identity, entropy);
                // Paths whose packets may be fragmented only make the probing optimistic.
                Endpoint::new(
                    Arc::new(endpoint),
                    Some(Arc::new(server.clone())),
                    true,
                    None,
                )
            })
            .collect();
        let mut incarnation = [0; 8];
        incarnation.copy_from_slice(&start[..8]);
        Ok(Self {
            identity,
            incarnation: u64::from_be_bytes(incarnation),
            version: VERSION,
            endpoints,
            server,
            time,
            started: now,
            open: BTreeMap::new(),
            by_key: HashMap::new(),
            links: Slab::new(),
            by_handle: HashMap::new(),
            dirty: VecDeque::new(),
            timers: BTreeSet::new(),
            answers: VecDeque::new(),
            events: VecDeque::new(),
            refusals: Refusals::default(),
            dials_in: 0,
            next_line: 0,
        })
    }

    /// Speaks another version of the protocol from here on, as a node of another release does: for
    /// tests of what both sides then say.
    #[doc(hidden)]
    pub const fn speak_version(&mut self, version: u8) {
        self.version = version;
    }

    /// The node's own public key.
    #[must_use]
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.identity.public
    }

    /// Opens a line: its key is accepted from here on, and its paths are dialled for ever.
    ///
    /// # Errors
    /// [`OurError`] when the line cannot be: own key, a key that has a line, paths not well formed.
    pub fn open(&mut self, now: Instant, config: LineConfig) -> Result<LineId, LineError> {
        self.check(&config)?;
        let tls = Arc::new(self.identity.dialling(config.remote_key)?);
        let id = LineId(self.next_line);
        self.next_line += 1;
        let paths = config
            .paths
            .into_iter()
            .map(|path| Path::new(now, path, Arc::clone(&tls)))
            .collect();
        self.identity.pins.pin(config.remote_key);
        self.by_key.insert(config.remote_key, id);
        self.open
            .insert(id, Line::new(id, config.remote_key, paths));
        self.schedule_line(id);
        Ok(id)
    }

    fn check(&self, config: &LineConfig) -> Result<(), LineError> {
        if config.remote_key == self.identity.public {
            return Err(OurError::OwnKey.into());
        }
        if self.by_key.contains_key(&config.remote_key) {
            return Err(OurError::AlreadyOpen.into());
        }
        let sockets = self.endpoints.len() / Carrier::ALL.len();
        let names: BTreeSet<&str> = config.paths.iter().map(|path| path.name.as_str()).collect();
        let is_well_formed = (1..=PATHS_MAX).contains(&config.paths.len())
            && names.len() == config.paths.len()
            && config.paths.iter().all(|path| {
                path.socket < sockets
                    && path.name.len() <= PATH_NAME_BYTES_MAX
                    && path.floor_bps <= path.ceiling_bps
                    && path
                        .remote
                        .is_none_or(|remote| remote.port() != 0 && !remote.ip().is_unspecified())
            });
        if is_well_formed {
            Ok(())
        } else {
            Err(OurError::Paths.into())
        }
    }

    /// Closes a line: its key is refused from here on, its letters are forgotten.
    pub fn close(&mut self, now: Instant, line: LineId) {
        let Some(closed) = self.open.remove(&line) else {
            return;
        };
        self.identity.pins.unpin(&closed.remote_key);
        self.by_key.remove(&closed.remote_key);
        if let Some(at) = closed.timer {
            self.timers.remove(&(at, Owner::Line(line)));
        }
        let links: Vec<usize> = self
            .links
            .iter()
            .filter(|(_, link)| link.line == Some(line))
            .map(|(index, _)| index)
            .collect();
        for index in links {
            self.part(now, index, Farewell::Closed);
        }
    }

    /// Sends a letter: reliable, exactly once to the other party's `Lines`, through any outage.
    ///
    /// In [`Lane::Alert`] letters arrive in any order, each as soon as it can; in the other lanes
    /// they arrive in the order of these calls. What the other party held is forgotten when its
    /// node restarts; unacknowledged letters are then sent to the new one.
    ///
    /// # Errors
    /// [`OurError`] for a body, lane or line that cannot be; [`TheirError::LaneFull`] when too much
    /// waits already.
    pub fn send(
        &mut self,
        now: Instant,
        line: LineId,
        lane: Lane,
        topic: u16,
        body: Bytes,
    ) -> Result<LetterId, LineError> {
        let entry = self.open.get_mut(&line).ok_or(OurError::UnknownLine)?;
        let was_idle = entry.outbox.is_empty();
        let sequence = entry.outbox.push(now, lane, topic, body)?;
        if was_idle {
            entry.report_by(now + Duration::from_millis(200));
        }
        if lane == Lane::Alert {
            self.copy_alerts(now, line);
        }
        self.mark_best(line);
        self.schedule_line(line);
        Ok(LetterId::new(line, lane, sequence))
    }

    /// Takes a letter back. Returns whether it was not yet acknowledged; it will not be sent again,
    /// but may have arrived.
    pub fn cancel(&mut self, now: Instant, letter: LetterId) -> bool {
        let Some((id, lane, sequence)) = letter.parts() else {
            return false;
        };
        let Some(line) = self.open.get_mut(&id) else {
            return false;
        };
        let cancelled = line.outbox.cancel(lane, sequence);
        if cancelled == Cancelled::TooLate {
            return false;
        }
        if let Cancelled::WrittenTo(index) = cancelled
            && let Some(link) = self.links.get_mut(index)
            && link.is_writing(lane, sequence)
        {
            link.abandon_stream(lane);
            line.outbox.give_back_lane(lane, index);
        }
        line.report_by(now);
        self.mark_best(id);
        self.schedule_line(id);
        true
    }

    /// Sends a media unit: at most once, now or not at all, in the order of arrival.
    ///
    /// # Errors
    /// [`TheirError::Cut`] when no path is up, [`TheirError::LaneFull`] for too many flows,
    /// [`OurError`] for a unit, lane or line that cannot be.
    pub fn send_media(
        &mut self,
        now: Instant,
        line: LineId,
        unit: MediaUnit,
    ) -> Result<(), LineError> {
        let entry = self.open.get_mut(&line).ok_or(OurError::UnknownLine)?;
        let outlook = entry.outlook.ok_or(TheirError::Cut)?;
        let was_busy = entry.timer;
        entry.media_passes(now);
        match unit.lane {
            Lane::Audio => {
                let datagram = entry.media_out.audio(now, unit, outlook)?;
                entry.audio.add(now, datagram.len() + 40);
                let ways = [entry.best, entry.second];
                for index in ways.into_iter().flatten() {
                    if let Some(link) = self.links.get_mut(index) {
                        link.push_urgent(Lane::Audio, datagram.clone());
                        self.mark(index);
                    }
                }
            }
            Lane::Base | Lane::Upper => {
                entry.media_out.video(now, &unit, outlook)?;
                self.mark_best(line);
            }
            Lane::Alert | Lane::Document | Lane::Image => {
                return Err(OurError::WrongLane(unit.lane).into());
            }
        }
        if was_busy.is_none_or(|at| at > now + Duration::from_millis(200)) {
            self.schedule_line(line);
        }
        Ok(())
    }

    /// Takes in a packet from the network.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        socket: usize,
        carrier: Carrier,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        datagram: BytesMut,
    ) {
        let index = socket * Carrier::ALL.len() + usize::from(carrier == Carrier::Tcp);
        let Some(endpoint) = self.endpoints.get_mut(index) else {
            return;
        };
        self.time
            .advance(now.saturating_duration_since(self.started));
        let mut answer = Vec::new();
        match endpoint.handle(now, from, None, ecn, datagram, &mut answer) {
            Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                if let Some(&link) = self.by_handle.get(&(index, handle)) {
                    self.links[link].heard = now;
                    self.links[link].connection.handle_event(event);
                    self.drain(now, link);
                    self.mark(link);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => self.be_dialled(now, index, incoming),
            Some(DatagramEvent::Response(transmit)) => {
                self.refuse(Refusal::MalformedPacket, None, None);
                self.answer(index, transmit.destination, transmit.ecn, answer);
            }
            None => self.refuse(Refusal::MalformedPacket, None, None),
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, owner)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            match owner {
                Owner::Link(index) => self.link_timeout(now, index),
                Owner::Line(id) => self.line_timeout(now, id),
            }
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The next packet to send; its bytes are put into `buf`, which is cleared first.
    pub fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit> {
        buf.clear();
        if let Some((transmit, bytes)) = self.answers.pop_front() {
            buf.extend_from_slice(&bytes);
            return Some(transmit);
        }
        while let Some(&index) = self.dirty.front() {
            if let Some(transmit) = self.pump(now, index, buf) {
                return Some(transmit);
            }
            self.dirty.pop_front();
            self.settle(now, index);
        }
        None
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<LineEvent> {
        self.events.pop_front()
    }

    /// A line as it stands; `None` if there is no such line.
    #[must_use]
    pub fn status(&self, now: Instant, line: LineId) -> Option<LineStatus> {
        let entry = self.open.get(&line)?;
        let paths: Vec<PathStatus> = entry
            .paths
            .iter()
            .map(|path| self.path_status(now, entry, path))
            .collect();
        let last_proof_age = paths.iter().filter_map(|path| path.last_proof_age).min();
        Some(LineStatus {
            state: entry.state,
            last_proof_age,
            media_bps: entry.media_bps,
            paths,
            lanes: self.lane_status(entry),
            counters: LineCounters {
                units_received: entry.media_in.received,
                units_repeated: entry.media_in.repeated,
                units_recovered: entry.media_in.recovered,
                units_dropped_late: entry.media_out.dropped_late,
                parity_sent: entry.media_out.parity_sent,
                ..entry.counters
            },
        })
    }

    fn path_status(&self, now: Instant, line: &Line, path: &Path) -> PathStatus {
        let link = path.link.and_then(|link| self.links.get(link));
        let rate = link.map(|link| link.control.rate());
        let is_known = path.state != PathState::Cold;
        PathStatus {
            name: path.config.name.clone(),
            carrier: path.config.carrier,
            state: path.state,
            is_best: path.link.is_some() && path.link == line.best,
            rtt: rate
                .as_ref()
                .and_then(|rate| rate.srtt())
                .or(path.profile.rtt),
            loss_in: path.loss_in,
            loss_out: rate
                .as_ref()
                .filter(|_| is_known)
                .map(|rate| to_f32(rate.loss())),
            rate_bps: rate
                .as_ref()
                .filter(|_| is_known)
                .map(|rate| rate.settled_bps()),
            queue: rate.as_ref().filter(|_| is_known).map(|rate| rate.queue()),
            last_proof_age: path.last_proof.map(|at| now.saturating_duration_since(at)),
            bytes_sent: path.bytes_before.0 + link.map_or(0, |link| link.bytes_sent),
            bytes_received: path.bytes_before.1 + link.map_or(0, |link| link.bytes_received),
        }
    }

    fn lane_status(&self, line: &Line) -> [LaneStatus; 6] {
        let mut lanes = [LaneStatus::default(); 6];
        for (status, lane) in lanes.iter_mut().zip(Lane::ALL) {
            let number = usize::from(lane.number());
            let links = line
                .paths
                .iter()
                .filter_map(|path| self.links.get(path.link?));
            let on_links: u64 = links.map(|link| link.lane_bytes[number]).sum();
            *status = LaneStatus {
                bytes_sent: line.lane_sent[number] + on_links,
                bytes_received: line.lane_received[number],
                queued: line.outbox.bytes(lane) + line.media_out.bytes(lane),
            };
        }
        lanes
    }

    /// What was set aside, counted by reason.
    #[must_use]
    pub const fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    pub(crate) fn refuse(&mut self, reason: Refusal, line: Option<LineId>, key: Option<[u8; 32]>) {
        self.refusals.add(reason);
        if reason.is_alarming() {
            self.events
                .push_back(LineEvent::Refused { line, reason, key });
        }
    }

    pub(crate) fn answer(
        &mut self,
        endpoint: usize,
        to: SocketAddr,
        ecn: Option<EcnCodepoint>,
        bytes: Vec<u8>,
    ) {
        if self.answers.len() < ANSWERS_MAX {
            let transmit = transmit(endpoint, to, ecn, bytes.len(), None);
            self.answers.push_back((transmit, bytes));
        }
    }

    pub(crate) fn insert_link(&mut self, link: Link) -> usize {
        let key = (link.endpoint, link.handle);
        let index = self.links.insert(link);
        self.by_handle.insert(key, index);
        self.mark(index);
        index
    }

    /// A congestion controller for a connection of its own.
    pub(crate) fn control(
        now: Instant,
        floor: u64,
        ceiling: u64,
        profile: &Profile,
    ) -> Arc<Control> {
        Arc::new(Control::new(now, floor, ceiling, profile))
    }
}

pub(crate) fn transmit(
    endpoint: usize,
    to: SocketAddr,
    ecn: Option<EcnCodepoint>,
    size: usize,
    segment_size: Option<usize>,
) -> Transmit {
    Transmit {
        socket: endpoint / Carrier::ALL.len(),
        carrier: Carrier::ALL[endpoint % Carrier::ALL.len()],
        to,
        ecn,
        size,
        segment_size,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
fn to_f32(share: f64) -> f32 {
    share as f32
}
