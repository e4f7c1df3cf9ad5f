//! The RTCP that a browser sends, written and read byte by byte (RFC 3550, RFC 4585).

use parley_srtp::{
    packet::Extended,
    rtcp::{Report, SenderReport, ntp_of_unix_ns, read},
};

const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
/// Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
const FORMAT_TRANSPORT_CC: u8 = 15;
/// Most blocks in one receiver report: the count has five bits.
const BLOCKS_MAX: usize = 31;
/// Arrival times count in steps of 250 µs, the reference time in 64 ms.
const STEP_NS: u64 = 250_000;
const REFERENCE_NS: u64 = 64_000_000;

/// What a receiver reports about one stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) ssrc: u32,
    /// Share of packets lost since the last report, in 1/256.
    pub(super) lost_share: u8,
    pub(super) lost: u32,
    pub(super) highest: u32,
}

/// Writes a receiver report (RFC 3550 §6.4.2).
pub(super) fn receiver_report(ssrc: u32, blocks: &[Block]) -> Vec<u8> {
    let blocks = &blocks[..blocks.len().min(BLOCKS_MAX)];
    let count = u8::try_from(blocks.len()).unwrap_or(0);
    let mut packet = vec![0x80 | count, RECEIVER_REPORT, 0, 0];
    packet.extend_from_slice(&ssrc.to_be_bytes());
    for block in blocks {
        packet.extend_from_slice(&block.ssrc.to_be_bytes());
        let lost = (u32::from(block.lost_share) << 24) | block.lost.min(0x7F_FFFF);
        packet.extend_from_slice(&lost.to_be_bytes());
        packet.extend_from_slice(&block.highest.to_be_bytes());
        // Jitter, last sender report and delay since: unknown is a legal value of each.
        packet.extend_from_slice(&[0; 12]);
    }
    with_length(packet)
}

/// Writes a sender report without blocks (RFC 3550 §6.4.1) at a Unix time in nanoseconds.
pub(super) fn sender_report(
    ssrc: u32,
    unix_ns: u64,
    timestamp: u32,
    packets: u32,
    octets: u32,
) -> Vec<u8> {
    let report = SenderReport {
        ssrc,
        ntp: ntp_of_unix_ns(unix_ns),
        timestamp,
        packets,
        octets,
    };
    let mut packet = Vec::new();
    report.write(&mut packet);
    packet
}

/// Whether a compound packet asks for a key frame, by PLI or FIR.
pub(super) fn asks_for_key_frame(compound: &[u8]) -> bool {
    let mut asks = false;
    read(compound, |report| {
        asks |= matches!(report, Report::PictureLost { .. });
    });
    asks
}

/// Arrivals of packets with transport-wide numbers, until they are reported.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    arrived: Vec<(u64, u64)>,
    numbers: Extended,
    next: Option<u64>,
    reports: u8,
}

impl Arrivals {
    pub(super) fn arrive(&mut self, number: u16, at_ns: u64) {
        self.arrived.push((self.numbers.extend(number), at_ns));
    }

    /// Writes the report of all that arrived since the last, or nothing.
    pub(super) fn report(&mut self, ssrc: u32, media: u32) -> Option<Vec<u8>> {
        self.arrived.sort_unstable();
        self.arrived.dedup_by_key(|(number, _)| *number);
        let (first, first_at) = *self.arrived.first()?;
        let (last, _) = *self.arrived.last()?;
        // Numbers missing since the last report are reported as lost, unless it was long ago.
        let base = self
            .next
            .filter(|next| *next < first && first - next < 1_000)
            .unwrap_or(first);
        let count = u16::try_from(last - base + 1).ok()?;
        self.next = Some(last + 1);
        let reference = first_at / REFERENCE_NS;
        let (symbols, deltas) = self.symbols(base, reference * REFERENCE_NS);
        self.arrived.clear();
        let mut packet = vec![0x80 | FORMAT_TRANSPORT_CC, TRANSPORT_FEEDBACK, 0, 0];
        packet.extend_from_slice(&ssrc.to_be_bytes());
        packet.extend_from_slice(&media.to_be_bytes());
        packet.extend_from_slice(&base.to_be_bytes()[6..]);
        packet.extend_from_slice(&count.to_be_bytes());
        packet.extend_from_slice(&reference.to_be_bytes()[5..]);
        packet.push(self.reports);
        self.reports = self.reports.wrapping_add(1);
        for seven in symbols.chunks(7) {
            packet.extend_from_slice(&status_chunk(seven).to_be_bytes());
        }
        packet.extend_from_slice(&deltas);
        packet.resize(packet.len().next_multiple_of(4), 0);
        Some(with_length(packet))
    }

    /// One symbol per number from `base` (0 missing, 1 short step, 2 long step) and the steps.
    fn symbols(&self, base: u64, reference_ns: u64) -> (Vec<u8>, Vec<u8>) {
        let (mut symbols, mut deltas) = (Vec::new(), Vec::new());
        let mut expected = base;
        let mut steps_so_far: i64 = 0;
        for (number, at_ns) in &self.arrived {
            let missing = usize::try_from(number - expected).unwrap_or(0);
            symbols.resize(symbols.len() + missing, 0);
            expected = number + 1;
            let since = at_ns.saturating_sub(reference_ns) / STEP_NS;
            let step = i64::try_from(since).unwrap_or(0) - steps_so_far;
            if let Ok(short) = u8::try_from(step) {
                symbols.push(1);
                deltas.push(short);
                steps_so_far += step;
            } else {
                let long = i16::try_from(step.clamp(-0x8000, 0x7FFF)).unwrap_or(0);
                symbols.push(2);
                deltas.extend_from_slice(&long.to_be_bytes());
                steps_so_far += i64::from(long);
            }
        }
        (symbols, deltas)
    }
}

/// A chunk of seven two-bit symbols (§3.1.4 of the draft).
fn status_chunk(symbols: &[u8]) -> u16 {
    symbols
        .iter()
        .enumerate()
        .fold(0xC000, |chunk, (at, symbol)| {
            chunk | (u16::from(*symbol) << (12 - 2 * at))
        })
}

/// Fills in the length in words, less one.
fn with_length(mut packet: Vec<u8>) -> Vec<u8> {
    let words = u16::try_from(packet.len() / 4 - 1).unwrap_or(u16::MAX);
    packet[2..4].copy_from_slice(&words.to_be_bytes());
    packet
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;
    use str0m::rtp::rtcp::Twcc;

    use super::*;

    #[test]
    fn requests_for_a_key_frame_are_found_inside_a_compound() {
        let report = receiver_report(1, &[]);
        assert!(!asks_for_key_frame(&report));
        let compound = [report, picture_loss(1, 2)].concat();
        assert!(asks_for_key_frame(&compound));
    }

    #[test]
    fn reports_have_the_length_they_state() {
        let block = Block {
            ssrc: 5,
            lost_share: 3,
            lost: 9,
            highest: 77,
        };
        for packet in [
            receiver_report(1, &[block; 40]),
            sender_report(1, 1_700_000_000_500_000_000, 9, 10, 11),
        ] {
            let words = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
            assert_eq!(packet.len(), 4 * (words + 1));
        }
    }

    #[test]
    fn nothing_arrived_is_no_report() {
        assert_eq!(Arrivals::default().report(1, 2), None);
    }

    const PAYLOAD_FEEDBACK: u8 = 206;
    const FORMAT_PICTURE_LOSS: u8 = 1;

    /// A picture loss indication (RFC 4585 §6.3.1).
    fn picture_loss(ssrc: u32, media: u32) -> Vec<u8> {
        let mut packet = vec![0x80 | FORMAT_PICTURE_LOSS, PAYLOAD_FEEDBACK, 0, 0];
        packet.extend_from_slice(&ssrc.to_be_bytes());
        packet.extend_from_slice(&media.to_be_bytes());
        with_length(packet)
    }

    proptest! {
        #[test]
        fn arrivals_are_reported_one_symbol_each(
            steps in proptest::collection::vec((1..5_u16, 0..200_000_000_u64), 1..300),
        ) {
            let mut arrivals = Arrivals::default();
            let (mut number, mut at_ns) = (65_000_u16, 1_700_000_000_000_000_000);
            for (skip, wait_ns) in &steps {
                number = number.wrapping_add(*skip);
                at_ns += wait_ns;
                arrivals.arrive(number, at_ns);
            }
            let packet = arrivals.report(1, 2).expect("packets arrived");
            let twcc = Twcc::try_from(&packet[4..]).expect("a report that the relay can read");
            let skips: usize = steps.iter().skip(1).map(|(skip, _)| usize::from(*skip)).sum();
            prop_assert_eq!(usize::from(twcc.status_count), skips + 1);
            let (zero, first) = (Instant::now(), u64::from(twcc.base_seq).into());
            let reported: Vec<Instant> =
                twcc.into_iter(zero, first).filter_map(|(_, _, at)| at).collect();
            prop_assert_eq!(reported.len(), steps.len());
            let span_ns: u64 = steps.iter().skip(1).map(|(_, wait_ns)| wait_ns).sum();
            let reported_ns = (reported[steps.len() - 1] - reported[0]).as_nanos();
            prop_assert!(reported_ns.abs_diff(span_ns.into()) <= u128::from(2 * STEP_NS));
        }
    }
}
