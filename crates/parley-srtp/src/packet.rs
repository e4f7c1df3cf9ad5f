//! RTP headers, which SRTP leaves in the clear (RFC 3550 §5.1, RFC 8285).

const FIXED_BYTES: usize = 12;
/// Profile of one-byte header extensions (RFC 8285 §4.2).
const ONE_BYTE: [u8; 2] = [0xBE, 0xDE];
/// Profile of two-byte header extensions (RFC 8285 §4.3), without its application bits.
const TWO_BYTE: u16 = 0x1000;

/// What a datagram is, by its first byte (RFC 7983) and, inside RTP's range, the second (RFC 5761).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A protected RTP packet.
    Rtp,
    /// A protected RTCP packet.
    Rtcp,
    /// STUN, DTLS and what nobody knows.
    Other,
}

impl Kind {
    /// Tells by the first two bytes.
    #[must_use]
    pub fn of(datagram: &[u8]) -> Self {
        match datagram {
            [128..=191, 192..=223, ..] => Self::Rtcp,
            [128..=191, _, ..] => Self::Rtp,
            _ => Self::Other,
        }
    }
}

/// The header of a received packet.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Payload type.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Whose stream it is.
    pub ssrc: u32,
    /// Bytes in front of the payload.
    pub bytes: usize,
    /// The transport-wide number, if the extension was asked for and is there.
    pub transport: Option<u16>,
}

impl Header {
    /// Reads a header; `transport_id` is the negotiated id of the transport-wide number.
    #[must_use]
    pub fn read(packet: &[u8], transport_id: Option<u8>) -> Option<Self> {
        let fixed = packet.get(..FIXED_BYTES)?;
        let mut bytes = FIXED_BYTES + 4 * usize::from(fixed[0] & 0x0F);
        let mut transport = None;
        if fixed[0] & 0x10 != 0 {
            let length = packet.get(bytes + 2..bytes + 4)?;
            let words = u16::from_be_bytes([length[0], length[1]]);
            let profile = packet.get(bytes..bytes + 2)?;
            let extensions = packet.get(bytes + 4..bytes + 4 + 4 * usize::from(words))?;
            if let Some(id) = transport_id {
                let form = if profile == ONE_BYTE {
                    Some(Form::OneByte)
                } else {
                    two_byte(profile)
                };
                transport = form.and_then(|form| find(extensions, id, form));
            }
            bytes += 4 + 4 * usize::from(words);
        }
        Some(Self {
            payload_type: fixed[1] & 0x7F,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            bytes,
            transport,
        })
    }
}

#[derive(Clone, Copy)]
enum Form {
    OneByte,
    TwoByte,
}

fn two_byte(profile: &[u8]) -> Option<Form> {
    let profile = u16::from_be_bytes(profile.try_into().ok()?);
    (profile & 0xFFF0 == TWO_BYTE).then_some(Form::TwoByte)
}

fn find(mut extensions: &[u8], wanted: u8, form: Form) -> Option<u16> {
    while let [first, rest @ ..] = extensions {
        if *first == 0 {
            extensions = rest;
            continue;
        }
        let (id, length, rest) = match form {
            Form::OneByte => (first >> 4, usize::from(first & 0x0F) + 1, rest),
            Form::TwoByte => (*first, usize::from(*rest.first()?), &rest[1..]),
        };
        let value = rest.get(..length)?;
        if id == wanted {
            return Some(u16::from_be_bytes(value.try_into().ok()?));
        }
        extensions = &rest[length..];
    }
    None
}

/// What stays the same in the headers of one sent stream.
#[derive(Clone, Debug)]
pub struct HeaderTemplate {
    /// Payload type.
    pub payload_type: u8,
    /// Whose stream it is.
    pub ssrc: u32,
    /// Extension id and value of the medium's name (RFC 9143), if negotiated.
    pub mid: Option<(u8, String)>,
    /// Extension id of the transport-wide number, if negotiated.
    pub transport_id: Option<u8>,
}

impl HeaderTemplate {
    /// Starts a packet: the header, behind which the payload goes.
    #[must_use]
    pub fn start(&self, sequence: u16, timestamp: u32, is_last: bool, transport: u16) -> Vec<u8> {
        let marker = if is_last { 0x80 } else { 0 };
        let mut packet = vec![0x90, marker | self.payload_type];
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(&ONE_BYTE);
        packet.extend_from_slice(&[0, 0]);
        if let Some((id, mid)) = &self.mid {
            let length = u8::try_from(mid.len().saturating_sub(1) & 0x0F).unwrap_or(0);
            packet.push(id << 4 | length);
            packet.extend_from_slice(&mid.as_bytes()[..=usize::from(length)]);
        }
        if let Some(id) = self.transport_id {
            packet.push(id << 4 | 1);
            packet.extend_from_slice(&transport.to_be_bytes());
        }
        packet.resize(packet.len().next_multiple_of(4), 0);
        let words = u16::try_from((packet.len() - FIXED_BYTES) / 4 - 1).unwrap_or(0);
        packet[FIXED_BYTES + 2..FIXED_BYTES + 4].copy_from_slice(&words.to_be_bytes());
        packet
    }
}

/// Returns the number nearest to `highest` whose low 16 bits are `sequence` (RFC 3711 §3.3.1).
#[must_use]
pub fn extend(highest: u64, sequence: u16) -> u64 {
    let round = highest & !0xFFFF;
    let candidate = round | u64::from(sequence);
    if candidate + 0x8000 < highest {
        candidate + 0x1_0000
    } else if candidate > highest + 0x8000 && round > 0 {
        candidate - 0x1_0000
    } else {
        candidate
    }
}

/// A 16-bit number that keeps its roll-overs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extended {
    highest: Option<u64>,
}

impl Extended {
    /// Returns the number extended; the first is taken as it is.
    pub fn extend(&mut self, number: u16) -> u64 {
        let extended = self
            .highest
            .map_or(u64::from(number), |highest| extend(highest, number));
        self.highest = Some(
            self.highest
                .map_or(extended, |highest| highest.max(extended)),
        );
        extended
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let template = HeaderTemplate {
            payload_type: 96,
            ssrc: 0xABCD_0001,
            mid: Some((4, "abc".to_owned())),
            transport_id: Some(3),
        };
        let mut packet = template.start(65_535, 7, true, 513);
        let bytes = packet.len();
        packet.extend_from_slice(&[1, 2, 3]);
        let header = Header::read(&packet, Some(3)).expect("a header");
        assert_eq!((header.payload_type, header.sequence), (96, 65_535));
        assert_eq!((header.ssrc, header.bytes), (0xABCD_0001, bytes));
        assert_eq!(header.transport, Some(513));
        assert_eq!(
            Header::read(&packet, Some(5)).and_then(|header| header.transport),
            None
        );
    }

    #[test]
    fn datagrams_are_told_apart_by_their_first_bytes() {
        assert_eq!(Kind::of(&[0x90, 0xE0]), Kind::Rtp);
        assert_eq!(Kind::of(&[0x80, 200]), Kind::Rtcp);
        assert_eq!(Kind::of(&[22, 254, 253]), Kind::Other);
        assert_eq!(Kind::of(&[0, 1]), Kind::Other);
        assert_eq!(Kind::of(&[]), Kind::Other);
    }

    #[test]
    fn numbers_keep_their_roll_overs() {
        let mut numbers = Extended::default();
        let extended = [65_534, 65_535, 0, 65_535, 1].map(|number| numbers.extend(number));
        assert_eq!(extended, [65_534, 65_535, 65_536, 65_535, 65_537]);
    }

    proptest! {
        #[test]
        fn extending_finds_the_nearest(highest in 0x2_0000..u64::from(u32::MAX), step in -30_000..30_000_i64) {
            let near = highest.saturating_add_signed(step);
            prop_assert_eq!(extend(highest, (near & 0xFFFF) as u16), near);
        }

        #[test]
        fn no_foreign_packet_breaks_the_reader(
            packet in proptest::collection::vec(any::<u8>(), 0..60), id: u8,
        ) {
            let _ = Header::read(&packet, Some(id));
        }
    }
}
