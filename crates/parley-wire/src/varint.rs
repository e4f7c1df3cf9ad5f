//! Variable-length integers of RFC 9000 §16: one, two, four or eight bytes, big-endian, the two top
//! bits giving the length.
//!
//! ```
//! let mut bytes = Vec::new();
//! parley_wire::varint::write(&mut bytes, 15_293);
//! let mut rest = &bytes[..];
//! assert_eq!(parley_wire::varint::read(&mut rest), Some(15_293));
//! assert!(rest.is_empty());
//! ```

/// The largest value a variable-length integer can hold (RFC 9000 §16).
pub const MAX: u64 = (1 << 62) - 1;

/// Takes one integer off the front of `bytes`; `None` if they end too early.
///
/// Longer encodings than needed are accepted, as RFC 9000 does.
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    let first = *bytes.first()?;
    let length = 1_usize << (first >> 6);
    let (head, rest) = bytes.split_at_checked(length)?;
    let value = head[1..].iter().fold(u64::from(first & 0x3f), |sum, byte| {
        (sum << 8) | u64::from(*byte)
    });
    *bytes = rest;
    Some(value)
}

/// Appends the shortest encoding of `value`.
///
/// Values above [`MAX`] cannot be encoded and are written as [`MAX`]; every caller's value is an
/// index, a length or a counter that cannot reach it.
pub fn write(bytes: &mut Vec<u8>, value: u64) {
    let value = value.min(MAX);
    let encoded = value.to_be_bytes();
    match value {
        0..=0x3f => bytes.push(encoded[7]),
        0x40..=0x3fff => bytes.extend_from_slice(&[encoded[6] | 0x40, encoded[7]]),
        0x4000..=0x3fff_ffff => {
            bytes.push(encoded[4] | 0x80);
            bytes.extend_from_slice(&encoded[5..]);
        }
        _ => {
            bytes.push(encoded[0] | 0xc0);
            bytes.extend_from_slice(&encoded[1..]);
        }
    }
}

/// Bytes that [`write`](fn@write) uses for `value`.
#[must_use]
pub fn size(value: u64) -> usize {
    match value {
        0..=0x3f => 1,
        0x40..=0x3fff => 2,
        0x4000..=0x3fff_ffff => 4,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The examples printed in RFC 9000 §A.1 read as the RFC says.
    #[test]
    fn examples_of_the_standard_are_read() {
        let examples: [(&[u8], u64); 5] = [
            (
                &[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c],
                151_288_809_941_952_652,
            ),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ];
        for (bytes, value) in examples {
            let mut rest = bytes;
            assert_eq!(read(&mut rest), Some(value));
            assert!(rest.is_empty());
        }
    }

    proptest! {
        /// What is written is read back, in the announced number of bytes.
        #[test]
        fn written_integers_are_read_back(value in 0..=MAX) {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            prop_assert_eq!(bytes.len(), size(value));
            let mut rest = &bytes[..];
            prop_assert_eq!(read(&mut rest), Some(value));
            prop_assert!(rest.is_empty());
        }

        /// Cut integers are refused and leave the input alone.
        #[test]
        fn cut_integers_are_refused(value in 0x40..=MAX, cut in 0_usize..8) {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            let mut rest = &bytes[..cut.min(bytes.len() - 1)];
            let before = rest;
            prop_assert_eq!(read(&mut rest), None);
            prop_assert_eq!(rest, before);
        }
    }
}
