//! One line: its paths, its lanes, and which way each of them goes.

use crate::{
    config::{DIAL_PAUSE_MAX, DIAL_PAUSE_MIN, DIAL_TRIP_SLOW, DIAL_TURN, PathConfig},
    event::{LineCounters, LineEvent, LineId},
    keys::PartyKey,
    letters_in::Inbox,
    letters_out::Outbox,
    link::Link,
    media_in::MediaIn,
    media_out::{MediaOut, Outlook},
    rate::Profile,
    state::{LineState, PathEvent, PathState},
};
use parley_wire::line::{Datagram, Lane, Report};
use slab::Slab;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// Pause between reports while media or letters flow, and otherwise. More sees loss and silence
/// later; less costs 40 bytes each.
const REPORT_BUSY: Duration = Duration::from_millis(200);
const REPORT_IDLE: Duration = Duration::from_secs(2);

/// Pause between reports on a path that is suspect or down: how late its return is noticed.
const REPORT_SEARCHING: Duration = Duration::from_millis(500);

/// Bits of a report on the network, and of how many bits of the path one may be a report's: less
/// than that takes a path of 10 kbit/s from the letters.
const REPORT_BITS: u64 = 100 * 8;
const REPORT_SHARE: u64 = 20;

/// How long after the last media a line counts as busy.
const BUSY_FOR: Duration = Duration::from_secs(1);

/// Pause before receipts are sent for letters that are not alerts: others may join.
const RECEIPT_PAUSE: Duration = Duration::from_millis(20);

/// Packets without an answer before silence means anything, and the silence that always does, where
/// an answer does not take as long by itself.
const SILENT_PACKETS: u32 = 4;
const SILENCE_MAX: Duration = Duration::from_millis(2_500);

/// Allowance for the far end's scheduling on top of one and a half round trips.
const SILENCE_ALLOWANCE: Duration = Duration::from_millis(150);

/// Silence after which a path is down. More keeps trying the old connection alone; less dials anew
/// over a path that only stutters.
const LONG_SILENCE: Duration = Duration::from_secs(6);

/// A path must be cheaper by this share, and by this time, to take over from one that works.
const SWITCH_SHARE: f64 = 0.7;
const SWITCH_COST: f64 = 10.0;

/// Another incarnation of the other party that wants the line of the one that is met.
///
/// A node that restarted and a second node with the same key begin alike. What tells them apart is
/// whether the incarnation that is met still answers: it is asked when the other one comes.
#[derive(Debug, Clone, Copy)]
struct Rival {
    incarnation: u64,
    /// What is answered after this was asked after the other one came.
    asked: Instant,
    /// Without an answer by then there is none.
    answered_by: Instant,
}

/// What becomes of an incarnation that introduces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// It is the one that is met already.
    Known,
    /// The line is its own from here on.
    New,
    /// The one that is met is being asked; it may come again.
    NotYet,
    /// The one that is met is still there: two nodes use the key.
    Twice,
}

/// One network path of a line.
pub(crate) struct Path {
    pub(crate) config: PathConfig,
    pub(crate) state: PathState,
    /// The connection in use.
    pub(crate) link: Option<usize>,
    /// A second one, while the other party decides which of two to keep.
    pub(crate) spare: Option<usize>,
    /// A dial of ours in progress.
    pub(crate) attempt: Option<usize>,
    pub(crate) dial_at: Option<Instant>,
    pub(crate) dial_pause: Duration,
    pub(crate) profile: Profile,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    report_at: Instant,
    report_sequence: u64,
    report_seen: Option<u64>,
    pub(crate) loss_in: Option<f32>,
    pub(crate) last_proof: Option<Instant>,
    pub(crate) bytes_before: (u64, u64),
}

/// One line.
pub(crate) struct Line {
    pub(crate) id: LineId,
    pub(crate) remote_key: PartyKey,
    pub(crate) paths: Vec<Path>,
    pub(crate) state: LineState,
    pub(crate) best: Option<usize>,
    pub(crate) second: Option<usize>,
    pub(crate) outbox: Outbox,
    pub(crate) inbox: Inbox,
    pub(crate) media_out: MediaOut,
    pub(crate) media_in: MediaIn,
    pub(crate) incarnation: Option<u64>,
    rival: Option<Rival>,
    pub(crate) outlook: Option<Outlook>,
    pub(crate) receipts_at: Option<Instant>,
    pub(crate) busy_until: Option<Instant>,
    pub(crate) timer: Option<Instant>,
    pub(crate) counters: LineCounters,
    pub(crate) lane_sent: [u64; 6],
    pub(crate) lane_received: [u64; 6],
    pub(crate) audio: Meter,
    pub(crate) media_bps: u64,
    rate_told: u64,
}

impl Path {
    pub(crate) fn new(now: Instant, config: PathConfig, tls: Arc<rustls::ClientConfig>) -> Self {
        Self {
            dial_at: config.remote.map(|_| now),
            config,
            state: PathState::Cold,
            link: None,
            spare: None,
            attempt: None,
            dial_pause: DIAL_PAUSE_MIN,
            profile: Profile::default(),
            tls,
            report_at: now,
            report_sequence: 0,
            report_seen: None,
            loss_in: None,
            last_proof: None,
            bytes_before: (0, 0),
        }
    }

    /// Plans the next dial after one that failed.
    pub(crate) fn dial_later(&mut self, now: Instant) {
        if self.config.remote.is_some() {
            self.dial_at = Some(now + self.dial_pause);
            self.dial_pause = (self.dial_pause * 2).min(DIAL_PAUSE_MAX);
        }
    }

    /// Plans a dial after one that was answered and yet did not end in time: the path is so narrow
    /// that its packets were in each other's way. The next repeats later, and one party at a time
    /// dials, first the one whose key is smaller.
    pub(crate) fn dial_slower(&mut self, now: Instant, is_first: bool) {
        self.profile.rtt = self.profile.rtt.max(Some(DIAL_TRIP_SLOW));
        if !is_first {
            self.dial_at = Some(now + DIAL_TURN);
        }
    }

    /// Plans a dial at once, if the path needs one.
    pub(crate) fn dial_now(&mut self, now: Instant) {
        if self.config.remote.is_some() && self.needs_dial() {
            self.dial_at = Some(now);
            self.dial_pause = DIAL_PAUSE_MIN;
        }
    }

    /// Whether nothing usable is there and nothing is in progress.
    pub(crate) fn needs_dial(&self) -> bool {
        self.attempt.is_none() && (self.link.is_none() || self.state == PathState::Down)
    }

    /// Takes a report's number; whether it is newer than what was seen.
    pub(crate) fn is_new_report(&mut self, sequence: u64) -> bool {
        let is_new = self.report_seen.is_none_or(|seen| sequence > seen);
        if is_new {
            self.report_seen = Some(sequence);
        }
        is_new
    }

    /// Starts counting reports anew: the connection is another.
    pub(crate) fn reset_reports(&mut self, now: Instant) {
        self.report_sequence = 0;
        self.report_seen = None;
        self.report_at = now;
    }

    /// What the path costs in milliseconds: its delay, and what its loss and narrowness are worth.
    fn cost(&self, links: &Slab<Link>) -> f64 {
        let Some(link) = self.link.and_then(|link| links.get(link)) else {
            return f64::INFINITY;
        };
        let rate = link.control.rate();
        let rtt = rate.srtt().unwrap_or_default().as_secs_f64() * 1_000.0;
        let narrow = if rate.settled_bps() < NARROW_BPS {
            200.0
        } else {
            0.0
        };
        rtt + rate.loss() * 400.0 + narrow
    }
}

/// Rate below which a path carries no video: a slower one that does is better.
const NARROW_BPS: u64 = 250_000;

impl Line {
    pub(crate) fn new(id: LineId, remote_key: PartyKey, paths: Vec<Path>) -> Self {
        Self {
            id,
            remote_key,
            paths,
            state: LineState::Cold,
            best: None,
            second: None,
            outbox: Outbox::new(),
            inbox: Inbox::default(),
            media_out: MediaOut::default(),
            media_in: MediaIn::default(),
            incarnation: None,
            rival: None,
            outlook: None,
            receipts_at: None,
            busy_until: None,
            timer: None,
            counters: LineCounters::default(),
            lane_sent: [0; 6],
            lane_received: [0; 6],
            audio: Meter::default(),
            media_bps: 0,
            rate_told: 0,
        }
    }

    /// Moves a path's machine and tells what changed.
    pub(crate) fn path_event(
        &mut self,
        path: usize,
        event: PathEvent,
        events: &mut VecDeque<LineEvent>,
    ) {
        let Some(entry) = self.paths.get_mut(path) else {
            return;
        };
        let after = entry.state.after(event);
        if after == entry.state {
            return;
        }
        entry.state = after;
        events.push_back(LineEvent::Path {
            line: self.id,
            path,
            state: after,
        });
        let state = LineState::of(self.paths.iter().map(|path| path.state));
        if state != self.state {
            self.state = state;
            events.push_back(LineEvent::State {
                line: self.id,
                state,
            });
        }
    }

    /// Takes note of the incarnation that the other party introduces itself with.
    ///
    /// The one that is met keeps the line as long as it answers. So a second node with a stolen or
    /// copied key does not put the first one out, and a node that restarted waits for a round trip
    /// or two, unless its silence was noticed before.
    pub(crate) fn meet(&mut self, now: Instant, incarnation: u64, links: &Slab<Link>) -> Meeting {
        if self.incarnation == Some(incarnation) {
            return Meeting::Known;
        }
        let meeting = self.judge_rival(now, incarnation, links);
        if meeting == Meeting::New {
            self.rival = None;
            self.incarnation = Some(incarnation);
            self.inbox = Inbox::default();
            self.media_in = MediaIn::default();
        }
        meeting
    }

    fn judge_rival(&mut self, now: Instant, incarnation: u64, links: &Slab<Link>) -> Meeting {
        let mut up = self.paths.iter().filter(|path| path.state == PathState::Up);
        let known = self.incarnation.and(up.find_map(|path| path.link));
        let Some(link) = known.and_then(|link| links.get(link)) else {
            return Meeting::New;
        };
        let proof = self.paths.iter().filter_map(|path| path.last_proof).max();
        match self.rival.filter(|rival| rival.incarnation == incarnation) {
            Some(rival) if proof.is_some_and(|proof| proof > rival.asked) => {
                self.ask_after(now, incarnation, patience(link));
                Meeting::Twice
            }
            Some(rival) if now >= rival.answered_by => Meeting::New,
            Some(_) => Meeting::NotYet,
            None => {
                self.ask_after(now, incarnation, patience(link));
                Meeting::NotYet
            }
        }
    }

    /// Asks whether the incarnation that is met is still there.
    ///
    /// What was under way before is answered within `patience`; what is asked then, by its double.
    fn ask_after(&mut self, now: Instant, incarnation: u64, patience: Duration) {
        let asked = now + patience;
        self.rival = Some(Rival {
            incarnation,
            asked,
            answered_by: asked + patience,
        });
        self.report_by(asked);
    }

    /// Chooses the paths for media and letters. Returns whether the best one changed.
    pub(crate) fn choose_paths(&mut self, links: &mut Slab<Link>) -> bool {
        let before = self.best;
        let mut ranked: Vec<(u8, f64, usize)> = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            let (Some(link), Some(rank)) = (path.link, rank(path.state)) else {
                continue;
            };
            let mut cost = path.cost(links);
            if before == Some(link) {
                cost = cost * SWITCH_SHARE - SWITCH_COST;
            }
            ranked.push((rank, cost, link));
        }
        ranked.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.best = ranked.first().map(|(_, _, link)| *link);
        self.second = ranked.get(1).map(|(_, _, link)| *link);
        self.look_out(links);
        if before == self.best {
            return false;
        }
        if let Some(link) = before.filter(|_| self.best.is_some()) {
            self.counters.failovers += 1;
            self.outbox.give_back(link);
            if let Some(link) = links.get_mut(link) {
                link.abandon_streams();
            }
        }
        true
    }

    /// Looks at what the best path is like, for the media that is prepared next.
    pub(crate) fn look_out(&mut self, links: &mut Slab<Link>) {
        let loss_of = |link: usize| {
            links
                .get(link)
                .map_or(0.0, |link| link.control.rate().loss())
        };
        let (Some(best), second) = (self.best, self.second) else {
            self.outlook = None;
            return;
        };
        let loss = loss_of(best);
        let loss_of_all = loss * second.map_or(1.0, loss_of);
        let Some(link) = links.get_mut(best) else {
            return;
        };
        let rate_bps = link.control.rate().settled_bps();
        self.outlook = link.datagram_bytes().map(|datagram_bytes| Outlook {
            datagram_bytes,
            loss,
            audio_depth: audio_depth(loss_of_all, self.audio.bps(), rate_bps),
        });
    }

    /// Room for video on the best path, bit/s, when it changed enough to tell.
    pub(crate) fn rate_to_tell(&mut self, links: &Slab<Link>) -> Option<u64> {
        let settled = self
            .best
            .and_then(|link| links.get(link))
            .map_or(0, |link| link.control.rate().settled_bps());
        let room = (settled * 95 / 100).saturating_sub(self.audio.bps());
        self.media_bps = room * 100 / self.media_out.overhead_percent();
        let told = self.rate_told;
        let is_same = self.media_bps.abs_diff(told) * 20 <= told;
        if is_same && (told > 0 || self.media_bps == 0) {
            return None;
        }
        self.rate_told = self.media_bps;
        Some(self.media_bps)
    }

    /// The report that is due on a path, if one is.
    pub(crate) fn report(
        &mut self,
        now: Instant,
        path: usize,
        loss: f64,
        bps: u64,
    ) -> Option<Datagram> {
        let is_busy = self.is_busy(now);
        let asked = self.rival.map(|rival| rival.asked).filter(|at| *at > now);
        let entry = self.paths.get_mut(path)?;
        if entry.report_at > now {
            return None;
        }
        let next = now + report_pause(entry.state, is_busy).max(report_room(bps));
        entry.report_at = asked.map_or(next, |asked| next.min(asked));
        entry.report_sequence += 1;
        Some(Datagram::Report(Report {
            sequence: entry.report_sequence,
            loss_out: ten_thousandths(loss),
            rate_kbps: bps / 1_000,
            floors: self.outbox.floors(),
            receipts: self.inbox.receipts(),
        }))
    }

    /// Makes the reports due by `at`: something in them should be known by then.
    pub(crate) fn report_by(&mut self, at: Instant) {
        for path in &mut self.paths {
            path.report_at = path.report_at.min(at);
        }
    }

    /// Plans receipts for a letter that came.
    pub(crate) fn receipts_soon(&mut self, now: Instant, lane: Lane) {
        let at = if lane == Lane::Alert {
            now
        } else {
            now + RECEIPT_PAUSE
        };
        self.receipts_at = Some(self.receipts_at.map_or(at, |planned| planned.min(at)));
    }

    /// Takes note that media passes, and brings the next reports forward if none did before.
    pub(crate) fn media_passes(&mut self, now: Instant) {
        if !self.is_busy(now) {
            self.report_by(now + REPORT_BUSY);
        }
        self.busy_until = Some(now + BUSY_FOR);
    }

    /// Whether media passed lately.
    pub(crate) fn is_calling(&self, now: Instant) -> bool {
        self.busy_until.is_some_and(|until| until > now)
    }

    fn is_busy(&self, now: Instant) -> bool {
        self.is_calling(now) || !self.outbox.is_empty()
    }

    /// When anything of the line's own is due.
    pub(crate) fn next_timeout(&self, links: &Slab<Link>) -> Option<Instant> {
        let letters = self.outbox.next_copy().filter(|_| self.best.is_some());
        let paths = self.paths.iter().flat_map(|path| {
            let link = path.link.and_then(|link| links.get(link));
            [
                path.dial_at,
                link.map(|_| path.report_at),
                link.and_then(|link| silence_at(link, path.state)),
                path.attempt
                    .and_then(|link| links.get(link))
                    .map(Link::dial_ends),
            ]
        });
        paths.flatten().chain(letters).chain(self.receipts_at).min()
    }
}

/// Order in which path states are used; `None` is not used at all.
const fn rank(state: PathState) -> Option<u8> {
    match state {
        PathState::Up => Some(0),
        PathState::Suspect => Some(1),
        PathState::Cold | PathState::Down => None,
    }
}

const fn report_pause(state: PathState, is_busy: bool) -> Duration {
    match state {
        PathState::Suspect | PathState::Down => REPORT_SEARCHING,
        PathState::Up | PathState::Cold if is_busy => REPORT_BUSY,
        PathState::Up | PathState::Cold => REPORT_IDLE,
    }
}

/// Pause between reports that leaves the path to other things.
fn report_room(bps: u64) -> Duration {
    Duration::from_micros(REPORT_BITS * REPORT_SHARE * 1_000_000 / bps.max(1))
}

/// What silence on a link means by now.
pub(crate) fn silence(now: Instant, link: &Link) -> Option<PathEvent> {
    let (since, packets) = link.unanswered?;
    let silent = now.saturating_duration_since(since);
    if silent >= long_silence(link) {
        return Some(PathEvent::LongSilence);
    }
    let is_overdue = packets >= SILENT_PACKETS && silent >= patience(link);
    (is_overdue || silent >= SILENCE_MAX.max(patience(link))).then_some(PathEvent::Silence)
}

/// When silence on a link will mean something more than it does.
fn silence_at(link: &Link, state: PathState) -> Option<Instant> {
    let (since, packets) = link.unanswered?;
    match state {
        PathState::Up if packets >= SILENT_PACKETS => Some(since + patience(link)),
        PathState::Up => Some(since + SILENCE_MAX.max(patience(link))),
        PathState::Suspect => Some(since + long_silence(link)),
        PathState::Cold | PathState::Down => None,
    }
}

/// How long an answer may take before its absence means something. Over a narrow path the next one
/// may wait for a full window of each side.
pub(crate) fn patience(link: &Link) -> Duration {
    let rate = link.control.rate();
    let srtt = rate.srtt().unwrap_or(SILENCE_MAX / 4);
    srtt + srtt / 2 + SILENCE_ALLOWANCE + rate.window_time() * 2
}

/// How long a silence must be for the path to be down: where answers take seconds, longer.
fn long_silence(link: &Link) -> Duration {
    LONG_SILENCE.max(patience(link) * 2)
}

/// How many earlier audio units travel with each: enough that losing all copies is rare, but not
/// so many that the voice fills the path.
fn audio_depth(loss: f64, audio_bps: u64, rate_bps: u64) -> usize {
    let wanted = match loss {
        loss if loss < 0.002 => 0,
        loss if loss < 0.05 => 1,
        loss if loss < 0.16 => 2,
        _ => 3,
    };
    if audio_bps * 10 > rate_bps * 8 {
        wanted.min(1)
    } else {
        wanted
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1"
)]
fn ten_thousandths(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * 10_000.0).round() as u16
}

/// Bytes per second over the last second or two.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    window: Option<Instant>,
    bytes: u64,
    before: u64,
}

impl Meter {
    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        let started = *self.window.get_or_insert(now);
        let elapsed = now.saturating_duration_since(started);
        if elapsed >= Duration::from_secs(1) {
            let is_next = elapsed < Duration::from_secs(2);
            self.before = if is_next { self.bytes } else { 0 };
            self.bytes = 0;
            self.window = Some(now);
        }
        self.bytes += bytes as u64;
    }

    pub(crate) fn bps(&self) -> u64 {
        self.before * 8
    }
}
