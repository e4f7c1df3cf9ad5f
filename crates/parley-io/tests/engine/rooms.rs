//! Rooms on real sockets, with participants who have no browser.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::common::{Node, answer, config, joined_by, open_room, watch_camera};
use bytes::Bytes;
use parley_io::{EngineConfig, EngineEvent};
use parley_line::Carrier;
use parley_load::{Participant, ParticipantConfig, ParticipantCounters};
use parley_media::{LeaveReason, ParticipantId, RoomId};

/// Longer than anything here ever takes; it only ends a test that has failed.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn participants_of_two_nodes_see_and_hear_each_other_across_the_line() {
    let (mut near, mut far) = joined_by(Carrier::Udp);
    let room = RoomId::from([1; 16]);
    open_room(&near, room, &[far.engine.party()]);
    open_room(&far, room, &[near.engine.party()]);
    let (ann, bob) = (ParticipantId::from([11; 16]), ParticipantId::from([12; 16]));
    let near_device = join(&mut near, room, ann, 1);
    let far_device = join(&mut far, room, bob, 2);
    watch_camera(&near, ann, bob);
    watch_camera(&far, bob, ann);
    until("near sees and hears", || {
        sees_and_hears(&near_device.counters(), 2)
    });
    until("far sees and hears", || {
        sees_and_hears(&far_device.counters(), 1)
    });
    far.wait("a roster with both", |event| match event {
        EngineEvent::Roster { participants, .. } if participants.len() == 2 => Some(()),
        _ => None,
    });
}

#[test]
fn nobody_is_told_of_who_was_set_aside() {
    let (mut near, mut far) = joined_by(Carrier::Udp);
    let room = RoomId::from([6; 16]);
    open_room(&near, room, &[far.engine.party()]);
    open_room(&far, room, &[near.engine.party()]);
    let bob = ParticipantId::from([13; 16]);
    let _device = join(&mut far, room, bob, 2);
    let told = |event: &EngineEvent, is_there: bool| match event {
        EngineEvent::Roster { participants, .. } if participants.is_empty() != is_there => Some(()),
        _ => None,
    };
    near.wait("a roster with them", |event| told(event, true));
    let label = Bytes::from_static(b"label");
    near.engine
        .set_aside(room, bob, label.clone())
        .expect("told");
    near.wait("a roster without them", |event| told(event, false));
    let refused = near.engine.set_aside(RoomId::from([7; 16]), bob, label);
    assert_eq!(refused.expect_err("not open").code(), "media.room_unknown");
}

#[test]
fn each_layer_crosses_the_line_once_however_many_watch() {
    let (mut near, mut far) = joined_by(Carrier::Udp);
    let room = RoomId::from([2; 16]);
    open_room(&near, room, &[far.engine.party()]);
    open_room(&far, room, &[near.engine.party()]);
    let ann = ParticipantId::from([21; 16]);
    let _sender = join(&mut near, room, ann, 1);
    let viewers: Vec<Participant> = (0..4)
        .map(|number| {
            let viewer = ParticipantId::from([30 + number; 16]);
            let device = join_with(&mut far, room, viewer, &viewer_config(number.into()));
            watch_camera(&far, viewer, ann);
            device
        })
        .collect();
    until("all viewers see", || {
        viewers
            .iter()
            .all(|viewer| viewer.counters().video.frames() >= 20)
    });
    near.engine.stop();
    let counters = near.engine.counters();
    for layer in ["q", "h", "f"] {
        let sent = counters[&format!("relay_layer_packets_to_lines_{layer}")];
        let got = counters[&format!("relay_layer_packets_from_publishers_{layer}")];
        assert!(sent <= got, "layer {layer}: {sent} sent of {got}");
    }
}

#[test]
fn whoever_joins_again_replaces_themselves() {
    let mut near = Node::start(31);
    let room = RoomId::from([3; 16]);
    open_room(&near, room, &[]);
    let ann = ParticipantId::from([41; 16]);
    let first = join(&mut near, room, ann, 1);
    until("the first is connected", || first.counters().is_connected);
    let second = join(&mut near, room, ann, 2);
    until("the second is connected", || second.counters().is_connected);
    let reasons: Vec<LeaveReason> = near
        .told()
        .iter()
        .filter_map(|event| match event {
            EngineEvent::Left { reason, .. } => Some(*reason),
            _ => None,
        })
        .collect();
    assert!(
        reasons
            .iter()
            .all(|reason| *reason == LeaveReason::Replaced),
        "{reasons:?}"
    );
    near.engine.participant_quality(ann).expect("still here");
    near.engine.leave(ann).expect("told");
    near.wait("the end", |event| match event {
        EngineEvent::Left {
            reason: LeaveReason::Asked,
            ..
        } => Some(()),
        _ => None,
    });
    assert_eq!(
        near.engine
            .participant_quality(ann)
            .expect_err("gone")
            .code(),
        "media.participant_unknown"
    );
}

#[test]
fn nobody_is_told_of_a_track_otherwise_than_it_was_joined_with() {
    let mut near = Node::start(33);
    let room = RoomId::from([5; 16]);
    open_room(&near, room, &[]);
    let device = Participant::new(&viewer_config(1)).expect("a device");
    let offer = device.offer().expect("an offer");
    near.engine
        .join(
            room,
            ParticipantId::from([52; 16]),
            Bytes::new(),
            offer,
            [false, true, true],
        )
        .expect("asked");
    let muted = near.wait("the first roster", |event| match event {
        EngineEvent::Roster { participants, .. } => participants
            .first()
            .map(|entry| entry.tracks.iter().map(|track| track.is_muted).collect()),
        _ => None,
    });
    let muted: Vec<bool> = muted;
    assert_eq!(muted, [false, true, true]);
}

#[test]
fn an_offer_that_cannot_be_answered_is_refused_with_a_code() {
    let mut near = Node::start(32);
    let room = RoomId::from([4; 16]);
    open_room(&near, room, &[]);
    let ann = ParticipantId::from([51; 16]);
    let asked = near.engine.join(
        room,
        ann,
        Bytes::new(),
        "v=0\r\nnonsense".to_owned(),
        [false; 3],
    );
    let refused = near.wait("the refusal", |event| match event {
        EngineEvent::JoinRefused { request, code, .. } => Some((*request, *code)),
        _ => None,
    });
    assert_eq!(refused, (asked.expect("taken"), "media.slots"));
}

#[test]
fn rooms_spread_over_the_media_threads() {
    let mut near = Node::start_with(&EngineConfig {
        media_threads: Some(3),
        ..config(33)
    });
    let ports: Vec<u16> = near
        .engine
        .media_addresses()
        .iter()
        .map(SocketAddr::port)
        .collect();
    assert_eq!(ports.len(), 3);
    let devices: Vec<Participant> = (0..3)
        .map(|number| {
            let room = RoomId::from([number; 16]);
            open_room(&near, room, &[]);
            join(
                &mut near,
                room,
                ParticipantId::from([60 + number; 16]),
                number.into(),
            )
        })
        .collect();
    until("all are connected", || {
        devices.iter().all(|device| device.counters().is_connected)
    });
}

fn join(node: &mut Node, room: RoomId, participant: ParticipantId, seed: u64) -> Participant {
    join_with(
        node,
        room,
        participant,
        &ParticipantConfig {
            seed,
            ..ParticipantConfig::default()
        },
    )
}

fn join_with(
    node: &mut Node,
    room: RoomId,
    participant: ParticipantId,
    config: &ParticipantConfig,
) -> Participant {
    let mut device = Participant::new(config).expect("a device");
    let offer = device.offer().expect("an offer");
    node.engine
        .join(
            room,
            participant,
            Bytes::from_static(b"label"),
            offer,
            [false; 3],
        )
        .expect("asked");
    let answer = node.wait("the answer", answer);
    device.accept(&answer).expect("accepted");
    device
}

fn viewer_config(seed: u64) -> ParticipantConfig {
    ParticipantConfig {
        camera: None,
        microphone: None,
        seed,
        ..ParticipantConfig::default()
    }
}

fn sees_and_hears(counters: &ParticipantCounters, publisher: u64) -> bool {
    counters.video.frames() >= 10
        && counters.audio.packets() >= 10
        && counters.video.publishers().contains(&publisher)
        && counters.audio.publishers().contains(&publisher)
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let patience_ends = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < patience_ends, "{what}: never");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
