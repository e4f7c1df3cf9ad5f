//! Frames of the line itself: what two nodes say to each other below rooms and records.
//!
//! A QUIC DATAGRAM (RFC 9221) on a line holds exactly one [`Datagram`]; a unidirectional QUIC
//! stream starts with one [`Prelude`]. `protocol/line.md` describes both for somebody who writes
//! another implementation, `protocol/vectors/line/` has bytes to try it on.
//!
//! ```
//! use bytes::Bytes;
//! use parley_wire::line::{Datagram, parse_datagram};
//!
//! let frame = Datagram::Padding;
//! let mut bytes = Vec::new();
//! frame.write(&mut bytes);
//! assert_eq!(parse_datagram(&Bytes::from(bytes)), Ok(frame));
//! ```

use crate::varint;
use bytes::Bytes;
use thiserror::Error;

/// Version of the line protocol that [`Prelude::Hello`] announces.
pub const VERSION: u8 = 1;

/// Longest body of a letter, bytes. More lets one letter hold a lane for seconds on a slow line;
/// less makes the record and image domains cut their payloads finer than they like.
pub const LETTER_BYTES_MAX: usize = 1 << 20;

/// Longest path name in a [`Prelude::Hello`], bytes.
pub const PATH_NAME_BYTES_MAX: usize = 64;

/// Longest prelude on a stream, bytes: a `Hello` with the longest name and its reserved tail.
pub const PRELUDE_BYTES_MAX: usize = 512;

/// Most audio units in one datagram: the newest and the ones before it.
pub const AUDIO_UNITS_MAX: usize = 4;

/// Most source shards in a block, and most parity shards: presence fits one machine word.
pub const SHARDS_MAX: u8 = 64;

/// Most received ranges named in one receipt. More repairs a rarer pattern of loss in one round
/// trip; less leaves room in the datagram.
pub const RECEIPT_RANGES_MAX: usize = 16;

/// Most datagrams that a copy of a letter is split into. More copies longer alerts; less keeps a copy
/// from filling a thin path.
pub const LETTER_PARTS_MAX: u8 = 8;

/// An urgency class of the line, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Lane {
    /// Alerts, acknowledgements, floor, keys.
    Alert = 0,
    /// Audio units.
    Audio = 1,
    /// View state, room control and the video base layer.
    Base = 2,
    /// Video upper layers.
    Upper = 3,
    /// Documents and the record.
    Document = 4,
    /// Images.
    Image = 5,
}

impl Lane {
    /// All lanes, most urgent first.
    pub const ALL: [Self; 6] = [
        Self::Alert,
        Self::Audio,
        Self::Base,
        Self::Upper,
        Self::Document,
        Self::Image,
    ];

    /// Lanes that carry letters, most urgent first.
    pub const LETTERS: [Self; 4] = [Self::Alert, Self::Base, Self::Document, Self::Image];

    /// The number used on the wire and in Python.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Position in [`Lane::LETTERS`]; `None` for the lanes that carry media only.
    #[must_use]
    pub const fn letter_index(self) -> Option<usize> {
        match self {
            Self::Alert => Some(0),
            Self::Base => Some(1),
            Self::Document => Some(2),
            Self::Image => Some(3),
            Self::Audio | Self::Upper => None,
        }
    }
}

impl TryFrom<u8> for Lane {
    type Error = FrameError;

    fn try_from(number: u8) -> Result<Self, FrameError> {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .ok_or(FrameError::Lane)
    }
}

/// Why bytes are not a frame of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes end before the frame does.
    #[error("the frame is cut short")]
    Short,
    /// The first byte names no frame of this version.
    #[error("unknown kind of frame")]
    Kind,
    /// No such lane, or a lane that cannot carry this.
    #[error("no such lane")]
    Lane,
    /// A number or a length is outside what the protocol allows.
    #[error("a value is out of range")]
    Range,
    /// Bytes are left over after the frame.
    #[error("bytes are left over")]
    Surplus,
    /// A name is not UTF-8.
    #[error("a name is not text")]
    Text,
}

/// What the receiver of letters holds in one lane.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The lane.
    pub lane: Lane,
    /// Every letter with a smaller sequence number has arrived or was cancelled by its sender.
    pub floor: u64,
    /// Further arrivals, as `(first, count)`, ascending and apart; at most [`RECEIPT_RANGES_MAX`].
    pub ranges: Vec<(u64, u64)>,
}

/// What a node tells the other about one path, several times a second while media flows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Report {
    /// Counts the reports on this path; an older one than the last seen is ignored.
    pub sequence: u64,
    /// Share of the sender's own packets that were lost on this path, in ten-thousandths.
    pub loss_out: u16,
    /// What the sender believes this path can carry from it, kbit/s.
    pub rate_kbps: u64,
    /// The lowest sequence number that the sender of the report still wants delivered, in the
    /// letter lanes it has used: a letter below it was cancelled and leaves no gap.
    pub floors: Vec<(Lane, u64)>,
    /// State of the letter lanes, as received by the sender of the report.
    pub receipts: Vec<Receipt>,
}

/// Where a letter belongs, wherever it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LetterHead {
    /// The lane, one of [`Lane::LETTERS`].
    pub lane: Lane,
    /// Position in the lane, from 0, without gaps; counted by the sender since it started.
    pub sequence: u64,
    /// The lowest sequence number that the sender still wants delivered in this lane.
    pub floor: u64,
    /// Who in the node the letter is for.
    pub topic: u16,
}

/// One source shard of a media block: a media unit or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shard {
    /// The flow (a track and layer) as its sender numbers it.
    pub flow: u32,
    /// The block: about one video frame.
    pub block: u32,
    /// Position in the block, below [`SHARDS_MAX`].
    pub index: u8,
    /// Whether it begins a media unit, ends one, ends the block, and its lane.
    pub flags: ShardFlags,
    /// The bytes.
    pub payload: Bytes,
}

/// Flags of a [`Shard`], one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ShardFlags(pub u8);

impl ShardFlags {
    /// The shard begins a media unit.
    pub const UNIT_START: u8 = 1;
    /// The shard ends a media unit.
    pub const UNIT_END: u8 = 2;
    /// The shard is the last source shard of its block.
    pub const BLOCK_END: u8 = 4;
    /// The shard travels in [`Lane::Upper`] rather than [`Lane::Base`].
    pub const UPPER: u8 = 8;
    const ALL: u8 = 15;

    /// Whether all bits of `bit` are set.
    #[must_use]
    pub const fn has(self, bit: u8) -> bool {
        self.0 & bit == bit
    }

    /// The lane that the flags name.
    #[must_use]
    pub const fn lane(self) -> Lane {
        if self.has(Self::UPPER) {
            Lane::Upper
        } else {
            Lane::Base
        }
    }
}

/// One parity shard of a media block (Reed-Solomon over GF(2^16)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parity {
    /// The flow.
    pub flow: u32,
    /// The block.
    pub block: u32,
    /// Number of source shards in the block, 1 to [`SHARDS_MAX`].
    pub sources: u8,
    /// Number of parity shards made, 1 to [`SHARDS_MAX`].
    pub parities: u8,
    /// Which of them this is, below `parities`.
    pub index: u8,
    /// The parity bytes: an even number, at least two.
    pub payload: Bytes,
}

/// A frame in a QUIC datagram.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Datagram {
    /// State of the path and of the letter lanes.
    Report(Report),
    /// State of the letter lanes alone, sent when letters have just arrived.
    Receipts(Vec<Receipt>),
    /// A copy of a letter.
    Letter {
        /// Where it belongs.
        head: LetterHead,
        /// What it says.
        body: Bytes,
    },
    /// A part of a copy of a letter that is too long for one datagram.
    LetterPart {
        /// Where the letter belongs.
        head: LetterHead,
        /// Position of the part in the letter, below `parts`.
        index: u8,
        /// How many parts there are: 2 to [`LETTER_PARTS_MAX`].
        parts: u8,
        /// What it says; every part but the last has the length of the first.
        body: Bytes,
    },
    /// Audio units of one flow: the newest, then the ones before it.
    Audio {
        /// The flow.
        flow: u32,
        /// Sequence number of the first unit; the following have one less each.
        sequence: u32,
        /// One to [`AUDIO_UNITS_MAX`] units.
        units: Vec<Bytes>,
    },
    /// A source shard of video.
    Shard(Shard),
    /// A parity shard of video.
    Parity(Parity),
    /// Nothing: measures what the path can carry. Its bytes are ignored.
    Padding,
}

/// What a unidirectional stream begins with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Prelude {
    /// The first stream of each side, alone on it.
    Hello {
        /// Protocol version of the sender.
        version: u8,
        /// Random number that the sender drew when it started: it forgets what it held of letters
        /// when this changes.
        incarnation: u64,
        /// The sender's name for the path.
        path: String,
    },
    /// A letter; its body follows.
    Letter {
        /// Where it belongs.
        head: LetterHead,
        /// Length of the body, at most [`LETTER_BYTES_MAX`].
        length: usize,
    },
}

const REPORT: u8 = 0x01;
const RECEIPTS: u8 = 0x02;
const LETTER: u8 = 0x03;
const AUDIO: u8 = 0x04;
const SHARD: u8 = 0x05;
const PARITY: u8 = 0x06;
const PADDING: u8 = 0x07;
const LETTER_PART: u8 = 0x08;
const HELLO: u8 = 0x10;
const STREAM_LETTER: u8 = 0x11;

/// Most bytes that [`Shard`] and [`Parity`] put before their payload.
pub const SHARD_HEAD_BYTES_MAX: usize = 1 + 8 + 8 + 3;

/// Most bytes that a [`Datagram::Letter`] puts before its body.
pub const LETTER_HEAD_BYTES_MAX: usize = 1 + 1 + 8 + 8 + 2;

impl Datagram {
    /// Appends the frame to `bytes`.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Report(report) => {
                bytes.push(REPORT);
                varint::write(bytes, report.sequence);
                bytes.extend_from_slice(&report.loss_out.to_be_bytes());
                varint::write(bytes, report.rate_kbps);
                write_floors(bytes, &report.floors);
                write_receipts(bytes, &report.receipts);
            }
            Self::Receipts(receipts) => {
                bytes.push(RECEIPTS);
                write_receipts(bytes, receipts);
            }
            Self::Letter { head, body } => {
                bytes.push(LETTER);
                write_head(bytes, head);
                bytes.extend_from_slice(body);
            }
            Self::LetterPart {
                head,
                index,
                parts,
                body,
            } => {
                bytes.push(LETTER_PART);
                write_head(bytes, head);
                bytes.extend_from_slice(&[*index, *parts]);
                bytes.extend_from_slice(body);
            }
            Self::Audio {
                flow,
                sequence,
                units,
            } => write_audio(bytes, *flow, *sequence, units),
            Self::Shard(shard) => {
                bytes.push(SHARD);
                varint::write(bytes, shard.flow.into());
                varint::write(bytes, shard.block.into());
                bytes.extend_from_slice(&[shard.index, shard.flags.0]);
                bytes.extend_from_slice(&shard.payload);
            }
            Self::Parity(parity) => {
                bytes.push(PARITY);
                varint::write(bytes, parity.flow.into());
                varint::write(bytes, parity.block.into());
                bytes.extend_from_slice(&[parity.sources, parity.parities, parity.index]);
                bytes.extend_from_slice(&parity.payload);
            }
            Self::Padding => bytes.push(PADDING),
        }
    }
}

impl Prelude {
    /// Appends the prelude to `bytes`.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Hello {
                version,
                incarnation,
                path,
            } => {
                bytes.extend_from_slice(&[HELLO, *version]);
                bytes.extend_from_slice(&incarnation.to_be_bytes());
                let name = &path.as_bytes()[..path.floor_char_boundary(PATH_NAME_BYTES_MAX)];
                varint::write(bytes, name.len() as u64);
                bytes.extend_from_slice(name);
            }
            Self::Letter { head, length } => {
                bytes.push(STREAM_LETTER);
                write_head(bytes, head);
                varint::write(bytes, *length as u64);
            }
        }
    }
}

/// Reads the frame in one datagram; the payloads share its memory.
///
/// # Errors
/// Says what is wrong with the bytes; the caller counts it and drops the datagram.
pub fn parse_datagram(bytes: &Bytes) -> Result<Datagram, FrameError> {
    let mut reader = Reader { rest: bytes };
    let frame = match reader.byte()? {
        REPORT => Datagram::Report(Report {
            sequence: reader.varint()?,
            loss_out: reader.share()?,
            rate_kbps: reader.varint()?,
            floors: reader.floors()?,
            receipts: reader.receipts()?,
        }),
        RECEIPTS => Datagram::Receipts(reader.receipts()?),
        LETTER => Datagram::Letter {
            head: reader.head()?,
            body: reader.take_rest(bytes),
        },
        LETTER_PART => parse_letter_part(&mut reader, bytes)?,
        AUDIO => parse_audio(&mut reader, bytes)?,
        SHARD => Datagram::Shard(parse_shard(&mut reader, bytes)?),
        PARITY => Datagram::Parity(parse_parity(&mut reader, bytes)?),
        PADDING => {
            reader.rest = &[];
            Datagram::Padding
        }
        _ => return Err(FrameError::Kind),
    };
    if reader.rest.is_empty() {
        Ok(frame)
    } else {
        Err(FrameError::Surplus)
    }
}

/// Reads a prelude from the front of what a stream has delivered so far, and how many bytes it
/// took. `Ok(None)` asks for more bytes.
///
/// # Errors
/// Says what is wrong; more bytes will not mend it.
pub fn parse_prelude(bytes: &[u8]) -> Result<Option<(Prelude, usize)>, FrameError> {
    let mut reader = Reader { rest: bytes };
    match reader.prelude() {
        Ok(prelude) => Ok(Some((prelude, bytes.len() - reader.rest.len()))),
        Err(FrameError::Short) if bytes.len() < PRELUDE_BYTES_MAX => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse_letter_part(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Datagram, FrameError> {
    let head = reader.head()?;
    let (index, parts) = (reader.byte()?, reader.byte()?);
    if !(2..=LETTER_PARTS_MAX).contains(&parts) || index >= parts {
        return Err(FrameError::Range);
    }
    let body = reader.take_rest(bytes);
    if body.is_empty() {
        return Err(FrameError::Short);
    }
    Ok(Datagram::LetterPart {
        head,
        index,
        parts,
        body,
    })
}

fn write_head(bytes: &mut Vec<u8>, head: &LetterHead) {
    bytes.push(head.lane.number());
    varint::write(bytes, head.sequence);
    varint::write(bytes, head.floor);
    bytes.extend_from_slice(&head.topic.to_be_bytes());
}

fn write_floors(bytes: &mut Vec<u8>, floors: &[(Lane, u64)]) {
    bytes.push(u8::try_from(floors.len()).unwrap_or(u8::MAX));
    for (lane, floor) in floors.iter().take(usize::from(u8::MAX)) {
        bytes.push(lane.number());
        varint::write(bytes, *floor);
    }
}

fn write_receipts(bytes: &mut Vec<u8>, receipts: &[Receipt]) {
    bytes.push(u8::try_from(receipts.len()).unwrap_or(u8::MAX));
    for receipt in receipts.iter().take(usize::from(u8::MAX)) {
        bytes.push(receipt.lane.number());
        varint::write(bytes, receipt.floor);
        let ranges = &receipt.ranges[..receipt.ranges.len().min(RECEIPT_RANGES_MAX)];
        varint::write(bytes, ranges.len() as u64);
        let mut next = receipt.floor;
        for &(first, count) in ranges {
            varint::write(bytes, first.saturating_sub(next));
            varint::write(bytes, count);
            next = first.saturating_add(count);
        }
    }
}

fn write_audio(bytes: &mut Vec<u8>, flow: u32, sequence: u32, units: &[Bytes]) {
    bytes.push(AUDIO);
    varint::write(bytes, flow.into());
    varint::write(bytes, sequence.into());
    let units = &units[..units.len().min(AUDIO_UNITS_MAX)];
    varint::write(bytes, units.len() as u64);
    for unit in units {
        varint::write(bytes, unit.len() as u64);
        bytes.extend_from_slice(unit);
    }
}

fn parse_audio(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Datagram, FrameError> {
    let flow = reader.varint_u32()?;
    let sequence = reader.varint_u32()?;
    let count = reader.length()?;
    if count == 0 || count > AUDIO_UNITS_MAX || count as u64 > u64::from(sequence) + 1 {
        return Err(FrameError::Range);
    }
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let length = reader.length()?;
        units.push(bytes.slice_ref(reader.take(length)?));
    }
    Ok(Datagram::Audio {
        flow,
        sequence,
        units,
    })
}

fn parse_shard(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Shard, FrameError> {
    let shard = Shard {
        flow: reader.varint_u32()?,
        block: reader.varint_u32()?,
        index: reader.byte()?,
        flags: ShardFlags(reader.byte()?),
        payload: reader.take_rest(bytes),
    };
    if shard.index >= SHARDS_MAX || shard.flags.0 > ShardFlags::ALL {
        return Err(FrameError::Range);
    }
    Ok(shard)
}

fn parse_parity(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Parity, FrameError> {
    let parity = Parity {
        flow: reader.varint_u32()?,
        block: reader.varint_u32()?,
        sources: reader.byte()?,
        parities: reader.byte()?,
        index: reader.byte()?,
        payload: reader.take_rest(bytes),
    };
    let counts = 1..=SHARDS_MAX;
    if !counts.contains(&parity.sources)
        || !counts.contains(&parity.parities)
        || parity.index >= parity.parities
        || parity.payload.is_empty()
        || !parity.payload.len().is_multiple_of(2)
    {
        return Err(FrameError::Range);
    }
    Ok(parity)
}

/// Cursor over foreign bytes.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, FrameError> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FrameError> {
        let (head, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(FrameError::Short)?;
        self.rest = rest;
        Ok(head)
    }

    fn take_rest(&mut self, bytes: &Bytes) -> Bytes {
        bytes.slice_ref(std::mem::take(&mut self.rest))
    }

    fn varint(&mut self) -> Result<u64, FrameError> {
        varint::read(&mut self.rest).ok_or(FrameError::Short)
    }

    fn varint_u32(&mut self) -> Result<u32, FrameError> {
        self.varint()?.try_into().map_err(|_| FrameError::Range)
    }

    fn length(&mut self) -> Result<usize, FrameError> {
        self.varint()?.try_into().map_err(|_| FrameError::Range)
    }

    fn u16(&mut self) -> Result<u16, FrameError> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn share(&mut self) -> Result<u16, FrameError> {
        let share = self.u16()?;
        if share > 10_000 {
            Err(FrameError::Range)
        } else {
            Ok(share)
        }
    }

    fn head(&mut self) -> Result<LetterHead, FrameError> {
        let head = LetterHead {
            lane: self.letter_lane()?,
            sequence: self.varint()?,
            floor: self.varint()?,
            topic: self.u16()?,
        };
        if head.floor > head.sequence {
            return Err(FrameError::Range);
        }
        Ok(head)
    }

    fn letter_lane(&mut self) -> Result<Lane, FrameError> {
        let lane = Lane::try_from(self.byte()?)?;
        lane.letter_index().map(|_| lane).ok_or(FrameError::Lane)
    }

    fn floors(&mut self) -> Result<Vec<(Lane, u64)>, FrameError> {
        let count = usize::from(self.byte()?);
        if count > Lane::LETTERS.len() {
            return Err(FrameError::Range);
        }
        (0..count)
            .map(|_| Ok((self.letter_lane()?, self.varint()?)))
            .collect()
    }

    fn receipts(&mut self) -> Result<Vec<Receipt>, FrameError> {
        let count = usize::from(self.byte()?);
        if count > Lane::LETTERS.len() {
            return Err(FrameError::Range);
        }
        (0..count).map(|_| self.receipt()).collect()
    }

    fn receipt(&mut self) -> Result<Receipt, FrameError> {
        let lane = self.letter_lane()?;
        let floor = self.varint()?;
        let count = self.length()?;
        if count > RECEIPT_RANGES_MAX {
            return Err(FrameError::Range);
        }
        let mut next = floor;
        let mut ranges = Vec::with_capacity(count);
        for _ in 0..count {
            let first = next.checked_add(self.varint()?).ok_or(FrameError::Range)?;
            let length = self.varint()?;
            next = first.checked_add(length).ok_or(FrameError::Range)?;
            ranges.push((first, length));
        }
        Ok(Receipt {
            lane,
            floor,
            ranges,
        })
    }

    fn prelude(&mut self) -> Result<Prelude, FrameError> {
        match self.byte()? {
            HELLO => self.hello(),
            STREAM_LETTER => {
                let head = self.head()?;
                let length = self.length()?;
                if length > LETTER_BYTES_MAX {
                    return Err(FrameError::Range);
                }
                Ok(Prelude::Letter { head, length })
            }
            _ => Err(FrameError::Kind),
        }
    }

    fn hello(&mut self) -> Result<Prelude, FrameError> {
        let version = self.byte()?;
        let mut incarnation = [0; 8];
        incarnation.copy_from_slice(self.take(8)?);
        let length = self.length()?;
        if length > PATH_NAME_BYTES_MAX {
            return Err(FrameError::Range);
        }
        let name = std::str::from_utf8(self.take(length)?).map_err(|_| FrameError::Text)?;
        Ok(Prelude::Hello {
            version,
            incarnation: u64::from_be_bytes(incarnation),
            path: name.to_owned(),
        })
    }
}
