//! A synthetic participant with a socket and a thread of its own.

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    config::ParticipantConfig, counters::ParticipantCounters, machine::ParticipantMachine,
};
use crate::error::LoadError;

/// Longest datagram that a relay sends; longer ones are no media.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// How long the thread sleeps at most. More delays `stop`, less wakes it for nothing.
const NAP_MAX: Duration = Duration::from_millis(50);
/// How long the thread sleeps at least; the system takes no shorter time-out.
const NAP_MIN: Duration = Duration::from_micros(100);

/// One participant that lives until it is stopped or dropped.
///
/// ```
/// use parley_load::{Participant, ParticipantConfig};
///
/// let mut participant = Participant::new(&ParticipantConfig::default())?;
/// let offer = participant.offer()?;
/// assert!(offer.contains("a=simulcast:send q;h;f"));
/// // The answer of a relay goes to `participant.accept(&answer)?`, and media flows.
/// participant.stop();
/// # Ok::<(), parley_load::LoadError>(())
/// ```
#[derive(Debug)]
pub struct Participant {
    socket: UdpSocket,
    machine: Option<ParticipantMachine>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    counters: Mutex<ParticipantCounters>,
    is_stopping: AtomicBool,
}

impl Participant {
    /// Opens a socket on the configured address and prepares the offer.
    ///
    /// # Errors
    /// [`LoadError::System`] when no socket can be had, [`LoadError::Address`] when its address
    /// is a wildcard.
    pub fn new(config: &ParticipantConfig) -> Result<Self, LoadError> {
        let socket = UdpSocket::bind((config.address, 0)).map_err(system("open a socket"))?;
        let local = socket.local_addr().map_err(system("name the socket"))?;
        let machine = ParticipantMachine::new(config, local, Instant::now(), unix_us())?;
        Ok(Self {
            socket,
            machine: Some(machine),
            shared: Arc::new(Shared::default()),
            thread: None,
        })
    }

    /// Returns the session description that a relay is to answer.
    ///
    /// # Errors
    /// [`LoadError::Spent`] after [`accept`](Self::accept).
    pub fn offer(&self) -> Result<String, LoadError> {
        let machine = self.machine.as_ref().ok_or(LoadError::Spent("the offer"))?;
        Ok(machine.offer().to_owned())
    }

    /// Takes the relay's answer and starts to send and receive.
    ///
    /// # Errors
    /// [`LoadError::Description`] when the answer cannot be used, [`LoadError::Spent`] the second
    /// time, [`LoadError::System`] when no thread can be had.
    pub fn accept(&mut self, answer: &str) -> Result<(), LoadError> {
        let mut machine = self.machine.take().ok_or(LoadError::Spent("an answer"))?;
        if let Err(error) = machine.accept(answer) {
            self.machine = Some(machine);
            return Err(error);
        }
        let socket = self
            .socket
            .try_clone()
            .map_err(system("share the socket"))?;
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("synthetic".to_owned())
            .spawn(move || run(&socket, &mut machine, &shared))
            .map_err(system("start a thread"))?;
        self.thread = Some(thread);
        Ok(())
    }

    /// Returns what was sent and received so far.
    #[must_use]
    pub fn counters(&self) -> ParticipantCounters {
        self.shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Leaves without a word, as a closed lid does; the counters stay.
    pub fn stop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has left already, which is what was asked for.
            let _ = thread.join();
        }
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(socket: &UdpSocket, machine: &mut ParticipantMachine, shared: &Shared) {
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    while !shared.is_stopping.load(Ordering::Relaxed) && !machine.counters().has_ended {
        let now = Instant::now();
        machine.advance(now);
        send(socket, machine, now);
        shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(machine.counters());
        let nap = machine
            .timeout()
            .saturating_duration_since(now)
            .clamp(NAP_MIN, NAP_MAX);
        if let Some((length, source)) = wait(socket, nap, &mut buffer) {
            let now = Instant::now();
            machine.receive(now, source, &buffer[..length]);
            send(socket, machine, now);
        }
    }
}

fn send(socket: &UdpSocket, machine: &mut ParticipantMachine, now: Instant) {
    while let Some(transmit) = machine.poll_transmit(now) {
        // A datagram that the system does not take is lost, as on any network.
        let _ = socket.send_to(&transmit.contents, transmit.destination);
    }
}

fn wait(socket: &UdpSocket, nap: Duration, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    socket.set_read_timeout(Some(nap)).ok()?;
    match socket.recv_from(buffer) {
        Ok(received) => Some(received),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
        Err(_) => {
            // A refused port shows here; without the pause it would show without end.
            std::thread::sleep(nap);
            None
        }
    }
}

fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> LoadError {
    move |source| LoadError::System { what, source }
}

fn unix_us() -> u64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(0)
}
