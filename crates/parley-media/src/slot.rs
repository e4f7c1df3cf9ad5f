//! A fixed receiving place of a browser: what it shows and how far its numbers have come.

use std::time::{Duration, Instant};

use parley_wire::{ids::TrackId, room::Codec};
use str0m::{
    media::{Mid, Pt},
    rtp::{RtpWrite, Ssrc, Vp8Descriptor, Vp8Patch},
};

use crate::{
    cache::SourcePacket,
    layers::SlotChoice,
    rewrite::{Numbers, Rewriter},
    switch::Switch,
};

/// What a page asked to see in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) track: TrackId,
    pub(crate) height_px: u16,
}

/// One receiving place.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) mid: Mid,
    pub(crate) ssrc: Ssrc,
    pub(crate) rtx: Option<Ssrc>,
    /// Whether the engine knows the stream. Streams are declared when first used, because every
    /// declared stream costs time with every packet of any other.
    pub(crate) is_declared: bool,
    pub(crate) ask: Option<Ask>,
    /// The track that feeds the slot.
    pub(crate) track: Option<usize>,
    pub(crate) switch: Switch,
    pub(crate) choice: SlotChoice,
    rewriter: Option<Rewriter>,
    /// When what the slot shows last was taken.
    last_taken: Option<Instant>,
}

impl Slot {
    pub(crate) const fn new(mid: Mid, ssrc: Ssrc, rtx: Option<Ssrc>) -> Self {
        Self {
            mid,
            ssrc,
            rtx,
            is_declared: false,
            ask: None,
            track: None,
            switch: Switch::Empty,
            choice: SlotChoice {
                layer: None,
                ideal: None,
                withheld: None,
            },
            rewriter: None,
            last_taken: None,
        }
    }

    /// Takes over the numbers of a new source, whose first packet was taken at `taken`.
    pub(crate) fn begin(&mut self, first: &Numbers, taken: Instant, now: Instant, rate: u32) {
        let lag = ticks(now.saturating_duration_since(taken), rate);
        let step = self
            .last_taken
            .map_or(1, |last| ticks(taken.saturating_duration_since(last), rate));
        // The engine's first report says that the present moment is timestamp 0 before it has seen
        // a packet; starting there makes it true.
        let rewriter = self
            .rewriter
            .get_or_insert_with(|| Rewriter::new(first_sequence(self.ssrc), lag.wrapping_neg()));
        rewriter.switch(first, step.max(rate / 1_000));
    }

    /// The packet as it leaves for the browser, or `None` when it is from before the switch.
    pub(crate) fn write(
        &mut self,
        packet: &SourcePacket,
        pt: Pt,
        taken: Instant,
    ) -> Option<RtpWrite> {
        let out = self.rewriter.as_mut()?.rewrite(&packet.numbers)?;
        self.last_taken = Some(self.last_taken.map_or(taken, |last| last.max(taken)));
        let write = RtpWrite::new(
            pt,
            out.sequence.into(),
            out.timestamp,
            taken,
            packet.payload.clone(),
        )
        .marker(packet.is_marked)
        .nackable(self.rtx.is_some())
        .ext_vals(packet.extensions.to_values());
        Some(
            match packet.vp8.and_then(|descriptor| patch(&descriptor, &out)) {
                Some(patch) => write.vp8_patch(patch),
                None => write,
            },
        )
    }

    /// Makes what was taken at `source_timestamp` appear `step` after what the slot showed last.
    pub(crate) fn retime_after_last(&mut self, source_timestamp: u32, step: u32) {
        if let Some(rewriter) = &mut self.rewriter {
            let at = rewriter.last().timestamp.wrapping_add(step);
            rewriter.retime(source_timestamp, at);
        }
    }
}

/// RTP ticks of a duration; RTP timestamps wrap, so a long one may too.
pub(crate) fn ticks(duration: Duration, rate: u32) -> u32 {
    let ticks = duration.as_micros() * u128::from(rate) / 1_000_000;
    u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0)
}

/// Timestamps count so many per second (RFC 7587, RFC 7741).
pub(crate) const fn clock_rate(codec: Codec) -> u32 {
    match codec {
        Codec::Opus => 48_000,
        Codec::Vp8 | Codec::Vp9 | Codec::Av1 => 90_000,
    }
}

/// Any number below 2^15 will do; the SSRC is random already.
fn first_sequence(ssrc: Ssrc) -> u16 {
    u16::try_from(*ssrc & 0x3fff).unwrap_or(0)
}

fn patch(descriptor: &Vp8Descriptor, out: &Numbers) -> Option<Vp8Patch> {
    let build = |picture_id: Option<u16>| {
        let mut builder = descriptor.patch();
        if let Some(id) = picture_id {
            builder = builder.picture_id(id);
        }
        if let Some(index) = out.tl0_picture_index {
            builder = builder.tl0_pic_idx(index);
        }
        builder.build().ok()
    };
    // A source that counts in seven bits cannot carry fifteen.
    build(out.picture_id).or_else(|| build(out.picture_id.map(|id| id & 0x7f)))
}
