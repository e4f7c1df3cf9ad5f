//! What the engine asks of its threads, and how they answer.

use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use parley_line::{Lane, LineConfig, LineStatus};
use parley_media::{ParticipantQuality, Watch};
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackIndex};

use crate::{error::EngineError, poller::Waker, stream::FramedStream};

/// Commands that may wait for a thread. More would hide that it stands still; less refuses a burst
/// (everyone of a big room watching something else at once).
const WAITING_MAX: usize = 1_024;

/// How long a caller waits for an answer. A turn takes milliseconds; more would freeze the desk
/// with a thread that stands still, less refuses calls on a machine that swaps.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where an answer goes.
pub(crate) type Reply<T> = Sender<Result<T, EngineError>>;

/// Asked of a media thread.
pub(crate) enum MediaCommand {
    OpenRoom {
        room: RoomId,
        reply: Reply<()>,
    },
    CloseRoom {
        room: RoomId,
        reply: Reply<()>,
    },
    Attach {
        room: RoomId,
        party: PartyId,
        reply: Reply<()>,
    },
    Detach {
        room: RoomId,
        party: PartyId,
        reply: Reply<()>,
    },
    SetAside {
        room: RoomId,
        participant: ParticipantId,
        label: Bytes,
        reply: Reply<()>,
    },
    Join(Box<Join>),
    Leave {
        participant: ParticipantId,
    },
    Watch {
        participant: ParticipantId,
        watches: Vec<Watch>,
        reply: Reply<()>,
    },
    SetMuted {
        participant: ParticipantId,
        track: TrackIndex,
        is_muted: bool,
        reply: Reply<()>,
    },
    Quality {
        participant: ParticipantId,
        reply: Reply<ParticipantQuality>,
    },
    /// A browser's TCP stream, with the packets that were read to find out whose it is.
    Stream {
        stream: Box<FramedStream>,
        packets: Vec<Bytes>,
    },
}

/// A participant's wish to be in a room.
pub(crate) struct Join {
    pub(crate) request: u64,
    pub(crate) room: RoomId,
    pub(crate) participant: ParticipantId,
    pub(crate) label: Bytes,
    pub(crate) offer: String,
    pub(crate) muted: [bool; TrackIndex::COUNT],
}

/// Asked of the line thread.
pub(crate) enum LineCommand {
    Open {
        config: Box<LineConfig>,
        reply: Reply<PartyId>,
    },
    Close {
        party: PartyId,
        reply: Reply<()>,
    },
    Send {
        party: PartyId,
        lane: Lane,
        topic: u16,
        body: Bytes,
        reply: Reply<u64>,
    },
    Cancel {
        letter: u64,
        reply: Reply<bool>,
    },
    Status {
        party: PartyId,
        reply: Reply<Box<LineStatus>>,
    },
}

/// The way to a thread.
pub(crate) struct CommandQueue<C> {
    sender: Sender<C>,
    waker: Waker,
}

impl<C> CommandQueue<C> {
    /// A queue whose commands come out of the receiver in a thread that `waker` wakes.
    pub(crate) fn new(waker: Waker) -> (Self, Receiver<C>) {
        let (sender, receiver) = bounded(WAITING_MAX);
        (Self { sender, waker }, receiver)
    }

    /// Gives a thread a command.
    pub(crate) fn tell(&self, command: C) -> Result<(), EngineError> {
        let outcome = self.sender.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Overloaded,
            TrySendError::Disconnected(_) => EngineError::Stopped,
        });
        self.waker.wake();
        outcome
    }

    /// Gives a thread a command and waits for its answer.
    pub(crate) fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> C) -> Result<T, EngineError> {
        let (reply, answer) = bounded(1);
        self.tell(command(reply))?;
        answer
            .recv_timeout(PATIENCE)
            .unwrap_or(Err(EngineError::Stalled))
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }
}

impl<C> Clone for CommandQueue<C> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            waker: self.waker.clone(),
        }
    }
}

/// Answers; a caller who no longer waits is no concern.
pub(crate) fn answer<T>(reply: &Reply<T>, outcome: Result<T, EngineError>) {
    let _ = reply.try_send(outcome);
}

/// When something that is done every second is due.
pub(crate) struct Beat {
    next_at: Instant,
}

impl Beat {
    const EVERY: Duration = Duration::from_secs(1);

    pub(crate) fn new(now: Instant) -> Self {
        Self {
            next_at: now + Self::EVERY,
        }
    }

    pub(crate) fn next_at(&self) -> Instant {
        self.next_at
    }

    /// Says whether it is due, and if so puts it off to the next second.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next_at;
        if is_due {
            self.next_at = now + Self::EVERY;
        }
        is_due
    }
}
