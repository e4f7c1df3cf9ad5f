//! What holds for any traffic under any conditions.

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    time::{Duration, Instant},
};

use parley_netem::{
    Bursts, Conditions, Direction, Loss, Outage, Probability, Profile, QueueBound, Reorder,
    Schedule,
};
use proptest::prelude::*;

/// Packets as (gap since the one before in µs, length in bytes).
type Traffic = Vec<(u64, usize)>;

proptest! {
    /// Nothing arrives that was not sent, nothing before its delay, and twice only as a copy; and
    /// every packet is accounted for.
    #[test]
    fn no_packet_comes_from_nowhere(
        conditions in conditions(), traffic in traffic(), seed in any::<u64>(),
    ) {
        let delay = conditions.delay;
        let (direction, arrivals) = run(Schedule::constant(conditions), &traffic, seed, 0);
        let sent = sent_at(&traffic);
        let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
        for (at, packet) in &arrivals {
            prop_assert!(*at >= sent[*packet] + delay);
            *seen.entry(*packet).or_default() += 1;
        }
        let counters = direction.counters();
        let copies: u64 = seen.values().map(|count| u64::from(count - 1)).sum();
        prop_assert!(seen.values().all(|count| *count <= 2));
        prop_assert_eq!(copies, counters.duplicated);
        prop_assert_eq!(counters.delivered, arrivals.len() as u64);
        prop_assert_eq!(
            counters.offered + counters.duplicated,
            counters.delivered + counters.dropped_total(),
        );
        prop_assert_eq!((counters.waiting, counters.on_the_wire), (0, 0));
    }

    /// Without holding back, order is kept, whatever jitter, rate and schedule do.
    #[test]
    fn order_is_kept_unless_packets_are_held_back(
        first in conditions(), second in conditions(), traffic in traffic(), seed in any::<u64>(),
    ) {
        let keep = |conditions| Conditions { reorder: None, ..conditions };
        let schedule = Schedule::constant(keep(first))
            .step(Duration::from_millis(20), keep(second))
            .repeating(Duration::from_millis(50));
        let (_, arrivals) = run(schedule, &traffic, seed, 0);
        prop_assert!(arrivals.windows(2).all(|two| two[0].1 <= two[1].1 && two[0].0 <= two[1].0));
    }

    /// No more than the bound ever waits.
    #[test]
    fn the_queue_bound_is_never_exceeded(
        conditions in conditions(), bound in 0..20_000_u64, rate_bps in 1_000..10_000_000_u64,
        traffic in traffic(), seed in any::<u64>(),
    ) {
        let conditions = Conditions {
            queue: QueueBound::Bytes(bound),
            rate_bps: NonZeroU64::new(rate_bps),
            ..conditions
        };
        let start = Instant::now();
        let mut direction = Direction::new(Schedule::constant(conditions), seed, start);
        for (number, at) in sent_at(&traffic).into_iter().enumerate() {
            direction.push(start + at, traffic[number].1, number);
            prop_assert!(direction.counters().waiting_bytes <= bound);
        }
    }

    /// Between two arrivals no more is delivered than the rate allows in that time.
    #[test]
    fn the_rate_is_never_exceeded(
        traffic in traffic(), rate_bps in 10_000..10_000_000_u64, seed in any::<u64>(),
    ) {
        let rate = NonZeroU64::new(rate_bps);
        let conditions = Conditions { rate_bps: rate, ..Conditions::default() };
        let (_, arrivals) = run(Schedule::constant(conditions), &traffic, seed, 0);
        for (from, (began, _)) in arrivals.iter().enumerate() {
            let mut bits = 0_u128;
            for (count, (at, packet)) in (1_u128..).zip(&arrivals[from + 1..]) {
                bits += traffic[*packet].1 as u128 * 8;
                // Each packet's time is cut to whole nanoseconds.
                let nanos = at.saturating_sub(*began).as_nanos() + count;
                prop_assert!(bits * 1_000_000_000 <= nanos * u128::from(rate_bps));
            }
        }
    }

    /// Asking more often, or later, changes nothing about what arrives and in which order.
    #[test]
    fn polling_more_often_changes_nothing(
        conditions in conditions(), outage in outage(), traffic in traffic(), seed in any::<u64>(),
        extra_polls in 1..5_u32,
    ) {
        let schedule = Schedule::constant(conditions).outage(outage);
        let (seldom, arrivals_seldom) = run(schedule.clone(), &traffic, seed, 0);
        let (often, arrivals_often) = run(schedule, &traffic, seed, extra_polls);
        prop_assert_eq!(arrivals_seldom, arrivals_often);
        prop_assert_eq!(seldom.counters(), often.counters());
    }

    /// No text makes the reader of profiles panic, and what it reads can be run.
    #[test]
    fn any_text_is_a_profile_or_an_error(text in profile_text(), traffic in traffic()) {
        if let Ok(profile) = Profile::parse(&text) {
            run(profile.out, &traffic[..traffic.len().min(20)], 1, 0);
        }
    }
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let loss = prop_oneof![
        Just(Loss::None),
        share().prop_map(Loss::Random),
        (share(), share(), share(), share()).prop_map(
            |(enter_bad, leave_bad, loss_good, loss_bad)| {
                Loss::Bursts(Bursts {
                    enter_bad,
                    leave_bad,
                    loss_good,
                    loss_bad,
                })
            }
        ),
    ];
    let queue = prop_oneof![
        (0..100_000_u64).prop_map(QueueBound::Bytes),
        (0..500_u64).prop_map(|ms| QueueBound::Time(Duration::from_millis(ms))),
    ];
    let rate_bps = prop_oneof![
        Just(None),
        (1_000..100_000_000_u64).prop_map(NonZeroU64::new),
    ];
    let reorder =
        proptest::option::of((share(), millis()).prop_map(|(share, by)| Reorder { share, by }));
    (
        millis(),
        millis(),
        loss,
        reorder,
        share(),
        rate_bps,
        queue,
        500..2_000_usize,
    )
        .prop_map(
            |(delay, jitter, loss, reorder, duplicate, rate_bps, queue, mtu)| Conditions {
                delay,
                jitter,
                loss,
                reorder,
                duplicate,
                rate_bps,
                queue,
                mtu,
            },
        )
}

fn share() -> impl Strategy<Value = Probability> {
    (0..=1_000_000_u32).prop_map(Probability::from_ppm)
}

fn millis() -> impl Strategy<Value = Duration> {
    (0..400_000_u64).prop_map(Duration::from_micros)
}

fn outage() -> impl Strategy<Value = Outage> {
    (millis(), millis()).prop_map(|(at, lasts)| Outage { at, lasts })
}

fn traffic() -> impl Strategy<Value = Traffic> {
    proptest::collection::vec((0..20_000_u64, 1..2_000_usize), 1..100)
}

/// Texts that are nearly profiles.
fn profile_text() -> impl Strategy<Value = String> {
    let key =
        "(rtt|delay|jitter|loss|burst|reorder|reorder_by|duplicate|rate|queue|mtu|outage|every)";
    let value = "[0-9.]{0,12}(%|ms|s|min|mbit|kB|B|s\\+[0-9]ms)?";
    let part = format!("(out\\.|back\\.)?{key}(@[0-9.]{{1,3}}s)?={value}");
    let near = format!("(lan|border|slow-hours)(,{part}){{1,4}}");
    let near = proptest::string::string_regex(&near).expect("a regular expression");
    prop_oneof![near, "\\PC{0,40}"]
}

fn sent_at(traffic: &Traffic) -> Vec<Duration> {
    let mut at = Duration::ZERO;
    let add = |(gap, _): &(u64, usize)| {
        at += Duration::from_micros(*gap);
        at
    };
    traffic.iter().map(add).collect()
}

/// Sends the traffic and gives what arrived when. Between two packets it polls `extra_polls` times
/// more than need be, at instants of no significance.
fn run(
    schedule: Schedule,
    traffic: &[(u64, usize)],
    seed: u64,
    extra_polls: u32,
) -> (Direction<usize>, Vec<(Duration, usize)>) {
    let start = Instant::now();
    let mut direction = Direction::new(schedule, seed, start);
    let mut arrivals = Vec::new();
    let mut drain = |direction: &mut Direction<usize>, until: Option<Instant>| {
        let is_before = |next: &Instant| until.is_none_or(|end| *next < end);
        while let Some(next) = direction.next_timeout().filter(is_before) {
            while let Some(packet) = direction.poll(next) {
                arrivals.push((next - start, packet));
            }
        }
    };
    let mut before = start;
    for (number, at) in sent_at(&traffic.to_vec()).into_iter().enumerate() {
        for part in 1..=extra_polls {
            let step = (start + at - before) / (extra_polls + 1);
            drain(&mut direction, Some(before + step * part));
        }
        drain(&mut direction, Some(start + at));
        direction.push(start + at, traffic[number].1, number);
        before = start + at;
    }
    drain(&mut direction, None);
    (direction, arrivals)
}
