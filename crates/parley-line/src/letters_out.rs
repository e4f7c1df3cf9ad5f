//! Letters on their way out: kept until the other party's node says it has them.
//!
//! A letter belongs to a lane and has a number there. It is `Waiting` until a path takes it,
//! `Written` while that path carries it, and gone when a receipt names it. When the path is lost
//! every letter it carried is `Waiting` again; the receiver absorbs what comes twice. Nothing here
//! times out: an outage of any length only delays.

use crate::error::{LineError, OurError, TheirError};
use bytes::Bytes;
use parley_wire::line::{Datagram, LETTER_BYTES_MAX, LETTER_PARTS_MAX, Lane, LetterHead, Receipt};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// First pause before an alert is repeated, and the longest (each is twice the one before).
/// Less repeats what is only late; more leaves an alert lost on every path unsaid.
const REPEAT_MIN: Duration = Duration::from_millis(200);
const REPEAT_MAX: Duration = Duration::from_secs(5);

/// Most letters kept per lane. The receiver must remember as many gaps.
pub(crate) const LETTERS_MAX: usize = 1_024;

/// Most bytes kept per lane, in the order of [`Lane::LETTERS`]. More keeps more through an outage;
/// less bounds what one dead line costs the node: 37 MiB in all.
const BYTES_MAX: [usize; 4] = [1 << 20, 4 << 20, 16 << 20, 16 << 20];

/// Most bytes on the network and not yet acknowledged, per lane: what the receiver may have to
/// hold until a gap closes. More fills longer paths: 4 MiB is 50 Mbit/s at 600 ms.
const IN_FLIGHT_MAX: usize = 4 << 20;

/// The place of the lane of documents among the lanes of letters.
const DOCUMENT: usize = 2;

/// Bytes of a letter in one datagram of its copy: it fits the smallest path. A longer one is split.
const PART_BYTES: usize = 1_000;

/// Longest alert that is also copied in datagrams. More sends longer ones over every path at once; less
/// spares thin paths, which get a copy besides what the best path carries as a stream.
pub(crate) const COPY_BYTES_MAX: usize = PART_BYTES * LETTER_PARTS_MAX as usize;

/// How long after a document letter its copies follow. The first is not in the packet that may be
/// lost, and hardly later than it. The second is for the letters behind one that was lost: until
/// that is mended their stream tells none of them, so that they have nothing but their copies.
const COPIES_AFTER: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(25)];

/// Which connection carries a letter.
pub(crate) type LinkIndex = usize;

#[derive(Debug)]
enum Stage {
    Waiting,
    Written { link: LinkIndex },
}

/// What became of a letter that was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// There is no such letter any more.
    TooLate,
    /// No connection had it.
    Unwritten,
    /// This connection had it, all or in part.
    WrittenTo(LinkIndex),
}

#[derive(Debug)]
struct Letter {
    topic: u16,
    body: Bytes,
    stage: Stage,
    /// Pause before the copy after the next.
    pause: Duration,
    was_copied: bool,
}

/// One alert's copy, as datagrams.
#[derive(Debug)]
pub(crate) struct LetterCopy {
    pub(crate) datagrams: Vec<Bytes>,
    /// Whether it is the first: the best path carries the alert as a stream already.
    pub(crate) is_first: bool,
}

#[derive(Debug)]
struct LaneOut {
    lane: Lane,
    next: u64,
    letters: BTreeMap<u64, Letter>,
    /// No letter below this one is waiting.
    waiting_from: u64,
    bytes: usize,
    in_flight: usize,
}

/// All letters of one line that are not yet acknowledged.
#[derive(Debug)]
pub(crate) struct Outbox {
    lanes: [LaneOut; 4],
    /// Alerts by the time of their next copy.
    repeats: BTreeSet<(Instant, u64)>,
    /// Document letters by the time of their copy.
    copies: BTreeSet<(Instant, u64)>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self {
            lanes: Lane::LETTERS.map(|lane| LaneOut {
                lane,
                next: 0,
                letters: BTreeMap::new(),
                waiting_from: 0,
                bytes: 0,
                in_flight: 0,
            }),
            repeats: BTreeSet::new(),
            copies: BTreeSet::new(),
        }
    }

    /// Takes a letter; its sequence number.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        lane: Lane,
        topic: u16,
        body: Bytes,
    ) -> Result<u64, LineError> {
        let index = lane.letter_index().ok_or(OurError::WrongLane(lane))?;
        if body.len() > LETTER_BYTES_MAX {
            return Err(OurError::LetterTooLong(body.len()).into());
        }
        let out = &mut self.lanes[index];
        if out.letters.len() >= LETTERS_MAX || out.bytes + body.len() > BYTES_MAX[index] {
            return Err(TheirError::LaneFull(lane).into());
        }
        let sequence = out.next;
        out.next += 1;
        out.bytes += body.len();
        if body.len() <= COPY_BYTES_MAX {
            match lane {
                Lane::Alert => drop(self.repeats.insert((now, sequence))),
                Lane::Document => {
                    let copies = COPIES_AFTER.map(|after| (now + after, sequence));
                    self.copies.extend(copies);
                }
                Lane::Audio | Lane::Base | Lane::Upper | Lane::Image => {}
            }
        }
        let letter = Letter {
            topic,
            stage: Stage::Waiting,
            // A copy of many parts is repeated as much more slowly, or it would fill a thin path.
            pause: REPEAT_MIN * parts_of(&body),
            was_copied: false,
            body,
        };
        out.letters.insert(sequence, letter);
        Ok(sequence)
    }

    /// Takes a letter back if it is not yet acknowledged.
    pub(crate) fn cancel(&mut self, lane: Lane, sequence: u64) -> Cancelled {
        let letter = lane
            .letter_index()
            .and_then(|index| self.lanes[index].remove(sequence));
        match letter.map(|letter| letter.stage) {
            None => Cancelled::TooLate,
            Some(Stage::Waiting) => Cancelled::Unwritten,
            Some(Stage::Written { link }) => Cancelled::WrittenTo(link),
        }
    }

    /// The next letter of a lane for a stream of `link`, marked as written there.
    pub(crate) fn take(&mut self, lane: Lane, link: LinkIndex) -> Option<(LetterHead, Bytes)> {
        let out = &mut self.lanes[lane.letter_index()?];
        if out.in_flight >= IN_FLIGHT_MAX {
            return None;
        }
        let floor = out.floor();
        let (sequence, letter) = out
            .letters
            .range_mut(out.waiting_from..floor + LETTERS_MAX as u64)
            .find(|(_, letter)| matches!(letter.stage, Stage::Waiting))?;
        letter.stage = Stage::Written { link };
        out.waiting_from = sequence + 1;
        out.in_flight += letter.body.len();
        let head = LetterHead {
            lane,
            sequence: *sequence,
            floor,
            topic: letter.topic,
        };
        Some((head, letter.body.clone()))
    }

    /// Whether [`take`](Self::take) would give something.
    pub(crate) fn has_waiting(&self, lane: Lane) -> bool {
        lane.letter_index().is_some_and(|index| {
            let out = &self.lanes[index];
            out.waiting_from < out.next && out.in_flight < IN_FLIGHT_MAX
        })
    }

    /// Makes everything that `link` carried wait again.
    pub(crate) fn give_back(&mut self, link: LinkIndex) {
        for out in &mut self.lanes {
            out.give_back(link);
        }
    }

    /// Makes everything that `link` carried in one lane wait again.
    pub(crate) fn give_back_lane(&mut self, lane: Lane, link: LinkIndex) {
        if let Some(index) = lane.letter_index() {
            self.lanes[index].give_back(link);
        }
    }

    /// Makes alerts repeat at once: a path has just come up.
    pub(crate) fn repeat_now(&mut self, now: Instant) {
        let sequences: Vec<u64> = self.repeats.iter().map(|(_, sequence)| *sequence).collect();
        self.repeats = sequences
            .into_iter()
            .map(|sequence| (now, sequence))
            .collect();
    }

    /// When the next alert is to be repeated, or the next document letter copied.
    pub(crate) fn next_copy(&self) -> Option<Instant> {
        let firsts = [self.repeats.first(), self.copies.first()];
        firsts.into_iter().flatten().map(|(at, _)| *at).min()
    }

    /// Datagrams of the copies of the document letters that are due, where the lane holds no more
    /// than `bytes_max`: on a quiet line they cost little, and spare a letter the wait until its
    /// loss is noticed. A busy line notices by the letters behind.
    pub(crate) fn due_document_copies(&mut self, now: Instant, bytes_max: usize) -> Vec<Bytes> {
        let lane = Lane::Document;
        let out = &self.lanes[DOCUMENT];
        let floor = out.floor();
        let mut datagrams = Vec::new();
        while let Some(&(at, sequence)) = self.copies.first()
            && at <= now
        {
            self.copies.pop_first();
            if let Some(letter) = out.letters.get(&sequence)
                && matches!(letter.stage, Stage::Written { .. })
                && out.bytes <= bytes_max
                && sequence < floor + LETTERS_MAX as u64
            {
                let topic = letter.topic;
                let head = LetterHead {
                    lane,
                    sequence,
                    floor,
                    topic,
                };
                datagrams.extend(split(&head, &letter.body));
            }
        }
        datagrams
    }

    /// Copies of the alerts that are due, as datagrams. None is repeated before it can have been
    /// answered, `answered` later.
    pub(crate) fn due_copies(&mut self, now: Instant, answered: Duration) -> Vec<LetterCopy> {
        let out = &mut self.lanes[0];
        let floor = out.floor();
        let mut copies = Vec::new();
        while let Some(&(at, sequence)) = self.repeats.first()
            && at <= now
        {
            self.repeats.pop_first();
            let Some(letter) = out.letters.get_mut(&sequence) else {
                continue;
            };
            self.repeats
                .insert((now + letter.pause.max(answered), sequence));
            letter.pause = (letter.pause * 2).min(REPEAT_MAX);
            if sequence < floor + LETTERS_MAX as u64 {
                let head = LetterHead {
                    lane: Lane::Alert,
                    sequence,
                    floor,
                    topic: letter.topic,
                };
                let datagrams = split(&head, &letter.body);
                let is_first = !std::mem::replace(&mut letter.was_copied, true);
                copies.push(LetterCopy {
                    datagrams,
                    is_first,
                });
            }
        }
        copies
    }

    /// Removes what the other party has; the sequence numbers that are new to us.
    pub(crate) fn acknowledge(&mut self, receipt: &Receipt) -> Vec<u64> {
        let Some(index) = receipt.lane.letter_index() else {
            return Vec::new();
        };
        let out = &mut self.lanes[index];
        // Only numbers that we gave can be meant: a hostile receipt removes nothing else.
        let below = out
            .letters
            .range(..receipt.floor)
            .map(|(sequence, _)| *sequence);
        let mut acknowledged: Vec<u64> = below.collect();
        for &(first, count) in &receipt.ranges {
            let range = first.max(receipt.floor)..first.saturating_add(count);
            if !range.is_empty() {
                acknowledged.extend(out.letters.range(range).map(|(sequence, _)| *sequence));
            }
        }
        acknowledged.retain(|sequence| out.remove(*sequence).is_some());
        acknowledged
    }

    /// The lowest number still wanted, in each lane that was used.
    pub(crate) fn floors(&self) -> Vec<(Lane, u64)> {
        self.lanes
            .iter()
            .filter(|out| out.next > 0)
            .map(|out| (out.lane, out.floor()))
            .collect()
    }

    /// Bytes kept in a lane.
    pub(crate) fn bytes(&self, lane: Lane) -> u64 {
        lane.letter_index()
            .map_or(0, |index| self.lanes[index].bytes as u64)
    }

    /// Whether any letter is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|out| out.letters.is_empty())
    }
}

/// How many datagrams a copy has.
fn parts_of(body: &Bytes) -> u32 {
    u32::try_from(body.len().div_ceil(PART_BYTES).max(1)).unwrap_or(u32::MAX)
}

/// Writes a letter into one datagram, or into as many as it takes.
fn split(head: &LetterHead, body: &Bytes) -> Vec<Bytes> {
    let parts = u8::try_from(parts_of(body)).unwrap_or(LETTER_PARTS_MAX);
    (0..parts)
        .map(|index| {
            let start = usize::from(index) * PART_BYTES;
            let piece = body.slice(start..body.len().min(start + PART_BYTES));
            let mut bytes = Vec::with_capacity(piece.len() + 24);
            if parts == 1 {
                Datagram::Letter {
                    head: *head,
                    body: piece,
                }
                .write(&mut bytes);
            } else {
                Datagram::LetterPart {
                    head: *head,
                    index,
                    parts,
                    body: piece,
                }
                .write(&mut bytes);
            }
            bytes.into()
        })
        .collect()
}

impl LaneOut {
    fn give_back(&mut self, link: LinkIndex) {
        for (sequence, letter) in &mut self.letters {
            if matches!(letter.stage, Stage::Written { link: carrier } if carrier == link) {
                letter.stage = Stage::Waiting;
                self.in_flight -= letter.body.len();
                self.waiting_from = self.waiting_from.min(*sequence);
            }
        }
    }

    fn floor(&self) -> u64 {
        self.letters.keys().next().copied().unwrap_or(self.next)
    }

    fn remove(&mut self, sequence: u64) -> Option<Letter> {
        let letter = self.letters.remove(&sequence)?;
        self.bytes -= letter.body.len();
        if matches!(letter.stage, Stage::Written { .. }) {
            self.in_flight -= letter.body.len();
        }
        Some(letter)
    }
}
