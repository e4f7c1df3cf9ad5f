//! Frames that cross the border.

use bytes::Bytes;
use parley_wire::{
    line::{parse_datagram, parse_prelude},
    room::{MediaFrame, RoomControl, room_of},
};

/// A QUIC datagram of the line.
pub(crate) fn line_datagram(input: &[u8]) {
    if let Ok(frame) = parse_datagram(&Bytes::copy_from_slice(input)) {
        let mut written = Vec::new();
        frame.write(&mut written);
        assert_eq!(parse_datagram(&Bytes::from(written)), Ok(frame));
    }
}

/// The start of a stream of the line.
pub(crate) fn line_prelude(input: &[u8]) {
    if let Ok(Some((prelude, length))) = parse_prelude(input) {
        assert!(length <= input.len(), "a prelude ends within what was read");
        let mut written = Vec::new();
        prelude.write(&mut written);
        let again = parse_prelude(&written);
        assert_eq!(again, Ok(Some((prelude, written.len()))));
    }
}

/// One RTP packet as it crosses the border.
pub(crate) fn media_frame(input: &[u8]) {
    if let Ok(frame) = MediaFrame::read(&Bytes::copy_from_slice(input)) {
        let mut written = Vec::new();
        frame.write(&mut written);
        assert_eq!(MediaFrame::read(&Bytes::from(written)), Ok(frame));
    }
}

/// What one relay says to another about a room.
pub(crate) fn room_control(input: &[u8]) {
    let room = room_of(input);
    if let Ok(control) = RoomControl::read(input) {
        let written = control.to_bytes();
        assert_eq!(
            room_of(&written),
            room,
            "routing reads the room as the relay does"
        );
        assert_eq!(RoomControl::read(&written), Ok(control));
    }
}
