//! Events on their way to whoever drains them: bounded, in order, never waited for.

use std::{
    collections::{HashMap, VecDeque},
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Mutex, PoisonError},
};

use rustix::event::{EventfdFlags, eventfd};

use crate::event::{EngineEvent, Subject};

/// Waiting events above which one that only repeats a state replaces the one before it. More keeps
/// every step of a state for longer; less would leave out steps in an ordinary burst (a room of 50
/// that opens causes about 2,000).
const REPEATS_MAX: usize = 8_192;

/// Waiting events above which all are left out. More costs memory (about 200 bytes each) while
/// nobody drains; less loses events in a pause that a busy process could still make up for.
const EVENTS_MAX: usize = 200_000;

/// Bytes of waiting letters above which events are left out. As above: 256 letters of the largest.
const BYTES_MAX: usize = 256 * 1024 * 1024;

/// A queue that any thread fills and one empties.
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Readable while the queue is not empty.
    descriptor: OwnedFd,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<EngineEvent>,
    bytes: usize,
    /// Latest states that did not get into `events`. While there is one, every newer state of any
    /// subject comes here too, so that none overtakes an older one.
    latest: HashMap<Subject, EngineEvent>,
    order: VecDeque<Subject>,
    lost: u64,
}

impl Outbox {
    pub(crate) fn new() -> io::Result<Self> {
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            queue: Mutex::default(),
            descriptor,
        })
    }

    /// Puts an event into the queue.
    pub(crate) fn push(&self, event: EngineEvent) {
        let was_empty = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let was_empty = queue.is_empty();
            queue.push(event);
            was_empty
        };
        if was_empty {
            // An eventfd refuses a write only when its count is full, and then it is readable.
            let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
        }
    }

    /// Takes out at most `count_max` events, oldest first.
    pub(crate) fn drain(&self, count_max: usize) -> Vec<EngineEvent> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let events = std::iter::from_fn(|| queue.pop()).take(count_max).collect();
        if queue.is_empty() {
            // Under the lock, so that no event comes between the last one and this.
            let _ = rustix::io::read(&self.descriptor, &mut [0; 8]);
        }
        events
    }

    /// How many events wait.
    pub(crate) fn len(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.events.len() + queue.latest.len()
    }
}

impl AsFd for Outbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.latest.is_empty() && self.lost == 0
    }

    fn push(&mut self, event: EngineEvent) {
        let is_behind = self.events.len() >= REPEATS_MAX || !self.latest.is_empty();
        if let Some(subject) = event.subject().filter(|_| is_behind) {
            if self.latest.insert(subject.clone(), event).is_none() {
                self.order.push_back(subject);
            }
            return;
        }
        let weight = event.weight();
        if self.events.len() >= EVENTS_MAX || self.bytes + weight > BYTES_MAX {
            self.lost += 1;
            return;
        }
        self.bytes += weight;
        self.events.push_back(event);
    }

    fn pop(&mut self) -> Option<EngineEvent> {
        if let Some(event) = self.events.pop_front() {
            self.bytes -= event.weight();
            return Some(event);
        }
        if let Some(subject) = self.order.pop_front() {
            return self.latest.remove(&subject);
        }
        let count = std::mem::take(&mut self.lost);
        (count > 0).then_some(EngineEvent::EventsLost { count })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parley_line::LineState;
    use parley_wire::ids::PartyId;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    #[test]
    fn events_come_out_in_the_order_they_went_in() {
        let outbox = Outbox::new().expect("an outbox");
        outbox.push(delivered(1));
        outbox.push(state(LineState::Up));
        outbox.push(delivered(2));
        assert_eq!(
            outbox.drain(10),
            [delivered(1), state(LineState::Up), delivered(2)]
        );
    }

    #[test]
    fn the_descriptor_is_readable_exactly_while_something_waits() {
        let outbox = Outbox::new().expect("an outbox");
        assert!(!is_readable(&outbox));
        outbox.push(delivered(1));
        outbox.push(delivered(2));
        assert!(is_readable(&outbox));
        assert_eq!(outbox.drain(1).len(), 1);
        assert!(is_readable(&outbox));
        assert_eq!(outbox.drain(10).len(), 1);
        assert!(!is_readable(&outbox));
        outbox.push(delivered(3));
        assert!(is_readable(&outbox));
    }

    #[test]
    fn the_latest_state_is_kept_when_nobody_drains() {
        let outbox = Outbox::new().expect("an outbox");
        (0..REPEATS_MAX).for_each(|_| outbox.push(delivered(0)));
        outbox.push(state(LineState::Cut));
        outbox.push(delivered(9));
        outbox.push(state(LineState::Up));
        let events = outbox.drain(usize::MAX);
        assert_eq!(events[REPEATS_MAX..], [delivered(9), state(LineState::Up)]);
    }

    #[test]
    fn a_state_never_overtakes_an_older_one() {
        let outbox = Outbox::new().expect("an outbox");
        (0..REPEATS_MAX).for_each(|_| outbox.push(delivered(0)));
        outbox.push(state(LineState::Cut));
        outbox.drain(REPEATS_MAX / 2);
        outbox.push(state(LineState::Up));
        let events = outbox.drain(usize::MAX);
        assert_eq!(events.last(), Some(&state(LineState::Up)));
        assert!(!events.contains(&state(LineState::Cut)));
    }

    #[test]
    fn what_is_left_out_is_counted_and_told() {
        let outbox = Outbox::new().expect("an outbox");
        let body = Bytes::from(vec![0; 128 * 1024 * 1024]);
        (0..3).for_each(|_| outbox.push(letter(body.clone())));
        assert_eq!(outbox.drain(2).len(), 2);
        assert_eq!(outbox.drain(2), [EngineEvent::EventsLost { count: 1 }]);
        assert!(!is_readable(&outbox));
    }

    fn delivered(letter: u64) -> EngineEvent {
        EngineEvent::LetterDelivered { letter }
    }

    fn state(state: LineState) -> EngineEvent {
        EngineEvent::LineState {
            party: PartyId::from([1; 16]),
            state,
        }
    }

    fn letter(body: Bytes) -> EngineEvent {
        EngineEvent::Letter {
            party: PartyId::from([1; 16]),
            lane: 0,
            topic: 16,
            body,
        }
    }

    fn is_readable(outbox: &Outbox) -> bool {
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut [PollFd::new(outbox, PollFlags::IN)], Some(&now)).expect("polls") == 1
    }
}
