//! An egress and a browser's receiving half on an emulated way, in virtual time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parley_netem::{Path as Wire, Profile, Way};
use parley_srtp::{
    keys::Keys,
    packet::{Extended, Header},
    rtcp::ReportBlock,
};
use str0m::{crypto::dtls::SrtpProfile, media::Mid, net::Protocol, rtp::ExtensionMap};

use super::*;
use crate::{cache::Extensions, testing::start};

const PICTURE: u32 = 0x1000;
const RESENT: u32 = 0x1001;
const VOICE: u32 = 0x2000;
const PAYLOAD_TYPE: u8 = 96;
const RTX_TYPE: u8 = 97;
const TRANSPORT_ID: u8 = 3;
const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const PAYLOAD_BYTES: usize = 1_100;

/// Both ends, and what the browser saw.
struct World {
    now: Instant,
    begun: Instant,
    egress: Egress,
    pool: Pool,
    wire: Wire<Vec<u8>>,
    browser: Srtp,
    reports: bool,
    asks_again: bool,
    arrivals: Vec<(u64, i64)>,
    transport: Extended,
    /// Numbers of the picture that arrived at all, and those that arrived by being sent again.
    seen: BTreeSet<u64>,
    mended: BTreeSet<u64>,
    asked: BTreeMap<u64, Instant>,
    /// Longest time from sending to arriving, of the last second.
    delays: Vec<(Instant, Duration)>,
    sent_at: BTreeMap<u64, Instant>,
    sequence: u64,
    next_report: Instant,
}

fn keys(is_active: bool) -> Keys {
    Keys {
        profile: SrtpProfile::AEAD_AES_128_GCM,
        material: (0..56).collect(),
        is_active,
    }
}

fn path() -> Path {
    Path {
        protocol: Protocol::Udp,
        source: ([10, 0, 0, 1], 1).into(),
        destination: ([10, 0, 0, 2], 2).into(),
    }
}

fn plan(now: Instant, first_estimate_bps: u64) -> EgressPlan {
    let header = HeaderPlan::new(Mid::from("1"), &ExtensionMap::standard());
    let stream = |ssrc, rtx, is_audio| StreamPlan {
        ssrc,
        rtx,
        header: header.clone(),
        is_audio,
    };
    let slot = KeySlot::default();
    slot.set(keys(false)).expect("empty");
    EgressPlan {
        clock: LocalClock::new(now),
        epoch_us: 1_000_000,
        keys: Arc::clone(&slot),
        streams: vec![
            stream(PICTURE, Some(RESENT), false),
            stream(VOICE, None, true),
        ],
        resends: vec![(PAYLOAD_TYPE, RTX_TYPE)],
        name: "name".to_owned(),
        first_estimate_bps,
    }
}

impl World {
    fn new(profile: &str, first_estimate_bps: u64) -> Self {
        let now = start();
        let mut egress = Egress::new(plan(now, first_estimate_bps));
        egress.unlock();
        egress.set_path(path());
        let profile = Profile::parse(profile).expect("a profile");
        Self {
            now,
            begun: now,
            egress,
            pool: Pool::default(),
            wire: Wire::new(&profile, 5, now),
            browser: Srtp::new(&keys(true)).expect("keys"),
            reports: true,
            asks_again: false,
            arrivals: Vec::new(),
            transport: Extended::default(),
            seen: BTreeSet::new(),
            mended: BTreeSet::new(),
            asked: BTreeMap::new(),
            delays: Vec::new(),
            sent_at: BTreeMap::new(),
            sequence: 99,
            next_report: now,
        }
    }

    fn packet(&self, sequence: u64, timestamp: u32, bytes: usize) -> OutPacket {
        OutPacket {
            payload_type: PAYLOAD_TYPE,
            sequence,
            timestamp,
            taken: self.now,
            is_marked: true,
            picture_id: None,
            tl0_picture_index: None,
            extensions: Extensions::default(),
            payload: vec![7; bytes].into(),
        }
    }

    /// Offers one frame; returns whether it was let in.
    fn film(&mut self, packets: usize) -> bool {
        if !self.egress.admits(self.now, true, false) {
            return false;
        }
        for _ in 0..packets {
            self.sequence += 1;
            self.sent_at.insert(self.sequence, self.now);
            let packet = self.packet(self.sequence, 0, PAYLOAD_BYTES);
            self.egress.send(self.now, 0, packet, &mut self.pool);
        }
        true
    }

    /// Offers frames every 33 ms at a rate that is asked for anew each time.
    fn film_for(&mut self, duration: Duration, mut bps: impl FnMut(u64) -> u64) {
        let until = self.now + duration;
        let mut owed = 0;
        while self.now < until {
            owed += bps(self.egress.estimate_bps()) * 33 / 8_000;
            let packets = usize::try_from(owed).expect("few") / PAYLOAD_BYTES;
            owed -= (packets * PAYLOAD_BYTES) as u64;
            self.film(packets);
            self.run(33 * MS);
        }
    }

    fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        loop {
            self.settle();
            let next = [
                self.wire.next_timeout(),
                self.egress.next_timeout(),
                Some(self.next_report),
            ];
            let next = next.into_iter().flatten().min().expect("reports go on");
            if next > until {
                self.now = until;
                return;
            }
            assert!(
                next >= self.now || next + MS > self.now,
                "time stands still"
            );
            self.now = next.max(self.now);
            if self.egress.next_timeout().is_some_and(|at| at <= self.now) {
                self.egress.handle_timeout(self.now, &mut self.pool);
            }
            if self.next_report <= self.now {
                self.next_report = self.now + 50 * MS;
                self.speak();
            }
        }
    }

    fn settle(&mut self) {
        for burst in self.egress.bursts().collect::<Vec<_>>() {
            for packet in burst.packets() {
                self.wire.push(self.now, Way::Out, packet.to_vec());
            }
            self.pool.give(burst.bytes);
        }
        while let Some((way, packet)) = self.wire.poll(self.now) {
            if way == Way::Out {
                self.arrive(&packet);
            } else {
                self.egress.hear(self.now, &packet);
                self.egress.handle_timeout(self.now, &mut self.pool);
            }
        }
    }

    fn arrive(&mut self, packet: &[u8]) {
        if Kind::of(packet) != Kind::Rtp {
            return;
        }
        let header = Header::read(packet, Some(TRANSPORT_ID)).expect("a header");
        let at_us = i64::try_from((self.now - self.begun).as_micros()).expect("short");
        if let Some(number) = header.transport {
            self.arrivals.push((self.transport.extend(number), at_us));
        }
        let mut plain = Vec::new();
        let index = u64::from(header.sequence);
        let is_genuine = self
            .browser
            .open_rtp(packet, header.bytes, index, &mut plain);
        assert!(is_genuine, "{header:?}");
        if header.ssrc == RESENT {
            let number = u64::from(u16::from_be_bytes([plain[0], plain[1]]));
            if self.seen.insert(number) {
                self.mended.insert(number);
            }
        } else if header.ssrc == PICTURE {
            self.seen.insert(index);
            if let Some(sent) = self.sent_at.get(&index) {
                self.delays.push((self.now, self.now - *sent));
            }
        }
    }

    fn speak(&mut self) {
        let mut compound = Vec::new();
        if self.reports && !self.arrivals.is_empty() {
            compound.extend(transport_report(&std::mem::take(&mut self.arrivals)));
        }
        if self.asks_again {
            compound.extend(self.missing());
        }
        if compound.is_empty() {
            return;
        }
        self.browser.seal_rtcp(&mut compound, 0);
        self.wire.push(self.now, Way::Back, compound);
    }

    /// Asks for what is missing below the highest number seen, each at most every 150 ms.
    fn missing(&mut self) -> Vec<u8> {
        let Some(highest) = self.seen.last().copied() else {
            return Vec::new();
        };
        let first = self.seen.first().copied().unwrap_or(highest);
        let mut entries = Vec::new();
        for number in first..highest {
            let is_soon = |at: &Instant| self.now - *at < 150 * MS;
            if !self.seen.contains(&number) && !self.asked.get(&number).is_some_and(is_soon) {
                self.asked.insert(number, self.now);
                entries.extend(&number.to_be_bytes()[6..]);
                entries.extend([0, 0]);
            }
        }
        if entries.is_empty() {
            return entries;
        }
        let words = u8::try_from(2 + entries.len() / 4).expect("few");
        let mut packet = vec![0x81, 205, 0, words, 0, 0, 0, 1];
        packet.extend(PICTURE.to_be_bytes());
        packet.extend(entries);
        packet
    }

    fn estimate(&self) -> u64 {
        self.egress.estimate_bps()
    }

    /// The longest way a packet took since `since`.
    fn longest(&self, since: Instant) -> Duration {
        let lately = self.delays.iter().filter(|(at, _)| *at >= since);
        lately.map(|(_, delay)| *delay).max().unwrap_or_default()
    }
}

/// Every packet in a chunk of its own kind: long steps for those that arrived.
fn transport_report(arrivals: &[(u64, i64)]) -> Vec<u8> {
    let mut arrived: BTreeMap<u64, i64> = BTreeMap::new();
    arrived.extend(arrivals.iter().copied());
    let (first, last) = (
        *arrived.keys().next().expect("some"),
        *arrived.keys().next_back().expect("some"),
    );
    let reference = arrived.values().min().expect("some") / 64_000;
    let mut at_steps = reference * 256;
    let (mut chunks, mut steps) = (Vec::new(), Vec::new());
    for number in first..=last {
        let symbol: u16 = match arrived.get(&number) {
            Some(at_us) => {
                let step = at_us / 250 - at_steps;
                at_steps += step;
                steps.extend(i16::try_from(step).expect("close").to_be_bytes());
                2
            }
            None => 0,
        };
        chunks.extend((symbol << 13 | 1).to_be_bytes());
    }
    let mut packet = vec![0x8F, 205, 0, 0, 0, 0, 0, 1];
    packet.extend(PICTURE.to_be_bytes());
    packet.extend(&first.to_be_bytes()[6..]);
    packet.extend(&(last - first + 1).to_be_bytes()[6..]);
    packet.extend(&reference.to_be_bytes()[5..]);
    packet.push(0);
    packet.extend(chunks);
    packet.extend(steps);
    packet.resize(packet.len().next_multiple_of(4), 0);
    let words = u16::try_from(packet.len() / 4 - 1).expect("short");
    packet[2..4].copy_from_slice(&words.to_be_bytes());
    packet
}

#[test]
fn a_wide_way_is_found_out_when_more_is_wanted() {
    let mut world = World::new("lan,rate=20mbit,delay=20ms", 300_000);
    world.egress.desire(4_000_000);
    world.film_for(7 * SECOND, |estimate| estimate.min(3_500_000));
    let since = world.now;
    world.film_for(SECOND, |estimate| estimate.min(3_500_000));
    assert!(world.estimate() >= 3_000_000, "{}", world.estimate());
    assert!(world.longest(since) < 80 * MS, "{:?}", world.longest(since));
}

#[test]
fn nothing_is_tried_that_nobody_wants() {
    let mut world = World::new("lan,rate=20mbit,delay=20ms", 1_000_000);
    world.egress.desire(500_000);
    world.film_for(5 * SECOND, |_| 400_000);
    assert!(world.estimate() <= 1_100_000, "{}", world.estimate());
    assert_eq!(world.mended.len(), 0);
    let sent = world.egress.bytes_sent();
    assert!(sent < 5 * 400_000 / 8 * 115 / 100, "{sent}");
}

#[test]
fn a_narrow_way_is_not_filled() {
    for rate in ["600kbit", "1mbit", "2mbit"] {
        let profile = format!("lan,rate={rate},delay=20ms,queue=500ms");
        let mut world = World::new(&profile, 3_000_000);
        world.egress.desire(4_000_000);
        world.film_for(10 * SECOND, |estimate| estimate.min(3_000_000));
        let since = world.now;
        let begun = world.seen.len();
        world.film_for(20 * SECOND, |estimate| estimate.min(3_000_000));
        let bps = (world.seen.len() - begun) * PAYLOAD_BYTES * 8 / 20;
        let capacity = match rate {
            "600kbit" => 600_000,
            "1mbit" => 1_000_000,
            _ => 2_000_000,
        };
        let delays: Vec<Duration> = world
            .delays
            .iter()
            .filter(|(at, _)| *at > since)
            .map(|(_, delay)| *delay)
            .collect();
        let mut sorted = delays.clone();
        sorted.sort_unstable();
        let typical = sorted[sorted.len() * 9 / 10];
        assert!(bps > capacity * 55 / 100, "{rate}: {bps}");
        assert!(typical < 250 * MS, "{rate}: {typical:?}");
    }
}

#[test]
fn a_way_that_becomes_narrow_is_followed_and_found_wide_again() {
    let mut world = World::new("lan,rate=4mbit,delay=20ms,queue=500ms", 2_000_000);
    world.egress.desire(3_000_000);
    world.film_for(5 * SECOND, |estimate| estimate.min(2_500_000));
    let narrow = Profile::parse("lan,rate=500kbit,delay=20ms,queue=500ms").expect("a profile");
    world.wire.set_profile(world.now, &narrow);
    world.film_for(8 * SECOND, |estimate| estimate.min(2_500_000));
    assert!(world.estimate() < 700_000, "{}", world.estimate());
    let wide = Profile::parse("lan,rate=4mbit,delay=20ms,queue=500ms").expect("a profile");
    world.wire.set_profile(world.now, &wide);
    world.film_for(15 * SECOND, |estimate| estimate.min(2_500_000));
    assert!(world.estimate() > 1_800_000, "{}", world.estimate());
}

#[test]
fn a_little_loss_is_the_network_s_nature_and_much_is_too_much() {
    let rates = ["1%", "30%"].map(|loss| {
        let mut world = World::new(&format!("lan,delay=20ms,loss={loss}"), 1_000_000);
        world.film_for(10 * SECOND, |estimate| estimate.min(1_000_000));
        world.estimate()
    });
    assert!(rates[0] >= 950_000 && rates[1] < 500_000, "{rates:?}");
}

#[test]
fn a_browser_that_reports_nothing_gets_the_first_estimate() {
    let mut world = World::new("lan,delay=20ms", 1_500_000);
    world.reports = false;
    world.egress.desire(4_000_000);
    world.film_for(5 * SECOND, |_| 1_000_000);
    assert_eq!(world.estimate(), 1_500_000);
    assert!(world.seen.len() > 500, "{}", world.seen.len());
}

#[test]
fn what_was_lost_is_sent_again_within_the_budget() {
    let mut world = World::new("lan,delay=20ms,loss=5%", 2_000_000);
    world.asks_again = true;
    world.film_for(10 * SECOND, |_| 1_000_000);
    world.run(SECOND);
    let (first, last) = (100, *world.seen.last().expect("some"));
    let missing = (first..=last).filter(|number| !world.seen.contains(number));
    assert_eq!(missing.count(), 0);
    assert!(world.mended.len() > 20, "{}", world.mended.len());

    let mut flood = World::new("lan,delay=20ms,loss=40%", 1_000_000);
    flood.asks_again = true;
    flood.film_for(10 * SECOND, |_| 900_000);
    let resent = flood.egress.streams[0].rtx_sequence - u64::from(RESENT & 0x3FFF);
    let bytes = resent * PAYLOAD_BYTES as u64;
    assert!(bytes < 10 * 1_000_000 / 8 * 25 / 100 + 40_000, "{bytes}");
}

#[test]
fn a_thin_way_keeps_pictures_out_rather_than_late_and_sound_never_waits() {
    let mut world = World::new("lan,rate=50mbit", 200_000);
    world.reports = false;
    let (mut kept_out, mut longest) = (0, Duration::ZERO);
    for frame in 0..150 {
        kept_out += u32::from(!world.film(15));
        let voice = world.packet(frame, 0, 80);
        world.egress.send(world.now, 1, voice, &mut world.pool);
        let packets: usize = world
            .egress
            .bursts()
            .map(|burst| burst.packets().filter(|packet| packet.len() < 200).count())
            .sum();
        assert_eq!(packets, 1, "the voice leaves at once");
        world.run(33 * MS);
        longest = longest.max(world.longest(world.begun));
    }
    assert!(kept_out > 100, "{kept_out}");
    // One frame more than the bound may wait.
    assert!(longest < 900 * MS, "{longest:?}");
}

#[test]
fn a_number_is_sealed_once_however_often_it_comes() {
    let mut world = World::new("lan", 1_000_000);
    for sequence in [5, 6, 5, 4, 6] {
        let packet = world.packet(sequence, 0, 100);
        world.egress.send(world.now, 0, packet, &mut world.pool);
    }
    let packets: usize = world
        .egress
        .bursts()
        .map(|burst| burst.packets().count())
        .sum();
    assert_eq!(packets, 3);
}

#[test]
fn nothing_leaves_without_keys_a_way_and_consent() {
    let now = start();
    let mut pool = Pool::default();
    let world = World::new("lan", 1_000_000);
    let mut egress = Egress::new(plan(now, 1_000_000));
    let mut leaves = |egress: &mut Egress, sequence| {
        egress.send(now, 0, world.packet(sequence, 0, 100), &mut pool);
        egress.bursts().count() > 0
    };
    assert!(!leaves(&mut egress, 1));
    egress.unlock();
    assert!(!leaves(&mut egress, 1));
    egress.set_path(path());
    assert!(leaves(&mut egress, 1));
    egress.set_consent(false);
    assert!(!leaves(&mut egress, 2));
    egress.set_consent(true);
    assert!(leaves(&mut egress, 2));
}

#[test]
fn what_the_engine_sends_as_one_of_our_streams_stays_here() {
    let world = World::new("lan", 1_000_000);
    let report = |ssrc: u32| {
        let mut packet = vec![0x80, 201, 0, 1];
        packet.extend(ssrc.to_be_bytes());
        packet
    };
    for ssrc in [PICTURE, RESENT, VOICE] {
        assert!(!world.egress.may_leave(&report(ssrc)));
    }
    assert!(world.egress.may_leave(&report(77)));
    assert!(world.egress.may_leave(&[22, 254, 253]));
    assert!(
        !world
            .egress
            .may_leave(&[0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 77])
    );
}

#[test]
fn a_sender_report_says_what_time_a_timestamp_stands_for() {
    let mut world = World::new("lan", 1_000_000);
    let packet = world.packet(100, 5_000, 100);
    world.egress.send(world.now, 0, packet, &mut world.pool);
    let voice = world.packet(7, 9_000, 100);
    world.egress.send(world.now, 1, voice, &mut world.pool);
    let later = world.now + 500 * MS;
    world.egress.handle_timeout(later, &mut world.pool);
    let mut told = Vec::new();
    for burst in world.egress.bursts().collect::<Vec<_>>() {
        for packet in burst
            .packets()
            .filter(|packet| Kind::of(packet) == Kind::Rtcp)
        {
            let mut plain = Vec::new();
            assert!(world.browser.open_rtcp(packet, &mut plain));
            let reports = plain.chunks(44).map(|report| {
                let number = |at: usize| {
                    u32::from_be_bytes(report[at..at + 4].try_into().expect("four bytes"))
                };
                (number(4), number(8), number(16))
            });
            told.extend(reports);
        }
    }
    // 1970-01-01 00:00:01.5 by the clock that began at one second.
    let seconds = 2_208_988_801;
    assert_eq!(
        told,
        [
            (PICTURE, seconds, 5_000 + 45_000),
            (VOICE, seconds, 9_000 + 24_000)
        ]
    );
}

#[test]
fn a_report_measures_the_round_trip() {
    let mut world = World::new("lan", 1_000_000);
    let ntp = ntp_of_unix_ns(1_000_000_000);
    let middle = u32::try_from(ntp >> 16 & 0xFFFF_FFFF).expect("masked");
    let now = world.now + 300 * MS;
    let block = ReportBlock {
        ssrc: PICTURE,
        lost_share: 0,
        highest: 0,
        last_report: middle,
        // 200 ms.
        delay: 13_107,
    };
    world.egress.take_block(now, &block);
    let rtt = world.egress.rtt().expect("measured");
    assert!(rtt.abs_diff(100 * MS) < MS, "{rtt:?}");
}
