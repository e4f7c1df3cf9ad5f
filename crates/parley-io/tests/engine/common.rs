//! Engines on loopback, and waiting for what they tell.

use std::{
    net::SocketAddr,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_io::{Engine, EngineConfig, EngineEvent};
use parley_line::{
    CEILING_BPS_DEFAULT, Carrier, FLOOR_BPS_DEFAULT, LineConfig, PathConfig, public_key,
};
use parley_media::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex, Watch};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Longer than anything here ever takes; it only ends a test that has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine, and what it told that nobody waited for yet.
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) seed: [u8; 32],
    told: Vec<EngineEvent>,
}

impl Node {
    /// Starts an engine on free ports of loopback.
    pub(crate) fn start(seed: u8) -> Self {
        Self::start_with(&config(seed))
    }

    pub(crate) fn start_with(config: &EngineConfig) -> Self {
        let engine = Engine::start(config).expect("an engine on free ports");
        Self {
            engine,
            seed: config.key_seed,
            told: Vec::new(),
        }
    }

    pub(crate) fn line_address(&self) -> SocketAddr {
        self.engine.line_addresses()[0]
    }

    /// Opens the line to another node, whose line address is known, by one path.
    pub(crate) fn open_line(&self, other: &Self, carrier: Carrier) -> PartyId {
        self.open_line_to(other, carrier, Some(other.line_address()))
    }

    pub(crate) fn open_line_to(
        &self,
        other: &Self,
        carrier: Carrier,
        remote: Option<SocketAddr>,
    ) -> PartyId {
        let path = PathConfig {
            name: "only".to_owned(),
            socket: 0,
            remote,
            carrier,
            floor_bps: FLOOR_BPS_DEFAULT,
            ceiling_bps: CEILING_BPS_DEFAULT,
        };
        let remote_key = public_key(&other.seed).expect("a key");
        self.engine
            .open_line(LineConfig {
                remote_key,
                paths: vec![path],
            })
            .expect("opens")
    }

    /// Waits until the engine tells something that `find` recognises, and returns it.
    pub(crate) fn wait<T>(&mut self, what: &str, find: impl Fn(&EngineEvent) -> Option<T>) -> T {
        let patience_ends = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = self.told.iter().position(|event| find(event).is_some()) {
                let found = find(&self.told[place]).expect("found");
                self.told.remove(place);
                return found;
            }
            assert!(
                Instant::now() < patience_ends,
                "{what} never came; told: {:?}",
                self.told
            );
            self.wait_for_news();
        }
    }

    /// Everything that was told and not waited for so far.
    pub(crate) fn told(&mut self) -> &[EngineEvent] {
        self.told.extend(self.engine.drain());
        &self.told
    }

    fn wait_for_news(&mut self) {
        let tick = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        poll(
            &mut [PollFd::new(&self.engine.as_fd(), PollFlags::IN)],
            Some(&tick),
        )
        .expect("polls");
        self.told.extend(self.engine.drain());
    }
}

/// Free ports of loopback.
pub(crate) fn config(seed: u8) -> EngineConfig {
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    EngineConfig {
        key_seed: [seed; 32],
        line_listen: vec![any],
        media_udp: any,
        media_tcp: Some(any),
        media_advertise: None,
        media_threads: Some(1),
    }
}

/// Two nodes whose line is up.
pub(crate) fn joined_by(carrier: Carrier) -> (Node, Node) {
    let (mut near, mut far) = (Node::start(1), Node::start(2));
    let there = near.open_line(&far, carrier);
    let here = far.open_line(&near, carrier);
    near.wait("the line", |event| is_up(event, there));
    far.wait("the line", |event| is_up(event, here));
    (near, far)
}

pub(crate) fn is_up(event: &EngineEvent, with: PartyId) -> Option<()> {
    match event {
        EngineEvent::LineState { party, state } if *party == with && state.word() == "up" => {
            Some(())
        }
        _ => None,
    }
}

pub(crate) fn letter(event: &EngineEvent) -> Option<(u8, u16, Bytes)> {
    match event {
        EngineEvent::Letter {
            lane, topic, body, ..
        } => Some((*lane, *topic, body.clone())),
        _ => None,
    }
}

pub(crate) fn answer(event: &EngineEvent) -> Option<String> {
    match event {
        EngineEvent::Joined { answer, .. } => Some(answer.clone()),
        _ => None,
    }
}

pub(crate) fn delivered(event: &EngineEvent) -> Option<u64> {
    match event {
        EngineEvent::LetterDelivered { letter } => Some(*letter),
        _ => None,
    }
}

/// Opens a room on a node and lets its line carry it.
pub(crate) fn open_room(node: &Node, room: RoomId, over: &[PartyId]) {
    node.engine.open_room(room).expect("opens");
    for party in over {
        node.engine.attach(room, *party).expect("attaches");
    }
}

/// What a page does that shows one camera.
pub(crate) fn watch_camera(node: &Node, viewer: ParticipantId, shown: ParticipantId) {
    let track = TrackId {
        participant: shown,
        index: TrackIndex::CAMERA,
    };
    let watch = Watch {
        slot: 0,
        track,
        height_px: 720,
    };
    node.engine.watch(viewer, vec![watch]).expect("watches");
}
