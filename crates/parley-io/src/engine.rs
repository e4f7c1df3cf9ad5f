//! The engine as its owner sees it: commands in, events out, threads in between.

use std::{
    net::{IpAddr, SocketAddr},
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use parley_line::{Lane, LineConfig, LineStatus};
use parley_media::{ParticipantQuality, Watch};
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackIndex};

use crate::{
    acceptor::AcceptorCounters,
    commands::{CommandQueue, Join, LineCommand, MediaCommand, Reply},
    counters::{Counters, LineCounters, MediaCounters, summary},
    directory::{Directory, shard_of_room},
    error::EngineError,
    event::EngineEvent,
    line_report::TOPIC_NODE_MIN,
    outbox::Outbox,
    poller::Waker,
    rooms::unknown_participant,
    setup,
    turning::{self, Turning},
};

/// Events given out in one call. More keeps the caller's loop from other work; less costs calls.
const DRAIN_MAX: usize = 1_024;

/// Longest label of a participant. It crosses every line of the room with every roster.
const LABEL_BYTES_MAX: usize = 512;

/// Longest offer. A browser's with all its slots has about 20 kB.
const OFFER_BYTES_MAX: usize = 256 * 1024;

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineConfig {
    /// Seed of the party's Ed25519 key.
    pub key_seed: [u8; 32],
    /// Local ends of line paths; each is bound for UDP and for TCP.
    pub line_listen: Vec<SocketAddr>,
    /// Where browsers send media; with several media threads each takes the next port.
    pub media_udp: SocketAddr,
    /// Where browsers behind firewalls send media, if anywhere.
    pub media_tcp: Option<SocketAddr>,
    /// IPs that browsers are told; every address of this machine when not given.
    pub media_advertise: Option<Vec<IpAddr>>,
    /// Media threads; the cores less two when not given.
    pub media_threads: Option<usize>,
}

/// A node's lines and rooms, on threads of their own.
///
/// Calls never wait for the network, and at most two seconds for a thread. What happens comes out
/// of [`drain`](Self::drain). Dropping an engine stops it.
pub struct Engine {
    pub(crate) party: PartyId,
    pub(crate) line_addresses: Vec<SocketAddr>,
    pub(crate) media_addresses: Vec<SocketAddr>,
    pub(crate) media_tcp_addresses: Vec<SocketAddr>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) media: Vec<Shard>,
    pub(crate) line: CommandQueue<LineCommand>,
    pub(crate) line_counters: Arc<LineCounters>,
    pub(crate) acceptor: Option<AcceptorEnd>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) requests: AtomicU64,
}

/// What the engine holds of a media thread.
pub(crate) struct Shard {
    pub(crate) queue: CommandQueue<MediaCommand>,
    pub(crate) counters: Arc<MediaCounters>,
}

/// What the engine holds of the acceptor.
pub(crate) struct AcceptorEnd {
    pub(crate) waker: Waker,
    pub(crate) counters: Arc<AcceptorCounters>,
}

impl Engine {
    /// Opens all sockets and starts all threads.
    ///
    /// # Errors
    ///
    /// [`EngineError::PortTaken`], [`EngineError::AddressUnusable`] or
    /// [`EngineError::PermissionDenied`] when a socket does not open;
    /// [`EngineError::ArgumentInvalid`] when there are no lines' ends or too many media threads.
    pub fn start(config: &EngineConfig) -> Result<Self, EngineError> {
        setup::start(config)
    }

    /// Returns this node's own party.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// Returns the local ends of line paths, as bound.
    #[must_use]
    pub fn line_addresses(&self) -> &[SocketAddr] {
        &self.line_addresses
    }

    /// Returns the UDP addresses that browsers are told.
    #[must_use]
    pub fn media_addresses(&self) -> &[SocketAddr] {
        &self.media_addresses
    }

    /// Returns the TCP addresses that browsers are told.
    #[must_use]
    pub fn media_tcp_addresses(&self) -> &[SocketAddr] {
        &self.media_tcp_addresses
    }

    /// Returns a descriptor that is readable while [`drain`](Self::drain) has something.
    #[must_use]
    pub fn event_fd(&self) -> RawFd {
        self.outbox.as_fd().as_raw_fd()
    }

    /// Returns what happened since the last call, at most 1,024 events, oldest first.
    #[must_use]
    pub fn drain(&self) -> Vec<EngineEvent> {
        self.outbox.drain(DRAIN_MAX)
    }

    /// Opens a line; its paths are tried for ever.
    ///
    /// # Errors
    ///
    /// A [`LineError`](parley_line::LineError) when the line is open or its paths are not well
    /// formed.
    pub fn open_line(&self, config: LineConfig) -> Result<PartyId, EngineError> {
        self.ask_line(|reply| LineCommand::Open {
            config: Box::new(config),
            reply,
        })
    }

    /// Closes a line for good: letters that wait on it are forgotten.
    ///
    /// # Errors
    ///
    /// A [`LineError`](parley_line::LineError) when there is no such line.
    pub fn close_line(&self, party: PartyId) -> Result<(), EngineError> {
        self.ask_line(|reply| LineCommand::Close { party, reply })
    }

    /// Returns what is known about a line.
    ///
    /// # Errors
    ///
    /// A [`LineError`](parley_line::LineError) when there is no such line.
    pub fn line_status(&self, party: PartyId) -> Result<LineStatus, EngineError> {
        self.ask_line(|reply| LineCommand::Status { party, reply })
            .map(|status| *status)
    }

    /// Queues a letter and returns its number; it waits through any outage.
    ///
    /// # Errors
    ///
    /// [`EngineError::ArgumentInvalid`] when the topic is not Python's, or a
    /// [`LineError`](parley_line::LineError).
    pub fn send(
        &self,
        party: PartyId,
        lane: Lane,
        topic: u16,
        body: Bytes,
    ) -> Result<u64, EngineError> {
        if topic < TOPIC_NODE_MIN {
            return Err(EngineError::ArgumentInvalid { argument: "topic" });
        }
        self.ask_line(|reply| LineCommand::Send {
            party,
            lane,
            topic,
            body,
            reply,
        })
    }

    /// Forgets a letter that is not delivered; returns whether there was one.
    ///
    /// # Errors
    ///
    /// When the engine is stopped or overloaded.
    pub fn cancel(&self, letter: u64) -> Result<bool, EngineError> {
        self.ask_line(|reply| LineCommand::Cancel { letter, reply })
    }

    /// Opens a room on this node.
    ///
    /// # Errors
    ///
    /// A [`MediaError`](parley_media::MediaError), or when the engine is stopped or overloaded.
    pub fn open_room(&self, room: RoomId) -> Result<(), EngineError> {
        self.ask_room(room, |reply| MediaCommand::OpenRoom { room, reply })
    }

    /// Closes a room on this node; its local participants leave.
    ///
    /// # Errors
    ///
    /// As [`open_room`](Self::open_room).
    pub fn close_room(&self, room: RoomId) -> Result<(), EngineError> {
        self.ask_room(room, |reply| MediaCommand::CloseRoom { room, reply })
    }

    /// Lets the line to a party carry a room, as soon as that line is up.
    ///
    /// # Errors
    ///
    /// As [`open_room`](Self::open_room).
    pub fn attach(&self, room: RoomId, party: PartyId) -> Result<(), EngineError> {
        self.ask_room(room, |reply| MediaCommand::Attach { room, party, reply })
    }

    /// Stops carrying a room over the line to a party.
    ///
    /// # Errors
    ///
    /// As [`open_room`](Self::open_room).
    pub fn detach(&self, room: RoomId, party: PartyId) -> Result<(), EngineError> {
        self.ask_room(room, |reply| MediaCommand::Detach { room, party, reply })
    }

    /// Sets a participant of another node aside for as long as they come under this label: nobody
    /// hears, sees or is told of them. One who is not there is no error.
    ///
    /// # Errors
    ///
    /// As [`open_room`](Self::open_room).
    pub fn set_aside(
        &self,
        room: RoomId,
        participant: ParticipantId,
        label: Bytes,
    ) -> Result<(), EngineError> {
        self.ask_room(room, |reply| MediaCommand::SetAside {
            room,
            participant,
            label,
            reply,
        })
    }

    /// Puts a participant into a room; the answer comes as an event with the returned number.
    ///
    /// # Errors
    ///
    /// [`EngineError::ArgumentInvalid`] when the label or the offer is too long, or when the
    /// engine is stopped or overloaded.
    pub fn join(
        &self,
        room: RoomId,
        participant: ParticipantId,
        label: Bytes,
        offer: String,
        muted: [bool; TrackIndex::COUNT],
    ) -> Result<u64, EngineError> {
        if label.len() > LABEL_BYTES_MAX {
            return Err(EngineError::ArgumentInvalid { argument: "label" });
        }
        if offer.len() > OFFER_BYTES_MAX {
            return Err(EngineError::ArgumentInvalid { argument: "offer" });
        }
        self.check_running()?;
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        let shard = shard_of_room(room, self.media.len());
        // Known from here on, so that what is asked of a participant follows the wish to join.
        self.directory.place(participant, shard, None);
        let join = Join {
            request,
            room,
            participant,
            label,
            offer,
            muted,
        };
        self.media[shard]
            .queue
            .tell(MediaCommand::Join(Box::new(join)))?;
        Ok(request)
    }

    /// Takes a participant out of the room; one who is not there is no error.
    ///
    /// # Errors
    ///
    /// When the engine is stopped or overloaded.
    pub fn leave(&self, participant: ParticipantId) -> Result<(), EngineError> {
        self.check_running()?;
        match self.directory.shard_of_participant(participant) {
            Some(shard) => self.media[shard]
                .queue
                .tell(MediaCommand::Leave { participant }),
            None => Ok(()),
        }
    }

    /// Says all that a participant's page shows.
    ///
    /// # Errors
    ///
    /// A [`MediaError`](parley_media::MediaError) when the participant is not here.
    pub fn watch(
        &self,
        participant: ParticipantId,
        watches: Vec<Watch>,
    ) -> Result<(), EngineError> {
        self.ask_participant(participant, |reply| MediaCommand::Watch {
            participant,
            watches,
            reply,
        })
    }

    /// Stops or resumes forwarding a local participant's track.
    ///
    /// # Errors
    ///
    /// A [`MediaError`](parley_media::MediaError) when the participant is not here.
    pub fn set_muted(
        &self,
        participant: ParticipantId,
        track: TrackIndex,
        is_muted: bool,
    ) -> Result<(), EngineError> {
        self.ask_participant(participant, |reply| MediaCommand::SetMuted {
            participant,
            track,
            is_muted,
            reply,
        })
    }

    /// Returns how the hop between a participant's device and this node does.
    ///
    /// # Errors
    ///
    /// A [`MediaError`](parley_media::MediaError) when the participant is not here.
    pub fn participant_quality(
        &self,
        participant: ParticipantId,
    ) -> Result<ParticipantQuality, EngineError> {
        self.ask_participant(participant, |reply| MediaCommand::Quality {
            participant,
            reply,
        })
    }

    /// Returns the counters of all threads; `docs/design/engine.md` explains each.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let shards = self.media.iter().map(|shard| shard.counters.as_ref());
        let mut counters = summary(shards, &self.line_counters);
        if let Some(acceptor) = &self.acceptor {
            acceptor.counters.write(&mut counters);
        }
        setup::write_process(&mut counters, &self.outbox);
        counters
    }

    /// Ends all threads and closes all sockets.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.line.waker().wake();
        self.media
            .iter()
            .for_each(|shard| shard.queue.waker().wake());
        if let Some(acceptor) = &self.acceptor {
            acceptor.waker.wake();
        }
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread ends by a panic only in its own ending, and then it is over, too.
            let _ = thread.join();
        }
    }

    /// Starts a thread of this engine.
    pub(crate) fn spawn(&self, name: String, turning: impl Turning) -> Result<(), EngineError> {
        let thread = turning::start(name, turning, self.outbox.clone())?;
        self.threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thread);
        Ok(())
    }

    fn ask_line<T>(&self, command: impl FnOnce(Reply<T>) -> LineCommand) -> Result<T, EngineError> {
        self.check_running()?;
        self.line.ask(command)
    }

    fn ask_room<T>(
        &self,
        room: RoomId,
        command: impl FnOnce(Reply<T>) -> MediaCommand,
    ) -> Result<T, EngineError> {
        self.check_running()?;
        self.media[shard_of_room(room, self.media.len())]
            .queue
            .ask(command)
    }

    fn ask_participant<T>(
        &self,
        participant: ParticipantId,
        command: impl FnOnce(Reply<T>) -> MediaCommand,
    ) -> Result<T, EngineError> {
        self.check_running()?;
        let shard = self.directory.shard_of_participant(participant);
        let shard = shard.ok_or_else(unknown_participant)?;
        self.media[shard].queue.ask(command)
    }

    fn check_running(&self) -> Result<(), EngineError> {
        if self.stop.load(Ordering::SeqCst) {
            Err(EngineError::Stopped)
        } else {
            Ok(())
        }
    }
}

impl AsFd for Engine {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.outbox.as_fd()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
