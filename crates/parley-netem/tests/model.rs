//! What one direction does to packets, in virtual time and with a fixed seed.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use parley_netem::{
    Bursts, Cause, Conditions, Direction, Loss, Outage, Probability, QueueBound, Reorder, Schedule,
};

const MS: Duration = Duration::from_millis(1);

/// A perfect wire gives every packet at the instant it was sent.
#[test]
fn nothing_happens_on_a_perfect_wire() {
    let seen = run(Conditions::default(), &steady(100, 100, MS));
    assert!(
        seen.arrivals.iter().enumerate().all(|(n, (at, packet))| {
            *packet == n && *at == MS * u32::try_from(n).expect("small")
        })
    );
    assert_eq!(seen.arrivals.len(), 100);
}

/// The share lost is the one asked for, within three standard deviations.
#[test]
fn random_loss_is_as_much_as_asked_for() {
    let loss = Loss::Random(Probability::from_percent(15));
    let seen = run(
        Conditions {
            loss,
            ..Conditions::default()
        },
        &steady(100_000, 100, MS),
    );
    let missing = 100_000 - seen.arrivals.len();
    assert!((14_660..=15_340).contains(&missing), "{missing} of 100000");
    assert_eq!(
        seen.direction.counters().dropped(Cause::Lost),
        missing as u64
    );
}

/// Bursts have the mean loss and the mean length asked for.
#[test]
fn bursts_are_as_long_and_as_frequent_as_asked_for() {
    let length = NonZeroU64::new(5).expect("not zero");
    let loss = Loss::Bursts(Bursts::of_mean_length(
        Probability::from_percent(10),
        length,
    ));
    let seen = run(
        Conditions {
            loss,
            ..Conditions::default()
        },
        &steady(200_000, 100, MS),
    );
    let arrived: Vec<usize> = seen.arrivals.iter().map(|(_, packet)| *packet).collect();
    let gaps: Vec<usize> = arrived
        .windows(2)
        .map(|two| two[1] - two[0] - 1)
        .filter(|gap| *gap > 0)
        .collect();
    let missing: usize = gaps.iter().sum();
    assert!((18_500..=21_500).contains(&missing), "{missing} of 200000");
    let mean_tenths = missing * 10 / gaps.len();
    assert!(
        (47..=53).contains(&mean_tenths),
        "mean burst {mean_tenths} tenths of a packet"
    );
}

/// A Gilbert-Elliott process may lose something in the good state and not all in the bad one.
#[test]
fn a_burst_need_not_lose_everything() {
    let bursts = Bursts {
        enter_bad: Probability::from_percent(1),
        leave_bad: Probability::from_percent(9),
        loss_good: Probability::from_percent(2),
        loss_bad: Probability::from_percent(50),
    };
    let loss = Loss::Bursts(bursts);
    let seen = run(
        Conditions {
            loss,
            ..Conditions::default()
        },
        &steady(200_000, 100, MS),
    );
    let missing = 200_000 - seen.arrivals.len();
    // 10 % of the time bad: 0.1 x 50 % + 0.9 x 2 % = 6.8 %.
    assert!((bursts.mean() - 0.068).abs() < 1e-9);
    assert!((13_000..=14_200).contains(&missing), "{missing} of 200000");
}

/// A saturated direction delivers its rate, no more and no less.
#[test]
fn a_saturated_direction_delivers_its_rate() {
    let conditions = Conditions {
        rate_bps: NonZeroU64::new(4_000_000),
        ..Conditions::default()
    };
    let seen = run(conditions, &steady(20_000, 1_000, MS));
    let bytes: usize = seen
        .arrivals
        .iter()
        .filter(|(at, _)| *at <= MS * 20_000)
        .count()
        * 1_000;
    // 20 s at 4 Mbit/s are 10 MB.
    assert!((9_998_000..=10_000_000).contains(&bytes), "{bytes} bytes");
}

/// A packet takes its length over the rate, and waits for those before it.
#[test]
fn packets_leave_one_after_the_other() {
    let conditions = Conditions {
        rate_bps: NonZeroU64::new(1_000_000),
        ..Conditions::default()
    };
    let seen = run(
        conditions,
        &[(0, 125), (0, 125), (0, 250)].map(|(ms, len)| (MS * ms, len)),
    );
    let times: Vec<Duration> = seen.arrivals.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [MS, MS * 2, MS * 4]);
    assert_eq!(seen.direction.counters().queue_delay_max, MS * 2);
}

/// What does not fit into the queue is dropped on arrival and counted as that.
#[test]
fn a_full_queue_drops_what_comes_last() {
    let conditions = Conditions {
        rate_bps: NonZeroU64::new(1_000_000),
        queue: QueueBound::Bytes(2_000),
        ..Conditions::default()
    };
    let seen = run(conditions, &[(Duration::ZERO, 1_000); 5]);
    let arrived: Vec<usize> = seen.arrivals.iter().map(|(_, packet)| *packet).collect();
    assert_eq!(arrived, [0, 1, 2], "one being sent and two waiting");
    assert_eq!(seen.direction.counters().dropped(Cause::QueueFull), 2);
}

/// A bound in time keeps the wait under that time.
#[test]
fn a_queue_bound_in_time_bounds_the_wait() {
    let conditions = Conditions {
        rate_bps: NonZeroU64::new(1_000_000),
        queue: QueueBound::Time(MS * 100),
        ..Conditions::default()
    };
    let seen = run(conditions, &steady(10_000, 1_000, MS));
    let longest = seen.direction.counters().queue_delay_max;
    // The packet being sent is not waiting: it adds its own 8 ms at most.
    assert!(longest > MS * 90 && longest <= MS * 108, "{longest:?}");
}

/// Jitter adds delay, never takes any away, and keeps order.
#[test]
fn jitter_adds_delay_and_keeps_order() {
    let conditions = Conditions {
        delay: MS * 50,
        jitter: MS * 10,
        ..Conditions::default()
    };
    let seen = run(conditions, &steady(50_000, 100, MS * 2));
    assert!(seen.arrivals.windows(2).all(|two| two[0].1 < two[1].1));
    let mut extra: Vec<Duration> = seen
        .arrivals
        .iter()
        .map(|(at, packet)| {
            at.saturating_sub(MS * 2 * u32::try_from(*packet).expect("small") + MS * 50)
        })
        .collect();
    extra.sort_unstable();
    let (half, most) = (extra[25_000], extra[47_500]);
    // Half-normal with a scale of 10 ms: median 6.7 ms, 95 % under 19.6 ms; order adds a little.
    assert!(half > MS * 6 && half < MS * 9, "median {half:?}");
    assert!(most > MS * 17 && most < MS * 23, "95 % {most:?}");
}

/// How much a packet is late does not depend on how many packets there are.
#[test]
fn jitter_does_not_grow_with_traffic() {
    let conditions = Conditions {
        jitter: MS * 10,
        ..Conditions::default()
    };
    let mean = |gap: Duration, count: u32| -> Duration {
        let seen = run(conditions.clone(), &steady(count, 100, gap));
        let late = |(at, packet): &(Duration, usize)| {
            at.saturating_sub(gap * u32::try_from(*packet).expect("small"))
        };
        seen.arrivals.iter().map(late).sum::<Duration>() / count
    };
    let (sparse, dense) = (mean(MS * 20, 20_000), mean(MS / 10, 200_000));
    assert!(dense < sparse * 3 / 2, "{sparse:?} against {dense:?}");
}

/// A packet held back is overtaken by those sent meanwhile and by no others.
#[test]
fn packets_held_back_are_overtaken() {
    let reorder = Some(Reorder {
        share: Probability::from_percent(2),
        by: MS * 5,
    });
    let seen = run(
        Conditions {
            reorder,
            ..Conditions::default()
        },
        &steady(50_000, 100, MS),
    );
    let late = seen
        .arrivals
        .windows(2)
        .filter(|two| two[1].1 < two[0].1)
        .count();
    assert!((900..=1_100).contains(&late), "{late} of 50000 came late");
    let furthest = seen
        .arrivals
        .iter()
        .enumerate()
        .map(|(n, (_, packet))| n.abs_diff(*packet));
    assert!(furthest.max().expect("some") <= 5 + 1);
    let held_back = seen.direction.counters().held_back;
    assert!(
        held_back >= late as u64,
        "{held_back} held back, {late} late"
    );
}

/// A copy arrives together with its packet, and there are as many as asked for.
#[test]
fn duplicates_arrive_twice() {
    let duplicate = Probability::from_percent(5);
    let seen = run(
        Conditions {
            duplicate,
            ..Conditions::default()
        },
        &steady(50_000, 100, MS),
    );
    let copies = seen.arrivals.len() - 50_000;
    assert!((2_350..=2_650).contains(&copies), "{copies} of 50000");
    let doubles = seen
        .arrivals
        .windows(2)
        .filter(|two| two[0] == two[1])
        .count();
    assert_eq!(doubles, copies);
    assert_eq!(seen.direction.counters().duplicated, copies as u64);
}

/// What is longer than the MTU vanishes, what is as long passes.
#[test]
fn packets_above_the_mtu_vanish() {
    let conditions = Conditions {
        mtu: 1_200,
        ..Conditions::default()
    };
    let seen = run(
        conditions,
        &[1_200, 1_201].map(|length| (Duration::ZERO, length)),
    );
    assert_eq!(seen.arrivals.len(), 1);
    assert_eq!(seen.direction.counters().dropped(Cause::TooLong), 1);
}

/// During an outage nothing is sent; what was on the wire before still arrives.
#[test]
fn an_outage_of_the_schedule_stops_what_is_sent_in_it() {
    let conditions = Conditions {
        delay: MS * 100,
        ..Conditions::default()
    };
    let schedule = Schedule::constant(conditions)
        .outage(Outage {
            at: MS * 50,
            lasts: MS * 20,
        })
        .repeating(MS * 1_000);
    let seen = run_schedule(schedule, &steady(1_100, 100, MS));
    let missing: Vec<usize> = (0..1_100)
        .filter(|n| !seen.arrivals.iter().any(|(_, packet)| packet == n))
        .collect();
    assert_eq!(missing, (50..70).chain(1_050..1_070).collect::<Vec<_>>());
    assert_eq!(seen.direction.counters().dropped(Cause::Cut), 40);
}

/// A cut by hand lasts as long as it says, or until it is healed.
#[test]
fn a_cut_ends_when_its_time_is_over_or_when_healed() {
    let start = Instant::now();
    let mut direction = Direction::new(Schedule::default(), 1, start);
    let mut passes = |at: Duration, act: fn(&mut Direction<usize>, Instant)| {
        let now = start + at;
        act(&mut direction, now);
        direction.push(now, 100, 0);
        direction.poll(now).is_some()
    };
    assert!(passes(MS, |_, _| {}));
    assert!(!passes(MS * 2, |it, now| it.cut(now, Some(MS * 2))));
    assert!(!passes(MS * 3, |_, _| {}));
    assert!(passes(MS * 4, |_, _| {}));
    assert!(!passes(MS * 5, |it, now| it.cut(now, None)));
    assert!(!passes(MS * 100_000, |_, _| {}));
    assert!(passes(MS * 100_000, Direction::heal));
}

/// A step changes what is sent after it, and a schedule that repeats starts over.
#[test]
fn conditions_change_with_the_schedule() {
    let delay = |delay: Duration| Conditions {
        delay,
        ..Conditions::default()
    };
    let schedule = Schedule::constant(delay(MS * 10))
        .step(MS * 100, delay(MS * 30))
        .repeating(MS * 200);
    let times = [0, 99, 100, 199, 240, 300].map(|ms| (MS * ms, 100));
    let seen = run_schedule(schedule, &times);
    let delays: Vec<Duration> = seen
        .arrivals
        .iter()
        .map(|(at, packet)| at.saturating_sub(times[*packet].0))
        .collect();
    assert_eq!(delays, [10, 10, 30, 30, 10, 30].map(|ms| MS * ms));
}

/// Another schedule holds for what is sent from then on, what waits included.
#[test]
fn a_new_schedule_holds_for_what_waits() {
    let start = Instant::now();
    let slow = Conditions {
        rate_bps: NonZeroU64::new(8_000),
        queue: QueueBound::Bytes(1_000),
        ..Conditions::default()
    };
    let mut direction = Direction::new(Schedule::constant(slow), 1, start);
    direction.push(start, 1_000, "being sent");
    direction.push(start, 1_000, "waiting");
    direction.set_schedule(start + MS, Schedule::default());
    let end = start + MS * 1_000;
    assert_eq!(direction.next_timeout(), Some(end));
    assert_eq!(direction.poll(end), Some("being sent"));
    assert_eq!(direction.poll(end), Some("waiting"));
}

/// The same seed loses the same packets, another seed others.
#[test]
fn a_seed_fixes_everything() {
    let conditions = Conditions {
        jitter: MS * 3,
        loss: Loss::Random(Probability::from_percent(5)),
        reorder: Some(Reorder {
            share: Probability::from_percent(5),
            by: MS * 4,
        }),
        duplicate: Probability::from_percent(5),
        rate_bps: NonZeroU64::new(1_000_000),
        ..Conditions::default()
    };
    let run = |seed| {
        run_seeded(
            Schedule::constant(conditions.clone()),
            &steady(5_000, 100, MS),
            seed,
        )
    };
    assert_eq!(run(7).arrivals, run(7).arrivals);
    assert_ne!(run(7).arrivals, run(8).arrivals);
}

/// Turning up one impairment leaves the random choices of the others alone.
#[test]
fn each_impairment_has_dice_of_its_own() {
    let jittered = Conditions {
        jitter: MS * 3,
        ..Conditions::default()
    };
    let lossy = Conditions {
        loss: Loss::Random(Probability::from_percent(30)),
        ..jittered.clone()
    };
    let all = run(jittered, &steady(2_000, 100, MS * 10)).arrivals;
    let some = run(lossy, &steady(2_000, 100, MS * 10)).arrivals;
    assert!(some.len() < 1_500);
    assert!(some.iter().all(|arrival| all.contains(arrival)));
}

struct Seen {
    direction: Direction<usize>,
    /// When each packet came, since the start, and its number.
    arrivals: Vec<(Duration, usize)>,
}

fn steady(count: u32, length: usize, gap: Duration) -> Vec<(Duration, usize)> {
    (0..count).map(|number| (gap * number, length)).collect()
}

fn run(conditions: Conditions, packets: &[(Duration, usize)]) -> Seen {
    run_schedule(Schedule::constant(conditions), packets)
}

fn run_schedule(schedule: Schedule, packets: &[(Duration, usize)]) -> Seen {
    run_seeded(schedule, packets, 1)
}

fn run_seeded(schedule: Schedule, packets: &[(Duration, usize)], seed: u64) -> Seen {
    let start = Instant::now();
    let mut direction = Direction::new(schedule, seed, start);
    let mut arrivals = Vec::new();
    for (number, (at, length)) in packets.iter().enumerate() {
        drain(&mut direction, start, Some(start + *at), &mut arrivals);
        direction.push(start + *at, *length, number);
    }
    drain(&mut direction, start, None, &mut arrivals);
    Seen {
        direction,
        arrivals,
    }
}

fn drain(
    direction: &mut Direction<usize>,
    start: Instant,
    until: Option<Instant>,
    arrivals: &mut Vec<(Duration, usize)>,
) {
    while let Some(next) = direction
        .next_timeout()
        .filter(|next| until.is_none_or(|end| *next < end))
    {
        while let Some(packet) = direction.poll(next) {
            arrivals.push((next - start, packet));
        }
    }
}
