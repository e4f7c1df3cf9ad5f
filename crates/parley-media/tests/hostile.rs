//! Bytes from browsers and parties that do not mean well, or are broken.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one event among all"
)]

mod common;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::{MS, World, party, person, room};
use parley_media::{
    ParticipantId, PartyId, Protocol, Refusal, RelayEvent, RoomId, TrackIndex,
    testing::{BrowserConfig, Camera},
};
use parley_wire::room::{
    Codec, LayerRef, MediaFrame, RoomControl, Roster, RosterLayer, RosterParticipant, RosterTrack,
    Version, Want, Wants,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

const SECOND: Duration = Duration::from_secs(1);

fn refused(world: &World, node: usize, refusal: Refusal) -> u64 {
    world.relays[node]
        .counters()
        .refusals
        .get(&refusal)
        .copied()
        .unwrap_or(0)
}

/// A room on one node with one person, and a neighbour that says what the test makes it say.
struct Stage {
    world: World,
    neighbour: PartyId,
    count: u32,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::new(1);
        let neighbour = PartyId::from([0x77; 16]);
        world.join(0, 1);
        world.relays[0].line_up(world.now, neighbour);
        world.relays[0]
            .attach(world.now, room(), neighbour)
            .expect("open");
        world.settle();
        world.run(SECOND);
        Self {
            world,
            neighbour,
            count: 0,
        }
    }

    fn say(&mut self, control: &RoomControl) {
        let now = self.world.now;
        self.world.relays[0].handle_letter(now, self.neighbour, &control.to_bytes());
        self.world.settle();
    }

    fn roster(&mut self, participants: Vec<RosterParticipant>) {
        self.count += 1;
        let version = Version {
            epoch: 1,
            count: self.count,
        };
        self.say(&RoomControl::Roster(Roster {
            room: room(),
            version,
            participants,
        }));
    }

    fn media(&mut self, frame: &MediaFrame) {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        let now = self.world.now;
        self.world.relays[0].handle_media(now, self.neighbour, bytes.into());
        self.world.settle();
    }

    fn refused(&self, refusal: Refusal) -> u64 {
        refused(&self.world, 0, refusal)
    }

    /// The room goes on: the person inside is still served.
    fn assert_alive(&mut self) {
        let before = self.world.relays[0]
            .counters()
            .audio
            .from_publishers
            .packets;
        self.world.run(SECOND);
        assert!(
            self.world.relays[0]
                .counters()
                .audio
                .from_publishers
                .packets
                > before + 40
        );
        assert!(self.world.roster(0).contains(&1));
    }
}

fn claim(number: u8, route: &[PartyId], alias: u16) -> RosterParticipant {
    RosterParticipant {
        participant: ParticipantId::from([number; 16]),
        route: route.to_vec(),
        label: Bytes::new(),
        tracks: vec![
            RosterTrack {
                index: TrackIndex::MICROPHONE,
                codec: Codec::Opus,
                alias,
                is_muted: false,
                layers: vec![RosterLayer {
                    layer: 0,
                    height_px: 0,
                    rate_kbps: 0,
                }],
            },
            RosterTrack {
                index: TrackIndex::CAMERA,
                codec: Codec::Vp8,
                alias: alias + 1,
                is_muted: false,
                layers: vec![RosterLayer {
                    layer: 0,
                    height_px: 180,
                    rate_kbps: 150,
                }],
            },
        ],
    }
}

/// The group of names of the room, as its id says.
const GROUP: u16 = 0x1000;

fn sound(alias: u16, sequence: u32) -> MediaFrame {
    MediaFrame {
        alias,
        layer: 0,
        sequence,
        timestamp: sequence.wrapping_mul(960),
        frame: sequence,
        is_marked: true,
        is_key_frame: false,
        is_frame_start: true,
        is_frame_end: true,
        level: Some(30),
        capture_ms: Some(u64::MAX),
        payload: Bytes::from_static(&[0xfc, 1, 2, 3]),
    }
}

#[test]
fn false_routes_are_set_aside_and_the_true_ones_beside_them_count() {
    let mut stage = Stage::new();
    let (neighbour, us) = (stage.neighbour, party(0));
    let other = PartyId::from([0x55; 16]);
    stage.roster(vec![
        claim(201, &[neighbour, other], GROUP),
        claim(202, &[us, neighbour], GROUP + 2),
        claim(203, &[other, other, neighbour], GROUP + 4),
        claim(204, &[neighbour], GROUP + 6),
    ]);
    assert_eq!(stage.refused(Refusal::RouteFalse), 3);
    assert_eq!(stage.world.roster(0), [1, 104]);
    stage.assert_alive();
}

#[test]
fn a_neighbour_cannot_claim_our_people_nor_those_of_another() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let mut ours = claim(0, &[neighbour], GROUP);
    ours.participant = person(1);
    stage.roster(vec![ours]);
    assert_eq!(stage.refused(Refusal::ParticipantClaimed), 1);
    let honest = PartyId::from([0x66; 16]);
    let now = stage.world.now;
    stage.world.relays[0].line_up(now, honest);
    stage.world.relays[0]
        .attach(now, room(), honest)
        .expect("open");
    let version = Version { epoch: 9, count: 1 };
    let participants = vec![claim(210, &[honest], GROUP + 0x20)];
    let letter = RoomControl::Roster(Roster {
        room: room(),
        version,
        participants,
    })
    .to_bytes();
    stage.world.relays[0].handle_letter(now, honest, &letter);
    stage.roster(vec![claim(210, &[neighbour], GROUP + 0x30)]);
    assert_eq!(stage.refused(Refusal::ParticipantClaimed), 2);
    let origin = stage
        .world
        .events
        .iter()
        .rev()
        .find_map(|(_, _, event)| match event {
            RelayEvent::Roster { participants, .. } => participants
                .iter()
                .find(|entry| !entry.is_local)
                .map(|entry| entry.origin),
            _ => None,
        });
    assert_eq!(origin, Some(honest));
    stage.assert_alive();
}

/// People a node was told last are in the room, who are not its own.
fn told(world: &World) -> Vec<(ParticipantId, Bytes)> {
    let rosters = world.events.iter().rev();
    let last = rosters.filter_map(|(_, _, event)| match event {
        RelayEvent::Roster { participants, .. } => Some(participants),
        _ => None,
    });
    let far = last.take(1).flatten().filter(|entry| !entry.is_local);
    far.map(|entry| (entry.participant, entry.label.clone()))
        .collect()
}

/// How many packets of sound a person has got, in all places.
fn heard_by(world: &mut World, number: usize) -> usize {
    let browser = world.browser(number);
    (0..3).map(|slot| browser.heard(slot).len()).sum()
}

fn labelled(number: u8, route: &[PartyId], alias: u16, label: &'static [u8]) -> RosterParticipant {
    RosterParticipant {
        label: Bytes::from_static(label),
        ..claim(number, route, alias)
    }
}

#[test]
fn who_is_set_aside_is_neither_heard_nor_told_of_and_counted() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let forged = labelled(210, &[neighbour], GROUP, b"forged");
    let honest = labelled(211, &[neighbour], GROUP + 2, b"honest");
    stage.roster(vec![forged.clone(), honest.clone()]);
    for sequence in 0..20 {
        stage.media(&sound(GROUP, sequence));
        stage.world.run(20 * MS);
    }
    let heard = heard_by(&mut stage.world, 1);
    assert!(heard > 0, "before it is set aside it is heard");
    let now = stage.world.now;
    stage.world.relays[0]
        .set_aside(now, room(), forged.participant, b"forged")
        .expect("open");
    stage.world.settle();
    assert_eq!(
        told(&stage.world),
        [(honest.participant, honest.label.clone())]
    );
    for sequence in 20..60 {
        stage.media(&sound(GROUP, sequence));
        stage.world.run(20 * MS);
    }
    assert_eq!(stage.refused(Refusal::SetAside), 40);
    assert_eq!(heard_by(&mut stage.world, 1), heard);
    // Said again with the next snapshot, it stays so.
    stage.roster(vec![forged.clone(), honest.clone()]);
    stage.media(&sound(GROUP, 60));
    assert_eq!(stage.refused(Refusal::SetAside), 41);
    stage.media(&sound(GROUP + 2, 1));
    assert_eq!(
        stage.refused(Refusal::SetAside),
        41,
        "the other is not concerned"
    );
    stage.assert_alive();
}

#[test]
fn another_label_or_a_roster_without_them_lifts_what_was_set_aside() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let forged = labelled(210, &[neighbour], GROUP, b"forged");
    let mended = labelled(210, &[neighbour], GROUP, b"mended");
    let set_aside = |stage: &mut Stage| {
        let now = stage.world.now;
        stage.world.relays[0]
            .set_aside(now, room(), ParticipantId::from([210; 16]), b"forged")
            .expect("open");
        stage.world.settle();
        told(&stage.world)
    };
    stage.roster(vec![forged.clone()]);
    assert!(set_aside(&mut stage).is_empty());
    stage.roster(vec![mended.clone()]);
    assert_eq!(
        told(&stage.world),
        [(mended.participant, mended.label.clone())]
    );
    // What was judged meanwhile is another label: it concerns nobody.
    assert_eq!(set_aside(&mut stage).len(), 1);
    stage.roster(vec![forged.clone()]);
    assert!(set_aside(&mut stage).is_empty());
    stage.roster(vec![]);
    stage.roster(vec![forged.clone()]);
    assert_eq!(told(&stage.world).len(), 1, "it is to be judged anew");
    let absent = stage.world.relays[0].set_aside(
        stage.world.now,
        RoomId::from([0xEE; 16]),
        forged.participant,
        b"forged",
    );
    assert!(absent.is_err(), "the room is not open");
}

#[test]
fn who_is_set_aside_is_not_offered_to_others_and_keeps_nobody_out() {
    let mut stage = Stage::new();
    let (neighbour, honest) = (stage.neighbour, PartyId::from([0x66; 16]));
    let now = stage.world.now;
    stage.world.relays[0].line_up(now, honest);
    stage.world.relays[0]
        .attach(now, room(), honest)
        .expect("open");
    stage.roster(vec![labelled(210, &[neighbour], GROUP, b"forged")]);
    let offered = |stage: &mut Stage| {
        let said = stage.world.said.iter().rev();
        let letters = said.filter(|(_, to, _)| *to == honest);
        let rosters = letters.filter_map(|(_, _, body)| {
            match RoomControl::read(body).expect("a letter of ours") {
                RoomControl::Roster(roster) => Some(roster.participants),
                _ => None,
            }
        });
        let last = rosters.take(1).flatten();
        last.map(|person| person.participant).collect::<Vec<_>>()
    };
    let claimed = ParticipantId::from([210; 16]);
    assert!(offered(&mut stage).contains(&claimed));
    stage.world.relays[0]
        .set_aside(now, room(), claimed, b"forged")
        .expect("open");
    stage.world.settle();
    assert_eq!(offered(&mut stage), [person(1)]);
    let version = Version { epoch: 9, count: 1 };
    let theirs = labelled(210, &[honest], GROUP + 0x20, b"true");
    let letter = RoomControl::Roster(Roster {
        room: room(),
        version,
        participants: vec![theirs.clone()],
    });
    stage.world.relays[0].handle_letter(now, honest, &letter.to_bytes());
    stage.world.settle();
    assert_eq!(told(&stage.world), [(claimed, theirs.label.clone())]);
    stage.assert_alive();
}

#[test]
fn a_roster_of_absurd_size_is_cut() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let people = (0..500_u16).map(|number| {
        let mut person = claim(0, &[neighbour], GROUP + 2 * number);
        let [high, low] = number.to_be_bytes();
        let mut id = [9; 16];
        (id[0], id[1]) = (high + 150, low);
        person.participant = ParticipantId::from(id);
        person
    });
    stage.roster(people.collect());
    assert_eq!(stage.refused(Refusal::RosterTooLarge), 200);
    stage.assert_alive();
}

#[test]
fn names_used_twice_or_from_another_group_are_set_aside() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.roster(vec![
        claim(220, &[neighbour], GROUP),
        claim(221, &[neighbour], GROUP + 1),
    ]);
    assert_eq!(stage.refused(Refusal::AliasFalse), 1);
    stage.roster(vec![claim(220, &[neighbour], 0x7000)]);
    assert_eq!(stage.refused(Refusal::AliasFalse), 3);
    stage.assert_alive();
}

#[test]
fn an_older_snapshot_changes_nothing() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.roster(vec![claim(230, &[neighbour], GROUP)]);
    stage.roster(Vec::new());
    stage.count = 0;
    stage.roster(vec![claim(230, &[neighbour], GROUP)]);
    assert_eq!(stage.refused(Refusal::SnapshotStale), 1);
    assert_eq!(stage.world.roster(0), [1]);
}

#[test]
fn media_nobody_named_or_asked_for_is_set_aside() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.media(&sound(GROUP + 9, 1));
    assert_eq!(stage.refused(Refusal::AliasUnknown), 1);
    stage.roster(vec![claim(240, &[neighbour], GROUP)]);
    let mut picture = sound(GROUP + 1, 1);
    picture.level = None;
    stage.media(&picture);
    assert_eq!(stage.refused(Refusal::Unwanted), 1);
    let now = stage.world.now;
    stage.world.relays[0].handle_media(now, neighbour, Bytes::from_static(&[1, 2, 3]));
    assert_eq!(stage.refused(Refusal::FrameMalformed), 1);
    let stranger = PartyId::from([0x99; 16]);
    stage.world.relays[0].handle_media(now, stranger, Bytes::from_static(&[1; 40]));
    assert_eq!(stage.refused(Refusal::RoomNotCarried), 1);
    stage.assert_alive();
}

#[test]
fn a_neighbour_may_go_on_with_what_has_ended_for_five_seconds_and_no_longer() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.roster(vec![claim(241, &[neighbour], GROUP)]);
    stage.roster(Vec::new());
    stage.media(&sound(GROUP, 1));
    assert_eq!(stage.refused(Refusal::AliasUnknown), 0);
    assert_eq!(stage.world.relays[0].counters().late, 1);
    stage.world.run(6 * SECOND);
    stage.media(&sound(GROUP, 2));
    assert_eq!(stage.refused(Refusal::AliasUnknown), 1);
    stage.assert_alive();
}

#[test]
fn wild_numbers_in_media_are_survived_and_heard() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.roster(vec![claim(250, &[neighbour], GROUP)]);
    stage.world.run(200 * MS);
    let mut dice = StdRng::seed_from_u64(3);
    for _ in 0..2_000 {
        let mut frame = sound(GROUP, dice.random());
        frame.timestamp = dice.random();
        frame.capture_ms = dice.random::<bool>().then(|| dice.random());
        frame.frame = dice.random();
        stage.media(&frame);
    }
    stage.assert_alive();
    assert!(stage.world.relays[0].counters().audio.to_viewers.packets > 100);
}

#[test]
fn a_line_that_brings_more_than_its_cap_is_cut_to_it() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    stage.roster(vec![claim(200, &[neighbour], GROUP)]);
    let now = stage.world.now;
    let huge = Bytes::from(vec![0; 1_000_000]);
    for _ in 0..60 {
        stage.world.relays[0].handle_media(now, neighbour, huge.clone());
    }
    assert!(stage.refused(Refusal::RateExceeded) >= 30);
    stage.world.run(2 * SECOND);
    stage.assert_alive();
}

#[test]
fn letters_nobody_can_read_or_about_other_rooms_are_set_aside() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let now = stage.world.now;
    let mut dice = StdRng::seed_from_u64(5);
    for _ in 0..2_000 {
        let length = dice.random_range(0..120);
        let mut letter: Vec<u8> = (0..length).map(|_| dice.random()).collect();
        if letter.len() > 18 {
            letter[0] = 1;
            letter[1] = dice.random_range(0..7);
            letter[2..18].copy_from_slice(room().as_bytes());
        }
        stage.world.relays[0].handle_letter(now, neighbour, &letter);
    }
    stage.world.settle();
    assert!(stage.refused(Refusal::LetterMalformed) > 1_000);
    let sync = RoomControl::Sync {
        room: RoomId::from([1; 16]),
    };
    stage.say(&sync);
    assert_eq!(
        stage.refused(Refusal::RoomNotCarried),
        0,
        "it may just be ahead of us"
    );
    stage.world.run(11 * SECOND);
    stage.say(&sync);
    assert_eq!(stage.refused(Refusal::RoomNotCarried), 1);
    stage.assert_alive();
}

#[test]
fn wants_and_requests_for_what_is_not_ours_are_set_aside() {
    let mut stage = Stage::new();
    let version = Version { epoch: 1, count: 1 };
    let wants = vec![Want {
        alias: GROUP + 77,
        layers: 7,
    }];
    stage.say(&RoomControl::Wants(Wants {
        room: room(),
        version,
        wants,
    }));
    let layers = vec![
        LayerRef {
            alias: GROUP + 78,
            layer: 2
        };
        50
    ];
    stage.say(&RoomControl::KeyFrame {
        room: room(),
        layers,
    });
    assert_eq!(stage.refused(Refusal::AliasUnknown), 51);
    stage.assert_alive();
}

#[test]
fn a_refusal_is_told_once_a_second_and_counted_always() {
    let mut stage = Stage::new();
    let neighbour = stage.neighbour;
    let now = stage.world.now;
    for _ in 0..100 {
        stage.world.relays[0].handle_letter(now, neighbour, &[]);
    }
    stage.world.settle();
    let told = stage.world.events.iter().filter(|(_, _, event)| {
        matches!(
            event,
            RelayEvent::Refused {
                refusal: Refusal::LetterMalformed,
                ..
            }
        )
    });
    assert_eq!(told.count(), 1);
    assert_eq!(stage.refused(Refusal::LetterMalformed), 100);
}

#[test]
fn packets_of_every_broken_kind_are_counted_and_stop_nobody() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join(0, 2);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    let node = SocketAddr::from(([10, 0, 0, 1], 7_000));
    let known = world.browser(1).address();
    let stranger = SocketAddr::from(([203, 0, 113, 9], 9_999));
    let mut dice = StdRng::seed_from_u64(7);
    for round in 0..20_000_u32 {
        let length = dice.random_range(0..200);
        let mut packet: Vec<u8> = (0..length).map(|_| dice.random()).collect();
        if let Some(first) = packet.first_mut() {
            *first = [0, 1, 20, 22, 23, 64, 128, 0x90, 0xb0, 200][(round % 10) as usize];
        }
        let source = if round % 3 == 0 { stranger } else { known };
        world.relays[0].handle_packet(world.now, Protocol::Udp, source, node, &packet);
        if round % 500 == 0 {
            world.run(5 * MS);
        }
    }
    world.relays[0].handle_packet(world.now, Protocol::Udp, known, stranger, &[0x80; 40]);
    world.settle();
    assert!(refused(&world, 0, Refusal::PacketUnknown) > 1_000);
    assert!(refused(&world, 0, Refusal::PacketMalformed) > 1_000);
    assert_eq!(refused(&world, 0, Refusal::PacketMisrouted), 1);
    world.browser(2).forget();
    world.run(SECOND);
    assert!(world.browser(2).seen(0).len() > 20);
    assert_eq!(world.relays[0].counters().faults, 0);
}

/// A browser's own page can do this: the packets are genuine.
#[test]
fn a_browser_that_floods_with_genuine_media_is_cut_to_its_cap_and_slows_nobody() {
    let mut world = World::new(1);
    let camera = Camera::with_rates(&[150_000, 500_000, 80_000_000]);
    let anywhere = SocketAddr::from(([10, 0, 0, 9], 1));
    let config = BrowserConfig {
        camera: Some(camera),
        ..BrowserConfig::new(1, anywhere)
    };
    world.join_as(0, 1, config);
    world.join(0, 2);
    world.join_watcher(0, 3);
    world.watch(3, &[2], 180);
    world.run(5 * SECOND);
    assert!(refused(&world, 0, Refusal::RateExceeded) > 1_000);
    let taken: u64 = {
        let counters = world.relays[0].counters();
        let ways = counters.video.iter();
        ways.map(|each| each.from_publishers.bytes).sum()
    };
    assert!(taken * 8 < 6 * 30_000_000 + 6 * 3_000_000, "{taken}");
    world.browser(3).forget();
    world.run(SECOND);
    assert!(world.browser(3).seen(0).len() > 20);
    assert_eq!(world.relays[0].counters().faults, 0);
}

/// RFC 8827 §5.6.4 (the fingerprint in the description is what the handshake is held to).
#[test]
fn who_shows_another_certificate_than_their_offer_names_is_not_connected() {
    let mut world = World::new(1);
    world.join(0, 1);
    let config = BrowserConfig::new(2, SocketAddr::from(([10, 0, 0, 9], 2)));
    world.join_with(0, 2, config, |offer| {
        let (head, digest) = offer.split_once("a=fingerprint:sha-256 ").expect("one");
        let other = if digest.starts_with("00") { "11" } else { "00" };
        format!("{head}a=fingerprint:sha-256 {other}{}", &digest[2..])
    });
    world.watch(2, &[1], 180);
    world.run(5 * SECOND);
    assert!(world.browser(2).seen(0).is_empty());
    assert!(world.browser(2).heard(0).is_empty());
    assert_eq!(world.roster(0), [1]);
}

/// The race that lets whoever's handshake comes first in: RFC 8842 §4 knows no other guard than ICE.
#[test]
fn a_handshake_from_an_address_that_ice_has_not_proved_gets_nowhere() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join(0, 2);
    // A DTLS 1.2 record of a handshake, and in it the beginning of a ClientHello.
    let hello = [
        &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 47, 1][..],
        &[0; 46],
    ]
    .concat();
    let node = SocketAddr::from(([10, 0, 0, 1], 7_000));
    let stranger = SocketAddr::from(([203, 0, 113, 9], 9_999));
    for _ in 0..50 {
        world.relays[0].handle_packet(world.now, Protocol::Udp, stranger, node, &hello);
        world.run(MS);
    }
    assert_eq!(refused(&world, 0, Refusal::PacketUnknown), 50);
    world.watch(2, &[1], 180);
    world.run(3 * SECOND);
    assert!(world.browser(2).is_connected());
    assert!(world.browser(2).seen(0).len() > 20);
}

#[test]
fn real_packets_changed_in_flight_stop_nobody_else() {
    let mut world = World::new(1);
    world.join(0, 1);
    world.join_watcher(0, 2);
    world.watch(2, &[1], 180);
    world.run(2 * SECOND);
    let mut dice = StdRng::seed_from_u64(9);
    let node = SocketAddr::from(([10, 0, 0, 1], 7_000));
    for _ in 0..200 {
        let now: Instant = world.now;
        let (source, copies) = {
            let browser = world.browser(1);
            let mut out = Vec::new();
            browser.advance(now, &mut out);
            let copies: Vec<Vec<u8>> = out
                .into_iter()
                .map(|packet| packet.contents.to_vec())
                .collect();
            (browser.address(), copies)
        };
        for mut packet in copies {
            let at = dice.random_range(0..packet.len());
            packet[at] ^= 1 << dice.random_range(0..8);
            world.relays[0].handle_packet(now, Protocol::Udp, source, node, &packet);
        }
        world.run(20 * MS);
    }
    world.browser(2).forget();
    world.run(SECOND);
    assert!(world.browser(2).is_connected());
    assert_eq!(world.roster(0).last(), Some(&2));
}
