//! What goes into the next packet: the lanes in their order, one packet at a time.

use crate::{event::Transmit, line::Line, lines::transmit, link::Link};
use parley_wire::line::{Datagram, Lane};
use std::time::{Duration, Instant};

/// One turn in so many goes to documents and images first, however busy the lanes above are:
/// without it a full video lane would stop the record for ever.
const GUARD_TURN: u32 = 32;

/// Queue above which images wait while there is a call. More fills the path with images; less stops
/// them for jitter.
const IMAGE_QUEUE_MAX: Duration = Duration::from_millis(40);

/// Writes the next thing of the lanes that the pacer rules, and takes out a packet.
pub(crate) fn write_paced(
    now: Instant,
    index: usize,
    link: &mut Link,
    line: &mut Line,
    buf: &mut Vec<u8>,
) -> Option<Transmit> {
    let is_best = line.best == Some(index);
    let has_live = is_best && write_live(now, index, link, line);
    if let Some(transmit) = take_packet(now, link, true, buf) {
        return Some(transmit);
    }
    let has_more = is_best && !has_live && write_bulk(now, index, link, line);
    if has_more || write_padding(now, link) {
        return take_packet(now, link, true, buf);
    }
    None
}

/// A packet of nothing, when that is how to learn what the path carries.
fn write_padding(now: Instant, link: &mut Link) -> bool {
    let is_looking = link.control.rate().is_looking(now);
    let Some(size) = link.datagram_bytes().filter(|_| is_looking) else {
        return false;
    };
    let mut bytes = Vec::with_capacity(size);
    Datagram::Padding.write(&mut bytes);
    bytes.resize(size, 0);
    link.write_padding(bytes.into())
}

/// Alerts, room control and video, in this order; and the guard's turn.
fn write_live(now: Instant, index: usize, link: &mut Link, line: &mut Line) -> bool {
    if link.write_letters(Lane::Alert, &mut line.outbox, index) {
        return true;
    }
    if link.is_guard_turn(GUARD_TURN) && write_bulk(now, index, link, line) {
        return true;
    }
    if link.write_letters(Lane::Base, &mut line.outbox, index) {
        return true;
    }
    let Some((lane, bytes)) = line.media_out.next(now) else {
        return false;
    };
    link.write_datagram(lane, bytes);
    true
}

/// Documents, then images.
fn write_bulk(now: Instant, index: usize, link: &mut Link, line: &mut Line) -> bool {
    if link.write_letters(Lane::Document, &mut line.outbox, index) {
        return true;
    }
    let must_wait = line.is_calling(now) && link.control.rate().queue_lately(now) > IMAGE_QUEUE_MAX;
    !must_wait && link.write_letters(Lane::Image, &mut line.outbox, index)
}

pub(crate) fn take_packet(
    now: Instant,
    link: &mut Link,
    is_open: bool,
    buf: &mut Vec<u8>,
) -> Option<Transmit> {
    link.control.set_gate(is_open);
    let packet = link.connection.poll_transmit(now, 1, buf)?;
    link.on_sent(now, packet.size);
    Some(transmit(
        link.endpoint,
        packet.destination,
        packet.ecn,
        packet.size,
        packet.segment_size,
    ))
}
