//! The named profiles and the texts that vary them.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use parley_netem::{
    Bursts, Conditions, Loss, NetemError, Outage, Path, Probability, Profile, QueueBound, Reorder,
    Schedule, Way,
};

/// Each name stands for the round trip, loss and rate that are promised for it.
#[test]
fn named_profiles_are_what_their_names_promise() {
    let expected = [
        ("lan", 500, 0.0),
        ("regional", 30_000, 0.1),
        ("border", 250_000, 1.0),
    ];
    for (name, rtt_us, loss_percent) in expected {
        let profile = Profile::named(name).expect("a known name");
        let (out, back) = (
            profile.out.at(Duration::ZERO),
            profile.back.at(Duration::ZERO),
        );
        assert_eq!(
            out.delay + back.delay,
            Duration::from_micros(rtt_us),
            "{name}"
        );
        assert!(
            (out.loss.mean() * 100.0 - loss_percent).abs() < 1e-9,
            "{name}"
        );
        assert_eq!(profile.out, profile.back, "{name}");
    }
    let border = Profile::named("border").expect("a known name");
    assert_eq!(
        border.out.at(Duration::ZERO).rate_bps,
        NonZeroU64::new(4_000_000)
    );
    let satellite = Profile::named("satellite").expect("a known name");
    assert_eq!(
        satellite.out.at(Duration::ZERO).delay * 2,
        Duration::from_millis(600)
    );
}

/// In slow hours 15 % are lost one way, next to nothing the other, and it is always slow.
#[test]
fn slow_hours_are_slow_and_lose_one_way() {
    let profile = Profile::named("slow-hours").expect("a known name");
    let seconds = || (0..240).map(Duration::from_secs);
    let mean =
        |schedule: &Schedule| seconds().map(|at| schedule.at(at).loss.mean()).sum::<f64>() / 240.0;
    assert!((mean(&profile.out) - 0.15).abs() < 1e-9);
    assert!(mean(&profile.back) < 0.01);
    let below = NonZeroU64::new(1_000_000);
    assert!(seconds().all(|at| profile.out.at(at).rate_bps < below));
    assert!(seconds().all(|at| profile.back.at(at).rate_bps < below));
    let rates: std::collections::BTreeSet<_> =
        seconds().map(|at| profile.out.at(at).rate_bps).collect();
    assert!(rates.len() > 1, "they vary");
}

/// Every setting changes what it names, both ways.
#[test]
fn each_setting_changes_what_it_names() {
    let text =
        "lan,rtt=80ms,jitter=1.5ms,reorder=1%,duplicate=0.002,rate=512kbit,queue=64kB,mtu=1400";
    let expected = Conditions {
        delay: Duration::from_millis(40),
        jitter: Duration::from_micros(1_500),
        loss: Loss::None,
        reorder: Some(Reorder {
            share: Probability::from_percent(1),
            by: Duration::from_millis(30),
        }),
        duplicate: Probability::from_ppm(2_000),
        rate_bps: NonZeroU64::new(512_000),
        queue: QueueBound::Bytes(64_000),
        mtu: 1_400,
    };
    assert_eq!(parse(text), Profile::symmetric(expected));
}

/// `out.` and `back.` limit a setting to one way.
#[test]
fn a_setting_can_be_for_one_way() {
    let profile = parse("border,out.loss=5%,back.rate=none");
    let border = parse("border");
    let out = profile.out.at(Duration::ZERO);
    let back = profile.back.at(Duration::ZERO);
    assert_eq!(out.loss, Loss::Random(Probability::from_percent(5)));
    assert_eq!(out.rate_bps, border.out.at(Duration::ZERO).rate_bps);
    assert_eq!(back.loss, border.back.at(Duration::ZERO).loss);
    assert_eq!(back.rate_bps, None);
}

/// `burst` keeps the mean of the loss and gives it a length.
#[test]
fn burst_keeps_the_mean_loss() {
    let profile = parse("border,loss=10%,burst=4");
    let Loss::Bursts(bursts) = profile.out.at(Duration::ZERO).loss else {
        panic!("not in bursts: {profile:?}");
    };
    assert!((bursts.mean() - 0.1).abs() < 1e-4);
    assert_eq!(bursts.leave_bad, Probability::from_percent(25));
}

/// A mean that bursts of the length asked for cannot reach is reached by longer ones.
#[test]
fn a_high_mean_loss_makes_longer_bursts() {
    let one = NonZeroU64::MIN;
    for percent in [0, 1, 50, 51, 90, 99, 100] {
        let bursts = Bursts::of_mean_length(Probability::from_percent(percent), one);
        let asked = f64::from(percent) / 100.0;
        assert!(
            (bursts.mean() - asked).abs() < 1e-4,
            "{percent} %: {bursts:?}"
        );
    }
}

/// `@` makes a step, `every` repeats, `outage` cuts.
#[test]
fn a_text_can_vary_over_time() {
    let profile = parse("border,rate@30s=500kbit,loss@45s=20%,every=1min,outage=10s+2s");
    let rate = |seconds| profile.out.at(Duration::from_secs(seconds)).rate_bps;
    let (fast, slow) = (NonZeroU64::new(4_000_000), NonZeroU64::new(500_000));
    assert_eq!(
        [rate(29), rate(30), rate(59), rate(60)],
        [fast, slow, slow, fast]
    );
    let lossy = Loss::Random(Probability::from_percent(20));
    assert_eq!(profile.back.at(Duration::from_secs(105)).loss, lossy);
    let expected = Schedule::default().outage(Outage {
        at: Duration::from_secs(10),
        lasts: Duration::from_secs(2),
    });
    for seconds in [9, 10, 11, 12] {
        let at = Duration::from_secs(seconds);
        assert_eq!(profile.out.is_cut(at), expected.is_cut(at), "{seconds} s");
    }
}

/// A later setting without a time holds for every step of a profile that varies.
#[test]
fn a_setting_without_a_time_holds_for_every_step() {
    let profile = parse("slow-hours,loss=1%");
    let share = Loss::Random(Probability::from_percent(1));
    assert!((0..120).all(|at| profile.out.at(Duration::from_secs(at)).loss == share));
}

/// What cannot be understood is named, together with what would have been.
#[test]
fn a_text_that_makes_no_sense_is_refused_by_name() {
    let refusals = [
        (
            "bordr",
            "no profile is called \"bordr\"; the profiles are lan, regional, border",
        ),
        ("", "no profile is called \"\""),
        (
            "border,",
            "\"\" is not a setting; the settings are rtt, delay",
        ),
        ("border,speed=3", "\"speed=3\" is not a setting"),
        ("border,up.loss=3%", "\"up.loss=3%\" is not a setting"),
        (
            "border,outage@3s=1s+1s",
            "\"outage@3s=1s+1s\" is not a setting",
        ),
        (
            "border,loss=110%",
            "loss=\"110%\" does not read as a share of packets",
        ),
        ("border,loss=-1", "loss=\"-1\" does not read as a share"),
        ("border,loss=nan", "loss=\"nan\" does not read as a share"),
        (
            "border,out.rate=0kbit",
            "out.rate=\"0kbit\" does not read as a rate above 0",
        ),
        (
            "border,rtt=250",
            "rtt=\"250\" does not read as a time such as 125ms",
        ),
        ("border,rtt=999999999999s", "a week at most"),
        (
            "border,loss@soon=1%",
            "loss@soon=\"soon\" does not read as a time",
        ),
        ("border,queue=many", "does not read as a time or a size"),
        ("border,burst=0", "a whole number of packets from 1 up"),
        ("border,outage=10s", "START+LENGTH such as 10s+200ms"),
        ("border,mtu=1e3", "a whole number of bytes"),
    ];
    for (text, expected) in refusals {
        let refusal = Profile::parse(text).expect_err(text);
        assert!(refusal.to_string().contains(expected), "{text}: {refusal}");
        assert!(!refusal.is_permission());
    }
    assert!(matches!(
        Profile::parse("x"),
        Err(NetemError::UnknownProfile { .. })
    ));
}

/// The two ways of a path do not lose the same packets, and share no queue.
#[test]
fn the_two_ways_of_a_path_are_apart() {
    let start = Instant::now();
    let mut path = Path::new(&parse("lan,loss=50%"), 3, start);
    let mut arrived = [Vec::new(), Vec::new()];
    for number in 0..200_u8 {
        let now = start + Duration::from_millis(10) * u32::from(number);
        for way in Way::BOTH {
            path.push(now, way, [number]);
        }
        let later = now + Duration::from_millis(5);
        while let Some((way, packet)) = path.poll(later) {
            arrived[usize::from(way == Way::Back)].push(packet);
        }
    }
    assert!((80..120).contains(&arrived[0].len()) && (80..120).contains(&arrived[1].len()));
    assert_ne!(arrived[0], arrived[1]);
    path.cut(start + Duration::from_secs(3), &[Way::Out], None);
    let late = start + Duration::from_secs(4);
    assert!(path.is_cut(Way::Out, late) && !path.is_cut(Way::Back, late));
}

fn parse(text: &str) -> Profile {
    Profile::parse(text).expect(text)
}
