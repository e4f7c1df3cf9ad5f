//! Whose packet is it? By address, and for the first packets by the name in the STUN request.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
};

use str0m::net::Protocol;

/// Addresses remembered for one browser. More lets one browser fill the map; less loses a browser
/// that changes networks often.
const ADDRESSES_MAX: usize = 8;

/// What kind of packet the first byte announces (RFC 7983).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PacketKind {
    Stun,
    Dtls,
    Rtp,
}

impl PacketKind {
    pub(crate) fn of(packet: &[u8]) -> Option<Self> {
        match packet.first()? {
            0..=3 if packet.len() >= 20 => Some(Self::Stun),
            20..=63 => Some(Self::Dtls),
            128..=191 if packet.len() >= 12 => Some(Self::Rtp),
            _ => None,
        }
    }
}

/// The part of the STUN USERNAME before the colon: our own name for the browser (RFC 8445
/// section 7.2.2). Nothing is proved by it; the engine checks the message's integrity.
pub(crate) fn stun_name(packet: &[u8]) -> Option<&str> {
    const USERNAME: u16 = 0x0006;
    let text = std::str::from_utf8(stun_attribute(packet, USERNAME)?).ok()?;
    text.split_once(':').map(|(name, _)| name)
}

/// Whether a STUN request chooses the way it took (RFC 8445 §8.1.1). Nothing is proved by it
/// either.
pub(crate) fn nominates(packet: &[u8]) -> bool {
    const USE_CANDIDATE: u16 = 0x0025;
    stun_attribute(packet, USE_CANDIDATE).is_some()
}

/// Whether a packet answers a STUN request with success (RFC 8489 §5).
pub(crate) fn is_stun_success(packet: &[u8]) -> bool {
    packet.starts_with(&[0x01, 0x01])
}

fn stun_attribute(packet: &[u8], wanted: u16) -> Option<&[u8]> {
    const HEADER_BYTES: usize = 20;
    let mut rest = packet.get(HEADER_BYTES..)?;
    while let [kind_high, kind_low, length_high, length_low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value = tail.get(..length)?;
        if u16::from_be_bytes([*kind_high, *kind_low]) == wanted {
            return Some(value);
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// Maps names and addresses to browsers, by a key of the caller's.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    names: HashMap<String, usize>,
    addresses: HashMap<(bool, SocketAddr), usize>,
    bound: HashMap<usize, VecDeque<(bool, SocketAddr)>>,
}

impl Demux {
    pub(crate) fn admit(&mut self, key: usize, name: String) {
        self.names.insert(name, key);
    }

    pub(crate) fn dismiss(&mut self, key: usize) {
        self.names.retain(|_, holder| *holder != key);
        for address in self.bound.remove(&key).into_iter().flatten() {
            self.addresses.remove(&address);
        }
    }

    pub(crate) fn by_name(&self, packet: &[u8]) -> Option<usize> {
        self.names.get(stun_name(packet)?).copied()
    }

    pub(crate) fn by_address(&self, protocol: Protocol, source: SocketAddr) -> Option<usize> {
        self.addresses.get(&(is_tcp(protocol), source)).copied()
    }

    /// The engine has answered a request from this address, so it has proved whose it is.
    pub(crate) fn bind(&mut self, key: usize, protocol: Protocol, source: SocketAddr) {
        let address = (is_tcp(protocol), source);
        match self.addresses.insert(address, key) {
            Some(holder) if holder == key => return,
            Some(holder) => {
                if let Some(list) = self.bound.get_mut(&holder) {
                    list.retain(|held| *held != address);
                }
            }
            None => {}
        }
        let list = self.bound.entry(key).or_default();
        list.push_back(address);
        if list.len() > ADDRESSES_MAX
            && let Some(oldest) = list.pop_front()
        {
            self.addresses.remove(&oldest);
        }
    }
}

fn is_tcp(protocol: Protocol) -> bool {
    protocol != Protocol::Udp
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(name: &str) -> Vec<u8> {
        let mut packet = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        packet.extend([0; 12]);
        packet.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        packet.extend([0, 6]);
        packet.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
        packet.extend(name.bytes());
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet
    }

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn a_request_is_told_by_its_name() {
        let mut demux = Demux::default();
        demux.admit(7, "abcd".into());
        assert_eq!(demux.by_name(&request("abcd:efgh")), Some(7));
        assert_eq!(demux.by_name(&request("other:efgh")), None);
        assert_eq!(demux.by_name(&request("abcd")), None);
        demux.dismiss(7);
        assert_eq!(demux.by_name(&request("abcd:efgh")), None);
    }

    #[test]
    fn an_address_belongs_to_who_proved_it_last_and_goes_with_them() {
        let mut demux = Demux::default();
        demux.bind(1, Protocol::Udp, address(5));
        assert_eq!(demux.by_address(Protocol::Udp, address(5)), Some(1));
        assert_eq!(demux.by_address(Protocol::Tcp, address(5)), None);
        demux.bind(2, Protocol::Udp, address(5));
        demux.dismiss(1);
        assert_eq!(demux.by_address(Protocol::Udp, address(5)), Some(2));
    }

    #[test]
    fn one_browser_cannot_fill_the_map() {
        let mut demux = Demux::default();
        for port in 1..100 {
            demux.bind(1, Protocol::Udp, address(port));
        }
        assert_eq!(demux.addresses.len(), ADDRESSES_MAX);
        assert_eq!(demux.by_address(Protocol::Udp, address(99)), Some(1));
    }

    #[test]
    fn packets_are_told_apart_by_their_first_byte() {
        assert_eq!(PacketKind::of(&request("a:b")), Some(PacketKind::Stun));
        assert_eq!(PacketKind::of(&[22, 254, 253]), Some(PacketKind::Dtls));
        assert_eq!(PacketKind::of(&[0x80; 12]), Some(PacketKind::Rtp));
        for broken in [&[][..], &[0, 1], &[0x80; 11], &[200; 30]] {
            assert_eq!(PacketKind::of(broken), None);
        }
    }

    proptest! {
        #[test]
        fn foreign_packets_never_panic(packet in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = PacketKind::of(&packet);
            let _ = (stun_name(&packet), nominates(&packet));
        }
    }
}
