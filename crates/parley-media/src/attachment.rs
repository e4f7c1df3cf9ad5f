//! What two relays have told each other about one room on one line.

use std::collections::{BTreeMap, BTreeSet};

use parley_wire::{
    ids::TrackId,
    room::{LayerRef, RosterParticipant, Version, Want, Withheld},
};

use crate::allocator::HoldOff;

/// Keeps the newest of one kind of snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Newest {
    known: Option<Version>,
    /// The epoch before, so that a letter that was under way across a restart does not count.
    former: Option<u64>,
}

impl Newest {
    /// Whether the snapshot is newer than any before.
    pub(crate) fn admit(&mut self, version: Version) -> bool {
        let is_newer = match self.known {
            None => true,
            Some(known) if known.epoch == version.epoch => version.count > known.count,
            Some(_) => self.former != Some(version.epoch),
        };
        if is_newer {
            if let Some(known) = self.known.filter(|known| known.epoch != version.epoch) {
                self.former = Some(known.epoch);
            }
            self.known = Some(version);
        }
        is_newer
    }

    /// Whether nothing has come since the other side's node began, as far as its snapshots tell.
    pub(crate) fn is_from_another_start(&self, version: Version) -> bool {
        self.known.is_none_or(|known| known.epoch != version.epoch)
    }
}

/// One room on one line.
#[derive(Debug, Default)]
pub(crate) struct Attachment {
    pub(crate) roster_in: Newest,
    pub(crate) wants_in: Newest,
    pub(crate) withheld_in: Newest,
    /// What the other side wants, by track key.
    pub(crate) wanted: BTreeMap<usize, u8>,
    /// Our names for the tracks of the room.
    pub(crate) names: BTreeMap<TrackId, (usize, u16)>,
    /// Layers granted, and what had to be given up lately.
    pub(crate) granted: BTreeSet<(usize, u8)>,
    pub(crate) held_off: BTreeMap<(usize, u8), HoldOff>,
    /// What was told last, so that only changes are.
    pub(crate) told_roster: Option<Vec<RosterParticipant>>,
    pub(crate) told_wants: Option<Vec<Want>>,
    pub(crate) told_withheld: Option<Vec<Withheld>>,
    /// Layers of the other side's tracks it keeps back.
    pub(crate) withheld: Vec<(LayerRef, parley_wire::room::Reason)>,
    pub(crate) count: u32,
}

impl Attachment {
    /// Forgets what was told, so that all of it is told again.
    pub(crate) fn forget_told(&mut self) {
        self.told_roster = None;
        self.told_wants = None;
        self.told_withheld = None;
    }

    pub(crate) fn next_version(&mut self, epoch: u64) -> Version {
        self.count = self.count.saturating_add(1);
        Version {
            epoch,
            count: self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(epoch: u64, count: u32) -> Version {
        Version { epoch, count }
    }

    #[test]
    fn an_older_snapshot_is_not_admitted() {
        let mut newest = Newest::default();
        assert!(newest.admit(version(7, 2)));
        assert!(!newest.admit(version(7, 1)));
        assert!(!newest.admit(version(7, 2)));
        assert!(newest.admit(version(7, 3)));
    }

    #[test]
    fn after_a_restart_the_new_epoch_counts_and_the_old_one_no_more() {
        let mut newest = Newest::default();
        assert!(newest.admit(version(7, 9)));
        assert!(newest.is_from_another_start(version(3, 1)));
        assert!(newest.admit(version(3, 1)));
        assert!(!newest.admit(version(7, 10)));
        assert!(newest.admit(version(3, 2)));
    }
}
