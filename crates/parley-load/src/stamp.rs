//! The mark at the end of every synthetic payload, by which a receiver knows what it holds.
//!
//! A relay may rewrite everything in front of the payload (SSRC, sequence number, timestamp, even
//! the picture id), so the mark stands at its end, where no codec header is.

/// Bytes that a mark takes at the end of a payload.
pub const STAMP_BYTES: usize = 28;

const MAGIC: u32 = 0x9A21_E001;

/// Who made a payload, which one it is and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The publisher's number, its seed unless said otherwise.
    pub publisher: u64,
    /// Counts the packets of one layer of one publisher from 0.
    pub index: u64,
    /// Unix time in microseconds.
    pub sent_at_us: u64,
}

impl Stamp {
    /// Writes the mark over the end of a payload; a payload too short for it stays unmarked.
    pub fn write(self, payload: &mut [u8]) {
        let Some(start) = payload.len().checked_sub(STAMP_BYTES) else {
            return;
        };
        let tail = &mut payload[start..];
        tail[..4].copy_from_slice(&MAGIC.to_be_bytes());
        tail[4..12].copy_from_slice(&self.publisher.to_be_bytes());
        tail[12..20].copy_from_slice(&self.index.to_be_bytes());
        tail[20..].copy_from_slice(&self.sent_at_us.to_be_bytes());
    }

    /// Reads the mark, if the payload carries one.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let tail = payload.get(payload.len().checked_sub(STAMP_BYTES)?..)?;
        let number = |at: usize| -> Option<u64> {
            Some(u64::from_be_bytes(tail.get(at..at + 8)?.try_into().ok()?))
        };
        let magic = u32::from_be_bytes(tail.get(..4)?.try_into().ok()?);
        (magic == MAGIC).then_some(Self {
            publisher: number(4)?,
            index: number(12)?,
            sent_at_us: number(20)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            publisher: u64, index: u64, sent_at_us: u64, length in STAMP_BYTES..1500,
        ) {
            let mut payload = vec![7; length];
            let stamp = Stamp { publisher, index, sent_at_us };
            stamp.write(&mut payload);
            prop_assert_eq!(Stamp::read(&payload), Some(stamp));
        }

        #[test]
        fn no_foreign_payload_breaks_the_reader(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = Stamp::read(&payload);
        }
    }

    #[test]
    fn a_payload_too_short_stays_unmarked() {
        let mut payload = vec![7; STAMP_BYTES - 1];
        Stamp {
            publisher: 1,
            index: 2,
            sent_at_us: 3,
        }
        .write(&mut payload);
        assert_eq!(payload, vec![7; STAMP_BYTES - 1]);
        assert_eq!(Stamp::read(&payload), None);
    }
}
