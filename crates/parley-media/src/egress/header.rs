//! The RTP header of what leaves for a browser (RFC 3550 §5.1, RFC 8285 §4.2).

use str0m::{
    media::Mid,
    rtp::{Extension, ExtensionMap},
};

use crate::cache::Extensions;

/// Fixed part, the extensions' own header, name of 16 bytes, and the other extensions.
pub(crate) const HEADER_BYTES_MAX: usize = 12 + 4 + 17 + 3 + 4 + 2 + 2 + 3;
/// Profile of one-byte header extensions.
const ONE_BYTE: [u8; 2] = [0xBE, 0xDE];
/// The highest id that form can carry; browsers give these extensions low ones.
const ID_MAX: u8 = 14;
const EXTENSIONS_AT: usize = 16;

/// The extensions one media line agreed upon, by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderPlan {
    mid: Option<(u8, Box<[u8]>)>,
    transport: Option<u8>,
    send_time: Option<u8>,
    audio_level: Option<u8>,
    orientation: Option<u8>,
}

/// What differs from packet to packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderFields {
    pub(crate) payload_type: u8,
    pub(crate) is_marked: bool,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    /// The transport-wide number.
    pub(crate) transport: u64,
    pub(crate) now_us: i64,
    pub(crate) extensions: Extensions,
}

/// A written header.
pub(crate) struct HeaderBytes {
    bytes: [u8; HEADER_BYTES_MAX],
    length: usize,
}

impl HeaderPlan {
    pub(crate) fn new(mid: Mid, agreed: &ExtensionMap) -> Self {
        let id = |extension| agreed.id_of(extension).filter(|id| *id <= ID_MAX);
        Self {
            mid: id(Extension::RtpMid).map(|id| (id, mid.as_bytes().into())),
            transport: id(Extension::TransportSequenceNumber),
            send_time: id(Extension::AbsoluteSendTime),
            audio_level: id(Extension::AudioLevel),
            orientation: id(Extension::VideoOrientation),
        }
    }

    /// Whether packets carry a transport-wide number.
    pub(crate) const fn has_transport(&self) -> bool {
        self.transport.is_some()
    }

    pub(crate) fn write(&self, fields: &HeaderFields) -> HeaderBytes {
        let mut header = HeaderBytes {
            bytes: [0; HEADER_BYTES_MAX],
            length: EXTENSIONS_AT,
        };
        let marker = if fields.is_marked { 0x80 } else { 0 };
        header.bytes[0] = 0x90;
        header.bytes[1] = marker | fields.payload_type;
        header.bytes[2..4].copy_from_slice(&fields.sequence.to_be_bytes()[6..]);
        header.bytes[4..8].copy_from_slice(&fields.timestamp.to_be_bytes());
        header.bytes[8..12].copy_from_slice(&fields.ssrc.to_be_bytes());
        header.bytes[12..14].copy_from_slice(&ONE_BYTE);
        if let Some((id, mid)) = &self.mid {
            header.push(*id, mid);
        }
        if let Some(id) = self.transport {
            header.push(id, &fields.transport.to_be_bytes()[6..]);
        }
        if let Some(id) = self.send_time {
            header.push(id, &send_time(fields.now_us));
        }
        if let (Some(id), Some(level)) = (self.audio_level, fields.extensions.audio_level) {
            header.push(id, &[audio_level(level)]);
        }
        if let (Some(id), Some(orientation)) = (self.orientation, fields.extensions.orientation) {
            header.push(id, &[orientation as u8]);
        }
        header.finish();
        header
    }
}

impl HeaderBytes {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// A value has 1 to 16 bytes, and its length less one is written.
    fn push(&mut self, id: u8, value: &[u8]) {
        let value = &value[..value.len().min(16)];
        let Some(length) = value.len().checked_sub(1) else {
            return;
        };
        self.bytes[self.length] = id << 4 | u8::try_from(length).unwrap_or(0);
        self.bytes[self.length + 1..][..value.len()].copy_from_slice(value);
        self.length += 1 + value.len();
    }

    fn finish(&mut self) {
        self.length = self.length.next_multiple_of(4);
        let words = u8::try_from((self.length - EXTENSIONS_AT) / 4).unwrap_or(0);
        self.bytes[15] = words;
    }
}

/// Seconds modulo 64 in 6.18 fixed point (`abs-send-time`).
fn send_time(now_us: i64) -> [u8; 3] {
    const ROUND_US: i64 = 64_000_000;
    let fraction = now_us.rem_euclid(ROUND_US) * (1 << 18) / 1_000_000;
    let [.., high, middle, low] = fraction.to_be_bytes();
    [high, middle, low]
}

/// RFC 6464 §3: voice activity, then loudness in -dBov.
fn audio_level(level: i8) -> u8 {
    let voice = if level > -50 { 0x80 } else { 0 };
    voice | level.unsigned_abs().min(127)
}

#[cfg(test)]
mod tests {
    use parley_srtp::packet::Header;

    use super::*;

    #[test]
    fn a_reader_finds_what_was_written() {
        let mid = Mid::from("camera-of-someon");
        let plan = HeaderPlan::new(mid, &ExtensionMap::standard());
        let fields = HeaderFields {
            payload_type: 96,
            is_marked: true,
            sequence: 0x12_3456,
            timestamp: 77,
            ssrc: 99,
            transport: 0x5_4321,
            now_us: 65_500_000,
            extensions: Extensions {
                audio_level: Some(-30),
                orientation: Some(str0m::rtp::VideoOrientation::Deg90),
            },
        };
        let header = plan.write(&fields);
        let bytes = header.as_slice();
        let read = Header::read(bytes, Some(3)).expect("a header");
        assert_eq!((read.payload_type, read.sequence), (96, 0x3456));
        assert_eq!((read.ssrc, read.bytes), (99, bytes.len()));
        assert_eq!(read.transport, Some(0x4321));
        assert_eq!(bytes.len(), 44);
        let level = bytes.windows(2).any(|pair| pair == [0x10, 0x9E]);
        let time = bytes.windows(4).any(|four| four == [0x22, 6, 0, 0]);
        assert!(level && time, "{bytes:02x?}");
    }

    #[test]
    fn what_was_not_agreed_upon_is_left_out() {
        let plan = HeaderPlan::new(Mid::from("1"), &ExtensionMap::empty());
        let fields = HeaderFields {
            payload_type: 111,
            is_marked: false,
            sequence: 1,
            timestamp: 0,
            ssrc: 1,
            transport: 0,
            now_us: 0,
            extensions: Extensions {
                audio_level: Some(-30),
                orientation: None,
            },
        };
        assert_eq!(plan.write(&fields).as_slice().len(), EXTENSIONS_AT);
        assert!(!plan.has_transport());
    }
}
