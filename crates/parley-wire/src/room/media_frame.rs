//! One RTP packet of one layer, as it crosses the border.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! | version = 1   |M K S E L C . .|             alias             |
//! |     layer     |          sequence number (32 bits)            :
//! :               |             timestamp (32 bits)               :
//! :               |               frame (32 bits)                 :
//! :               | level, if L   | capture time, 64 bits, if C   :
//! | opaque RTP payload ...                                        |
//! ```

use bytes::{BufMut, Bytes};

use super::{RoomFrameError, reader::Reader};

/// The version this relay writes and reads.
const VERSION: u8 = 1;

const MARKER: u8 = 0x80;
const KEY_FRAME: u8 = 0x40;
const FRAME_START: u8 = 0x20;
const FRAME_END: u8 = 0x10;
const HAS_LEVEL: u8 = 0x08;
const HAS_CAPTURE: u8 = 0x04;
/// Bits a later version may use; a frame that sets one is refused, so that they stay free.
const UNUSED: u8 = 0x03;

/// Bytes before the payload at most: 17 fixed, one audio level, eight capture time.
pub const MEDIA_FRAME_OVERHEAD_MAX: usize = 26;

/// Longest RTP payload that crosses. More would not fit a 1,500 byte packet with QUIC around it;
/// less would cut off the 1,200 byte packets browsers send.
pub const MEDIA_PAYLOAD_BYTES_MAX: usize = 1_400;

/// Quietest level RFC 6464 can say, in -dBov.
const LEVEL_MAX: u8 = 127;

/// One RTP packet of one layer of one track.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent flags of the frame"
)]
pub struct MediaFrame {
    /// The sender's short name for the track on this line, given in its roster.
    pub alias: u16,
    /// Quality of the track: 0 quarter, 1 half, 2 full.
    pub layer: u8,
    /// Source sequence number, extended to 32 bits; gaps stay gaps.
    pub sequence: u32,
    /// Source RTP timestamp.
    pub timestamp: u32,
    /// Counts frames of this layer, so that a line can drop or repair whole frames.
    pub frame: u32,
    /// RTP marker bit.
    pub is_marked: bool,
    /// The packet belongs to a frame that can be decoded alone.
    pub is_key_frame: bool,
    /// First packet of its frame.
    pub is_frame_start: bool,
    /// Last packet of its frame.
    pub is_frame_end: bool,
    /// Loudness in -dBov, 0 loudest to 127 silent (RFC 6464).
    pub level: Option<u8>,
    /// When the sound or picture was taken, in milliseconds of the origin relay's clock.
    pub capture_ms: Option<u64>,
    /// RTP payload, opaque to the line.
    pub payload: Bytes,
}

impl MediaFrame {
    /// The alias of a frame, without reading the rest of it.
    #[must_use]
    pub fn alias_of(bytes: &[u8]) -> Option<u16> {
        let mut reader = Reader::new(bytes);
        (reader.u8().ok()? == VERSION).then_some(())?;
        reader.u8().ok()?;
        reader.u16().ok()
    }

    /// Writes the frame after whatever `out` holds.
    pub fn write(&self, out: &mut impl BufMut) {
        self.write_header(out);
        out.put_slice(&self.payload);
    }

    /// Writes everything but the payload, for a sender that has it elsewhere.
    pub fn write_header(&self, out: &mut impl BufMut) {
        out.put_u8(VERSION);
        out.put_u8(self.flags());
        out.put_u16(self.alias);
        out.put_u8(self.layer);
        out.put_u32(self.sequence);
        out.put_u32(self.timestamp);
        out.put_u32(self.frame);
        if let Some(level) = self.level {
            out.put_u8(level.min(LEVEL_MAX));
        }
        if let Some(capture_ms) = self.capture_ms {
            out.put_u64(capture_ms);
        }
    }

    /// Reads one frame that fills `bytes`; the payload shares their memory.
    ///
    /// # Errors
    ///
    /// [`RoomFrameError`] when the bytes are not a frame of this version.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use parley_wire::room::{MediaFrame, RoomFrameError};
    ///
    /// assert_eq!(MediaFrame::read(&Bytes::from_static(b"\x02")), Err(RoomFrameError::Version(2)));
    /// ```
    pub fn read(bytes: &Bytes) -> Result<Self, RoomFrameError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(RoomFrameError::Version(version));
        }
        let flags = reader.u8()?;
        if flags & UNUSED != 0 {
            return Err(RoomFrameError::Field("flags"));
        }
        let mut frame = Self {
            alias: reader.u16()?,
            layer: reader.u8()?,
            sequence: reader.u32()?,
            timestamp: reader.u32()?,
            frame: reader.u32()?,
            is_marked: flags & MARKER != 0,
            is_key_frame: flags & KEY_FRAME != 0,
            is_frame_start: flags & FRAME_START != 0,
            is_frame_end: flags & FRAME_END != 0,
            level: None,
            capture_ms: None,
            payload: Bytes::new(),
        };
        if flags & HAS_LEVEL != 0 {
            frame.level = Some(reader.u8()?);
        }
        if flags & HAS_CAPTURE != 0 {
            frame.capture_ms = Some(reader.u64()?);
        }
        frame.payload = bytes.slice_ref(reader.rest());
        frame.check()?;
        Ok(frame)
    }

    fn flags(&self) -> u8 {
        let bit = |is_set: bool, mask: u8| if is_set { mask } else { 0 };
        bit(self.is_marked, MARKER)
            | bit(self.is_key_frame, KEY_FRAME)
            | bit(self.is_frame_start, FRAME_START)
            | bit(self.is_frame_end, FRAME_END)
            | bit(self.level.is_some(), HAS_LEVEL)
            | bit(self.capture_ms.is_some(), HAS_CAPTURE)
    }

    fn check(&self) -> Result<(), RoomFrameError> {
        if self.layer > 2 {
            return Err(RoomFrameError::Field("layer"));
        }
        if self.level.is_some_and(|level| level > LEVEL_MAX) {
            return Err(RoomFrameError::Field("level"));
        }
        if self.payload.is_empty() {
            return Err(RoomFrameError::Short);
        }
        if self.payload.len() > MEDIA_PAYLOAD_BYTES_MAX {
            return Err(RoomFrameError::TooLong("payload"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_frame() -> impl Strategy<Value = MediaFrame> {
        let numbers = (
            any::<u16>(),
            0..3_u8,
            any::<u32>(),
            any::<u32>(),
            any::<u32>(),
            any::<[bool; 4]>(),
        );
        let rest = (
            proptest::option::of(0..128_u8),
            proptest::option::of(any::<u64>()),
            proptest::collection::vec(any::<u8>(), 1..200),
        );
        (numbers, rest).prop_map(|(numbers, (level, capture_ms, payload))| {
            let (alias, layer, sequence, timestamp, frame, flags) = numbers;
            MediaFrame {
                alias,
                layer,
                sequence,
                timestamp,
                frame,
                is_marked: flags[0],
                is_key_frame: flags[1],
                is_frame_start: flags[2],
                is_frame_end: flags[3],
                level,
                capture_ms,
                payload: payload.into(),
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(frame in any_frame()) {
            let mut bytes = Vec::new();
            frame.write(&mut bytes);
            prop_assert!(bytes.len() <= frame.payload.len() + MEDIA_FRAME_OVERHEAD_MAX);
            prop_assert_eq!(MediaFrame::alias_of(&bytes), Some(frame.alias));
            prop_assert_eq!(MediaFrame::read(&bytes.into()), Ok(frame));
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = MediaFrame::read(&bytes.into());
        }

        #[test]
        fn a_frame_cut_short_is_refused_or_has_less_payload(frame in any_frame(), cut in 0..40_usize) {
            let mut bytes = Vec::new();
            frame.write(&mut bytes);
            bytes.truncate(cut.min(bytes.len() - 1));
            if let Ok(read) = MediaFrame::read(&bytes.into()) {
                prop_assert!(read.payload.len() < frame.payload.len());
            }
        }
    }

    #[test]
    fn values_without_a_meaning_are_refused() {
        let mut bytes = vec![1, 0, 0, 7, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9];
        assert_eq!(
            MediaFrame::read(&bytes.clone().into()),
            Err(RoomFrameError::Field("layer"))
        );
        bytes[4] = 0;
        bytes[1] = 1;
        assert_eq!(
            MediaFrame::read(&bytes.clone().into()),
            Err(RoomFrameError::Field("flags"))
        );
        bytes[1] = HAS_LEVEL;
        bytes[17] = 200;
        bytes.push(1);
        assert_eq!(
            MediaFrame::read(&bytes.into()),
            Err(RoomFrameError::Field("level"))
        );
        let long = vec![0; MEDIA_PAYLOAD_BYTES_MAX + 18];
        let mut bytes = vec![1, 0];
        bytes.extend(long);
        assert_eq!(
            MediaFrame::read(&bytes.into()),
            Err(RoomFrameError::TooLong("payload"))
        );
    }
}
