//! The places a browser's offer has to have, and what the answer says about them.
//!
//! Every page offers the same fixed media lines, so that people, layouts and speakers change
//! without another exchange of descriptions:
//!
//! | line | medium | what |
//! |---|---|---|
//! | 0 | audio, sends | microphone |
//! | 1 | video, sends, simulcast `q` `h` `f` | camera |
//! | 2 | video, sends | screen |
//! | 3.. | up to eight video, receive | pictures |
//! | then | up to three audio, receive | the loudest voices |
//!
//! A page that sends nothing keeps its first three lines, inactive.

use parley_wire::{ids::TrackIndex, room::Codec};

use crate::{
    error::{MediaError, OurMediaError, TheirMediaError},
    event::{AUDIO_SLOTS, VIDEO_SLOTS},
    layers::LAYERS,
};

/// Longest offer read. Chrome's, with every codec and extension, has 30 KiB.
const OFFER_BYTES_MAX: usize = 128 * 1024;
/// The rids of the layers, lowest first.
const RIDS: [&str; LAYERS] = ["q", "h", "f"];
/// The video that passes through, by its name in an offer.
const VIDEO_CODECS: [(&str, Codec); 3] = [
    ("VP8", Codec::Vp8),
    ("VP9", Codec::Vp9),
    ("AV1", Codec::Av1),
];

/// The places of one offer.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Places {
    /// The browser's names for its microphone, camera and screen lines.
    pub(crate) sending: [String; TrackIndex::COUNT],
    /// Whether each of them sends.
    pub(crate) sends: [bool; TrackIndex::COUNT],
    /// Whether each of them sends by the rids of layers.
    pub(crate) is_simulcast: [bool; TrackIndex::COUNT],
    pub(crate) video: Vec<String>,
    pub(crate) audio: Vec<String>,
    /// The codecs of its camera line that we know, the one the page would rather send first.
    pub(crate) codecs: Vec<Codec>,
}

/// The layer a rid stands for.
pub(crate) fn layer_of_rid(rid: &str) -> Option<u8> {
    (0..)
        .zip(RIDS)
        .find(|(_, name)| *name == rid)
        .map(|(layer, _)| layer)
}

/// The rid of a layer.
pub(crate) fn rid_of_layer(layer: u8) -> Option<&'static str> {
    RIDS.get(usize::from(layer)).copied()
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent attributes of a media line"
)]
struct Line<'a> {
    is_audio: bool,
    mid: &'a str,
    sends: bool,
    receives: bool,
    is_rejected: bool,
    rids: Vec<&'a str>,
    codecs: Vec<&'a str>,
}

/// Reads the places of an offer.
pub(crate) fn read_places(offer: &str) -> Result<Places, MediaError> {
    if offer.len() > OFFER_BYTES_MAX {
        return Err(malformed("longer than 128 KiB"));
    }
    let lines = read_lines(offer)?;
    let mut places = Places::default();
    let mut lines = lines.iter().enumerate();
    for index in 0..TrackIndex::COUNT {
        let Some((at, line)) = lines.next() else {
            return Err(misplaced(index, "microphone, camera and screen lines"));
        };
        place_sender(&mut places, at, line)?;
    }
    for (at, line) in lines {
        place_receiver(&mut places, at, line)?;
    }
    Ok(places)
}

fn place_sender(places: &mut Places, at: usize, line: &Line<'_>) -> Result<(), MediaError> {
    let is_microphone = at == usize::from(TrackIndex::MICROPHONE.0);
    if line.is_audio != is_microphone {
        return Err(misplaced(at, "audio, then two video lines"));
    }
    line.mid.clone_into(&mut places.sending[at]);
    if at == usize::from(TrackIndex::CAMERA.0) {
        places.codecs = known_codecs(line);
    }
    places.sends[at] = line.sends && !line.is_rejected;
    if places.sends[at] {
        check_codec(line)?;
        if line.rids.iter().any(|rid| layer_of_rid(rid).is_none()) {
            return Err(misplaced(at, "rids q, h and f only"));
        }
        places.is_simulcast[at] = !line.rids.is_empty();
    }
    Ok(())
}

fn place_receiver(places: &mut Places, at: usize, line: &Line<'_>) -> Result<(), MediaError> {
    if line.sends || !line.receives || line.is_rejected {
        return Err(misplaced(at, "a line that only receives"));
    }
    check_codec(line)?;
    if line.is_audio {
        places.audio.push(line.mid.to_owned());
    } else if places.audio.is_empty() {
        places.video.push(line.mid.to_owned());
    } else {
        return Err(misplaced(at, "pictures before voices"));
    }
    if places.video.len() > VIDEO_SLOTS || places.audio.len() > AUDIO_SLOTS {
        return Err(misplaced(at, "at most eight pictures and three voices"));
    }
    Ok(())
}

fn check_codec(line: &Line<'_>) -> Result<(), MediaError> {
    let codec = if line.is_audio { "opus" } else { "VP8" };
    let has = line
        .codecs
        .iter()
        .any(|name| name.eq_ignore_ascii_case(codec));
    if has {
        Ok(())
    } else {
        Err(TheirMediaError::Codec { codec }.into())
    }
}

fn known_codecs(line: &Line<'_>) -> Vec<Codec> {
    let mut codecs = Vec::new();
    for name in &line.codecs {
        let found = VIDEO_CODECS
            .into_iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known));
        if let Some((_, codec)) = found
            && !codecs.contains(&codec)
        {
            codecs.push(codec);
        }
    }
    codecs
}

fn read_lines(offer: &str) -> Result<Vec<Line<'_>>, MediaError> {
    const LINES_MAX: usize = TrackIndex::COUNT + VIDEO_SLOTS + AUDIO_SLOTS;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for text in offer.lines() {
        if let Some(medium) = text.strip_prefix("m=") {
            if lines.len() == LINES_MAX {
                return Err(misplaced(LINES_MAX, "nothing"));
            }
            lines.push(begin_line(lines.len(), medium)?);
        } else if let (Some(line), Some(attribute)) = (lines.last_mut(), text.strip_prefix("a=")) {
            read_attribute(line, attribute);
        }
    }
    if let Some(at) = lines.iter().position(|line| line.mid.is_empty()) {
        return Err(misplaced(at, "a mid"));
    }
    Ok(lines)
}

fn begin_line(at: usize, medium: &str) -> Result<Line<'_>, MediaError> {
    let mut words = medium.split(' ');
    let is_audio = match words.next() {
        Some("audio") => true,
        Some("video") => false,
        Some(_) | None => return Err(misplaced(at, "audio or video")),
    };
    Ok(Line {
        is_audio,
        // Without a direction a line both sends and receives (RFC 8866 §6.7).
        sends: true,
        receives: true,
        is_rejected: words.next() == Some("0"),
        ..Line::default()
    })
}

fn read_attribute<'a>(line: &mut Line<'a>, attribute: &'a str) {
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    match name {
        "mid" => line.mid = value.trim(),
        // A bundled line has port 0 and is not rejected (RFC 9143 §7.2.1).
        "bundle-only" => line.is_rejected = false,
        "sendonly" => line.receives = false,
        "recvonly" => line.sends = false,
        "inactive" => (line.sends, line.receives) = (false, false),
        "rid" => {
            if let Some((rid, "send")) = value.trim().split_once(' ').map(first_word) {
                line.rids.push(rid);
            }
        }
        "rtpmap" => {
            let codec = value
                .split_once(' ')
                .and_then(|(_, codec)| codec.split('/').next());
            line.codecs.extend(codec);
        }
        _ => {}
    }
}

fn first_word<'a>((rid, rest): (&'a str, &'a str)) -> (&'a str, &'a str) {
    (rid, rest.split(' ').next().unwrap_or(""))
}

/// Pairs picture slot n with voice slot n, for as many as there are.
///
/// A browser plays a voice and a picture in step only when both are in one `MediaStream`, which the
/// answer names in `msid` (RFC 8830). The relay seats a voice beside its picture where it can.
pub(crate) fn pair_slots(answer: &str, places: &Places) -> String {
    let mut out = String::with_capacity(answer.len() + 256);
    let mut stream: Option<String> = None;
    for section in split_sections(answer) {
        let mid = section.lines().find_map(|line| line.strip_prefix("a=mid:"));
        if let Some(mid) = mid {
            stream = slot_stream(mid.trim(), places);
        }
        for line in section.split_inclusive('\n') {
            match &stream {
                Some(stream) => push_renamed(&mut out, line, stream),
                None => out.push_str(line),
            }
        }
    }
    out
}

fn split_sections(answer: &str) -> impl Iterator<Item = &str> {
    let starts = answer.match_indices("\r\nm=").map(|(at, _)| at + 2);
    let mut bounds: Vec<usize> = std::iter::once(0).chain(starts).collect();
    bounds.push(answer.len());
    let pairs: Vec<(usize, usize)> = bounds.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().map(move |(from, to)| &answer[from..to])
}

fn slot_stream(mid: &str, places: &Places) -> Option<String> {
    let place = |mids: &[String]| mids.iter().position(|name| name == mid);
    let at = place(&places.video).or_else(|| place(&places.audio))?;
    Some(format!("slot{at}"))
}

fn push_renamed(out: &mut String, line: &str, stream: &str) {
    for prefix in ["a=msid:", "msid:"] {
        let at = if prefix.starts_with("a=") {
            line.starts_with(prefix).then_some(0)
        } else {
            line.starts_with("a=ssrc:")
                .then(|| line.find(prefix))
                .flatten()
        };
        if let Some(at) = at {
            let value = at + prefix.len();
            let old = line[value..]
                .find(' ')
                .map_or(line.len(), |length| value + length);
            out.push_str(&line[..value]);
            out.push_str(stream);
            out.push_str(&line[old..]);
            return;
        }
    }
    out.push_str(line);
}

fn malformed(reason: &str) -> MediaError {
    TheirMediaError::Offer {
        reason: reason.to_owned(),
    }
    .into()
}

fn misplaced(line: usize, expected: &'static str) -> MediaError {
    TheirMediaError::Slots { line, expected }.into()
}

/// The engine failed at something it should be able to do.
pub(crate) fn engine(error: &impl ToString) -> MediaError {
    OurMediaError::Engine {
        reason: error.to_string(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(receivers: &[&str]) -> String {
        let mut text = String::from("v=0\r\ns=-\r\n");
        text += "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n";
        text += "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=mid:1\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\n";
        text += "a=rid:q send\r\na=rid:h send pt=96\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";
        text +=
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=inactive\r\na=rtpmap:96 VP8/90000\r\n";
        for (at, kind) in receivers.iter().enumerate() {
            let codec = if *kind == "audio" {
                "opus/48000/2"
            } else {
                "VP8/90000"
            };
            let mid = at + 3;
            text.push_str("m=");
            text.push_str(kind);
            text.push_str(" 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:");
            text.push_str(&mid.to_string());
            text.push_str("\r\na=recvonly\r\na=rtpmap:96 ");
            text.push_str(codec);
            text.push_str("\r\n");
        }
        text
    }

    #[test]
    fn the_places_of_the_agreed_offer_are_found() {
        let places = read_places(&offer(&["video", "video", "audio"])).expect("agreed");
        assert_eq!(places.sending, ["0", "1", "2"]);
        assert_eq!(places.sends, [true, true, false]);
        assert_eq!(places.is_simulcast, [false, true, false]);
        assert_eq!(places.video, ["3", "4"]);
        assert_eq!(places.audio, ["5"]);
    }

    #[test]
    fn other_shapes_are_refused_with_the_line_that_is_wrong() {
        let line_of = |offer: &str| match read_places(offer) {
            Err(MediaError::Theirs(TheirMediaError::Slots { line, .. })) => Some(line),
            Ok(_) | Err(_) => None,
        };
        assert_eq!(line_of("v=0\r\n"), Some(0));
        assert_eq!(line_of(&offer(&["audio", "video"])), Some(4));
        assert_eq!(line_of(&offer(&["video"; 9])), Some(11));
        assert_eq!(line_of(&offer(&["audio"; 4])), Some(6));
        assert_eq!(
            line_of(&offer(&["video"]).replace("recvonly", "sendrecv")),
            Some(3)
        );
        assert_eq!(line_of(&offer(&[]).replace("rid:q", "rid:low")), Some(1));
        assert_eq!(line_of(&offer(&[]).replace("a=mid:1\r\n", "")), Some(1));
        assert_eq!(
            line_of(&offer(&[]).replace("m=audio", "m=application")),
            Some(0)
        );
    }

    #[test]
    fn the_codecs_of_the_camera_keep_the_order_of_the_page() {
        let codecs = |offer: &str| read_places(offer).expect("agreed").codecs;
        assert_eq!(codecs(&offer(&[])), [Codec::Vp8]);
        let rather = "a=rtpmap:45 AV1/90000\r\na=rtpmap:127 H264/90000\r\na=rtpmap:96 VP8/90000\r\n\
                      a=rtpmap:98 VP9/90000\r\na=rtpmap:100 vp9/90000\r\n";
        let offer = offer(&[]).replacen("a=rtpmap:96 VP8/90000\r\n", rather, 1);
        assert_eq!(codecs(&offer), [Codec::Av1, Codec::Vp8, Codec::Vp9]);
    }

    #[test]
    fn an_offer_without_the_common_codecs_is_refused() {
        let error = read_places(&offer(&[]).replace("VP8", "H264")).expect_err("no VP8");
        assert_eq!(error.code(), "media.codec");
        let error = read_places(&offer(&[]).replace("opus", "PCMU")).expect_err("no Opus");
        assert_eq!(error.code(), "media.codec");
    }

    #[test]
    fn a_huge_offer_is_refused_unread() {
        let error = read_places(&"a".repeat(OFFER_BYTES_MAX + 1)).expect_err("too long");
        assert_eq!(error.code(), "media.offer");
    }

    #[test]
    fn voice_and_picture_of_one_slot_are_in_one_stream() {
        let places = read_places(&offer(&["video", "video", "audio"])).expect("agreed");
        let answer = "v=0\r\nm=audio 9 x 1\r\na=mid:0\r\na=msid:keep it\r\n\
            m=video 9 x 1\r\na=mid:3\r\na=msid:a b\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:a b\r\n\
            m=video 9 x 1\r\na=mid:4\r\na=msid:c d\r\nm=audio 9 x 1\r\na=mid:5\r\na=msid:e f\r\n";
        let paired = pair_slots(answer, &places);
        assert_eq!(
            paired,
            "v=0\r\nm=audio 9 x 1\r\na=mid:0\r\na=msid:keep it\r\n\
            m=video 9 x 1\r\na=mid:3\r\na=msid:slot0 b\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:slot0 b\r\n\
            m=video 9 x 1\r\na=mid:4\r\na=msid:slot1 d\r\nm=audio 9 x 1\r\na=mid:5\r\na=msid:slot0 f\r\n"
        );
    }

    proptest! {
        #[test]
        fn foreign_offers_never_panic(text in "(m=|a=|audio|video|rid:q send|mid:1| |\r\n|:|0|é){0,60}") {
            let _ = read_places(&text);
            let _ = pair_slots(&text, &Places::default());
        }
    }
}
