//! Media on its way out: audio at once with copies of what came before, video in blocks with
//! parity, whole frames given up when they are late.

use crate::{
    error::{LineError, OurError, TheirError},
    event::{MediaUnit, UNIT_BYTES_MAX},
    parity::{COVERED_HEAD_BYTES, ParityWork, Source, parities},
};
use bytes::Bytes;
use parley_wire::line::{
    AUDIO_UNITS_MAX, Datagram, Lane, Parity, SHARD_HEAD_BYTES_MAX, SHARDS_MAX, Shard, ShardFlags,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// Most flows of one line: about 300 tracks of three layers. Each costs some 200 bytes.
pub(crate) const FLOWS_MAX: usize = 1_024;

/// A flow unused for so long gives its place to a new one.
pub(crate) const FLOW_IDLE: Duration = Duration::from_secs(30);

/// Age at which queued video is no longer worth sending: the base layer, then the upper ones.
/// More delays the picture behind the voice; less drops frames that a short dip only delayed.
const BASE_LATE: Duration = Duration::from_millis(400);
const UPPER_LATE: Duration = Duration::from_millis(200);

/// Most bytes queued: a key frame of a shared screen, and twice that for the upper layers.
const BASE_BYTES_MAX: usize = 512 << 10;
const UPPER_BYTES_MAX: usize = 1 << 20;

/// How often a block of the base layer, and of an upper layer, may fail despite its parity.
const BASE_FAILURE: f64 = 0.01;
const UPPER_FAILURE: f64 = 0.05;

/// Most overhead reckoned with. A base layer of one packet per frame has more, but what the figure
/// is for, the next layer up, has longer blocks and less. More withholds layers that would fit.
const OVERHEAD_PERCENT_MAX: u64 = 130;

/// Bytes of video over which the overhead of protection is averaged: a second or two.
const OVERHEAD_WINDOW: u64 = 200_000;

/// What the path that media takes is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outlook {
    /// Longest datagram, bytes.
    pub(crate) datagram_bytes: usize,
    /// Share of our packets that are lost.
    pub(crate) loss: f64,
    /// How many earlier audio units travel with each, at most.
    pub(crate) audio_depth: usize,
}

#[derive(Debug)]
struct FlowOut {
    used: Instant,
    /// Sequence number of the next audio unit.
    sequence: u32,
    /// The last audio units, newest first.
    recent: VecDeque<Bytes>,
    block: u32,
    frame: Option<u32>,
    dropped: Option<u32>,
    sources: Vec<Source>,
    lane: Lane,
}

#[derive(Debug)]
struct Queued {
    bytes: Bytes,
    flow: u32,
    frame: u32,
    at: Instant,
}

/// A queue of video datagrams, oldest first.
#[derive(Debug, Default)]
struct VideoQueue {
    waiting: VecDeque<Queued>,
    bytes: usize,
}

/// Media of one line that is being prepared or waits for its turn.
#[derive(Default)]
pub(crate) struct MediaOut {
    flows: BTreeMap<u32, FlowOut>,
    base: VideoQueue,
    upper: VideoQueue,
    work: ParityWork,
    pub(crate) dropped_late: u64,
    pub(crate) parity_sent: u64,
    /// Bytes of video units and of the datagrams made of them, for the overhead of protection.
    pub(crate) video_bytes: u64,
    pub(crate) datagram_bytes: u64,
}

impl MediaOut {
    /// Takes an audio unit; the datagram that carries it and the ones before it.
    pub(crate) fn audio(
        &mut self,
        now: Instant,
        unit: MediaUnit,
        outlook: Outlook,
    ) -> Result<Bytes, LineError> {
        check(&unit)?;
        let flow = self.flow(now, &unit)?;
        let sequence = flow.sequence;
        flow.sequence = flow.sequence.wrapping_add(1);
        flow.recent.push_front(unit.payload);
        flow.recent.truncate(AUDIO_KEPT);
        let copies = outlook
            .audio_depth
            .min(usize::try_from(sequence).unwrap_or(usize::MAX));
        let mut room = outlook.datagram_bytes.saturating_sub(AUDIO_HEAD_BYTES);
        let mut units = Vec::with_capacity(copies + 1);
        for bytes in flow.recent.iter().take(copies + 1) {
            let needed = bytes.len() + 2;
            if !units.is_empty() && needed > room {
                break;
            }
            room = room.saturating_sub(needed);
            units.push(bytes.clone());
        }
        Ok(encode(&Datagram::Audio {
            flow: unit.flow,
            sequence,
            units,
        }))
    }

    /// Takes a video unit and queues what carries it.
    pub(crate) fn video(
        &mut self,
        now: Instant,
        unit: &MediaUnit,
        outlook: Outlook,
    ) -> Result<(), LineError> {
        check(unit)?;
        let upper = unit.lane == Lane::Upper;
        let flow = self.flow(now, unit)?;
        if flow.dropped == Some(unit.frame) {
            self.dropped_late += 1;
            return Ok(());
        }
        let shard_bytes = outlook
            .datagram_bytes
            .saturating_sub(SHARD_HEAD_BYTES_MAX + COVERED_HEAD_BYTES + 1)
            .max(1);
        let parts = unit.payload.len().div_ceil(shard_bytes).max(1);
        let is_new_frame = flow.frame.is_some_and(|frame| frame != unit.frame);
        if is_new_frame || flow.sources.len() + parts > usize::from(SHARDS_MAX) {
            self.close_block(now, unit.flow, outlook.loss);
        }
        let Some(flow) = self.flows.get_mut(&unit.flow) else {
            return Ok(());
        };
        flow.frame = Some(unit.frame);
        flow.lane = unit.lane;
        let queue = if upper {
            &mut self.upper
        } else {
            &mut self.base
        };
        self.video_bytes += unit.payload.len() as u64;
        for datagram in shards(flow, unit, parts) {
            self.datagram_bytes += datagram.len() as u64;
            queue.push(Queued {
                bytes: datagram,
                flow: unit.flow,
                frame: unit.frame,
                at: now,
            });
        }
        if unit.last {
            self.close_block(now, unit.flow, outlook.loss);
        }
        self.enforce_bounds();
        Ok(())
    }

    /// The next video datagram to send, and its lane.
    pub(crate) fn next(&mut self, now: Instant) -> Option<(Lane, Bytes)> {
        for lane in [Lane::Base, Lane::Upper] {
            let late = if lane == Lane::Base {
                BASE_LATE
            } else {
                UPPER_LATE
            };
            while let Some(queued) = self.queue(lane).pop() {
                let is_late = now.saturating_duration_since(queued.at) > late;
                if !self.is_dropped(&queued, is_late) {
                    return Some((lane, queued.bytes));
                }
            }
        }
        None
    }

    /// What protection and heads make of 100 bytes of video, lately.
    pub(crate) fn overhead_percent(&mut self) -> u64 {
        if self.video_bytes > OVERHEAD_WINDOW {
            self.video_bytes /= 2;
            self.datagram_bytes /= 2;
        }
        (self.datagram_bytes * 100 / self.video_bytes.max(1)).clamp(100, OVERHEAD_PERCENT_MAX)
    }

    /// Forgets what waits: no path is left to take it.
    pub(crate) fn clear(&mut self) {
        for lane in [Lane::Base, Lane::Upper] {
            while let Some(queued) = self.queue(lane).pop() {
                self.is_dropped(&queued, true);
            }
        }
    }

    /// Bytes that wait in a lane.
    pub(crate) fn bytes(&self, lane: Lane) -> u64 {
        match lane {
            Lane::Base => self.base.bytes as u64,
            Lane::Upper => self.upper.bytes as u64,
            Lane::Alert | Lane::Audio | Lane::Document | Lane::Image => 0,
        }
    }

    fn queue(&mut self, lane: Lane) -> &mut VideoQueue {
        if lane == Lane::Upper {
            &mut self.upper
        } else {
            &mut self.base
        }
    }

    /// Decides whether the frame of `queued` is given up, and if so gives up all of it.
    fn is_dropped(&mut self, queued: &Queued, is_late: bool) -> bool {
        let Some(flow) = self.flows.get_mut(&queued.flow) else {
            return is_late;
        };
        if is_late {
            flow.dropped = Some(queued.frame);
        }
        let dropped = flow.dropped == Some(queued.frame);
        self.dropped_late += u64::from(dropped);
        dropped
    }

    fn enforce_bounds(&mut self) {
        for (lane, bytes_max) in [(Lane::Base, BASE_BYTES_MAX), (Lane::Upper, UPPER_BYTES_MAX)] {
            while self.queue(lane).bytes > bytes_max
                && let Some(queued) = self.queue(lane).pop()
            {
                self.is_dropped(&queued, true);
            }
        }
    }

    /// Ends a flow's block: queues its parity and begins the next.
    fn close_block(&mut self, now: Instant, id: u32, loss: f64) {
        let Some(flow) = self.flows.get_mut(&id) else {
            return;
        };
        let upper = flow.lane == Lane::Upper;
        let failure = if upper { UPPER_FAILURE } else { BASE_FAILURE };
        let sources = u8::try_from(flow.sources.len()).unwrap_or(SHARDS_MAX);
        let count = parities(sources, loss, failure);
        let (block, frame) = (flow.block, flow.frame.unwrap_or_default());
        let made = if count > 0 {
            self.work.protect(&flow.sources, count)
        } else {
            Vec::new()
        };
        flow.sources.clear();
        flow.block = flow.block.wrapping_add(1);
        flow.frame = None;
        let queue = if upper {
            &mut self.upper
        } else {
            &mut self.base
        };
        for (index, payload) in (0..count).zip(made) {
            let parity = Parity {
                flow: id,
                block,
                sources,
                parities: count,
                index,
                payload,
            };
            let bytes = encode(&Datagram::Parity(parity));
            self.parity_sent += 1;
            self.datagram_bytes += bytes.len() as u64;
            queue.push(Queued {
                bytes,
                flow: id,
                frame,
                at: now,
            });
        }
    }

    fn flow(&mut self, now: Instant, unit: &MediaUnit) -> Result<&mut FlowOut, LineError> {
        if !self.flows.contains_key(&unit.flow) && self.flows.len() >= FLOWS_MAX {
            self.flows.retain(|_, flow| now < flow.used + FLOW_IDLE);
            if self.flows.len() >= FLOWS_MAX {
                return Err(TheirError::LaneFull(unit.lane).into());
            }
        }
        let flow = self.flows.entry(unit.flow).or_insert_with(|| FlowOut {
            used: now,
            sequence: 0,
            recent: VecDeque::new(),
            block: 0,
            frame: None,
            dropped: None,
            sources: Vec::new(),
            lane: unit.lane,
        });
        flow.used = now;
        Ok(flow)
    }
}

/// Audio units kept for copies.
const AUDIO_KEPT: usize = AUDIO_UNITS_MAX;

/// Most bytes before the units of an audio datagram.
const AUDIO_HEAD_BYTES: usize = 1 + 8 + 8 + 1;

impl VideoQueue {
    fn push(&mut self, queued: Queued) {
        self.bytes += queued.bytes.len();
        self.waiting.push_back(queued);
    }

    fn pop(&mut self) -> Option<Queued> {
        let queued = self.waiting.pop_front()?;
        self.bytes -= queued.bytes.len();
        Some(queued)
    }
}

fn check(unit: &MediaUnit) -> Result<(), LineError> {
    if unit.payload.len() > UNIT_BYTES_MAX {
        return Err(OurError::UnitTooLong(unit.payload.len()).into());
    }
    Ok(())
}

/// Cuts a unit in `parts` of about the same size and writes each as a datagram.
fn shards(flow: &mut FlowOut, unit: &MediaUnit, parts: usize) -> Vec<Bytes> {
    let size = unit.payload.len().div_ceil(parts).max(1);
    (0..parts)
        .map(|part| {
            let range =
                (part * size).min(unit.payload.len())..((part + 1) * size).min(unit.payload.len());
            let mut flags = if unit.lane == Lane::Upper {
                ShardFlags::UPPER
            } else {
                0
            };
            if part == 0 {
                flags |= ShardFlags::UNIT_START;
            }
            if part + 1 == parts {
                flags |= ShardFlags::UNIT_END;
                if unit.last {
                    flags |= ShardFlags::BLOCK_END;
                }
            }
            let payload = unit.payload.slice(range);
            let flags = ShardFlags(flags);
            let index = u8::try_from(flow.sources.len()).unwrap_or(u8::MAX);
            flow.sources.push(Source {
                flags,
                payload: payload.clone(),
            });
            let shard = Shard {
                flow: unit.flow,
                block: flow.block,
                index,
                flags,
                payload,
            };
            encode(&Datagram::Shard(shard))
        })
        .collect()
}

fn encode(frame: &Datagram) -> Bytes {
    let mut bytes = Vec::with_capacity(1_400);
    frame.write(&mut bytes);
    bytes.into()
}
