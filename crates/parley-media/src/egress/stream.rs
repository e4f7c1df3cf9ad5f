//! One RTP stream to a browser: a receiving place's numbers and what is known of it.

use std::time::Instant;

use parley_srtp::{rtcp::SenderReport, window::Window};

use super::{header::HeaderPlan, resend::ResendCache};
use crate::slot::ticks;

/// What a receiving place has agreed upon.
#[derive(Clone, Debug)]
pub(crate) struct StreamPlan {
    pub(crate) ssrc: u32,
    /// The stream lost packets are sent again on, where there is one.
    pub(crate) rtx: Option<u32>,
    pub(crate) header: HeaderPlan,
    pub(crate) is_audio: bool,
}

/// One stream.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) plan: StreamPlan,
    /// Numbers that have been sealed. The numbers come from a source that another party may have
    /// written; sealing one twice would give the key away.
    pub(crate) sealed: Window,
    pub(crate) rtx_sequence: u64,
    pub(crate) resend: ResendCache,
    packets: u32,
    octets: u32,
    /// The last packet's timestamp, when what it carried was taken, and when it left.
    last: Option<(u32, Instant, Instant)>,
}

impl Stream {
    pub(crate) fn new(plan: StreamPlan) -> Self {
        // Below 2^15, because a receiver that misses the first packets takes a higher one for a
        // wrapped number (RFC 3711 §3.3.1); the SSRC is random already.
        let rtx_sequence = u64::from(plan.rtx.unwrap_or(0) & 0x3FFF);
        Self {
            plan,
            sealed: Window::default(),
            rtx_sequence,
            resend: ResendCache::default(),
            packets: 0,
            octets: 0,
            last: None,
        }
    }

    /// Notes that a packet left.
    pub(crate) fn note(&mut self, now: Instant, timestamp: u32, taken: Instant, bytes: usize) {
        self.packets = self.packets.wrapping_add(1);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.octets = self.octets.wrapping_add(bytes);
        self.last = Some((timestamp, taken, now));
    }

    pub(crate) const fn is_begun(&self) -> bool {
        self.last.is_some()
    }

    /// When a packet last left.
    pub(crate) fn last_sent(&self) -> Option<Instant> {
        self.last.map(|(_, _, sent)| sent)
    }

    /// What a sender report says at this moment.
    pub(crate) fn report(&self, now: Instant, ntp: u64) -> Option<SenderReport> {
        let (timestamp, taken, _) = self.last?;
        let since = ticks(now.saturating_duration_since(taken), self.clock_rate());
        Some(SenderReport {
            ssrc: self.plan.ssrc,
            ntp,
            timestamp: timestamp.wrapping_add(since),
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// Opus (RFC 7587) and every video codec there is.
    const fn clock_rate(&self) -> u32 {
        if self.plan.is_audio { 48_000 } else { 90_000 }
    }
}
