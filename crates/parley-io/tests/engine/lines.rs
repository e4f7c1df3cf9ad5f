//! Two engines on loopback, and the line between them.

use crate::common::{Node, config, delivered, is_up, joined_by, letter};
use bytes::Bytes;
use parley_io::{Engine, EngineError};
use parley_line::{Carrier, Lane};

#[test]
fn letters_cross_both_ways_and_are_told_delivered() {
    let (mut near, mut far) = joined_by(Carrier::Udp);
    let (there, here) = (far.engine.party(), near.engine.party());
    let body = Bytes::from(vec![7; 300_000]);
    let alert = near
        .engine
        .send(there, Lane::Alert, 16, Bytes::from_static(b"ring"))
        .expect("sent");
    let document = far
        .engine
        .send(here, Lane::Document, 17, body.clone())
        .expect("sent");
    assert_eq!(
        far.wait("the alert", letter),
        (0, 16, Bytes::from_static(b"ring"))
    );
    assert_eq!(near.wait("the document", letter), (4, 17, body));
    assert_eq!(near.wait("its delivery", delivered), alert);
    assert_eq!(far.wait("its delivery", delivered), document);
}

#[test]
fn letters_cross_by_tcp_when_the_path_says_so() {
    let (mut near, mut far) = joined_by(Carrier::Tcp);
    let there = far.engine.party();
    near.engine
        .send(there, Lane::Document, 16, Bytes::from(vec![1; 500_000]))
        .expect("sent");
    assert_eq!(far.wait("the document", letter).2.len(), 500_000);
    near.wait("its delivery", delivered);
    let status = near.engine.line_status(there).expect("open");
    assert_eq!(status.paths[0].carrier, Carrier::Tcp);
    assert!(far.engine.counters()["line_packets_in"] > 0.0);
}

#[test]
fn a_line_comes_up_when_only_one_side_can_dial() {
    let (mut near, mut far) = (Node::start(3), Node::start(4));
    let here = far.open_line_to(&near, Carrier::Tcp, None);
    let there = near.open_line(&far, Carrier::Tcp);
    near.wait("the line", |event| is_up(event, there));
    far.wait("the line", |event| is_up(event, here));
}

#[test]
fn a_letter_waits_for_a_party_that_starts_later() {
    let mut near = Node::start(5);
    let mut later = config(6);
    let reserved = Node::start_with(&later);
    let there = near.open_line(&reserved, Carrier::Udp);
    later.line_listen = vec![reserved.line_address()];
    drop(reserved);
    near.engine
        .send(there, Lane::Alert, 16, Bytes::from_static(b"ring"))
        .expect("sent");
    let mut far = Node::start_with(&later);
    far.open_line(&near, Carrier::Udp);
    assert_eq!(far.wait("the alert", letter).2, "ring");
    near.wait("its delivery", delivered);
}

#[test]
fn an_unknown_line_is_refused_by_every_call() {
    let near = Node::start(7);
    let nobody = parley_media::PartyId::from([9; 16]);
    let codes = [
        near.engine.close_line(nobody).expect_err("unknown").code(),
        near.engine.line_status(nobody).expect_err("unknown").code(),
        near.engine
            .send(nobody, Lane::Alert, 16, Bytes::new())
            .expect_err("unknown")
            .code(),
    ];
    assert_eq!(codes, ["line.unknown"; 3]);
}

#[test]
fn letters_on_topics_of_the_engine_are_refused() {
    let near = Node::start(8);
    let sent = near
        .engine
        .send(near.engine.party(), Lane::Base, 1, Bytes::new());
    assert_eq!(sent.expect_err("refused").code(), "engine.argument_invalid");
}

#[test]
fn a_taken_port_is_named() {
    let near = Node::start(9);
    let taken = near.line_address();
    let second = parley_io::EngineConfig {
        line_listen: vec![taken],
        ..config(9)
    };
    match Engine::start(&second) {
        Err(EngineError::PortTaken { address }) => assert_eq!(address, taken),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("the port was free"),
    }
}

#[test]
fn a_stopped_engine_has_closed_its_sockets_and_refuses_calls() {
    let near = Node::start(10);
    let (line, media) = (near.line_address(), near.engine.media_addresses()[0]);
    near.engine.stop();
    assert_eq!(
        near.engine.cancel(1).expect_err("stopped").code(),
        "engine.stopped"
    );
    let again = parley_io::EngineConfig {
        line_listen: vec![line],
        media_udp: media,
        ..config(10)
    };
    Engine::start(&again).expect("the ports are free again");
}
