//! How much may be under way on a path that is narrower than its floor.
//!
//! At a thousand bytes per second a round has three packets, and their spacing says nothing of what
//! the path carries. So such a path is not given a rate but a window of unacknowledged bytes: what
//! has arrived makes room for what follows, whatever the rate, and a burst cannot fill the queue.
//! The window follows the queue, as in TCP Vegas (doi:10.1145/190314.190317).

use std::time::Duration;

/// Bytes of a full packet.
const PACKET: f64 = 1_250.0;

/// Smallest window: three full packets, because answers wait behind what the other side sends. Less
/// leaves the path idle while they do; more lets an alert wait longer.
const WINDOW_MIN: f64 = 3.0 * PACKET;

/// Queue below which the window grows, and above which it shrinks.
const QUEUE_GROW: Duration = Duration::from_millis(400);
const QUEUE_SHRINK: Duration = Duration::from_secs(1);

/// How far it shrinks in one round at most: the queue of one round may be the other side's.
const SHRINK_MAX: f64 = 0.5;

/// The window of one narrow path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NarrowWindow {
    bytes: f64,
    /// The path has not answered with a queue yet: it grows fast.
    is_starting: bool,
    /// Whether it was full since the last round: if not, the round says nothing of the path.
    was_full: bool,
}

impl NarrowWindow {
    /// The window of a path that carries `bps` over `trip` when it is empty.
    pub(crate) fn new(bps: f64, trip: Duration) -> Self {
        let carried = bps / 8.0 * (trip + QUEUE_GROW).as_secs_f64();
        Self {
            bytes: carried.max(WINDOW_MIN),
            is_starting: true,
            was_full: false,
        }
    }

    /// Whether nothing more may be sent before something is acknowledged.
    pub(crate) fn is_full(&mut self, in_flight: f64) -> bool {
        let is_full = in_flight >= self.bytes;
        self.was_full |= is_full;
        is_full
    }

    /// What passes in a second when the window is full, bit/s.
    pub(crate) fn bps(&self, trip: Duration) -> f64 {
        self.bytes * 8.0 / trip.as_secs_f64().max(0.001)
    }

    /// How long a path that carries `bps` takes for a full window.
    pub(crate) fn time(&self, bps: f64) -> Duration {
        Duration::from_secs_f64(self.bytes * 8.0 / bps.max(1.0))
    }

    /// One decision, from the queue of a round over a path whose empty round trip is `trip`; whether
    /// the window was full, so that [`bps`](Self::bps) is what the path carries.
    pub(crate) fn end_round(&mut self, queue: Duration, trip: Duration) -> bool {
        if queue > QUEUE_SHRINK {
            let wanted = (trip + QUEUE_SHRINK).as_secs_f64() / (trip + queue).as_secs_f64();
            self.bytes = (self.bytes * wanted.max(SHRINK_MAX)).max(WINDOW_MIN);
            self.is_starting = false;
        } else if queue > QUEUE_GROW {
            self.is_starting = false;
        } else if self.was_full {
            self.bytes += if self.is_starting { self.bytes } else { PACKET };
        }
        std::mem::replace(&mut self.was_full, false)
    }
}

#[cfg(test)]
mod tests {
    use super::{NarrowWindow, PACKET, WINDOW_MIN};
    use std::time::Duration;

    const TRIP: Duration = Duration::from_millis(250);
    const BPS: f64 = 64_000.0;

    fn with_queue(millis: u64, rounds: u32) -> NarrowWindow {
        let mut window = NarrowWindow::new(BPS, TRIP);
        for _ in 0..rounds {
            let in_flight = window.bytes;
            assert!(window.is_full(in_flight));
            assert!(window.end_round(Duration::from_millis(millis), TRIP));
        }
        window
    }

    /// It begins with what the empty path and a short queue hold, three packets at least.
    #[test]
    fn it_begins_with_what_the_path_holds() {
        assert!((NarrowWindow::new(BPS, TRIP).bytes - 5_200.0).abs() < 1.0);
        assert!((NarrowWindow::new(1_000.0, TRIP).bytes - WINDOW_MIN).abs() < 1.0);
    }

    /// Without a queue it doubles; after the first it grows by a packet.
    #[test]
    fn it_grows_without_a_queue() {
        assert!((with_queue(100, 2).bytes - 20_800.0).abs() < 1.0);
        let mut window = with_queue(500, 1);
        let before = window.bytes;
        assert!(window.is_full(before));
        assert!(window.end_round(Duration::ZERO, TRIP));
        assert!((window.bytes - before - PACKET).abs() < 1.0);
    }

    /// A long queue takes as much of it as is too much, half at most and three packets at least.
    #[test]
    fn it_shrinks_with_a_long_queue() {
        assert!((with_queue(1_250, 1).bytes - 5_200.0 * 1.25 / 1.5).abs() < 1.0);
        assert!((with_queue(60_000, 1).bytes - WINDOW_MIN).abs() < 1.0);
        assert!((with_queue(60_000, 9).bytes - WINDOW_MIN).abs() < 1.0);
        let mut wide = with_queue(0, 4);
        assert!(!wide.end_round(Duration::from_mins(1), TRIP));
        assert!((wide.bytes - 5_200.0 * 8.0).abs() < 1.0);
    }

    /// What was not full says nothing: it does not grow.
    #[test]
    fn it_grows_only_when_it_was_full() {
        let mut window = NarrowWindow::new(BPS, TRIP);
        assert!(!window.is_full(5_000.0));
        assert!(!window.end_round(Duration::ZERO, TRIP));
        assert!((window.bytes - 5_200.0).abs() < 1.0);
    }

    /// A full window per round trip is what the path carries.
    #[test]
    fn it_says_what_the_path_carries() {
        let window = NarrowWindow::new(BPS, TRIP);
        assert!((window.bps(Duration::from_millis(650)) - BPS).abs() < 1.0);
        assert_eq!(window.time(BPS), Duration::from_millis(650));
    }
}
