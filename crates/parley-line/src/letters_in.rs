//! Letters that arrive: each once, and in order where order is promised.
//!
//! Alerts are handed on the moment they arrive. In the other lanes a letter waits for the ones
//! before it. The sender tells with every letter which number it still wants delivered first, so
//! that a cancelled letter leaves no gap. All of it belongs to one incarnation of the sender: a
//! restarted node counts from zero again.

use crate::{letters_out::LETTERS_MAX, refusal::Refusal};
use bytes::Bytes;
use parley_wire::line::{LETTER_PARTS_MAX, Lane, LetterHead, RECEIPT_RANGES_MAX, Receipt};
use std::collections::BTreeMap;

/// Most bytes held per lane until a gap closes: what an honest sender has on the way, and one
/// letter more.
const HELD_BYTES_MAX: usize = (4 << 20) + (2 << 20);

/// Letters of which some parts are here, and not all. More finishes more of them from copies alone; less
/// bounds what a hostile party makes us hold: 64 times the longest copy.
const SPLIT_MAX: usize = 64;

/// Longest part that is kept: what fits a datagram.
const PART_BYTES_MAX: usize = 1_500;

/// A letter in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) lane: Lane,
    pub(crate) topic: u16,
    pub(crate) body: Bytes,
}

/// What became of a letter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is new; zero or more letters are ready to be handed on.
    New,
    /// It came before.
    Repeated,
    /// It is not taken.
    Refused(Refusal),
}

#[derive(Debug, Default)]
struct LaneIn {
    used: bool,
    floor: u64,
    /// Arrived at or above the floor; `None` once handed on.
    above: BTreeMap<u64, Option<Arrival>>,
    held_bytes: usize,
}

/// A letter of which some parts are here.
#[derive(Debug)]
struct Split {
    topic: u16,
    parts: Vec<Option<Bytes>>,
}

/// What arrived on one line from one incarnation of the other party.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    lanes: [LaneIn; 4],
    /// By the place of their lane, and their number there.
    splits: BTreeMap<(usize, u64), Split>,
}

impl Inbox {
    /// Takes a letter and appends to `ready` what can be handed on.
    pub(crate) fn accept(
        &mut self,
        head: &LetterHead,
        body: Bytes,
        ready: &mut Vec<Arrival>,
    ) -> Verdict {
        let Some(index) = head.lane.letter_index() else {
            return Verdict::Refused(Refusal::MalformedFrame);
        };
        self.raise_floor(head.lane, head.floor, ready);
        let lane = &mut self.lanes[index];
        if head.sequence < lane.floor || lane.above.contains_key(&head.sequence) {
            return Verdict::Repeated;
        }
        let distant = head.sequence - lane.floor > LETTERS_MAX as u64 * 2;
        if distant || lane.held_bytes + body.len() > HELD_BYTES_MAX {
            return Verdict::Refused(Refusal::Flood);
        }
        let arrival = Arrival {
            lane: head.lane,
            topic: head.topic,
            body,
        };
        if head.lane == Lane::Alert {
            ready.push(arrival);
            lane.above.insert(head.sequence, None);
        } else {
            lane.held_bytes += arrival.body.len();
            lane.above.insert(head.sequence, Some(arrival));
        }
        lane.advance(ready);
        Verdict::New
    }

    /// Takes a part of a letter's copy; the whole body once every part is here.
    pub(crate) fn join(
        &mut self,
        head: &LetterHead,
        (index, parts): (u8, u8),
        body: Bytes,
    ) -> Result<Option<Bytes>, Refusal> {
        let is_part = (2..=LETTER_PARTS_MAX).contains(&parts) && index < parts;
        let is_copied = matches!(head.lane, Lane::Alert | Lane::Document);
        let Some(place) = head.lane.letter_index().filter(|_| is_copied && is_part) else {
            return Err(Refusal::MalformedFrame);
        };
        if body.len() > PART_BYTES_MAX {
            return Err(Refusal::MalformedFrame);
        }
        let (lane, key) = (&self.lanes[place], (place, head.sequence));
        if head.sequence < lane.floor || lane.above.contains_key(&head.sequence) {
            self.splits.remove(&key);
            return Ok(None);
        }
        let split = self.splits.entry(key).or_insert_with(|| Split {
            topic: head.topic,
            parts: vec![None; usize::from(parts)],
        });
        if split.parts.len() != usize::from(parts) || split.topic != head.topic {
            return Err(Refusal::MalformedFrame);
        }
        split.parts[usize::from(index)] = Some(body);
        if split.parts.iter().all(Option::is_some) {
            let whole = self.splits.remove(&key);
            let pieces = whole.into_iter().flat_map(|split| split.parts).flatten();
            return Ok(Some(pieces.flatten().collect()));
        }
        // The oldest is the likeliest to have come by a stream meanwhile.
        while self.splits.len() > SPLIT_MAX {
            self.splits.pop_first();
        }
        Ok(None)
    }

    /// Learns that the sender wants nothing below `floor` delivered any more.
    pub(crate) fn raise_floor(&mut self, lane: Lane, floor: u64, ready: &mut Vec<Arrival>) {
        let Some(index) = lane.letter_index() else {
            return;
        };
        let lane = &mut self.lanes[index];
        lane.used = true;
        if floor <= lane.floor {
            return;
        }
        let kept = lane.above.split_off(&floor);
        for arrival in std::mem::replace(&mut lane.above, kept)
            .into_values()
            .flatten()
        {
            lane.held_bytes -= arrival.body.len();
            ready.push(arrival);
        }
        lane.floor = floor;
        lane.advance(ready);
    }

    /// What to tell the sender.
    pub(crate) fn receipts(&self) -> Vec<Receipt> {
        Lane::LETTERS
            .into_iter()
            .zip(&self.lanes)
            .filter(|(_, state)| state.used)
            .map(|(lane, state)| Receipt {
                lane,
                floor: state.floor,
                ranges: state.ranges(),
            })
            .collect()
    }
}

impl LaneIn {
    fn advance(&mut self, ready: &mut Vec<Arrival>) {
        while let Some(entry) = self.above.first_entry()
            && *entry.key() == self.floor
        {
            if let Some(arrival) = entry.remove() {
                self.held_bytes -= arrival.body.len();
                ready.push(arrival);
            }
            self.floor += 1;
        }
    }

    fn ranges(&self) -> Vec<(u64, u64)> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for &sequence in self.above.keys() {
            let is_full = ranges.len() == RECEIPT_RANGES_MAX;
            match ranges.last_mut() {
                Some((first, count)) if *first + *count == sequence => *count += 1,
                Some(_) | None if is_full => break,
                Some(_) | None => ranges.push((sequence, 1)),
            }
        }
        ranges
    }
}
