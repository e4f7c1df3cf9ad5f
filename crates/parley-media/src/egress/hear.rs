//! What a browser reports of the way to it, and what follows from that.

use std::time::{Duration, Instant};

use parley_srtp::{
    rtcp::{Report, ReportBlock, ntp_of_unix_ns, read},
    transport::TransportReport,
};

use super::Egress;

/// A packet is not sent again before an answer to the last time can have come.
const AGAIN_AFTER_MIN: Duration = Duration::from_millis(20);
/// Round trips beyond this are a mistake of the report's.
const RTT_MAX_US: i64 = 10_000_000;

/// What a browser's report leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Whether it is genuine and new.
    pub(crate) is_genuine: bool,
    /// Whether it says something that concerns what the browser sends.
    pub(crate) is_for_engine: bool,
    /// Streams that need a key frame.
    pub(crate) pictures: Vec<usize>,
}

impl Egress {
    /// Takes an SRTCP packet from the browser.
    pub(crate) fn hear(&mut self, now: Instant, datagram: &[u8]) -> Heard {
        let mut heard = Heard::default();
        let mut plain = std::mem::take(&mut self.plain);
        let opened = self
            .srtp
            .as_mut()
            .map(|srtp| srtp.open_rtcp(datagram, &mut plain));
        match opened {
            // Before the keys are there, and what the engine cannot open it sets aside.
            None => heard.is_for_engine = true,
            Some(false) => {}
            Some(true) => {
                heard.is_genuine = true;
                read(&plain, |report| self.take(now, &report, &mut heard));
            }
        }
        self.plain = plain;
        heard
    }

    fn take(&mut self, now: Instant, report: &Report<'_>, heard: &mut Heard) {
        match report {
            Report::Other => heard.is_for_engine = true,
            Report::PictureLost { ssrc } => heard.pictures.extend(self.stream_of(*ssrc)),
            Report::Lost { ssrc, first, mask } => self.take_lost(now, *ssrc, *first, *mask),
            Report::Block(block) => self.take_block(now, block),
            Report::Transport(report) => self.take_transport(now, report),
        }
    }

    fn take_lost(&mut self, now: Instant, ssrc: u32, first: u16, mask: u16) {
        let Some(at) = self.stream_of(ssrc) else {
            return;
        };
        self.settle(now);
        let pause = self.rtt().unwrap_or_default().max(AGAIN_AFTER_MIN);
        let following = (0..16_u16)
            .filter(|bit| mask >> bit & 1 == 1)
            .map(|bit| first.wrapping_add(bit + 1));
        for sequence in std::iter::once(first).chain(following) {
            let resend = &self.streams[at].resend;
            let sequence = resend.extend(sequence);
            if let Some(bytes) = resend.is_wanted(now, sequence, pause) {
                self.pacer.push_again(at, sequence, bytes);
            }
        }
    }

    pub(super) fn take_block(&mut self, now: Instant, block: &ReportBlock) {
        if self.stream_of(block.ssrc).is_none() {
            return;
        }
        let now_us = self.now_us(now);
        if block.last_report != 0 {
            let us = u64::try_from(now_us).unwrap_or(0);
            let ntp = ntp_of_unix_ns((self.plan.epoch_us + us).saturating_mul(1_000));
            let middle = u32::try_from(ntp >> 16 & u64::from(u32::MAX)).unwrap_or(0);
            let units = middle
                .wrapping_sub(block.last_report)
                .wrapping_sub(block.delay);
            let rtt_us = i64::from(units.cast_signed()) * 1_000_000 / 65_536;
            // Clocks that differ by a part of a millisecond make it negative on the shortest ways.
            if (-1_000..RTT_MAX_US).contains(&rtt_us) {
                self.is_rtt_exact = true;
                self.set_rtt(rtt_us.max(0));
            }
        }
        let has_transport = self
            .streams
            .iter()
            .any(|stream| stream.plan.header.has_transport());
        if !has_transport {
            self.estimate
                .lose(now_us, f64::from(block.lost_share) / 256.0);
        }
    }

    fn take_transport(&mut self, now: Instant, report: &TransportReport<'_>) {
        let now_us = self.now_us(now);
        let Self {
            log,
            estimate,
            prober,
            ..
        } = self;
        let mut shown = None;
        let told = log.take(report, |packet| {
            estimate.arrive(&packet);
            if packet.probe != 0 {
                shown = prober.arrive(now_us, &packet).or(shown);
            }
        });
        estimate.conclude(now_us, &told);
        if let Some(shown) = shown {
            if shown > estimate.bps() * 1.05 {
                estimate.prove(now_us, shown);
            } else {
                prober.disappoint(now_us);
            }
        }
        if let Some(sent_us) = told.newest_sent_us.filter(|_| !self.is_rtt_exact) {
            let seen = now_us - sent_us;
            self.set_rtt(self.rtt_us.map_or(seen, |known| known.min(seen)));
        }
        if !self.estimate.is_congested() && self.pacer.is_idle() {
            let rates = (self.estimate.bps(), self.desired_bps);
            self.prober.begin(now_us, rates, self.estimate.fallen_us());
        }
    }

    fn set_rtt(&mut self, rtt_us: i64) {
        self.rtt_us = Some(rtt_us);
        self.estimate.set_rtt(rtt_us);
    }
}
