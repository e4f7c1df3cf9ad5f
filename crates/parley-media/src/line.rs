//! The far end of a line, as the relay knows it: names for tracks, rate, and what it may bring.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::{Duration, Instant},
};

use parley_wire::ids::RoomId;

use crate::rate::RateCap;

/// Names for tracks within one sixteenth of the rooms; the upper four bits are the room's, so that
/// a node with several shards can tell from a name whose it is.
const ALIASES_PER_GROUP: u16 = 1 << 12;
/// How long after a name, a wish or a room has ended here the other side may still use it. Less
/// counts what was under way as a refusal; more hides a neighbour that goes on.
const LATE_FOR: Duration = Duration::from_secs(5);

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) is_up: bool,
    /// What the line has room for besides sound.
    pub(crate) rate_bps: Option<u64>,
    /// What it may bring in.
    pub(crate) cap: RateCap,
    /// The other side's names for tracks, of all rooms.
    pub(crate) aliases_in: BTreeMap<u16, usize>,
    /// The other side's names for tracks of people who were set aside, and the room each is of.
    pub(crate) aliases_aside: BTreeMap<u16, usize>,
    /// Our names for tracks.
    pub(crate) aliases_out: BTreeMap<u16, usize>,
    next_alias: u16,
    late_until: Option<Instant>,
}

impl Line {
    pub(crate) fn new(rate_max_bps: u64) -> Self {
        Self {
            is_up: false,
            rate_bps: None,
            cap: RateCap::new(rate_max_bps),
            aliases_in: BTreeMap::new(),
            aliases_aside: BTreeMap::new(),
            aliases_out: BTreeMap::new(),
            next_alias: 0,
            late_until: None,
        }
    }

    /// A name, a wish or a room has ended here; the other side learns it one way later.
    pub(crate) fn ended_something(&mut self, now: Instant) {
        self.late_until = Some(now + LATE_FOR);
    }

    /// Whether what comes under a name that is not known may be of something that has ended.
    pub(crate) fn may_be_late(&self, now: Instant) -> bool {
        self.late_until.is_some_and(|until| now < until)
    }

    /// A name that was not used lately, or `None` when all are taken.
    pub(crate) fn name(&mut self, room: RoomId, track: usize) -> Option<u16> {
        let group = u16::from(room.as_bytes()[0] & 0x0f) << 12;
        for _ in 0..ALIASES_PER_GROUP {
            let alias = group | (self.next_alias % ALIASES_PER_GROUP);
            self.next_alias = self.next_alias.wrapping_add(1);
            if let Entry::Vacant(free) = self.aliases_out.entry(alias) {
                free.insert(track);
                return Some(alias);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_its_rooms_group_and_is_not_used_again_soon() {
        let mut line = Line::new(1);
        let room = RoomId::from([0x5a; 16]);
        assert_eq!(line.name(room, 1), Some(0xa000));
        line.aliases_out.clear();
        assert_eq!(line.name(room, 1), Some(0xa001));
    }

    #[test]
    fn when_all_names_are_taken_there_is_none() {
        let mut line = Line::new(1);
        let room = RoomId::from([0; 16]);
        assert!((0..4_096).all(|track| line.name(room, track).is_some()));
        assert_eq!(line.name(room, 1), None);
    }
}
