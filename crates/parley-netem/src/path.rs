//! Both directions between two ends.

use std::time::{Duration, Instant};

use crate::{counters::Counters, direction::Direction, profile::Profile};

/// Which of a path's two directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the first end to the second.
    Out,
    /// From the second end to the first.
    Back,
}

impl Way {
    /// Both ways.
    pub const BOTH: [Self; 2] = [Self::Out, Self::Back];

    /// The other way.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::Out => Self::Back,
            Self::Back => Self::Out,
        }
    }

    /// The end at which a packet that goes this way comes in: 0 the first, 1 the second.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Out => 0,
            Self::Back => 1,
        }
    }

    /// The name in profile texts and statistics: `out` or `back`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Back => "back",
        }
    }
}

/// A path between two ends: two [`Direction`]s that share nothing but their start.
#[derive(Debug)]
pub struct Path<P> {
    out: Direction<P>,
    back: Direction<P>,
}

impl<P: Clone> Path<P> {
    /// A path as the profile describes it, from `start` on.
    #[must_use]
    pub fn new(profile: &Profile, seed: u64, start: Instant) -> Self {
        // The two ways must not lose the same packets; any two different seeds give that.
        let seed_back = seed ^ 0x5bd1_e995_0000_0001;
        Self {
            out: Direction::new(profile.out.clone(), seed, start),
            back: Direction::new(profile.back.clone(), seed_back, start),
        }
    }

    /// Offers a packet to one way; it is as long as its bytes.
    pub fn push(&mut self, now: Instant, way: Way, packet: P)
    where
        P: AsRef<[u8]>,
    {
        self.push_sized(now, way, packet.as_ref().len(), packet);
    }

    /// Offers a packet of `length` bytes to one way.
    pub fn push_sized(&mut self, now: Instant, way: Way, length: usize, packet: P) {
        self.direction_mut(way).push(now, length, packet);
    }

    /// The next packet that is due, whichever way it goes, in the order they are due.
    pub fn poll(&mut self, now: Instant) -> Option<(Way, P)> {
        let way = self.next_due(now)?.1;
        self.direction_mut(way)
            .poll(now)
            .map(|packet| (way, packet))
    }

    /// The next instant at which [`poll`](Self::poll) may give a packet.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.out
            .next_timeout()
            .into_iter()
            .chain(self.back.next_timeout())
            .min()
    }

    /// Cuts some of the ways, see [`Direction::cut`].
    pub fn cut(&mut self, now: Instant, ways: &[Way], lasts: Option<Duration>) {
        for way in ways {
            self.direction_mut(*way).cut(now, lasts);
        }
    }

    /// Ends a [`cut`](Self::cut) of both ways.
    pub fn heal(&mut self, now: Instant) {
        self.out.heal(now);
        self.back.heal(now);
    }

    /// Turns this into another path from now on, see [`Direction::set_schedule`].
    pub fn set_profile(&mut self, now: Instant, profile: &Profile) {
        self.out.set_schedule(now, profile.out.clone());
        self.back.set_schedule(now, profile.back.clone());
    }

    /// What has happened to one way's packets.
    #[must_use]
    pub fn counters(&self, way: Way) -> &Counters {
        self.direction(way).counters()
    }

    /// Whether one way lets nothing pass at an instant.
    #[must_use]
    pub fn is_cut(&self, way: Way, at: Instant) -> bool {
        self.direction(way).is_cut(at)
    }

    /// When the first packet due by `now` is due, and which way it goes.
    pub(crate) fn next_due(&mut self, now: Instant) -> Option<(Instant, Way)> {
        self.advance(now);
        let out = self.out.next_due().map(|due| (due, Way::Out));
        let back = self.back.next_due().map(|due| (due, Way::Back));
        out.into_iter()
            .chain(back)
            .min()
            .filter(|(due, _)| *due <= now)
    }

    /// Sends all whose turn has come, so that the counters are those of `now`.
    pub(crate) fn advance(&mut self, now: Instant) {
        self.out.advance(now);
        self.back.advance(now);
    }

    fn direction(&self, way: Way) -> &Direction<P> {
        match way {
            Way::Out => &self.out,
            Way::Back => &self.back,
        }
    }

    fn direction_mut(&mut self, way: Way) -> &mut Direction<P> {
        match way {
            Way::Out => &mut self.out,
            Way::Back => &mut self.back,
        }
    }
}
