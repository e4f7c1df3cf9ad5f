//! Media arrives now or not at all, each unit once, and speech before everything.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::unused_self,
    clippy::wildcard_enum_match_arm,
    clippy::similar_names,
    reason = "tests: helpers are shared, a failed unwrap is a failed test"
)]

mod common;

use common::{World, quantile};
use parley_line::Lane;
use std::{collections::BTreeSet, time::Duration};

/// Speaks for a while; the share of units that never arrived, and the one-way delays.
fn speak_for(world: &mut World, seconds: u32) -> (f64, Vec<Duration>) {
    let count = seconds * 50;
    for number in 0..count {
        world.speak(0, 1 << 8, number);
        world.run(Duration::from_millis(20));
    }
    world.run(Duration::from_secs(2));
    let heard = world.media(1, Lane::Audio);
    let numbers: BTreeSet<u32> = heard.iter().map(|(_, _, number, _)| *number).collect();
    assert_eq!(numbers.len(), heard.len(), "no unit came twice");
    let missing = 1.0 - f64::from(u32::try_from(numbers.len()).unwrap()) / f64::from(count);
    (
        missing,
        heard
            .into_iter()
            .map(|(at, sent, _, _)| at.saturating_sub(sent))
            .collect(),
    )
}

/// Every unit arrives once and in time on a path that loses nothing.
#[test]
fn audio_arrives_once_and_at_once() {
    let mut world = World::pair(1, &["border,loss=0%"]);
    world.establish();
    world.run(Duration::from_secs(4));
    let (missing, mut delays) = speak_for(&mut world, 10);
    assert!(missing < 1e-9, "{missing}");
    let p99 = quantile(&mut delays, 0.99);
    assert!(p99 < Duration::from_millis(140), "{p99:?}");
}

/// One path that loses 15 % of what is sent leaves at most one unit in a hundred missing.
#[test]
fn audio_survives_the_slow_hours_on_one_path() {
    for seed in 0..3 {
        let mut world = World::pair(seed, &["slow-hours"]);
        world.establish();
        world.run(Duration::from_secs(1));
        let (missing, _) = speak_for(&mut world, 60);
        assert!(missing < 0.01, "seed {seed}: {missing}");
    }
}

/// Ten per cent loss on each of two paths leaves at most 1.5 % missing.
#[test]
fn audio_survives_loss_on_both_of_two_paths() {
    let mut world = World::pair(7, &["border,loss=10%", "regional,loss=10%"]);
    world.establish();
    let (missing, _) = speak_for(&mut world, 30);
    assert!(missing < 0.015, "{missing}");
}

/// When the best of two paths dies nothing of the speech is missing.
#[test]
fn speech_goes_on_when_the_best_path_dies() {
    let mut world = World::pair(8, &["regional,loss=0%", "border,loss=0%"]);
    world.establish();
    world.run(Duration::from_secs(1));
    let before = speak_for(&mut world, 2).0;
    world.cut(0, 1, 0, None);
    let offset = 100;
    for number in 0..200 {
        world.speak(0, 1 << 8, offset + number);
        world.run(Duration::from_millis(20));
    }
    world.run(Duration::from_secs(1));
    let heard: BTreeSet<u32> = world
        .media(1, Lane::Audio)
        .iter()
        .map(|unit| unit.2)
        .collect();
    assert!(before < 1e-9);
    assert_eq!(heard.len(), 300, "no unit was lost with the path");
}

/// Images that fill the path do not hold speech back by more than a few packets and a short queue.
#[test]
fn images_do_not_delay_speech() {
    let mut world = World::pair(9, &["border,loss=0%"]);
    world.establish();
    for _ in 0..12 {
        world.send(0, Lane::Image, vec![0; 1 << 20]);
    }
    world.run(Duration::from_secs(5));
    let (missing, mut delays) = speak_for(&mut world, 15);
    let p95 = quantile(&mut delays, 0.95);
    assert!(missing < 0.01, "{missing}");
    assert!(p95 < Duration::from_millis(125 + 60), "{p95:?}");
}

/// Video over a path that loses 5 % arrives nearly whole, at a bounded price.
#[test]
fn base_video_is_rebuilt_from_parity() {
    let mut world = World::pair(10, &["border,loss=5%,rate=2mbit"]);
    world.establish();
    world.run(Duration::from_secs(1));
    let frames = 600;
    for frame in 0..frames {
        world.speak(0, 1 << 8, frame);
        world.show(0, Lane::Base, 2 << 8, frame, 2, 700);
        world.run(Duration::from_millis(33));
    }
    world.run(Duration::from_secs(2));
    let seen: BTreeSet<u32> = world
        .media(1, Lane::Base)
        .iter()
        .map(|unit| unit.2)
        .collect();
    assert_eq!(
        seen.len(),
        world.media(1, Lane::Base).len(),
        "no unit came twice"
    );
    let whole =
        (0..frames).filter(|frame| (0..2).all(|unit| seen.contains(&(frame * 1_000 + unit))));
    let broken = frames - u32::try_from(whole.count()).unwrap();
    assert!(
        broken < frames / 50,
        "{broken} of {frames} frames are broken"
    );
}

/// Units longer than a datagram are cut and joined, and frames longer than a block arrive.
#[test]
fn long_units_and_long_frames_arrive() {
    let mut world = World::pair(11, &["regional,loss=0%,mtu=1280"]);
    world.establish();
    world.run(Duration::from_secs(4));
    world.show(0, Lane::Base, 2 << 8, 0, 100, 1_300);
    world.show(0, Lane::Upper, 3 << 8, 0, 3, 4_000);
    world.run(Duration::from_secs(2));
    assert_eq!(world.media(1, Lane::Base).len(), 100);
    let upper = world.media(1, Lane::Upper);
    assert_eq!(upper.len(), 3);
}

/// Video that waited too long is given up frame by frame, and the line goes on.
#[test]
fn late_frames_are_given_up_whole() {
    let mut world = World::pair(12, &["border,loss=0%,rate=500kbit"]);
    world.establish();
    world.run(Duration::from_secs(1));
    for frame in 0..150 {
        world.show(0, Lane::Upper, 3 << 8, frame, 6, 1_000);
        world.run(Duration::from_millis(33));
    }
    world.run(Duration::from_secs(2));
    let status = world.status(0);
    assert!(
        status.counters.units_dropped_late > 100,
        "{:?}",
        status.counters
    );
    let delays = world
        .media(1, Lane::Upper)
        .into_iter()
        .map(|(at, sent, _, _)| at.saturating_sub(sent));
    let slowest = delays.max().unwrap();
    assert!(
        slowest < Duration::from_millis(125 + 200 + 350),
        "{slowest:?}"
    );
}

/// A call that uses little of the path still learns within seconds that it carries more.
#[test]
fn a_small_call_learns_that_there_is_room() {
    let mut world = World::pair(13, &["border"]);
    world.establish();
    for frame in 0..180 {
        for node in [0, 1] {
            world.speak(node, 1 << 8, frame);
            world.show(node, Lane::Base, 2 << 8, frame, 1, 600);
        }
        world.run(Duration::from_millis(33));
    }
    for node in [0, 1] {
        let room = world.status(node).media_bps;
        assert!(room > 2_000_000, "node {node} believes in {room} bit/s");
    }
}

/// A dip of 20 s is over: a call that was cut down to its small picture finds out by itself, with
/// nothing to send that would tell, on an even path and on one that jitters.
#[test]
fn a_call_finds_room_again_after_a_dip() {
    for profile in ["border", "border,jitter=8ms", "regional"] {
        let dip = format!("{profile},rate=500kbit,rate@20s=4mbit");
        let mut world = World::pair(1, &[&dip]);
        world.establish();
        for frame in 0..1_200 {
            for node in [0, 1] {
                world.speak(node, 1 << 8, frame);
                world.show(node, Lane::Base, 2 << 8, frame, 1, 300);
                if frame < 600 {
                    world.show(node, Lane::Upper, 3 << 8, frame, 3, 1_000);
                }
            }
            world.run(Duration::from_millis(33));
        }
        for node in [0, 1] {
            let room = world.status(node).media_bps;
            assert!(
                room > 1_500_000,
                "{profile}: node {node} believes in {room} bit/s"
            );
        }
    }
}

/// A quiet call does not talk itself out of what it has found: noise in the delay of few packets is
/// no reason to give up rate.
#[test]
fn a_quiet_call_keeps_the_room_it_has_found() {
    let mut world = World::pair(5, &["border,jitter=8ms"]);
    world.establish();
    let mut least = u64::MAX;
    for frame in 0..3_600 {
        for node in [0, 1] {
            world.speak(node, 1 << 8, frame);
            world.show(node, Lane::Base, 2 << 8, frame, 1, 300);
        }
        world.run(Duration::from_millis(33));
        if frame > 600 {
            least = least.min(world.status(0).media_bps);
        }
    }
    assert!(least > 1_000_000, "{least} bit/s");
}

/// One third of a second of a small call both ways, as it is while upper layers are withheld.
fn call_for_ten_frames(world: &mut World, from: u32) {
    for frame in from..from + 10 {
        for node in [0, 1] {
            world.speak(node, 1 << 8, frame);
            world.show(node, Lane::Base, 2 << 8, frame, 1, 600);
        }
        world.run(Duration::from_millis(33));
    }
}

/// Machines that stand still for a moment now and then, as shared ones do, cost a small call little
/// of the room it has found: what was late came all at once, so the path is as wide as before.
#[test]
fn a_machine_that_stands_still_now_and_then_keeps_its_room() {
    let mut rooms = Vec::new();
    for seed in 0..20 {
        let mut world = World::pair(seed, &["border"]);
        world.establish();
        let mut least = u64::MAX;
        for third in 0..240 {
            call_for_ten_frames(&mut world, third * 10);
            if third % 4 == 3 {
                let still = [120, 180, 250][(third as usize / 4) % 3];
                world.stand_still(third as usize / 4 % 2, Duration::from_millis(still));
            }
            if third > 20 {
                least = least.min(world.status(0).media_bps.min(world.status(1).media_bps));
            }
        }
        rooms.push(least);
    }
    rooms.sort_unstable();
    assert!(rooms[10] > 1_500_000 && rooms[0] > 700_000, "{rooms:?}");
}

/// When the line comes back after a cut, what it was like in its worst hour does not keep the
/// picture away.
#[test]
fn a_line_that_comes_back_finds_its_room_at_once() {
    for seed in 0..3 {
        let mut world = World::pair(seed, &["slow-hours"]);
        world.establish();
        for third in 0..60 {
            call_for_ten_frames(&mut world, third * 10);
        }
        world.cut(0, 1, 0, Some(Duration::from_secs(12)));
        world.set_profile(0, 1, 0, "border");
        for third in 60..96 {
            call_for_ten_frames(&mut world, third * 10);
        }
        world.establish();
        for third in 96..108 {
            call_for_ten_frames(&mut world, third * 10);
        }
        for node in [0, 1] {
            let room = world.status(node).media_bps;
            assert!(room > 1_500_000, "seed {seed}: node {node}: {room} bit/s");
        }
    }
}

/// A path that became narrow under a small call is known to be narrow after a few looks, so that
/// looks do not hold speech back.
#[test]
fn a_small_call_learns_that_the_path_became_narrow() {
    for seed in 0..3 {
        let mut world = World::pair(seed, &["border"]);
        world.establish();
        for third in 0..30 {
            call_for_ten_frames(&mut world, third * 10);
        }
        world.set_profile(0, 1, 0, "slow-hours");
        for third in 30..90 {
            call_for_ten_frames(&mut world, third * 10);
        }
        for node in [0, 1] {
            let room = world.status(node).media_bps;
            assert!(room < 1_000_000, "seed {seed}: node {node}: {room} bit/s");
        }
    }
}
