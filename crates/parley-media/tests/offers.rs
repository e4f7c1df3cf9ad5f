//! Offers as browsers make them, and what the relay answers.

#![allow(
    clippy::disallowed_methods,
    reason = "virtual time has to start somewhere"
)]

use bytes::Bytes;
use parley_media::{MediaError, ParticipantId, PartyId, Relay, RelayConfig, RoomId, testing};

const CHROMIUM: &str = include_str!("offers/chromium.sdp");
const FIREFOX: &str = include_str!("offers/firefox.sdp");

fn answer(offer: &str) -> Result<parley_media::Joined, MediaError> {
    let now = testing::start();
    let mut config = RelayConfig::new(PartyId::from([1; 16]), 1);
    config.udp.push(([192, 0, 2, 7], 7_400).into());
    config.tcp.push(([192, 0, 2, 7], 7_443).into());
    let mut relay = Relay::new(config, now);
    let room = RoomId::from([2; 16]);
    relay.open_room(now, room);
    let offer = offer.replace('\n', "\r\n");
    relay.join(
        now,
        room,
        ParticipantId::from([3; 16]),
        Bytes::new(),
        &offer,
    )
}

/// The media lines of a description.
fn lines(sdp: &str) -> Vec<&str> {
    sdp.split("\r\nm=").skip(1).collect()
}

#[test]
fn offers_of_both_browsers_are_answered_place_by_place() {
    for offer in [CHROMIUM, FIREFOX] {
        let joined = answer(offer).expect("an agreed offer");
        assert!(joined.answer.contains("a=ice-lite"));
        let lines = lines(&joined.answer);
        assert_eq!(lines.len(), 14);
        assert!(
            lines
                .iter()
                .all(|line| !line.starts_with("audio 0") && !line.starts_with("video 0"))
        );
        assert!(lines.iter().all(|line| line.contains("a=setup:passive")));
        let receives = lines[..3].iter().all(|line| line.contains("a=recvonly"));
        let sends = lines[3..].iter().all(|line| line.contains("a=sendonly"));
        assert!(receives && sends);
        assert_eq!(joined.video_mids, ["3", "4", "5", "6", "7", "8", "9", "10"]);
        assert_eq!(joined.audio_mids, ["11", "12", "13"]);
    }
}

#[test]
fn the_camera_is_taken_in_three_layers_of_vp8() {
    for offer in [CHROMIUM, FIREFOX] {
        let joined = answer(offer).expect("an agreed offer");
        let camera = lines(&joined.answer)[1].to_owned();
        for rid in ["q", "h", "f"] {
            assert!(camera.contains(&format!("a=rid:{rid} recv")), "{camera}");
        }
        assert!(camera.contains("a=simulcast:recv q;h;f"));
        let first = camera.split("a=rtpmap:").nth(1).expect("a codec");
        assert!(first.contains("VP8/90000"), "{first}");
        assert!(camera.contains("nack pli") && camera.contains("transport-cc"));
    }
}

#[test]
fn the_voice_keeps_its_forward_error_correction_and_its_level() {
    for offer in [CHROMIUM, FIREFOX] {
        let joined = answer(offer).expect("an agreed offer");
        let microphone = lines(&joined.answer)[0].to_owned();
        assert!(microphone.contains("opus/48000/2") && microphone.contains("useinbandfec=1"));
        assert!(microphone.contains("ssrc-audio-level"));
    }
}

#[test]
fn the_node_is_reachable_over_udp_and_over_tcp() {
    let joined = answer(CHROMIUM).expect("an agreed offer");
    assert!(joined.answer.contains("192.0.2.7 7400 typ host"));
    assert!(
        joined
            .answer
            .contains("192.0.2.7 7443 typ host tcptype passive")
    );
}

#[test]
fn a_voice_slot_is_in_the_stream_of_the_picture_slot_beside_it() {
    let joined = answer(FIREFOX).expect("an agreed offer");
    let lines = lines(&joined.answer);
    for slot in 0..3 {
        let stream = format!("a=msid:slot{slot} ");
        assert!(lines[3 + slot].contains(&stream) && lines[11 + slot].contains(&stream));
    }
}

#[test]
fn an_offer_that_ends_early_or_lies_is_refused_with_a_code() {
    let cases = [
        (String::new(), "media.slots"),
        ("nonsense".into(), "media.slots"),
        (CHROMIUM.replace("a=fingerprint", "a=finger"), "media.offer"),
        (CHROMIUM.replace("a=ice-ufrag", "a=ice-frag"), "media.offer"),
        (CHROMIUM.replace("VP8/90000", "VP7/90000"), "media.codec"),
        (CHROMIUM.replace("m=video", "m=application"), "media.slots"),
    ];
    for (offer, code) in cases {
        let error = answer(&offer).expect_err(code);
        assert_eq!(error.code(), code);
        assert!(matches!(error, MediaError::Theirs(_)));
    }
}

#[test]
fn an_offer_cut_anywhere_is_refused_or_answered_but_never_worse() {
    for offer in [CHROMIUM, FIREFOX] {
        for cut in (0..offer.len()).step_by(997) {
            let _ = answer(&offer[..cut]);
        }
    }
}

/// Its key is made at the start and is nowhere but in memory, so there is none to steal from a disk.
#[test]
fn each_start_of_a_node_shows_browsers_another_certificate() {
    let fingerprint = || {
        let joined = answer(CHROMIUM).expect("an agreed offer");
        let (_, after) = joined
            .answer
            .split_once("a=fingerprint:sha-256 ")
            .expect("one");
        after.lines().next().expect("a digest").to_owned()
    };
    let (first, second) = (fingerprint(), fingerprint());
    assert_eq!(first.split(':').count(), 32);
    assert_ne!(first, second);
}
