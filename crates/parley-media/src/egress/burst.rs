//! Packets sealed one behind the other in the buffer they are sent from.

use std::net::SocketAddr;

use str0m::net::Protocol;

use crate::event::Burst;

/// Bytes the kernel takes in one segmented send: a UDP datagram's length field, less headers.
const BYTES_MAX: usize = 65_000;
/// Segments the kernel takes in one send (`UDP_MAX_SEGMENTS`).
const PACKETS_MAX: usize = 64;
/// Buffers kept for reuse. More keeps memory from a busy moment; less allocates in one.
const SPARES_MAX: usize = 512;
/// Room a new buffer has. More is seldom filled in one wake-up; less grows by copying.
const CAPACITY: usize = 4 * 1024;

/// Buffers that have been sent, to be filled again.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Vec<u8>>);

impl Pool {
    pub(crate) fn give(&mut self, mut bytes: Vec<u8>) {
        if self.0.len() < SPARES_MAX {
            bytes.clear();
            self.0.push(bytes);
        }
    }

    fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_else(|| Vec::with_capacity(CAPACITY))
    }
}

/// The way packets take to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) protocol: Protocol,
    /// Our address.
    pub(crate) source: SocketAddr,
    /// The browser's.
    pub(crate) destination: SocketAddr,
}

/// What is to be sent to one browser, in order.
#[derive(Debug, Default)]
pub(crate) struct Bursts {
    closed: Vec<Burst>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    burst: Burst,
    count: usize,
    /// Only the last packet of a burst may be shorter than the others.
    is_full: bool,
}

impl Bursts {
    /// The buffer to append a packet of `length` bytes to.
    pub(crate) fn begin(&mut self, path: Path, length: usize, pool: &mut Pool) -> &mut Vec<u8> {
        if self
            .open
            .as_ref()
            .is_some_and(|open| !open.fits(path, length))
        {
            self.close();
        }
        let open = self.open.get_or_insert_with(|| Open {
            burst: Burst {
                protocol: path.protocol,
                source: path.source,
                destination: path.destination,
                segment_bytes: length,
                bytes: pool.take(),
            },
            count: 0,
            is_full: false,
        });
        open.count += 1;
        open.is_full = length < open.burst.segment_bytes;
        &mut open.burst.bytes
    }

    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Burst> + '_ {
        self.close();
        self.closed.drain(..)
    }

    fn close(&mut self) {
        self.closed.extend(self.open.take().map(|open| open.burst));
    }
}

impl Open {
    fn fits(&self, path: Path, length: usize) -> bool {
        let burst = &self.burst;
        !self.is_full
            && length <= burst.segment_bytes
            && self.count < PACKETS_MAX
            && burst.bytes.len() + length <= BYTES_MAX
            && burst.destination == path.destination
            && burst.source == path.source
            && burst.protocol == path.protocol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(port: u16) -> Path {
        Path {
            protocol: Protocol::Udp,
            source: ([10, 0, 0, 1], 1).into(),
            destination: ([10, 0, 0, 2], port).into(),
        }
    }

    fn packets(lengths: &[(u16, usize)]) -> Vec<(usize, usize)> {
        let (mut bursts, mut pool) = (Bursts::default(), Pool::default());
        for (port, length) in lengths {
            let buffer = bursts.begin(path(*port), *length, &mut pool);
            buffer.resize(buffer.len() + length, 0);
        }
        let bursts = bursts.drain();
        bursts
            .map(|burst| (burst.segment_bytes, burst.bytes.len()))
            .collect()
    }

    #[test]
    fn equal_packets_and_one_shorter_are_one_burst() {
        assert_eq!(packets(&[(1, 900), (1, 900), (1, 7)]), [(900, 1_807)]);
    }

    #[test]
    fn a_longer_packet_or_one_behind_a_shorter_begins_another() {
        assert_eq!(packets(&[(1, 9), (1, 10)]), [(9, 9), (10, 10)]);
        assert_eq!(packets(&[(1, 9), (1, 8), (1, 8)]), [(9, 17), (8, 8)]);
    }

    #[test]
    fn another_way_begins_another() {
        assert_eq!(packets(&[(1, 9), (2, 9)]), [(9, 9), (9, 9)]);
    }

    #[test]
    fn no_burst_is_longer_than_the_kernel_takes() {
        let many = packets(&[(1, 100); 200]);
        assert!(many.iter().all(|(_, bytes)| *bytes <= PACKETS_MAX * 100));
        let long = packets(&[(1, 1_200); 60]);
        assert!(long.iter().all(|(_, bytes)| *bytes <= BYTES_MAX));
    }
}
