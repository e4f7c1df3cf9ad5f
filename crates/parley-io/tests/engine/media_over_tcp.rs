//! Media over TCP, for a browser that no UDP reaches (RFC 6544, RFC 4571).

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use crate::common::{Node, answer, open_room};
use bytes::Bytes;
use parley_load::{ParticipantConfig, ParticipantMachine};
use parley_media::{ParticipantId, RoomId};

/// Longer than anything here ever takes; it only ends a test that has failed.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_participant_connects_and_sends_by_tcp_alone() {
    let mut near = Node::start(61);
    let (room, ann) = (RoomId::from([1; 16]), ParticipantId::from([2; 16]));
    open_room(&near, room, &[]);
    let mut device = Device::dial(near.engine.media_tcp_addresses()[0]);
    let offer = device.machine.offer().to_owned();
    near.engine
        .join(room, ann, Bytes::new(), offer, [false; 3])
        .expect("asked");
    let answer = near.wait("the answer", answer);
    device.machine.accept(&only_tcp(&answer)).expect("accepted");
    let engine = &near.engine;
    device.run_until(|machine| {
        let told = engine
            .participant_quality(ann)
            .is_ok_and(|quality| quality.is_tcp);
        told && machine.counters().packets_sent > 100
    });
    near.wait("media over TCP", |event| match event {
        parley_io::EngineEvent::Connected { participant } if *participant == ann => Some(()),
        _ => None,
    });
}

#[test]
fn a_stream_for_nobody_is_closed_and_counted() {
    let near = Node::start(62);
    let mut stream = TcpStream::connect(near.engine.media_tcp_addresses()[0]).expect("connects");
    stream
        .write_all(b"\x00\x12GET / HTTP/1.1\r\n\r\n")
        .expect("written");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    assert!(
        matches!(stream.read(&mut [0; 16]), Ok(0) | Err(_)),
        "closed"
    );
    assert!(near.engine.counters()["acceptor_streams_refused_unknown"] >= 1.0);
}

/// A participant whose packets travel in frames on one stream. It takes them for UDP: its engine
/// need not know, and the addresses are the stream's.
struct Device {
    machine: ParticipantMachine,
    stream: TcpStream,
    remote: SocketAddr,
    read: Vec<u8>,
}

impl Device {
    fn dial(remote: SocketAddr) -> Self {
        let stream = TcpStream::connect(remote).expect("connects");
        stream
            .set_read_timeout(Some(Duration::from_millis(2)))
            .expect("set");
        let local = stream.local_addr().expect("an address");
        let machine =
            ParticipantMachine::new(&ParticipantConfig::default(), local, Instant::now(), 0)
                .expect("a machine");
        Self {
            machine,
            stream,
            remote,
            read: Vec::new(),
        }
    }

    fn run_until(&mut self, holds: impl Fn(&ParticipantMachine) -> bool) {
        let patience_ends = Instant::now() + PATIENCE;
        while !holds(&self.machine) {
            assert!(
                Instant::now() < patience_ends,
                "{:?}",
                self.machine.counters()
            );
            self.machine.advance(Instant::now());
            self.send();
            self.receive();
        }
    }

    fn send(&mut self) {
        while let Some(transmit) = self.machine.poll_transmit(Instant::now()) {
            let length = u16::try_from(transmit.contents.len()).expect("short");
            self.stream
                .write_all(&length.to_be_bytes())
                .expect("written");
            self.stream.write_all(&transmit.contents).expect("written");
        }
    }

    fn receive(&mut self) {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(length) => self.read.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        while let [high, low, rest @ ..] = self.read.as_slice() {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(packet) = rest.get(..length) else {
                return;
            };
            self.machine.receive(Instant::now(), self.remote, packet);
            self.read.drain(..2 + length);
        }
    }
}

/// The answer with its TCP candidates alone, written as if they were UDP.
fn only_tcp(answer: &str) -> String {
    answer
        .lines()
        .filter(|line| !(line.starts_with("a=candidate:") && line.contains(" udp ")))
        .map(|line| {
            line.replace(" tcp ", " udp ")
                .replace(" tcptype passive", "")
                + "\r\n"
        })
        .collect()
}
