//! Datagrams of one turn, gathered by destination so that the kernel takes many in one call.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use crate::udp::{Sent, UdpEnd};

/// Bytes the kernel takes in one segmented send: a UDP datagram's length field, less headers.
const BATCH_BYTES_MAX: usize = 65_000;

/// Segments the kernel takes in one send (`UDP_MAX_SEGMENTS`).
const SEGMENTS_MAX: usize = 64;

/// Gathers datagrams until [`flush`](Self::flush).
///
/// Order is kept towards each destination, which is the only order a receiver sees. A batch is
/// sent early when a datagram does not fit it: one that is longer than the batch's segments, or
/// any after a shorter one (only the last of a batch may be short).
#[derive(Default)]
pub(crate) struct Outgoing {
    /// Where each destination's batch lies; batches are reused from turn to turn.
    places: HashMap<(SocketAddr, Option<IpAddr>), usize>,
    batches: Vec<Batch>,
    used: usize,
    sent: Sent,
}

#[derive(Default)]
struct Batch {
    to: Option<(SocketAddr, Option<IpAddr>)>,
    segment: usize,
    count: usize,
    is_closed: bool,
    bytes: Vec<u8>,
}

impl Outgoing {
    pub(crate) fn push(
        &mut self,
        end: &UdpEnd,
        to: SocketAddr,
        from: Option<IpAddr>,
        datagram: &[u8],
    ) {
        let place = *self.places.entry((to, from)).or_insert_with(|| {
            self.used += 1;
            self.used - 1
        });
        if place == self.batches.len() {
            self.batches.push(Batch::default());
        }
        let batch = &mut self.batches[place];
        batch.to = Some((to, from));
        if !batch.fits(datagram.len(), end.segments_max()) {
            batch.send(end, &mut self.sent);
        }
        batch.append(datagram);
    }

    /// Sends whatever is gathered and says what became of everything since the last flush.
    pub(crate) fn flush(&mut self, end: &UdpEnd) -> Sent {
        for batch in &mut self.batches[..self.used] {
            batch.send(end, &mut self.sent);
        }
        self.places.clear();
        self.used = 0;
        std::mem::take(&mut self.sent)
    }
}

impl Batch {
    fn fits(&self, length: usize, segments_max: usize) -> bool {
        self.count == 0
            || (!self.is_closed
                && length <= self.segment
                && self.count < segments_max.min(SEGMENTS_MAX)
                && self.bytes.len() + length <= BATCH_BYTES_MAX)
    }

    fn append(&mut self, datagram: &[u8]) {
        if self.count == 0 {
            self.segment = datagram.len();
        }
        self.is_closed = datagram.len() < self.segment;
        self.count += 1;
        self.bytes.extend_from_slice(datagram);
    }

    fn send(&mut self, end: &UdpEnd, sent: &mut Sent) {
        let Some((to, from)) = self.to.filter(|_| self.count > 0) else {
            return;
        };
        *sent += end.send_batch(to, from, None, &self.bytes, self.segment);
        self.bytes.clear();
        self.count = 0;
        self.is_closed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::udp::ReceiveBuffer;

    #[test]
    fn datagrams_to_one_destination_arrive_whole_and_in_order() {
        let (sender, receiver) = (loopback(), loopback());
        let lengths = [1_000, 1_000, 1_000, 300, 1_000, 1_200, 20, 20];
        let mut outgoing = Outgoing::default();
        for (index, length) in lengths.into_iter().enumerate() {
            let mark = u8::try_from(index).expect("few");
            outgoing.push(&sender, receiver.local(), None, &vec![mark; length]);
        }
        let sent = outgoing.flush(&sender);
        assert_eq!(sent.datagrams, 8);
        assert!(sent.calls < 8, "sent in batches: {sent:?}");
        assert_eq!(
            received(&receiver, 8),
            (0..8).zip(lengths).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_datagram_that_cannot_be_sent_is_counted_and_the_next_goes_out() {
        let (sender, receiver) = (loopback(), loopback());
        let mut outgoing = Outgoing::default();
        outgoing.push(
            &sender,
            "[2001:db8::1]:9".parse().expect("an address"),
            None,
            b"lost",
        );
        outgoing.push(&sender, receiver.local(), None, b"kept");
        let sent = outgoing.flush(&sender);
        assert_eq!((sent.failed, sent.datagrams), (1, 1));
        assert_eq!(received(&receiver, 1), [(b'k', 4)]);
    }

    fn loopback() -> UdpEnd {
        UdpEnd::bind("127.0.0.1:0".parse().expect("an address")).expect("bound")
    }

    /// Loopback delivers within the send call, so nothing has to be waited for.
    fn received(end: &UdpEnd, count: usize) -> Vec<(u8, usize)> {
        let mut buffer = ReceiveBuffer::default();
        let mut datagrams = Vec::new();
        while datagrams.len() < count && end.receive(&mut buffer).expect("receives") {
            datagrams.extend(
                buffer
                    .datagrams()
                    .map(|datagram| (datagram.bytes[0], datagram.bytes.len())),
            );
        }
        datagrams
    }
}
