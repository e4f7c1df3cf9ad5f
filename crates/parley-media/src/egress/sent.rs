//! What was sent when, and what the browser says became of it.

use std::collections::VecDeque;

use parley_srtp::{
    packet::extend,
    transport::{STEP_US, TransportReport},
};

/// Packets remembered: six seconds at 3 Mbit/s. More costs memory for reports that come too late to
/// be of use; less forgets packets before a slow browser reports them.
const PACKETS_MAX: usize = 2_048;
/// A browser's clock that has gone further than this in one call is no clock, and would leave the
/// numbers that are reckoned with.
const STEPS_MAX: i64 = 1 << 50;

/// A packet that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) sent_us: i64,
    /// When it arrived, by the browser's clock.
    pub(crate) at_us: i64,
    pub(crate) bytes: u16,
    /// The probe it belongs to, 0 for none.
    pub(crate) probe: u8,
}

/// What one report said, beside arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) arrived: u32,
    pub(crate) missing: u32,
    /// When the newest packet that arrived was sent.
    pub(crate) newest_sent_us: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    at_us: i64,
    bytes: u16,
    probe: u8,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Missing,
    Arrived,
}

/// The transport-wide numbers of one connection, from 0.
#[derive(Debug, Default)]
pub(crate) struct SentLog {
    first: u64,
    packets: VecDeque<Sent>,
    /// The browser's clock, which is told modulo 2^32 steps, and the same extended.
    clock: Option<(u32, i64)>,
}

impl SentLog {
    /// The number of the next packet.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.packets.len() as u64
    }

    /// Notes that the next packet leaves.
    pub(crate) fn push(&mut self, at_us: i64, bytes: usize, probe: u8) {
        self.packets.push_back(Sent {
            at_us,
            bytes: u16::try_from(bytes).unwrap_or(u16::MAX),
            probe,
            fate: Fate::Unknown,
        });
        if self.packets.len() > PACKETS_MAX {
            self.packets.pop_front();
            self.first += 1;
        }
    }

    /// Takes a report; `arrive` gets each packet that is said to have arrived for the first time.
    pub(crate) fn take(
        &mut self,
        report: &TransportReport<'_>,
        mut arrive: impl FnMut(Arrived),
    ) -> Told {
        let mut told = Told::default();
        let base = extend(self.next(), report.base);
        let Self {
            first,
            packets,
            clock,
        } = self;
        report.arrivals(|place, step| {
            let at = step.map(|step| extend_step(clock, step));
            let Some(sent) = (base + u64::from(place))
                .checked_sub(*first)
                .and_then(|at| packets.get_mut(usize::try_from(at).ok()?))
            else {
                return;
            };
            match (at, sent.fate) {
                (Some(at_us), Fate::Unknown | Fate::Missing) => {
                    sent.fate = Fate::Arrived;
                    told.arrived += 1;
                    told.newest_sent_us = told.newest_sent_us.max(Some(sent.at_us));
                    arrive(Arrived {
                        sent_us: sent.at_us,
                        at_us,
                        bytes: sent.bytes,
                        probe: sent.probe,
                    });
                }
                (None, Fate::Unknown) => {
                    sent.fate = Fate::Missing;
                    told.missing += 1;
                }
                (Some(_) | None, Fate::Arrived) | (None, Fate::Missing) => {}
            }
        });
        while packets
            .front()
            .is_some_and(|sent| sent.fate == Fate::Arrived)
        {
            packets.pop_front();
            *first += 1;
        }
        told
    }
}

fn extend_step(clock: &mut Option<(u32, i64)>, step: i64) -> i64 {
    let low = u32::try_from(step & i64::from(u32::MAX)).unwrap_or(0);
    let (known, extended) = clock.get_or_insert((low, i64::from(low)));
    let step = i64::from(low.wrapping_sub(*known).cast_signed());
    *extended = (*extended + step).clamp(-STEPS_MAX, STEPS_MAX);
    *known = low;
    *extended * STEP_US
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of `count` packets from `base`, the receiver's clock at `reference` (64 ms).
    fn report(base: u16, reference: u32, body: &[u8], count: u16) -> Vec<u8> {
        let mut bytes = vec![0; 8];
        bytes.extend(base.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        bytes.extend(&reference.to_be_bytes()[1..]);
        bytes.push(0);
        bytes.extend(body);
        bytes
    }

    fn take(log: &mut SentLog, bytes: &[u8]) -> (Told, Vec<Arrived>) {
        let mut arrived = Vec::new();
        let report = TransportReport::read(bytes).expect("a report");
        let told = log.take(&report, |packet| arrived.push(packet));
        (told, arrived)
    }

    #[test]
    fn what_arrived_is_matched_with_what_was_sent() {
        let mut log = SentLog::default();
        for at in 0..4 {
            log.push(at * 1_000, 100, 0);
        }
        // One bit each: arrived, missing, arrived.
        let (told, arrived) = take(&mut log, &report(0, 10, &[0xA8 | 0x80, 0, 4, 8], 3));
        assert_eq!((told.arrived, told.missing), (2, 1));
        assert_eq!(told.newest_sent_us, Some(2_000));
        assert_eq!(arrived[1].at_us - arrived[0].at_us, 2_000);
        // Told again, the missing one arrived after all; the others do not count twice.
        let (told, _) = take(&mut log, &report(0, 10, &[0x20, 3, 4, 8, 8], 3));
        assert_eq!((told.arrived, told.missing), (1, 0));
        assert_eq!(log.next(), 4);
    }

    #[test]
    fn the_browser_s_clock_may_wrap() {
        let mut log = SentLog::default();
        log.push(0, 1, 0);
        log.push(0, 1, 0);
        let (_, first) = take(&mut log, &report(0, 0xFF_FFFF, &[0x20, 1, 0], 1));
        let (_, second) = take(&mut log, &report(1, 0, &[0x20, 1, 0], 1));
        assert_eq!(second[0].at_us - first[0].at_us, 64_000);
    }

    #[test]
    fn packets_never_sent_cannot_arrive() {
        let mut log = SentLog::default();
        log.push(0, 1, 0);
        let (told, arrived) = take(&mut log, &report(9, 0, &[0x20, 5, 0, 0, 0, 0, 0], 5));
        assert_eq!((told, arrived), (Told::default(), vec![]));
    }

    #[test]
    fn numbers_go_on_over_sixteen_bits_and_memory_is_bounded() {
        let mut log = SentLog::default();
        for at in 0..70_000 {
            log.push(at, 1, 0);
        }
        assert_eq!(log.packets.len(), PACKETS_MAX);
        let base = u16::try_from(69_999_u32 % 0x1_0000).expect("a remainder");
        let (told, arrived) = take(&mut log, &report(base, 0, &[0x20, 1, 0], 1));
        assert_eq!((told.arrived, arrived[0].sent_us), (1, 69_999));
    }
}
