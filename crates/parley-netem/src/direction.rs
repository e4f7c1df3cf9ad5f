//! One direction of a path: the whole model.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    conditions::{Conditions, time_to_send},
    counters::{Cause, Counters},
    dice::Dice,
    schedule::Schedule,
};

/// One direction of a network path, for packets of any type.
///
/// A packet goes through five stages, always in this order:
///
/// 1. *arrival*: longer than the MTU, pushed during a cut or into a full queue, and it is gone;
/// 2. *queue and rate*: it waits for those before it and then takes its length over the rate;
/// 3. *loss*: it may vanish, having used its share of the rate, as on a link behind the bottleneck;
/// 4. *wire*: delay and jitter, which keep order, and holding back, which does not;
/// 5. *duplication*: the copy is due together with the packet.
///
/// The contract: [`push`](Self::push) and [`poll`](Self::poll) with a `now` that does not go back,
/// and call `poll` until it gives nothing whenever [`next_timeout`](Self::next_timeout) has come.
/// What arrives, and when it is due, depends on the seed and on what was pushed when; never on
/// when or how often `poll` is called.
#[derive(Debug)]
pub struct Direction<P> {
    schedule: Schedule,
    start: Instant,
    dice: Dice,
    cut: Cut,
    queue: VecDeque<Waiting<P>>,
    sending: Option<(Instant, Waiting<P>)>,
    wire: BinaryHeap<Flying<P>>,
    last_due: Instant,
    serial: u64,
    counters: Counters,
}

impl<P: Clone> Direction<P> {
    /// A direction whose schedule starts at `start`.
    #[must_use]
    pub fn new(schedule: Schedule, seed: u64, start: Instant) -> Self {
        Self {
            schedule,
            start,
            dice: Dice::new(seed),
            cut: Cut::No,
            queue: VecDeque::new(),
            sending: None,
            wire: BinaryHeap::new(),
            last_due: start,
            serial: 0,
            counters: Counters::default(),
        }
    }

    /// Offers a packet of `length` bytes, which is what the rate, queue and MTU go by.
    pub fn push(&mut self, now: Instant, length: usize, packet: P) {
        self.advance(now);
        self.counters.offered += 1;
        self.counters.offered_bytes += length as u64;
        if let Some(cause) = self.refusal(now, length) {
            self.counters.drop_one(cause);
            return;
        }
        self.counters.waiting += 1;
        self.counters.waiting_bytes += length as u64;
        self.queue.push_back(Waiting {
            since: now,
            length,
            packet,
        });
        self.send_next(now);
        self.advance(now);
    }

    /// The next packet that is due, in the order they are due.
    pub fn poll(&mut self, now: Instant) -> Option<P> {
        self.advance(now);
        if self.wire.peek()?.due > now {
            return None;
        }
        let Flying { length, packet, .. } = self.wire.pop()?;
        self.counters.on_the_wire -= 1;
        self.counters.delivered += 1;
        self.counters.delivered_bytes += length as u64;
        Some(packet)
    }

    /// The next instant at which [`poll`](Self::poll) may give a packet; never later than one is
    /// due. `None` when nothing is under way.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let sending = self
            .sending
            .as_ref()
            .map(|(ends, _)| *ends + self.conditions(*ends).delay);
        let flying = self.next_due();
        sending.into_iter().chain(flying).min()
    }

    /// Lets nothing pass from now on for a time, or until [`heal`](Self::heal). What is on the
    /// wire still arrives; what waits for its turn is sent into the void.
    pub fn cut(&mut self, now: Instant, lasts: Option<Duration>) {
        self.advance(now);
        self.cut = lasts.map_or(Cut::Open, |lasts| Cut::Until(now + lasts));
    }

    /// Ends a [`cut`](Self::cut); an outage of the schedule goes on.
    pub fn heal(&mut self, now: Instant) {
        self.advance(now);
        self.cut = Cut::No;
    }

    /// Replaces the schedule by one that starts now. What waits keeps its place, what is on the
    /// wire its time of arrival.
    pub fn set_schedule(&mut self, now: Instant, schedule: Schedule) {
        self.advance(now);
        self.schedule = schedule;
        self.start = now;
        // A direction that lost its rate has no queue: what waited leaves at once.
        self.advance(now);
    }

    /// Whether a packet pushed or sent at `at` would be dropped because the direction is cut.
    #[must_use]
    pub fn is_cut(&self, at: Instant) -> bool {
        self.cut.holds(at)
            || self
                .schedule
                .is_cut(at.saturating_duration_since(self.start))
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// When the first packet on the wire is due. Exact once [`poll`](Self::poll) has been called.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.wire.peek().map(|flying| flying.due)
    }

    /// Sends all whose turn has come.
    pub(crate) fn advance(&mut self, now: Instant) {
        while let Some((ends, waiting)) = self.sending.take_if(|(ends, _)| *ends <= now) {
            self.counters.waiting -= 1;
            self.launch(ends, waiting);
            self.send_next(ends);
        }
    }

    fn conditions(&self, at: Instant) -> &Conditions {
        self.schedule.at(at.saturating_duration_since(self.start))
    }

    fn refusal(&self, now: Instant, length: usize) -> Option<Cause> {
        let conditions = self.conditions(now);
        if length > conditions.mtu {
            return Some(Cause::TooLong);
        }
        if self.is_cut(now) {
            return Some(Cause::Cut);
        }
        let bound = conditions.queue.bytes(conditions.rate_bps?);
        let is_full = self.counters.waiting_bytes.saturating_add(length as u64) > bound;
        (self.sending.is_some() && is_full).then_some(Cause::QueueFull)
    }

    fn send_next(&mut self, at: Instant) {
        if self.sending.is_some() {
            return;
        }
        let Some(waiting) = self.queue.pop_front() else {
            return;
        };
        self.counters.waiting_bytes -= waiting.length as u64;
        self.counters
            .note_wait(at.saturating_duration_since(waiting.since));
        let takes = match self.conditions(at).rate_bps {
            Some(rate_bps) => time_to_send(waiting.length, rate_bps),
            None => Duration::ZERO,
        };
        self.sending = Some((at + takes, waiting));
    }

    fn launch(&mut self, at: Instant, Waiting { length, packet, .. }: Waiting<P>) {
        let conditions = self.schedule.at(at.saturating_duration_since(self.start));
        // Every packet draws from every stream, whatever becomes of it, so that the streams stay
        // in step between two runs that differ in one setting.
        let is_lost = self.dice.loses(&conditions.loss);
        let extra = self.dice.extra_delay(conditions.jitter, at);
        let reorder = conditions.reorder.unwrap_or_default();
        let is_held_back = self.dice.holds_back(reorder.share);
        let is_double = self.dice.duplicates(conditions.duplicate);
        let due = at + conditions.delay + extra;
        if self.is_cut(at) {
            return self.counters.drop_one(Cause::Cut);
        }
        if is_lost {
            return self.counters.drop_one(Cause::Lost);
        }
        let due = if is_held_back {
            self.counters.held_back += 1;
            due + reorder.by
        } else {
            self.last_due = self.last_due.max(due);
            self.last_due
        };
        if is_double {
            self.counters.duplicated += 1;
            self.fly(due, length, packet.clone());
        }
        self.fly(due, length, packet);
    }

    fn fly(&mut self, due: Instant, length: usize, packet: P) {
        self.counters.on_the_wire += 1;
        self.serial += 1;
        self.wire.push(Flying {
            due,
            serial: self.serial,
            length,
            packet,
        });
    }
}

#[derive(Clone, Copy, Debug)]
enum Cut {
    No,
    Until(Instant),
    Open,
}

impl Cut {
    fn holds(self, at: Instant) -> bool {
        match self {
            Self::No => false,
            Self::Until(end) => at < end,
            Self::Open => true,
        }
    }
}

#[derive(Debug)]
struct Waiting<P> {
    since: Instant,
    length: usize,
    packet: P,
}

/// Ordered so that a max-heap gives the earliest first, and of equals the one sent first.
#[derive(Debug)]
struct Flying<P> {
    due: Instant,
    serial: u64,
    length: usize,
    packet: P,
}

impl<P> Ord for Flying<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.serial).cmp(&(self.due, self.serial))
    }
}

impl<P> PartialOrd for Flying<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for Flying<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<P> Eq for Flying<P> {}
