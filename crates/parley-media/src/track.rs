//! One medium of one person, wherever they are: its layers and who gets them.

use std::time::{Duration, Instant};

use parley_wire::{
    ids::{PartyId, TrackId},
    room::{Codec, Reason},
};

use crate::{
    cache::FrameCache,
    capture::StreamClock,
    frames::{Frames, Seen},
    holes::Holes,
    key_frames::{Distance, KeyFrameGate},
    layers::{HEIGHTS_ASSUMED_PX, LAYERS, LayerOffer, RATES_ASSUMED_BPS},
    participant::SlotPlace,
    rate::RateMeter,
    slot::clock_rate,
};

/// A layer nothing came from for so long, while a smaller one flows, is not sent at present. More
/// freezes the picture for longer when a browser gives a layer up; less takes a slow screen for one
/// that stands still.
const STALLED_AFTER: Duration = Duration::from_millis(900);

/// Where a track comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A person of this node, by key.
    Local(usize),
    /// The party at the other end of a line.
    Far(PartyId),
}

/// One receiving place of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub(crate) participant: usize,
    pub(crate) place: SlotPlace,
}

/// One line a layer is sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineTap {
    pub(crate) to: PartyId,
    pub(crate) alias: u16,
    /// Nothing goes out before a frame the other side can begin with.
    pub(crate) is_waiting: bool,
    /// When the other side was last told when something was taken.
    pub(crate) told_capture: Option<Instant>,
}

/// One quality of a track.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Whether the publisher said it would make it.
    pub(crate) is_declared: bool,
    /// Whether anything ever came.
    pub(crate) is_seen: bool,
    pub(crate) height_px: u16,
    /// What the roster of another relay said it costs.
    pub(crate) told_bps: u64,
    /// Why the relay it comes through keeps it back.
    pub(crate) withheld: Option<Reason>,
    pub(crate) last_packet: Option<Instant>,
    pub(crate) rate: RateMeter,
    pub(crate) cache: FrameCache,
    pub(crate) viewers: Vec<Viewer>,
    pub(crate) lines: Vec<LineTap>,
    pub(crate) gate: KeyFrameGate,
    pub(crate) holes: Holes,
    pub(crate) clock: StreamClock,
    pub(crate) frames: Frames,
    pub(crate) seen: Seen,
}

/// One medium of one person.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) id: TrackId,
    pub(crate) room: usize,
    pub(crate) codec: Codec,
    pub(crate) is_muted: bool,
    pub(crate) source: Source,
    pub(crate) layers: [Layer; LAYERS],
    /// Which layers the page was last told somebody watches, and until when it stays so.
    pub(crate) told_wanted: Option<(u8, Instant)>,
}

impl Track {
    pub(crate) fn new(id: TrackId, room: usize, codec: Codec, source: Source) -> Self {
        let distance = match source {
            Source::Local(_) => Distance::Local,
            Source::Far(_) => Distance::Far,
        };
        Self {
            id,
            room,
            codec,
            is_muted: false,
            source,
            layers: core::array::from_fn(|layer| Layer::new(layer, codec, distance)),
            told_wanted: None,
        }
    }

    pub(crate) fn is_audio(&self) -> bool {
        self.id.index.is_audio()
    }

    /// What a viewer can choose from.
    pub(crate) fn offers(&self, now: Instant) -> [LayerOffer; LAYERS] {
        core::array::from_fn(|at| {
            let layer = &self.layers[at];
            LayerOffer {
                exists: layer.is_seen,
                withheld: self.withheld(at, now),
                height_px: layer.height_px,
                rate_bps: layer.rate_bps(now, at),
            }
        })
    }

    /// The layers the publisher could make, whether or not it does.
    pub(crate) fn declared(&self) -> [LayerOffer; LAYERS] {
        core::array::from_fn(|at| LayerOffer {
            exists: self.layers[at].is_declared,
            withheld: None,
            height_px: self.layers[at].height_px,
            rate_bps: 0,
        })
    }

    /// Why a layer does not flow from its source.
    pub(crate) fn withheld(&self, at: usize, now: Instant) -> Option<Reason> {
        if self.is_muted {
            return Some(Reason::Muted);
        }
        let layer = &self.layers[at];
        layer
            .withheld
            .or_else(|| self.is_stalled(at, now).then_some(Reason::Paused))
    }

    /// A layer stands still when a smaller one moves on without it.
    fn is_stalled(&self, at: usize, now: Instant) -> bool {
        let age = |layer: &Layer| {
            layer
                .last_packet
                .map(|at| now.saturating_duration_since(at))
        };
        let Some(own) = age(&self.layers[at]) else {
            return matches!(self.source, Source::Local(_));
        };
        // A far layer is silent whenever nobody here wants it; its relay says why when it matters.
        matches!(self.source, Source::Local(_))
            && own > STALLED_AFTER
            && self.layers[..at]
                .iter()
                .filter_map(age)
                .any(|lower| lower < STALLED_AFTER)
    }

    /// Whether anybody here or on a line waits for a key frame of the layer.
    pub(crate) fn has_waiting_line(&self, layer: usize) -> bool {
        self.layers[layer].lines.iter().any(|tap| tap.is_waiting)
    }
}

impl Layer {
    fn new(layer: usize, codec: Codec, distance: Distance) -> Self {
        let number = u8::try_from(layer).unwrap_or(0);
        Self {
            is_declared: false,
            is_seen: false,
            height_px: HEIGHTS_ASSUMED_PX[layer],
            told_bps: 0,
            withheld: None,
            last_packet: None,
            rate: RateMeter::default(),
            cache: FrameCache::default(),
            viewers: Vec::new(),
            lines: Vec::new(),
            gate: KeyFrameGate::new(number, distance),
            holes: Holes::new(distance),
            clock: StreamClock::new(clock_rate(codec)),
            frames: Frames::default(),
            seen: Seen::default(),
        }
    }

    /// What the layer costs: measured, else told, else assumed.
    pub(crate) fn rate_bps(&self, now: Instant, at: usize) -> u64 {
        match self.rate.bps(now) {
            0 if self.told_bps > 0 => self.told_bps,
            0 => RATES_ASSUMED_BPS[at],
            measured => measured,
        }
    }
}
