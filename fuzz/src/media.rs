//! Descriptions, packets and letters as the relay meets them.

use std::{
    cell::RefCell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_media::{ParticipantId, PartyId, Protocol, Relay, RelayConfig, RoomId};
use parley_srtp::rtcp::{Report, read};

const ROOM: [u8; 16] = [0xa1; 16];
const NEIGHBOURS: [[u8; 16]; 2] = [[0x77; 16], [0x66; 16]];

thread_local! {
    /// A joined relay is dear; no input can change it, because none proves who it is from.
    static JOINABLE: RefCell<(Relay, Instant)> = RefCell::new(relay());
}

/// An offer from a page.
pub(crate) fn offer(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    JOINABLE.with_borrow_mut(|(relay, now)| {
        let participant = ParticipantId::from([1; 16]);
        let joined = relay.join(*now, ROOM.into(), participant, Bytes::new(), text);
        assert_eq!(joined.is_ok(), relay.quality(participant).is_some());
        relay.leave(*now, participant);
        settle(relay, *now);
    });
}

/// A packet from anywhere.
pub(crate) fn packet(input: &[u8]) {
    JOINABLE.with_borrow_mut(|(relay, now)| {
        let source = SocketAddr::from(([192, 0, 2, 1], 9));
        for protocol in [Protocol::Udp, Protocol::Tcp] {
            relay.handle_packet(*now, protocol, source, node(), input);
        }
        settle(relay, *now);
    });
}

/// What a browser reports, once it is opened: hostile all the same, because whoever runs the page
/// has the keys.
pub(crate) fn reports(input: &[u8]) {
    read(input, |report| {
        if let Report::Transport(report) = report {
            let mut told = 0;
            report.arrivals(|place, _| {
                assert_eq!(place, told);
                told += 1;
            });
            assert!(told <= report.count);
        }
    });
}

/// Letters, media and time, one after another: a byte says what, two say how long it is.
pub(crate) fn border(input: &[u8]) {
    let (mut relay, mut now) = relay();
    for neighbour in NEIGHBOURS.map(PartyId::from) {
        relay.line_up(now, neighbour);
        relay
            .attach(now, ROOM.into(), neighbour)
            .expect("the room is open");
    }
    let mut rest = input;
    while let [what, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        let (body, after) = tail.split_at(length);
        rest = after;
        let from = PartyId::from(NEIGHBOURS[usize::from(what & 1)]);
        match what >> 1 {
            0 => relay.handle_letter(now, from, body),
            1 => relay.handle_media(now, from, Bytes::copy_from_slice(body)),
            2 => relay.line_down(now, from),
            3 => relay.line_up(now, from),
            _ => {
                now += Duration::from_millis(u64::from(*low) * 10);
                relay.handle_timeout(now);
            }
        }
        settle(&mut relay, now);
    }
    relay.close_room(now, RoomId::from(ROOM));
    settle(&mut relay, now);
}

fn relay() -> (Relay, Instant) {
    let now = Instant::now();
    let mut config = RelayConfig::new(PartyId::from([1; 16]), 1);
    config.udp.push(node());
    config.tcp.push(node());
    let mut relay = Relay::new(config, now);
    relay.open_room(now, ROOM.into());
    (relay, now)
}

fn node() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 7_000))
}

fn settle(relay: &mut Relay, now: Instant) {
    while relay.poll_output(now).is_some() {}
}
