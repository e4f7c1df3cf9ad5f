//! One room over several nodes: what crosses a line, and what happens when a line does not hold.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one event among all"
)]

mod common;

use std::{collections::BTreeMap, time::Duration};

use common::{MS, World, assert_continuous, camera_of, party, person, room};
use parley_media::{LayerShortfall, MediaLane, Reason, RelayEvent, VideoSlotState};

const SECOND: Duration = Duration::from_secs(1);
/// A clean line of 250 ms round trip.
const CLEAN: &str = "lan,rate=50mbit,delay=125ms";
const HALF: Duration = Duration::from_millis(125);

/// What a node told last about the slots of a person.
fn slots(world: &World, number: usize) -> Vec<VideoSlotState> {
    let told = world
        .events
        .iter()
        .rev()
        .find_map(|(_, _, event)| match event {
            RelayEvent::VideoSlots { participant, slots } if *participant == person(number) => {
                Some(slots.clone())
            }
            _ => None,
        });
    told.unwrap_or_default()
}

/// Media units a node gave to lines, by flow, since an instant.
fn flows(world: &World, node: usize, since: std::time::Instant) -> BTreeMap<u32, u64> {
    let mut flows = BTreeMap::new();
    for (_, _, media) in world
        .media
        .iter()
        .filter(|(at, from, _)| *from == node && *at >= since)
    {
        *flows.entry(media.flow & 0xff).or_default() += 1;
    }
    flows
}

#[test]
fn two_people_see_and_hear_each_other_across_a_line() {
    let mut world = World::new(2);
    world.line(0, 1, CLEAN, HALF);
    world.join(0, 1);
    world.join(1, 2);
    world.run(SECOND);
    assert_eq!((world.roster(0), world.roster(1)), (vec![1, 2], vec![1, 2]));
    world.watch(1, &[2], 180);
    world.watch(2, &[1], 180);
    world.run(3 * SECOND);
    for (viewer, seen) in [(1, 2_u8), (2, 1)] {
        let browser = world.browser(viewer);
        assert!(browser.seen(0).len() > 40, "{}", browser.seen(0).len());
        assert!(browser.heard(0).len() > 100, "{}", browser.heard(0).len());
        let stamps = browser.seen(0).iter().chain(browser.heard(0));
        assert!(
            stamps
                .clone()
                .all(|packet| packet.stamp.is_some_and(|stamp| stamp.number == seen))
        );
        assert!(browser.seen(0)[0].starts_key_frame);
        assert_continuous(browser.seen(0));
        assert_continuous(browser.heard(0));
    }
    let route = world
        .events
        .iter()
        .rev()
        .find_map(|(_, node, event)| match event {
            RelayEvent::Roster { participants, .. } if *node == 1 => Some(
                participants
                    .iter()
                    .find(|entry| entry.participant == person(1))?
                    .route
                    .clone(),
            ),
            _ => None,
        });
    assert_eq!(route, Some(vec![party(0)]));
}

#[test]
fn each_layer_crosses_once_however_many_watch() {
    let mut packets = Vec::new();
    for viewers in [1, 5, 20] {
        let mut world = World::new(2);
        world.line(0, 1, CLEAN, HALF);
        world.join(0, 1);
        for number in 2..2 + viewers {
            world.join_watcher(1, number);
        }
        world.run(2 * SECOND);
        for number in 2..2 + viewers {
            world.watch(number, &[1], 180);
        }
        world.run(2 * SECOND);
        let since = world.now;
        world.run(2 * SECOND);
        let video: u64 = flows(&world, 0, since).into_values().sum();
        packets.push(video);
        for number in 2..2 + viewers {
            assert!(world.browser(number).seen(0).len() > 40);
        }
    }
    assert!(
        packets
            .windows(2)
            .all(|pair| pair[0].abs_diff(pair[1]) <= 2),
        "{packets:?}"
    );
}

#[test]
fn only_what_somebody_watches_crosses() {
    let mut world = World::new(2);
    world.line(0, 1, CLEAN, HALF);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(2 * SECOND);
    assert!(
        world
            .media
            .iter()
            .all(|(_, _, media)| media.lane == MediaLane::Audio)
    );
    world.watch(2, &[1], 180);
    world.run(SECOND);
    assert!(
        world
            .media
            .iter()
            .any(|(_, _, media)| media.lane == MediaLane::Base)
    );
    world.watch(2, &[], 180);
    world.run(SECOND);
    let since = world.now;
    world.run(SECOND);
    let later = world.media.iter().filter(|(at, _, _)| *at >= since);
    assert!(
        later
            .clone()
            .all(|(_, _, media)| media.lane == MediaLane::Audio)
    );
}

/// Person 1 publishes on node 0, person 2 watches them on node 1, over a line of this rate.
fn watched_over_a_thin_line(rate_bps: u64, height_px: u16) -> (World, usize) {
    let mut world = World::new(2);
    let line = world.line(0, 1, CLEAN, HALF);
    world.rate(line, rate_bps);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(SECOND);
    world.watch(2, &[1], height_px);
    (world, line)
}

#[test]
fn what_does_not_fit_the_line_is_withheld_with_the_reason() {
    let (mut world, line) = watched_over_a_thin_line(400_000, 720);
    world.run(4 * SECOND);
    let state = slots(&world, 2)[0];
    assert_eq!(
        (state.layer, state.withheld),
        (Some(0), Some(LayerShortfall::Source(Reason::Rate)))
    );
    world.rate(line, 8_000_000);
    world.run(8 * SECOND);
    let state = slots(&world, 2)[0];
    assert_eq!((state.layer, state.withheld), (Some(2), None));
    world.rate(line, 400_000);
    world.run(3 * SECOND);
    assert_eq!(slots(&world, 2)[0].layer, Some(0));
    assert_continuous_but_for_loss(&mut world, 2);
}

#[test]
fn what_a_relay_withheld_before_it_was_killed_is_forgotten() {
    let (mut world, line) = watched_over_a_thin_line(64_000, 720);
    world.run(3 * SECOND);
    let rate = Some(LayerShortfall::Source(Reason::Rate));
    assert_eq!(slots(&world, 2)[0].withheld, rate);

    world.restart(line, 2);
    world.run(SECOND);
    world.join(0, 1);
    world.run(8 * SECOND);
    let state = slots(&world, 2)[0];
    assert_eq!((state.layer, state.withheld), (Some(2), None));
}

#[test]
fn on_a_line_too_thin_for_pictures_the_sound_goes_on() {
    let (mut world, _) = watched_over_a_thin_line(64_000, 180);
    world.run(3 * SECOND);
    assert!(world.browser(2).seen(0).is_empty());
    assert!(world.browser(2).heard(0).len() > 120);
    assert_eq!(
        slots(&world, 2)[0].withheld,
        Some(LayerShortfall::Source(Reason::Rate))
    );
}

#[test]
fn a_node_between_two_others_passes_on_what_crosses() {
    let mut world = World::new(3);
    world.line(0, 1, CLEAN, HALF);
    world.line(1, 2, CLEAN, HALF);
    world.join(0, 1);
    world.join(2, 3);
    world.run(2 * SECOND);
    for node in 0..3 {
        assert_eq!(world.roster(node), [1, 3], "node {node}");
    }
    world.watch(1, &[3], 180);
    world.watch(3, &[1], 180);
    world.run(4 * SECOND);
    for (viewer, seen) in [(1, 3_u8), (3, 1)] {
        let browser = world.browser(viewer);
        assert!(
            browser.seen(0).len() > 40,
            "{viewer}: {}",
            browser.seen(0).len()
        );
        assert!(browser.heard(0).len() > 100, "{viewer}");
        assert!(
            browser
                .seen(0)
                .iter()
                .all(|packet| packet.stamp.is_some_and(|stamp| stamp.number == seen))
        );
        assert_continuous(browser.seen(0));
    }
}

#[test]
fn when_a_line_is_cut_another_way_is_taken_and_the_short_one_when_it_is_back() {
    let mut world = World::new(3);
    let direct = world.line(0, 2, CLEAN, HALF);
    world.line(0, 1, CLEAN, HALF);
    world.line(1, 2, CLEAN, HALF);
    world.join(0, 1);
    world.join_watcher(2, 3);
    world.run(SECOND);
    world.watch(3, &[1], 180);
    world.run(3 * SECOND);
    assert!(
        world.media.iter().all(|(_, node, _)| *node != 1),
        "the middle carries nothing"
    );
    world.cut(direct);
    world.browser(3).forget();
    let gap = world.run_until(3 * SECOND, "a picture over the other way", |world| {
        world.browser(3).seen(0).len() > 10 && world.browser(3).heard(0).len() > 10
    });
    assert!(gap < 1_500 * MS, "{gap:?}");
    assert_eq!(world.roster(2), [1, 3]);
    let since = world.now;
    world.run(SECOND);
    assert!(!flows(&world, 1, since).is_empty(), "the middle carries it");
    world.heal(direct);
    world.run(3 * SECOND);
    let since = world.now;
    world.browser(3).forget();
    world.run(2 * SECOND);
    assert!(
        flows(&world, 1, since).is_empty(),
        "the middle carries nothing again"
    );
    assert!(world.browser(3).seen(0).len() > 40);
    assert_continuous(world.browser(3).seen(0));
}

#[test]
fn after_a_cut_without_another_way_the_picture_comes_back_by_itself() {
    let mut world = World::new(2);
    let line = world.line(0, 1, CLEAN, HALF);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(SECOND);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    world.cut(line);
    world.run(10 * SECOND);
    assert_eq!(world.roster(1), [1, 2], "a short cut removes nobody");
    world.heal(line);
    world.browser(2).forget();
    let gap = world.run_until(3 * SECOND, "a picture after the cut", |world| {
        world.browser(2).seen(0).len() > 10 && world.browser(2).heard(0).len() > 5
    });
    assert!(gap < 1_500 * MS, "{gap:?}");
    world.cut(line);
    world.run(40 * SECOND);
    assert_eq!(world.roster(1), [2], "a long one does");
    world.heal(line);
    world.run(SECOND);
    assert_eq!(world.roster(1), [1, 2]);
}

#[test]
fn twenty_who_join_in_one_second_ask_across_the_line_once() {
    let mut world = World::new(2);
    world.line(0, 1, CLEAN, HALF);
    world.join(0, 1);
    for number in 2..22 {
        world.join_watcher(1, number);
    }
    world.run(2 * SECOND);
    let before = world.relays[1].counters().key_frames_asked_of_lines;
    for number in 2..22 {
        world.watch(number, &[1], 180);
        world.run(50 * MS);
    }
    world.run(2 * SECOND);
    let asked = world.relays[1].counters().key_frames_asked_of_lines - before;
    assert!(asked <= 1, "{asked}");
    for number in 2..22 {
        assert!(world.browser(number).seen(0).len() > 20);
    }
}

#[test]
fn a_lost_packet_leaves_its_gap_for_the_browser_to_see() {
    let mut world = World::new(2);
    world.line(0, 1, "lan,rate=50mbit,delay=125ms,loss=3%", HALF);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(SECOND);
    world.watch(2, &[1], 180);
    world.run(6 * SECOND);
    let sequences: Vec<u64> = world
        .browser(2)
        .heard(0)
        .iter()
        .map(|packet| packet.sequence)
        .collect();
    let span = sequences.last().expect("some") - sequences.first().expect("some") + 1;
    let missing = span - sequences.len() as u64;
    assert!((2..40).contains(&missing), "{missing} of {span}");
}

#[test]
fn a_picture_broken_by_a_loss_is_mended_without_the_browser_asking() {
    let mut world = World::new(2);
    world.line(0, 1, "lan,rate=50mbit,delay=125ms,loss=1%", HALF);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(SECOND);
    world.watch(2, &[1], 360);
    world.run(20 * SECOND);
    let end = world.now;
    let seen = world.browser(2).seen(0);
    let breaks: Vec<std::time::Instant> = seen
        .windows(2)
        .filter(|pair| pair[1].sequence > pair[0].sequence + 1)
        .map(|pair| pair[1].at)
        .filter(|at| *at + 2 * SECOND < end)
        .collect();
    assert!(breaks.len() > 3, "{breaks:?}");
    for at in breaks {
        let mended = seen
            .iter()
            .find(|packet| packet.at >= at && packet.starts_key_frame)
            .expect("a key frame");
        // A round trip, the wait for parity, and the pause between two questions at the most.
        assert!(mended.at - at < 1_500 * MS, "{:?}", mended.at - at);
    }
}

#[test]
fn voice_and_picture_taken_together_are_reported_together() {
    let mut world = World::new(2);
    world.line(0, 1, "lan,rate=50mbit,delay=125ms,jitter=20ms", HALF);
    world.join(0, 1);
    world.join_watcher(1, 2);
    world.run(SECOND);
    world.watch(2, &[1], 180);
    world.run(8 * SECOND);
    let browser = world.browser(2);
    let difference = |received: &[parley_media::testing::Received]| {
        let last = received
            .iter()
            .rev()
            .find(|packet| packet.reported_us.is_some())
            .expect("reports");
        let taken = i64::try_from(last.stamp.expect("stamped").at_us).expect("small");
        last.reported_us.expect("found") - taken
    };
    let (voice, picture) = (difference(browser.heard(0)), difference(browser.seen(0)));
    assert!(
        (voice - picture).abs() < 15_000,
        "{} ms apart",
        (voice - picture) / 1_000
    );
    let _ = camera_of(1);
}

fn assert_continuous_but_for_loss(world: &mut World, viewer: usize) {
    let received = world.browser(viewer).seen(0);
    let mut sequences: Vec<u64> = received.iter().map(|packet| packet.sequence).collect();
    sequences.sort_unstable();
    let before = sequences.len();
    sequences.dedup();
    assert_eq!(before, sequences.len(), "a number given out twice");
    assert!(sequences.windows(2).all(|pair| pair[1] - pair[0] < 300));
}

#[test]
fn what_was_under_way_when_its_cause_ended_is_late_and_no_refusal() {
    let mut world = World::new(2);
    world.line(0, 1, CLEAN, HALF);
    world.join(0, 1);
    world.join(1, 2);
    world.join(1, 3);
    world.watch(1, &[2, 3], 720);
    world.watch(2, &[1], 180);
    world.run(3 * SECOND);
    world.watch(1, &[2], 180);
    world.run(2 * SECOND);
    world.watch(1, &[], 180);
    world.run(2 * SECOND);
    world.leave(1);
    world.leave(3);
    world.run(2 * SECOND);
    world.join(0, 1);
    world.watch(1, &[2], 720);
    world.run(2 * SECOND);
    let now = world.now;
    world.relays[0].detach(now, room(), party(1));
    world.run(2 * SECOND);
    for relay in &world.relays {
        let counters = relay.counters();
        assert_eq!(counters.refusals_by_party, BTreeMap::new(), "{counters:?}");
    }
    assert!(world.relays[0].counters().late > 0);
}
