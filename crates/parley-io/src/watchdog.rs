//! Ends a process whose work stands still, whatever it stands at.
//!
//! A thread of its own, because an interpreter that stands may hold its lock: without memory,
//! `CPython` 3.11 can turn in place for ever. It wants no memory, no lock and no other thread.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::write,
    stdio::stderr,
};

use crate::EngineError;

const TICK: Duration = Duration::from_secs(1);
/// What is said before the end, as a line of the node's log.
const LAST_LINE: &[u8] =
    b"{\"event\": \"node ended: its event loop stood still; start it again\", \
    \"code\": \"node.part_ended\", \"level\": \"critical\", \"logger\": \"parley\"}\n";

/// Ends the process, as a power cut does, when nobody feeds it for some seconds.
#[derive(Debug)]
pub struct Watchdog {
    feedings: Arc<AtomicU64>,
    /// Its end is what stops the thread.
    stopping: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Starts to watch; the seconds are counted from the first feeding on.
    ///
    /// # Errors
    ///
    /// [`EngineError::System`]: no thread can be started.
    pub fn start(patience_s: u32) -> Result<Self, EngineError> {
        let feedings = Arc::new(AtomicU64::new(0));
        let fed = Arc::clone(&feedings);
        let (stopping, stopped) = crossbeam_channel::bounded(0);
        let thread = thread::Builder::new()
            .name("parley-watchdog".to_owned())
            .spawn(move || watch(&fed, &stopped, patience_s))
            .map_err(EngineError::system("start a thread"))?;
        Ok(Self {
            feedings,
            stopping: Some(stopping),
            thread: Some(thread),
        })
    }

    /// Says that the work goes on.
    pub fn feed(&self) {
        self.feedings.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops watching.
    pub fn stop(&mut self) {
        self.stopping = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked no longer watches, which is what was asked for.
            let _ = thread.join();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.stop();
    }
}

fn watch(fed: &AtomicU64, stopped: &Receiver<()>, patience_s: u32) {
    let mut hunger = Hunger::new(patience_s);
    while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        if hunger.is_too_much(fed.load(Ordering::Relaxed)) {
            say_last_line();
            process::abort();
        }
    }
}

/// Writes to standard error if that takes it at once: a full pipe must not hold up the end.
fn say_last_line() {
    let error = stderr();
    let mut descriptors = [PollFd::new(&error, PollFlags::OUT)];
    if poll(&mut descriptors, Some(&Timespec::default())).is_ok_and(|ready| ready > 0) {
        // Nobody is left to tell of a failure.
        let _ = write(error, LAST_LINE);
    }
}

/// For how many ticks in a row nobody has fed.
///
/// It counts ticks of its own thread, not time: a process that was halted with all its threads, by a
/// debugger or a machine that slept, goes on where it was.
struct Hunger {
    patience: u32,
    fed: u64,
    ticks: u32,
}

impl Hunger {
    fn new(patience: u32) -> Self {
        Self {
            patience,
            fed: 0,
            ticks: 0,
        }
    }

    /// Takes a tick and the number of feedings so far; before the first there is no hunger.
    fn is_too_much(&mut self, fed: u64) -> bool {
        if fed == 0 || fed != self.fed {
            self.fed = fed;
            self.ticks = 0;
            return false;
        }
        self.ticks += 1;
        self.ticks >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::{Hunger, Watchdog};

    #[test]
    fn hunger_is_counted_from_the_first_feeding_and_anew_from_each() {
        let mut hunger = Hunger::new(3);
        let found = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2].map(|fed| hunger.is_too_much(fed));
        let mut expected = [false; 11];
        expected[10] = true;
        assert_eq!(found, expected);
    }

    #[test]
    fn one_that_is_stopped_ends_with_its_thread() {
        let mut watchdog = Watchdog::start(1).expect("a thread");
        watchdog.feed();
        watchdog.stop();
        watchdog.stop();
        assert!(watchdog.thread.is_none());
    }
}
