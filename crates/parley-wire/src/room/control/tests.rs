use proptest::{collection::vec, prelude::*};

use super::*;

fn id<T: From<[u8; 16]> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<[u8; 16]>().prop_map(T::from)
}

fn any_version() -> impl Strategy<Value = Version> {
    (any::<u64>(), any::<u32>()).prop_map(|(epoch, count)| Version { epoch, count })
}

fn any_track(index: u8) -> impl Strategy<Value = RosterTrack> {
    let codec = prop_oneof![Just(Codec::Vp8), Just(Codec::Vp9), Just(Codec::Av1)];
    let layers = proptest::sample::subsequence(vec![0_u8, 1, 2], 0..=3);
    (
        codec,
        any::<u16>(),
        any::<bool>(),
        layers,
        any::<[u16; 2]>(),
    )
        .prop_map(
            move |(codec, alias, is_muted, layers, [height_px, rate_kbps])| RosterTrack {
                index: TrackIndex(index),
                codec: if index == 0 { Codec::Opus } else { codec },
                alias,
                is_muted,
                layers: layers
                    .into_iter()
                    .map(|layer| RosterLayer {
                        layer,
                        height_px,
                        rate_kbps,
                    })
                    .collect(),
            },
        )
}

fn any_participant() -> impl Strategy<Value = RosterParticipant> {
    let tracks = proptest::sample::subsequence(vec![0_u8, 1, 2], 0..=3)
        .prop_flat_map(|indices| indices.into_iter().map(any_track).collect::<Vec<_>>());
    (id(), vec(id(), 1..=8), vec(any::<u8>(), 0..40), tracks).prop_map(
        |(participant, route, label, tracks)| RosterParticipant {
            participant,
            route,
            label: label.into(),
            tracks,
        },
    )
}

fn any_layer_ref() -> impl Strategy<Value = LayerRef> {
    (any::<u16>(), 0..3_u8).prop_map(|(alias, layer)| LayerRef { alias, layer })
}

fn any_reason() -> impl Strategy<Value = Reason> {
    prop_oneof![
        Just(Reason::Rate),
        Just(Reason::Paused),
        Just(Reason::Muted)
    ]
}

fn any_control() -> impl Strategy<Value = RoomControl> {
    let want = (any::<u16>(), 1..8_u8).prop_map(|(alias, layers)| Want { alias, layers });
    let withheld =
        (any_layer_ref(), any_reason()).prop_map(|(layer, reason)| Withheld { layer, reason });
    prop_oneof![
        (id(), any_version(), vec(any_participant(), 0..6)).prop_map(
            |(room, version, participants)| RoomControl::Roster(Roster {
                room,
                version,
                participants
            })
        ),
        (id(), any_version(), vec(want, 0..20)).prop_map(|(room, version, wants)| {
            RoomControl::Wants(Wants {
                room,
                version,
                wants,
            })
        }),
        (id(), any_version(), vec(withheld, 0..20)).prop_map(|(room, version, withheld)| {
            RoomControl::Withheld(WithheldList {
                room,
                version,
                withheld,
            })
        }),
        (id(), vec(any_layer_ref(), 0..20))
            .prop_map(|(room, layers)| RoomControl::KeyFrame { room, layers }),
        id().prop_map(|room| RoomControl::Sync { room }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(control in any_control()) {
        let bytes = control.to_bytes();
        prop_assert_eq!(room_of(&bytes), Some(control.room()));
        prop_assert_eq!(RoomControl::read(&bytes), Ok(control));
    }

    #[test]
    fn foreign_bytes_never_panic(mut bytes in vec(any::<u8>(), 0..300), kind in 0..7_u8) {
        let _ = RoomControl::read(&bytes);
        if bytes.len() > 2 {
            bytes[0] = VERSION;
            bytes[1] = kind;
            let _ = RoomControl::read(&bytes);
        }
    }

    #[test]
    fn a_letter_cut_short_is_refused(control in any_control(), at in any::<prop::sample::Index>()) {
        let bytes = control.to_bytes();
        let cut = at.index(bytes.len());
        prop_assert!(RoomControl::read(&bytes[..cut]).is_err());
    }

    #[test]
    fn a_letter_with_more_after_its_end_is_refused(control in any_control()) {
        let mut bytes = control.to_bytes().to_vec();
        bytes.push(0);
        prop_assert_eq!(RoomControl::read(&bytes), Err(RoomFrameError::Trailing(1)));
    }
}

#[test]
fn a_roster_of_absurd_size_is_refused_before_it_is_read() {
    let mut bytes = vec![VERSION, ROSTER];
    bytes.extend([7; 16]);
    bytes.extend([0; 12]);
    bytes.extend(u16::MAX.to_be_bytes());
    assert_eq!(
        RoomControl::read(&bytes),
        Err(RoomFrameError::TooLong("participants"))
    );
    let huge = vec![VERSION; ROOM_LETTER_BYTES_MAX + 1];
    assert_eq!(
        RoomControl::read(&huge),
        Err(RoomFrameError::TooLong("letter"))
    );
}

#[test]
fn a_participant_without_a_route_is_refused() {
    let participant = RosterParticipant {
        participant: ParticipantId::from([1; 16]),
        route: Vec::new(),
        label: Bytes::new(),
        tracks: Vec::new(),
    };
    assert_eq!(read_back(participant), Err(RoomFrameError::Field("route")));
}

#[test]
fn a_medium_named_twice_is_refused() {
    let track = RosterTrack {
        index: TrackIndex::CAMERA,
        codec: Codec::Vp8,
        alias: 1,
        is_muted: false,
        layers: Vec::new(),
    };
    let participant = RosterParticipant {
        participant: ParticipantId::from([1; 16]),
        route: vec![PartyId::from([2; 16])],
        label: Bytes::new(),
        tracks: vec![track.clone(), track],
    };
    assert_eq!(read_back(participant), Err(RoomFrameError::Field("track")));
}

#[test]
fn sound_in_a_picture_codec_is_refused() {
    let track = RosterTrack {
        index: TrackIndex::MICROPHONE,
        codec: Codec::Vp8,
        alias: 1,
        is_muted: false,
        layers: Vec::new(),
    };
    let participant = RosterParticipant {
        participant: ParticipantId::from([1; 16]),
        route: vec![PartyId::from([2; 16])],
        label: Bytes::new(),
        tracks: vec![track],
    };
    assert_eq!(read_back(participant), Err(RoomFrameError::Field("codec")));
}

#[test]
fn an_unknown_kind_or_version_is_refused() {
    let mut bytes = RoomControl::Sync {
        room: RoomId::from([3; 16]),
    }
    .to_bytes()
    .to_vec();
    bytes[1] = 99;
    assert_eq!(
        RoomControl::read(&bytes),
        Err(RoomFrameError::Field("kind"))
    );
    bytes[0] = 2;
    assert_eq!(RoomControl::read(&bytes), Err(RoomFrameError::Version(2)));
    assert_eq!(room_of(&bytes), None);
}

fn read_back(participant: RosterParticipant) -> Result<RoomControl, RoomFrameError> {
    let roster = Roster {
        room: RoomId::from([9; 16]),
        version: Version::default(),
        participants: vec![participant],
    };
    RoomControl::read(&RoomControl::Roster(roster).to_bytes())
}
