//! How many packets a second one core forwards: one publisher, many viewers, in virtual time.
//!
//! ```text
//! cargo run --release -p parley-media --features testing --example relay_fanout -- 100 10
//! ```
//!
//! The first number is how many watch, the second how many seconds of the call are run. Only the
//! time spent inside the relay is counted (`/proc/thread-self/schedstat`, so another process on the
//! core does not count); the browsers at both ends are real engines and cost ten times as much.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench measures and prints"
)]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_media::{
    ParticipantId, PartyId, Protocol, Relay, RelayConfig, RelayOutput, RoomId, TrackId, TrackIndex,
    Watch,
    testing::{Browser, BrowserConfig, Camera, Outgoing},
};

/// 1,100 byte packets at this rate make 227 a second for each viewer.
const RATE_BPS: u64 = 2_000_000;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let viewers = arguments.next().unwrap_or(50);
    let seconds = arguments.next().unwrap_or(10);
    let mut bench = Bench::new(viewers);
    bench.run(Duration::from_secs(4));
    bench.begin_counting();
    bench.run(Duration::from_secs(seconds as u64));
    bench.report();
}

struct Bench {
    now: Instant,
    relay: Relay,
    browsers: Vec<(Browser, Instant)>,
    by_address: HashMap<SocketAddr, usize>,
    to_node: Vec<Outgoing>,
    busy: Duration,
    media_packets: u64,
    media_bytes: u64,
    packets_in: u64,
    memory_before_kib: u64,
}

impl Bench {
    fn new(viewers: usize) -> Self {
        let now = Instant::now();
        let mut config = RelayConfig::new(PartyId::from([1; 16]), 1);
        config.udp.push(node());
        config.first_estimate_bps = 8_000_000;
        let mut relay = Relay::new(config, now);
        let room = RoomId::from([1; 16]);
        relay.open_room(now, room);
        let memory_before_kib = resident_kib();
        let mut bench = Self {
            now,
            relay,
            browsers: Vec::new(),
            by_address: HashMap::new(),
            to_node: Vec::new(),
            busy: Duration::ZERO,
            media_packets: 0,
            media_bytes: 0,
            packets_in: 0,
            memory_before_kib,
        };
        for number in 0..=viewers {
            bench.join(room, number);
        }
        bench
    }

    fn join(&mut self, room: RoomId, number: usize) {
        let number_short = u16::try_from(number).expect("few");
        let [high, low] = number_short.to_be_bytes();
        let address = SocketAddr::from(([10, 2, high, low], 6_000));
        let mut config = BrowserConfig::watcher(0, address);
        config.video_slots = 1;
        config.audio_slots = 0;
        if number == 0 {
            config.camera = Some(Camera::with_rates(&[RATE_BPS]));
        }
        let mut browser = Browser::new(self.now, config);
        let id = id_of(number_short);
        let joined = self
            .relay
            .join(self.now, room, id, Bytes::new(), browser.offer())
            .expect("agreed");
        browser.accept(&joined.answer);
        if number > 0 {
            let track = TrackId {
                participant: id_of(0),
                index: TrackIndex::CAMERA,
            };
            let watch = Watch {
                slot: 0,
                track,
                height_px: 720,
            };
            self.relay.watch(self.now, id, &[watch]).expect("joined");
        }
        self.by_address.insert(address, self.browsers.len());
        self.browsers.push((browser, self.now));
    }

    fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        while self.now < until {
            self.now += Duration::from_millis(2);
            self.browsers_speak();
            self.relay_works();
        }
    }

    fn browsers_speak(&mut self) {
        for (browser, next) in &mut self.browsers {
            if *next <= self.now {
                *next = browser.advance(self.now, &mut self.to_node);
            }
        }
    }

    fn relay_works(&mut self) {
        let mut out: BTreeMap<usize, Vec<(SocketAddr, Vec<u8>)>> = BTreeMap::new();
        let incoming = std::mem::take(&mut self.to_node);
        self.packets_in += incoming.len() as u64;
        let (mut packets, mut bursts) = (Vec::new(), Vec::with_capacity(4_096));
        let begun = cpu_time();
        for packet in &incoming {
            self.relay.handle_packet(
                self.now,
                Protocol::Udp,
                packet.source,
                packet.destination,
                &packet.contents,
            );
        }
        if self.relay.poll_timeout().is_some_and(|at| at <= self.now) {
            self.relay.handle_timeout(self.now);
        }
        while let Some(output) = self.relay.poll_output(self.now) {
            match output {
                RelayOutput::Packet(packet) => packets.push(packet),
                RelayOutput::Burst(burst) => bursts.push(burst),
                RelayOutput::Letter { .. } | RelayOutput::Media(_) | RelayOutput::Event(_) => {}
            }
        }
        self.busy += cpu_time().saturating_sub(begun);
        for packet in packets {
            let at = self.by_address[&packet.destination];
            let contents = packet.contents.into();
            out.entry(at).or_default().push((packet.source, contents));
        }
        for burst in bursts {
            let at = self.by_address[&burst.destination];
            for packet in burst.packets() {
                if packet.len() > 1_000 {
                    self.media_packets += 1;
                    self.media_bytes += packet.len() as u64;
                }
                let contents = packet.to_vec();
                out.entry(at).or_default().push((burst.source, contents));
            }
            self.relay.reuse(burst.bytes);
        }
        for (at, packets) in out {
            let (browser, next) = &mut self.browsers[at];
            for (source, packet) in packets {
                browser.receive(self.now, Protocol::Udp, source, &packet, &mut self.to_node);
            }
            browser.forget();
            *next = self.now;
        }
    }

    fn begin_counting(&mut self) {
        (self.busy, self.media_packets, self.media_bytes) = (Duration::ZERO, 0, 0);
        self.packets_in = 0;
    }

    fn report(&self) {
        let seconds = self.busy.as_secs_f64();
        let per_second = self.media_packets as f64 / seconds;
        let mbit = self.media_bytes as f64 * 8.0 / 1e6 / seconds;
        let viewers = self.browsers.len() - 1;
        println!(
            "{viewers} viewers: {} packets out, {} in, {seconds:.3} s busy, {per_second:.0} packets/s, {mbit:.0} Mbit/s, {:.2} us/packet, resident {} KiB (browsers included)",
            self.media_packets,
            self.packets_in,
            seconds * 1e6 / self.media_packets as f64,
            resident_kib() - self.memory_before_kib,
        );
    }
}

fn node() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 7_000))
}

fn id_of(number: u16) -> ParticipantId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    ParticipantId::from(bytes)
}

/// Time this thread has been on a core.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanos)
}

fn resident_kib() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or(0)
}
