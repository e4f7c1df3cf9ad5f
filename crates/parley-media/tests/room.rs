//! People of one node in one room.

mod common;

use std::time::Duration;

use common::{MS, World, assert_continuous, person};
use parley_media::{RelayEvent, TrackIndex};

const SECOND: Duration = Duration::from_secs(1);

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
    let connected = |event: &RelayEvent| matches!(event, RelayEvent::Connected { participant } if *participant == person(1));
    assert!(world.events.iter().any(|(_, _, event)| connected(event)));
    let _ = (MS, TrackIndex::CAMERA);
}
