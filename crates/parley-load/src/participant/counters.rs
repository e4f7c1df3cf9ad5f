//! What a synthetic participant sent and received.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    gaps::GapCounter,
    spread::Spread,
    stamp::Stamp,
    vp8::{FrameStart, frame_start},
};

/// What arrived in one medium.
#[derive(Clone, Debug, Default)]
pub struct Received {
    streams: BTreeMap<u32, GapCounter>,
    publishers: BTreeSet<u64>,
    one_way_us: Spread,
    bytes: u64,
    frames: u64,
    key_frames: u64,
    unmarked: u64,
}

impl Received {
    /// Takes one packet: its SSRC, sequence number and payload, and the Unix time in microseconds.
    pub(crate) fn take(&mut self, ssrc: u32, sequence: u16, payload: &[u8], now_us: u64) {
        // A packet without payload is padding that probes the network; the relay may drop it.
        self.streams.entry(ssrc).or_default().receive(sequence);
        self.bytes += payload.len() as u64;
        match Stamp::read(payload) {
            Some(stamp) => {
                self.publishers.insert(stamp.publisher);
                self.one_way_us.add(now_us.saturating_sub(stamp.sent_at_us));
            }
            None => self.unmarked += 1,
        }
    }

    pub(crate) fn take_video(&mut self, ssrc: u32, sequence: u16, payload: &[u8], now_us: u64) {
        self.take(ssrc, sequence, payload, now_us);
        let start = frame_start(payload);
        self.frames += u64::from(start != FrameStart::None);
        self.key_frames += u64::from(start == FrameStart::Key);
    }

    /// Packets that arrived.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.streams.values().map(GapCounter::received).sum()
    }

    /// Packets missing between the first and the last of each stream.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.streams.values().map(GapCounter::lost).sum()
    }

    /// Payload bytes that arrived.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Video frames that began.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Key frames that began.
    #[must_use]
    pub const fn key_frames(&self) -> u64 {
        self.key_frames
    }

    /// Payloads without a mark, from publishers that are not synthetic.
    #[must_use]
    pub const fn unmarked(&self) -> u64 {
        self.unmarked
    }

    /// The seeds of the synthetic publishers that were heard or seen.
    #[must_use]
    pub const fn publishers(&self) -> &BTreeSet<u64> {
        &self.publishers
    }

    /// From the making of each marked packet to its arrival, in microseconds; meaningful where
    /// both ends read one clock.
    #[must_use]
    pub const fn one_way_us(&self) -> &Spread {
        &self.one_way_us
    }
}

/// All that a participant counted since it began.
#[derive(Clone, Debug, Default)]
pub struct ParticipantCounters {
    /// Whether media can flow.
    pub is_connected: bool,
    /// Whether the participant is gone: stopped, refused or broken.
    pub has_ended: bool,
    /// Packets handed to the network stack, resends excluded.
    pub packets_sent: u64,
    /// Payload bytes of those packets.
    pub bytes_sent: u64,
    /// Key frames that the relay asked for.
    pub key_frame_requests: u64,
    /// Received video.
    pub video: Received,
    /// Received sound.
    pub audio: Received,
}

impl ParticipantCounters {
    /// Returns everything as names and numbers; names end in their unit, and a percentile without
    /// a sample is left out.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, f64)> {
        let mut entries = vec![
            (
                "connected".to_owned(),
                f64::from(u8::from(self.is_connected)),
            ),
            ("ended".to_owned(), f64::from(u8::from(self.has_ended))),
            ("packets_sent".to_owned(), number(self.packets_sent)),
            ("bytes_sent".to_owned(), number(self.bytes_sent)),
            (
                "key_frame_requests".to_owned(),
                number(self.key_frame_requests),
            ),
        ];
        for (medium, received) in [("video", &self.video), ("audio", &self.audio)] {
            let counts = [
                ("packets_received", received.packets()),
                ("packets_lost", received.lost()),
                ("bytes_received", received.bytes()),
                ("frames_received", received.frames()),
                ("key_frames_received", received.key_frames()),
                ("packets_unmarked", received.unmarked()),
                ("publishers", received.publishers().len() as u64),
            ];
            entries.extend(counts.map(|(name, count)| (format!("{medium}_{name}"), number(count))));
            for (name, share) in [("p50", 0.5), ("p95", 0.95), ("max", 1.0)] {
                if let Some(us) = received.one_way_us().percentile(share) {
                    entries.push((format!("{medium}_one_way_{name}_us"), number(us)));
                }
            }
        }
        entries
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]
const fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vp8::{FramePart, Vp8Payloads};

    #[test]
    fn frames_losses_and_delays_are_counted() {
        let mut payloads = Vp8Payloads::new(320, 180, 1);
        let mut received = Received::default();
        for (sequence, sent_at_us) in [(1, 1_000), (2, 2_000), (4, 4_000)] {
            let part = FramePart {
                picture: 1,
                is_key: sequence == 1,
                is_first: sequence < 4,
            };
            let stamp = Stamp {
                publisher: 9,
                index: 0,
                sent_at_us,
            };
            received.take_video(
                5,
                sequence,
                &payloads.payload(part, 500, stamp),
                sent_at_us + 70,
            );
        }
        assert_eq!((received.packets(), received.lost()), (3, 1));
        assert_eq!(
            (received.frames(), received.key_frames(), received.bytes()),
            (2, 1, 1500)
        );
        assert_eq!(received.one_way_us().percentile(1.0), Some(70));
        assert_eq!(
            received.publishers().iter().copied().collect::<Vec<_>>(),
            [9]
        );
    }

    #[test]
    fn entries_leave_out_what_was_not_measured() {
        let entries = ParticipantCounters::default().entries();
        assert!(entries.iter().all(|(name, _)| !name.contains("one_way")));
        assert!(entries.contains(&("video_packets_received".to_owned(), 0.0)));
    }
}
