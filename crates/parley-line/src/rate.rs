//! `LineCc`: how fast a path may be used. Delay decides, loss only when it is clearly ours.
//!
//! A loss-based controller gives 0.15 Mbit/s at 10 % random loss and 250 ms (the Mathis bound), and
//! the paths between institutions lose that much every evening. So the rate follows the queue:
//! below [`QUEUE_GROW`] it grows, above [`QUEUE_SHRINK`] it shrinks and the queue is drained.
//! Loss counts as congestion only above [`LOSS_TOLERATED`] or [`LOSS_MARGIN`] over what the path
//! loses anyway; whether it does is found by experiment: shrink once, and if the loss stays, it was
//! not ours.
//!
//! Control works in *rounds*: a rate is set, and only packets sent since then say what it did.
//! The controller sets a pacing rate; there is no window, because what is written is decided above
//! QUIC, packet by packet.

use std::time::{Duration, Instant};

/// Queue below which the rate grows. More fills the path better when its delay jitters; less keeps
/// speech nearer.
const QUEUE_GROW: Duration = Duration::from_millis(25);

/// Queue above which the rate shrinks. More lets a call lag behind; less mistakes jitter for a
/// queue.
const QUEUE_SHRINK: Duration = Duration::from_millis(60);

/// Factor of the shrinking. Smaller gives up more of the path at each mistake; larger drains slower.
const SHRINK: f64 = 0.85;

/// Share of the drained rate used while a queue is emptied. Smaller empties it sooner and leaves
/// the path idle longer.
const DRAIN: f64 = 0.6;

/// Longest draining, in rounds: a queue that is somebody else's does not go away for us.
const DRAIN_ROUNDS_MAX: u32 = 4;

/// Loss always taken as the path's own. More lets a shallow queue overflow unnoticed; less starves
/// lossy paths.
const LOSS_TOLERATED: f64 = 0.10;

/// Loss above the path's own that is taken as ours.
const LOSS_MARGIN: f64 = 0.05;

/// Growth per round at first, and its bounds. More returns sooner after a dip and overshoots
/// further: at 250 ms each step is seen a quarter of a second after it is made.
const GROWTH_MIN: f64 = 0.04;
const GROWTH_MAX: f64 = 0.25;
/// Growth near the rate that last met congestion.
const GROWTH_NEAR: f64 = 0.02;

/// How long the rate that met congestion is remembered. More probes a path that widened late.
const CEILING_MEMORY: Duration = Duration::from_secs(10);

/// Half the time after which a smallest round trip is forgotten: a route may become longer. Less
/// takes a standing queue for the route; more keeps the rate down after a route change.
const RTT_MEMORY: Duration = Duration::from_secs(15);

/// Rounds in the dead band after which the rate gives way a little, so that the queue is seen empty
/// now and then and the smallest round trip stays true.
const HOLD_ROUNDS_MAX: u32 = 8;

/// Least time and packets that make a round: fewer make its loss a matter of luck.
const ROUND_MIN: Duration = Duration::from_millis(40);
const ROUND_PACKETS_MIN: u32 = 8;

/// Longest round: on a silent path the few packets say what they can.
const ROUND_MAX: Duration = Duration::from_millis(1_000);

/// Round trips looked at per round; later ones replace nothing, the first are enough.
const SAMPLES_MAX: usize = 64;

/// Share of the allowed rate that must have been used before growing: an unused rate proves nothing.
const USED_MIN: f64 = 0.75;

/// Weight of one packet in the loss that is shown and that decides protection: about the last 200.
const LOSS_WEIGHT: f64 = 1.0 / 200.0;

/// Rate to begin with on a path that is not known, bit/s: one call without video in both directions.
pub(crate) const START_BPS: u64 = 300_000;

/// What a path was like, kept while it is down so that it restarts where it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Profile {
    pub(crate) rate_bps: u64,
    pub(crate) rtt: Option<Duration>,
    pub(crate) loss: f64,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            rate_bps: START_BPS,
            rtt: None,
            loss: 0.0,
        }
    }
}

/// Why the rate is what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// Doubling until the path answers.
    Startup,
    /// Growing or holding.
    Steady,
    /// Emptying the queue, then going on at `resume` bit/s.
    Drain { resume: f64, rounds: u32 },
    /// The rate was `before` when the loss was `loss`; is the loss lower at the smaller rate?
    Experiment { before: f64, loss: f64 },
}

/// Packets sent since the rate was set, as far as their fate is known.
#[derive(Debug)]
struct Round {
    started: Instant,
    sent_last: Instant,
    acked: u64,
    lost: u64,
    packets: u32,
    first_ack: Option<Instant>,
    first_acked: u64,
    samples: Vec<u32>,
}

impl Round {
    fn new(now: Instant, samples: Vec<u32>) -> Self {
        Self {
            started: now,
            sent_last: now,
            acked: 0,
            lost: 0,
            packets: 0,
            first_ack: None,
            first_acked: 0,
            samples,
        }
    }
}

/// The controller of one path.
#[derive(Debug)]
pub(crate) struct RateControl {
    floor: f64,
    ceiling: f64,
    rate: f64,
    mode: Mode,
    round: Round,
    srtt: Option<Duration>,
    rtt_min: [Duration; 2],
    rtt_min_since: Instant,
    queue: Duration,
    loss: f64,
    loss_own: f64,
    congested: Option<(f64, Instant)>,
    streak: u32,
    held: u32,
    acked_at: Option<Instant>,
    acks: u64,
}

impl RateControl {
    pub(crate) fn new(now: Instant, floor_bps: u64, ceiling_bps: u64, profile: &Profile) -> Self {
        let mut control = Self {
            floor: 0.0,
            ceiling: 0.0,
            rate: 0.0,
            mode: Mode::Startup,
            round: Round::new(now, Vec::with_capacity(SAMPLES_MAX)),
            srtt: None,
            rtt_min: [Duration::MAX; 2],
            rtt_min_since: now,
            queue: Duration::ZERO,
            loss: 0.0,
            loss_own: 0.0,
            congested: None,
            streak: 0,
            held: 0,
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
        self.rate = self.clamp(to_f64(profile.rate_bps));
        self.loss = profile.loss;
        self.loss_own = profile.loss;
        if profile.rate_bps > START_BPS {
            self.mode = Mode::Steady;
        }
    }

    /// What to remember of the path.
    pub(crate) fn profile(&self) -> Profile {
        let rate = match self.mode {
            Mode::Drain { resume, .. } => resume,
            Mode::Experiment { before, .. } => before,
            Mode::Startup | Mode::Steady => self.rate,
        };
        Profile {
            rate_bps: to_u64(rate),
            rtt: self.srtt,
            loss: self.loss,
        }
    }

    /// The pacing rate, bit/s.
    pub(crate) fn rate_bps(&self) -> u64 {
        to_u64(self.rate)
    }

    /// The rate the path is believed to carry, whatever is being tried at the moment, bit/s.
    pub(crate) fn settled_bps(&self) -> u64 {
        self.profile().rate_bps
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

    /// When the other party last acknowledged anything, and how many acknowledgements there were.
    pub(crate) fn proof(&self) -> (Option<Instant>, u64) {
        (self.acked_at, self.acks)
    }

    /// Forgets packets in flight: the path was silent and they say nothing about its rate.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.begin_round(now);
    }

    /// A packet sent at `sent` was acknowledged.
    pub(crate) fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64) {
        let rtt = now.saturating_duration_since(sent);
        self.acked_at = Some(now);
        self.acks += 1;
        self.observe_rtt(now, rtt);
        self.loss *= 1.0 - LOSS_WEIGHT;
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
            round.first_acked += bytes;
        }
        if round.samples.len() < SAMPLES_MAX {
            round
                .samples
                .push(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// Packets were lost, the newest of them sent at `sent`.
    pub(crate) fn on_lost(&mut self, sent: Instant, bytes: u64) {
        let packets = to_f64(bytes / 1_000 + 1);
        self.loss += (1.0 - self.loss) * (1.0 - (1.0 - LOSS_WEIGHT).powf(packets));
        if sent >= self.round.started {
            self.round.lost += bytes;
            self.round.packets += 1;
            self.round.sent_last = self.round.sent_last.max(sent);
        }
    }

    /// A router marked packets instead of dropping them (RFC 3168): as good as a queue.
    pub(crate) fn on_mark(&mut self, now: Instant, sent: Instant) {
        if sent >= self.round.started {
            self.shrink(now, self.rate);
        }
    }

    /// A batch of acknowledgements is complete.
    pub(crate) fn on_end_acks(&mut self, now: Instant) {
        let span = self
            .round
            .sent_last
            .saturating_duration_since(self.round.started);
        let srtt = self.srtt.unwrap_or(ROUND_MIN);
        let enough = span >= (srtt / 2).max(ROUND_MIN) && self.round.packets >= ROUND_PACKETS_MIN;
        if enough || span >= ROUND_MAX.max(srtt) {
            self.end_round(now, span);
        }
    }

    fn end_round(&mut self, now: Instant, span: Duration) {
        let total = self.round.acked + self.round.lost;
        if total == 0 {
            return self.begin_round(now);
        }
        let loss = to_f64(self.round.lost) / to_f64(total);
        let used = to_f64(total) * 8.0 / span.as_secs_f64() / self.rate;
        let delivered = self.delivered(now).unwrap_or(self.rate).min(self.rate);
        self.queue = self.round_queue();
        self.step(now, used, loss, delivered);
        self.begin_round(now);
    }

    /// One decision. `used` is the share of the rate that was used, `delivered` what arrived, bit/s.
    fn step(&mut self, now: Instant, used: f64, loss: f64, delivered: f64) {
        let loss_limit = LOSS_TOLERATED.max(self.loss_own + LOSS_MARGIN);
        match self.mode {
            Mode::Drain { resume, rounds } => self.drain(resume, rounds),
            Mode::Experiment { before, loss: was } => self.judge(now, before, was, loss),
            Mode::Startup | Mode::Steady if self.queue > QUEUE_SHRINK => {
                self.shrink(
                    now,
                    if used < USED_MIN {
                        self.rate
                    } else {
                        delivered
                    },
                );
            }
            Mode::Startup | Mode::Steady if loss > loss_limit && self.loss > loss_limit * 0.8 => {
                self.mode = Mode::Experiment {
                    before: self.rate,
                    loss,
                };
                self.rate = self.clamp(self.rate * SHRINK);
                self.streak = 0;
            }
            Mode::Startup if self.queue > QUEUE_GROW => {
                self.mode = Mode::Steady;
                self.rate = self.clamp(delivered * 0.95);
                self.congested = Some((self.rate, now));
            }
            Mode::Startup => {
                if used >= USED_MIN {
                    self.rate = self.clamp(self.rate * 2.0);
                }
            }
            Mode::Steady if self.queue > QUEUE_GROW => self.hold(),
            Mode::Steady => {
                self.held = 0;
                if used >= USED_MIN {
                    self.grow(now);
                }
            }
        }
        // Loss while the queue is short and the rate is not being raised belongs to the path.
        if self.queue < QUEUE_GROW && loss < self.loss_own {
            self.loss_own += (loss - self.loss_own) * 0.1;
        }
    }

    fn shrink(&mut self, now: Instant, from: f64) {
        let resume = self.clamp(from.min(self.rate) * SHRINK);
        self.congested = Some((from.min(self.rate), now));
        self.mode = Mode::Drain { resume, rounds: 0 };
        self.rate = self.clamp(resume * DRAIN);
        self.streak = 0;
        self.held = 0;
    }

    fn drain(&mut self, resume: f64, rounds: u32) {
        if self.queue < QUEUE_GROW || rounds >= DRAIN_ROUNDS_MAX {
            self.mode = Mode::Steady;
            self.rate = resume;
        } else {
            self.mode = Mode::Drain {
                resume,
                rounds: rounds + 1,
            };
        }
    }

    /// Ends the experiment with a smaller rate: was the loss ours?
    fn judge(&mut self, now: Instant, before: f64, was: f64, loss: f64) {
        self.mode = Mode::Steady;
        if loss >= was * 0.75 {
            self.loss_own = self.loss_own.max(loss.min(was));
            self.rate = before;
        } else {
            self.congested = Some((before, now));
        }
    }

    fn hold(&mut self) {
        self.streak = 0;
        self.held += 1;
        if self.held >= HOLD_ROUNDS_MAX {
            self.held = 0;
            self.rate = self.clamp(self.rate * 0.92);
        }
    }

    fn grow(&mut self, now: Instant) {
        if let Some((rate, at)) = self.congested
            && (now > at + CEILING_MEMORY || self.rate > rate * 1.08)
        {
            self.congested = None;
        }
        let growth = match self.congested {
            Some((rate, _)) if self.rate > rate * 0.88 => GROWTH_NEAR,
            Some(_) | None => (GROWTH_MIN * to_f64(1 << self.streak.min(3))).min(GROWTH_MAX),
        };
        self.streak += 1;
        self.rate = self.clamp(self.rate * (1.0 + growth));
    }

    /// What arrived per second, by the clock of the acknowledgements, bit/s.
    fn delivered(&self, now: Instant) -> Option<f64> {
        let span = now.checked_duration_since(self.round.first_ack?)?;
        let bytes = self.round.acked - self.round.first_acked;
        (span >= ROUND_MIN && bytes > 0).then(|| to_f64(bytes) * 8.0 / span.as_secs_f64())
    }

    /// Queue of the round: a low quartile, because jitter only ever adds.
    fn round_queue(&mut self) -> Duration {
        let samples = &mut self.round.samples;
        if samples.is_empty() {
            return self.queue;
        }
        let quartile = samples.len() / 4;
        let (_, value, _) = samples.select_nth_unstable(quartile);
        Duration::from_micros(u64::from(*value)).saturating_sub(self.rtt_smallest())
    }

    fn begin_round(&mut self, now: Instant) {
        let mut samples = std::mem::take(&mut self.round.samples);
        samples.clear();
        self.round = Round::new(now, samples);
    }

    fn observe_rtt(&mut self, now: Instant, rtt: Duration) {
        self.srtt = Some(self.srtt.map_or(rtt, |srtt| (srtt * 7 + rtt) / 8));
        if now >= self.rtt_min_since + RTT_MEMORY {
            self.rtt_min = [rtt, self.rtt_min[0]];
            self.rtt_min_since = now;
        }
        self.rtt_min[0] = self.rtt_min[0].min(rtt);
    }

    fn rtt_smallest(&self) -> Duration {
        self.rtt_min[0].min(self.rtt_min[1])
    }

    fn clamp(&self, rate: f64) -> f64 {
        rate.clamp(self.floor, self.ceiling)
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
