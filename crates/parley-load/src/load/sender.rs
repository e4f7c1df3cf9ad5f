//! The one video stream that a load publisher sends: full packets at an even pace.

use parley_srtp::{packet::HeaderTemplate, srtp::Srtp};

use super::{rtcp, tally::SendLog};
use crate::{
    stamp::Stamp,
    vp8::{FramePart, Vp8Payloads},
};

/// RTP time of one frame at 30 frames a second (RFC 7741 §6.1).
const FRAME_TICKS: u64 = 3_000;
const FRAMES_PER_SECOND: u64 = 30;
/// A key frame comes at least every 10 s, as browsers do without being asked.
const KEY_FRAME_EVERY: u64 = 300;
/// Different payloads to choose from; making noise for each packet costs more than sealing it.
const PAYLOADS: u64 = 16;

/// Makes the packets of one publisher.
#[derive(Debug)]
pub(super) struct Sender {
    header: HeaderTemplate,
    publisher: u64,
    payloads: Vp8Payloads,
    payload_bytes: usize,
    ready: Vec<Vec<u8>>,
    picture: u64,
    packets_in_frame: u64,
    key_is_wanted: bool,
    is_key: bool,
    transport: u16,
    bytes: u64,
}

impl Sender {
    pub(super) fn new(header: HeaderTemplate, publisher: u64, payload_bytes: usize) -> Self {
        let mut payloads = Vp8Payloads::new(1280, 720, publisher);
        let part = FramePart {
            picture: 0,
            is_key: false,
            is_first: false,
        };
        let stamp = Stamp {
            publisher,
            index: 0,
            sent_at_us: 0,
        };
        let ready = (0..PAYLOADS)
            .map(|_| payloads.payload(part, payload_bytes, stamp))
            .collect();
        Self {
            header,
            publisher,
            payloads,
            payload_bytes,
            ready,
            picture: 0,
            packets_in_frame: 0,
            key_is_wanted: true,
            is_key: false,
            transport: 0,
            bytes: 0,
        }
    }

    pub(super) const fn want_key_frame(&mut self) {
        self.key_is_wanted = true;
    }

    /// Makes the next packet of a stream of `packets_per_second`, sealed and noted as sent at
    /// `unix_ns`.
    pub(super) fn packet(
        &mut self,
        srtp: &mut Srtp,
        log: &mut SendLog,
        packets_per_second: u64,
        unix_ns: u64,
    ) -> Vec<u8> {
        let index = log.next();
        let frame_packets = (packets_per_second / FRAMES_PER_SECOND).max(1);
        let is_first = self.packets_in_frame == 0;
        if is_first {
            self.picture += 1;
            self.is_key = self.key_is_wanted || self.picture % KEY_FRAME_EVERY == 1;
            self.key_is_wanted = false;
        }
        self.packets_in_frame += 1;
        let is_last = self.packets_in_frame >= frame_packets;
        if is_last {
            self.packets_in_frame = 0;
        }
        let sequence = u16::try_from(index & 0xFFFF).unwrap_or(0);
        let mut packet = self
            .header
            .start(sequence, self.timestamp(), is_last, self.transport);
        self.transport = self.transport.wrapping_add(1);
        let header_bytes = packet.len();
        let stamp = Stamp {
            publisher: self.publisher,
            index,
            sent_at_us: unix_ns / 1_000,
        };
        self.append_payload(&mut packet, is_first, stamp);
        srtp.seal_rtp(&mut packet, 0, header_bytes, index);
        self.bytes += self.payload_bytes as u64;
        log.note(unix_ns);
        packet
    }

    /// Writes the report that maps RTP time to the clock.
    pub(super) fn report(&self, log: &SendLog, unix_ns: u64) -> Vec<u8> {
        let low = |count: u64| u32::try_from(count & u64::from(u32::MAX)).unwrap_or(0);
        let (packets, bytes) = (low(log.next()), low(self.bytes));
        rtcp::sender_report(self.header.ssrc, unix_ns, self.timestamp(), packets, bytes)
    }

    fn timestamp(&self) -> u32 {
        let ticks = self.picture * FRAME_TICKS;
        u32::try_from(ticks & u64::from(u32::MAX)).unwrap_or(0)
    }

    fn append_payload(&mut self, packet: &mut Vec<u8>, is_first: bool, stamp: Stamp) {
        if is_first {
            let part = FramePart {
                picture: self.picture,
                is_key: self.is_key,
                is_first,
            };
            packet.extend(self.payloads.payload(part, self.payload_bytes, stamp));
            return;
        }
        let choice = usize::try_from(stamp.index % PAYLOADS).unwrap_or(0);
        let ready = &mut self.ready[choice];
        Vp8Payloads::renumber(ready, self.picture);
        stamp.write(ready);
        packet.extend_from_slice(ready);
    }
}
