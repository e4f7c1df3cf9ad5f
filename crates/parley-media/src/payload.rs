//! What a relay has to know about an RTP payload without decoding it.

use parley_wire::room::Codec;
use str0m::rtp::Vp8Descriptor;

use crate::holes::Temporal;

/// The facts of one packet that decide where it may go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PayloadFacts {
    /// First packet of its frame, as far as the codec says.
    pub(crate) starts_frame: bool,
    /// First packet of a frame that can be decoded alone.
    pub(crate) starts_key_frame: bool,
    /// Height of the picture, where a key frame tells it.
    pub(crate) height_px: Option<u16>,
    /// Where the numbers stand that have to be rewritten (VP8 only).
    pub(crate) vp8: Option<Vp8Descriptor>,
    /// Where the frame stands among the temporal layers, where the codec says it (VP8 only).
    pub(crate) temporal: Option<Temporal>,
}

/// The payload contradicts its codec's packet format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayloadMalformed;

/// Reads the facts of a payload.
pub(crate) fn inspect(codec: Codec, payload: &[u8]) -> Result<PayloadFacts, PayloadMalformed> {
    match codec {
        Codec::Opus => opus(payload),
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 => vp9(payload),
        Codec::Av1 => av1(payload),
    }
}

/// A packet without a byte is not Opus (RFC 6716 §3.1).
fn opus(payload: &[u8]) -> Result<PayloadFacts, PayloadMalformed> {
    if payload.is_empty() {
        return Err(PayloadMalformed);
    }
    Ok(PayloadFacts {
        starts_frame: true,
        starts_key_frame: true,
        ..PayloadFacts::default()
    })
}

fn vp8(payload: &[u8]) -> Result<PayloadFacts, PayloadMalformed> {
    let descriptor = Vp8Descriptor::parse(payload).map_err(|_| PayloadMalformed)?;
    let first = *payload.first().ok_or(PayloadMalformed)?;
    // RFC 7741 §4.2: S set and partition index 0.
    let starts_frame = first & 0x17 == 0x10;
    let starts_key_frame = descriptor.starts_keyframe(payload);
    let base_index = descriptor.tl0_pic_idx();
    let temporal = vp8_temporal_layer(payload).zip(base_index);
    Ok(PayloadFacts {
        starts_frame,
        starts_key_frame,
        height_px: if starts_key_frame {
            vp8_height(payload)
        } else {
            None
        },
        vp8: Some(descriptor),
        temporal: temporal.map(|(layer, base_index)| Temporal { layer, base_index }),
    })
}

/// RFC 7741 §4.2: TID, the upper two bits of the octet behind the numbers.
fn vp8_temporal_layer(payload: &[u8]) -> Option<u8> {
    const EXTENDED: u8 = 0x80;
    const PICTURE_ID: u8 = 0x80;
    const BASE_INDEX: u8 = 0x40;
    const LAYER: u8 = 0x20;
    const WIDE: u8 = 0x80;
    if payload.first()? & EXTENDED == 0 {
        return None;
    }
    let present = payload.get(1)?;
    let mut at = 2;
    if present & PICTURE_ID != 0 {
        at += if payload.get(at)? & WIDE != 0 { 2 } else { 1 };
    }
    at += usize::from(present & BASE_INDEX != 0);
    (present & LAYER != 0)
        .then(|| payload.get(at).map(|octet| octet >> 6))
        .flatten()
}

/// RFC 6386 §9.1: three bytes of frame tag, the start code, width, height (14 bits each).
fn vp8_height(payload: &[u8]) -> Option<u16> {
    const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
    // The descriptor is at most six bytes, so the start code stands within the first dozen.
    let at = payload
        .windows(3)
        .take(12)
        .position(|window| window == START_CODE)?;
    let bytes = payload.get(at + 5..at + 7)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]) & 0x3fff)
}

/// RFC 9628 §4.2: B starts a frame, P unset means nothing older is needed.
fn vp9(payload: &[u8]) -> Result<PayloadFacts, PayloadMalformed> {
    const PICTURE_ID: u8 = 0x80;
    const INTER_PICTURE: u8 = 0x40;
    const LAYER: u8 = 0x20;
    const BEGIN: u8 = 0x08;
    let first = *payload.first().ok_or(PayloadMalformed)?;
    let mut at = 1;
    if first & PICTURE_ID != 0 {
        let wide = payload.get(at).ok_or(PayloadMalformed)? & 0x80 != 0;
        at += if wide { 2 } else { 1 };
    }
    let spatial = match first & LAYER {
        0 => 0,
        _ => (payload.get(at).ok_or(PayloadMalformed)? >> 1) & 0x07,
    };
    if payload.len() <= at {
        return Err(PayloadMalformed);
    }
    let starts_frame = first & BEGIN != 0 && spatial == 0;
    Ok(PayloadFacts {
        starts_frame,
        starts_key_frame: starts_frame && first & INTER_PICTURE == 0,
        ..PayloadFacts::default()
    })
}

/// AV1 RTP section 4.4: Z continues an earlier OBU, N starts a coded video sequence.
fn av1(payload: &[u8]) -> Result<PayloadFacts, PayloadMalformed> {
    const CONTINUES: u8 = 0x80;
    const NEW_SEQUENCE: u8 = 0x08;
    let [aggregation, _, ..] = *payload else {
        return Err(PayloadMalformed);
    };
    if aggregation & CONTINUES != 0 && aggregation & NEW_SEQUENCE != 0 {
        return Err(PayloadMalformed);
    }
    Ok(PayloadFacts {
        // A frame may start in any packet that continues nothing; the timestamp decides.
        starts_frame: aggregation & CONTINUES == 0,
        starts_key_frame: aggregation & NEW_SEQUENCE != 0,
        ..PayloadFacts::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Descriptor with a 15-bit picture id, then a key frame of 640 x 360.
    const KEY_FRAME: [u8; 15] = [
        0x90, 0xe0, 0x80, 1, 7, 0, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68,
    ];

    #[test]
    fn a_vp8_key_frame_tells_its_height() {
        let mut payload = KEY_FRAME.to_vec();
        payload.push(1);
        let facts = inspect(Codec::Vp8, &payload).expect("well formed");
        assert!(facts.starts_frame && facts.starts_key_frame);
        assert_eq!(facts.height_px, Some(360));
    }

    #[test]
    fn a_vp8_packet_tells_its_temporal_layer() {
        let wide = [0x90, 0xe0, 0x81, 0x23, 0x07, 0x80, 0x01, 0, 0];
        let facts = inspect(Codec::Vp8, &wide).unwrap_or_default();
        let expected = Temporal {
            layer: 2,
            base_index: 7,
        };
        assert_eq!(facts.temporal, Some(expected));
        let narrow = [0x90, 0xe0, 0x23, 0x07, 0x40, 0x01, 0, 0];
        let facts = inspect(Codec::Vp8, &narrow).unwrap_or_default();
        assert_eq!(facts.temporal.map(|place| place.layer), Some(1));
        let silent = [0x90, 0x80, 0x23, 0x01, 0, 0];
        let facts = inspect(Codec::Vp8, &silent).unwrap_or_default();
        assert_eq!(facts.temporal, None);
    }

    #[test]
    fn a_vp8_delta_frame_is_not_a_key_frame() {
        let mut payload = KEY_FRAME.to_vec();
        payload[6] |= 1;
        let facts = inspect(Codec::Vp8, &payload).expect("well formed");
        assert!(facts.starts_frame && !facts.starts_key_frame);
        assert_eq!(facts.height_px, None);
    }

    #[test]
    fn a_vp9_packet_without_inter_prediction_starts_a_key_frame() {
        let facts = inspect(Codec::Vp9, &[0x88, 5, 0]).expect("well formed");
        assert!(facts.starts_key_frame);
        let facts = inspect(Codec::Vp9, &[0xc8, 5, 0]).expect("well formed");
        assert!(facts.starts_frame && !facts.starts_key_frame);
    }

    #[test]
    fn an_av1_packet_of_a_new_sequence_starts_a_key_frame() {
        assert!(inspect(Codec::Av1, &[0x18, 0]).is_ok_and(|facts| facts.starts_key_frame));
        assert!(inspect(Codec::Av1, &[0x10, 0]).is_ok_and(|facts| !facts.starts_key_frame));
        assert!(inspect(Codec::Av1, &[0x88, 0]).is_err());
    }

    #[test]
    fn empty_and_cut_payloads_are_malformed() {
        for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::Av1] {
            assert!(inspect(codec, &[]).is_err(), "{codec:?}");
        }
        assert!(inspect(Codec::Vp8, &[0x90, 0xe0]).is_err());
        assert!(inspect(Codec::Vp9, &[0x88]).is_err());
    }

    proptest! {
        #[test]
        fn foreign_payloads_never_panic(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::Av1] {
                let _ = inspect(codec, &payload);
            }
        }
    }
}
