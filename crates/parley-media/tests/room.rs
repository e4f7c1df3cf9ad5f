//! People of one node in one room.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one event among all"
)]

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::{MS, World, assert_continuous, camera_of, microphone_of, person};
use parley_media::{
    LayerShortfall, LeaveReason, ParticipantId, Reason, RelayEvent, TrackIndex, VideoSlotState,
    testing::{BrowserConfig, Camera},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

const SECOND: Duration = Duration::from_secs(1);

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

fn left(world: &World) -> Vec<(ParticipantId, LeaveReason)> {
    let left = world.events.iter().filter_map(|(_, _, event)| match event {
        RelayEvent::Left {
            participant,
            reason,
        } => Some((*participant, *reason)),
        _ => None,
    });
    left.collect()
}

fn wanted(world: &World, number: usize) -> Option<u8> {
    world
        .events
        .iter()
        .rev()
        .find_map(|(_, _, event)| match event {
            RelayEvent::WantedLayers {
                participant,
                index,
                layers,
            } if *participant == person(number) && *index == TrackIndex::CAMERA => Some(*layers),
            _ => None,
        })
}

/// Whose packets came, by number, in whatever audio slot.
fn heard(world: &mut World, number: usize) -> BTreeSet<u8> {
    let browser = world.browser(number);
    (0..3)
        .flat_map(|slot| {
            browser
                .heard(slot)
                .iter()
                .filter_map(|packet| packet.stamp)
                .map(|stamp| stamp.number)
        })
        .collect()
}

#[test]
fn two_people_see_and_hear_each_other() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join(0, 2);
    world.watch(1, &[2], 180);
    world.watch(2, &[1], 180);
    world.run(3 * SECOND);
    for (viewer, seen) in [(1, 2_u8), (2, 1)] {
        let browser = world.browser(viewer);
        assert!(browser.is_connected());
        assert!(browser.seen(0).len() > 50, "{}", browser.seen(0).len());
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
    let is_connected = |event: &RelayEvent| matches!(event, RelayEvent::Connected { participant } if *participant == person(1));
    assert!(world.events.iter().any(|(_, _, event)| is_connected(event)));
}

#[test]
fn whoever_joins_is_shown_the_kept_key_frame_at_once() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    world.join_watcher(0, 3);
    world.run_until(SECOND, "connected", |world| world.browser(3).is_connected());
    let requests = world.browser(1).key_frame_requests.clone();
    let replays = world.relays[0].counters().replays;
    world.watch(3, &[1], 180);
    let waited = world.run_until(SECOND, "a picture", |world| {
        !world.browser(3).seen(0).is_empty()
    });
    assert!(waited <= 10 * MS, "one way and no more: {waited:?}");
    assert!(world.browser(3).seen(0)[0].starts_key_frame);
    world.run(SECOND);
    assert_continuous(world.browser(3).seen(0));
    assert_eq!(
        world.browser(1).key_frame_requests,
        requests,
        "nobody was asked"
    );
    assert_eq!(world.relays[0].counters().replays, replays + 1);
}

#[test]
fn a_replayed_past_takes_no_time_to_watch() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 180);
    world.run(4 * SECOND);
    world.join_watcher(0, 3);
    world.watch(3, &[1], 180);
    world.run(2 * SECOND);
    let received = world.browser(3).seen(0);
    let (first, last) = (
        received.first().expect("some"),
        received.last().expect("some"),
    );
    let shown = last.timestamp.wrapping_sub(first.timestamp) / 90;
    let passed = (last.at - first.at).as_millis();
    assert!(
        u128::from(shown) < passed + 200,
        "{shown} ms of pictures in {passed} ms"
    );
}

#[test]
fn a_change_of_layer_begins_with_a_key_frame_and_leaves_no_jump() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.run(SECOND);
    for height in [180, 720, 360, 180, 720] {
        world.watch(2, &[1], height);
        world.run(2 * SECOND);
    }
    let received = world.browser(2).seen(0).to_vec();
    assert_continuous(&received);
    let layers: Vec<u8> = received
        .iter()
        .filter_map(|packet| packet.stamp)
        .map(|stamp| stamp.layer)
        .collect();
    // The estimate may let the largest come by way of the middle one.
    let mut changes = layers.clone();
    changes.dedup();
    assert!(
        changes.len() >= 5 && changes[0] == 0 && changes.ends_with(&[2]),
        "{changes:?}"
    );
    assert_eq!(BTreeSet::from_iter(changes), BTreeSet::from([0, 1, 2]));
    for (before, after) in received.iter().zip(&received[1..]) {
        let layer =
            |packet: &parley_media::testing::Received| packet.stamp.map(|stamp| stamp.layer);
        assert!(layer(before) == layer(after) || after.starts_key_frame);
    }
}

#[test]
fn requests_for_key_frames_are_gathered() {
    let mut world = World::new(1);
    world.join(0, 1);
    for number in 2..12 {
        world.join_watcher(0, number);
        world.watch(number, &[1], 180);
    }
    world.run(3 * SECOND);
    let before = world
        .browser(1)
        .key_frame_requests
        .get(&0)
        .copied()
        .unwrap_or(0);
    for number in 2..12 {
        world.browser(number).request_key_frame(0);
    }
    world.run(150 * MS);
    let asked = world
        .browser(1)
        .key_frame_requests
        .get(&0)
        .copied()
        .unwrap_or(0)
        - before;
    assert_eq!(asked, 1);
}

#[test]
fn the_three_loudest_are_heard_and_nobody_hears_themselves() {
    let mut world = World::new(1);
    for (number, level) in [(1, 20), (2, 30), (3, 60), (4, 70), (5, 80)] {
        world.join(0, number);
        world.browser(number).speak_at(level);
    }
    world.run(4 * SECOND);
    for number in 1..6 {
        world.browser(number).forget();
    }
    world.run(2 * SECOND);
    assert_eq!(heard(&mut world, 5), BTreeSet::from([1, 2, 3]));
    assert_eq!(heard(&mut world, 1), BTreeSet::from([2, 3, 4]));
    world.browser(5).speak_at(10);
    world.run(2 * SECOND);
    world.browser(1).forget();
    world.run(SECOND);
    assert!(heard(&mut world, 1).contains(&5));
    let speakers = world
        .events
        .iter()
        .rev()
        .find_map(|(_, _, event)| match event {
            RelayEvent::Speakers { tracks, .. } => Some(tracks.clone()),
            _ => None,
        });
    assert_eq!(speakers.expect("told")[0], microphone_of(5));
}

#[test]
fn a_voice_sits_beside_its_picture() {
    let mut world = World::new(1);
    for number in 1..4 {
        world.join(0, number);
    }
    world.run(SECOND);
    world.watch(1, &[3, 2], 180);
    world.run(SECOND);
    let seats = world
        .events
        .iter()
        .rev()
        .find_map(|(_, _, event)| match event {
            RelayEvent::AudioSlots { participant, slots } if *participant == person(1) => {
                Some(*slots)
            }
            _ => None,
        });
    assert_eq!(
        seats,
        Some([Some(microphone_of(3)), Some(microphone_of(2)), None])
    );
}

#[test]
fn nothing_of_a_muted_medium_leaves_the_relay() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    world.mute(1, TrackIndex::MICROPHONE, true);
    world.mute(1, TrackIndex::CAMERA, true);
    world.run(100 * MS);
    world.browser(2).forget();
    world.run(SECOND);
    assert!(world.browser(2).seen(0).is_empty() && world.browser(2).heard(0).is_empty());
    let state = slots(&world, 2)[0];
    assert_eq!(
        (state.layer, state.withheld),
        (None, Some(LayerShortfall::Source(Reason::Muted)))
    );
    world.mute(1, TrackIndex::MICROPHONE, false);
    world.mute(1, TrackIndex::CAMERA, false);
    world.run(SECOND);
    let browser = world.browser(2);
    assert!(browser.seen(0)[0].starts_key_frame && browser.heard(0).len() > 30);
    assert_continuous(browser.seen(0));
    assert_eq!(slots(&world, 2)[0].withheld, None);
}

#[test]
fn the_page_is_told_which_layers_somebody_watches() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.run(SECOND);
    assert_eq!(wanted(&world, 1), Some(0));
    world.watch(2, &[1], 180);
    world.run(SECOND);
    assert_eq!(wanted(&world, 1), Some(0b001));
    world.watch(2, &[1], 720);
    world.run(3 * SECOND);
    assert!(wanted(&world, 1).is_some_and(|layers| layers & 0b100 != 0));
    world.run(9 * SECOND);
    assert_eq!(wanted(&world, 1), Some(0b100));
}

#[test]
fn a_layer_the_browser_gives_up_is_replaced_by_the_next() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 720);
    world.run(3 * SECOND);
    assert_eq!(slots(&world, 2)[0].layer, Some(2));
    world.browser(1).camera().expect("on").set_layer(2, false);
    world.run(3 * SECOND);
    let state = slots(&world, 2)[0];
    assert_eq!(
        (state.layer, state.withheld),
        (Some(1), Some(LayerShortfall::Source(Reason::Paused)))
    );
    world.browser(1).camera().expect("on").set_layer(2, true);
    world.run(3 * SECOND);
    assert_eq!(slots(&world, 2)[0].layer, Some(2));
    assert_continuous(world.browser(2).seen(0));
}

#[test]
fn an_engine_that_breaks_takes_its_own_person_and_nobody_else() {
    let mut world = World::new(1);
    for number in 1..4 {
        world.join(0, number);
    }
    world.watch(1, &[2, 3], 180);
    world.run(2 * SECOND);
    world.relays[0].break_engine(person(3)).expect("there");
    world.settle();
    assert_eq!(left(&world), [(person(3), LeaveReason::Fault)]);
    assert_eq!(world.roster(0), [1, 2]);
    world.people.get_mut(&3).expect("there").is_gone = true;
    world.browser(1).forget();
    world.run(SECOND);
    let browser = world.browser(1);
    assert!(browser.seen(0).len() > 20 && browser.heard(0).len() > 40);
    assert_eq!(world.relays[0].counters().faults, 1);
    let is_told = |event: &RelayEvent| matches!(event, RelayEvent::Fault { participant, cause } if *participant == person(3) && cause == "broken on purpose");
    assert!(world.events.iter().any(|(_, _, event)| is_told(event)));
    world.people.remove(&3);
    world.join(0, 3);
    world.run(2 * SECOND);
    assert_eq!(world.roster(0), [1, 2, 3]);
    assert!(
        world.browser(1).seen(1).len() > 20,
        "and is seen again after joining again"
    );
}

#[test]
fn whoever_joins_again_takes_their_own_place() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    world.browser(2).forget();
    world.join(0, 1);
    world.run(2 * SECOND);
    assert!(left(&world).is_empty());
    assert_eq!(world.roster(0), [1, 2]);
    let browser = world.browser(2);
    assert!(browser.seen(0).len() > 20 && browser.heard(0).len() > 50);
    assert!(browser.seen(0).iter().any(|packet| packet.starts_key_frame));
    assert_continuous(browser.seen(0));
    assert_continuous(browser.heard(0));
}

#[test]
fn a_browser_that_falls_silent_is_removed() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join(0, 2);
    world.run(SECOND);
    world.people.get_mut(&2).expect("there").is_gone = true;
    world.run(90 * SECOND);
    assert_eq!(left(&world), [(person(2), LeaveReason::TimedOut)]);
    assert_eq!(world.roster(0), [1]);
}

#[test]
fn a_room_that_closes_sends_everyone_away() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join(0, 2);
    world.run(SECOND);
    let now = world.now;
    world.relays[0].close_room(now, common::room());
    world.settle();
    let reasons: BTreeSet<LeaveReason> =
        left(&world).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        [LeaveReason::RoomClosed]
    );
    world.run(SECOND);
    assert_eq!(world.relays[0].counters().rooms, 0);
}

#[test]
fn a_screen_is_shown_beside_the_camera() {
    let mut world = World::new(1);
    let mut config = BrowserConfig::new(1, ([10, 1, 0, 1], 5_000).into());
    config.screen = Some(Camera::with_rates(&[800_000]));
    world.join_as(0, 1, config);
    world.join_watcher(0, 2);
    world.run(SECOND);
    let screen = parley_media::TrackId {
        participant: person(1),
        index: TrackIndex::SCREEN,
    };
    let watches = [
        parley_media::Watch {
            slot: 0,
            track: camera_of(1),
            height_px: 180,
        },
        parley_media::Watch {
            slot: 5,
            track: screen,
            height_px: 1_080,
        },
    ];
    let now = world.now;
    world.relays[0]
        .watch(now, person(2), &watches)
        .expect("there");
    world.settle();
    world.run(2 * SECOND);
    let browser = world.browser(2);
    assert!(browser.seen(0).len() > 20 && browser.seen(5).len() > 100);
    assert_continuous(browser.seen(5));
}

#[test]
fn fifty_people_share_a_room() {
    let mut world = World::new(1);
    for number in 1..51 {
        let mut config = BrowserConfig::new(
            u8::try_from(number).expect("few"),
            ([10, 1, 0, 1], 1).into(),
        );
        config.camera = (number <= 8).then(Camera::simulcast);
        world.join_as(0, number, config);
    }
    world.run(SECOND);
    for number in 1..51 {
        let cameras: Vec<usize> = (1..9).filter(|camera| *camera != number).collect();
        world.watch(number, &cameras, 90);
    }
    world.run(3 * SECOND);
    for number in 1..51 {
        let browser = world.browser(number);
        assert!((0..7).all(|slot| browser.seen(slot).len() > 20), "{number}");
        assert!(
            (0..3).all(|slot| browser.heard(slot).len() > 30),
            "{number}"
        );
    }
}

#[test]
fn what_a_browser_lost_is_sent_again_from_what_is_kept() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 360);
    world.run(2 * SECOND);
    world.browser(2).forget();
    let asked = world.browser(1).key_frame_requests.clone();
    world.lose = Some((2, 30));
    world.run(3 * SECOND);
    world.lose = None;
    world.run(SECOND);
    assert_continuous(world.browser(2).seen(0));
    assert_eq!(
        world.browser(1).key_frame_requests,
        asked,
        "the publisher was not troubled"
    );
}

#[test]
fn people_behind_a_firewall_take_part_over_tcp() {
    let mut world = World::new(1);
    world.join(0, 1);
    let mut config = BrowserConfig::new(2, ([10, 1, 0, 2], 5_000).into());
    config.is_behind_firewall = true;
    world.join_as(0, 2, config);
    world.watch(1, &[2], 180);
    world.watch(2, &[1], 180);
    world.run(4 * SECOND);
    for viewer in [1, 2] {
        let browser = world.browser(viewer);
        assert!(
            browser.seen(0).len() > 40 && browser.heard(0).len() > 80,
            "{viewer}"
        );
    }
    assert!(world.relays[0].quality(person(2)).expect("there").is_tcp);
}

#[test]
fn a_joiner_whose_right_layer_is_too_much_at_once_sees_a_small_one_meanwhile() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 720);
    world.run(4 * SECOND);
    world.join_watcher(0, 3);
    world.run_until(SECOND, "connected", |world| world.browser(3).is_connected());
    world.watch(3, &[1], 720);
    let waited = world.run_until(SECOND, "a picture", |world| {
        !world.browser(3).seen(0).is_empty()
    });
    assert!(waited <= 10 * MS, "{waited:?}");
    world.run(2 * SECOND);
    let received = world.browser(3).seen(0);
    let layers: Vec<u8> = received
        .iter()
        .filter_map(|packet| packet.stamp)
        .map(|stamp| stamp.layer)
        .collect();
    assert_eq!((layers.first(), layers.last()), (Some(&0), Some(&2)));
    assert_continuous(received);
}

#[test]
fn a_machine_without_time_to_spare_removes_nobody() {
    for seed in 0..2 {
        let mut world = World::new(1);
        let mut dice = StdRng::seed_from_u64(seed);
        for number in 1..4 {
            world.join(0, number);
        }
        for number in 1..4 {
            world.watch(number, &[1 + number % 3], 720);
        }
        world.lose = Some((2, 7));
        for _ in 0..20 {
            world.run(Duration::from_millis(dice.random_range(1..400)));
            world.starve(Duration::from_millis(dice.random_range(10..1_800)));
        }
        assert!(left(&world).is_empty(), "{seed}: {:?}", left(&world));
        world.run(3 * SECOND);
        world.browser(1).forget();
        world.run(2 * SECOND);
        assert!(world.browser(1).seen(0).len() > 40, "{seed}");
    }
}
