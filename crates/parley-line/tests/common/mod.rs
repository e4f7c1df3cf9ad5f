//! Nodes joined by seeded paths in virtual time.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::unused_self,
    clippy::wildcard_enum_match_arm,
    clippy::similar_names,
    reason = "tests: helpers are shared, a failed unwrap is a failed test"
)]

use bytes::{Bytes, BytesMut};
use parley_line::{
    Carrier, EcnCodepoint, Lane, LetterId, LineConfig, LineEvent, LineId, LineState, LineStatus,
    Lines, LinesConfig, MediaUnit, PathConfig, public_key,
};
use parley_netem::{Network, Profile, Way};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// A node and what it has told so far.
pub struct Node {
    pub lines: Lines,
    pub seed: [u8; 32],
    /// Address of each socket as the network sees it.
    pub addresses: Vec<SocketAddr>,
    pub events: Vec<(Duration, LineEvent)>,
    pub sent_packets: u64,
    pub longest_packet: usize,
    pub is_running: bool,
    /// What arrived while its machine stands still; `None` while it runs.
    pub held: Option<Vec<(SocketAddr, SocketAddr, Vec<u8>)>>,
}

/// Everything that happens in one test.
pub struct World {
    pub start: Instant,
    pub now: Instant,
    pub network: Network<Vec<u8>>,
    pub nodes: Vec<Node>,
    pub steps: u64,
}

pub fn seed_of(node: usize) -> [u8; 32] {
    [u8::try_from(node + 1).unwrap(); 32]
}

pub fn key_of(node: usize) -> [u8; 32] {
    public_key(&seed_of(node)).unwrap()
}

/// Address of a node's socket.
pub fn address(node: usize, socket: usize) -> SocketAddr {
    format!("10.{socket}.{node}.1:7400").parse().unwrap()
}

pub fn path(node: usize, socket: usize, name: &str, dials: bool) -> PathConfig {
    PathConfig {
        name: name.to_owned(),
        socket,
        remote: dials.then(|| address(node, socket)),
        carrier: Carrier::Udp,
        floor_bps: 128_000,
        ceiling_bps: 100_000_000,
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        // The only clock reading: virtual time needs some instant to begin with.
        #[expect(clippy::disallowed_methods)]
        let start = Instant::now();
        Self {
            start,
            now: start,
            network: Network::new(seed, start),
            nodes: Vec::new(),
            steps: 0,
        }
    }

    /// Two nodes with a path of each profile between them and a line over all of them.
    pub fn pair(seed: u64, profiles: &[&str]) -> Self {
        let mut world = Self::new(seed);
        world.add_node(profiles.len());
        world.add_node(profiles.len());
        for (socket, profile) in profiles.iter().enumerate() {
            world.join(0, 1, socket, profile);
        }
        world.open(0, 1, profiles.len(), true);
        world.open(1, 0, profiles.len(), true);
        world
    }

    pub fn add_node(&mut self, sockets: usize) -> usize {
        let index = self.nodes.len();
        let seed = seed_of(index);
        self.add_node_with_key(sockets, seed)
    }

    pub fn add_node_with_key(&mut self, sockets: usize, seed: [u8; 32]) -> usize {
        let index = self.nodes.len();
        let addresses = (0..sockets).map(|socket| address(index, socket)).collect();
        let lines = Self::lines(self.now, seed, sockets, u8::try_from(index).unwrap());
        self.nodes.push(Node {
            lines,
            seed,
            addresses,
            events: Vec::new(),
            sent_packets: 0,
            longest_packet: 0,
            is_running: true,
            held: None,
        });
        index
    }

    fn lines(now: Instant, key_seed: [u8; 32], sockets: usize, entropy: u8) -> Lines {
        let config = LinesConfig {
            key_seed,
            sockets,
            entropy: [entropy ^ 0x5a; 32],
        };
        Lines::new(config, now).unwrap()
    }

    /// Replaces a node by a fresh one with the same key, as after a crash.
    pub fn restart(&mut self, node: usize, entropy: u8) {
        let sockets = self.nodes[node].addresses.len();
        self.nodes[node].lines = Self::lines(self.now, self.nodes[node].seed, sockets, entropy);
    }

    pub fn join(&mut self, a: usize, b: usize, socket: usize, profile: &str) {
        let profile = Profile::parse(profile).unwrap();
        self.network
            .join(address(a, socket).ip(), address(b, socket).ip(), &profile);
    }

    /// Cuts a path both ways, for a time or for good.
    pub fn cut(&mut self, a: usize, b: usize, socket: usize, lasts: Option<Duration>) {
        let now = self.now;
        self.network
            .path(address(a, socket).ip(), address(b, socket).ip())
            .unwrap()
            .cut(now, &Way::BOTH, lasts);
    }

    pub fn set_profile(&mut self, a: usize, b: usize, socket: usize, profile: &str) {
        let now = self.now;
        let profile = Profile::parse(profile).unwrap();
        self.network
            .path(address(a, socket).ip(), address(b, socket).ip())
            .unwrap()
            .set_profile(now, &profile);
    }

    /// Opens the line of `node` to `other` over `paths` paths.
    pub fn open(&mut self, node: usize, other: usize, paths: usize, dials: bool) -> LineId {
        let names = ["fibre", "copper", "radio", "satellite"];
        let paths = (0..paths)
            .map(|socket| path(other, socket, names[socket], dials))
            .collect();
        let remote_key = public_key(&self.nodes[other].seed).unwrap();
        let config = LineConfig { remote_key, paths };
        self.nodes[node].lines.open(self.now, config).unwrap()
    }

    /// Lets a node's machine stand still for a time: what arrives waits, and nothing is sent.
    pub fn stand_still(&mut self, node: usize, for_: Duration) {
        self.nodes[node].held = Some(Vec::new());
        self.run(for_);
        for (from, to, packet) in self.nodes[node].held.take().unwrap() {
            self.deliver(from, to, &packet);
        }
        self.settle();
    }

    /// The first line of a node.
    pub fn line(&self) -> LineId {
        self.line_number(0)
    }

    pub fn line_number(&self, number: u32) -> LineId {
        // Ids count from zero; the letter id carries one in a known place.
        LineId::from_number(number)
    }

    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Runs until `for_` has passed.
    pub fn run(&mut self, for_: Duration) {
        let end = self.now + for_;
        while self.step(end) {}
        self.now = end;
        self.settle();
    }

    /// Runs until `done` or until `for_` has passed; whether it was done.
    pub fn run_until(&mut self, for_: Duration, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        let end = self.now + for_;
        loop {
            if done(self) {
                return true;
            }
            if !self.step(end) {
                return done(self);
            }
        }
    }

    /// One advance of time to the next thing that happens; `false` when that is after `end`.
    pub fn step(&mut self, end: Instant) -> bool {
        self.settle();
        let awake = |node: &&Node| node.is_running && node.held.is_none();
        let timers = self.nodes.iter().filter(awake);
        let timers = timers.filter_map(|node| node.lines.poll_timeout());
        let Some(next) = timers.chain(self.network.next_timeout()).min() else {
            return false;
        };
        if next > end {
            return false;
        }
        self.steps += 1;
        assert!(self.steps < 200_000_000, "the world does not come to rest");
        self.now = self.now.max(next);
        while let Some(parcel) = self.network.poll(self.now) {
            self.deliver(parcel.from, parcel.to, &parcel.packet);
        }
        for node in self.nodes.iter_mut().filter(|node| awake(&&**node)) {
            if node.lines.poll_timeout().is_some_and(|at| at <= self.now) {
                node.lines.handle_timeout(self.now);
            }
        }
        true
    }

    pub fn deliver(&mut self, from: SocketAddr, to: SocketAddr, packet: &[u8]) {
        for node in self.nodes.iter_mut().filter(|node| node.is_running) {
            if let Some(socket) = node.addresses.iter().position(|address| *address == to) {
                if let Some(held) = &mut node.held {
                    held.push((from, to, packet.to_vec()));
                    continue;
                }
                let bytes = BytesMut::from(packet);
                let carrier = Carrier::Udp;
                node.lines
                    .handle_datagram(self.now, socket, carrier, from, None, bytes);
            }
        }
    }

    /// Lets every node send and tell what it has.
    pub fn settle(&mut self) {
        let mut buffer = Vec::new();
        let elapsed = self.elapsed();
        let awake = |node: &&mut Node| node.is_running && node.held.is_none();
        for node in self.nodes.iter_mut().filter(awake) {
            let mut turns = 0;
            while let Some(transmit) = node.lines.poll_transmit(self.now, &mut buffer) {
                turns += 1;
                assert!(turns < 100_000, "a node never stops sending");
                assert_eq!(transmit.size, buffer.len());
                let _: Option<EcnCodepoint> = transmit.ecn;
                node.sent_packets += 1;
                node.longest_packet = node.longest_packet.max(buffer.len());
                let from = node.addresses[transmit.socket];
                self.network
                    .send(self.now, from, transmit.to, buffer.clone());
            }
            while let Some(event) = node.lines.poll_event() {
                node.events.push((elapsed, event));
            }
        }
    }

    /// Runs until both ends of the first line are up; fails otherwise.
    pub fn establish(&mut self) {
        let line = self.line();
        let is_up = self.run_until(Duration::from_secs(30), |world| {
            world.nodes.iter().all(|node| {
                node.lines
                    .status(world.now, line)
                    .is_none_or(|status| status.state == LineState::Up)
            })
        });
        assert!(is_up, "the line came up");
    }

    pub fn status(&self, node: usize) -> LineStatus {
        self.nodes[node]
            .lines
            .status(self.now, self.line())
            .unwrap()
    }

    pub fn send(&mut self, node: usize, lane: Lane, body: impl Into<Bytes>) -> LetterId {
        let line = self.line();
        self.nodes[node]
            .lines
            .send(self.now, line, lane, 16, body.into())
            .unwrap()
    }

    /// Sends one audio unit that says when it was sent.
    pub fn speak(&mut self, node: usize, flow: u32, number: u32) {
        let mut payload = vec![0; 100];
        payload[..4].copy_from_slice(&number.to_be_bytes());
        let micros = u64::try_from(self.elapsed().as_micros()).unwrap();
        payload[4..12].copy_from_slice(&micros.to_be_bytes());
        payload[12..16].copy_from_slice(&flow.to_be_bytes());
        let unit = MediaUnit {
            lane: Lane::Audio,
            flow,
            frame: 0,
            first: true,
            last: true,
            payload: payload.into(),
        };
        let line = self.line();
        let _ = self.nodes[node].lines.send_media(self.now, line, unit);
    }

    /// Sends one video frame of `units` units of `bytes` bytes.
    pub fn show(
        &mut self,
        node: usize,
        lane: Lane,
        flow: u32,
        frame: u32,
        units: u32,
        bytes: usize,
    ) {
        let micros = u64::try_from(self.elapsed().as_micros()).unwrap();
        for unit in 0..units {
            let mut payload = vec![0; bytes.max(20)];
            payload[..4].copy_from_slice(&(frame * 1_000 + unit).to_be_bytes());
            payload[4..12].copy_from_slice(&micros.to_be_bytes());
            payload[12..16].copy_from_slice(&flow.to_be_bytes());
            let unit = MediaUnit {
                lane,
                flow,
                frame,
                first: unit == 0,
                last: unit + 1 == units,
                payload: payload.into(),
            };
            let line = self.line();
            let _ = self.nodes[node].lines.send_media(self.now, line, unit);
        }
    }

    /// Letters that a node received, in order.
    pub fn letters(&self, node: usize) -> Vec<(Lane, Bytes)> {
        let letter = |(_, event): &(Duration, LineEvent)| match event {
            LineEvent::Letter { lane, body, .. } => Some((*lane, body.clone())),
            _ => None,
        };
        self.nodes[node].events.iter().filter_map(letter).collect()
    }

    /// When a node received its letters, in order.
    pub fn letters_at(&self, node: usize) -> Vec<Duration> {
        let letter = |(at, event): &(Duration, LineEvent)| match event {
            LineEvent::Letter { .. } => Some(*at),
            _ => None,
        };
        self.nodes[node].events.iter().filter_map(letter).collect()
    }

    /// Letters of a node that the other party acknowledged.
    pub fn delivered(&self, node: usize) -> Vec<LetterId> {
        let letter = |(_, event): &(Duration, LineEvent)| match event {
            LineEvent::Delivered { letter } => Some(*letter),
            _ => None,
        };
        self.nodes[node].events.iter().filter_map(letter).collect()
    }

    /// Media that a node received, as `(received at, sent at, number, flow)`.
    pub fn media(&self, node: usize, wanted: Lane) -> Vec<(Duration, Duration, u32, u32)> {
        let unit = |(at, event): &(Duration, LineEvent)| match event {
            LineEvent::Media { lane, payload, .. } if *lane == wanted => {
                let number = u32::from_be_bytes(payload[..4].try_into().unwrap());
                let micros = u64::from_be_bytes(payload[4..12].try_into().unwrap());
                let flow = u32::from_be_bytes(payload[12..16].try_into().unwrap());
                Some((*at, Duration::from_micros(micros), number, flow))
            }
            _ => None,
        };
        self.nodes[node].events.iter().filter_map(unit).collect()
    }
}

/// The value below which `share` of the sorted values lie.
pub fn quantile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    if values.is_empty() {
        return Duration::ZERO;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let index = ((values.len() - 1) as f64 * share).round() as usize;
    values[index]
}
