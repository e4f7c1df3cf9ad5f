//! How much flows: bytes over the last second, and a cap on what a line may bring.

use std::time::{Duration, Instant};

/// The measure's window. More lags behind a publisher that changes its rate; less mistakes a key
/// frame for a rate.
const WINDOW: Duration = Duration::from_secs(1);
/// After so long without a byte the measure says nothing.
const STALE_AFTER: Duration = Duration::from_millis(2_500);
/// What each packet costs on a line beyond its payload: media frame, QUIC, UDP and IP.
pub(crate) const PACKET_OVERHEAD_BYTES: usize = 80;

/// Bytes per second over whole windows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RateMeter {
    begun: Option<Instant>,
    bytes: u64,
    last_bps: u64,
}

impl RateMeter {
    pub(crate) fn add(&mut self, bytes: usize, now: Instant) {
        let begun = *self.begun.get_or_insert(now);
        let elapsed = now.saturating_duration_since(begun);
        if elapsed >= STALE_AFTER {
            (self.begun, self.bytes) = (Some(now), 0);
        } else if elapsed >= WINDOW {
            let micros = u64::try_from(elapsed.as_micros())
                .unwrap_or(u64::MAX)
                .max(1);
            self.last_bps = self.bytes.saturating_mul(8_000_000) / micros;
            (self.begun, self.bytes) = (Some(now), 0);
        }
        self.bytes += bytes as u64;
    }

    /// The rate of the last whole window, 0 when unknown.
    pub(crate) fn bps(&self, now: Instant) -> u64 {
        match self.begun {
            Some(begun) if now.saturating_duration_since(begun) < STALE_AFTER => self.last_bps,
            Some(_) | None => 0,
        }
    }
}

/// Lets through what keeps to a rate, with a second's worth at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateCap {
    bps: u64,
    tokens: u64,
    last: Option<Instant>,
}

impl RateCap {
    pub(crate) const fn new(bps: u64) -> Self {
        Self {
            bps,
            tokens: bps / 8,
            last: None,
        }
    }

    pub(crate) fn admit(&mut self, bytes: usize, now: Instant) -> bool {
        let last = *self.last.get_or_insert(now);
        let micros =
            u64::try_from(now.saturating_duration_since(last).as_micros()).unwrap_or(u64::MAX);
        let earned = self.bps.saturating_mul(micros.min(1_000_000)) / 8_000_000;
        if earned > 0 {
            self.tokens = self.tokens.saturating_add(earned).min(self.bps / 8);
            self.last = Some(now);
        }
        match self.tokens.checked_sub(bytes as u64) {
            Some(left) => {
                self.tokens = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_steady_flow_is_measured() {
        let (mut meter, start) = (RateMeter::default(), crate::testing::start());
        for step in 0..150 {
            meter.add(1_250, start + step * 10 * MS);
        }
        assert_eq!(meter.bps(start + 1_500 * MS), 1_000_000);
        assert_eq!(meter.bps(start + 10_000 * MS), 0);
    }

    #[test]
    fn what_exceeds_the_cap_is_set_aside_until_there_is_room() {
        let (mut cap, start) = (RateCap::new(80_000), crate::testing::start());
        assert!((0..10).all(|_| cap.admit(1_000, start)));
        assert!(!cap.admit(1_000, start));
        assert!(!cap.admit(1_000, start + 50 * MS));
        assert!(cap.admit(1_000, start + 100 * MS));
        assert!(!cap.admit(1_000, start + 100 * MS));
    }
}
