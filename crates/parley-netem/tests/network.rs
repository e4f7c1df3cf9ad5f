//! Several endpoints in virtual time.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use parley_netem::{Cause, Network, Parcel, Profile, Way};

const MS: Duration = Duration::from_millis(1);

/// A packet arrives after the delay, with the addresses it was sent with.
#[test]
fn a_packet_arrives_with_its_addresses() {
    let mut lab = Lab::new();
    lab.network.join(
        at("10.0.0.1:7"),
        at("10.0.1.1:7"),
        &profile("lan,delay=40ms,rate=none"),
    );
    lab.send("10.0.0.1:7", "10.0.1.1:7", 100);
    let arrivals = lab.run();
    let expected = Parcel {
        from: at("10.0.0.1:7"),
        to: at("10.0.1.1:7"),
        packet: vec![0; 100],
    };
    assert_eq!(arrivals, [(MS * 40, expected)]);
}

/// Nothing passes between places that nothing joins, and it is counted.
#[test]
fn nothing_passes_where_nothing_joins() {
    let mut lab = Lab::new();
    lab.network
        .join(at("10.0.0.1:7"), at("10.0.1.1:7"), &profile("lan"));
    lab.send("10.0.0.1:8", "10.0.1.1:7", 100);
    lab.send("10.0.0.1:7", "10.0.2.1:7", 100);
    assert!(lab.run().is_empty());
    assert_eq!(lab.network.unrouted(), 2);
}

/// A path between two hosts carries every port; one between two sockets goes before it.
#[test]
fn a_socket_goes_before_its_host() {
    let mut lab = Lab::new();
    let (here, there): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 1, 1].into());
    lab.network
        .join(here, there, &profile("lan,delay=10ms,rate=none"));
    lab.network.join(
        at("10.0.0.1:7"),
        at("10.0.1.1:7"),
        &profile("lan,delay=90ms,rate=none"),
    );
    lab.send("10.0.0.1:7", "10.0.1.1:7", 1);
    lab.send("10.0.1.1:9", "10.0.0.1:7", 2);
    let arrivals: Vec<(Duration, usize)> = lab
        .run()
        .iter()
        .map(|(at, parcel)| (*at, parcel.packet.len()))
        .collect();
    assert_eq!(arrivals, [(MS * 10, 2), (MS * 90, 1)]);
    let counters = lab.network.counters(there, here).expect("joined");
    assert_eq!((counters.offered, counters.offered_bytes), (1, 2 + 28));
}

/// Packets of several paths come out in the order they are due, even after a long absence.
#[test]
fn paths_give_their_packets_in_the_order_they_are_due() {
    let mut lab = Lab::new();
    for (other, delay) in [("10.0.1.1:7", 30), ("10.0.2.1:7", 10), ("10.0.3.1:7", 20)] {
        let profile = profile(&format!("lan,delay={delay}ms,rate=none"));
        lab.network.join(at("10.0.0.1:7"), at(other), &profile);
        lab.send("10.0.0.1:7", other, delay);
    }
    let much_later = lab.start + MS * 1_000;
    let lengths: Vec<usize> = std::iter::from_fn(|| lab.network.poll(much_later))
        .map(|it| it.packet.len())
        .collect();
    assert_eq!(lengths, [10, 20, 30]);
}

/// The headers count: a datagram that fits the MTU alone but not with them vanishes.
#[test]
fn headers_count_against_the_mtu() {
    let mut lab = Lab::new();
    lab.network
        .join(at("10.0.0.1:7"), at("10.0.1.1:7"), &profile("lan"));
    lab.network
        .join(at("[fd00::1]:7"), at("[fd00::2]:7"), &profile("lan"));
    for length in [1_472, 1_473] {
        lab.send("10.0.0.1:7", "10.0.1.1:7", length);
    }
    for length in [1_452, 1_453] {
        lab.send("[fd00::1]:7", "[fd00::2]:7", length);
    }
    let mut lengths: Vec<usize> = lab.run().iter().map(|(_, it)| it.packet.len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [1_452, 1_472]);
}

/// A path can be cut, healed, cut one way and turned into another.
#[test]
fn a_path_can_be_cut_and_changed() {
    let mut lab = Lab::new();
    let (here, there) = (at("10.0.0.1:7"), at("10.0.1.1:7"));
    lab.network.join(here, there, &profile("lan"));
    let now = lab.start;
    lab.network.cut(now, there, here, None);
    lab.send("10.0.0.1:7", "10.0.1.1:7", 1);
    lab.send("10.0.1.1:7", "10.0.0.1:7", 1);
    assert!(lab.run().is_empty());
    lab.network.heal(now, here, there);
    let path = lab.network.path(here, there).expect("joined");
    path.set_profile(now, &profile("lan,delay=70ms,rate=none"));
    path.cut(now, &[Way::Back], Some(MS));
    lab.send("10.0.0.1:7", "10.0.1.1:7", 1);
    lab.send("10.0.1.1:7", "10.0.0.1:7", 1);
    assert_eq!(
        lab.run().iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [MS * 70]
    );
    let counters = lab.network.counters(there, here).expect("joined");
    assert_eq!(counters.dropped(Cause::Cut), 2);
}

struct Lab {
    start: Instant,
    network: Network<Vec<u8>>,
}

impl Lab {
    fn new() -> Self {
        let start = Instant::now();
        Self {
            start,
            network: Network::new(1, start),
        }
    }

    fn send(&mut self, from: &str, to: &str, length: usize) {
        self.network
            .send(self.start, at(from), at(to), vec![0; length]);
    }

    fn run(&mut self) -> Vec<(Duration, Parcel<Vec<u8>>)> {
        let mut arrivals = Vec::new();
        while let Some(next) = self.network.next_timeout() {
            while let Some(parcel) = self.network.poll(next) {
                arrivals.push((next - self.start, parcel));
            }
        }
        arrivals
    }
}

fn at(address: &str) -> SocketAddr {
    address.parse().expect("an address")
}

fn profile(text: &str) -> Profile {
    Profile::parse(text).expect(text)
}
