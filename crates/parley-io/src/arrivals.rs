//! Datagrams that were read and wait their turn, by the room they concern.
//!
//! A packet of a publisher leaves as many times as the room has watchers, which takes far longer than
//! to read it. So the socket is emptied into here between two rooms, and the room that has waited
//! longest is served next, with everything that has come for it meanwhile: nobody waits for more than
//! one round of the others, and the busier the thread, the more packets to one watcher leave in one
//! call.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use parley_wire::ids::RoomId;

/// Datagrams that may wait here; the rest stays with the kernel, which drops what is too much. More
/// makes packets old before they are served, less makes the kernel's buffer the only queue.
const WAITING_MAX: usize = 4_096;

/// Datagrams of one room served in a row. More sends more in one call; less lets one busy room keep
/// the others waiting for a shorter time.
const SERVED_MAX: usize = 64;

/// Buffers kept for reuse, about what one moment brings. More keeps memory from a busy one.
const SPARES_MAX: usize = 256;

/// One datagram that was read.
pub(crate) struct Arrival {
    pub(crate) from: SocketAddr,
    /// The address of ours it came to.
    pub(crate) to: SocketAddr,
    pub(crate) at: Instant,
    pub(crate) bytes: Vec<u8>,
}

/// What waits, room by room; `None` stands for what belongs to no room yet.
#[derive(Default)]
pub(crate) struct Arrivals {
    waiting: HashMap<Option<RoomId>, VecDeque<Arrival>>,
    /// Rooms something waits for, the longest first.
    order: VecDeque<Option<RoomId>>,
    count: usize,
    spares: Vec<Vec<u8>>,
}

impl Arrivals {
    /// Whether more may be read.
    pub(crate) fn has_room(&self) -> bool {
        self.count < WAITING_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Puts a datagram behind those of its room.
    pub(crate) fn push(
        &mut self,
        room: Option<RoomId>,
        (from, to): (SocketAddr, SocketAddr),
        at: Instant,
        bytes: &[u8],
    ) {
        let mut buffer = self.spares.pop().unwrap_or_default();
        buffer.extend_from_slice(bytes);
        let queue = self.waiting.entry(room).or_default();
        if queue.is_empty() {
            self.order.push_back(room);
        }
        queue.push_back(Arrival {
            from,
            to,
            at,
            bytes: buffer,
        });
        self.count += 1;
    }

    /// Takes what waits for the room that has waited longest, in the order it came.
    pub(crate) fn take(&mut self, served: &mut Vec<Arrival>) {
        let Some(room) = self.order.pop_front() else {
            return;
        };
        let Some(queue) = self.waiting.get_mut(&room) else {
            return;
        };
        let count = queue.len().min(SERVED_MAX);
        served.extend(queue.drain(..count));
        self.count -= count;
        if queue.is_empty() {
            // A room that is over leaves nothing behind.
            self.waiting.remove(&room);
        } else {
            self.order.push_back(room);
        }
    }

    /// Takes the buffers of what was served back.
    pub(crate) fn reuse(&mut self, served: &mut Vec<Arrival>) {
        for mut arrival in served.drain(..) {
            if self.spares.len() < SPARES_MAX {
                arrival.bytes.clear();
                self.spares.push(arrival.bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: u8) -> RoomId {
        RoomId::from([number; 16])
    }

    fn filled(rooms: &[u8]) -> Arrivals {
        let mut arrivals = Arrivals::default();
        let ends = (
            SocketAddr::from(([10, 0, 0, 1], 1)),
            SocketAddr::from(([10, 0, 0, 2], 2)),
        );
        for (number, of) in (0..=u8::MAX).cycle().zip(rooms) {
            arrivals.push(Some(room(*of)), ends, Instant::now(), &[*of, number]);
        }
        arrivals
    }

    fn served(arrivals: &mut Arrivals) -> Vec<Vec<u8>> {
        let mut served = Vec::new();
        arrivals.take(&mut served);
        let bytes = served.iter().map(|arrival| arrival.bytes.clone()).collect();
        arrivals.reuse(&mut served);
        bytes
    }

    #[test]
    fn the_room_that_waits_longest_is_served_first_with_all_that_came_for_it() {
        let mut arrivals = filled(&[7, 8, 7]);
        assert_eq!(served(&mut arrivals), [[7, 0], [7, 2]]);
        assert_eq!(served(&mut arrivals), [[8, 1]]);
        assert!(arrivals.is_empty() && served(&mut arrivals).is_empty());
    }

    #[test]
    fn a_room_that_brings_too_much_goes_behind_the_others() {
        let mut rooms = vec![7; SERVED_MAX + 1];
        rooms.push(8);
        let mut arrivals = filled(&rooms);
        assert_eq!(served(&mut arrivals).len(), SERVED_MAX);
        assert_eq!(served(&mut arrivals)[0][0], 8);
        assert_eq!(served(&mut arrivals)[0][0], 7);
        assert!(arrivals.is_empty());
    }

    #[test]
    fn what_may_wait_is_bounded() {
        let mut arrivals = filled(&[7; WAITING_MAX]);
        assert!(!arrivals.has_room());
        served(&mut arrivals);
        assert!(arrivals.has_room());
    }

    #[test]
    fn a_buffer_that_was_served_is_used_again_empty() {
        let mut arrivals = filled(&[7]);
        served(&mut arrivals);
        let ends = SocketAddr::from(([10, 0, 0, 1], 1));
        arrivals.push(Some(room(8)), (ends, ends), Instant::now(), &[1]);
        assert!(arrivals.spares.is_empty());
        assert_eq!(served(&mut arrivals), [[1]]);
    }
}
