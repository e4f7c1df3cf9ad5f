//! RTCP as the sender of media needs it: what receivers report, read; sender reports, written
//! (RFC 3550, RFC 4585, RFC 5104).

use crate::transport::TransportReport;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
const FORMAT_LOST: u8 = 1;
const FORMAT_TRANSPORT_CC: u8 = 15;
const FORMAT_PICTURE_LOSS: u8 = 1;
const FORMAT_FULL_INTRA: u8 = 4;
const HEADER_BYTES: usize = 4;
const BLOCK_BYTES: usize = 24;
const SENDER_INFO_BYTES: usize = 20;
const CANONICAL_NAME: u8 = 1;

/// One thing a receiver says.
#[derive(Clone, Copy, Debug)]
pub enum Report<'a> {
    /// How much of a stream arrived (RFC 3550 §6.4.2).
    Block(ReportBlock),
    /// A packet is missing, and those after it whose bits are set, lowest first (RFC 4585 §6.2.1).
    Lost {
        /// The stream.
        ssrc: u32,
        /// The missing packet.
        first: u16,
        /// Which of the sixteen after it are missing, too.
        mask: u16,
    },
    /// The picture cannot be decoded: a key frame is needed (RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    PictureLost {
        /// The stream.
        ssrc: u32,
    },
    /// When packets of any stream arrived.
    Transport(TransportReport<'a>),
    /// What the receiver says as a sender, or what is not known here.
    Other,
}

/// What a receiver reports about one stream (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream.
    pub ssrc: u32,
    /// Share of packets lost since the last report, in 1/256.
    pub lost_share: u8,
    /// Highest sequence number received, with the roll-overs above 16 bits.
    pub highest: u32,
    /// Middle 32 bits of the NTP time of the last sender report received; 0 for none.
    pub last_report: u32,
    /// Time between receiving that and sending this, in 1/65,536 s.
    pub delay: u32,
}

/// Reads a compound packet, as far as it is well formed.
pub fn read(mut compound: &[u8], mut take: impl FnMut(Report<'_>)) {
    while let Some((packet, rest)) = split(compound) {
        read_packet(packet, &mut take);
        compound = rest;
    }
}

/// Cuts the first packet off; padding behind its body is left in.
fn split(compound: &[u8]) -> Option<(&[u8], &[u8])> {
    let [first, _, high, low, ..] = compound else {
        return None;
    };
    if first >> 6 != 2 {
        return None;
    }
    let words = usize::from(u16::from_be_bytes([*high, *low]));
    compound.split_at_checked(4 * (words + 1))
}

fn read_packet(packet: &[u8], take: &mut impl FnMut(Report<'_>)) {
    let (count, kind) = (packet[0] & 0x1F, packet[1]);
    let body = &packet[HEADER_BYTES..];
    match (kind, count) {
        (SENDER_REPORT, _) => {
            take(Report::Other);
            read_blocks(body.get(4 + SENDER_INFO_BYTES..), count, take);
        }
        (RECEIVER_REPORT, _) => read_blocks(body.get(4..), count, take),
        (TRANSPORT_FEEDBACK, FORMAT_LOST) => read_lost(body, take),
        (TRANSPORT_FEEDBACK, FORMAT_TRANSPORT_CC) => {
            if let Some(report) = TransportReport::read(body) {
                take(Report::Transport(report));
            }
        }
        (PAYLOAD_FEEDBACK, FORMAT_PICTURE_LOSS) => {
            if let Some(ssrc) = word(body, 4) {
                take(Report::PictureLost { ssrc });
            }
        }
        (PAYLOAD_FEEDBACK, FORMAT_FULL_INTRA) => {
            for entry in body.get(8..).unwrap_or_default().chunks_exact(8) {
                let ssrc = word(entry, 0).unwrap_or(0);
                take(Report::PictureLost { ssrc });
            }
        }
        _ => take(Report::Other),
    }
}

fn read_blocks(blocks: Option<&[u8]>, count: u8, take: &mut impl FnMut(Report<'_>)) {
    let blocks = blocks.unwrap_or_default().chunks_exact(BLOCK_BYTES);
    for block in blocks.take(count.into()) {
        let word = |at| word(block, at).unwrap_or(0);
        take(Report::Block(ReportBlock {
            ssrc: word(0),
            lost_share: block[4],
            highest: word(8),
            last_report: word(16),
            delay: word(20),
        }));
    }
}

fn read_lost(body: &[u8], take: &mut impl FnMut(Report<'_>)) {
    let Some(ssrc) = word(body, 4) else { return };
    for entry in body.get(8..).unwrap_or_default().chunks_exact(4) {
        take(Report::Lost {
            ssrc,
            first: u16::from_be_bytes([entry[0], entry[1]]),
            mask: u16::from_be_bytes([entry[2], entry[3]]),
        });
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_be_bytes)
}

/// What the sender of a stream reports (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug)]
pub struct SenderReport {
    /// The stream.
    pub ssrc: u32,
    /// NTP time: seconds since 1900 in the upper half, their fraction in the lower.
    pub ntp: u64,
    /// The RTP timestamp of that moment.
    pub timestamp: u32,
    /// Packets sent so far.
    pub packets: u32,
    /// Payload bytes sent so far.
    pub octets: u32,
}

impl SenderReport {
    /// Appends the report, without blocks.
    pub fn write(&self, packet: &mut Vec<u8>) {
        packet.extend_from_slice(&[0x80, SENDER_REPORT, 0, 6]);
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(&self.ntp.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.packets.to_be_bytes());
        packet.extend_from_slice(&self.octets.to_be_bytes());
    }
}

/// Appends the one name that all streams of a sender share (RFC 3550 §6.5.1).
pub fn write_description(packet: &mut Vec<u8>, ssrc: u32, name: &str) {
    let start = packet.len();
    let name = &name.as_bytes()[..name.len().min(255)];
    packet.extend_from_slice(&[0x81, SOURCE_DESCRIPTION, 0, 0]);
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.push(CANONICAL_NAME);
    packet.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    packet.extend_from_slice(name);
    // At least one zero ends the items.
    packet.push(0);
    let bytes = (packet.len() - start).next_multiple_of(4);
    packet.resize(start + bytes, 0);
    let words = u16::try_from(bytes / 4 - 1).unwrap_or(0);
    packet[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// NTP time of a Unix time in nanoseconds (RFC 3550 §4): seconds since 1900 and 2^-32 seconds.
#[must_use]
pub const fn ntp_of_unix_ns(unix_ns: u64) -> u64 {
    let seconds = unix_ns / 1_000_000_000 + 2_208_988_800;
    let fraction = ((unix_ns % 1_000_000_000) << 32) / 1_000_000_000;
    (seconds << 32) | fraction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_report_of_a_compound_is_found() {
        let mut compound = vec![0x81, RECEIVER_REPORT, 0, 7, 0, 0, 0, 1];
        compound.extend([0, 0, 0, 9, 64, 0, 0, 3, 0, 1, 0, 77, 0, 0, 0, 0]);
        compound.extend([1, 2, 3, 4, 0, 1, 0, 0]);
        compound.extend([0x81, TRANSPORT_FEEDBACK, 0, 3, 0, 0, 0, 1, 0, 0, 0, 9]);
        compound.extend([0, 50, 0, 5]);
        compound.extend([0x81, PAYLOAD_FEEDBACK, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]);
        compound.extend([0x84, PAYLOAD_FEEDBACK, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]);
        compound.extend([0, 0, 0, 8, 1, 0, 0, 0]);
        let (mut blocks, mut lost, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
        read(&compound, |report| match report {
            Report::Block(block) => blocks.push(block),
            Report::Lost { ssrc, first, mask } => lost.push((ssrc, first, mask)),
            Report::PictureLost { ssrc } => pictures.push(ssrc),
            Report::Transport(_) | Report::Other => panic!("{report:?}"),
        });
        let block = ReportBlock {
            ssrc: 9,
            lost_share: 64,
            highest: 0x1_004D,
            last_report: 0x0102_0304,
            delay: 0x1_0000,
        };
        assert_eq!(blocks, [block]);
        assert_eq!(lost, [(9, 50, 5)]);
        assert_eq!(pictures, [9, 8]);
    }

    #[test]
    fn a_sender_report_is_for_the_engine_and_its_blocks_are_for_us() {
        let mut compound = Vec::new();
        let report = SenderReport {
            ssrc: 1,
            ntp: ntp_of_unix_ns(1_500_000_000),
            timestamp: 5,
            packets: 6,
            octets: 7,
        };
        report.write(&mut compound);
        assert_eq!(compound.len(), 28);
        compound[0] |= 1;
        compound[3] += 6;
        compound.extend([0; BLOCK_BYTES]);
        write_description(&mut compound, 1, "name");
        let mut found = Vec::new();
        read(&compound, |report| {
            found.push(matches!(report, Report::Block(_)));
        });
        assert_eq!(found, [false, true, false]);
    }

    #[test]
    fn ntp_time_counts_from_1900() {
        assert_eq!(ntp_of_unix_ns(500_000_000), 2_208_988_800 << 32 | 1 << 31);
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_survived(
            compound in proptest::collection::vec(any::<u8>(), 0..200),
            kind in 200..208_u8, format in 0..32_u8,
        ) {
            read(&compound, |_| {});
            let words = compound.len() / 4;
            let mut headed = vec![0x80 | format, kind, 0, u8::try_from(words).expect("short")];
            headed.extend(&compound[..4 * words]);
            read(&headed, |report| {
                if let Report::Transport(report) = report {
                    report.arrivals(|_, _| {});
                }
            });
        }
    }
}
