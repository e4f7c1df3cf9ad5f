//! A measured window: what is asked for and what it saw.

use std::time::Duration;

use crate::spread::Spread;

/// A measured stretch of steady sending.
#[derive(Clone, Debug)]
pub struct WindowPlan {
    /// Packets a second that each publisher sends; 0 sends nothing.
    pub packets_per_second: u64,
    /// Sending before the window opens.
    pub warm_up: Duration,
    /// How long the window is open.
    pub length: Duration,
    /// Processes whose processor time is taken at both ends.
    pub processes: Vec<u32>,
}

/// What one window saw.
#[derive(Clone, Debug)]
pub struct Window {
    /// How long it was open.
    pub seconds: f64,
    /// Packets that publishers sent.
    pub sent: u64,
    /// Packets that watchers should have received of those.
    pub expected: u64,
    /// Packets that they did receive.
    pub received: u64,
    /// Bytes of UDP payload of the packets received.
    pub bytes: u64,
    /// Streams that arrive, over all watchers.
    pub streams: u64,
    /// From sending to the kernel's receipt on the far side, in nanoseconds.
    pub delay_ns: Spread,
    /// How late our own packets left, in nanoseconds.
    pub slip_ns: Spread,
    /// Processor time of each process asked for, in nanoseconds.
    pub busy_ns: Vec<u64>,
    /// Our own processor time, in nanoseconds.
    pub own_busy_ns: u64,
    /// Counts that should be 0 or small, by name.
    pub oddities: Vec<(&'static str, u64)>,
    /// Packets whose content was opened and found genuine.
    pub verified: u64,
}
