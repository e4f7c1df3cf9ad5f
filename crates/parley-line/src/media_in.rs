//! Media that arrives: each unit once, in the order of arrival, and what was lost rebuilt.
//!
//! Nothing waits for anything: a unit is handed on as soon as all of it is here, whether it came
//! itself, as a copy, or out of parity. What is remembered is bounded per flow and per line.

use crate::{
    media_out::{FLOW_IDLE, FLOWS_MAX},
    parity::{ParityWork, Source},
    refusal::Refusal,
};
use bytes::{Bytes, BytesMut};
use parley_wire::line::{Lane, Parity, SHARDS_MAX, Shard, ShardFlags};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// Blocks remembered per flow: half a second at 30 frames/s. More accepts media that is later.
const BLOCKS_MAX: usize = 16;

/// Most payload bytes kept for rebuilding, per line. More keeps parity useful on faster lines: this
/// is a quarter of a second at 100 Mbit/s.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Audio units remembered per flow, to know a copy.
const AUDIO_WINDOW: u32 = 128;

/// A block that lies so far ahead is a sender that started anew, not a reordered packet.
const BLOCK_AHEAD_MAX: u32 = 1 << 20;

#[derive(Debug)]
struct Block {
    id: u32,
    lane: Lane,
    sources: Vec<Option<Source>>,
    present: u64,
    handed_on: u64,
    /// Number of source shards, once known.
    count: Option<u8>,
    parities: Vec<(u8, Bytes)>,
    parity_count: u8,
    bytes: usize,
    is_complete: bool,
}

#[derive(Debug)]
struct FlowIn {
    used: Instant,
    audio_newest: Option<u32>,
    audio_seen: u128,
    blocks: VecDeque<Block>,
}

/// Media of one line from one incarnation of the other party.
#[derive(Default)]
pub(crate) struct MediaIn {
    flows: BTreeMap<u32, FlowIn>,
    kept_bytes: usize,
    work: ParityWork,
    pub(crate) received: u64,
    pub(crate) repeated: u64,
    pub(crate) recovered: u64,
}

impl MediaIn {
    /// Takes an audio datagram and appends the units that are new, oldest first.
    pub(crate) fn audio(
        &mut self,
        now: Instant,
        flow: u32,
        sequence: u32,
        units: Vec<Bytes>,
        ready: &mut Vec<(Lane, Bytes)>,
    ) -> Result<(), Refusal> {
        let state = flow_in(&mut self.flows, &mut self.kept_bytes, now, flow)?;
        for (index, unit) in units.into_iter().enumerate().rev() {
            let back = u32::try_from(index).unwrap_or(u32::MAX);
            let Some(number) = sequence.checked_sub(back) else {
                continue;
            };
            if state.is_new_audio(number) {
                self.received += 1;
                self.recovered += u64::from(back > 0);
                ready.push((Lane::Audio, unit));
            } else {
                self.repeated += 1;
            }
        }
        Ok(())
    }

    /// Takes a source shard and appends the units it completes.
    pub(crate) fn shard(
        &mut self,
        now: Instant,
        shard: Shard,
        ready: &mut Vec<(Lane, Bytes)>,
    ) -> Result<(), Refusal> {
        let state = flow_in(&mut self.flows, &mut self.kept_bytes, now, shard.flow)?;
        let block = block_in(state, &mut self.kept_bytes, shard.block)?;
        let index = usize::from(shard.index);
        if block.present & 1 << index != 0 || block.is_complete {
            self.repeated += 1;
            return Ok(());
        }
        if block.count.is_some_and(|count| shard.index >= count) {
            return Err(Refusal::MalformedFrame);
        }
        block.lane = shard.flags.lane();
        if shard.flags.has(ShardFlags::BLOCK_END) {
            block.set_count(shard.index + 1)?;
        }
        self.kept_bytes += block.keep(
            shard.index,
            Source {
                flags: shard.flags,
                payload: shard.payload,
            },
        );
        self.received += block.hand_on(index, ready);
        self.rebuild_if_possible(shard.flow, shard.block, ready);
        Ok(())
    }

    /// Takes a parity shard and appends the units it brings back.
    pub(crate) fn parity(
        &mut self,
        now: Instant,
        parity: Parity,
        ready: &mut Vec<(Lane, Bytes)>,
    ) -> Result<(), Refusal> {
        let state = flow_in(&mut self.flows, &mut self.kept_bytes, now, parity.flow)?;
        let block = block_in(state, &mut self.kept_bytes, parity.block)?;
        if block.is_complete {
            return Ok(());
        }
        block.set_count(parity.sources)?;
        let fits = block.parities.first().is_none_or(|(_, first)| {
            first.len() == parity.payload.len() && block.parity_count == parity.parities
        });
        if !fits {
            return Err(Refusal::MalformedFrame);
        }
        if block
            .parities
            .iter()
            .any(|(index, _)| *index == parity.index)
        {
            self.repeated += 1;
            return Ok(());
        }
        block.parity_count = parity.parities;
        block.bytes += parity.payload.len();
        self.kept_bytes += parity.payload.len();
        block.parities.push((parity.index, parity.payload));
        self.rebuild_if_possible(parity.flow, parity.block, ready);
        Ok(())
    }

    /// Completes a block when enough of it is here, and gives its memory back.
    fn rebuild_if_possible(&mut self, flow: u32, id: u32, ready: &mut Vec<(Lane, Bytes)>) {
        let Some(state) = self.flows.get_mut(&flow) else {
            return;
        };
        let Some(block) = state.blocks.iter_mut().find(|block| block.id == id) else {
            return;
        };
        let Some(count) = block.count else {
            return self.bound_memory();
        };
        let missing = usize::from(count) - block.present.count_ones() as usize;
        if missing > block.parities.len() {
            return self.bound_memory();
        }
        if missing > 0 {
            block.sources.resize(usize::from(count), None);
            let rebuilt = self
                .work
                .rebuild(&block.sources, &block.parities, block.parity_count);
            for (index, source) in rebuilt {
                self.kept_bytes += block.keep(index, source);
                let units = block.hand_on(usize::from(index), ready);
                self.received += units;
                self.recovered += units;
            }
        }
        self.kept_bytes -= block.release();
        block.is_complete = true;
    }

    /// Gives up rebuilding in the flow that keeps the most, until the line is within its bound.
    fn bound_memory(&mut self) {
        while self.kept_bytes > KEPT_BYTES_MAX {
            let heaviest = self
                .flows
                .values_mut()
                .max_by_key(|flow| flow.blocks.iter().map(|block| block.bytes).sum::<usize>());
            let Some(block) =
                heaviest.and_then(|flow| flow.blocks.iter_mut().find(|block| block.bytes > 0))
            else {
                return;
            };
            self.kept_bytes -= block.release();
            block.is_complete = true;
        }
    }
}

impl FlowIn {
    fn is_new_audio(&mut self, number: u32) -> bool {
        let newest = *self.audio_newest.get_or_insert(number);
        let ahead = number.wrapping_sub(newest);
        if ahead > 0 && ahead < u32::MAX / 2 {
            self.audio_seen = self.audio_seen.checked_shl(ahead).unwrap_or(0);
            self.audio_newest = Some(number);
            self.audio_seen |= 1;
            return true;
        }
        let back = newest.wrapping_sub(number);
        if back >= AUDIO_WINDOW || self.audio_seen & 1 << back != 0 {
            return false;
        }
        self.audio_seen |= 1 << back;
        true
    }
}

impl Block {
    fn new(id: u32) -> Self {
        Self {
            id,
            lane: Lane::Base,
            sources: Vec::new(),
            present: 0,
            handed_on: 0,
            count: None,
            parities: Vec::new(),
            parity_count: 0,
            bytes: 0,
            is_complete: false,
        }
    }

    fn set_count(&mut self, count: u8) -> Result<(), Refusal> {
        let highest = 64 - self.present.leading_zeros();
        if self.count.is_some_and(|known| known != count)
            || count > SHARDS_MAX
            || highest > u32::from(count)
        {
            return Err(Refusal::MalformedFrame);
        }
        self.count = Some(count);
        Ok(())
    }

    /// Stores a source shard; the bytes it takes.
    fn keep(&mut self, index: u8, source: Source) -> usize {
        let index = usize::from(index);
        if self.sources.len() <= index {
            self.sources.resize(index + 1, None);
        }
        let bytes = source.payload.len();
        self.sources[index] = Some(source);
        self.present |= 1 << index;
        self.bytes += bytes;
        bytes
    }

    /// Hands on the unit that the shard at `index` is part of, if all of it is here.
    fn hand_on(&mut self, index: usize, ready: &mut Vec<(Lane, Bytes)>) -> u64 {
        let Some((start, end)) = self.unit_around(index) else {
            return 0;
        };
        if self.handed_on & 1 << start != 0 {
            return 0;
        }
        let parts = self.sources[start..=end].iter().flatten();
        let payload = if start == end {
            parts
                .map(|source| source.payload.clone())
                .next()
                .unwrap_or_default()
        } else {
            let mut whole = BytesMut::new();
            parts.for_each(|source| whole.extend_from_slice(&source.payload));
            whole.freeze()
        };
        self.handed_on |= 1 << start;
        ready.push((self.lane, payload));
        1
    }

    /// First and last shard of the unit around `index`, if every shard between is here.
    fn unit_around(&self, index: usize) -> Option<(usize, usize)> {
        let flags = |at: usize| Some(self.sources.get(at)?.as_ref()?.flags);
        let mut start = index;
        while !flags(start)?.has(ShardFlags::UNIT_START) {
            start = start.checked_sub(1)?;
        }
        let mut end = index;
        while !flags(end)?.has(ShardFlags::UNIT_END) {
            end += 1;
        }
        Some((start, end))
    }

    /// Gives the payloads back; the bytes they took.
    fn release(&mut self) -> usize {
        self.sources = Vec::new();
        self.parities = Vec::new();
        std::mem::take(&mut self.bytes)
    }
}

/// The state of a flow, made if there is room for one more.
fn flow_in<'a>(
    flows: &'a mut BTreeMap<u32, FlowIn>,
    kept_bytes: &mut usize,
    now: Instant,
    id: u32,
) -> Result<&'a mut FlowIn, Refusal> {
    if !flows.contains_key(&id) && flows.len() >= FLOWS_MAX {
        flows.retain(|_, flow| {
            let keep = now < flow.used + FLOW_IDLE;
            if !keep {
                *kept_bytes -= flow.blocks.iter_mut().map(Block::release).sum::<usize>();
            }
            keep
        });
        if flows.len() >= FLOWS_MAX {
            return Err(Refusal::Flood);
        }
    }
    let flow = flows.entry(id).or_insert_with(|| FlowIn {
        used: now,
        audio_newest: None,
        audio_seen: 0,
        blocks: VecDeque::new(),
    });
    flow.used = now;
    Ok(flow)
}

/// A block of a flow, made if it is not older than what is remembered.
fn block_in<'a>(
    flow: &'a mut FlowIn,
    kept_bytes: &mut usize,
    id: u32,
) -> Result<&'a mut Block, Refusal> {
    if let Some(position) = flow.blocks.iter().position(|block| block.id == id) {
        return flow.blocks.get_mut(position).ok_or(Refusal::Late);
    }
    if let Some(newest) = flow.blocks.iter().map(|block| block.id).max() {
        let behind = newest.wrapping_sub(id);
        if behind < BLOCK_AHEAD_MAX && behind as usize >= BLOCKS_MAX {
            return Err(Refusal::Late);
        }
    }
    while flow.blocks.len() >= BLOCKS_MAX {
        let oldest = flow
            .blocks
            .iter()
            .enumerate()
            .min_by_key(|(_, block)| block.id);
        let position = oldest.map_or(0, |(position, _)| position);
        if let Some(mut block) = flow.blocks.remove(position) {
            *kept_bytes -= block.release();
        }
    }
    flow.blocks.push_back(Block::new(id));
    flow.blocks.back_mut().ok_or(Refusal::Late)
}
