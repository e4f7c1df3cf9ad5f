//! Letters arrive once, in order where order is promised, through whatever happens.
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
use parley_line::{Lane, LineState};
use std::time::Duration;

/// A letter in every letter lane reaches the other node and is acknowledged.
#[test]
fn a_letter_in_every_lane_arrives_and_is_acknowledged() {
    let mut world = World::pair(1, &["regional"]);
    world.establish();
    let lanes = [Lane::Alert, Lane::Base, Lane::Document, Lane::Image];
    let sent: Vec<_> = lanes
        .iter()
        .map(|lane| world.send(0, *lane, vec![lane.number(); 3_000]))
        .collect();
    world.run(Duration::from_secs(3));
    let mut arrived: Vec<_> = world.letters(1).into_iter().map(|(lane, _)| lane).collect();
    arrived.sort_unstable();
    assert_eq!(arrived, lanes);
    let mut delivered = world.delivered(0);
    delivered.sort_unstable();
    assert_eq!(delivered, sent);
    assert_eq!(world.status(0).state, LineState::Up);
}

/// Letters of one lane arrive in the order in which they were sent, over a path that loses.
#[test]
fn letters_of_a_lane_keep_their_order_over_a_lossy_path() {
    let mut world = World::pair(2, &["border,loss=10%"]);
    world.establish();
    for number in 0..200_u32 {
        world.send(0, Lane::Document, number.to_be_bytes().to_vec());
    }
    world.run(Duration::from_secs(20));
    let arrived: Vec<_> = world.letters(1).into_iter().map(|(_, body)| body).collect();
    let expected: Vec<_> = (0..200_u32)
        .map(|number| number.to_be_bytes().to_vec())
        .collect();
    assert_eq!(arrived, expected);
    assert_eq!(world.delivered(0).len(), 200);
}

/// On a quiet line a lost packet costs a letter no round trip: its copy is right behind it.
#[test]
fn a_letter_on_a_quiet_line_does_not_wait_for_a_lost_packet() {
    for (profile, longest_ms) in [("border", 145), ("border,loss=10%", 450)] {
        let mut world = World::pair(6, &[profile]);
        world.establish();
        world.run(Duration::from_secs(5));
        let mut sent = Vec::new();
        for number in 0..1_000_u32 {
            sent.push(world.elapsed());
            let mut body = number.to_be_bytes().to_vec();
            body.resize(if number % 2 == 0 { 300 } else { 1_500 }, 7);
            world.send(0, Lane::Document, body);
            world.run(Duration::from_millis(50));
        }
        world.run(Duration::from_secs(5));
        let mut took: Vec<_> = world
            .letters_at(1)
            .iter()
            .zip(&sent)
            .map(|(came, sent)| came.saturating_sub(*sent))
            .collect();
        assert_eq!(took.len(), 1_000);
        let (middle, late) = (quantile(&mut took, 0.5), quantile(&mut took, 0.99));
        assert!(
            late < Duration::from_millis(longest_ms),
            "{profile}: {middle:?} {late:?}"
        );
    }
}

/// A path without a call is filled with nothing only until it has answered, which is soon.
#[test]
fn a_quiet_line_is_not_filled_for_long() {
    for seed in 1..=4 {
        let mut world = World::pair(seed, &["border"]);
        world.establish();
        world.run(Duration::from_secs(2));
        let tried_bps = world.status(0).paths[0].rate_bps.unwrap();
        assert!(tried_bps >= 2_000_000, "{seed}: {tried_bps}");
        world.run(Duration::from_secs(2));
        let before = world.status(0).paths[0].bytes_sent;
        for _ in 0..100 {
            world.send(0, Lane::Document, vec![7; 300]);
            world.send(1, Lane::Document, vec![7; 300]);
            world.run(Duration::from_millis(100));
        }
        let sent = world.status(0).paths[0].bytes_sent - before;
        assert!(sent < 200_000, "{seed}: {sent}");
    }
}

/// One side opens the line anew, as it does when the other's addresses change: its letters are counted
/// from zero again, and none is taken for one that came before.
#[test]
fn a_line_that_one_side_opened_anew_loses_no_letter() {
    let mut world = World::pair(8, &["border"]);
    world.establish();
    let lanes = [Lane::Alert, Lane::Base, Lane::Document, Lane::Image];
    for lane in lanes {
        for _ in 0..10 {
            world.send(0, lane, vec![1; 100]);
            world.send(1, lane, vec![1; 100]);
        }
    }
    world.run(Duration::from_secs(3));
    let now = world.now;
    let first = world.line();
    world.nodes[0].lines.close(now, first);
    world.run(Duration::from_millis(500));
    let line = world.open(0, 1, 1, true);
    let now = world.now;
    for lane in lanes {
        world.send(1, lane, vec![2; 100]);
        let body = vec![2; 100].into();
        world.nodes[0].lines.send(now, line, lane, 0, body).unwrap();
    }
    world.run(Duration::from_secs(20));
    for node in 0..2 {
        let fresh = |(_, body): &(Lane, bytes::Bytes)| body[0] == 2;
        let came = world.letters(node).into_iter().filter(fresh).count();
        assert_eq!(came, lanes.len(), "at node {node}");
    }
}

/// A busy lane is not copied: its letters tell of a loss by those behind them.
#[test]
fn letters_of_a_busy_lane_are_sent_once() {
    let mut world = World::pair(7, &["border,loss=0%"]);
    world.establish();
    world.run(Duration::from_secs(5));
    for number in 0..1_000_u32 {
        world.send(0, Lane::Document, number.to_be_bytes().repeat(500));
    }
    world.run(Duration::from_secs(20));
    assert_eq!(world.letters(1).len(), 1_000);
    let again = world.status(1).counters.letters_repeated;
    assert!(again < 20, "{again} of 1,000 came again");
}

/// A letter of the greatest length passes.
#[test]
fn the_longest_letter_arrives_whole() {
    let mut world = World::pair(3, &["border"]);
    world.establish();
    let body: Vec<u8> = (0..1_u32 << 20).map(|at| at.to_le_bytes()[1]).collect();
    world.send(0, Lane::Image, body.clone());
    world.run(Duration::from_secs(20));
    assert_eq!(world.letters(1), [(Lane::Image, body.into())]);
}

/// Alerts on two paths arrive once each while 30 % is lost and a path dies.
#[test]
fn an_alert_arrives_once_when_its_path_dies() {
    for seed in 0..10 {
        let mut world = World::pair(seed, &["border,loss=30%", "regional,loss=30%"]);
        world.establish();
        for number in 0..20_u32 {
            world.send(0, Lane::Alert, number.to_be_bytes().to_vec());
            world.run(Duration::from_millis(50));
            if number == 10 {
                world.cut(0, 1, 1, None);
            }
        }
        world.run(Duration::from_secs(30));
        let mut arrived: Vec<_> = world.letters(1).into_iter().map(|(_, body)| body).collect();
        arrived.sort_unstable();
        let expected: Vec<_> = (0..20_u32)
            .map(|number| number.to_be_bytes().to_vec())
            .collect();
        assert_eq!(arrived, expected, "seed {seed}");
        assert_eq!(world.delivered(0).len(), 20, "seed {seed}");
    }
}

/// A cancelled letter leaves no gap for those after it.
#[test]
fn a_cancelled_letter_leaves_no_gap() {
    let mut world = World::pair(4, &["border"]);
    world.establish();
    let long = world.send(0, Lane::Image, vec![1; 1 << 20]);
    world.send(0, Lane::Image, vec![2; 10]);
    world.run(Duration::from_millis(500));
    let now = world.now;
    assert!(world.nodes[0].lines.cancel(now, long));
    world.run(Duration::from_secs(3));
    assert_eq!(world.letters(1), [(Lane::Image, vec![2; 10].into())]);
    let now = world.now;
    assert!(!world.nodes[0].lines.cancel(now, long), "it is gone");
}

/// A small letter overtakes a long one in a lane below it.
#[test]
fn an_alert_passes_a_saturated_image_lane() {
    let mut world = World::pair(5, &["border"]);
    world.establish();
    for _ in 0..4 {
        world.send(0, Lane::Image, vec![0; 1 << 20]);
    }
    world.run(Duration::from_secs(5));
    let mut slowest = Duration::ZERO;
    for number in 0..50_u8 {
        let sent = world.elapsed();
        world.send(0, Lane::Alert, vec![number; 200]);
        world.run(Duration::from_millis(400));
        let arrived = world.nodes[1]
            .events
            .iter()
            .find_map(|(at, event)| match event {
                parley_line::LineEvent::Letter {
                    lane: Lane::Alert,
                    body,
                    ..
                } if body[0] == number => Some(*at),
                _ => None,
            });
        if let Some(arrived) = arrived {
            slowest = slowest.max(arrived.saturating_sub(sent));
        }
    }
    assert!(
        slowest < Duration::from_millis(125 + 260),
        "an alert took {slowest:?}"
    );
    world.run(Duration::from_secs(10));
    let alerts = world
        .letters(1)
        .iter()
        .filter(|(lane, _)| *lane == Lane::Alert)
        .count();
    assert_eq!(alerts, 50);
}

/// An alert longer than a datagram is not held up by a path that fails unnoticed: the other has it.
#[test]
fn a_long_alert_arrives_by_the_other_path_when_its_own_fails_unnoticed() {
    let mut latest = Duration::ZERO;
    for (seed, bytes) in [(1, 1_300), (2, 3_000), (3, 7_900)] {
        for socket in 0..2 {
            let mut world = World::pair(seed, &["border", "border"]);
            world.establish();
            world.run(Duration::from_secs(3));
            world.cut(0, 1, socket, None);
            let body: Vec<u8> = (0..bytes)
                .map(|at| u8::try_from(at % 251).unwrap())
                .collect();
            let sent = world.elapsed();
            world.send(0, Lane::Alert, body.clone());
            assert!(world.run_until(Duration::from_secs(20), |world| {
                !world.letters(1).is_empty()
            }));
            assert_eq!(world.letters(1), [(Lane::Alert, body.into())]);
            latest = latest.max(world.elapsed().saturating_sub(sent));
        }
    }
    assert!(latest < Duration::from_millis(300), "{latest:?}");
}

/// Parts that are lost come with the next copy; the letter is told once.
#[test]
fn a_long_alert_is_put_together_from_several_copies_and_told_once() {
    for seed in 0..10 {
        let mut world = World::pair(seed, &["border,loss=30%", "regional,loss=30%"]);
        world.establish();
        for number in 0..10_u8 {
            world.send(0, Lane::Alert, vec![number; 6_500]);
            world.run(Duration::from_millis(100));
        }
        world.run(Duration::from_secs(30));
        let mut arrived: Vec<_> = world.letters(1).into_iter().map(|(_, body)| body).collect();
        arrived.sort_unstable();
        let expected: Vec<_> = (0..10_u8).map(|number| vec![number; 6_500]).collect();
        assert_eq!(arrived, expected, "seed {seed}");
        assert_eq!(world.delivered(0).len(), 10, "seed {seed}");
    }
}

/// After a cut too short to have been noticed an alert does not wait for the path's own repair, however
/// long it is and whatever else is under way.
#[test]
fn after_a_short_cut_an_alert_is_there_soon() {
    for cut_ms in [300, 700, 1_500, 3_000, 5_000] {
        for (bytes, backlog) in [(200, 0), (1_300, 0), (6_000, 0), (1_300, 12), (6_000, 12)] {
            let mut world = World::pair(cut_ms, &["border"]);
            world.establish();
            world.run(Duration::from_secs(3));
            for _ in 0..backlog {
                world.send(0, Lane::Document, vec![0; 1 << 18]);
            }
            world.run(Duration::from_millis(50));
            world.cut(0, 1, 0, Some(Duration::from_millis(cut_ms)));
            world.run(Duration::from_millis(cut_ms / 3));
            world.send(0, Lane::Alert, vec![1; bytes]);
            world.run(Duration::from_millis(cut_ms - cut_ms / 3));
            let healed = world.elapsed();
            assert!(world.run_until(Duration::from_secs(20), |world| {
                let letters = world.letters(1);
                letters.iter().any(|(lane, _)| *lane == Lane::Alert)
            }));
            let took = world.elapsed().saturating_sub(healed);
            let longest = Duration::from_millis(if backlog > 0 { 3_000 } else { 900 });
            assert!(
                took < longest,
                "{cut_ms} ms, {bytes} bytes, backlog {backlog}: {took:?}"
            );
        }
    }
}
