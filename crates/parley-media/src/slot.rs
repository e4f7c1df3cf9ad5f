//! A fixed receiving place of a browser: what it shows and how far its numbers have come.

use std::time::{Duration, Instant};

use parley_wire::{ids::TrackId, room::Codec};
use str0m::rtp::Ssrc;

use crate::{
    cache::SourcePacket,
    egress::OutPacket,
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
    pub(crate) ssrc: Ssrc,
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
    pub(crate) const fn new(ssrc: Ssrc) -> Self {
        Self {
            ssrc,
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
    pub(crate) fn begin(&mut self, first: &Numbers, taken: Instant, rate: u32) {
        let step = self
            .last_taken
            .map_or(1, |last| ticks(taken.saturating_duration_since(last), rate));
        let rewriter = self
            .rewriter
            .get_or_insert_with(|| Rewriter::new(first_sequence(self.ssrc), 0));
        rewriter.switch(first, step.max(rate / 1_000));
    }

    /// The packet as it leaves for the browser, or `None` when it is from before the switch.
    pub(crate) fn write(
        &mut self,
        packet: &SourcePacket,
        payload_type: u8,
        taken: Instant,
    ) -> Option<OutPacket> {
        let out = self.rewriter.as_mut()?.rewrite(&packet.numbers)?;
        self.last_taken = Some(self.last_taken.map_or(taken, |last| last.max(taken)));
        Some(OutPacket {
            payload_type,
            sequence: out.sequence,
            timestamp: out.timestamp,
            taken,
            is_marked: packet.is_marked,
            picture_id: out.picture_id,
            tl0_picture_index: out.tl0_picture_index,
            extensions: packet.extensions,
            payload: packet.payload.clone(),
        })
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
