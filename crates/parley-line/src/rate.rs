//! `LineCc`: how fast a path may be used. Delay decides, loss only when it is clearly ours.
//!
//! A loss-based controller gives 0.15 Mbit/s at 10 % random loss and 250 ms (the Mathis bound), and
//! the paths between institutions lose that much every evening. So the rate follows the queue:
//! below [`QUEUE_GROW`] it grows, above it gives way to what the path carries, above
//! [`QUEUE_SHRINK`] the queue is drained. Loss counts as congestion only above [`LOSS_TOLERATED`]
//! or [`LOSS_MARGIN`] over what the path loses anyway; whether it does is found by experiment: use
//! less for a while, and if the loss stays, it was not ours.
//!
//! Control works in *rounds*: a rate is set, and only packets sent since then say what it did.
//! The controller sets a pacing rate; there is no window, because what is written is decided above
//! QUIC, packet by packet.

use crate::narrow::NarrowWindow;
use std::time::{Duration, Instant};

/// Queue below which the rate grows. More fills the path better when its delay jitters; less keeps
/// speech nearer.
const QUEUE_GROW: Duration = Duration::from_millis(25);

/// Queue above which it is drained. More lets a call lag behind; less mistakes jitter for a queue.
const QUEUE_SHRINK: Duration = Duration::from_millis(60);

/// How long a measured queue means anything: without packets nothing measures that it is gone.
const QUEUE_MEMORY: Duration = Duration::from_millis(500);

/// Rise of the queue in one round that already slows the growth: what is coming is not yet seen.
const QUEUE_RISE: Duration = Duration::from_millis(6);

/// Bytes of a full packet: on a narrow path one packet alone is a queue, and no sign of anything.
const PACKET_BYTES: f64 = 1_250.0;

/// Weight of one packet in the mean size of packets.
const PACKET_WEIGHT: f64 = 1.0 / 64.0;

/// Share of what the path carries that is used after draining, and while the queue is above
/// [`QUEUE_GROW`]. Smaller gives up more of the path at each mistake; larger drains slower.
const AFTER_DRAIN: f64 = 0.93;
const GIVE_WAY: f64 = 0.96;

/// What the path carries is not believed to have fallen further than this in one round: a round of
/// few packets, and one of this many. Less stays above a path that became narrow for longer; more
/// lets one odd round cost most of the rate.
const CARRIED_FALL_MAX: f64 = 0.6;
const CARRIED_FALL_MANY: f64 = 0.25;
const CARRIED_PACKETS_MANY: u32 = 32;

/// Share of the rate used while a queue is drained: it takes twice the time of the queue.
const DRAIN: f64 = 0.5;

/// Longest draining. A queue that is somebody else's does not go away for us.
const DRAIN_MAX: Duration = Duration::from_millis(600);

/// Queue that proves a path narrower than its floor, when less than the floor came through it. Loss
/// never does: the floor is there so that loss does not starve the voice. Less lets a machine that
/// stood still take the floor away; more fills the queue of a narrow path for longer.
const QUEUE_NARROW: Duration = Duration::from_secs(1);

/// Round trip of the handshake from which on a path counts as narrow until it shows more, and the
/// bytes it is then given per round trip at first (RFC 5681 §3.1). On 9.6 kbit/s its packets take a
/// second each.
const TRIP_NARROW: Duration = Duration::from_millis(1_500);
const WINDOW_START: f64 = 5_000.0;

/// What even a narrow path is given, bit/s. Less takes a minute per packet; more floods a modem.
const NARROW_BPS_MIN: f64 = 4_000.0;

/// Loss always taken as the path's own. More lets a shallow queue overflow unnoticed; less starves
/// lossy paths.
const LOSS_TOLERATED: f64 = 0.10;

/// Loss above the path's own that is taken as ours.
const LOSS_MARGIN: f64 = 0.05;

/// Loss tolerated while the path has not answered: doubling into a path without a queue loses half.
const LOSS_TOLERATED_START: f64 = 0.35;

/// Share of the rate used in the experiment on whose loss it is, how many bytes it takes, and by
/// how much the loss must then fall to be ours. If it is, it falls by up to the share given up.
const EXPERIMENT: f64 = 0.85;
const EXPERIMENT_BYTES: u64 = 120_000;
const EXPERIMENT_FALL: f64 = 0.06;

/// Queue that one step of growth may make before it is seen, in seconds: the step is that over the
/// time from one decision to the next. The first is used near the rate that last met congestion or
/// while the queue rises, the second after a quiet round, the third after three. More returns
/// sooner after a dip and overshoots further.
const GROWTH_NEAR: f64 = 0.008;
const GROWTH_MIN: f64 = 0.02;
const GROWTH_MAX: f64 = 0.06;

/// Largest step of growth, however short the path.
const GROWTH_STEP_MAX: f64 = 0.15;

/// Growth per round at the start: the path answers after a few round trips.
const GROWTH_START: f64 = 1.0;

/// Share of the rate that must pass, while the queue rises, for the rate to be within the path's.
const CARRIED_SHORT: f64 = 0.97;

/// Share of what was sent that must pass for a queue not to be ours although little was sent, and
/// rounds for which a queue that is perhaps not ours must stand. More tolerates a path that became
/// narrow under a quiet call; less takes the jitter of few packets, or machines that stood still at
/// both ends in turn, for it.
const STRETCHED: f64 = 0.9;
const STANDING_ROUNDS: u32 = 3;

/// How long a queue explains loss: it overflowed.
const CONGESTION_LOSS: Duration = Duration::from_secs(3);

/// How long the rate that met congestion is remembered. More probes a path that widened late.
const CEILING_MEMORY: Duration = Duration::from_secs(10);

/// Half the time after which a smallest round trip is forgotten: a route may become longer. Less
/// takes a standing queue for the route; more keeps the rate down after a route change.
const TRIP_MEMORY: Duration = Duration::from_secs(15);

/// The same on a narrow path, whose smallest window is a queue already.
const TRIP_MEMORY_NARROW: Duration = Duration::from_mins(5);

/// Least time and packets that make a round: fewer make its loss and its rate a matter of luck.
const ROUND_MIN: Duration = Duration::from_millis(80);
const ROUND_PACKETS_MIN: u32 = 16;
const ROUND_PACKETS_NARROW: u32 = 4;

/// Longest round: on a silent path the few packets say what they can.
const ROUND_MAX: Duration = Duration::from_secs(1);

/// Round trips looked at per round; later ones replace nothing, the first are enough.
const SAMPLES_MAX: usize = 128;

/// Share of the allowed rate that must have been used before growing: an unused rate proves nothing.
const USED_MIN: f64 = 0.75;

/// Weight of one packet in the loss that is shown and that decides protection: about the last 150,
/// and more at the beginning.
const LOSS_WEIGHT_MIN: f64 = 1.0 / 150.0;
const LOSS_WEIGHT_MAX: f64 = 1.0 / 15.0;

/// Rate up to which the path is tried with packets full of nothing: a call with all its layers in
/// both directions. More spends the path of others; less lets a call begin with a small picture.
const PADDED_BPS_MAX: f64 = 6_000_000.0;

/// Pauses between looks at whether a path carries more than it is asked to, and what a look must
/// have found to be worth repeating soon. Less costs rate and short queues; more keeps the picture
/// small for longer after a dip.
const LOOK_PAUSE_MIN: Duration = Duration::from_secs(4);
const LOOK_PAUSE_MAX: Duration = Duration::from_secs(8);
const LOOK_WORTH: f64 = 1.05;

/// Least time of a look: a few rounds.
const LOOK_MIN: Duration = Duration::from_millis(300);

/// Rate to begin with on a path that is not known, bit/s: one call without video in both directions.
pub(crate) const START_BPS: u64 = 300_000;

/// What a path was like, kept while it is down so that it restarts where it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Profile {
    pub(crate) rate_bps: u64,
    pub(crate) rtt: Option<Duration>,
    pub(crate) loss: f64,
    /// Whether the path has shown to be narrower than its floor.
    pub(crate) is_narrow: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            rate_bps: START_BPS,
            rtt: None,
            loss: 0.0,
            is_narrow: false,
        }
    }
}

/// Why the rate is what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// Growing or giving way.
    Steady,
    /// Emptying the queue until then, then going on at `resume` bit/s.
    Drain { resume: f64, until: Instant },
    /// The rate was `before` when the loss was `loss`; is the loss lower at the smaller rate?
    Experiment {
        before: f64,
        loss: f64,
        since: Instant,
        acked: u64,
        lost: u64,
    },
}

/// Packets sent since the rate was set, as far as their fate is known.
#[derive(Debug)]
struct Round {
    started: Instant,
    /// Padding filled what the application did not use, at least at first.
    is_look: bool,
    sent_last: Instant,
    sent: u64,
    acked: u64,
    lost: u64,
    packets: u32,
    first_ack: Option<Instant>,
    /// When the newest packet of the first acknowledgement was sent.
    first_sent: Instant,
    samples: Vec<u32>,
    /// Bytes acknowledged since the round began, whenever they were sent.
    delivered: u64,
}

impl Round {
    fn new(now: Instant, is_look: bool, samples: Vec<u32>) -> Self {
        Self {
            started: now,
            is_look,
            sent_last: now,
            sent: 0,
            acked: 0,
            lost: 0,
            packets: 0,
            first_ack: None,
            first_sent: now,
            samples,
            delivered: 0,
        }
    }
}

/// The controller of one path.
#[derive(Debug)]
pub(crate) struct RateControl {
    floor: f64,
    ceiling: f64,
    rate: f64,
    /// The path has shown to be narrower than the floor, which does not hold meanwhile.
    narrow: Option<NarrowWindow>,
    /// Bytes sent and not acknowledged.
    in_flight: u64,
    mode: Mode,
    /// The path has not answered yet.
    is_starting: bool,
    round: Round,
    srtt: Option<Duration>,
    trip_min: [Duration; 2],
    trip_min_since: Instant,
    queue: Duration,
    /// How far the round trips of a round lay apart, from their low quartile to their middle: the
    /// least of this while and of the one before.
    spread_min: [Duration; 2],
    loss: f64,
    loss_weight: f64,
    /// Mean size of the packets acknowledged lately.
    packet_bytes: f64,
    loss_own: f64,
    congested: Option<(f64, Instant)>,
    streak: u32,
    /// Rounds in a row with a queue that is too long, and the least that passed in one of them.
    standing: u32,
    standing_passed: f64,
    looked_at: Instant,
    looked_bps: f64,
    look_pause: Duration,
    look_until: Option<Instant>,
    acked_at: Option<Instant>,
    acks: u64,
}

impl RateControl {
    pub(crate) fn new(now: Instant, floor_bps: u64, ceiling_bps: u64, profile: &Profile) -> Self {
        let mut control = Self {
            floor: 0.0,
            ceiling: 0.0,
            rate: 0.0,
            narrow: None,
            in_flight: 0,
            mode: Mode::Steady,
            is_starting: true,
            round: Round::new(now, false, Vec::with_capacity(SAMPLES_MAX)),
            srtt: None,
            trip_min: [Duration::MAX; 2],
            trip_min_since: now,
            queue: Duration::ZERO,
            spread_min: [Duration::MAX; 2],
            loss: 0.0,
            loss_weight: LOSS_WEIGHT_MAX,
            packet_bytes: PACKET_BYTES,
            loss_own: 0.0,
            congested: None,
            streak: 0,
            standing: 0,
            standing_passed: f64::MAX,
            looked_at: now,
            looked_bps: 0.0,
            look_pause: LOOK_PAUSE_MIN,
            look_until: None,
            acked_at: None,
            acks: 0,
        };
        control.configure(floor_bps, ceiling_bps, profile);
        control
    }

    /// Sets the operator's bounds and what the path was like before.
    pub(crate) fn configure(&mut self, floor_bps: u64, ceiling_bps: u64, profile: &Profile) {
        self.floor = to_f64(floor_bps.max(1));
        self.ceiling = to_f64(ceiling_bps).max(self.floor);
        let start = self.start_bps(profile);
        let is_narrow = profile.is_narrow || start < to_f64(profile.rate_bps);
        self.narrow = is_narrow.then(|| NarrowWindow::new(start, Duration::ZERO));
        self.rate = self.clamp(start);
        self.loss = profile.loss;
        self.loss_own = profile.loss;
        self.is_starting = true;
    }

    /// The rate to begin with: what the path carried before, unless its handshake says less.
    fn start_bps(&self, profile: &Profile) -> f64 {
        let before = to_f64(profile.rate_bps);
        match self.srtt.filter(|trip| *trip >= TRIP_NARROW) {
            Some(trip) => before.min(WINDOW_START * 8.0 / trip.as_secs_f64()),
            None => before,
        }
    }

    /// Whether the path has shown to be narrower than its floor.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.narrow.is_some()
    }

    /// Whether nothing more may be sent before something is acknowledged.
    pub(crate) fn is_full(&mut self) -> bool {
        let in_flight = to_f64(self.in_flight);
        self.narrow
            .as_mut()
            .is_some_and(|window| window.is_full(in_flight))
    }

    /// How long a narrow path takes for a full window; nothing on others, which have none.
    pub(crate) fn window_time(&self) -> Duration {
        self.narrow
            .as_ref()
            .map_or(Duration::ZERO, |window| window.time(self.rate))
    }

    /// What to remember of the path.
    pub(crate) fn profile(&self) -> Profile {
        let rate = match self.mode {
            Mode::Drain { resume, .. } => resume,
            Mode::Experiment { before, .. } => before,
            Mode::Steady => self.rate,
        };
        Profile {
            rate_bps: to_u64(rate),
            rtt: self.srtt,
            loss: self.loss,
            is_narrow: self.is_narrow(),
        }
    }

    /// The pacing rate, bit/s. On a narrow path the window says what may go, and when; above the floor
    /// the path is not narrow, and the window must be able to show it.
    pub(crate) fn rate_bps(&self) -> u64 {
        if self.is_narrow() {
            to_u64(self.floor * 2.0)
        } else {
            to_u64(self.rate)
        }
    }

    /// The rate the path is believed to carry, whatever is being tried at the moment, bit/s.
    pub(crate) fn settled_bps(&self) -> u64 {
        self.profile().rate_bps
    }

    /// Whether it is worth filling packets with nothing to learn what the path carries: it has not
    /// answered yet and `bps` would still be too little for a call with video.
    pub(crate) fn wants_padding(&self) -> bool {
        self.is_starting
            && !self.is_narrow()
            && self.mode == Mode::Steady
            && self.rate < self.ceiling.min(PADDED_BPS_MAX)
    }

    /// Looks again for what the path carries: media flows, but not enough to tell.
    pub(crate) fn look_again(&mut self, now: Instant) {
        let is_due = now >= self.looked_at + self.look_pause;
        if self.rate >= self.ceiling.min(PADDED_BPS_MAX) || self.mode != Mode::Steady || !is_due {
            return;
        }
        // Each look that found nothing makes the next rarer.
        let has_grown = self.rate > self.looked_bps * LOOK_WORTH;
        let pause = if has_grown {
            LOOK_PAUSE_MIN
        } else {
            self.look_pause * 2
        };
        self.look_pause = pause.min(LOOK_PAUSE_MAX);
        self.looked_at = now;
        self.looked_bps = self.rate;
        self.look_on(now);
        self.begin_round(now);
    }

    /// Gives the look time for a few more rounds.
    fn look_on(&mut self, now: Instant) {
        self.look_until = Some(now + (self.srtt.unwrap_or(ROUND_MIN) * 3).max(LOOK_MIN));
    }

    /// Whether a look is in progress that padding should make.
    pub(crate) fn is_looking(&mut self, now: Instant) -> bool {
        if self
            .look_until
            .is_some_and(|until| now >= until || self.mode != Mode::Steady)
        {
            self.look_until = None;
        }
        self.look_until.is_some() || self.wants_padding()
    }

    /// Share of our packets lost lately.
    pub(crate) fn loss(&self) -> f64 {
        self.loss
    }

    /// Smoothed round-trip time.
    pub(crate) fn srtt(&self) -> Option<Duration> {
        self.srtt
    }

    /// Delay of the queue in the last round.
    pub(crate) fn queue(&self) -> Duration {
        self.queue
    }

    /// Delay of the queue, if it was measured lately enough to still mean something.
    pub(crate) fn queue_lately(&self, now: Instant) -> Duration {
        if now < self.round.started + QUEUE_MEMORY {
            self.queue
        } else {
            Duration::ZERO
        }
    }

    /// When the other party last acknowledged anything, and how many acknowledgements there were.
    pub(crate) fn proof(&self) -> (Option<Instant>, u64) {
        (self.acked_at, self.acks)
    }

    /// Forgets packets in flight: the path was silent and they say nothing about its rate.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.begin_round(now);
    }

    /// Packets were sent.
    pub(crate) fn on_sent(&mut self, bytes: u64) {
        self.round.sent += bytes;
        self.in_flight += bytes;
    }

    /// A packet sent at `sent` was acknowledged.
    pub(crate) fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64) {
        let rtt = now.saturating_duration_since(sent);
        self.acked_at = Some(now);
        self.acks += 1;
        self.srtt = Some(self.srtt.map_or(rtt, |srtt| (srtt * 7 + rtt) / 8));
        self.packet_bytes += (to_f64(bytes) - self.packet_bytes) * PACKET_WEIGHT;
        self.loss *= 1.0 - self.loss_weight;
        self.loss_weight += (LOSS_WEIGHT_MIN - self.loss_weight) * self.loss_weight;
        if let Mode::Experiment { since, acked, .. } = &mut self.mode
            && sent >= *since
        {
            *acked += bytes;
        }
        self.round.delivered += bytes;
        if sent < self.round.started {
            return;
        }
        let round = &mut self.round;
        round.acked += bytes;
        round.packets += 1;
        round.sent_last = round.sent_last.max(sent);
        if round.first_ack.is_none() {
            round.first_ack = Some(now);
        }
        if round.first_ack == Some(now) {
            round.first_sent = round.first_sent.max(sent);
        }
        if round.samples.len() < SAMPLES_MAX {
            round
                .samples
                .push(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// Packets were lost, the newest of them sent at `sent`.
    pub(crate) fn on_lost(&mut self, sent: Instant, bytes: u64) {
        // QUIC tells the bytes of a batch and not how many packets they were in.
        let packets = (to_f64(bytes) / self.packet_bytes).max(1.0);
        self.loss += (1.0 - self.loss) * (1.0 - (1.0 - self.loss_weight).powf(packets));
        if let Mode::Experiment { since, lost, .. } = &mut self.mode
            && sent >= *since
        {
            *lost += bytes;
        }
        if sent >= self.round.started {
            self.round.lost += bytes;
            self.round.packets += 1;
            self.round.sent_last = self.round.sent_last.max(sent);
        }
    }

    /// A router marked packets instead of dropping them (RFC 3168): as good as a queue.
    pub(crate) fn on_mark(&mut self, now: Instant, sent: Instant) {
        if sent >= self.round.started && self.mode == Mode::Steady {
            self.drain(now, self.rate);
            self.begin_round(now);
        }
    }

    /// A batch of acknowledgements is complete, and `in_flight` bytes are not acknowledged.
    pub(crate) fn on_end_acks(&mut self, now: Instant, in_flight: u64) {
        self.in_flight = in_flight;
        if let Mode::Drain { resume, until } = self.mode {
            if now < until {
                return;
            }
            self.mode = Mode::Steady;
            self.rate = resume;
            return self.begin_round(now);
        }
        let span = self
            .round
            .sent_last
            .saturating_duration_since(self.round.started);
        let srtt = self.srtt.unwrap_or(ROUND_MIN);
        let packets_min = if self.is_narrow() {
            ROUND_PACKETS_NARROW
        } else {
            ROUND_PACKETS_MIN
        };
        let enough = span >= (srtt / 2).max(ROUND_MIN) && self.round.packets >= packets_min;
        if enough || span >= ROUND_MAX.max(srtt) {
            self.end_round(now);
        }
    }

    fn end_round(&mut self, now: Instant) {
        let total = self.round.acked + self.round.lost;
        if total == 0 {
            return self.begin_round(now);
        }
        let lasted = now
            .saturating_duration_since(self.round.started)
            .as_secs_f64();
        let used = to_f64(self.round.sent) * 8.0 / lasted / self.rate;
        // A look may end before the round that waits for its answers.
        let used = if self.round.is_look {
            used.max(1.0)
        } else {
            used
        };
        let fall_max = if self.round.packets < CARRIED_PACKETS_MANY {
            CARRIED_FALL_MAX
        } else {
            CARRIED_FALL_MANY
        };
        let carried = self.rate * self.passed(now).clamp(fall_max, 1.0);
        let queue = self.round_queue(now);
        let rise = queue.as_secs_f64() - self.queue.as_secs_f64();
        self.queue = queue;
        if self.is_narrow() {
            self.steer_narrow();
        } else if self.has_shown_narrow(lasted) {
            self.become_narrow(lasted);
        } else {
            match self.mode {
                Mode::Drain { .. } => {}
                Mode::Experiment { .. } => self.judge(now),
                Mode::Steady => self.steer(now, used, carried, rise, lasted),
            }
        }
        self.loss_own = self.loss_own.min(self.loss_own * 0.98 + self.loss * 0.02);
        self.begin_round(now);
    }

    /// Whether less than the floor came through a queue that has stood: all that it carried was ours.
    fn has_shown_narrow(&self, lasted: f64) -> bool {
        let has_stood = self.standing > 0;
        self.queue >= QUEUE_NARROW && has_stood && self.delivered_bps(lasted) < self.floor
    }

    fn become_narrow(&mut self, lasted: f64) {
        let delivered = self.delivered_bps(lasted);
        self.narrow = Some(NarrowWindow::new(delivered, self.trip_empty()));
        self.mode = Mode::Steady;
        self.is_starting = false;
        self.look_until = None;
        self.standing = 0;
        self.standing_passed = f64::MAX;
        self.rate = self.clamp(delivered);
    }

    /// One decision on a narrow path; it is so no longer when its window carries the floor.
    fn steer_narrow(&mut self) {
        let (queue, trip) = (self.queue, self.trip_empty());
        let srtt = self.srtt.unwrap_or(trip);
        let Some(window) = self.narrow.as_mut() else {
            return;
        };
        if window.end_round(queue, trip) {
            let carried = window.bps(srtt);
            if carried >= self.floor {
                self.narrow = None;
            }
            self.rate = self.clamp(carried);
        }
    }

    /// What came through in a round, bit/s.
    fn delivered_bps(&self, lasted: f64) -> f64 {
        to_f64(self.round.delivered) * 8.0 / lasted
    }

    /// Round trip of the empty path, as far as it is known.
    fn trip_empty(&self) -> Duration {
        self.trip_min[0].min(self.trip_min[1])
    }

    /// One decision. `used` is the share of the rate that was used, `carried` what passed, bit/s,
    /// `rise` and `lasted` the change of the queue and the length of the round, seconds.
    fn steer(&mut self, now: Instant, used: f64, carried: f64, rise: f64, lasted: f64) {
        let packet = Duration::from_secs_f64(PACKET_BYTES * 8.0 / self.rate);
        let slack = packet + self.jitter();
        let is_rising = rise > (QUEUE_RISE + slack).as_secs_f64();
        let tolerated = if self.is_starting {
            LOSS_TOLERATED_START
        } else {
            LOSS_TOLERATED
        };
        let loss_limit = tolerated.max(self.loss_own + LOSS_MARGIN);
        if self.queue > QUEUE_SHRINK + packet + slack {
            self.meet_queue(now, used, carried);
            return;
        }
        self.standing = 0;
        self.standing_passed = f64::MAX;
        if self.loss > loss_limit && used >= USED_MIN && !self.was_congested(now) {
            self.mode = Mode::Experiment {
                before: self.rate,
                loss: self.loss,
                since: now,
                acked: 0,
                lost: 0,
            };
            self.rate = self.clamp(self.rate * EXPERIMENT);
            self.streak = 0;
        } else if self.queue > QUEUE_GROW + slack {
            self.give_way(now, used, carried, rise);
        } else if used >= USED_MIN && carried < self.rate * CARRIED_SHORT && is_rising {
            // The queue is short but grows, and less passes than is sent: this is the edge.
            self.is_starting = false;
            self.streak = 0;
            self.look_until = None;
            self.congested = Some((carried, now));
            self.rate = self.clamp(carried);
        } else if used >= USED_MIN {
            self.grow(now, is_rising, lasted);
        }
    }

    /// The queue is too long: is it ours, and what is the path's rate then?
    fn meet_queue(&mut self, now: Instant, used: f64, carried: f64) {
        self.look_until = None;
        self.standing += 1;
        if carried < self.rate * STRETCHED {
            self.standing_passed = self.standing_passed.min(carried * used);
        }
        if used >= USED_MIN {
            self.drain(now, carried);
        } else if self.standing >= STANDING_ROUNDS && self.standing_passed < self.rate {
            // Little was sent, and even that did not pass. If it did, the queue is somebody else's
            // or a machine that stood still, and a lower rate would not change what is sent.
            self.drain(now, self.standing_passed);
        }
    }

    /// Whether a queue was met so lately that it explains the loss.
    fn was_congested(&self, now: Instant) -> bool {
        self.congested
            .is_some_and(|(_, at)| now < at + CONGESTION_LOSS)
    }

    /// The queue is long enough: lets it shrink by itself.
    fn give_way(&mut self, now: Instant, used: f64, carried: f64, rise: f64) {
        self.streak = 0;
        self.look_until = None;
        if used < USED_MIN || rise < -QUEUE_RISE.as_secs_f64() {
            return;
        }
        let from = carried.min(self.rate);
        self.is_starting = false;
        self.congested = Some((from, now));
        self.rate = self.clamp(from * GIVE_WAY);
    }

    fn drain(&mut self, now: Instant, carried: f64) {
        let resume = self.clamp(carried.min(self.rate) * AFTER_DRAIN);
        let until = now + (self.queue * 2).min(DRAIN_MAX);
        self.congested = Some((carried.min(self.rate), now));
        self.mode = Mode::Drain { resume, until };
        self.rate = self.clamp(resume * DRAIN);
        self.is_starting = false;
        self.streak = 0;
    }

    /// Goes on with the experiment: was the loss ours?
    fn judge(&mut self, now: Instant) {
        let Mode::Experiment {
            before,
            loss: was,
            acked,
            lost,
            ..
        } = self.mode
        else {
            return;
        };
        if acked + lost < EXPERIMENT_BYTES {
            return;
        }
        let loss = to_f64(lost) / to_f64(acked + lost);
        self.mode = Mode::Steady;
        if was - loss < EXPERIMENT_FALL {
            self.loss_own = self.loss_own.max(loss).max(was);
            self.rate = before;
        } else {
            self.loss = self.loss.min(loss);
            self.is_starting = false;
            self.congested = Some((before * EXPERIMENT, now));
        }
    }

    fn grow(&mut self, now: Instant, is_rising: bool, lasted: f64) {
        if let Some((_, at)) = self.congested
            && now > at + CEILING_MEMORY
        {
            self.congested = None;
        }
        let is_near = self
            .congested
            .is_some_and(|(rate, _)| self.rate > rate * 0.9);
        let queue_allowed = match self.streak {
            _ if is_rising || is_near => GROWTH_NEAR,
            0..3 => GROWTH_MIN,
            _ => GROWTH_MAX,
        };
        self.streak = if is_rising || is_near {
            0
        } else {
            self.streak + 1
        };
        let growth = if self.is_starting && !is_rising {
            GROWTH_START
        } else {
            (queue_allowed / lasted).min(GROWTH_STEP_MAX)
        };
        self.rate = self.clamp(self.rate * (1.0 + growth));
        if self.look_until.is_some() && self.rate < self.ceiling.min(PADDED_BPS_MAX) {
            // As long as there is more to find, a look goes on.
            self.look_on(now);
        }
    }

    /// Share of what was sent that the path carried in the same time: packets that are stretched on
    /// their way, from first to last, met a bottleneck. It says nothing of how much was sent, so an
    /// idle path is not taken for a narrow one; nor of loss, which has crossed the bottleneck too.
    fn passed(&self, now: Instant) -> f64 {
        let arrived = self
            .round
            .first_ack
            .map_or(Duration::ZERO, |first| now.saturating_duration_since(first));
        if arrived < ROUND_MIN {
            return 1.0;
        }
        let sent = self
            .round
            .sent_last
            .saturating_duration_since(self.round.first_sent);
        sent.as_secs_f64() / arrived.saturating_sub(self.jitter()).as_secs_f64()
    }

    /// Queue of the round: a low quartile, because jitter only ever adds; and no more than the
    /// middle of the last packets, because a machine that stood still delays those before.
    fn round_queue(&mut self, now: Instant) -> Duration {
        let samples = &mut self.round.samples;
        if samples.is_empty() {
            return self.queue;
        }
        let mut last = samples[samples.len() * 3 / 4..].to_vec();
        last.sort_unstable();
        samples.sort_unstable();
        let [trip, middle, last] = [
            samples[samples.len() / 4],
            samples[samples.len() / 2],
            last[last.len() / 2],
        ]
        .map(|micros| Duration::from_micros(u64::from(micros)));
        self.observe_trip(now, trip, middle.saturating_sub(trip));
        // A letter is a few full packets among many small ones: their queue is what it waits for.
        let seen = if self.is_narrow() {
            middle
        } else {
            trip.min(last)
        };
        seen.saturating_sub(self.trip_empty())
    }

    fn begin_round(&mut self, now: Instant) {
        let mut samples = std::mem::take(&mut self.round.samples);
        samples.clear();
        self.round = Round::new(now, self.look_until.is_some(), samples);
    }

    /// Notes the round trip of a round and the spread of its packets, to know an empty path.
    fn observe_trip(&mut self, now: Instant, trip: Duration, spread: Duration) {
        let memory = if self.is_narrow() {
            TRIP_MEMORY_NARROW
        } else {
            TRIP_MEMORY
        };
        if now >= self.trip_min_since + memory {
            self.trip_min = [trip, self.trip_min[0]];
            self.spread_min = [spread, self.spread_min[0]];
            self.trip_min_since = now;
        }
        self.trip_min[0] = self.trip_min[0].min(trip);
        self.spread_min[0] = self.spread_min[0].min(spread);
    }

    /// The path's own jitter: a queue that grows spreads the packets of a round too, so the least
    /// of lately counts.
    fn jitter(&self) -> Duration {
        let [lately, before] = self.spread_min;
        let least = lately.min(before);
        if least == Duration::MAX {
            Duration::ZERO
        } else {
            least
        }
    }

    fn clamp(&self, rate: f64) -> f64 {
        let least = if self.is_narrow() {
            NARROW_BPS_MIN.min(self.floor)
        } else {
            self.floor
        };
        rate.clamp(least, self.ceiling)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "rates and byte counts are far below 2^52"
)]
fn to_f64(value: u64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are clamped between a positive floor and a ceiling that came from a u64"
)]
fn to_u64(value: f64) -> u64 {
    value as u64
}
