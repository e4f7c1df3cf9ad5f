//! What crosses between a media thread and the line thread: one ring each way, a wake-up behind it.
//!
//! Media that finds the ring full is dropped and counted: it would be too late anyway. Everything
//! else (letters, states) waits on the sender's side and goes first at the next turn, because the
//! rest of a room depends on it; only a thread that has stopped turning makes it overflow.

use std::collections::{HashMap, HashSet, VecDeque};

use bytes::Bytes;
use parley_media::LineMedia;
use parley_wire::ids::PartyId;
use rtrb::{Consumer, Producer, PushError, RingBuffer};

use crate::poller::Waker;

/// Places in a ring. 4,096 media packets are 0.4 s of a 100 Mbit/s line: more would only make what
/// waits there older, less loses packets when the other thread is late by some milliseconds.
const RING_PLACES: usize = 4_096;

/// Letters and states that may wait for a ring. They are few (a roster change is one per line and
/// room), so reaching this means that the other thread stands still.
const WAITING_MAX: usize = 16_384;

/// Things taken from one ring in a turn: one that never empties must not keep sockets waiting.
const TURN_MAX: usize = 1_024;

/// From a media thread to the line thread.
#[derive(Debug)]
pub(crate) enum ToLine {
    Media(LineMedia),
    Letter { party: PartyId, body: Bytes },
}

/// From the line thread to a media thread.
#[derive(Debug)]
pub(crate) enum ToMedia {
    Media { party: PartyId, payload: Bytes },
    Letter { party: PartyId, body: Bytes },
    LineUp { party: PartyId },
    LineDown { party: PartyId },
    LineRate { party: PartyId, bps: u64 },
}

/// The sending end.
pub(crate) struct Sender<T> {
    ring: Producer<T>,
    waiting: VecDeque<T>,
    waker: Waker,
    /// Whether something went into the ring since the receiver was woken.
    is_fresh: bool,
}

/// Whether a thing went into the ring, or waits for it, or was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crossed {
    Taken,
    LeftOut,
}

/// The line thread's ends of the rings to and from every media thread.
#[derive(Default)]
pub(crate) struct Crossings {
    to_media: Vec<Sender<ToMedia>>,
    from_media: Vec<Consumer<ToLine>>,
    /// Which media threads sent to which party lately: they share its rate.
    senders: HashMap<PartyId, HashSet<usize>>,
}

impl Crossings {
    /// Adds the rings of the next media thread.
    pub(crate) fn add(&mut self, to_media: Sender<ToMedia>, from_media: Consumer<ToLine>) {
        self.to_media.push(to_media);
        self.from_media.push(from_media);
    }

    /// How many media threads there are.
    pub(crate) fn len(&self) -> usize {
        self.to_media.len()
    }

    /// Takes what the media threads sent; returns whether there may be more.
    pub(crate) fn take(&mut self, mut sink: impl FnMut(ToLine)) -> bool {
        let mut has_more = false;
        for (shard, ring) in self.from_media.iter_mut().enumerate() {
            let count = ring.slots().min(TURN_MAX);
            has_more |= ring.slots() > TURN_MAX;
            for thing in std::iter::from_fn(|| ring.pop().ok()).take(count) {
                if let ToLine::Media(media) = &thing {
                    self.senders.entry(media.to).or_default().insert(shard);
                }
                sink(thing);
            }
        }
        has_more
    }

    pub(crate) fn send_media(&mut self, shard: usize, thing: ToMedia) -> Crossed {
        self.to_media[shard].send_media(thing)
    }

    pub(crate) fn send(&mut self, shard: usize, thing: ToMedia) {
        self.to_media[shard].send(thing);
    }

    pub(crate) fn send_all(&mut self, thing: impl Fn() -> ToMedia) {
        for sender in &mut self.to_media {
            sender.send(thing());
        }
    }

    /// Tells the media threads what a line can carry: shared among those that use it.
    pub(crate) fn send_rate(&mut self, party: PartyId, bps: u64) {
        let sharing = self
            .senders
            .get(&party)
            .map_or(1, |shards| shards.len().max(1));
        let bps = bps / sharing as u64;
        self.send_all(|| ToMedia::LineRate { party, bps });
    }

    /// Forgets who sent lately, so that a media thread that stopped sending shares no longer.
    pub(crate) fn forget_senders(&mut self) {
        self.senders.clear();
    }

    pub(crate) fn flush(&mut self) {
        self.to_media.iter_mut().for_each(Sender::flush);
    }

    pub(crate) fn is_behind(&self) -> bool {
        self.to_media.iter().any(Sender::is_behind)
    }
}

/// Makes a ring whose receiver is woken by `waker`.
pub(crate) fn ring<T>(waker: Waker) -> (Sender<T>, Consumer<T>) {
    let (ring, receiver) = RingBuffer::new(RING_PLACES);
    (
        Sender {
            ring,
            waiting: VecDeque::new(),
            waker,
            is_fresh: false,
        },
        receiver,
    )
}

impl<T> Sender<T> {
    /// Sends media: left out when there is no room at once.
    pub(crate) fn send_media(&mut self, thing: T) -> Crossed {
        if !self.waiting.is_empty() {
            return Crossed::LeftOut;
        }
        match self.ring.push(thing) {
            Ok(()) => {
                self.is_fresh = true;
                Crossed::Taken
            }
            Err(PushError::Full(_)) => Crossed::LeftOut,
        }
    }

    /// Sends what must arrive: waits here when there is no room.
    pub(crate) fn send(&mut self, thing: T) -> Crossed {
        if self.waiting.len() >= WAITING_MAX {
            return Crossed::LeftOut;
        }
        self.waiting.push_back(thing);
        self.advance();
        Crossed::Taken
    }

    /// Moves on what waits, and wakes the receiver if it has something new; once per turn.
    pub(crate) fn flush(&mut self) {
        self.advance();
        if std::mem::take(&mut self.is_fresh) {
            self.waker.wake();
        }
    }

    /// Whether something waits for room, so that the thread has to look again soon.
    pub(crate) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn advance(&mut self) {
        while let Some(thing) = self.waiting.pop_front() {
            if let Err(PushError::Full(thing)) = self.ring.push(thing) {
                self.waiting.push_front(thing);
                return;
            }
            self.is_fresh = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_is_left_out_of_a_full_ring_and_letters_wait() {
        let (mut sender, mut receiver) = ring(Waker::new().expect("a waker"));
        for number in 0..RING_PLACES {
            assert_eq!(sender.send_media(number), Crossed::Taken);
        }
        assert_eq!(sender.send_media(90_000), Crossed::LeftOut);
        assert_eq!(sender.send(90_001), Crossed::Taken);
        assert!(sender.is_behind());
        assert_eq!(receiver.pop(), Ok(0));
        assert_eq!(
            sender.send_media(90_002),
            Crossed::LeftOut,
            "nothing overtakes a letter"
        );
        sender.flush();
        assert!(!sender.is_behind());
        let rest: Vec<usize> = std::iter::from_fn(|| receiver.pop().ok()).collect();
        assert_eq!(rest.last(), Some(&90_001));
    }

    #[test]
    fn letters_are_left_out_only_when_the_other_thread_stands_still() {
        let (mut sender, _receiver) = ring(Waker::new().expect("a waker"));
        for number in 0..RING_PLACES + WAITING_MAX {
            assert_eq!(sender.send(number), Crossed::Taken);
        }
        assert_eq!(sender.send(0), Crossed::LeftOut);
    }
}
