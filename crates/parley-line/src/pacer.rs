//! Spreads packets over time, one or two at a time.

use std::time::{Duration, Instant};

/// Credit that may be saved up, as time at the allowed rate. Timers of the shell are about this
/// exact; more sends bursts, less loses rate to late timers.
const SAVED: Duration = Duration::from_millis(4);

/// Credit that may always be saved up, bytes: one packet.
const SAVED_BYTES_MIN: i64 = 1_400;

/// Deepest debt, as time at the allowed rate. Alerts and audio pass unpaced and are charged; what
/// they owe delays the lanes below, but never for longer than this.
const DEBT: Duration = Duration::from_millis(500);

/// A token bucket that may go into debt.
#[derive(Debug)]
pub(crate) struct Pacer {
    credit: i64,
    /// Thousandths of a byte that did not make a whole one.
    remainder: u64,
    at: Instant,
    rate_bps: u64,
}

impl Pacer {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            credit: SAVED_BYTES_MIN,
            remainder: 0,
            at: now,
            rate_bps: 1,
        }
    }

    /// Adds what the time since the last call is worth at `rate_bps`.
    pub(crate) fn advance(&mut self, now: Instant, rate_bps: u64) {
        self.rate_bps = rate_bps.max(1);
        let elapsed = now
            .saturating_duration_since(self.at)
            .min(Duration::from_secs(10));
        self.at = self.at.max(now);
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let scaled = self.rate_bps.saturating_mul(micros) + self.remainder;
        self.remainder = scaled % 8_000_000;
        let earned = i64::try_from(scaled / 8_000_000).unwrap_or(i64::MAX);
        let saved_max = self.worth(SAVED).max(SAVED_BYTES_MIN);
        self.credit = self.credit.saturating_add(earned).min(saved_max);
    }

    /// Takes what was sent.
    pub(crate) fn charge(&mut self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let debt_max = self.worth(DEBT).max(SAVED_BYTES_MIN);
        self.credit = self.credit.saturating_sub(bytes).max(-debt_max);
    }

    /// Whether a packet may go.
    pub(crate) const fn is_ready(&self) -> bool {
        self.credit > 0
    }

    /// When a packet may go.
    pub(crate) fn ready_at(&self) -> Instant {
        if self.is_ready() {
            return self.at;
        }
        let owed = u64::try_from(1 - self.credit).unwrap_or(0);
        let micros = owed.saturating_mul(8_000_000) / self.rate_bps + 1;
        self.at + Duration::from_micros(micros)
    }

    fn worth(&self, time: Duration) -> i64 {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        i64::try_from(self.rate_bps.saturating_mul(micros) / 8_000_000).unwrap_or(i64::MAX)
    }
}
