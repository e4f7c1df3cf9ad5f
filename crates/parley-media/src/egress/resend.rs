//! What was sent lately, to be sent again to a browser that lost it (RFC 4588).

use std::time::{Duration, Instant};

use super::packet::OutPacket;

/// Packets kept per stream. More costs memory per watched picture; less cannot mend a burst of loss
/// on a large one.
const PACKETS: usize = 512;
/// Older ones are of no use to a picture that has to move.
const AGE_MAX: Duration = Duration::from_secs(3);

/// The last packets of one stream.
#[derive(Debug, Default)]
pub(crate) struct ResendCache {
    /// By number modulo its length; empty until the stream is used.
    kept: Vec<Option<Kept>>,
    newest: u64,
}

#[derive(Debug)]
struct Kept {
    packet: OutPacket,
    sent: Instant,
    resent: Option<Instant>,
}

impl ResendCache {
    pub(crate) fn push(&mut self, now: Instant, packet: OutPacket) {
        if self.kept.is_empty() {
            self.kept.resize_with(PACKETS, || None);
        }
        self.newest = self.newest.max(packet.sequence);
        let at = place(packet.sequence);
        self.kept[at] = Some(Kept {
            packet,
            sent: now,
            resent: None,
        });
    }

    /// The number a browser means by its lower half.
    pub(crate) fn extend(&self, sequence: u16) -> u64 {
        parley_srtp::packet::extend(self.newest, sequence)
    }

    /// What the packet weighs, if it is kept and was not sent again within `pause`.
    pub(crate) fn is_wanted(&self, now: Instant, sequence: u64, pause: Duration) -> Option<usize> {
        let kept = self.find(now, sequence)?;
        kept.resent
            .is_none_or(|at| now.saturating_duration_since(at) >= pause)
            .then_some(kept.packet.payload.len())
    }

    /// The packet, which counts as sent again.
    pub(crate) fn take(&mut self, now: Instant, sequence: u64) -> Option<OutPacket> {
        self.find(now, sequence)?;
        let kept = self.kept[place(sequence)].as_mut()?;
        kept.resent = Some(now);
        Some(kept.packet.clone())
    }

    /// The largest of the last packets, which a probe can be made of.
    pub(crate) fn filling(&self, now: Instant) -> Option<u64> {
        const LATELY: u64 = 8;
        (self.newest.saturating_sub(LATELY)..=self.newest)
            .filter_map(|sequence| self.find(now, sequence))
            .map(|kept| (kept.packet.payload.len(), kept.packet.sequence))
            .max()
            .map(|(_, sequence)| sequence)
    }

    fn find(&self, now: Instant, sequence: u64) -> Option<&Kept> {
        let kept = self.kept.get(place(sequence))?.as_ref()?;
        let is_young = now.saturating_duration_since(kept.sent) <= AGE_MAX;
        (kept.packet.sequence == sequence && is_young).then_some(kept)
    }
}

fn place(sequence: u64) -> usize {
    usize::try_from(sequence % PACKETS as u64).unwrap_or(0)
}
