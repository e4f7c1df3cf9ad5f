//! Where things live: which media thread carries a room, a participant, an ICE name fragment.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parley_wire::ids::{ParticipantId, RoomId};

/// Groups of rooms that stay together on one media thread; also the most media threads. The group
/// is the upper four bits of every track alias of the room (`protocol/room.md`), so that media from
/// a line finds its thread without a table.
pub(crate) const GROUPS: usize = 16;

/// Which of `shards` media threads carries a room.
pub(crate) fn shard_of_room(room: RoomId, shards: usize) -> usize {
    usize::from(room.as_bytes()[0]) % GROUPS % shards
}

/// Which of `shards` media threads carries the room of a media frame, by its alias.
pub(crate) fn shard_of_alias(alias: u16, shards: usize) -> usize {
    usize::from(alias >> 12) % shards
}

/// Shared between the engine, its media threads and the acceptor; locked for a look-up only.
#[derive(Default)]
pub(crate) struct Directory {
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    participants: HashMap<ParticipantId, Place>,
    fragments: HashMap<String, usize>,
}

struct Place {
    shard: usize,
    fragment: Option<String>,
}

impl Directory {
    pub(crate) fn shard_of_participant(&self, participant: ParticipantId) -> Option<usize> {
        self.lock()
            .participants
            .get(&participant)
            .map(|place| place.shard)
    }

    pub(crate) fn shard_of_fragment(&self, fragment: &str) -> Option<usize> {
        self.lock().fragments.get(fragment).copied()
    }

    /// Notes where a participant is and by which fragment of the SDP answer their browser asks.
    pub(crate) fn place(&self, participant: ParticipantId, shard: usize, fragment: Option<&str>) {
        let mut places = self.lock();
        places.remove(participant);
        let fragment = fragment.map(str::to_owned);
        if let Some(fragment) = &fragment {
            places.fragments.insert(fragment.clone(), shard);
        }
        places
            .participants
            .insert(participant, Place { shard, fragment });
    }

    pub(crate) fn remove(&self, participant: ParticipantId) {
        self.lock().remove(participant);
    }

    /// Forgets everyone of one media thread.
    pub(crate) fn clear(&self, shard: usize) {
        let mut places = self.lock();
        places.participants.retain(|_, place| place.shard != shard);
        places.fragments.retain(|_, of| *of != shard);
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    fn remove(&mut self, participant: ParticipantId) {
        if let Some(fragment) = self
            .participants
            .remove(&participant)
            .and_then(|place| place.fragment)
        {
            self.fragments.remove(&fragment);
        }
    }
}

/// Reads the ICE name fragment out of an SDP answer (RFC 8839 §5.4).
pub(crate) fn fragment_of(answer: &str) -> Option<&str> {
    answer
        .lines()
        .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_and_the_aliases_of_its_tracks_live_on_one_shard() {
        for first in 0..=u8::MAX {
            let room = RoomId::from([first; 16]);
            let alias = u16::from(first & 0x0F) << 12 | 0x4D;
            for shards in 1..=GROUPS {
                assert_eq!(shard_of_room(room, shards), shard_of_alias(alias, shards));
            }
        }
    }

    #[test]
    fn a_participant_is_found_by_id_and_by_fragment_until_removed() {
        let directory = Directory::default();
        let participant = ParticipantId::from([1; 16]);
        directory.place(participant, 1, fragment_of("v=0\r\na=ice-ufrag:abcd\r\n"));
        assert_eq!(directory.shard_of_participant(participant), Some(1));
        assert_eq!(directory.shard_of_fragment("abcd"), Some(1));
        directory.remove(participant);
        assert_eq!(directory.shard_of_participant(participant), None);
        assert_eq!(directory.shard_of_fragment("abcd"), None);
    }

    #[test]
    fn a_participant_who_joins_again_is_found_by_the_new_fragment_only() {
        let directory = Directory::default();
        let participant = ParticipantId::from([1; 16]);
        directory.place(participant, 0, Some("old"));
        directory.place(participant, 0, Some("new"));
        assert_eq!(directory.shard_of_fragment("old"), None);
        assert_eq!(directory.shard_of_fragment("new"), Some(0));
    }
}
