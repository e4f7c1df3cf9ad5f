//! The thread that moves real packets through the model.

use std::{
    io::{self, ErrorKind},
    num::NonZeroU64,
    os::fd::{BorrowedFd, OwnedFd},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::Errno,
    thread::set_current_timer_slack,
};

use crate::{
    counters::Counters,
    error::NetemError,
    path::{Path, Way},
    profile::Profile,
};

/// Packets read from one end before the other end and the due packets have their turn. More saves
/// system calls; fewer keeps a flood one way from delaying the other: 64 packets take about 0.1 ms.
const BATCH_MAX: usize = 64;

/// The longest packet either kind of wire can read: an IP packet's whole length field.
const PACKET_BYTES_MAX: usize = 65_535;

/// How late the kernel may wake the thread. The usual 50 µs would be a fifth of `lan`'s delay;
/// nothing less than 1 ns can be asked for.
const TIMER_SLACK_NS: Option<NonZeroU64> = NonZeroU64::new(1);

/// A running wire: one thread that reads packets at either end, passes them through a
/// [`Path`] and writes those that are due to the other end.
///
/// Everything here takes effect at once, may be called from any thread and never blocks for longer
/// than a batch of packets takes. Dropping it ends the thread; what is on the wire is lost.
#[derive(Debug)]
pub struct Wire {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What has happened on a wire since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireCounters {
    /// From the first end to the second.
    pub out: Counters,
    /// From the second end to the first.
    pub back: Counters,
    /// Packets that were due while nobody had been heard of at the far end.
    pub unaddressed: u64,
    /// Packets that were due and that the system did not take.
    pub unsent: u64,
    /// Whether an end is gone for good, as when its namespace was deleted.
    pub is_broken: bool,
    /// Whether nothing passes from the first end to the second.
    pub is_cut_out: bool,
    /// Whether nothing passes from the second end to the first.
    pub is_cut_back: bool,
}

impl Wire {
    /// Starts a thread between two ends.
    pub(crate) fn start(
        name: &str,
        ends: impl Ends,
        profile: &Profile,
        seed: u64,
    ) -> Result<Self, NetemError> {
        let shared = Arc::new(Shared {
            path: Mutex::new(Path::new(profile, seed, Instant::now())),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                .map_err(io::Error::from)?,
            is_stopping: AtomicBool::new(false),
            is_broken: AtomicBool::new(false),
            unaddressed: AtomicU64::new(0),
            unsent: AtomicU64::new(0),
        });
        let mut pump = Pump {
            ends,
            shared: Arc::clone(&shared),
            due: Vec::new(),
            is_open: [true; 2],
        };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || pump.run())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> WireCounters {
        let now = Instant::now();
        let mut path = self.shared.path();
        path.advance(now);
        WireCounters {
            out: *path.counters(Way::Out),
            back: *path.counters(Way::Back),
            unaddressed: self.shared.unaddressed.load(Ordering::Relaxed),
            unsent: self.shared.unsent.load(Ordering::Relaxed),
            is_broken: self.shared.is_broken.load(Ordering::Relaxed),
            is_cut_out: path.is_cut(Way::Out, now),
            is_cut_back: path.is_cut(Way::Back, now),
        }
    }

    /// Lets nothing pass on some of the ways for a time, or until [`heal`](Self::heal).
    pub fn cut(&self, ways: &[Way], lasts: Option<Duration>) {
        self.shared.change(|path, now| path.cut(now, ways, lasts));
    }

    /// Ends a [`cut`](Self::cut).
    pub fn heal(&self) {
        self.shared.change(Path::heal);
    }

    /// Turns the wire into another one, whose schedule starts now.
    pub fn set_profile(&self, profile: &Profile) {
        self.shared
            .change(|path, now| path.set_profile(now, profile));
    }

    /// Ends the thread and waits until it has closed its ends.
    pub fn stop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        self.shared.wake();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has closed its ends, too.
            let _ = thread.join();
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Two places where packets come in and go out. A packet that goes [`Way::Out`] was read at the
/// first end and is written at the second.
pub(crate) trait Ends: Send + 'static {
    /// What to wait for, first end first. Neither may block.
    fn descriptors(&self) -> [BorrowedFd<'_>; 2];

    /// Reads a packet that goes this way; `WouldBlock` when there is none.
    fn read(&mut self, way: Way, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes a packet that goes this way; `Ok(false)` when it is not known where to.
    fn write(&mut self, way: Way, packet: &[u8]) -> io::Result<bool>;

    /// Bytes of headers that the network carries and [`read`](Self::read) does not give.
    fn headers(&self, way: Way) -> usize;
}

#[derive(Debug)]
struct Shared {
    /// Owned by nobody: the thread and the callers of [`Wire`] take turns.
    path: Mutex<Path<Vec<u8>>>,
    wake: OwnedFd,
    is_stopping: AtomicBool,
    is_broken: AtomicBool,
    unaddressed: AtomicU64,
    unsent: AtomicU64,
}

impl Shared {
    fn path(&self) -> MutexGuard<'_, Path<Vec<u8>>> {
        // The model has no state between two calls that a panic could leave half done.
        self.path.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Path<Vec<u8>>, Instant)) {
        change(&mut self.path(), Instant::now());
        self.wake();
    }

    fn wake(&self) {
        // It can only fail when the counter is at its limit, and then the thread is awake.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

struct Pump<E> {
    ends: E,
    shared: Arc<Shared>,
    due: Vec<(Way, Vec<u8>)>,
    /// Which ends can be read; one that cannot would never let the thread sleep.
    is_open: [bool; 2],
}

impl<E: Ends> Pump<E> {
    fn run(&mut self) {
        // Only accuracy is lost where it cannot be set.
        let _ = set_current_timer_slack(TIMER_SLACK_NS);
        let mut buffer = vec![0; PACKET_BYTES_MAX];
        while !self.shared.is_stopping.load(Ordering::Relaxed) {
            let ready = self.wait();
            for way in ready {
                self.read(way, &mut buffer);
            }
            self.write_due();
        }
    }

    /// Waits until a packet is due or has come in; gives the ways that have some to read.
    fn wait(&self) -> Vec<Way> {
        let timeout = self.shared.path().next_timeout();
        let timeout = timeout.map(|at| timespec(at.saturating_duration_since(Instant::now())));
        let is_open = |way: &Way| self.is_open[way.index()];
        let open: Vec<Way> = Way::BOTH.into_iter().filter(is_open).collect();
        let ends = self.ends.descriptors();
        let mut waited = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
        for way in &open {
            waited.push(PollFd::from_borrowed_fd(ends[way.index()], PollFlags::IN));
        }
        match poll(&mut waited, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            // Waiting fails only for want of memory; trying on is all that can be done.
            Err(_) => return Vec::new(),
        }
        if !waited[0].revents().is_empty() {
            let _ = rustix::io::read(&self.shared.wake, &mut [0_u8; 8]);
        }
        let is_ready = waited[1..].iter().map(|one| !one.revents().is_empty());
        let ready = open.iter().zip(is_ready);
        ready.filter_map(|(way, is)| is.then_some(*way)).collect()
    }

    fn read(&mut self, way: Way, buffer: &mut [u8]) {
        for _ in 0..BATCH_MAX {
            let length = match self.ends.read(way, buffer) {
                Ok(length) => length,
                Err(error) => return self.note_unreadable(way, error.kind()),
            };
            let packet = buffer[..length].to_vec();
            let length = length + self.ends.headers(way);
            self.shared
                .path()
                .push_sized(Instant::now(), way, length, packet);
        }
    }

    fn note_unreadable(&mut self, way: Way, error: ErrorKind) {
        // A refusal is the far end's word that nobody listens there yet (RFC 1122 §4.1.3.3).
        let passes = [
            ErrorKind::WouldBlock,
            ErrorKind::Interrupted,
            ErrorKind::ConnectionRefused,
        ];
        if !passes.contains(&error) {
            self.is_open[way.index()] = false;
            self.shared.is_broken.store(true, Ordering::Relaxed);
        }
    }

    fn write_due(&mut self) {
        let now = Instant::now();
        let mut path = self.shared.path();
        self.due.extend(std::iter::from_fn(|| path.poll(now)));
        drop(path);
        for (way, packet) in self.due.drain(..) {
            match self.ends.write(way, &packet) {
                Ok(true) => {}
                Ok(false) => _ = self.shared.unaddressed.fetch_add(1, Ordering::Relaxed),
                Err(_) => _ = self.shared.unsent.fetch_add(1, Ordering::Relaxed),
            }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
