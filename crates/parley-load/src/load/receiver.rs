//! What a load watcher does with packets: count them by their clear headers, open one in many, and
//! report to the relay as a browser would.

use parley_srtp::{
    packet::{Extended, Header},
    srtp::Srtp,
};

use super::{
    rtcp::{self, Arrivals, Block},
    tally::{SendLogs, Tally},
};
use crate::{gaps::GapCounter, stamp::Stamp};

/// Every so many packets of a stream one is opened, to know that what is counted is genuine and
/// where the relay's numbering stands. More opens fewer; less costs the generator's core.
const OPEN_EVERY: u64 = 32;

/// A packet that spends longer in a relay is of no use to a call: a queue that grows without end
/// must not pass for one that keeps up. More forgives longer queues.
const OVERDUE_NS: u64 = 200_000_000;

/// The receiving half of one connection.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// Payload types of video as negotiated; any other is a resend.
    pub(super) video: Vec<u8>,
    /// Extension id of the transport-wide number, if negotiated.
    pub(super) transport_id: Option<u8>,
    /// Our own SSRC in reports.
    pub(super) ssrc: u32,
    streams: Vec<Incoming>,
    arrivals: Arrivals,
    plain: Vec<u8>,
}

#[derive(Debug)]
struct Incoming {
    ssrc: u32,
    numbers: Extended,
    gaps: GapCounter,
    reported: (u64, u64),
    /// The publisher, and the relay's number less the publisher's.
    source: Option<(u64, u64)>,
    highest: u64,
}

impl Receiver {
    /// Takes one SRTP packet that the kernel received at `arrived_ns` (Unix time).
    pub(super) fn receive(
        &mut self,
        packet: &[u8],
        arrived_ns: u64,
        srtp: &mut Srtp,
        logs: &SendLogs,
        tally: &mut Tally,
    ) {
        let Some(header) = Header::read(packet, self.transport_id) else {
            return;
        };
        if let Some(number) = header.transport {
            self.arrivals.arrive(number, arrived_ns);
        }
        if !self.video.contains(&header.payload_type) {
            tally.repairs += 1;
            return;
        }
        let plain = &mut self.plain;
        let stream = incoming(&mut self.streams, header.ssrc);
        let number = stream.number(header.sequence, tally);
        if stream.source.is_none() || number.is_multiple_of(OPEN_EVERY) {
            stream.open(packet, &header, number, srtp, plain, tally);
        }
        stream.count(number, packet.len(), arrived_ns, logs, tally);
    }

    /// The publishers whose streams are known to arrive.
    pub(super) fn sources(&self) -> impl Iterator<Item = u64> + '_ {
        self.streams
            .iter()
            .filter_map(|stream| stream.source.map(|(publisher, _)| publisher))
    }

    /// Writes the congestion report, if anything arrived.
    pub(super) fn congestion_report(&mut self) -> Option<Vec<u8>> {
        let media = self.streams.first().map_or(0, |stream| stream.ssrc);
        self.arrivals.report(self.ssrc, media)
    }

    /// Writes the receiver report.
    pub(super) fn receiver_report(&mut self) -> Vec<u8> {
        let blocks: Vec<Block> = self.streams.iter_mut().map(Incoming::block).collect();
        rtcp::receiver_report(self.ssrc, &blocks)
    }
}

fn incoming(streams: &mut Vec<Incoming>, ssrc: u32) -> &mut Incoming {
    let known = streams.iter().position(|stream| stream.ssrc == ssrc);
    let place = known.unwrap_or_else(|| {
        streams.push(Incoming {
            ssrc,
            numbers: Extended::default(),
            gaps: GapCounter::default(),
            reported: (0, 0),
            source: None,
            highest: 0,
        });
        streams.len() - 1
    });
    &mut streams[place]
}

impl Incoming {
    fn number(&mut self, sequence: u16, tally: &mut Tally) -> u64 {
        self.gaps.receive(sequence);
        let number = self.numbers.extend(sequence);
        if number <= self.highest && self.highest > 0 {
            tally.late += 1;
        }
        self.highest = self.highest.max(number);
        number
    }

    fn open(
        &mut self,
        packet: &[u8],
        header: &Header,
        number: u64,
        srtp: &mut Srtp,
        plain: &mut Vec<u8>,
        tally: &mut Tally,
    ) {
        tally.opened += 1;
        if !srtp.open_rtp(packet, header.bytes, number, plain) {
            tally.forged += 1;
            return;
        }
        // The relay may start anywhere, so the difference is kept as it wraps.
        let source =
            Stamp::read(plain).map(|stamp| (stamp.publisher, number.wrapping_sub(stamp.index)));
        if source.is_some() && source != self.source {
            tally.renumbered += u64::from(self.source.is_some());
            self.source = source;
        }
    }

    fn count(
        &self,
        number: u64,
        bytes: usize,
        arrived_ns: u64,
        logs: &SendLogs,
        tally: &mut Tally,
    ) {
        let sent = self.source.and_then(|(publisher, difference)| {
            logs.log(publisher)?.sent(number.wrapping_sub(difference))
        });
        let Some((sent_ns, belongs)) = sent else {
            tally.unexplained += 1;
            return;
        };
        if !belongs {
            return;
        }
        let delay_ns = arrived_ns.saturating_sub(sent_ns);
        tally.delay_ns.add(delay_ns);
        if delay_ns > OVERDUE_NS {
            tally.overdue += 1;
        } else {
            tally.received += 1;
            tally.bytes += bytes as u64;
        }
    }

    fn block(&mut self) -> Block {
        let (expected, received) = (self.gaps.expected(), self.gaps.received());
        let (expected_before, received_before) = self.reported;
        self.reported = (expected, received);
        let expected_since = expected - expected_before;
        let lost_since = expected_since.saturating_sub(received - received_before);
        let share = (lost_since * 256)
            .checked_div(expected_since)
            .unwrap_or(0)
            .min(255);
        let low = |count: u64| u32::try_from(count & u64::from(u32::MAX)).unwrap_or(0);
        Block {
            ssrc: self.ssrc,
            lost_share: u8::try_from(share).unwrap_or(255),
            lost: low(self.gaps.lost()),
            highest: low(self.highest),
        }
    }
}
