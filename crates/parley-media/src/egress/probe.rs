//! Trying whether the way carries more than is known: a short run of packets at a higher rate.
//!
//! ```text
//!          wanted, calm, due                 all sent                reported, or too late
//!   Idle ────────────────────▶ Sending ──────────────▶ Waiting ─────────────────────────────▶ Idle
//! ```

use super::estimate::{as_f64, seconds};
use super::sent::Arrived;

/// How far above the estimate a probe goes. More finds a wide way in fewer steps and fills a narrow
/// one for longer.
const STEP: f64 = 2.0;
/// A probe shorter than this, or of fewer packets, measures the kernel and not the way.
const LENGTH_US: i64 = 20_000;
const PACKETS_MIN: u32 = 6;
/// Part of a probe's packets that has to arrive for it to count.
const ARRIVED: f64 = 0.8;
/// A way that delivers slower than this part of what was sent is full.
const FULL: f64 = 0.9;
/// What of its delivery is believed then.
const BELIEVED: f64 = 0.95;
/// Time between two probes: at first, and at most when they show nothing new. A probe costs 20 ms of
/// twice the rate, at most 4 % of it once every second.
const INTERVAL_US: i64 = 1_000_000;
const INTERVAL_MAX_US: i64 = 10_000_000;
/// After a success the next may follow soon.
const SUCCESS_US: i64 = 250_000;
/// After the way was full, nothing is tried for so long.
const QUIET_US: i64 = 3_000_000;
/// Reports that take longer are not waited for.
const PATIENCE_US: i64 = 1_500_000;
/// How often a running probe sends.
const BEAT_US: i64 = 3_000;

/// The probe of one connection.
#[derive(Debug)]
pub(crate) struct Prober {
    number: u8,
    state: State,
    next_us: i64,
    interval_us: i64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Sending(Run),
    Waiting(Run),
}

#[derive(Clone, Copy, Debug)]
struct Run {
    bps: f64,
    begun_us: i64,
    /// When it looks again whether it has to send.
    beat_us: i64,
    sent: Ends,
    arrived: Ends,
}

/// First and last of a row of packets, by time, and what they weigh.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    packets: u32,
    bytes: u64,
    first_us: i64,
    first_bytes: u64,
    last_us: i64,
    last_bytes: u64,
}

impl Default for Prober {
    fn default() -> Self {
        Self {
            number: 0,
            state: State::Idle,
            next_us: 0,
            interval_us: INTERVAL_US,
        }
    }
}

impl Prober {
    /// The number packets carry that are sent at present, 0 when no probe runs.
    pub(crate) const fn number(&self) -> u8 {
        match self.state {
            State::Sending(_) => self.number,
            State::Idle | State::Waiting(_) => 0,
        }
    }

    /// When a running probe wants to send or to be given up.
    pub(crate) const fn next_us(&self) -> Option<i64> {
        match self.state {
            State::Idle => None,
            State::Sending(run) => Some(run.beat_us),
            State::Waiting(run) => Some(run.begun_us + PATIENCE_US),
        }
    }

    /// Begins a probe when one is due: `desired` is wanted and `estimate` known.
    pub(crate) fn begin(
        &mut self,
        now_us: i64,
        (estimate_bps, desired_bps): (f64, f64),
        fallen_us: Option<i64>,
    ) {
        let is_quiet = fallen_us.is_some_and(|at| now_us - at < QUIET_US);
        let is_wanted = desired_bps > estimate_bps * 1.05;
        if !matches!(self.state, State::Idle) || !is_wanted || is_quiet || now_us < self.next_us {
            return;
        }
        // Zero stands for packets that belong to none.
        self.number = self.number.checked_add(1).unwrap_or(1);
        self.state = State::Sending(Run {
            bps: (estimate_bps * STEP).min(desired_bps * 1.1),
            begun_us: now_us,
            beat_us: now_us,
            sent: Ends::default(),
            arrived: Ends::default(),
        });
    }

    /// Bytes that should leave at this moment for the probe to keep its rate.
    pub(crate) fn due_bytes(&mut self, now_us: i64) -> u64 {
        let State::Sending(run) = &mut self.state else {
            return 0;
        };
        run.beat_us = now_us + BEAT_US;
        let planned = run.bps * seconds(now_us - run.begun_us + BEAT_US) / 8.0;
        super::estimate::as_u64((planned - as_f64(run.sent.bytes)).max(0.0))
    }

    /// Notes a packet that left while the probe runs, whatever it is.
    pub(crate) fn sent(&mut self, now_us: i64, bytes: u64) {
        let State::Sending(run) = &mut self.state else {
            return;
        };
        run.sent.add(now_us, bytes);
        let is_long = now_us - run.begun_us >= LENGTH_US;
        if is_long && run.sent.packets >= PACKETS_MIN {
            self.state = State::Waiting(*run);
        }
    }

    /// Ends a probe that there is nothing to send for, or that no report comes about.
    pub(crate) fn handle_timeout(&mut self, now_us: i64) {
        if let State::Sending(run) | State::Waiting(run) = self.state
            && now_us - run.begun_us >= PATIENCE_US
        {
            self.fail(now_us);
        }
    }

    /// There is nothing to send a probe with.
    pub(crate) fn give_up(&mut self, now_us: i64) {
        self.fail(now_us);
    }

    /// Takes a packet of a probe that arrived; returns what the way was shown to carry.
    pub(crate) fn arrive(&mut self, now_us: i64, packet: &Arrived) -> Option<f64> {
        let number = self.number;
        let (State::Sending(run) | State::Waiting(run)) = &mut self.state else {
            return None;
        };
        if packet.probe != number {
            return None;
        }
        run.arrived.add(packet.at_us, packet.bytes.into());
        let State::Waiting(run) = self.state else {
            return None;
        };
        if f64::from(run.arrived.packets) < ARRIVED * f64::from(run.sent.packets) {
            return None;
        }
        let shown = run.shown()?;
        self.state = State::Idle;
        self.interval_us = INTERVAL_US;
        self.next_us = now_us + SUCCESS_US;
        Some(shown)
    }

    /// The last probe showed no more than was known.
    pub(crate) fn disappoint(&mut self, now_us: i64) {
        self.fail(now_us);
    }

    fn fail(&mut self, now_us: i64) {
        self.state = State::Idle;
        self.next_us = now_us + self.interval_us;
        self.interval_us = (self.interval_us * 2).min(INTERVAL_MAX_US);
    }
}

impl Ends {
    fn add(&mut self, at_us: i64, bytes: u64) {
        if self.packets == 0 || at_us < self.first_us {
            (self.first_us, self.first_bytes) = (at_us, bytes);
        }
        if self.packets == 0 || at_us >= self.last_us {
            (self.last_us, self.last_bytes) = (at_us, bytes);
        }
        self.packets += 1;
        self.bytes += bytes;
    }
}

impl Run {
    /// A row of packets takes from its first to its last; sending, the last one takes no time, and
    /// arriving, the first.
    fn shown(&self) -> Option<f64> {
        let rate = |bytes: u64, us: i64| (us > 0).then(|| as_f64(bytes * 8) / seconds(us));
        let sent = rate(
            self.sent.bytes - self.sent.last_bytes,
            self.sent.last_us - self.sent.first_us,
        )?;
        let arrived = rate(
            self.arrived.bytes - self.arrived.first_bytes,
            self.arrived.last_us - self.arrived.first_us,
        )?;
        Some(if arrived < FULL * sent {
            BELIEVED * arrived
        } else {
            arrived.min(sent)
        })
    }
}
