//! A packet that is to leave for a browser, before it is sealed.

use std::{sync::Arc, time::Instant};

use crate::cache::Extensions;

/// One RTP packet of a slot, with the numbers of the slot.
#[derive(Clone, Debug)]
pub(crate) struct OutPacket {
    pub(crate) payload_type: u8,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    /// When what it carries was taken.
    pub(crate) taken: Instant,
    pub(crate) is_marked: bool,
    pub(crate) picture_id: Option<u16>,
    pub(crate) tl0_picture_index: Option<u8>,
    pub(crate) extensions: Extensions,
    pub(crate) payload: Arc<[u8]>,
}

impl OutPacket {
    /// Appends the payload as this browser is to see it.
    pub(crate) fn append_payload(&self, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.extend_from_slice(&self.payload);
        if self.picture_id.is_some() || self.tl0_picture_index.is_some() {
            renumber(
                &mut buffer[start..],
                self.picture_id,
                self.tl0_picture_index,
            );
        }
    }
}

/// Writes picture id and TL0PICIDX into a VP8 payload descriptor that has them (RFC 7741 §4.2).
fn renumber(payload: &mut [u8], picture_id: Option<u16>, tl0_picture_index: Option<u8>) {
    const EXTENDED: u8 = 0x80;
    const HAS_PICTURE_ID: u8 = 0x80;
    const HAS_TL0: u8 = 0x40;
    const IS_WIDE: u8 = 0x80;
    let [first, flags, rest @ ..] = payload else {
        return;
    };
    if *first & EXTENDED == 0 {
        return;
    }
    let mut rest = rest;
    if *flags & HAS_PICTURE_ID != 0 {
        let [high, tail @ ..] = rest else { return };
        let number = picture_id.unwrap_or(0).to_be_bytes();
        if *high & IS_WIDE == 0 {
            // A source that counts in seven bits cannot carry fifteen.
            if picture_id.is_some() {
                *high = number[1] & 0x7F;
            }
            rest = tail;
        } else {
            let [low, tail @ ..] = tail else { return };
            if picture_id.is_some() {
                (*high, *low) = (IS_WIDE | number[0], number[1]);
            }
            rest = tail;
        }
    }
    if let (Some(index), true, [at, ..]) = (tl0_picture_index, *flags & HAS_TL0 != 0, rest) {
        *at = index;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    proptest! {
        #[test]
        fn a_reader_finds_the_new_numbers_and_the_rest_unchanged(
            payload in proptest::collection::vec(any::<u8>(), 0..20),
            picture_id in 0..0x8000_u16, index: u8,
        ) {
            let mut renumbered = payload.clone();
            renumber(&mut renumbered, Some(picture_id), Some(index));
            let Ok(before) = Vp8Descriptor::parse(&payload) else { return Ok(()) };
            let after = Vp8Descriptor::parse(&renumbered).expect("as well formed as before");
            prop_assert_eq!(before.picture_id().is_some(), after.picture_id().is_some());
            if let Some(id) = after.picture_id() {
                prop_assert!(id == picture_id || id == picture_id & 0x7F);
            }
            prop_assert_eq!(after.tl0_pic_idx(), before.tl0_pic_idx().map(|_| index));
            prop_assert_eq!(before.starts_keyframe(&payload), after.starts_keyframe(&renumbered));
            let changed = payload.iter().zip(&renumbered).filter(|(a, b)| a != b).count();
            prop_assert!(changed <= 3);
        }
    }
}
