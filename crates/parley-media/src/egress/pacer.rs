//! How fast pictures leave, and how many may wait.
//!
//! Sound never waits here. A picture leaves at once while the way has room for a burst; what does
//! not fit waits in order, and leaves at [`PACE`] times the estimate. What would wait too long is
//! not let in at all, beginning with a whole frame, so that the numbers a browser sees have no gap
//! and nothing old is sent when the way is free again.

use std::collections::VecDeque;

use super::{
    estimate::{as_f64, seconds},
    packet::OutPacket,
};

/// How much faster than the estimate pictures leave: a key frame is many times a usual frame, and
/// must not be late for it. More fills queues on the way; less delays key frames.
const PACE: f64 = 2.5;
/// Leaves at once: so many microseconds of the pace, or these bytes.
const BURST_US: i64 = 20_000;
const BURST_BYTES: f64 = 16_000.0;
/// A burst is awaited for so long before it is sent on, so that the kernel takes several at once.
const BEAT_US: i64 = 4_000;
/// A frame is let in while the queue is shorter than this. More delays pictures behind others; less
/// breaks off a flow that would have fitted a moment later.
const QUEUE_US: i64 = 400_000;
/// The rest of a frame is let in up to this: for an upper layer, which a smaller one can replace,
/// and for the smallest, which nothing can.
const QUEUE_UPPER_US: i64 = 800_000;
const QUEUE_BASE_US: i64 = 2_000_000;
/// Whatever the rate, no more than this waits for one browser.
const QUEUE_BYTES_MAX: usize = 1024 * 1024;
/// Part of the estimate that may be spent on sending again, and over how long it may be saved up.
const RESEND: f64 = 0.2;
const RESEND_SAVED_US: i64 = 500_000;
/// A browser on a thin way still gets a small burst mended.
const RESEND_BYTES_MIN: f64 = 20_000.0;
/// Requests that may wait; beyond it the oldest are of no use any more.
const RESENDS_MAX: usize = 256;

/// A packet of a stream, waiting.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) stream: usize,
    pub(crate) packet: OutPacket,
}

/// What is to leave next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Something a browser lost: stream and number.
    Again(usize, u64),
    New(Waiting),
}

/// The pace of one connection.
#[derive(Debug)]
pub(crate) struct Pacer {
    estimate_bps: f64,
    at_us: i64,
    /// Bytes that left and have not been worked off at the pace yet.
    debt: f64,
    resend_left: f64,
    queue: VecDeque<Waiting>,
    queued_bytes: usize,
    resends: VecDeque<(usize, u64)>,
}

impl Pacer {
    pub(crate) fn new(estimate_bps: u64) -> Self {
        Self {
            estimate_bps: as_f64(estimate_bps),
            at_us: 0,
            debt: 0.0,
            resend_left: RESEND_BYTES_MIN,
            queue: VecDeque::new(),
            queued_bytes: 0,
            resends: VecDeque::new(),
        }
    }

    /// Lets time pass at an estimate.
    pub(crate) fn settle(&mut self, now_us: i64, estimate_bps: f64) {
        let since = seconds((now_us - self.at_us).max(0));
        self.at_us = now_us;
        self.estimate_bps = estimate_bps;
        self.debt = (self.debt - self.bytes_per_second() * since).max(0.0);
        let earned = estimate_bps * RESEND / 8.0;
        let saved_max = (earned * seconds(RESEND_SAVED_US)).max(RESEND_BYTES_MIN);
        self.resend_left = (self.resend_left + earned * since).min(saved_max);
    }

    /// Whether a packet that begins a frame, or goes on with one, may wait its turn.
    pub(crate) fn admits(&self, is_frame_start: bool, is_base: bool) -> bool {
        let bound_us = match (is_frame_start, is_base) {
            (true, _) => QUEUE_US,
            (false, false) => QUEUE_UPPER_US,
            (false, true) => QUEUE_BASE_US,
        };
        let waiting = as_f64(self.queued_bytes as u64);
        self.queue.is_empty()
            || (waiting < seconds(bound_us) * self.bytes_per_second()
                && self.queued_bytes < QUEUE_BYTES_MAX)
    }

    /// Whether a packet may leave at once.
    pub(crate) fn is_free(&self) -> bool {
        self.queue.is_empty() && self.resends.is_empty() && self.has_room()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.debt < self.burst()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.resends.is_empty()
    }

    /// Something left.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.debt += as_f64(bytes as u64);
    }

    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.queued_bytes += waiting.packet.payload.len();
        self.queue.push_back(waiting);
    }

    /// Takes a request to send again; false when there is no budget left for it.
    pub(crate) fn push_again(&mut self, stream: usize, sequence: u64, bytes: usize) -> bool {
        let bytes = as_f64(bytes as u64);
        if bytes > self.resend_left || self.resends.contains(&(stream, sequence)) {
            return false;
        }
        self.resend_left -= bytes;
        self.resends.push_back((stream, sequence));
        if self.resends.len() > RESENDS_MAX {
            self.resends.pop_front();
        }
        true
    }

    /// What may leave now. What was lost goes first: the picture stands still for want of it.
    pub(crate) fn pop(&mut self) -> Option<Next> {
        if !self.has_room() {
            return None;
        }
        if let Some((stream, sequence)) = self.resends.pop_front() {
            return Some(Next::Again(stream, sequence));
        }
        let waiting = self.queue.pop_front()?;
        self.queued_bytes -= waiting.packet.payload.len();
        Some(Next::New(waiting))
    }

    /// When something that waits may leave.
    pub(crate) fn next_us(&self) -> Option<i64> {
        if self.is_idle() {
            return None;
        }
        let beat = self.bytes_per_second() * seconds(BEAT_US);
        let over = (self.debt - self.burst() + beat).max(0.0);
        let wait = over / self.bytes_per_second() * 1e6;
        Some(self.at_us + micros(wait).max(1_000))
    }

    /// Nothing that waits is worth sending any more.
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.resends.clear();
        self.queued_bytes = 0;
    }

    fn bytes_per_second(&self) -> f64 {
        self.estimate_bps * PACE / 8.0
    }

    fn burst(&self) -> f64 {
        (self.bytes_per_second() * seconds(BURST_US)).max(BURST_BYTES)
    }
}

fn micros(us: f64) -> i64 {
    i64::try_from(super::estimate::as_u64(us)).unwrap_or(i64::MAX)
}
