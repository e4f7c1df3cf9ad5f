//! The published vectors of a room's frames mean what this crate reads and writes.

use std::{fs, path::Path};

use bytes::Bytes;
use parley_wire::{
    ids::{ParticipantId, PartyId, RoomId, TrackIndex},
    room::{
        Codec, LayerRef, MediaFrame, Reason, RoomControl, Roster, RosterLayer, RosterParticipant,
        RosterTrack, Version, Want, Wants, Withheld, WithheldList,
    },
};

fn room() -> RoomId {
    RoomId::from([0xa1; 16])
}

fn version(count: u32) -> Version {
    Version { epoch: 7, count }
}

fn roster() -> Roster {
    let microphone = RosterTrack {
        index: TrackIndex::MICROPHONE,
        codec: Codec::Opus,
        alias: 0x1000,
        is_muted: false,
        layers: vec![RosterLayer {
            layer: 0,
            height_px: 0,
            rate_kbps: 30,
        }],
    };
    let camera = RosterTrack {
        index: TrackIndex::CAMERA,
        codec: Codec::Vp8,
        alias: 0x1001,
        is_muted: true,
        layers: vec![
            RosterLayer {
                layer: 0,
                height_px: 180,
                rate_kbps: 150,
            },
            RosterLayer {
                layer: 2,
                height_px: 720,
                rate_kbps: 1_200,
            },
        ],
    };
    let participant = RosterParticipant {
        participant: ParticipantId::from([200; 16]),
        route: vec![PartyId::from([0x42; 16]), PartyId::from([0x77; 16])],
        label: Bytes::from_static(b"abc"),
        tracks: vec![microphone, camera],
    };
    Roster {
        room: room(),
        version: version(1),
        participants: vec![participant],
    }
}

fn letter(name: &str) -> RoomControl {
    let room = room();
    match name {
        "sync" => RoomControl::Sync { room },
        "wants" => RoomControl::Wants(Wants {
            room,
            version: version(2),
            wants: vec![
                Want {
                    alias: 0x1000,
                    layers: 1,
                },
                Want {
                    alias: 0x1001,
                    layers: 5,
                },
            ],
        }),
        "withheld" => RoomControl::Withheld(WithheldList {
            room,
            version: version(3),
            withheld: vec![Withheld {
                layer: LayerRef {
                    alias: 0x1001,
                    layer: 2,
                },
                reason: Reason::Rate,
            }],
        }),
        "key-frame" => RoomControl::KeyFrame {
            room,
            layers: vec![LayerRef {
                alias: 0x1001,
                layer: 1,
            }],
        },
        "roster" => RoomControl::Roster(roster()),
        unknown => panic!("no letter is called {unknown}"),
    }
}

fn media_frame(name: &str) -> MediaFrame {
    let sound = MediaFrame {
        alias: 0x1000,
        layer: 0,
        sequence: 1,
        timestamp: 960,
        frame: 1,
        is_marked: true,
        is_key_frame: false,
        is_frame_start: true,
        is_frame_end: true,
        level: Some(30),
        capture_ms: None,
        payload: Bytes::from_static(&[0xfc, 1, 2]),
    };
    let key_frame = MediaFrame {
        alias: 0x1001,
        sequence: 2,
        timestamp: 3_000,
        is_marked: false,
        is_key_frame: true,
        is_frame_end: false,
        level: None,
        capture_ms: Some(1_000),
        payload: Bytes::from_static(&[0x90, 0xe0, 0x80, 1, 7, 0, 0x10, 0, 0]),
        ..sound.clone()
    };
    let delta = MediaFrame {
        alias: 0x1001,
        layer: 2,
        sequence: 3,
        timestamp: 6_000,
        frame: 2,
        is_frame_start: false,
        level: None,
        payload: Bytes::from_static(&[0x90, 0xe0, 0x80, 2, 8, 0, 0x11]),
        ..sound.clone()
    };
    match name {
        "sound" => sound,
        "key-frame" => key_frame,
        "delta" => delta,
        unknown => panic!("no frame is called {unknown}"),
    }
}

#[test]
fn the_published_letters_are_read_and_written() {
    for (name, bytes) in vectors("letters.txt") {
        assert_eq!(RoomControl::read(&bytes), Ok(letter(&name)), "{name}");
        assert_eq!(letter(&name).to_bytes(), bytes, "{name}");
    }
}

#[test]
fn the_published_media_frames_are_read_and_written() {
    for (name, bytes) in vectors("media_frames.txt") {
        let bytes = Bytes::from(bytes);
        assert_eq!(MediaFrame::read(&bytes), Ok(media_frame(&name)), "{name}");
        let mut written = Vec::new();
        media_frame(&name).write(&mut written);
        assert_eq!(written, bytes, "{name}");
    }
}

fn vectors(file: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocol/vectors/room");
    let text = fs::read_to_string(folder.join(file)).expect("the vectors are there");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let vectors: Vec<_> = lines
        .map(|line| {
            let (name, hex) = line.split_once(' ').expect("a name and bytes");
            let digits: Vec<u8> = hex
                .chars()
                .map(|digit| u8::try_from(digit.to_digit(16).expect("hex")).expect("a digit"))
                .collect();
            let bytes = digits
                .chunks(2)
                .map(|pair| pair[0] << 4 | pair[1])
                .collect();
            (name.to_owned(), bytes)
        })
        .collect();
    assert!(!vectors.is_empty());
    vectors
}
