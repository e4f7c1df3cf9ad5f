//! The UDP wire between two real sockets on loopback.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use parley_netem::{Cause, NetemError, Path, Profile, UdpEnd, UdpWire, Way};

/// Only ends a test that would otherwise hang; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

const SEED: u64 = 1;

/// Each endpoint takes the wire for the other, and answers reach whoever was heard last.
#[test]
fn each_end_takes_the_wire_for_the_other() {
    let (here, there) = (socket(), socket());
    let wire = start("lan", None, Some(&there));
    for packet in [b"one", b"two"] {
        here.send_to(packet, wire.addresses()[0]).expect("loopback");
        let from = expect(&there, packet);
        assert_eq!(from, wire.addresses()[1]);
        there.send_to(packet, from).expect("loopback");
        assert_eq!(expect(&here, packet), wire.addresses()[0]);
    }
    let counters = wire.wire().counters();
    assert_eq!((counters.out.delivered, counters.back.delivered), (2, 2));
    assert_eq!(counters.out.delivered_bytes, 2 * (3 + 28));
    assert_eq!(
        (counters.unaddressed, counters.unsent, counters.is_broken),
        (0, 0, false)
    );
}

/// What is due before anybody was heard of at the far end is counted and dropped.
#[test]
fn a_packet_for_nobody_is_counted() {
    let (here, there) = (socket(), socket());
    let wire = start("lan", None, None);
    here.send_to(b"lost", wire.addresses()[0])
        .expect("loopback");
    wait_until(|| wire.wire().counters().unaddressed == 1);
    there
        .send_to(b"hello", wire.addresses()[1])
        .expect("loopback");
    expect(&here, b"hello");
}

/// A cut takes effect at once, one way or both, and healing ends it.
#[test]
fn a_cut_wire_passes_nothing_until_healed() {
    let (here, there) = (socket(), socket());
    let wire = start("lan", Some(&here), Some(&there));
    wire.wire().cut(&[Way::Out], None);
    here.send_to(b"cut", wire.addresses()[0]).expect("loopback");
    there
        .send_to(b"back", wire.addresses()[1])
        .expect("loopback");
    expect(&here, b"back");
    wait_until(|| wire.wire().counters().out.dropped(Cause::Cut) == 1);
    assert!(wire.wire().counters().is_cut_out && !wire.wire().counters().is_cut_back);
    wire.wire().heal();
    here.send_to(b"healed", wire.addresses()[0])
        .expect("loopback");
    expect(&there, b"healed");
}

/// Another profile holds for what is sent from then on, and wakes a thread that sleeps.
#[test]
fn a_profile_can_be_replaced_while_it_runs() {
    let (here, there) = (socket(), socket());
    let wire = start("lan,loss=100%", Some(&here), Some(&there));
    here.send_to(b"lost", wire.addresses()[0])
        .expect("loopback");
    wait_until(|| wire.wire().counters().out.dropped(Cause::Lost) == 1);
    wire.wire()
        .set_profile(&Profile::named("lan").expect("a known name"));
    here.send_to(b"kept", wire.addresses()[0])
        .expect("loopback");
    expect(&there, b"kept");
}

/// A wire loses what the model loses in virtual time, for the same seed and the same packets.
#[test]
fn a_wire_loses_the_packets_that_the_model_loses() {
    let (here, there) = (socket(), socket());
    let text = "lan,loss=30%,burst=3";
    let wire = start(text, Some(&here), Some(&there));
    for number in 0..200_u8 {
        here.send_to(&[number], wire.addresses()[0])
            .expect("loopback");
    }
    let kept = kept_by_model(text, 200);
    let arrived: Vec<u8> = kept.iter().map(|_| one_byte(&there)).collect();
    assert_eq!(arrived, kept);
    wait_until(|| wire.wire().counters().out.dropped(Cause::Lost) == 200 - kept.len() as u64);
}

/// Stopping frees the ports, and a port in use is an error that names it.
#[test]
fn a_port_in_use_is_refused_and_a_stopped_wire_frees_its_own() {
    let mut wire = start("lan", None, None);
    let [listen, other] = wire.addresses();
    let ends = [
        UdpEnd { listen, far: None },
        UdpEnd {
            listen: other,
            far: None,
        },
    ];
    let profile = Profile::named("lan").expect("a known name");
    let refusal = UdpWire::start(ends, &profile, 1).expect_err("in use");
    assert!(matches!(refusal, NetemError::Listen { address, .. } if address == listen));
    wire.stop();
    UdpWire::start(ends, &profile, 1).expect("free again");
}

/// Which of so many packets the model keeps, in the order they arrive.
fn kept_by_model(text: &str, count: u8) -> Vec<u8> {
    let start = Instant::now();
    let mut path = Path::new(&Profile::parse(text).expect(text), SEED, start);
    for number in 0..count {
        path.push(start, Way::Out, [number]);
    }
    let later = start + PATIENCE;
    std::iter::from_fn(|| path.poll(later))
        .map(|(_, [number])| number)
        .collect()
}

fn one_byte(socket: &UdpSocket) -> u8 {
    let mut buffer = [0; 1];
    socket.recv_from(&mut buffer).expect("a packet");
    buffer[0]
}

fn start(text: &str, first: Option<&UdpSocket>, second: Option<&UdpSocket>) -> UdpWire {
    let listen: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let far = |socket: Option<&UdpSocket>| socket.map(|socket| socket.local_addr().expect("bound"));
    let ends = [
        UdpEnd {
            listen,
            far: far(first),
        },
        UdpEnd {
            listen,
            far: far(second),
        },
    ];
    UdpWire::start(ends, &Profile::parse(text).expect(text), SEED).expect("loopback")
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    socket.set_read_timeout(Some(PATIENCE)).expect("not zero");
    socket
}

fn expect(socket: &UdpSocket, packet: &[u8]) -> SocketAddr {
    let mut buffer = [0; 100];
    let (length, from) = socket.recv_from(&mut buffer).expect("a packet");
    assert_eq!(&buffer[..length], packet);
    from
}

fn wait_until(is_true: impl Fn() -> bool) {
    let turns = PATIENCE.as_millis();
    for _ in 0..turns {
        if is_true() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("still not true");
}
