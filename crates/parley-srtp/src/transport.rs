//! When packets arrived, as the receiver of all of a connection's streams tells it
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

/// Arrival times count in steps of 250 µs.
pub const STEP_US: i64 = 250;
/// Steps between two reference times, which count in 64 ms.
const REFERENCE_STEPS: i64 = 256;
/// SSRCs of reporter and media, base number, count, reference time and report number.
const FIXED_BYTES: usize = 16;
/// Packets one report may be about: three seconds at 30 Mbit/s. A few bytes can be about 65,535;
/// more would let a hostile page make us count for nothing, less would lose the report after a
/// pause.
const COUNT_MAX: u16 = 8_192;

/// One report of arrivals.
#[derive(Clone, Copy, Debug)]
pub struct TransportReport<'a> {
    /// The number of the first packet it is about.
    pub base: u16,
    /// How many packets it is about.
    pub count: u16,
    /// The receiver's time, in steps, modulo 2^32.
    reference: i64,
    /// Chunks of symbols, then steps.
    body: &'a [u8],
}

/// What a report says of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Missing,
    Short,
    Long,
}

impl<'a> TransportReport<'a> {
    /// Reads the body of the RTCP packet, from the reporter's SSRC on.
    #[must_use]
    pub fn read(body: &'a [u8]) -> Option<Self> {
        let fixed = body.get(..FIXED_BYTES)?;
        let half = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        let reference = u32::from_be_bytes([0, fixed[12], fixed[13], fixed[14]]);
        if half(10) > COUNT_MAX {
            return None;
        }
        Some(Self {
            base: half(8),
            count: half(10),
            reference: i64::from(reference) * REFERENCE_STEPS,
            body: &body[FIXED_BYTES..],
        })
    }

    /// Calls `take` for each packet in turn, with its distance from the base and the step of the
    /// receiver's clock at which it arrived; `None` for one that did not. Steps count modulo 2^32.
    /// A report that breaks off tells what it tells up to there.
    pub fn arrivals(&self, mut take: impl FnMut(u16, Option<i64>)) {
        let Some(mut steps) = self.steps() else {
            return;
        };
        let mut at = self.reference;
        let mut chunks = self.body.chunks_exact(2);
        let mut told = 0;
        while told < self.count {
            let Some(chunk) = chunks.next() else { return };
            let chunk = u16::from_be_bytes([chunk[0], chunk[1]]);
            for place in 0..length(chunk) {
                if told == self.count {
                    return;
                }
                let arrival = match symbol(chunk, place) {
                    None => return,
                    Some(Symbol::Missing) => None,
                    Some(Symbol::Short) => {
                        let Some((step, rest)) = steps.split_first() else {
                            return;
                        };
                        steps = rest;
                        at += i64::from(*step);
                        Some(at)
                    }
                    Some(Symbol::Long) => {
                        let Some((step, rest)) = steps.split_first_chunk::<2>() else {
                            return;
                        };
                        steps = rest;
                        at += i64::from(i16::from_be_bytes(*step));
                        Some(at)
                    }
                };
                take(told, arrival);
                told += 1;
            }
        }
    }

    /// The steps, which begin behind as many chunks as the count needs.
    fn steps(&self) -> Option<&'a [u8]> {
        let mut told = 0_usize;
        let mut bytes = 0;
        while told < usize::from(self.count) {
            let chunk = self.body.get(bytes..bytes + 2)?;
            let length = length(u16::from_be_bytes([chunk[0], chunk[1]]));
            // A chunk about nothing would let a short report go on for long.
            if length == 0 {
                return None;
            }
            told += usize::from(length);
            bytes += 2;
        }
        self.body.get(bytes..)
    }
}

/// How many packets a chunk is about (§3.1.3 and §3.1.4 of the draft).
const fn length(chunk: u16) -> u16 {
    match chunk >> 14 {
        0 | 1 => chunk & 0x1FFF,
        2 => 14,
        _ => 7,
    }
}

fn symbol(chunk: u16, place: u16) -> Option<Symbol> {
    let bits = match chunk >> 14 {
        0 | 1 => chunk >> 13 & 3,
        2 => chunk >> (13 - place) & 1,
        _ => chunk >> (12 - 2 * place) & 3,
    };
    match bits {
        0 => Some(Symbol::Missing),
        1 => Some(Symbol::Short),
        2 => Some(Symbol::Long),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn report(count: u16, body: &[u8]) -> Vec<u8> {
        let mut packet = vec![0, 0, 0, 1, 0, 0, 0, 2, 0, 100];
        packet.extend(count.to_be_bytes());
        packet.extend([0, 0, 2, 7]);
        packet.extend(body);
        packet
    }

    fn arrivals(packet: &[u8]) -> Vec<(u16, Option<i64>)> {
        let mut told = Vec::new();
        if let Some(report) = TransportReport::read(packet) {
            report.arrivals(|place, at| told.push((place, at)));
        }
        told
    }

    #[test]
    fn runs_and_both_kinds_of_vectors_are_read() {
        let packet = report(
            11,
            &[
                0x20, 2, // two short
                0xA0, 0, // fourteen of one bit, the first arrived; too many for the count
                4, 8, 12,
            ],
        );
        let told = arrivals(&packet);
        assert_eq!(told.len(), 11);
        assert_eq!(told[..2], [(0, Some(516)), (1, Some(524))]);
        assert_eq!(told[2], (2, Some(536)));
        assert!(told[3..].iter().all(|(_, at)| at.is_none()));
        let packet = report(3, &[0xD8, 0, 4, 0xFF, 0xFC]);
        assert_eq!(
            arrivals(&packet),
            [(0, Some(516)), (1, Some(512)), (2, None)]
        );
    }

    #[test]
    fn a_report_that_breaks_off_tells_what_it_has() {
        assert_eq!(arrivals(&report(3, &[0x20, 3, 4])), [(0, Some(516))]);
        assert_eq!(arrivals(&report(3, &[0x20, 2, 4])), []);
        assert_eq!(arrivals(&report(3, &[0, 0, 0, 0])), []);
        assert_eq!(arrivals(&report(1, &[0xF0, 0])), []);
        assert_eq!(arrivals(&report(u16::MAX, &[0x3F, 0xFF, 1, 1])), []);
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_survived(
            body in proptest::collection::vec(any::<u8>(), 0..100), count: u16,
        ) {
            prop_assert!(arrivals(&report(count, &body)).len() <= usize::from(count));
        }
    }
}
