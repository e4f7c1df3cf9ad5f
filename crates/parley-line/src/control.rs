//! How [`RateControl`] reaches into quinn-proto, and how the line above reads it back.

use crate::rate::{Profile, RateControl};
use quinn_proto::{
    RttEstimator,
    congestion::{Controller, ControllerFactory},
};
use std::{
    any::Any,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Window that never blocks and switches off QUIC's own pacing, which sends in bursts of ten
/// packets: 200 ms at 500 kbit/s, too coarse to speak over.
const OPEN: u64 = 1 << 40;

/// Window that lets nothing but acknowledgements and loss probes pass.
const SHUT: u64 = 1;

/// The congestion state of one connection, shared by the line and by QUIC.
///
/// The lock is never contended: both sides run on the line's thread.
#[derive(Debug)]
pub(crate) struct Control {
    gate: AtomicBool,
    rate: Mutex<RateControl>,
}

impl Control {
    pub(crate) fn new(now: Instant, floor_bps: u64, ceiling_bps: u64, profile: &Profile) -> Self {
        Self {
            gate: AtomicBool::new(true),
            rate: Mutex::new(RateControl::new(now, floor_bps, ceiling_bps, profile)),
        }
    }

    /// Says whether QUIC may send data in the packets asked of it next. QUIC decides on its own
    /// what to repeat, so the line opens the gate for one packet at a time.
    pub(crate) fn set_gate(&self, open: bool) {
        self.gate.store(open, Ordering::Relaxed);
    }

    pub(crate) fn rate(&self) -> MutexGuard<'_, RateControl> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The controller that QUIC sees.
#[derive(Debug, Clone)]
pub(crate) struct LineCc(pub(crate) Arc<Control>);

impl ControllerFactory for LineCc {
    fn build(self: Arc<Self>, _: Instant, _: u16) -> Box<dyn Controller> {
        Box::new(Self(Arc::clone(&self.0)))
    }
}

impl Controller for LineCc {
    fn on_sent(&mut self, _: Instant, bytes: u64, _: u64) {
        self.0.rate().on_sent(bytes);
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, _: bool, _: &RttEstimator) {
        self.0.rate().on_ack(now, sent, bytes);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, _: bool, _: Option<u64>) {
        self.0.rate().on_end_acks(now, in_flight);
    }

    fn on_congestion_event(&mut self, now: Instant, sent: Instant, _: bool, lost_bytes: u64) {
        let mut rate = self.0.rate();
        if lost_bytes == 0 {
            rate.on_mark(now, sent);
        } else {
            rate.on_lost(sent, lost_bytes);
        }
    }

    fn on_mtu_update(&mut self, _: u16) {}

    fn window(&self) -> u64 {
        if self.0.gate.load(Ordering::Relaxed) {
            OPEN
        } else {
            SHUT
        }
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        OPEN
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
