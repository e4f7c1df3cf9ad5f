//! What leaves for one browser: numbered, sealed and paced here, not in the engine.
//!
//! The engine finds the way, agrees on keys, and takes what the browser sends. Everything the relay
//! forwards to the browser, and everything the browser reports about it, passes through [`Egress`]:
//!
//! ```text
//!   slot ──▶ send ──▶ pacer ──▶ header, seal ──▶ burst ──▶ socket
//!                      ▲  ▲         │
//!              estimate│  │again    └─ numbers and times ──▶ log
//!                      │  │                                   │
//!   browser's reports ─┴──┴───────────────────────────────────┘
//! ```
//!
//! **Invariant:** the engine and we seal with the same keys, so no SSRC is used by both. The engine
//! has no stream it sends on, so it sends no RTP; of its RTCP, whatever bears one of our SSRCs is
//! not let out ([`Egress::may_leave`]). Our own numbers are given out once: RTP by the window of
//! each stream, resends by a counter, RTCP by the index in [`Srtp`].

mod burst;
mod estimate;
mod header;
mod hear;
mod pacer;
mod packet;
mod probe;
mod resend;
mod sent;
mod stream;
#[cfg(test)]
mod tests;
mod trend;

use std::time::{Duration, Instant};

use parley_srtp::{
    keys::KeySlot,
    packet::Kind,
    rtcp::{ntp_of_unix_ns, write_description},
    srtp::{RTP_OVERHEAD_MAX, Srtp},
};

pub(crate) use burst::{Path, Pool};
pub(crate) use header::HeaderPlan;
pub(crate) use hear::Heard;
pub(crate) use packet::OutPacket;
pub(crate) use stream::StreamPlan;

use burst::Bursts;
use estimate::{Estimate, as_f64, as_u64};
use header::HeaderFields;
use pacer::{Next, Pacer, Waiting};
use probe::Prober;
use sent::SentLog;
use stream::Stream;

use crate::{capture::LocalClock, event::Burst};

/// How often streams report their time to the browser. Less often lets lips run ahead of words at
/// the start of a call; more often costs a packet.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// A stream nothing left on for so long has nothing to report.
const REPORT_FOR: Duration = Duration::from_secs(10);

/// What an egress is made of.
#[derive(Debug)]
pub(crate) struct EgressPlan {
    pub(crate) clock: LocalClock,
    /// Unix time at which the clock began, in microseconds.
    pub(crate) epoch_us: u64,
    pub(crate) keys: KeySlot,
    /// Pictures first, then voices.
    pub(crate) streams: Vec<StreamPlan>,
    /// The payload types of resends, by what they send again.
    pub(crate) resends: Vec<(u8, u8)>,
    /// The name all streams share (RFC 7022).
    pub(crate) name: String,
    pub(crate) first_estimate_bps: u64,
}

/// Everything that leaves for one browser.
#[derive(Debug)]
pub(crate) struct Egress {
    plan: EgressPlan,
    streams: Vec<Stream>,
    srtp: Option<Srtp>,
    path: Option<Path>,
    /// Whether the browser still agrees to be sent anything (RFC 7675).
    has_consent: bool,
    log: SentLog,
    estimate: Estimate,
    desired_bps: f64,
    pacer: Pacer,
    prober: Prober,
    bursts: Bursts,
    plain: Vec<u8>,
    report_at: Option<Instant>,
    rtt_us: Option<i64>,
    /// Whether `rtt_us` was measured with sender reports, which is the better way.
    is_rtt_exact: bool,
    bytes_sent: u64,
    /// Whether it is on the relay's list of those that have something to send.
    pub(crate) is_queued: bool,
}

impl Egress {
    pub(crate) fn new(mut plan: EgressPlan) -> Self {
        let streams = std::mem::take(&mut plan.streams);
        Self {
            streams: streams.into_iter().map(Stream::new).collect(),
            srtp: None,
            path: None,
            has_consent: true,
            log: SentLog::default(),
            estimate: Estimate::new(plan.first_estimate_bps),
            desired_bps: 0.0,
            pacer: Pacer::new(plan.first_estimate_bps),
            prober: Prober::default(),
            bursts: Bursts::default(),
            plain: Vec::new(),
            report_at: None,
            rtt_us: None,
            is_rtt_exact: false,
            bytes_sent: 0,
            is_queued: false,
            plan,
        }
    }

    /// Takes the keys, once there are any.
    pub(crate) fn unlock(&mut self) {
        if self.srtp.is_none() {
            self.srtp = self.plan.keys.get().and_then(Srtp::new);
        }
    }

    /// The browser chose this way, or has proved it.
    pub(crate) fn set_path(&mut self, path: Path) {
        self.path = Some(path);
    }

    pub(crate) const fn path(&self) -> Option<Path> {
        self.path
    }

    /// Whether the browser answers.
    pub(crate) fn set_consent(&mut self, has_consent: bool) {
        self.has_consent = has_consent;
        if !has_consent {
            self.pacer.clear();
        }
    }

    /// Whether anything can be sent.
    pub(crate) const fn is_ready(&self) -> bool {
        self.srtp.is_some() && self.path.is_some() && self.has_consent
    }

    /// Whether a packet of the engine's may go out: it never sends RTP, nor as one of our streams.
    pub(crate) fn may_leave(&self, datagram: &[u8]) -> bool {
        match Kind::of(datagram) {
            Kind::Other => true,
            Kind::Rtp => false,
            Kind::Rtcp => datagram
                .get(4..8)
                .and_then(|bytes| bytes.try_into().ok())
                .is_some_and(|ssrc| !self.is_ours(u32::from_be_bytes(ssrc))),
        }
    }

    /// What the way is taken to carry.
    pub(crate) fn estimate_bps(&self) -> u64 {
        as_u64(self.estimate.bps())
    }

    /// How much it would be good to be able to send, so that it is found out.
    pub(crate) fn desire(&mut self, bps: u64) {
        self.desired_bps = as_f64(bps);
    }

    pub(crate) fn rtt(&self) -> Option<Duration> {
        let us = u64::try_from(self.rtt_us?).ok()?;
        Some(Duration::from_micros(us))
    }

    /// Part of what was sent that did not arrive, where the browser says.
    pub(crate) const fn loss(&self) -> Option<f64> {
        self.estimate.loss()
    }

    pub(crate) const fn bytes_sent(&self) -> u64 {
        self.bytes_sent
    }

    /// Whether a packet of a picture may be given to [`Egress::send`], or its frame has to be left
    /// out because too much waits already.
    pub(crate) fn admits(&mut self, now: Instant, is_frame_start: bool, is_base: bool) -> bool {
        self.settle(now);
        self.pacer.admits(is_frame_start, is_base)
    }

    /// Sends a packet of a stream, at once or when it is its turn.
    pub(crate) fn send(&mut self, now: Instant, stream: usize, packet: OutPacket, pool: &mut Pool) {
        if self.streams[stream].plan.is_audio {
            self.emit(now, stream, packet, pool);
            return;
        }
        self.settle(now);
        if self.pacer.is_free() {
            let bytes = self.emit(now, stream, packet, pool);
            self.pacer.charge(bytes);
        } else {
            self.pacer.push(Waiting { stream, packet });
            self.drain(now, pool);
        }
    }

    /// What is ready to be sent.
    pub(crate) fn bursts(&mut self) -> impl Iterator<Item = Burst> + '_ {
        self.bursts.drain()
    }

    /// When to call [`Egress::handle_timeout`].
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        if !self.is_ready() {
            return None;
        }
        let paced = [self.pacer.next_us(), self.prober.next_us()];
        let paced = paced.into_iter().flatten().min();
        let paced = paced.map(|us| self.plan.clock.instant(us));
        [self.report_at, paced].into_iter().flatten().min()
    }

    /// Lets time pass.
    pub(crate) fn handle_timeout(&mut self, now: Instant, pool: &mut Pool) {
        if !self.is_ready() {
            return;
        }
        self.drain(now, pool);
        self.probe(now, pool);
        if self.report_at.is_some_and(|at| at <= now) {
            self.report(now, pool);
        }
    }

    fn now_us(&self, now: Instant) -> i64 {
        self.plan.clock.us(now)
    }

    fn settle(&mut self, now: Instant) {
        let now_us = self.now_us(now);
        self.pacer.settle(now_us, self.estimate.bps());
    }

    fn is_ours(&self, ssrc: u32) -> bool {
        let mut plans = self.streams.iter().map(|stream| &stream.plan);
        plans.any(|plan| plan.ssrc == ssrc || plan.rtx == Some(ssrc))
    }

    fn stream_of(&self, ssrc: u32) -> Option<usize> {
        self.streams
            .iter()
            .position(|stream| stream.plan.ssrc == ssrc)
    }

    fn drain(&mut self, now: Instant, pool: &mut Pool) {
        self.settle(now);
        while let Some(next) = self.pacer.pop() {
            let bytes = match next {
                Next::Again(stream, sequence) => self.emit_again(now, stream, sequence, pool),
                Next::New(Waiting { stream, packet }) => self.emit(now, stream, packet, pool),
            };
            self.pacer.charge(bytes);
        }
    }

    /// Seals a packet into the burst; returns what it weighs, 0 when it does not leave.
    fn emit(&mut self, now: Instant, at: usize, packet: OutPacket, pool: &mut Pool) -> usize {
        if !self.is_ready() || !self.streams[at].sealed.admit(packet.sequence) {
            return 0;
        }
        let is_first = !self.streams[at].is_begun();
        let length = self.seal(now, at, &packet, None, pool);
        let stream = &mut self.streams[at];
        stream.note(now, packet.timestamp, packet.taken, packet.payload.len());
        if stream.plan.rtx.is_some() {
            stream.resend.push(now, packet);
        }
        if is_first {
            // The browser can play in step once both streams have reported.
            self.report_at = Some(now);
        }
        length
    }

    fn emit_again(&mut self, now: Instant, at: usize, sequence: u64, pool: &mut Pool) -> usize {
        let stream = &mut self.streams[at];
        let Some(packet) = stream.resend.take(now, sequence) else {
            return 0;
        };
        let Some(rtx) = stream.plan.rtx else { return 0 };
        let resends = &self.plan.resends;
        let known = resends.iter().find(|(pt, _)| *pt == packet.payload_type);
        let Some((_, payload_type)) = known else {
            return 0;
        };
        if self.srtp.is_none() || self.path.is_none() {
            return 0;
        }
        stream.rtx_sequence += 1;
        let again = Again {
            ssrc: rtx,
            sequence: stream.rtx_sequence,
            payload_type: *payload_type,
        };
        self.seal(now, at, &packet, Some(again), pool)
    }

    /// The one place where RTP is sealed.
    fn seal(
        &mut self,
        now: Instant,
        at: usize,
        packet: &OutPacket,
        again: Option<Again>,
        pool: &mut Pool,
    ) -> usize {
        let now_us = self.now_us(now);
        let (Some(srtp), Some(path)) = (&self.srtp, self.path) else {
            return 0;
        };
        let plan = &self.streams[at].plan;
        let as_new = Again {
            ssrc: plan.ssrc,
            sequence: packet.sequence,
            payload_type: packet.payload_type,
        };
        let number = again.unwrap_or(as_new);
        let header = plan.header.write(&HeaderFields {
            payload_type: number.payload_type,
            is_marked: packet.is_marked,
            sequence: number.sequence,
            timestamp: packet.timestamp,
            ssrc: number.ssrc,
            transport: self.log.next(),
            now_us,
            extensions: packet.extensions,
        });
        let header = header.as_slice();
        let resend_bytes = if again.is_some() { 2 } else { 0 };
        let overhead = srtp.rtp_overhead();
        let length = header.len() + resend_bytes + packet.payload.len() + overhead;
        let buffer = self.bursts.begin(path, length, pool);
        let start = buffer.len();
        buffer.reserve(length + RTP_OVERHEAD_MAX);
        buffer.extend_from_slice(header);
        if again.is_some() {
            // The number it had (RFC 4588 §4).
            buffer.extend_from_slice(&packet.sequence.to_be_bytes()[6..]);
        }
        packet.append_payload(buffer);
        srtp.seal_rtp(buffer, start, header.len(), number.sequence);
        if plan.header.has_transport() {
            self.log.push(now_us, length, self.prober.number());
        }
        self.prober.sent(now_us, length as u64);
        self.bytes_sent += length as u64;
        length
    }

    fn probe(&mut self, now: Instant, pool: &mut Pool) {
        let now_us = self.now_us(now);
        self.prober.handle_timeout(now_us);
        let due = self.prober.due_bytes(now_us);
        let mut sent = 0;
        while sent < due {
            let filling = (0..self.streams.len()).find_map(|at| {
                let sequence = self.streams[at].resend.filling(now)?;
                Some((at, sequence))
            });
            let bytes =
                filling.map_or(0, |(at, sequence)| self.emit_again(now, at, sequence, pool));
            if bytes == 0 {
                return self.prober.give_up(now_us);
            }
            self.pacer.charge(bytes);
            sent += bytes as u64;
        }
    }

    fn report(&mut self, now: Instant, pool: &mut Pool) {
        self.report_at = Some(now + REPORT_EVERY);
        let us = u64::try_from(self.now_us(now)).unwrap_or(0);
        let ntp = ntp_of_unix_ns((self.plan.epoch_us + us).saturating_mul(1_000));
        let is_recent = |stream: &&Stream| {
            stream
                .last_sent()
                .is_some_and(|at| now.saturating_duration_since(at) < REPORT_FOR)
        };
        let mut compound = Vec::new();
        for report in self.streams.iter().filter(is_recent) {
            if let Some(report) = report.report(now, ntp) {
                report.write(&mut compound);
                write_description(&mut compound, report.ssrc, &self.plan.name);
            }
        }
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.path) else {
            return;
        };
        if compound.is_empty() {
            self.report_at = None;
            return;
        }
        srtp.seal_rtcp(&mut compound, 0);
        let buffer = self.bursts.begin(path, compound.len(), pool);
        buffer.extend_from_slice(&compound);
        self.bytes_sent += compound.len() as u64;
    }
}

/// Under what numbers a packet is sealed.
#[derive(Clone, Copy, Debug)]
struct Again {
    ssrc: u32,
    sequence: u64,
    payload_type: u8,
}
