//! What has happened to the packets of one direction.

use std::time::Duration;

/// Why a packet did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The loss process took it.
    Lost,
    /// The queue was full.
    QueueFull,
    /// It was longer than the MTU.
    TooLong,
    /// The direction was cut.
    Cut,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 4] = [Self::Lost, Self::QueueFull, Self::TooLong, Self::Cut];

    /// The name in statistics: `lost`, `queue_full`, `too_long`, `cut`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::QueueFull => "queue_full",
            Self::TooLong => "too_long",
            Self::Cut => "cut",
        }
    }
}

/// Counts since the start of one direction.
///
/// Nothing gets lost in the counting: `offered + duplicated` is always
/// `delivered + dropped + waiting + on_the_wire`, in packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets pushed.
    pub offered: u64,
    /// Bytes pushed.
    pub offered_bytes: u64,
    /// Packets polled out, copies included.
    pub delivered: u64,
    /// Bytes polled out, copies included.
    pub delivered_bytes: u64,
    /// Copies made.
    pub duplicated: u64,
    /// Packets held back so that others could overtake.
    pub held_back: u64,
    /// Packets waiting for their turn, the one being sent included.
    pub waiting: u64,
    /// Bytes waiting for their turn, the packet being sent not included.
    pub waiting_bytes: u64,
    /// Packets sent and not polled out.
    pub on_the_wire: u64,
    /// How long the packet sent last had waited for its turn.
    pub queue_delay: Duration,
    /// The longest any packet has waited for its turn.
    pub queue_delay_max: Duration,
    dropped: [u64; 4],
}

impl Counters {
    /// Packets dropped for one cause.
    #[must_use]
    pub fn dropped(&self, cause: Cause) -> u64 {
        self.dropped[slot(cause)]
    }

    /// Packets dropped for any cause.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    pub(crate) fn drop_one(&mut self, cause: Cause) {
        self.dropped[slot(cause)] += 1;
    }

    pub(crate) fn note_wait(&mut self, waited: Duration) {
        self.queue_delay = waited;
        self.queue_delay_max = self.queue_delay_max.max(waited);
    }
}

const fn slot(cause: Cause) -> usize {
    match cause {
        Cause::Lost => 0,
        Cause::QueueFull => 1,
        Cause::TooLong => 2,
        Cause::Cut => 3,
    }
}
