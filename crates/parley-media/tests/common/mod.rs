//! Relays, scripted browsers and lines in one process and in virtual time.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test binary uses a part of it"
)]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_media::{
    LineMedia, Packet, ParticipantId, PartyId, Relay, RelayConfig, RelayEvent, RelayOutput, RoomId,
    TrackId, TrackIndex, Watch,
    testing::{self, Browser, BrowserConfig, Outgoing},
};
use parley_netem::{Path, Profile, Way};

pub const MS: Duration = Duration::from_millis(1);

/// One way between a browser and its node.
const LEG: Duration = Duration::from_millis(5);

pub fn room() -> RoomId {
    RoomId::from([0xa1; 16])
}

pub fn party(node: usize) -> PartyId {
    PartyId::from([u8::try_from(node + 1).expect("few nodes"); 16])
}

pub fn person(number: usize) -> ParticipantId {
    ParticipantId::from([u8::try_from(number + 100).expect("few people"); 16])
}

pub fn camera_of(number: usize) -> TrackId {
    TrackId {
        participant: person(number),
        index: TrackIndex::CAMERA,
    }
}

pub fn microphone_of(number: usize) -> TrackId {
    TrackId {
        participant: person(number),
        index: TrackIndex::MICROPHONE,
    }
}

fn node_address(node: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, u8::try_from(node).expect("few"), 1], 7_000))
}

fn browser_address(number: usize) -> SocketAddr {
    SocketAddr::from(([10, 1, 0, u8::try_from(number).expect("few")], 5_000))
}

fn relay(node: usize, epoch: u64, now: Instant) -> Relay {
    let mut config = RelayConfig::new(party(node), epoch);
    config.udp.push(node_address(node));
    config.tcp.push(node_address(node));
    config.first_estimate_bps = 4_000_000;
    let mut relay = Relay::new(config, now);
    relay.open_room(now, room());
    relay
}

/// A person and their scripted browser.
pub struct Person {
    pub node: usize,
    pub browser: Browser,
    pub is_gone: bool,
    next: Instant,
}

struct Line {
    ends: [usize; 2],
    media: Path<Vec<u8>>,
    delay: Duration,
    is_up: bool,
    /// Letters that wait for the line to come up.
    held: Vec<(usize, Bytes)>,
    pub copies: BTreeMap<(usize, u32), u64>,
}

enum Delivery {
    ToNode { node: usize, packet: Outgoing },
    ToBrowser { to: SocketAddr, packet: Packet },
    Letter { line: usize, to: usize, body: Bytes },
}

/// Everything, at one instant.
pub struct World {
    pub start: Instant,
    pub now: Instant,
    pub relays: Vec<Relay>,
    pub people: BTreeMap<usize, Person>,
    pub events: Vec<(Instant, usize, RelayEvent)>,
    /// Media units each node gave to lines: what and when.
    pub media: Vec<(Instant, usize, LineMedia)>,
    pub letters: u64,
    /// Letters each node gave to lines, whether or not there is one.
    pub said: Vec<(usize, PartyId, Bytes)>,
    /// Every so many packets of media to this person are lost on the way.
    pub lose: Option<(usize, u64)>,
    lines: Vec<Line>,
    queue: BTreeMap<(Instant, u64), Delivery>,
    order: u64,
}

impl World {
    /// Nodes with the room open and no lines.
    pub fn new(nodes: usize) -> Self {
        let start = testing::start();
        let relays = (0..nodes).map(|node| relay(node, 1, start)).collect();
        Self {
            start,
            now: start,
            relays,
            people: BTreeMap::new(),
            events: Vec::new(),
            media: Vec::new(),
            letters: 0,
            said: Vec::new(),
            lose: None,
            lines: Vec::new(),
            queue: BTreeMap::new(),
            order: 0,
        }
    }

    /// Joins two nodes by a line of a profile, and carries the room on it.
    pub fn line(&mut self, a: usize, b: usize, profile: &str, delay: Duration) -> usize {
        let profile = Profile::parse(profile).expect("a profile");
        self.lines.push(Line {
            ends: [a, b],
            media: Path::new(&profile, 11, self.now),
            delay,
            is_up: true,
            held: Vec::new(),
            copies: BTreeMap::new(),
        });
        for (own, other) in [(a, b), (b, a)] {
            self.relays[own].line_up(self.now, party(other));
            self.relays[own].line_rate(self.now, party(other), 8_000_000);
            self.relays[own]
                .attach(self.now, room(), party(other))
                .expect("an open room");
        }
        self.settle();
        self.lines.len() - 1
    }

    pub fn cut(&mut self, line: usize) {
        self.lines[line].is_up = false;
        let [a, b] = self.lines[line].ends;
        self.relays[a].line_down(self.now, party(b));
        self.relays[b].line_down(self.now, party(a));
        self.settle();
    }

    pub fn heal(&mut self, line: usize) {
        self.lines[line].is_up = true;
        let [a, b] = self.lines[line].ends;
        for (to, body) in std::mem::take(&mut self.lines[line].held) {
            let at = self.now + self.lines[line].delay;
            self.enqueue(at, Delivery::Letter { line, to, body });
        }
        self.relays[a].line_up(self.now, party(b));
        self.relays[b].line_up(self.now, party(a));
        self.settle();
    }

    /// A line's node at its first end is killed and starts anew: its people and all it knew are gone.
    pub fn restart(&mut self, line: usize, epoch: u64) {
        let [node, other] = self.lines[line].ends;
        self.cut(line);
        self.lines[line].held.clear();
        self.people.retain(|_, person| person.node != node);
        self.relays[node] = relay(node, epoch, self.now);
        self.relays[node]
            .attach(self.now, room(), party(other))
            .expect("an open room");
        self.heal(line);
        self.rate(line, 8_000_000);
    }

    pub fn rate(&mut self, line: usize, bps: u64) {
        let [a, b] = self.lines[line].ends;
        self.relays[a].line_rate(self.now, party(b), bps);
        self.relays[b].line_rate(self.now, party(a), bps);
        self.settle();
    }

    /// Lets a person with camera and microphone join.
    pub fn join(&mut self, node: usize, number: usize) {
        let number_short = u8::try_from(number).expect("few");
        self.join_as(
            node,
            number,
            BrowserConfig::new(number_short, browser_address(number)),
        );
    }

    /// Lets a person join who only watches.
    pub fn join_watcher(&mut self, node: usize, number: usize) {
        let number_short = u8::try_from(number).expect("few");
        self.join_as(
            node,
            number,
            BrowserConfig::watcher(number_short, browser_address(number)),
        );
    }

    pub fn join_as(&mut self, node: usize, number: usize, config: BrowserConfig) {
        self.join_with(node, number, config, str::to_owned);
    }

    /// Lets a person join whose offer is changed on its way to the node.
    pub fn join_with(
        &mut self,
        node: usize,
        number: usize,
        mut config: BrowserConfig,
        change: impl Fn(&str) -> String,
    ) {
        config.address = browser_address(number);
        let mut browser = Browser::new(self.now, config);
        let label = Bytes::from(format!("person {number}"));
        let joined = self.relays[node]
            .join(
                self.now,
                room(),
                person(number),
                label,
                &change(browser.offer()),
            )
            .expect("an agreed offer");
        browser.accept(&joined.answer);
        self.people.insert(
            number,
            Person {
                node,
                browser,
                is_gone: false,
                next: self.now,
            },
        );
        self.settle();
    }

    pub fn leave(&mut self, number: usize) {
        let node = self.people[&number].node;
        self.relays[node].leave(self.now, person(number));
        self.people.remove(&number);
        self.settle();
    }

    /// Shows these cameras in slots 0, 1, ... at a height.
    pub fn watch(&mut self, number: usize, cameras: &[usize], height_px: u16) {
        let watches: Vec<Watch> = (0..)
            .zip(cameras)
            .map(|(slot, camera)| Watch {
                slot,
                track: camera_of(*camera),
                height_px,
            })
            .collect();
        let node = self.people[&number].node;
        self.relays[node]
            .watch(self.now, person(number), &watches)
            .expect("a participant");
        self.settle();
    }

    pub fn mute(&mut self, number: usize, index: TrackIndex, is_muted: bool) {
        let node = self.people[&number].node;
        self.relays[node]
            .set_muted(self.now, person(number), index, is_muted)
            .expect("there");
        self.settle();
    }

    pub fn browser(&mut self, number: usize) -> &mut Browser {
        &mut self.people.get_mut(&number).expect("joined").browser
    }

    /// Lets virtual time pass.
    pub fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(next) = self.next().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.step();
        }
        self.now = until;
        self.settle();
    }

    /// Lets time pass until something is true; fails when it takes too long.
    pub fn run_until(
        &mut self,
        within: Duration,
        what: &str,
        mut is_true: impl FnMut(&mut Self) -> bool,
    ) -> Duration {
        let begun = self.now;
        while !is_true(self) {
            assert!(self.now < begun + within, "not within {within:?}: {what}");
            self.run(5 * MS);
        }
        self.now - begun
    }

    /// The last roster a node told, as the numbers of the people in it.
    pub fn roster(&self, node: usize) -> Vec<usize> {
        let rosters = self.events.iter().rev().filter(|(_, at, _)| *at == node);
        for (_, _, event) in rosters {
            if let RelayEvent::Roster { participants, .. } = event {
                return participants
                    .iter()
                    .map(|entry| usize::from(entry.participant.as_bytes()[0]) - 100)
                    .collect();
            }
        }
        Vec::new()
    }

    fn next(&mut self) -> Option<Instant> {
        let queued = self.queue.keys().next().map(|(at, _)| *at);
        let relays = self.relays.iter_mut().filter_map(Relay::poll_timeout).min();
        let people = self
            .people
            .values()
            .filter(|person| !person.is_gone)
            .map(|person| person.next)
            .min();
        let lines = self
            .lines
            .iter()
            .filter_map(|line| line.media.next_timeout())
            .min();
        [queued, relays, people, lines].into_iter().flatten().min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(entry) = self
            .queue
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            let delivery = entry.remove();
            self.deliver(delivery);
        }
        self.deliver_media();
        for relay in &mut self.relays {
            if relay.poll_timeout().is_some_and(|at| at <= now) {
                relay.handle_timeout(now);
            }
        }
        self.settle();
        let due: Vec<usize> = self
            .people
            .iter()
            .filter(|(_, person)| !person.is_gone && person.next <= now)
            .map(|(number, _)| *number)
            .collect();
        for number in due {
            self.advance_browser(number);
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let now = self.now;
        match delivery {
            Delivery::ToNode { node, packet } => {
                self.relays[node].handle_packet(
                    now,
                    packet.protocol,
                    packet.source,
                    packet.destination,
                    &packet.contents,
                );
                self.settle();
            }
            Delivery::ToBrowser { to, packet } => {
                let found = self
                    .people
                    .iter_mut()
                    .find(|(_, person)| person.browser.address() == to);
                if let Some((number, person)) = found.filter(|(_, person)| !person.is_gone) {
                    let number = *number;
                    let mut out = Vec::new();
                    person.browser.receive(
                        now,
                        packet.protocol,
                        packet.source,
                        &packet.contents,
                        &mut out,
                    );
                    person.next = now;
                    self.send_up(number, out);
                }
            }
            Delivery::Letter { line, to, body } => {
                if !self.lines[line].is_up {
                    self.lines[line].held.push((to, body));
                    return;
                }
                let from = self.lines[line]
                    .ends
                    .into_iter()
                    .find(|end| *end != to)
                    .expect("two ends");
                self.relays[to].handle_letter(now, party(from), &body);
                self.settle();
            }
        }
    }

    fn deliver_media(&mut self) {
        for at in 0..self.lines.len() {
            while let Some((way, payload)) = self.lines[at].media.poll(self.now) {
                let [a, b] = self.lines[at].ends;
                let (from, to) = if way == Way::Out { (a, b) } else { (b, a) };
                if self.lines[at].is_up {
                    self.relays[to].handle_media(self.now, party(from), payload.into());
                }
            }
        }
        self.settle();
    }

    fn advance_browser(&mut self, number: usize) {
        let now = self.now;
        let person = self.people.get_mut(&number).expect("there");
        let mut out = Vec::new();
        person.next = person.browser.advance(now, &mut out);
        self.send_up(number, out);
    }

    fn send_up(&mut self, number: usize, out: Vec<Outgoing>) {
        let node = self.people[&number].node;
        for packet in out {
            self.enqueue(self.now + LEG, Delivery::ToNode { node, packet });
        }
    }

    /// Takes everything out of every relay.
    pub fn settle(&mut self) {
        for node in 0..self.relays.len() {
            while let Some(output) = self.relays[node].poll_output(self.now) {
                self.take(node, output);
            }
        }
    }

    fn take(&mut self, node: usize, output: RelayOutput) {
        match output {
            RelayOutput::Packet(packet) => {
                let to = packet.destination;
                if self.is_lost(&packet) {
                    return;
                }
                self.enqueue(self.now + LEG, Delivery::ToBrowser { to, packet });
            }
            RelayOutput::Burst(burst) => {
                for packet in burst.packets() {
                    let packet = Packet {
                        protocol: burst.protocol,
                        source: burst.source,
                        destination: burst.destination,
                        contents: packet.to_vec().into(),
                    };
                    self.take(node, RelayOutput::Packet(packet));
                }
                self.relays[node].reuse(burst.bytes);
            }
            RelayOutput::Event(event) => self.events.push((self.now, node, event)),
            RelayOutput::Letter { to, body } => {
                self.letters += 1;
                self.said.push((node, to, body.clone()));
                if let Some(line) = self.line_between(node, to) {
                    let to = self.other(line, node);
                    let at = self.now + self.lines[line].delay;
                    self.enqueue(at, Delivery::Letter { line, to, body });
                }
            }
            RelayOutput::Media(media) => {
                if let Some(line) = self
                    .line_between(node, media.to)
                    .filter(|line| self.lines[*line].is_up)
                {
                    let way = if self.lines[line].ends[0] == node {
                        Way::Out
                    } else {
                        Way::Back
                    };
                    let payload = media.payload.to_vec();
                    self.lines[line].media.push(self.now, way, payload);
                }
                self.media.push((self.now, node, media));
            }
        }
    }

    /// Lets time pass while the nodes get nothing to do, and then everything at once.
    pub fn starve(&mut self, duration: Duration) {
        let until = self.now + duration;
        let browsers: Vec<usize> = self.people.keys().copied().collect();
        while self.now < until {
            self.now += 10 * MS;
            for number in &browsers {
                if self.people[number].next <= self.now {
                    self.advance_browser(*number);
                }
            }
        }
        self.step();
    }

    fn is_lost(&mut self, packet: &Packet) -> bool {
        let Some((number, every)) = self.lose else {
            return false;
        };
        let is_theirs = self.people[&number].browser.address() == packet.destination;
        let is_media = packet.contents.len() > 300;
        self.order += u64::from(is_theirs && is_media);
        is_theirs && is_media && self.order.is_multiple_of(every)
    }

    fn line_between(&self, node: usize, to: PartyId) -> Option<usize> {
        self.lines.iter().position(|line| {
            line.ends.contains(&node)
                && line
                    .ends
                    .iter()
                    .any(|end| *end != node && party(*end) == to)
        })
    }

    fn other(&self, line: usize, node: usize) -> usize {
        self.lines[line]
            .ends
            .into_iter()
            .find(|end| *end != node)
            .expect("two ends")
    }

    fn enqueue(&mut self, at: Instant, delivery: Delivery) {
        self.order += 1;
        self.queue.insert((at, self.order), delivery);
    }
}

/// A browser and what came to it, checked: sequence numbers and timestamps go on without a jump.
pub fn assert_continuous(received: &[parley_media::testing::Received]) {
    let mut ordered = received.to_vec();
    ordered.sort_by_key(|packet| packet.sequence);
    for pair in ordered.windows(2) {
        assert_eq!(
            pair[1].sequence,
            pair[0].sequence + 1,
            "a jump in the numbers"
        );
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!(step < 90_000 * 3, "a jump in time: {step}");
        if let (Some(before), Some(after)) = (pair[0].picture_id, pair[1].picture_id) {
            let step = after.wrapping_sub(before) & 0x7fff;
            assert!(step <= 1, "a jump in pictures: {step}");
        }
    }
}
