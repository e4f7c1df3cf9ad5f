//! People of other nodes whom the node has set aside: nobody hears, sees or is told of them.
//!
//! The relay does not read labels; the node does, and says who is not what theirs claims. What is
//! said stays with the ways they came in on, so it is bounded by what neighbours may bring into a
//! room, and ends by itself: when no roster has them any more, or has them under another label or
//! from another party, which the node has to judge anew.

use std::time::Instant;

use parley_wire::ids::{ParticipantId, PartyId, RoomId};

use crate::{error::MediaError, relay::Relay};

impl Relay {
    /// Sets a person of another node aside for as long as they come under this label.
    ///
    /// Their tracks leave every slot and line, no roster has them, and frames of theirs are dropped
    /// and counted ([`crate::Refusal::SetAside`]). A neighbour that brings them under another label
    /// is not concerned. Somebody who is not there, or not under that label any more, is no error:
    /// rosters change while the node judges one.
    ///
    /// # Errors
    ///
    /// [`crate::OurMediaError::RoomUnknown`] when the room is not open.
    pub fn set_aside(
        &mut self,
        now: Instant,
        room: RoomId,
        participant: ParticipantId,
        label: &[u8],
    ) -> Result<(), MediaError> {
        let room = self.room_key(room)?;
        let Some(person) = self.rooms[room].far.get_mut(&participant) else {
            return Ok(());
        };
        let claims = person.ways.iter_mut();
        let concerned: Vec<PartyId> = claims
            .filter(|(_, way)| way.label == label && !way.is_aside)
            .map(|(party, way)| {
                way.is_aside = true;
                *party
            })
            .collect();
        if person.via.is_some_and(|via| concerned.contains(&via)) {
            // Nothing that came under this name goes on under another.
            self.drop_tracks(now, room, participant);
        }
        for party in &concerned {
            self.name_tracks(now, room, *party);
        }
        if !concerned.is_empty() {
            self.rooms[room].touch();
        }
        Ok(())
    }
}
