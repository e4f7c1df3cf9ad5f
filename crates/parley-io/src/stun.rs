//! The one thing read of a browser's first packet on TCP: whom it is for.

/// RFC 8489 §5.
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const USERNAME: u16 = 0x0006;
const HEADER_BYTES: usize = 20;

/// Returns the receiver's ICE name fragment of a STUN binding request (RFC 8445 §7.2.2:
/// `USERNAME` is the receiver's fragment, a colon, the sender's), or None if it is none.
#[must_use]
pub fn receiver_fragment(packet: &[u8]) -> Option<&str> {
    if packet.len() < HEADER_BYTES || packet[..2] != BINDING_REQUEST || packet[4..8] != MAGIC_COOKIE
    {
        return None;
    }
    let mut attributes = &packet[HEADER_BYTES..];
    while let [type_high, type_low, length_high, length_low, rest @ ..] = attributes {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value = rest.get(..length)?;
        if u16::from_be_bytes([*type_high, *type_low]) == USERNAME {
            let (receiver, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
            return Some(receiver);
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_binding_request_names_its_receiver_first() {
        assert_eq!(receiver_fragment(&request(b"near:far")), Some("near"));
    }

    #[test]
    fn a_request_without_a_colon_in_its_name_is_for_nobody() {
        assert_eq!(receiver_fragment(&request(b"near")), None);
    }

    #[test]
    fn another_protocol_is_for_nobody() {
        assert_eq!(
            receiver_fragment(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
            None
        );
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = receiver_fragment(&bytes);
        }

        #[test]
        fn a_damaged_request_never_makes_it_fail(at in 0_usize..44, byte in any::<u8>(), length in 0_usize..44) {
            let mut packet = request(b"near:far");
            let last = packet.len() - 1;
            packet[at.min(last)] = byte;
            packet.truncate(length);
            let _ = receiver_fragment(&packet);
        }
    }

    fn request(name: &[u8]) -> Vec<u8> {
        let mut packet = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
        packet.extend([7; 12]);
        packet.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        packet.extend([0, 6, 0, u8::try_from(name.len()).expect("short")]);
        packet.extend(name);
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet
    }
}
