//! Frames of the line: what is written is read back, and nothing foreign breaks the reader.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use bytes::Bytes;
use parley_wire::line::{
    Datagram, FrameError, LETTER_PARTS_MAX, Lane, LetterHead, Parity, Prelude, Receipt, Report,
    Shard, ShardFlags, parse_datagram, parse_prelude,
};
use proptest::prelude::*;
use std::{fmt::Write as _, fs, path::Path};

fn write(frame: &Datagram) -> Bytes {
    let mut bytes = Vec::new();
    frame.write(&mut bytes);
    bytes.into()
}

fn letter_lane() -> impl Strategy<Value = Lane> {
    prop::sample::select(Lane::LETTERS.to_vec())
}

fn body() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..200).prop_map(Bytes::from)
}

fn head() -> impl Strategy<Value = LetterHead> {
    (letter_lane(), 0..1_u64 << 40, any::<u16>(), 0..1_u64 << 40).prop_map(
        |(lane, sequence, topic, floor)| LetterHead {
            lane,
            sequence,
            floor: floor.min(sequence),
            topic,
        },
    )
}

fn receipt() -> impl Strategy<Value = Receipt> {
    (
        letter_lane(),
        0..1_u64 << 40,
        prop::collection::vec((0..1_000_u64, 1..1_000_u64), 0..16),
    )
        .prop_map(|(lane, floor, gaps)| {
            let mut next = floor;
            let range = |(gap, count)| {
                let first = next + gap;
                next = first + count;
                (first, count)
            };
            Receipt {
                lane,
                floor,
                ranges: gaps.into_iter().map(range).collect(),
            }
        })
}

fn letters() -> impl Strategy<Value = Datagram> {
    prop_oneof![
        (head(), body()).prop_map(|(head, body)| Datagram::Letter { head, body }),
        (head(), body(), 2..=LETTER_PARTS_MAX, 0..LETTER_PARTS_MAX)
            .prop_filter("a part has something", |(_, body, _, _)| !body.is_empty())
            .prop_map(|(head, body, parts, index)| Datagram::LetterPart {
                head,
                index: index % parts,
                parts,
                body,
            }),
    ]
}

fn frame() -> impl Strategy<Value = Datagram> {
    let receipts = || prop::collection::vec(receipt(), 0..4);
    let floors = prop::collection::vec((letter_lane(), 0..1_u64 << 40), 0..4);
    let report = (
        0..1_u64 << 40,
        0..=10_000_u16,
        0..1_u64 << 30,
        floors,
        receipts(),
    )
        .prop_map(|(sequence, loss_out, rate_kbps, floors, receipts)| {
            Datagram::Report(Report {
                sequence,
                loss_out,
                rate_kbps,
                floors,
                receipts,
            })
        });
    let audio = (
        any::<u32>(),
        4..u32::MAX,
        prop::collection::vec(body(), 1..=4),
    )
        .prop_map(|(flow, sequence, units)| Datagram::Audio {
            flow,
            sequence,
            units,
        });
    let shard = (any::<u32>(), any::<u32>(), 0..64_u8, 0..16_u8, body()).prop_map(
        |(flow, block, index, flags, payload)| {
            Datagram::Shard(Shard {
                flow,
                block,
                index,
                flags: ShardFlags(flags),
                payload,
            })
        },
    );
    let parity = (
        any::<u32>(),
        any::<u32>(),
        1..=64_u8,
        1..=64_u8,
        any::<u8>(),
        1..100_usize,
    )
        .prop_map(|(flow, block, sources, parities, index, pairs)| {
            let payload = Bytes::from(vec![index; pairs * 2]);
            Datagram::Parity(Parity {
                flow,
                block,
                sources,
                parities,
                index: index % parities,
                payload,
            })
        });
    prop_oneof![
        report,
        receipts().prop_map(Datagram::Receipts),
        letters(),
        audio,
        shard,
        parity,
        Just(Datagram::Padding),
    ]
}

proptest! {
    /// Every frame survives the wire.
    #[test]
    fn frames_are_read_back_as_written(frame in frame()) {
        prop_assert_eq!(parse_datagram(&write(&frame)), Ok(frame));
    }

    /// Any bytes give a frame or an error, and what is read is written back alike or shorter.
    #[test]
    fn any_bytes_are_read_or_refused(kind in 0_u8..9, rest in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut bytes = vec![kind];
        bytes.extend(rest);
        if let Ok(frame) = parse_datagram(&Bytes::from(bytes.clone())) {
            let again = write(&frame);
            prop_assert!(again.len() <= bytes.len());
            prop_assert_eq!(parse_datagram(&again), Ok(frame));
        }
    }

    /// Every prelude survives the wire, and says when more bytes are needed.
    #[test]
    fn preludes_are_read_back_as_written(
        head in head(),
        length in 0..=1_usize << 20,
        incarnation in any::<u64>(),
        name in "[a-zé-]{0,30}",
        letter in any::<bool>(),
    ) {
        let prelude = if letter {
            Prelude::Letter { head, length }
        } else {
            Prelude::Hello { version: 1, incarnation, path: name }
        };
        let mut bytes = Vec::new();
        prelude.write(&mut bytes);
        for cut in 0..bytes.len() {
            prop_assert_eq!(parse_prelude(&bytes[..cut]), Ok(None));
        }
        let length = bytes.len();
        prop_assert_eq!(parse_prelude(&bytes), Ok(Some((prelude, length))));
    }

    /// Any bytes at the front of a stream give a prelude, an error or a wish for more.
    #[test]
    fn any_stream_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(Some((_, used))) = parse_prelude(&bytes) {
            prop_assert!(used <= bytes.len());
        }
    }
}

/// Each way in which a frame can be wrong is refused by its name.
#[test]
fn wrong_frames_are_refused_by_name() {
    let refused: [(&[u8], FrameError); 14] = [
        (&[], FrameError::Short),
        (&[0x00], FrameError::Kind),
        (&[0x7f, 1, 2], FrameError::Kind),
        (&[0x01, 0x00], FrameError::Short),
        (
            &[0x01, 0x00, 0x27, 0x11, 0x00, 0x00, 0x00],
            FrameError::Range,
        ),
        (&[0x02, 0x05], FrameError::Range),
        (&[0x02, 0x01, 0x01, 0x00, 0x00], FrameError::Lane),
        (&[0x02, 0x00, 0x00], FrameError::Surplus),
        (&[0x03, 0x03, 0x00, 0x00, 0x00, 0x00], FrameError::Lane),
        (&[0x03, 0x00, 0x01, 0x02, 0x00, 0x00], FrameError::Range),
        (&[0x04, 0x01, 0x00, 0x02, 0x00, 0x00], FrameError::Range),
        (&[0x05, 0x01, 0x01, 0x40, 0x00], FrameError::Range),
        (
            &[0x06, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00],
            FrameError::Range,
        ),
        (
            &[0x06, 0x01, 0x01, 0x01, 0x01, 0x00, 0x00],
            FrameError::Range,
        ),
    ];
    for (bytes, error) in refused {
        assert_eq!(
            parse_datagram(&Bytes::copy_from_slice(bytes)),
            Err(error),
            "{bytes:02x?}"
        );
    }
    let too_long = [0x11, 0x05, 0x00, 0x00, 0x00, 0x01, 0x80, 0x10, 0x00, 0x01];
    assert_eq!(parse_prelude(&too_long), Err(FrameError::Range));
    assert_eq!(parse_prelude(&[0x09]), Err(FrameError::Kind));
}

fn letter_examples(head: LetterHead) -> Vec<(&'static str, Datagram)> {
    vec![
        (
            "letter",
            Datagram::Letter {
                head,
                body: Bytes::from_static(b"flash"),
            },
        ),
        (
            "letter-part",
            Datagram::LetterPart {
                head,
                index: 1,
                parts: 3,
                body: Bytes::from_static(b"flash"),
            },
        ),
    ]
}

/// The published examples.
fn examples() -> Vec<(&'static str, Datagram)> {
    let head = LetterHead {
        lane: Lane::Alert,
        sequence: 300,
        floor: 298,
        topic: 16,
    };
    let receipt = Receipt {
        lane: Lane::Document,
        floor: 7,
        ranges: vec![(9, 2), (70, 1)],
    };
    let mut found = letter_examples(head);
    found.extend(vec![
        ("padding", Datagram::Padding),
        ("receipts", Datagram::Receipts(vec![receipt.clone()])),
        (
            "report",
            Datagram::Report(Report {
                sequence: 5,
                loss_out: 1_234,
                rate_kbps: 4_000,
                floors: vec![(Lane::Alert, 298), (Lane::Image, 0)],
                receipts: vec![receipt],
            }),
        ),
        (
            "audio",
            Datagram::Audio {
                flow: 0x0001_0000,
                sequence: 70_000,
                units: vec![Bytes::from_static(&[1, 2, 3]), Bytes::from_static(&[4, 5])],
            },
        ),
        (
            "shard",
            Datagram::Shard(Shard {
                flow: 0x0201,
                block: 99,
                index: 3,
                flags: ShardFlags(
                    ShardFlags::UNIT_START | ShardFlags::UNIT_END | ShardFlags::BLOCK_END,
                ),
                payload: Bytes::from_static(b"pixels"),
            }),
        ),
        (
            "parity",
            Datagram::Parity(Parity {
                flow: 0x0201,
                block: 99,
                sources: 4,
                parities: 2,
                index: 1,
                payload: Bytes::from_static(&[0xde, 0xad]),
            }),
        ),
    ]);
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The published vectors are what this implementation writes and reads.
#[test]
fn vectors_are_written_and_read_alike() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocol/vectors/line/datagrams.txt");
    let mut text =
        String::from("# name, then the bytes of one datagram of the line (protocol/line.md)\n");
    for (name, frame) in examples() {
        let _ = writeln!(text, "{name} {}", hex(&write(&frame)));
        assert_eq!(parse_datagram(&write(&frame)), Ok(frame));
    }
    if std::env::var_os("PARLEY_WRITE_VECTORS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
