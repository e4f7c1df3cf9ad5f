//! Packets on a byte stream: each preceded by its length as two bytes, big-endian.
//!
//! RFC 4571 for media over TCP, and the same for the line's TCP carrier.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, Read, Write},
};

use bytes::{Buf, Bytes, BytesMut};

/// How much is read from a stream at once. More costs memory per stream; less costs system calls.
const READ_BYTES: usize = 16 * 1024;

/// The incoming half of a framed stream.
#[derive(Default)]
pub(crate) struct FrameReader {
    buffer: BytesMut,
}

impl FrameReader {
    /// Reads what the stream has, once; `Ok(false)` at its end.
    ///
    /// At most one packet of 65,535 bytes and one read wait here, because the caller takes every
    /// whole packet out before it reads again.
    pub(crate) fn fill(&mut self, stream: &mut impl Read) -> io::Result<bool> {
        let start = self.buffer.len();
        self.buffer.resize(start + READ_BYTES, 0);
        let outcome = stream.read(&mut self.buffer[start..]);
        let read = outcome.as_ref().copied().unwrap_or(0);
        self.buffer.truncate(start + read);
        outcome.map(|read| read > 0)
    }

    /// Takes the next whole packet; empty ones are skipped.
    pub(crate) fn next_packet(&mut self) -> Option<Bytes> {
        loop {
            let [high, low, ..] = self.buffer[..] else {
                return None;
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if self.buffer.len() < 2 + length {
                return None;
            }
            self.buffer.advance(2);
            if length > 0 {
                return Some(self.buffer.split_to(length).freeze());
            }
        }
    }
}

/// What became of a packet given to a [`FrameWriter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The system, or the remainder kept here, has it.
    Taken,
    /// The stream is behind; a packet that is late is worth less than the next one.
    Dropped,
}

/// The outgoing half of a framed stream: drops whole packets rather than wait.
pub(crate) struct FrameWriter {
    /// Bytes of packets the system took in part, or not yet.
    pending: VecDeque<u8>,
    pending_max: usize,
}

impl FrameWriter {
    /// A writer that keeps packets back up to `pending_max` bytes before it drops any.
    pub(crate) fn new(pending_max: usize) -> Self {
        Self {
            pending: VecDeque::new(),
            pending_max,
        }
    }

    /// Writes a packet, or keeps or drops it when the stream is behind.
    pub(crate) fn push(&mut self, stream: &mut impl Write, packet: &[u8]) -> io::Result<Written> {
        let Ok(length) = u16::try_from(packet.len()) else {
            return Ok(Written::Dropped);
        };
        self.flush(stream)?;
        let prefix = length.to_be_bytes();
        if !self.pending.is_empty() {
            if self.pending.len() + 2 + packet.len() > self.pending_max {
                return Ok(Written::Dropped);
            }
            self.keep(&prefix, packet, 0);
            return Ok(Written::Taken);
        }
        let written = match stream.write_vectored(&[IoSlice::new(&prefix), IoSlice::new(packet)]) {
            Ok(written) => written,
            Err(error) if would_block(&error) => 0,
            Err(error) => return Err(error),
        };
        if written == 0 && 2 + packet.len() > self.pending_max {
            return Ok(Written::Dropped);
        }
        self.keep(&prefix, packet, written);
        Ok(Written::Taken)
    }

    /// Writes what is kept; returns whether nothing is left.
    pub(crate) fn flush(&mut self, stream: &mut impl Write) -> io::Result<bool> {
        while !self.pending.is_empty() {
            let (front, back) = self.pending.as_slices();
            match stream.write_vectored(&[IoSlice::new(front), IoSlice::new(back)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.pending.drain(..written)),
                Err(error) if would_block(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    pub(crate) fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    fn keep(&mut self, prefix: &[u8], packet: &[u8], written: usize) {
        self.pending
            .extend(prefix.iter().chain(packet).skip(written));
    }
}

pub(crate) fn would_block(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_stream_cuts_them(
            packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..20),
            cuts in proptest::collection::vec(1_usize..400, 1..50),
        ) {
            let mut stream = Stream { taken: Vec::new(), cuts, turn: 0 };
            let mut writer = FrameWriter::new(usize::MAX);
            for packet in &packets {
                prop_assert_eq!(writer.push(&mut stream, packet).expect("written"), Written::Taken);
            }
            while !writer.flush(&mut stream).expect("flushed") {}
            prop_assert_eq!(read_all(&stream.taken), packets);
        }

        #[test]
        fn foreign_bytes_never_make_the_reader_fail(bytes in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let packets = read_all(&bytes);
            prop_assert!(packets.iter().map(Vec::len).sum::<usize>() <= bytes.len());
        }
    }

    #[test]
    fn a_packet_is_dropped_whole_when_the_stream_is_behind() {
        let mut stream = Stream {
            taken: Vec::new(),
            cuts: vec![5, 0, 0, 0],
            turn: 0,
        };
        let mut writer = FrameWriter::new(10);
        assert_eq!(
            writer.push(&mut stream, b"abcdefgh").expect("written"),
            Written::Taken
        );
        assert_eq!(
            writer.push(&mut stream, b"ijklmnop").expect("written"),
            Written::Dropped
        );
        assert!(writer.is_behind());
        stream.cuts = vec![100];
        assert!(writer.flush(&mut stream).expect("flushed"));
        assert_eq!(read_all(&stream.taken), vec![b"abcdefgh".to_vec()]);
    }

    #[test]
    fn an_empty_packet_is_skipped() {
        assert_eq!(read_all(&[0, 0, 0, 1, 9]), vec![vec![9]]);
    }

    /// Takes as many bytes per write as its cuts say; 0 means that it would block.
    struct Stream {
        taken: Vec<u8>,
        cuts: Vec<usize>,
        turn: usize,
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let cut = self.cuts[self.turn % self.cuts.len()].min(bytes.len());
            self.turn += 1;
            if cut == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.taken.extend_from_slice(&bytes[..cut]);
            Ok(cut)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn read_all(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut reader = FrameReader::default();
        let mut packets = Vec::new();
        while reader.fill(&mut bytes).expect("reads") {
            packets.extend(std::iter::from_fn(|| reader.next_packet()).map(Vec::from));
        }
        packets
    }
}
