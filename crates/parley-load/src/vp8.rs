//! Payloads that a relay takes for VP8 (RFC 7741) and Opus (RFC 6716, RFC 7587).
//!
//! The descriptors are real, since relays read and rewrite them: picture id, TL0PICIDX, start of
//! partition, key frame with its size. What follows is noise that no decoder would show.

use rand::{RngCore, SeedableRng, rngs::StdRng};

use crate::stamp::{STAMP_BYTES, Stamp};

/// Descriptor: required byte, extension byte, 15-bit picture id, TL0PICIDX, temporal layer
/// (RFC 7741 §4.2).
const DESCRIPTOR_BYTES: usize = 6;
/// Frame tag, start code and size of a key frame (RFC 6386 §9.1).
const KEY_FRAME_HEADER_BYTES: usize = 10;
/// Shortest payload that holds descriptor, header and mark.
pub const PAYLOAD_BYTES_MIN: usize = DESCRIPTOR_BYTES + KEY_FRAME_HEADER_BYTES + STAMP_BYTES;
/// One 20 ms CELT fullband frame, mono, one frame per packet (RFC 6716 §3.1, configuration 31).
const OPUS_TABLE_OF_CONTENTS: u8 = 31 << 3;

/// Where a packet stands in its VP8 frame.
#[derive(Clone, Copy, Debug)]
pub struct FramePart {
    /// Counts the frames of one layer; the low 15 bits go on the wire.
    pub picture: u64,
    /// Whether the frame can be decoded without an earlier one.
    pub is_key: bool,
    /// Whether this is the frame's first packet.
    pub is_first: bool,
}

/// Makes the payloads of one layer.
#[derive(Debug)]
pub struct Vp8Payloads {
    width: u16,
    height: u16,
    noise: StdRng,
}

impl Vp8Payloads {
    /// Makes payloads of a picture of this size; the seed decides the noise.
    #[must_use]
    pub fn new(width: u16, height: u16, seed: u64) -> Self {
        Self {
            width,
            height,
            noise: StdRng::seed_from_u64(seed),
        }
    }

    /// Makes one payload of `bytes`, or of [`PAYLOAD_BYTES_MIN`] where that is more.
    pub fn payload(&mut self, part: FramePart, bytes: usize, stamp: Stamp) -> Vec<u8> {
        let mut payload = vec![0; bytes.max(PAYLOAD_BYTES_MIN)];
        self.noise.fill_bytes(&mut payload);
        // X set and S on the first packet; I, L and T set; M set for a 15-bit picture id. One
        // temporal layer, 0, so that every frame counts in TL0PICIDX.
        let start = if part.is_first { 0x90 } else { 0x80 };
        payload[..DESCRIPTOR_BYTES].copy_from_slice(&[start, 0xE0, 0, 0, 0, 0]);
        Self::renumber(&mut payload, part.picture);
        if part.is_first {
            self.write_frame_header(part.is_key, &mut payload[DESCRIPTOR_BYTES..]);
        }
        stamp.write(&mut payload);
        payload
    }

    /// Makes a ready payload belong to another picture.
    pub fn renumber(payload: &mut [u8], picture: u64) {
        if let Some(descriptor) = payload.get_mut(2..5) {
            let [high, low] = u16::try_from(picture & 0x7FFF).unwrap_or(0).to_be_bytes();
            descriptor.copy_from_slice(&[0x80 | high, low, picture.to_be_bytes()[7]]);
        }
    }

    fn write_frame_header(&self, is_key: bool, frame: &mut [u8]) {
        // Bit 0: not a key frame; bits 1-3: version; bit 4: shown (RFC 6386 §9.1).
        frame[0] = (frame[0] & 0xE0) | 0x10 | u8::from(!is_key);
        if is_key {
            frame[3..6].copy_from_slice(&[0x9D, 0x01, 0x2A]);
            frame[6..8].copy_from_slice(&self.width.to_le_bytes());
            frame[8..10].copy_from_slice(&self.height.to_le_bytes());
        }
    }
}

/// Makes one Opus packet of 20 ms, at least as long as its mark.
pub fn opus_payload(noise: &mut StdRng, bytes: usize, stamp: Stamp) -> Vec<u8> {
    let mut payload = vec![0; bytes.max(1 + STAMP_BYTES)];
    noise.fill_bytes(&mut payload);
    payload[0] = OPUS_TABLE_OF_CONTENTS;
    stamp.write(&mut payload);
    payload
}

/// What a received VP8 payload begins, as far as a counter wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameStart {
    /// The first packet of a frame that needs no earlier one.
    Key,
    /// The first packet of a frame that needs earlier ones.
    Delta,
    /// The middle or end of a frame, or no VP8.
    None,
}

/// Reads whether a frame starts in this payload.
#[must_use]
pub fn frame_start(payload: &[u8]) -> FrameStart {
    first_frame_byte(payload).map_or(FrameStart::None, |byte| {
        if byte & 1 == 0 {
            FrameStart::Key
        } else {
            FrameStart::Delta
        }
    })
}

fn first_frame_byte(payload: &[u8]) -> Option<u8> {
    let required = *payload.first()?;
    // S set and partition 0: the frame's first bytes follow the descriptor.
    if required & 0x17 != 0x10 {
        return None;
    }
    let mut at = 1;
    if required & 0x80 != 0 {
        let extension = *payload.get(1)?;
        at = 2;
        if extension & 0x80 != 0 {
            at += if *payload.get(2)? & 0x80 == 0 { 1 } else { 2 };
        }
        at += usize::from(extension & 0x40 != 0);
        at += usize::from(extension & 0x30 != 0);
    }
    payload.get(at).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    const STAMP: Stamp = Stamp {
        publisher: 1,
        index: 2,
        sent_at_us: 3,
    };

    #[test]
    fn a_key_frame_is_one_to_the_stack_that_relays_it() {
        let mut payloads = Vp8Payloads::new(640, 360, 1);
        let part = FramePart {
            picture: 0x1_2345,
            is_key: true,
            is_first: true,
        };
        let payload = payloads.payload(part, 1100, STAMP);
        let descriptor = Vp8Descriptor::parse(&payload).expect("a valid descriptor");
        assert!(descriptor.starts_keyframe(&payload));
        assert_eq!(frame_start(&payload), FrameStart::Key);
        assert_eq!(Stamp::read(&payload), Some(STAMP));
    }

    #[test]
    fn a_delta_frame_and_a_later_packet_start_no_key_frame() {
        let mut payloads = Vp8Payloads::new(640, 360, 1);
        for (is_first, expected) in [(true, FrameStart::Delta), (false, FrameStart::None)] {
            let part = FramePart {
                picture: 7,
                is_key: false,
                is_first,
            };
            let payload = payloads.payload(part, 10, STAMP);
            let descriptor = Vp8Descriptor::parse(&payload).expect("a valid descriptor");
            assert!(!descriptor.starts_keyframe(&payload));
            assert_eq!(frame_start(&payload), expected);
            assert_eq!(payload.len(), PAYLOAD_BYTES_MIN);
        }
    }

    #[test]
    fn an_opus_packet_carries_its_mark() {
        let mut noise = StdRng::seed_from_u64(1);
        let payload = opus_payload(&mut noise, 80, STAMP);
        assert_eq!((payload.len(), payload[0]), (80, 0xF8));
        assert_eq!(Stamp::read(&payload), Some(STAMP));
    }

    proptest! {
        #[test]
        fn no_foreign_payload_breaks_the_reader(
            payload in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let _ = frame_start(&payload);
        }
    }
}
