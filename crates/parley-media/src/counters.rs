//! What a relay has done since it began, in numbers.

use std::collections::BTreeMap;

use parley_wire::ids::{PartyId, TrackIndex};

use crate::{event::Refusal, layers::LAYERS};

/// Packets and payload bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// How many packets.
    pub packets: u64,
    /// How many bytes of RTP payload.
    pub bytes: u64,
}

impl Flow {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

/// The ways of one kind of media through the relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// From browsers of this node.
    pub from_publishers: Flow,
    /// To lines; each copy counts.
    pub to_lines: Flow,
    /// From lines.
    pub from_lines: Flow,
    /// To browsers of this node; each copy counts.
    pub to_viewers: Flow,
}

/// What a relay has done since it began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayCounters {
    /// Rooms that are open.
    pub rooms: u64,
    /// People of this node in rooms.
    pub participants: u64,
    /// People removed because the engine broke while serving them.
    pub faults: u64,
    /// Sound.
    pub audio: Ways,
    /// Pictures by layer: quarter, half, full.
    pub video: [Ways; LAYERS],
    /// Key frames asked of browsers.
    pub key_frames_asked_of_publishers: u64,
    /// Key frames asked of other relays.
    pub key_frames_asked_of_lines: u64,
    /// Viewers shown a kept key frame at once.
    pub replays: u64,
    /// Pictures broken off until the next key frame because a viewer's way was too full for them.
    pub held_back: u64,
    /// Frames and requests that were under way when what they were for ended.
    pub late: u64,
    /// What was set aside, by reason.
    pub refusals: BTreeMap<Refusal, u64>,
    /// What was set aside, by reason, for each party it came from.
    pub refusals_by_party: BTreeMap<(PartyId, Refusal), u64>,
}

impl RelayCounters {
    pub(crate) fn ways(&mut self, index: TrackIndex, layer: u8) -> &mut Ways {
        if index.is_audio() {
            &mut self.audio
        } else {
            &mut self.video[usize::from(layer).min(LAYERS - 1)]
        }
    }

    /// Every counter with its stable name.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut entries = vec![
            ("relay_rooms".to_owned(), self.rooms),
            ("relay_participants".to_owned(), self.participants),
            ("relay_faults".to_owned(), self.faults),
            (
                "relay_key_frames_asked_of_publishers".to_owned(),
                self.key_frames_asked_of_publishers,
            ),
            (
                "relay_key_frames_asked_of_lines".to_owned(),
                self.key_frames_asked_of_lines,
            ),
            ("relay_replays".to_owned(), self.replays),
            ("relay_held_back".to_owned(), self.held_back),
            ("relay_late".to_owned(), self.late),
        ];
        let kinds = [
            ("audio", &self.audio),
            ("q", &self.video[0]),
            ("h", &self.video[1]),
            ("f", &self.video[2]),
        ];
        for (kind, ways) in kinds {
            let flows = [
                ("from_publishers", ways.from_publishers),
                ("to_lines", ways.to_lines),
                ("from_lines", ways.from_lines),
                ("to_viewers", ways.to_viewers),
            ];
            for (way, flow) in flows {
                entries.push((format!("relay_layer_packets_{way}_{kind}"), flow.packets));
                entries.push((format!("relay_layer_bytes_{way}_{kind}"), flow.bytes));
            }
        }
        for refusal in Refusal::ALL {
            let count = self.refusals.get(&refusal).copied().unwrap_or(0);
            entries.push((format!("relay_refused_{}", refusal.name()), count));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_counter_has_a_name_of_its_own() {
        let entries = RelayCounters::default().entries();
        let names: BTreeSet<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), entries.len());
        assert!(names.contains("relay_layer_packets_to_lines_q"));
        assert!(names.contains("relay_refused_route_false"));
    }
}
