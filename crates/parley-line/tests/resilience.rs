//! Outages, restarts and moves: the line comes back without anybody's act.
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

use common::{World, address, path};
use parley_line::{Lane, LineConfig, LineEvent, LineState, PathState};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// Waits for a letter sent now to arrive; how long it took.
fn time_to_arrive(world: &mut World, body: &[u8]) -> Option<Duration> {
    let sent = world.elapsed();
    world.send(0, Lane::Document, body.to_vec());
    world
        .run_until(MINUTE, |world| {
            world.letters(1).iter().any(|(_, have)| have[..] == *body)
        })
        .then(|| world.elapsed().saturating_sub(sent))
}

/// A cut of any length ends by itself; letters sent meanwhile arrive, once and in order.
#[test]
fn an_outage_of_any_length_ends_by_itself() {
    for outage in [
        Duration::from_millis(200),
        Duration::from_secs(10),
        MINUTE * 10,
    ] {
        let mut world = World::pair(3, &["border"]);
        world.establish();
        world.cut(0, 1, 0, Some(outage));
        for number in 0..10_u8 {
            world.send(0, Lane::Alert, vec![number]);
            world.send(1, Lane::Document, vec![number]);
            world.run(outage / 10);
        }
        let back = world.run_until(Duration::from_secs(12), |world| {
            world.delivered(0).len() == 10 && world.delivered(1).len() == 10
        });
        assert!(back, "the line came back within 12 s after {outage:?}");
        assert_eq!(world.letters(1).len(), 10);
        let documents: Vec<u8> = world.letters(0).iter().map(|(_, body)| body[0]).collect();
        assert_eq!(documents, (0..10).collect::<Vec<_>>());
        world.run(Duration::from_secs(3));
        assert_eq!(world.status(0).state, LineState::Up, "{outage:?}");
        assert_eq!(world.status(1).state, LineState::Up, "{outage:?}");
    }
}

/// What a node says as soon as its line is up arrives, also where it overtakes the greeting.
#[test]
fn the_first_letters_arrive_whatever_is_lost_before_them() {
    for seed in 0..80 {
        let mut world = World::pair(seed, &["border,loss=10%"]);
        let mut has_spoken = [false; 2];
        let arrived = world.run_until(MINUTE, |world| {
            for (node, has_spoken) in has_spoken.iter_mut().enumerate() {
                if !*has_spoken && world.status(node).state == LineState::Up {
                    *has_spoken = true;
                    world.send(node, Lane::Document, vec![7; 254]);
                }
            }
            (0..2).all(|node| world.letters(node).len() == 1)
        });
        assert!(arrived, "seed {seed}");
    }
}

/// A line says that it is cut, in time, and that it is up again.
#[test]
fn the_state_of_a_cut_line_is_told() {
    let mut world = World::pair(4, &["border"]);
    world.establish();
    world.run(Duration::from_secs(3));
    world.cut(0, 1, 0, Some(Duration::from_secs(20)));
    world.run(Duration::from_secs(15));
    assert_eq!(world.status(0).state, LineState::Cut);
    assert_eq!(world.status(0).paths[0].state, PathState::Down);
    assert!(world.status(0).last_proof_age.unwrap() > Duration::from_secs(13));
    world.run(Duration::from_secs(12));
    let states: Vec<LineState> = world.nodes[0]
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            LineEvent::State { state, .. } => Some(*state),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            LineState::Up,
            LineState::Degraded,
            LineState::Cut,
            LineState::Up
        ]
    );
}

/// A quiet line over a lossy path does not raise false alarms.
#[test]
fn a_quiet_lossy_line_stays_up() {
    let mut world = World::pair(5, &["border,loss=5%"]);
    world.establish();
    world.run(MINUTE * 5);
    let alarms = world.nodes[0].events.iter().filter(|(_, event)| {
        matches!(
            event,
            LineEvent::State {
                state: LineState::Cut,
                ..
            }
        )
    });
    assert_eq!(alarms.count(), 0);
}

/// The other side's address changes, as behind a NAT that forgot: the line goes on.
#[test]
fn a_new_source_address_is_followed() {
    for moved in [0, 1] {
        let mut world = World::pair(6, &["border"]);
        world.establish();
        world.run(Duration::from_secs(1));
        let mut elsewhere = address(moved, 0);
        elsewhere.set_port(9_999);
        world.nodes[moved].addresses[0] = elsewhere;
        let took = time_to_arrive(&mut world, b"still here");
        assert!(
            took.is_some_and(|took| took < Duration::from_secs(15)),
            "{moved}: {took:?}"
        );
        world.run(Duration::from_secs(10));
        assert_eq!(world.status(0).state, LineState::Up, "{moved}");
    }
}

/// Both dial at once, or only one can: one connection per path carries.
#[test]
fn whoever_dials_the_line_comes_up() {
    for (first, second) in [(true, true), (true, false), (false, true)] {
        let mut world = World::new(7);
        world.add_node(1);
        world.add_node(1);
        world.join(0, 1, 0, "border");
        world.open(0, 1, 1, first);
        world.open(1, 0, 1, second);
        world.establish();
        world.run(Duration::from_secs(10));
        assert!(
            time_to_arrive(&mut world, b"hello").is_some(),
            "{first} {second}"
        );
        let before = world.nodes[0].sent_packets;
        world.run(MINUTE);
        let quiet = world.nodes[0].sent_packets - before;
        assert!(
            quiet < 150,
            "{quiet} packets in an idle minute: no dial storm"
        );
    }
}

/// A node that restarts gets what it had not acknowledged, and is heard from zero again.
#[test]
fn a_restarted_node_is_met_again() {
    let mut world = World::pair(8, &["border"]);
    world.establish();
    for number in 0..5_u8 {
        world.send(1, Lane::Document, vec![number]);
        world.send(0, Lane::Document, vec![100 + number]);
    }
    world.run(Duration::from_secs(2));
    assert_eq!(world.letters(0).len(), 5);
    world.restart(1, 77);
    world.open(1, 0, 1, true);
    for number in 0..5_u8 {
        world.send(1, Lane::Document, vec![10 + number]);
        world.send(0, Lane::Document, vec![200 + number]);
    }
    world.run(Duration::from_secs(10));
    let heard: Vec<u8> = world.letters(0).iter().map(|(_, body)| body[0]).collect();
    assert_eq!(heard, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]);
    let told: Vec<u8> = world.letters(1).iter().map(|(_, body)| body[0]).collect();
    assert_eq!(told[told.len() - 5..], [200, 201, 202, 203, 204]);
    assert_eq!(world.status(0).state, LineState::Up);
}

/// A restarted node that cannot dial is noticed by the one that can.
#[test]
fn a_restart_of_the_side_that_cannot_dial_is_noticed() {
    let mut world = World::new(9);
    world.add_node(1);
    world.add_node(1);
    world.join(0, 1, 0, "border");
    world.open(0, 1, 1, true);
    world.open(1, 0, 1, false);
    world.establish();
    world.restart(1, 99);
    world.open(1, 0, 1, false);
    let took = time_to_arrive(&mut world, b"after the restart");
    assert!(
        took.is_some_and(|took| took < Duration::from_secs(5)),
        "{took:?}"
    );
}

/// The best of two paths dies: documents go on over the other within a second.
#[test]
fn letters_take_the_other_path_when_theirs_dies() {
    for seed in 0..5 {
        let mut world = World::pair(seed, &["regional", "border"]);
        world.establish();
        world.run(Duration::from_secs(2));
        for number in 0..100_u8 {
            world.send(0, Lane::Document, vec![number; 20_000]);
        }
        world.run(Duration::from_millis(300));
        world.cut(0, 1, 0, None);
        world.run(Duration::from_secs(30));
        let arrived: Vec<u8> = world.letters(1).iter().map(|(_, body)| body[0]).collect();
        assert_eq!(arrived, (0..100).collect::<Vec<_>>(), "seed {seed}");
        assert_eq!(world.status(0).state, LineState::Degraded);
    }
}

/// A path narrower than Ethernet carries everything.
#[test]
fn an_mtu_of_1280_is_enough() {
    let mut world = World::pair(10, &["border,mtu=1280"]);
    world.establish();
    assert!(time_to_arrive(&mut world, &vec![7; 100_000]).is_some());
    world.run(Duration::from_secs(20));
    assert_eq!(world.status(0).state, LineState::Up);
}

/// Twenty lines on one node all come up and carry.
#[test]
fn twenty_lines_on_one_node() {
    for lines in [1_u32, 6, 20] {
        let mut world = World::new(11);
        world.add_node(1);
        for other in 1..=usize::try_from(lines).unwrap() {
            world.add_node(1);
            world.join(0, other, 0, "border");
            world.open(0, other, 1, true);
            world.open(other, 0, 1, true);
        }
        world.run(Duration::from_secs(5));
        let now = world.now;
        for number in 0..lines {
            let line = world.line_number(number);
            let status = world.nodes[0].lines.status(now, line).unwrap();
            assert_eq!(status.state, LineState::Up, "line {number}");
            world.nodes[0]
                .lines
                .send(now, line, Lane::Alert, 1, b"ring"[..].into())
                .unwrap();
        }
        world.run(Duration::from_secs(2));
        for other in 1..=usize::try_from(lines).unwrap() {
            assert_eq!(world.letters(other).len(), 1, "node {other}");
        }
    }
}

/// A closed line is not accepted any more; opening it again brings it back.
#[test]
fn a_closed_line_is_closed_until_it_is_opened_again() {
    let mut world = World::pair(12, &["border"]);
    world.establish();
    let (now, line) = (world.now, world.line());
    world.nodes[1].lines.close(now, line);
    world.run(Duration::from_secs(10));
    assert_ne!(world.status(0).state, LineState::Up);
    let config = LineConfig {
        remote_key: common::key_of(0),
        paths: vec![path(0, 0, "fibre", true)],
    };
    let now = world.now;
    world.nodes[1].lines.open(now, config).unwrap();
    world.run(Duration::from_secs(10));
    assert_eq!(world.status(0).state, LineState::Up);
}

/// A party that takes packets and says nothing more is silent within seconds; what waits for it is
/// bounded, and arrives when it speaks again.
#[test]
fn a_party_that_says_nothing_more_is_told_and_costs_no_more_than_its_bound() {
    let mut world = World::pair(22, &["border"]);
    world.establish();
    world.run(Duration::from_secs(3));
    let mut sent = 0_usize;
    let line = world.line();
    loop {
        let (now, body) = (world.now, vec![7; 10_000].into());
        let taken = world.nodes[0]
            .lines
            .send(now, line, Lane::Document, 0, body);
        if taken.is_err() {
            break;
        }
        sent += 1;
    }
    assert!((1_000..2_000).contains(&sent), "{sent}");
    world.stand_still(1, Duration::from_secs(30));
    assert_ne!(world.status(0).state, LineState::Up);
    world.run(MINUTE * 2);
    assert_eq!(world.letters(1).len(), sent);
    assert_eq!(world.status(0).state, LineState::Up);
}

/// A path of 9.6 kbit/s, or of 1 kB/s, comes up by itself and raises no false alarm; its letters
/// arrive, and an alert does not wait for them.
#[test]
fn a_path_of_a_thousand_bytes_per_second_carries_letters_and_an_alert_before_them() {
    for rate in ["9600bit", "8kbit"] {
        for seed in 0..8 {
            let mut world = World::pair(seed, &[&format!("border,rate={rate},queue=4s")]);
            let is_up = world.run_until(MINUTE * 2, |world| {
                (0..2).all(|node| world.status(node).state == LineState::Up)
            });
            assert!(is_up, "{rate}, seed {seed}: up within two minutes");
            for number in 0..20_u8 {
                world.send(0, Lane::Document, vec![number; 900]);
            }
            world.run(Duration::from_secs(10));
            world.send(0, Lane::Alert, b"ring".to_vec());
            let has_rung = world.run_until(Duration::from_secs(15), |world| {
                world
                    .letters(1)
                    .iter()
                    .any(|(lane, _)| *lane == Lane::Alert)
            });
            assert!(has_rung, "{rate}, seed {seed}: within 15 s");
            let before = world.letters(1).len();
            assert!(before < 21, "{rate}, seed {seed}: before the last letters");
            let is_told = world.run_until(MINUTE, |world| world.delivered(0).len() == 21);
            assert!(is_told, "{rate}, seed {seed}: 18 kB within a minute more");
            assert_eq!(world.letters(1).len(), 21);
            assert_eq!(alarms(&world, 0) + alarms(&world, 1), 0, "{rate}, {seed}");
        }
    }
}

/// Alerts and their answers of a few packets each, one after the other and now and then many at
/// once, pass 9.6 kbit/s in little more than the time their bytes take, and are sent once.
#[test]
fn alerts_and_answers_do_not_fill_a_narrow_path() {
    let (here, there) = (address(0, 0).ip(), address(1, 0).ip());
    for seed in 0..6 {
        let mut world = World::pair(seed, &["border,rate=9600bit,queue=4s"]);
        let is_up = world.run_until(MINUTE * 2, |world| {
            (0..2).all(|node| world.status(node).state == LineState::Up)
        });
        assert!(is_up, "{seed}: up within two minutes");
        let before = world.network.counters(here, there).unwrap().offered_bytes;
        let mut letters = 0;
        for round in 1..=12_u8 {
            let alerts = if round % 5 == 0 { 12 } else { 3 };
            letters += usize::from(alerts) * 900;
            let time = exchange(&mut world, 0, round, alerts);
            let carried = f64::from(alerts) * 900.0 / 1_200.0;
            assert!(
                time < Duration::from_secs_f64(carried * 1.5 + 8.0),
                "{seed}, {round}: {time:?}"
            );
            exchange(&mut world, 1, round, 4);
            world.run(Duration::from_secs(5));
        }
        let offered = world.network.counters(here, there).unwrap().offered_bytes - before;
        assert!(
            offered < letters as u64 * 2,
            "{seed}: {offered} bytes for {letters}"
        );
        assert_eq!(alarms(&world, 0) + alarms(&world, 1), 0, "{seed}");
    }
}

/// Sends so many alerts of 900 bytes; how long it took until the other side had the last.
fn exchange(world: &mut World, from: usize, round: u8, alerts: u8) -> Duration {
    let before = world.letters(1 - from).len();
    let sent = world.elapsed();
    for number in 0..alerts {
        world.send(
            from,
            Lane::Alert,
            [vec![round, number], vec![0; 898]].concat(),
        );
    }
    let wanted = before + usize::from(alerts);
    let has_come = world.run_until(MINUTE * 2, |world| world.letters(1 - from).len() == wanted);
    assert!(has_come, "round {round}: alerts within two minutes");
    world.elapsed().saturating_sub(sent)
}

/// A path that becomes as narrow as that keeps its connection, and one that widens again is used.
#[test]
fn a_path_that_narrows_and_widens_again_is_followed() {
    let mut world = World::pair(21, &["border"]);
    world.establish();
    world.run(Duration::from_secs(5));
    world.set_profile(0, 1, 0, "border,rate=9600bit,queue=4s");
    for number in 0..20_u8 {
        world.send(0, Lane::Document, vec![number; 900]);
    }
    let all = world.run_until(MINUTE * 3, |world| world.delivered(0).len() == 20);
    assert!(all, "18 kB through 9.6 kbit/s");
    world.set_profile(0, 1, 0, "border");
    world.run(MINUTE);
    world.send(0, Lane::Document, vec![7; 400_000]);
    let wide = world.run_until(MINUTE, |world| world.delivered(0).len() == 21);
    assert!(wide, "400 kB a minute after the path widened");
}

/// How often a node said that its line is not up.
fn alarms(world: &World, node: usize) -> usize {
    let is_alarm = |event: &LineEvent| match event {
        LineEvent::State { state, .. } => *state != LineState::Up,
        _ => false,
    };
    let events = world.nodes[node].events.iter();
    events.filter(|(_, event)| is_alarm(event)).count()
}
