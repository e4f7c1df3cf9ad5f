//! What the threads count, without a lock; read by any thread.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{histogram::Histogram, udp::Sent};

/// Bounds of the residence buckets that are reported, in microseconds.
const RESIDENCE_BOUNDS_US: [u64; 10] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000,
];

/// Counters by name; names end in their unit.
pub type Counters = BTreeMap<String, f64>;

/// A number that one thread writes and any reads.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, amount: u64) {
        self.0.store(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one thread did with its sockets.
#[derive(Default)]
pub(crate) struct SocketCounters {
    pub(crate) packets_in: Count,
    pub(crate) bytes_in: Count,
    pub(crate) packets_out: Count,
    pub(crate) bytes_out: Count,
    /// System calls that sent UDP.
    pub(crate) send_calls: Count,
    /// Packets the kernel had no room for.
    pub(crate) dropped_full: Count,
    /// Packets the kernel refused.
    pub(crate) dropped_failed: Count,
    /// Packets that a TCP stream was too far behind to take, or that had none.
    pub(crate) dropped_stream: Count,
    /// Things for another thread that left no room for them.
    pub(crate) dropped_crossing: Count,
    /// TCP streams that are open.
    pub(crate) streams: Count,
    pub(crate) turns: Count,
}

impl SocketCounters {
    pub(crate) fn received(&self, bytes: usize) {
        self.packets_in.add(1);
        self.bytes_in.add(bytes as u64);
    }

    pub(crate) fn sent(&self, sent: Sent) {
        self.packets_out.add(sent.datagrams);
        self.bytes_out.add(sent.bytes);
        self.send_calls.add(sent.calls);
        self.dropped_full.add(sent.full);
        self.dropped_failed.add(sent.failed);
    }

    /// Counts one packet sent on a stream.
    pub(crate) fn sent_one(&self, bytes: usize) {
        self.packets_out.add(1);
        self.bytes_out.add(bytes as u64);
    }

    fn write(&self, prefix: &str, counters: &mut Counters) {
        let named = [
            ("packets_in", &self.packets_in),
            ("bytes_in", &self.bytes_in),
            ("packets_out", &self.packets_out),
            ("bytes_out", &self.bytes_out),
            ("send_calls", &self.send_calls),
            ("dropped_full_packets", &self.dropped_full),
            ("dropped_failed_packets", &self.dropped_failed),
            ("dropped_stream_packets", &self.dropped_stream),
            ("dropped_crossing_units", &self.dropped_crossing),
            ("streams", &self.streams),
            ("turns", &self.turns),
        ];
        for (name, count) in named {
            add(counters, format!("{prefix}_{name}"), as_f64(count.get()));
        }
    }
}

/// What one media thread counts.
#[derive(Default)]
pub(crate) struct MediaCounters {
    pub(crate) sockets: SocketCounters,
    /// From the system call that received a packet to the one that sent what came of it.
    pub(crate) residence: Histogram,
    /// The relay's own counters, as of the last second.
    pub(crate) relay: Mutex<Counters>,
}

/// What the line thread counts.
#[derive(Default)]
pub(crate) struct LineCounters {
    pub(crate) sockets: SocketCounters,
    /// Media and letters from rooms that their line did not take.
    pub(crate) refused_units: Count,
    /// Letters with a topic, or about a room, that nobody here knows.
    pub(crate) refused_letters: Count,
    /// The lines' own counters, as of the last second.
    pub(crate) lines: Mutex<Counters>,
}

/// Sums up what all threads counted.
pub(crate) fn summary<'a>(
    media: impl Iterator<Item = &'a MediaCounters>,
    line: &LineCounters,
) -> Counters {
    let mut counters = Counters::new();
    let residence = Histogram::default();
    for shard in media {
        shard.sockets.write("relay", &mut counters);
        residence.add(&shard.residence);
        let relay = shard.relay.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in relay.iter() {
            add(&mut counters, name.clone(), *value);
        }
    }
    write_residence(&residence, &mut counters);
    line.sockets.write("line", &mut counters);
    counters.insert(
        "line_refused_units".to_owned(),
        as_f64(line.refused_units.get()),
    );
    counters.insert(
        "line_refused_letters".to_owned(),
        as_f64(line.refused_letters.get()),
    );
    let lines = line.lines.lock().unwrap_or_else(PoisonError::into_inner);
    counters.extend(lines.iter().map(|(name, value)| (name.clone(), *value)));
    counters
}

fn write_residence(residence: &Histogram, counters: &mut Counters) {
    let quantiles = [("p50", 0.5), ("p99", 0.99)];
    for (name, share) in quantiles {
        let value = residence.quantile(share).as_secs_f64() * 1_000.0;
        counters.insert(format!("relay_residence_{name}_ms"), value);
    }
    counters.insert(
        "relay_residence_packets".to_owned(),
        as_f64(residence.count()),
    );
    for bound in RESIDENCE_BOUNDS_US {
        let count = residence.count_within(Duration::from_micros(bound));
        counters.insert(
            format!("relay_residence_within_{bound}_us_packets"),
            as_f64(count),
        );
    }
}

fn add(counters: &mut Counters, name: String, value: f64) {
    *counters.entry(name).or_default() += value;
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count beyond 2^53 is not reached in a century"
)]
pub(crate) fn as_f64(count: u64) -> f64 {
    count as f64
}
