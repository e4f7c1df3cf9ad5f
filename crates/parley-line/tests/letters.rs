//! Letters arrive once, in order where order is promised, through whatever happens.

mod common;

use common::World;
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
