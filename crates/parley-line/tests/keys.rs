//! Who is let in, and what is counted of those who are not.
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

mod common;

use bytes::BytesMut;
use common::{World, address, key_of, path, seed_of};
use parley_line::{Carrier, LineConfig, LineError, LineEvent, OurError, PathConfig, Refusal};
use parley_wire::line::Lane;
use std::time::Duration;

fn open(world: &mut World, node: usize, remote_key: [u8; 32], to: PathConfig) {
    let now = world.now;
    let config = LineConfig {
        remote_key,
        paths: vec![to],
    };
    world.nodes[node].lines.open(now, config).unwrap();
}

fn refused(world: &World, node: usize, reason: Refusal) -> u64 {
    world.nodes[node].lines.refusals().count(reason)
}

/// A dial by a party without a line is refused and counted with its key.
#[test]
fn an_unknown_key_is_refused_and_counted() {
    let mut world = World::new(1);
    world.add_node(1);
    world.add_node(1);
    world.join(0, 1, 0, "regional");
    open(&mut world, 0, key_of(1), path(1, 0, "fibre", true));
    world.run(Duration::from_secs(5));
    assert!(refused(&world, 1, Refusal::UnknownKey) > 0);
    let told = world.nodes[1].events.iter().any(|(_, event)| {
        matches!(event, LineEvent::Refused { reason: Refusal::UnknownKey, key: Some(key), .. } if *key == key_of(0))
    });
    assert!(told, "the operator hears whose key it was");
    assert_ne!(world.status(0).state, parley_line::LineState::Up);
}

/// A node of an earlier or later version is not talked to, and both sides count why; once it speaks
/// ours, the line comes up by itself.
#[test]
fn another_version_is_refused_until_it_is_ours() {
    for other in [0, 2] {
        let mut world = World::pair(1, &["regional"]);
        world.nodes[1].lines.speak_version(other);
        world.run(Duration::from_secs(20));
        for node in [0, 1] {
            assert_ne!(world.status(node).state, parley_line::LineState::Up);
            assert!(refused(&world, node, Refusal::Version) > 0, "{node}");
        }
        world.nodes[1].lines.speak_version(1);
        world.establish();
    }
}

/// A node with another key at the address is not talked to.
#[test]
fn a_wrong_key_at_the_address_is_refused() {
    let mut world = World::new(2);
    world.add_node(1);
    world.add_node(1);
    world.join(0, 1, 0, "regional");
    open(&mut world, 0, key_of(5), path(1, 0, "fibre", true));
    open(&mut world, 1, key_of(0), path(0, 0, "fibre", false));
    world.run(Duration::from_secs(5));
    assert!(refused(&world, 0, Refusal::WrongKey) > 0);
    assert_ne!(world.status(0).state, parley_line::LineState::Up);
}

/// Two lines whose keys were exchanged for each other are told apart from a stranger.
#[test]
fn swapped_keys_are_named_as_such() {
    let mut world = World::new(3);
    for _ in 0..3 {
        world.add_node(1);
    }
    world.join(0, 1, 0, "regional");
    world.join(0, 2, 0, "regional");
    open(&mut world, 0, key_of(2), path(1, 0, "fibre", true));
    open(&mut world, 0, key_of(1), path(2, 0, "fibre", true));
    open(&mut world, 1, key_of(0), path(0, 0, "fibre", false));
    open(&mut world, 2, key_of(0), path(0, 0, "fibre", false));
    world.run(Duration::from_secs(5));
    assert!(refused(&world, 0, Refusal::SwappedKey) > 0);
    assert_eq!(refused(&world, 0, Refusal::WrongKey), 0);
}

/// Somebody who dials us with our own key is refused and named.
#[test]
fn our_own_key_from_outside_is_refused() {
    let mut world = World::new(4);
    world.add_node(1);
    world.add_node_with_key(1, seed_of(0));
    world.add_node(1);
    world.join(0, 1, 0, "regional");
    open(&mut world, 0, key_of(2), path(1, 0, "fibre", true));
    open(&mut world, 1, key_of(2), path(0, 0, "fibre", false));
    world.run(Duration::from_secs(5));
    assert!(refused(&world, 0, Refusal::OwnKey) + refused(&world, 1, Refusal::OwnKey) > 0);
}

/// Node 0 has a line to node 1; node 2 runs with node 0's key and wants the same line.
fn two_with_one_key() -> World {
    let mut world = World::new(5);
    world.add_node(1);
    world.add_node(1);
    world.add_node_with_key(1, seed_of(0));
    world.join(0, 1, 0, "regional");
    world.join(1, 2, 0, "regional");
    open(&mut world, 1, key_of(0), path(0, 0, "fibre", false));
    open(&mut world, 0, key_of(1), path(1, 0, "fibre", true));
    world.run(Duration::from_secs(2));
    open(&mut world, 2, key_of(1), path(1, 0, "fibre", true));
    world.run(Duration::from_secs(15));
    world
}

/// A second node with one key is noticed by the other party and told so, and does not put the first
/// one out.
#[test]
fn a_second_node_with_one_key_is_refused_while_the_first_answers() {
    let mut world = two_with_one_key();
    assert!(refused(&world, 1, Refusal::KeyInUseTwice) > 0);
    assert!(refused(&world, 2, Refusal::OurKeyInUseTwice) > 0);
    assert_eq!(refused(&world, 0, Refusal::OurKeyInUseTwice), 0);
    world.send(1, Lane::Document, b"for the first".as_slice());
    world.run(Duration::from_secs(1));
    assert_eq!((world.letters(0).len(), world.letters(2).len()), (1, 0));
}

/// A node that takes over from one that is gone gets the line without anybody's act.
#[test]
fn a_second_node_with_one_key_gets_the_line_when_the_first_is_gone() {
    let mut world = two_with_one_key();
    world.cut(0, 1, 0, None);
    world.run(Duration::from_secs(15));
    world.send(1, Lane::Document, b"for the second".as_slice());
    world.run(Duration::from_secs(2));
    assert_eq!((world.letters(0).len(), world.letters(2).len()), (0, 1));
}

/// A restart is no second node, however soon it comes.
#[test]
fn a_node_that_restarts_at_once_is_not_taken_for_a_second_one() {
    for profile in ["lan", "regional", "border", "satellite"] {
        let mut world = World::pair(7, &[profile]);
        world.run(Duration::from_secs(5));
        world.restart(0, 77);
        open(&mut world, 0, key_of(1), path(1, 0, "fibre", true));
        world.run(Duration::from_secs(12));
        assert_eq!(refused(&world, 1, Refusal::KeyInUseTwice), 0, "{profile}");
        world.send(1, Lane::Document, b"after".as_slice());
        world.run(Duration::from_secs(2));
        assert_eq!(world.letters(0).len(), 1, "{profile}");
    }
}

/// A line to ourselves, a second line to a party, and malformed paths are refused at once.
#[test]
fn lines_that_cannot_be_are_refused_at_once() {
    let mut world = World::pair(6, &["lan"]);
    let now = world.now;
    let lines = &mut world.nodes[0].lines;
    let mut try_open = |remote_key, paths| {
        lines
            .open(now, LineConfig { remote_key, paths })
            .unwrap_err()
    };
    let good = path(1, 0, "fibre", true);
    assert_eq!(
        try_open(key_of(0), vec![good.clone()]),
        LineError::Our(OurError::OwnKey)
    );
    assert_eq!(
        try_open(key_of(1), vec![good.clone()]),
        LineError::Our(OurError::AlreadyOpen)
    );
    assert_eq!(try_open(key_of(9), vec![]), LineError::Our(OurError::Paths));
    assert_eq!(
        try_open(key_of(9), vec![good.clone(), good.clone()]),
        LineError::Our(OurError::Paths)
    );
    let far = PathConfig { socket: 4, ..good };
    assert_eq!(
        try_open(key_of(9), vec![far]),
        LineError::Our(OurError::Paths)
    );
}

/// Bytes that are no packet are counted and harm nothing.
#[test]
fn malformed_packets_are_counted() {
    let mut world = World::pair(7, &["lan"]);
    world.establish();
    let stranger = address(9, 0);
    for length in [0_usize, 1, 7, 20, 21, 100, 1_200, 1_500] {
        for first in [0_u8, 0x40, 0x80, 0xc0, 0xff] {
            let mut packet = BytesMut::zeroed(length);
            packet
                .iter_mut()
                .enumerate()
                .for_each(|(at, byte)| *byte = first ^ at.to_le_bytes()[0]);
            let now = world.now;
            let lines = &mut world.nodes[0].lines;
            lines.handle_datagram(now, 0, Carrier::Udp, stranger, None, packet.clone());
            lines.handle_datagram(now, 0, Carrier::Tcp, stranger, None, packet.clone());
            lines.handle_datagram(now, 3, Carrier::Udp, stranger, None, packet);
        }
    }
    world.run(Duration::from_secs(5));
    assert!(refused(&world, 0, Refusal::MalformedPacket) > 20);
    assert_eq!(world.status(0).state, parley_line::LineState::Up);
}

/// A flood of first packets is bounded and does not stop the line.
#[test]
fn a_flood_of_dials_is_bounded() {
    let mut world = World::pair(8, &["regional"]);
    world.establish();
    let mut flood = World::new(9);
    flood.add_node(1);
    let mut firsts = Vec::new();
    for node in 0..300 {
        let now = flood.now;
        let config = LineConfig {
            remote_key: key_of(1),
            paths: vec![path(1, 0, "fibre", true)],
        };
        let key_seed = [u8::try_from(node % 250).unwrap() | 1; 32];
        let entropy = [u8::try_from(node % 251).unwrap(); 32];
        let config_all = parley_line::LinesConfig {
            key_seed,
            sockets: 1,
            entropy,
        };
        let Ok(mut lines) = parley_line::Lines::new(config_all, now) else {
            continue;
        };
        if lines.open(now, config).is_err() {
            continue;
        }
        lines.handle_timeout(now);
        let mut buffer = Vec::new();
        while lines.poll_transmit(now, &mut buffer).is_some() {
            firsts.push((node, buffer.clone()));
        }
    }
    for (node, packet) in &firsts {
        let from = format!("10.9.{}.{}:7400", node / 250, node % 250 + 1)
            .parse()
            .unwrap();
        let now = world.now;
        let lines = &mut world.nodes[1].lines;
        lines.handle_datagram(
            now,
            0,
            Carrier::Udp,
            from,
            None,
            BytesMut::from(&packet[..]),
        );
    }
    world.run(Duration::from_secs(5));
    assert_eq!(world.status(1).state, parley_line::LineState::Up);
}

/// What a dial says before anything is agreed.
#[derive(Debug, PartialEq)]
struct Hello {
    server_name: Option<String>,
    groups: Vec<rustls::NamedGroup>,
    is_older_possible: bool,
}

/// Remembers what the dials that it sees say, and serves none of them.
#[derive(Debug, Default)]
struct HelloWatch(std::sync::Mutex<Vec<Hello>>);

impl rustls::server::ResolvesServerCert for HelloWatch {
    fn resolve(
        &self,
        hello: rustls::server::ClientHello<'_>,
    ) -> Option<std::sync::Arc<rustls::sign::CertifiedKey>> {
        let is_older = |suite: &rustls::CipherSuite| !format!("{suite:?}").starts_with("TLS13_");
        self.0.lock().unwrap().push(Hello {
            server_name: hello.server_name().map(str::to_owned),
            groups: hello.named_groups().unwrap_or_default().to_vec(),
            is_older_possible: hello.cipher_suites().iter().any(is_older),
        });
        None
    }
}

/// The `ClientHello` of a dial names nobody, and offers the hybrid exchange or none: whoever records
/// the line today opens it with no computer of tomorrow.
#[test]
fn a_dial_names_nobody_and_offers_one_exchange() {
    use quinn_proto::{DatagramEvent, Endpoint, EndpointConfig, ServerConfig};
    use std::sync::Arc;
    let watch = Arc::new(HelloWatch::default());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&watch) as _);
    tls.alpn_protocols = vec![b"parley-line/1".to_vec()];
    let crypto = quinn_proto::crypto::rustls::QuicServerConfig::try_from(tls).unwrap();
    let server = Arc::new(ServerConfig::with_crypto(Arc::new(crypto)));
    let reset = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[1; 32]);
    let config = Arc::new(EndpointConfig::new(Arc::new(reset)));
    let mut endpoint = Endpoint::new(config, Some(server), true, None);

    let mut world = World::new(1);
    world.add_node(1);
    open(&mut world, 0, key_of(1), path(1, 0, "fibre", true));
    let now = world.now;
    let lines = &mut world.nodes[0].lines;
    lines.handle_timeout(now);
    let (mut buffer, mut scratch, mut dial) = (Vec::new(), Vec::new(), None);
    while lines.poll_transmit(now, &mut buffer).is_some() {
        let packet = BytesMut::from(&buffer[..]);
        match endpoint.handle(now, address(0, 0), None, None, packet, &mut scratch) {
            Some(DatagramEvent::NewConnection(incoming)) => {
                dial = endpoint.accept(incoming, now, &mut scratch, None).ok();
            }
            Some(DatagramEvent::ConnectionEvent(_, event)) => {
                dial.as_mut().unwrap().1.handle_event(event);
            }
            Some(DatagramEvent::Response(_)) | None => {}
        }
    }
    assert_eq!(
        *watch.0.lock().unwrap(),
        [Hello {
            server_name: None,
            groups: vec![rustls::NamedGroup::X25519MLKEM768],
            is_older_possible: false,
        }],
        "one ClientHello"
    );
}
